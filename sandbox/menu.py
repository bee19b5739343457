"""The account's menu: what was published, checked as the platform checks it, or a sample while nothing was."""

import threading
from typing import Any

Button = dict[str, Any]

SAMPLE: list[Button] = [
    {
        "name": "创业贷款",
        "sub_button": [
            {"type": "say", "name": "能贷多少", "say": "创业担保贷款能贷多少？"},
            {"type": "say", "name": "要什么材料", "say": "创业担保贷款要准备什么材料？"},
            {"type": "say", "name": "怎么申请", "say": "创业担保贷款怎么申请？"},
        ],
    },
    {"type": "say", "name": "政策问答", "say": "小微企业有哪些补贴？"},
    {
        "name": "更多",
        "sub_button": [
            {"type": "say", "name": "能做什么", "say": "你能做什么？"},
            {"type": "say", "name": "找人工", "say": "人工"},
        ],
    },
]
"""Buttons that speak for the follower. WeChat has none; they make a first try worth while before a menu is published."""

ACTIONS = {"scancode_push", "scancode_waitmsg", "pic_sysphoto", "pic_photo_or_album", "pic_weixin", "location_select"}


class BadMenu(Exception):
    """The platform refuses this menu; `code` is its errcode."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


class Menu:
    """The menu in force. Thread-safe."""

    def __init__(self) -> None:
        self._published: list[Button] | None = None
        self._lock = threading.Lock()

    @property
    def published(self) -> list[Button] | None:
        """The buttons the account has published; None if there are none."""
        with self._lock:
            return self._published

    @property
    def shown(self) -> list[Button]:
        """What the phone shows."""
        return self.published or SAMPLE

    def publish(self, buttons: Any) -> None:
        """Check and take over a menu.

        Raises:
            BadMenu: not a menu the platform accepts.
        """
        checked = _checked(buttons, most=3, name_bytes=16, code=40016)
        with self._lock:
            self._published = checked

    def delete(self) -> None:
        """Go back to none."""
        with self._lock:
            self._published = None


def _checked(buttons: Any, most: int, name_bytes: int, code: int) -> list[Button]:
    if not isinstance(buttons, list) or not 1 <= len(buttons) <= most:
        raise BadMenu(code, "invalid button size")
    for button in buttons:
        name = button.get("name") if isinstance(button, dict) else None
        if not isinstance(name, str) or not 0 < len(name.encode()) <= name_bytes:
            raise BadMenu(40018, "invalid button name size")
        if button.get("sub_button"):
            if code != 40016:
                raise BadMenu(40022, "invalid sub button level")
            _checked(button["sub_button"], most=5, name_bytes=60, code=40023)
        else:
            _check_action(button)
    return buttons


def _check_action(button: Button) -> None:
    kind = button.get("type")
    if kind == "view":
        if not str(button.get("url", "")).startswith(("http://", "https://")) or len(button["url"]) > 1024:
            raise BadMenu(40020, "invalid button url size")
    elif kind == "click" or kind in ACTIONS:
        if not 0 < len(str(button.get("key", "")).encode()) <= 128:
            raise BadMenu(40019, "invalid button key size")
    else:
        raise BadMenu(40017, "invalid button type")
