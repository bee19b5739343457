"""What a question means before it is searched: normal form, pinyin, slips, the documents' words, and its context."""

from collections.abc import Sequence
from dataclasses import dataclass

from knowledge.rewrite import context
from knowledge.rewrite.change import Change, Kind
from knowledge.rewrite.full_forms import expand
from knowledge.rewrite.lexicon import Lexicon
from knowledge.rewrite.spelling import mend
from knowledge.rewrite.tidy import tidy
from knowledge.rewrite.typed import spell_out

TURNS = 3  # earlier messages that are looked at


@dataclass(frozen=True)
class Rewritten:
    """A question as it is searched."""

    text: str
    """The tidy question with what was added: empty where there is nothing to search."""
    changes: tuple[Change, ...]
    topic_from: str | None
    """The earlier message that a follow-up leans on, as it was written; None: the question stands alone."""


def rewrite(question: str, lexicon: Lexicon, before: Sequence[str] = (), leaning: bool = False) -> Rewritten:
    """What to search for.

    Args:
        question: as it was written; of more than 500 characters the beginning and the end are read.
        lexicon: of the documents that are searched.
        before: the same person's earlier messages of this conversation, oldest first; the last three are read.
        leaning: take it that the question leans on them, whatever its words say.
    """
    text, changes = _alone(question, lexicon)
    added = [change.meant for change in changes if change.kind in (Kind.SPELLING, Kind.FULL_FORM)]
    earlier = list(before[-TURNS:]) if text else []
    followed = _follow(earlier, context.read(text, changes, lexicon), lexicon, leaning) if earlier else None
    if followed is None:
        return Rewritten(" ".join([text, *added]), tuple(changes), None)
    taken, at = followed
    changes.append(Change(Kind.CONTEXT, earlier[at], " ".join(taken)))
    return Rewritten(" ".join([*taken, text, *added]), tuple(changes), earlier[at])


def _follow(
    earlier: Sequence[str], turn: context.Turn, lexicon: Lexicon, leaning: bool
) -> tuple[tuple[str, ...], int] | None:
    """What a turn takes over from earlier messages, and from which of them."""
    if not leaning and not context.may_lean(turn, lexicon):
        return None
    turns = [context.read(*_alone(message, lexicon), lexicon) for message in earlier]
    followed = context.follow([*turns, turn], lexicon, leaning)
    if followed is None and leaning:  # that one names nothing either (零售的小型企业怎么划): both together may
        return (turns[-1].text,), len(turns) - 1
    return followed


def _alone(question: str, lexicon: Lexicon) -> tuple[str, list[Change]]:
    """A question without its context: its normal form, and what was changed about it or is to be added."""
    text, traditional = tidy(question)
    text, typed = spell_out(text, lexicon)
    mended = mend(text, lexicon)
    fuller = expand(" ".join([text, *(change.meant for change in mended)]), lexicon)
    return text, [*traditional, *typed, *mended, *fuller]
