"""The official account for commands: the one in the settings, or the stand-in's while none is set."""

from collections.abc import Iterator
from contextlib import contextmanager

import click

from app.commands.run import development_account
from core.settings import get_settings, override
from wechat_gateway.client import WechatClient, get_client
from wechat_gateway.errors import Advice, WechatError


@contextmanager
def account() -> Iterator[WechatClient]:
    """A client of the account; what WeChat refuses ends the command with one clear line."""
    settings = get_settings()
    if settings.sandboxed:
        override(**development_account(settings))
    try:
        yield get_client()
    except WechatError as error:
        hint = "; see docs/howto/wechat.md" if error.advice is Advice.MEND else ""
        raise click.ClickException(f"WeChat: {error}{hint}") from error
