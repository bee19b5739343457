"""What the tests of WeChat's outgoing API share. Tests of the stand-in have a `stub` of their own: a webhook."""

import pytest

from tests.wechat_stub import WechatStub, client_of
from wechat_gateway.client import WechatClient


@pytest.fixture
def stub() -> WechatStub:
    """WeChat's servers, as far as a single call needs them."""
    return WechatStub()


@pytest.fixture
def client(stub: WechatStub) -> WechatClient:
    """A client of the account whose calls reach the stub."""
    return client_of(stub)
