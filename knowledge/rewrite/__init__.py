"""What a question means before it is searched. One file a concern; `rewriting` puts them together."""

from knowledge.rewrite.change import Change, Kind
from knowledge.rewrite.lexicon import Lexicon
from knowledge.rewrite.rewriting import Rewritten, rewrite

__all__ = ["Change", "Kind", "Lexicon", "Rewritten", "rewrite"]
