"""The account's menu: what was published, checked as the platform checks it."""

import threading
from typing import Any

from sandbox.refusal import Refusal

Button = dict[str, Any]

ACTIONS = {"scancode_push", "scancode_waitmsg", "pic_sysphoto", "pic_photo_or_album", "pic_weixin", "location_select"}
MATERIAL = {  # type -> what names the material it shows
    "media_id": "media_id",
    "view_limited": "media_id",
    "article_id": "article_id",
    "article_view_limited": "article_id",
}


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

    def publish(self, buttons: Any) -> None:
        """Check and take over a menu.

        Raises:
            Refusal: not a menu the platform accepts.
        """
        checked = _checked(buttons, most=3, name_bytes=16, code=40016)
        with self._lock:
            self._published = checked

    def restore(self, buttons: list[Button] | None) -> None:
        """Take over what was in force before a restart."""
        with self._lock:
            self._published = buttons

    def delete(self) -> None:
        """Go back to none."""
        with self._lock:
            self._published = None


def _checked(buttons: Any, most: int, name_bytes: int, code: int) -> list[Button]:
    if not isinstance(buttons, list) or not 1 <= len(buttons) <= most:
        raise Refusal(code, "invalid button size")
    for button in buttons:
        name = button.get("name") if isinstance(button, dict) else None
        if not isinstance(name, str) or not 0 < len(name.encode()) <= name_bytes:
            raise Refusal(40018, "invalid button name size")
        if button.get("sub_button"):
            if code != 40016:
                raise Refusal(40022, "invalid sub button level")
            _checked(button["sub_button"], most=5, name_bytes=60, code=40023)
        else:
            _check_action(button)
    return buttons


def _check_action(button: Button) -> None:
    kind = button.get("type")
    if kind in ("view", "miniprogram"):
        if kind == "miniprogram" and not (button.get("appid") and button.get("pagepath")):
            raise Refusal(40013, "invalid appid")
        if not str(button.get("url", "")).startswith(("http://", "https://")) or len(button["url"]) > 1024:
            raise Refusal(40020, "invalid button url size")
    elif kind == "click" or kind in ACTIONS:
        if not 0 < len(str(button.get("key", "")).encode()) <= 128:
            raise Refusal(40019, "invalid button key size")
    elif kind in MATERIAL:
        if not button.get(MATERIAL[kind]):
            raise Refusal(40007, "invalid media_id")
    else:
        raise Refusal(40017, "invalid button type")
