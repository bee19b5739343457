"""The official account for commands: the one in the settings, or the stand-in's while none is set."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

import click

from core.settings import Settings, get_settings, override
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


def development_account(settings: Settings) -> dict[str, str]:
    """Settings of an official account that only the stand-in knows; what is set already stays."""

    def made_up(name: str) -> str:
        # Nobody else can sign pushes, yet every start gives the same account.
        return hashlib.sha256(f"{name} {settings.secret_key.get_secret_value()}".encode()).hexdigest()[:32]

    return {
        "WECHAT_API_BASE_URL": settings.sandbox_address,
        "WECHAT_APP_ID": settings.wechat_app_id or f"wx{made_up('id')[:16]}",
        "WECHAT_APP_SECRET": settings.wechat_app_secret.get_secret_value() or made_up("secret"),
        "WECHAT_TOKEN": settings.wechat_token.get_secret_value() or made_up("token"),
    }
