"""`对方正在输入`, while an answer takes longer than a moment. Only a courtesy: it waits for nothing and fails silently."""

from concurrent.futures import ThreadPoolExecutor

from core.logging import get_logger
from core.once import once
from wechat_gateway.calls import service
from wechat_gateway.client import get_client
from wechat_gateway.errors import WechatError

AFTER = 2.0  # seconds without an answer
THREADS = 2

log = get_logger()


def show(openid: str) -> None:
    """Show the follower that an answer is being written, from a thread of its own."""
    _pool().submit(_show, openid)


def _show(openid: str) -> None:
    try:
        service.typing(get_client(), openid)
    except WechatError as error:
        log.debug("typing not shown", reason=str(error))


@once
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(THREADS, thread_name_prefix="typing")
