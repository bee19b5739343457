"""What callers of the knowledge base may have to handle."""


class KnowledgeUnavailable(RuntimeError):
    """No answer is possible because the model, the index or the table behind it is missing; the text says what to run."""


class NotPossible(ValueError):
    """There is no such thing, or its state does not allow this; the text says which."""
