"""Follow-up questions: whether a question leans on an earlier one, and what it then is about.

Words are told apart by what they do (`roles.txt`): a question that holds only aspects, kinds of company, places and times
(要啥材料, 那个体户呢, 北京的呢) needs something to be about and takes it from the turn before; what it names itself
replaces what that turn named of the same kind. One that brings content words of its own stands alone.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from core.once import once
from knowledge.rewrite.change import Change, Kind
from knowledge.rewrite.lexicon import Lexicon
from knowledge.rewrite.segmenting import cut

MOST_CONTENT = 30  # characters of an earlier turn's content words that are carried on


class Role(StrEnum):
    """What a word does in a question."""

    CONTENT = "content"
    GENERIC = "generic"
    WHO = "who"
    PLACE = "place"
    TIME = "time"
    ASPECT = "aspect"
    LINK = "link"
    POINTER = "pointer"
    EMPTY = "empty"


NAMES = (Role.CONTENT, Role.GENERIC, Role.WHO)
"""Roles whose words, standing together, name what a question is about: 科技型中小企业评价."""
SLOTS = (Role.WHO, Role.PLACE, Role.TIME)
"""Roles whose words a follow-up takes over unless it names its own."""

# Evidence that a question leans on the turn before; it does from `LEANS` on: content words speak against it, the rest
# for it. Set by hand on 60 pairs of questions; of 60 others (tests/unit/test_rewrite_context.py) 57 are told right, and of
# knowledge/dev's 336, each put behind another of them by chance, one is taken for a follow-up.
POINTS, LINKS, ENDS, HEADLESS, ASKS = 1.6, 1.0, 0.8, 0.8, 0.8
TERM, WORD, GENERIC, MENTIONED, CHARACTER = 2.0, 1.2, 0.8, 0.4, 0.2
PER_CHARACTER, SHORT = 0.06, 8  # each character beyond the eighth
LEANS = 0.4

_TOKEN = re.compile(
    r"(?P<year>(?:20)?\d\d年(?![以内前后]))|(?P<words>[\u3400-\u9fff]+)|(?P<latin>[A-Za-z][A-Za-z0-9]*)"
)
_COUNT = re.compile(
    r"[一二两三四五六七八九十百千万几半多]+(?:年|个?月|天|次|回|个|家|人|名|岁|种|类|级|档|条|样|项|倍|块|元|万|亿|成)+"
)
_HEADLESS = re.compile(r"的(?:[,,]?(?:也|都|还|又|就))?(?:呢|吗|行|可以|能|算|够)")  # 去年招的算吗: of what?
_ENDING = re.compile(r"呢[?!。.,\s]*$")


@dataclass(frozen=True)
class Turn:
    """A message, read."""

    text: str
    words: Mapping[Role, tuple[str, ...]]
    phrases: tuple[str, ...]
    """Its content words, neighbours together, and what was added to it."""


@dataclass(frozen=True)
class Subject:
    """What a conversation is about after a turn."""

    phrases: tuple[str, ...]
    slots: Mapping[Role, tuple[str, ...]]
    aspects: tuple[str, ...]
    at: int
    """The turn that named the phrases."""


def follow(turns: Sequence[Turn], lexicon: Lexicon, leaning: bool = False) -> tuple[tuple[str, ...], int] | None:
    """What the last turn takes over: the words, and which turn it leans on; None where it stands alone.

    Args:
        turns: of the conversation, oldest first.
        lexicon: of the documents.
        leaning: take it that the last turn leans on the one before, whatever it says.
    """
    subject: Subject | None = None
    taken: tuple[tuple[str, ...], int] | None = None
    for at, turn in enumerate(turns):
        slots = {role: turn.words[role] for role in SLOTS if role in turn.words}
        aspects = turn.words.get(Role.ASPECT, ())
        taken = None
        if subject and subject.aspects and _names_only(turn) and _titled(turn, lexicon):
            # “小巨人呢” after “高企有什么条件”: the same question about something else.
            taken = _taken(turn, subject.aspects, subject), subject.at
            subject = Subject(turn.phrases, {**subject.slots, **slots}, subject.aspects, at)
        elif subject and ((leaning and at == len(turns) - 1) or leans(turn, subject, lexicon)):
            taken = _taken(turn, subject.phrases, subject), subject.at
            named = subject if subject.phrases else Subject(turn.phrases, {}, (), at)
            subject = replace(named, slots={**subject.slots, **slots}, aspects=aspects or subject.aspects)
        elif turn.phrases or slots:
            subject = Subject(turn.phrases, slots, aspects, at)
    return taken if taken and taken[0] else None


def may_lean(turn: Turn, lexicon: Lexicon) -> bool:
    """Whether a turn leans on the one before if that is about what it points at; most questions do not."""
    return _names_only(turn) or _evidence(turn, lexicon) >= LEANS


def leans(turn: Turn, subject: Subject, lexicon: Lexicon) -> bool:
    """Whether a turn needs the subject before it to be understood."""
    # “贷款利率多少” after 创业担保贷款 means that one.
    known = "".join(subject.phrases)
    others = [word for word in turn.words.get(Role.GENERIC, ()) if word not in known or word == known]
    return _names_only(turn) or _evidence(turn, lexicon) - GENERIC * len(others) >= LEANS


def _evidence(turn: Turn, lexicon: Lexicon) -> float:
    """How much speaks for it that a turn leans on the one before, whatever that is about."""
    words = turn.words
    score = POINTS * (Role.POINTER in words) + LINKS * (Role.LINK in words) + ENDS * bool(_ENDING.search(turn.text))
    score += HEADLESS * bool(_HEADLESS.search(turn.text))
    score += ASKS * any(role in words for role in (Role.ASPECT, *SLOTS))
    for word in words.get(Role.CONTENT, ()):
        if len(word) == 1:
            score -= CHARACTER
        elif lexicon.is_of_field(word):
            score -= TERM
        else:  # 初审 is something that the documents mention, 红烧肉 is not
            score -= MENTIONED if word in lexicon.counts else WORD
    return score - PER_CHARACTER * max(len(turn.text) - SHORT, 0)


def read(text: str, changes: Sequence[Change], lexicon: Lexicon) -> Turn:
    """A message's words by role.

    Args:
        text: in normal form.
        changes: slips of it, which are read as mended, and the documents' words for what it says, which are content too.
        lexicon: of the documents.
    """
    for change in changes:
        if change.kind is Kind.SPELLING:
            text = text.replace(change.said, change.meant)
    fuller = [change for change in changes if change.kind is Kind.FULL_FORM]
    words: dict[Role, list[str]] = {}
    phrases: list[str] = []
    for token in _TOKEN.finditer(text):
        if token["year"]:
            words.setdefault(Role.TIME, []).append(token[0])
            continue
        pieces = (
            [token[0]] if token["latin"] else [word for piece in cut(token[0], lexicon) for word in _parts(piece.word)]
        )
        joined = False
        for piece in pieces:
            role = _roles().get(piece) or (Role.EMPTY if _COUNT.fullmatch(piece) else Role.CONTENT)
            words.setdefault(role, []).append(piece)
            if role in NAMES and joined:
                phrases[-1] += piece
            elif role in NAMES:
                phrases.append(piece)
            joined = role in NAMES
    found = [phrase for phrase in phrases if len(phrase) > 1 and phrase not in words.get(Role.WHO, ())]
    kept = set(_weightiest(found, lexicon))
    carried = dict.fromkeys([*(phrase for phrase in found if phrase in kept), *(change.meant for change in fuller)])
    words.setdefault(Role.CONTENT, []).extend(change.meant for change in fuller if change.said not in _roles())
    return Turn(text, {role: tuple(found) for role, found in words.items() if found}, tuple(carried))


def _parts(word: str) -> Sequence[str]:
    """A compound of two longer words that each have a role, such as 申请条件, in two; any other word as it is."""
    if word not in _roles():
        for at in range(2, len(word) - 1):
            if word[:at] in _roles() and word[at:] in _roles():
                return word[:at], word[at:]
    return (word,)


def _names_only(turn: Turn) -> bool:
    """Whether a turn is no more than a name put to the question before: “小巨人呢”, “那专利呢”."""
    linked = Role.LINK in turn.words or bool(_ENDING.search(turn.text))
    return linked and len(turn.text) <= SHORT and Role.ASPECT not in turn.words and Role.CONTENT in turn.words


def _titled(turn: Turn, lexicon: Lexicon) -> bool:
    """Whether a turn names what a document is about, and not something that documents mention."""
    return any(phrase in lexicon.titles for phrase in turn.phrases)


def _taken(turn: Turn, first: Sequence[str], subject: Subject) -> tuple[str, ...]:
    """Words of the subject, with those of its slots that the turn does not fill itself."""
    replaced = subject.slots.get(Role.WHO, ()) if Role.WHO in turn.words else ()
    words = list(first)
    for word in replaced:
        words = [name.replace(word, "") for name in words]
    words += [word for role in SLOTS if role not in turn.words for word in subject.slots.get(role, ())]
    taken: list[str] = []
    for word in words:
        if word and word not in turn.text and not any(word in longer for longer in taken):
            taken.append(word)
    return tuple(taken)


def _weightiest(phrases: Sequence[str], lexicon: Lexicon) -> list[str]:
    """The phrases most of this field, together at most `MOST_CONTENT` characters long, and one at least."""

    def weight(phrase: str) -> float:
        return max((lexicon.weight(piece.word) for piece in cut(phrase, lexicon)), default=0.0)

    chosen: list[str] = []
    for phrase in sorted(dict.fromkeys(phrases), key=lambda phrase: -weight(phrase)):
        if not chosen or sum(map(len, chosen)) + len(phrase) <= MOST_CONTENT:
            chosen.append(phrase)
    return chosen


@once
def _roles() -> Mapping[str, Role]:
    folder = Path(__file__).parent
    roles: dict[str, Role] = {}
    role = Role.EMPTY
    for line in (folder / "roles.txt").read_text("utf-8").splitlines():
        if line.startswith("["):
            role = Role(line.strip("[]"))
        elif not line.startswith("#"):
            for word in line.split():
                roles.setdefault(word, role)
    for line in (folder.parent / "places.txt").read_text("utf-8").splitlines():
        if not line.startswith("#"):
            roles |= dict.fromkeys(line.split(), Role.PLACE)
    return roles
