"""A document on its way in: as a reader finds it in a file, and as it is stored, with front matter and its rules."""

import calendar
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator

from knowledge.models import Status

_PARTIAL_DAY = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")


class InvalidDocument(ValueError):
    """A file that cannot be imported; the text says in one line what is wrong with it."""


@dataclass(frozen=True)
class RawDocument:
    """What a reader found in a file.

    Attributes:
        name: the file's name; of a file within an archive `archive.zip/inner.docx`.
        text: Markdown: headings as `#`, tables as Markdown tables with their head, paragraphs on lines of their own.
        front: the front matter of a sheet, taken as it is; None where the file has none and it must be extracted.
        title: what the file itself says it is called; empty where it says nothing.
        url: where a page says that it stands.
        notes: for staff, one line each: what was read by OCR and how surely, what was left out.
    """

    name: str
    text: str
    front: Mapping[str, Any] | None = None
    title: str = ""
    url: str | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Refusal:
    """A file within an archive that cannot be imported, and why in one line."""

    name: str
    reason: str


def _as_text(value: Any) -> Any:
    return str(value) if isinstance(value, int | date) else value  # YAML reads 2024 and 2024-06-18 unquoted as such


def _check_day(value: str | None) -> str | None:
    if value is not None:
        first_day(value)
    return value


Day = Annotated[str | None, BeforeValidator(_as_text)]
Name = Annotated[str, Field(min_length=1, max_length=200)]


class FrontMatter(BaseModel):
    """What a sheet must and may say about its policy. Unknown keys are refused: a misspelt `expires` would be lost."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    id: str = Field(pattern=r"^\w[\w.-]{0,79}$")
    title: Name
    doc_no: Name | None = None
    issuer: list[str] = []
    level: str = Field(default="其他", max_length=20)
    issued: Day = None
    effective: Day = None
    expires: Day = None
    status: Status
    category: str = Field(min_length=1, max_length=40)
    tags: list[str] = []
    audience: str = ""
    source_url: str | None = Field(default=None, pattern=r"^https?://\S+$")
    source_seen: str | None = None
    confidence: Literal["high", "medium", "low"] = "medium"
    guide: bool = False
    compare_with: list[str] = []
    replaces: list[str] = []
    asked: list[Annotated[str, Field(min_length=2, max_length=100)]] = Field(default=[], max_length=50)

    _days = field_validator("issued", "effective", "expires")(_check_day)


class Document(BaseModel):
    """Front matter and text of one file."""

    front: FrontMatter
    body: str


def make_document(front: object, body: str) -> Document:
    """Check what a reader read.

    Raises:
        InvalidDocument: naming the first key that is wrong, or that there is no text.
    """
    if not isinstance(front, dict):
        raise InvalidDocument("the front matter is not a list of `key: value`")
    try:
        checked = FrontMatter.model_validate(front)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "front matter"
        raise InvalidDocument(f"{place}: {first['msg']}") from None
    if not body.strip():
        raise InvalidDocument("there is no text after the front matter")
    return Document(front=checked, body=body.strip() + "\n")


def first_day(day: str) -> date:
    """First day that `2024`, `2024-06` or `2024-06-18` can mean.

    Raises:
        ValueError: not such a day.
    """
    year, month, number = _parts(day)
    return date(year, month or 1, number or 1)


def last_day(day: str) -> date:
    """Last day that `2024`, `2024-06` or `2024-06-18` can mean.

    Raises:
        ValueError: not such a day.
    """
    year, month, number = _parts(day)
    month = month or 12
    return date(year, month, number or calendar.monthrange(year, month)[1])


def _parts(day: str) -> tuple[int, int, int]:
    match = _PARTIAL_DAY.fullmatch(day)
    if not match:
        raise ValueError(f"{day} is not a day such as 2024, 2024-06 or 2024-06-18")
    year, month, number = (int(part or 0) for part in match.groups())
    return year, month, number
