"""Links of a page: menus, which go, and pages that are nothing but a list of other pages."""

import itertools
import re
from collections.abc import Iterator, Sequence
from typing import Any

MENU_LINKS = 3  # so many elements side by side that are links and nothing else are a menu
SHORTEST_LINK = 8  # characters of a link that names another document
IN_LINE_SHARE = 0.5  # of a line's characters: the rest is its day

_FILE = re.compile(r"\.(?:docx?|wps|xlsx?|et|pdf|ofd|zip|rar)(?:[?#]|$)", re.IGNORECASE)


def drop_menus(tree: Any) -> None:
    """Remove runs of elements that are links and nothing else; links to files are a document's annexes, and stay."""
    for parent in list(tree.iter("div", "ul", "ol", "p", "td", "tr", "nav", "section", "dl")):
        for is_link, run in itertools.groupby(list(parent), key=_is_link):
            members = list(run)
            if is_link and sum(len(list(_links(member))) for member in members) >= MENU_LINKS:
                for member in members:
                    member.drop_tree()


def linked_share(tree: Any, blocks: Sequence[str]) -> float:
    """Share of the main text, by characters, that stands in lines which are a link to another page and little more."""
    names = {_words(link) for link in _links(tree) if len(_words(link)) >= SHORTEST_LINK and not _is_file(link)}
    lines = ["".join(line.removeprefix("- ").split()) for block in blocks for line in block.split("\n")]
    linked = sum(
        len(line) for line in lines if any(name in line and len(name) > IN_LINE_SHARE * len(line) for name in names)
    )
    return linked / max(1, sum(map(len, lines)))


def _is_link(element: Any) -> bool:
    words = _words(element)
    links = list(_links(element))
    if not words or not links or any(_is_file(link) for link in links):
        return False
    return bool("".join(map(_words, links)) == words) and not (element.tail or "").strip(" \t\r\n|>·\xa0")


def _links(element: Any) -> Iterator[Any]:
    yield from element.iter("a")


def _is_file(link: Any) -> bool:
    return bool(_FILE.search(link.get("href") or ""))


def _words(element: Any) -> str:
    return "".join("".join(element.itertext()).split())
