"""What is matched by words: neighbouring pairs of Chinese characters, numbers and Latin words whole."""

import re
import unicodedata

_WORD = re.compile(r"[\u3400-\u9fff]+|[a-z]+|\d+(?:\.\d+)?")


def bigrams(text: str) -> list[str]:
    """Terms of a text in their order."""
    terms = []
    for word in _WORD.findall(unicodedata.normalize("NFKC", text).lower()):
        if word[0] < "\u3400" or len(word) == 1:
            terms.append(word)
        else:
            terms += [word[at : at + 2] for at in range(len(word) - 1)]
    return terms
