"""What a question is about: its content words, by which a document that is near by chance is told from one that speaks of it."""

from knowledge.rewrite import context
from knowledge.rewrite.context import Role
from knowledge.rewrite.lexicon import Lexicon


def content_words(text: str, lexicon: Lexicon) -> list[str]:
    """Words of a rewritten question that a document about it should hold: subjects, kinds of support, kinds of company."""
    words = context.read(text, (), lexicon).words
    subjects = [word for word in words.get(Role.CONTENT, ()) if len(word) > 1]
    return [*subjects, *words.get(Role.GENERIC, ()), *words.get(Role.WHO, ())]


def covered(words: list[str], text: str) -> float:
    """Share of these words, by length, that a text holds; of a word that it lacks, the share of its character pairs.

    .5 where there are no words: that says nothing.
    """
    total = sum(map(len, words))
    return sum(len(word) * _share(word, text) for word in words) / total if total else 0.5


def _share(word: str, text: str) -> float:
    pairs = [word[at : at + 2] for at in range(len(word) - 1)] or [word]
    return sum(pair in text for pair in pairs) / len(pairs)
