"""Text cut into words, or into the terms that were meant: the cheapest way through it."""

from collections.abc import Callable
from dataclasses import dataclass

from knowledge.rewrite.lexicon import Lexicon

LONGEST = 6  # characters of a word; longer terms are made of shorter ones


@dataclass(frozen=True)
class Piece:
    """A stretch of a text, and the word it stands for: itself, or the term that it was mended to."""

    start: int
    end: int
    word: str


Reader = Callable[[str, int, int], tuple[float, str] | None]
"""What a stretch of a text is read as and what that costs; None where it is no word."""


def cheapest(text: str, read: Reader, longest: int = LONGEST) -> list[Piece] | None:
    """The pieces of a text, without gaps, that cost least together; None where there are none."""
    costs: list[float | None] = [0.0, *[None] * len(text)]
    last: list[Piece | None] = [None] * (len(text) + 1)
    for start in range(len(text)):
        so_far = costs[start]
        if so_far is None:
            continue
        for end in range(start + 1, min(start + longest, len(text)) + 1):
            option = read(text, start, end)
            if option is None:
                continue
            best = costs[end]
            if best is None or so_far + option[0] < best:
                costs[end], last[end] = so_far + option[0], Piece(start, end, option[1])
    pieces = []
    piece = last[-1]
    while piece is not None:
        pieces.append(piece)
        piece = last[piece.start]
    return pieces[::-1] if pieces else None


def cut(text: str, lexicon: Lexicon) -> list[Piece]:
    """The words of a text; signs that belong to no word are left out."""

    def read(run: str, start: int, end: int) -> tuple[float, str] | None:
        word = run[start:end]
        cost = lexicon.cost(word)
        return None if cost is None else (cost, word)

    return cheapest(text, read) or []
