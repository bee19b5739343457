"""Imports every module with tables, so that migrations and tests see the whole schema."""

from app import health
from conversations import models as conversations
from knowledge import models as knowledge
from wechat_gateway import quota

__all__ = ["conversations", "health", "knowledge", "quota"]
