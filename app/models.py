"""Imports every module with tables, so that migrations and tests see the whole schema."""

from conversations import models as conversations
from core import probe
from knowledge import models as knowledge
from knowledge.faq import models as faq
from knowledge.records import models as records
from wechat_gateway import quota

__all__ = ["conversations", "faq", "knowledge", "probe", "quota", "records"]
