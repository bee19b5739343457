"""Questions that people ask of well-known laws, which bring none of their own: `knowledge/questions`, a file a law.

The first line of a file is the law's title, the others are questions, written from the law's text alone. To add a law, add a
file. They are matched, never shown; what they are worth stands in docs/adr/0016.
"""

from collections.abc import Mapping
from pathlib import Path

from core.once import once
from knowledge.ingest.metadata.relations import plain_title

FOLDER = Path(__file__).parent.parent / "questions"


def usual_questions(title: str) -> list[str]:
    """What people ask of the law of that title; empty where it is not among the well-known ones."""
    return list(_by_title().get(plain_title(title), ()))


@once
def _by_title() -> Mapping[str, tuple[str, ...]]:
    found = {}
    for path in sorted(FOLDER.glob("*.txt")):
        title, *questions = path.read_text("utf-8").split("\n")
        found[plain_title(title)] = tuple(line.strip() for line in questions if line.strip())
    return found
