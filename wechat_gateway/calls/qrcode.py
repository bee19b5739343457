"""Parametrised QR codes: who scans one follows the account and brings its scene along.

Limits (the platform's page on account QR codes): temporary codes last at most 30 days, WeChat's own default being 60 s;
permanent ones are 100,000 for the life of the account and cannot be taken back.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from wechat_gateway.client import WechatClient

MAX_SECONDS = 2_592_000
MAX_SCENE = 64  # characters


@dataclass(frozen=True)
class Code:
    """A QR code. `url` is what it holds, for those who draw it themselves; `expires_in` seconds, None: never."""

    ticket: str
    url: str
    expires_in: int | None
    picture_url: str


def temporary(client: WechatClient, scene: str, seconds: int) -> Code:
    """A code that lasts `seconds`, at most 2,592,000 (30 days).

    Raises:
        ValueError: no such time, or not 1 to 64 characters of scene.
        WechatError: refused or unreachable.
    """
    if not 1 <= seconds <= MAX_SECONDS:
        raise ValueError(f"a temporary code lasts 1 to {MAX_SECONDS} seconds, not {seconds}")
    return _create(client, scene, {"action_name": "QR_STR_SCENE", "expire_seconds": seconds})


def permanent(client: WechatClient, scene: str) -> Code:
    """One of the account's 100,000 codes that last for ever.

    Raises:
        ValueError: not 1 to 64 characters of scene.
        WechatError: refused or unreachable.
    """
    return _create(client, scene, {"action_name": "QR_LIMIT_STR_SCENE"})


def picture(client: WechatClient, code: Code) -> bytes:
    """The picture of the code (JPEG).

    Raises:
        WechatError: refused or unreachable.
    """
    return client.public_file(code.picture_url)


def _create(client: WechatClient, scene: str, action: dict[str, Any]) -> Code:
    if not 1 <= len(scene) <= MAX_SCENE:
        raise ValueError(f"a scene has 1 to {MAX_SCENE} characters, not {len(scene)}")
    answer = client.post("/cgi-bin/qrcode/create", {**action, "action_info": {"scene": {"scene_str": scene}}})
    ticket = str(answer["ticket"])
    lasts = int(answer["expire_seconds"]) if "expire_seconds" in answer else action.get("expire_seconds")
    address = f"{client.pages_url}/cgi-bin/showqrcode?ticket={quote(ticket, safe='')}"
    return Code(ticket, str(answer["url"]), lasts, address)
