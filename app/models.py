"""Imports every module with tables, so that migrations and tests see the whole schema."""

from conversations import models as conversations
from core import probe
from knowledge import models as knowledge
from wechat_gateway import quota

__all__ = ["conversations", "knowledge", "probe", "quota"]
