"""The normal form of a question: one spelling for what means the same, without what dictation leaves in."""

import re
import unicodedata
from collections.abc import Callable

from opencc import OpenCC

from core.once import once
from knowledge.rewrite.change import Change, Kind
from knowledge.rewrite.numerals import to_digits

MAX_CHARACTERS = 500
HEAD = 250  # of a longer message: the matter stands in front, the question often at the end

# Sounds that stand in no word, and words that are fillers only before another beginning: “那个我问一下”, “就是说我们”.
_FILLERS = re.compile(
    r"[嗯呃唔欸诶哎唉]+[啊呀哟]?[\s,、.。…]*"
    r"|(?:^|(?<=[\s,、.。…!?]))(?:额|喂|啊|哦|噢)+(?:[\s,、.。…]+|(?=[我你那这对就]))"
    r"|(?:那个|这个|就是说?|然后呢?|怎么说呢|那什么)[\s,、…]*(?=(?:那个|这个|就是(?=那个|这个|我|咱|说)|然后|我|咱|请问|想问)(?!是))"
    r"|(?:^|(?<=[啊呀呢吧\s,、.。…]))就是说?(?=[^不否\s])"
)


def tidy(text: str) -> tuple[str, list[Change]]:
    """The question in normal form, at most 500 characters, and whether that made traditional characters simplified."""
    text = _cut(" ".join(unicodedata.normalize("NFKC", _cut(text)).split()))
    simplified = _simplify()(text)
    changes = [Change(Kind.TRADITIONAL, text, simplified)] if simplified != text else []
    spoken = " ".join(_FILLERS.sub("", simplified).split())
    return to_digits(spoken or simplified)[:MAX_CHARACTERS], changes


def _cut(text: str) -> str:
    return text if len(text) <= MAX_CHARACTERS else f"{text[:HEAD]} {text[HEAD + 1 - MAX_CHARACTERS :]}"


@once
def _simplify() -> Callable[[str], str]:
    convert: Callable[[str], str] = OpenCC("t2s").convert
    return convert
