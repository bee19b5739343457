"""What a pair must and may say, however it is entered."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from knowledge.faq.models import ANSWER_CHARACTERS, NOTE_CHARACTERS, PERSON_CHARACTERS, QUESTION_CHARACTERS
from knowledge.index.terms import bigrams
from knowledge.ingest.document import InvalidDocument

MOST_QUESTIONS = 20  # phrasings of a pair


class Pair(BaseModel):
    """One pair as staff write it. It names what its answer rests on: a policy, or a note that followers see."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, frozen=True)

    questions: tuple[Annotated[str, Field(max_length=QUESTION_CHARACTERS)], ...] = Field(
        min_length=1, max_length=MOST_QUESTIONS
    )
    answer: str = Field(min_length=1, max_length=ANSWER_CHARACTERS)
    owner: str = Field(min_length=1, max_length=PERSON_CHARACTERS)
    source_policy_id: str | None = Field(default=None, max_length=80)
    source_note: str = Field(default="", max_length=NOTE_CHARACTERS)
    valid_from: date | None = None
    valid_until: date | None = None

    @field_validator("questions")
    @classmethod
    def _with_words(cls, questions: tuple[str, ...]) -> tuple[str, ...]:
        if any(not bigrams(question) for question in questions):
            raise ValueError("there is a question without words")
        return tuple(dict.fromkeys(questions))

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if not (self.source_policy_id or self.source_note):
            raise ValueError("neither a policy nor a note says what the answer rests on")
        if self.valid_from and self.valid_until and self.valid_from > self.valid_until:
            raise ValueError("it ends before it begins")
        return self


def make_pair(values: Mapping[str, Any]) -> Pair:
    """Check what somebody has entered.

    Raises:
        InvalidDocument: naming the first field that is wrong.
    """
    try:
        return Pair.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "pair"
        raise InvalidDocument(f"{place}: {first['msg'].removeprefix('Value error, ')}") from None
