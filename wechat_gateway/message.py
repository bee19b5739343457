"""What the account can say, whichever way it reaches the follower: passive reply or customer-service message.

Every kind has a text to fall back on: for a way that cannot carry the kind, for staff, for the terminal.
"""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Text:
    """Words, at most 1,800 UTF-8 bytes (see text.py)."""

    content: str

    @property
    def fallback(self) -> str:
        """The words."""
        return self.content


@dataclass(frozen=True)
class Image:
    """A picture that WeChat holds under a media id."""

    media_id: str

    @property
    def fallback(self) -> str:
        """What stands for the picture."""
        return "[图片]"


@dataclass(frozen=True)
class Article:
    """A card that leads to a page."""

    title: str
    description: str
    url: str
    picture_url: str = ""

    @property
    def fallback(self) -> str:
        """Title, description and address on lines of their own."""
        return "\n".join(filter(None, (self.title, self.description, self.url)))


@dataclass(frozen=True)
class Choice:
    """One line to tap; `id` comes back as `bizmsgmenuid`, at most 64 characters."""

    id: str
    title: str


@dataclass(frozen=True)
class Menu:
    """A question with choices to tap (`msgmenu`); customer-service messages only."""

    head: str
    choices: tuple[Choice, ...]

    @property
    def fallback(self) -> str:
        """The question and its choices, numbered."""
        lines = [f"{number} {choice.title}" for number, choice in enumerate(self.choices, 1)]
        return "\n".join([self.head, *lines])


@dataclass(frozen=True)
class MiniProgramPage:
    """A card that opens a page of a mini program bound to the account; customer-service messages only."""

    title: str
    app_id: str
    page_path: str
    thumb_media_id: str

    @property
    def fallback(self) -> str:
        """A link that opens the page; WeChat turns these attributes into one."""
        return (
            f'<a href="https://mp.weixin.qq.com" data-miniprogram-appid="{self.app_id}" '
            f'data-miniprogram-path="{self.page_path}">{self.title}</a>'
        )


@dataclass(frozen=True)
class Transfer:
    """Hand the follower to WeChat's own human service; passive reply to a message only, never to an event."""

    agent: str = ""  # kf_account; empty: whoever is free

    @property
    def fallback(self) -> str:
        """What the follower is told where the transfer itself cannot be said."""
        return "正在为您转接人工客服。"


Message = Text | Image | Article | Menu | MiniProgramPage | Transfer
_KINDS: dict[str, Any] = {
    "text": Text,
    "image": Image,
    "article": Article,
    "menu": Menu,
    "mini_program_page": MiniProgramPage,
    "transfer": Transfer,
}
_NAMES = {kind: name for name, kind in _KINDS.items()}


def dump(message: Message) -> dict[str, Any]:
    """The message as plain JSON data: `{"kind": ..., and the fields}`."""
    return {"kind": _NAMES[type(message)], **asdict(message)}


def load(data: dict[str, Any]) -> Message:
    """The message that `dump` gave.

    Raises:
        ValueError: not such data.
    """
    fields = dict(data)
    kind = _KINDS.get(str(fields.pop("kind", "")))
    if kind is None:
        raise ValueError("unknown kind of message")
    if kind is Menu:
        fields["choices"] = tuple(Choice(**choice) for choice in fields.get("choices", ()))
    try:
        message: Message = kind(**fields)
    except TypeError as error:
        raise ValueError("fields do not fit the kind of message") from error
    return message
