"""The check behind the promise that every figure of an answer stands in what it cites."""

import re

_FIGURE = re.compile(r"\d+(?:[.,:]\d+)*(?:[%‰]|[\u4e00-\u9fff])?")
_NOT_BEFORE, _NOT_AFTER = r"(?<!\d)(?<!\d[.,:])", r"(?![\d%‰]|[.,:]\d)"


def unsupported(text: str, evidence: str) -> list[str]:
    """Figures of the text that the evidence does not hold.

    A figure is a number with the sign or character after it, so that `50万元` is not found in `50%`, nor in `150万元`.

    Args:
        text: what is to be sent.
        evidence: the cited passages and what stands in their front matter.

    Returns:
        The figures without support, in their order; empty when all stand.
    """
    bare = re.sub(r"\s", "", evidence)
    return [figure for figure in _FIGURE.findall(re.sub(r"\s", "", text)) if not _stands(figure, bare)]


def _stands(figure: str, evidence: str) -> bool:
    after = _NOT_AFTER if figure[-1].isdigit() else ""
    return bool(re.search(_NOT_BEFORE + re.escape(figure) + after, evidence))
