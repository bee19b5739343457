"""The account's menu: read, publish, delete.

Limits (the platform's page on custom menus): 3 buttons of at most 16 bytes, 5 below each of at most 60 bytes, keys of at
most 128 bytes, addresses of at most 1,024 bytes. Clients show a new menu after some minutes.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from wechat_gateway.client import WechatClient
from wechat_gateway.errors import WechatError

MENU_MISSING = 46003
MAX_BUTTONS, MAX_SUB_BUTTONS = 3, 5
MAX_NAME, MAX_SUB_NAME = 16, 60  # bytes
MAX_KEY, MAX_URL = 128, 1024  # bytes
# What each type of button needs; names as in WeChat's own JSON.
FIELDS: dict[str, tuple[str, ...]] = {
    "click": ("key",),
    "view": ("url",),
    "miniprogram": ("url", "appid", "pagepath"),
    "scancode_push": ("key",),
    "scancode_waitmsg": ("key",),
    "pic_sysphoto": ("key",),
    "pic_photo_or_album": ("key",),
    "pic_weixin": ("key",),
    "location_select": ("key",),
    "media_id": ("media_id",),
    "article_id": ("article_id",),
    "article_view_limited": ("article_id",),
}
Buttons = tuple["Button", ...]


@dataclass(frozen=True)
class Button:
    """A button: one that acts has a type and that type's fields, one that opens has buttons below."""

    name: str
    type: str = ""
    key: str = ""
    url: str = ""
    appid: str = ""
    pagepath: str = ""
    media_id: str = ""
    article_id: str = ""
    sub_button: Buttons = ()

    def as_json(self) -> dict[str, Any]:
        """WeChat's form of it, without what is empty."""
        filled: dict[str, Any] = {name: value for name, value in vars(self).items() if value}
        if self.sub_button:
            filled["sub_button"] = [button.as_json() for button in self.sub_button]
        return filled


def read_buttons(data: Any) -> Buttons:
    """Buttons in WeChat's form, from its answer or a file.

    Raises:
        ValueError: not of that form; the limits are not looked at.
    """
    if not isinstance(data, Sequence) or isinstance(data, str):
        raise ValueError("a list of buttons is expected")
    return tuple(_read_button(row) for row in data)


def get(client: WechatClient) -> Buttons | None:
    """What is published through the API; None where there is nothing.

    Raises:
        WechatError: refused or unreachable.
    """
    try:
        answer = client.get("/cgi-bin/menu/get")
    except WechatError as error:
        if error.code == MENU_MISSING:
            return None
        raise
    return tuple(_read_button(row, strict=False) for row in answer["menu"].get("button", ()))


def create(client: WechatClient, buttons: Buttons) -> None:
    """Publish the menu in place of the one there is.

    Raises:
        ValueError: beyond the limits; all of what is wrong is named.
        WechatError: refused (40016 to 40027, 40054, 40055) or unreachable.
    """
    if problems := list(problems_of(buttons)):
        raise ValueError("; ".join(problems))
    client.post("/cgi-bin/menu/create", {"button": [button.as_json() for button in buttons]})


def delete(client: WechatClient) -> None:
    """Take the menu away, those for groups of followers included.

    Raises:
        WechatError: refused or unreachable.
    """
    client.get("/cgi-bin/menu/delete")


def problems_of(buttons: Buttons) -> Iterator[str]:
    """What WeChat would not accept, one sentence each."""
    if not 1 <= len(buttons) <= MAX_BUTTONS:
        yield f"a menu has 1 to {MAX_BUTTONS} buttons, not {len(buttons)}"
    for button in buttons:
        yield from _name_problems(button.name, MAX_NAME)
        if not button.sub_button:
            yield from _action_problems(button)
            continue
        if button.type:
            yield f"“{button.name}” either acts or opens buttons, not both"
        if len(button.sub_button) > MAX_SUB_BUTTONS:
            yield f"“{button.name}” opens at most {MAX_SUB_BUTTONS} buttons, not {len(button.sub_button)}"
        for below in button.sub_button:
            yield from _name_problems(below.name, MAX_SUB_NAME)
            if below.sub_button:
                yield f"“{below.name}” cannot open buttons: a menu has two levels"
            else:
                yield from _action_problems(below)


def _name_problems(name: str, limit: int) -> Iterator[str]:
    size = len(name.encode())
    if not 1 <= size <= limit:
        yield f"“{name}”: a name here has 1 to {limit} bytes, not {size}"


def _action_problems(button: Button) -> Iterator[str]:
    if button.type not in FIELDS:
        yield f"“{button.name}”: type is one of {', '.join(FIELDS)}, not “{button.type}”"
        return
    for field in FIELDS[button.type]:
        if not getattr(button, field):
            yield f"“{button.name}”: a {button.type} button needs {field}"
    if len(button.key.encode()) > MAX_KEY:
        yield f"“{button.name}”: a key has at most {MAX_KEY} bytes"
    if len(button.url.encode()) > MAX_URL:
        yield f"“{button.name}”: an address has at most {MAX_URL} bytes"
    if button.url and not button.url.startswith(("https://", "http://")):
        yield f"“{button.name}”: an address begins with https:// or http://"


def _read_button(row: Any, strict: bool = True) -> Button:
    """A button; what we do not know is refused in a file and passed over in what WeChat answers."""
    if not isinstance(row, Mapping) or not isinstance(row.get("name"), str):
        raise ValueError("every button has a name")
    fields = dict(row)
    below = fields.pop("sub_button", None) or ()
    known = Button.__dataclass_fields__
    unknown = [name for name, value in fields.items() if name not in known or not isinstance(value, str)]
    if unknown and strict:
        raise ValueError(f"“{row['name']}”: not a text field of a button: {', '.join(map(str, unknown))}")
    if not isinstance(below, Sequence) or isinstance(below, str):
        raise ValueError(f"“{row['name']}”: sub_button is a list")
    texts = {name: value for name, value in fields.items() if name not in unknown}
    return Button(**texts, sub_button=tuple(_read_button(button, strict) for button in below))
