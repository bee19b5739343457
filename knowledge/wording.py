"""An answer in other words, by an OpenAI-compatible endpoint, where one is set; off by default.

It is given the cited passages and nothing else, and what it says is sent only if every figure in it stands in them. In any
doubt (too late, an error, a figure, a title or markup of its own) the extract is sent as it is. What a passage might tell
the endpoint to say is checked like everything else that it says.
"""

import json
import re
import time

import httpx

from core.logging import get_logger
from core.once import once
from core.settings import get_settings
from knowledge.figures import unsupported

MOST_CHARACTERS = 400
MOST_BYTES = 64 * 1024  # of what the endpoint sends
INSTRUCTIONS = (
    "你是政府惠企政策平台的工作人员。只根据下面给出的资料原文，用两三句通俗的中文回答企业主的问题。"
    "资料里没有的不要说，数字、日期、比例必须与原文一字不差，不要自己换算，不要承诺一定能办成，不要写链接。"
    "资料不足以回答时只回答：无法回答。"
)
REFUSED = "无法回答"
_TITLE = re.compile(r"《([^》]+)》")
_ADDRESS = re.compile(r"https?://|www\.", re.IGNORECASE)
_MARKUP = re.compile(r"</?[a-z]|```|\*\*", re.IGNORECASE)  # `<think>` too

log = get_logger()


def reworded(question: str, passages: str) -> str | None:
    """The passages as an answer to the question; None where there is no endpoint, or what it said cannot be used.

    Args:
        question: as it was searched.
        passages: what is cited, as it would be sent.
    """
    settings = get_settings()
    if not settings.llm_base_url:
        return None
    try:
        said = _ask(question, passages)
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, LookupError, TypeError, RecursionError) as error:
        log.warning("answer not reworded", reason=type(error).__name__)
        return None
    if problem := _problem(said, f"{question}\n{passages}", passages):
        log.warning("answer not reworded", reason=problem)
        return None
    return said


def _ask(question: str, passages: str) -> str:
    settings = get_settings()
    body = {
        "model": settings.llm_model,
        "temperature": 0,
        "max_tokens": MOST_CHARACTERS,
        "messages": [
            {"role": "system", "content": INSTRUCTIONS},
            {"role": "user", "content": f"资料原文：\n{passages}\n\n问题：{question}"},
        ],
    }
    key = settings.llm_api_key.get_secret_value()
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    url = f"{settings.llm_base_url.rstrip('/')}/chat/completions"
    ends = time.monotonic() + settings.llm_timeout
    content = bytearray()
    with _http().stream("POST", url, json=body, headers=headers, timeout=settings.llm_timeout) as response:
        response.raise_for_status()
        for chunk in response.iter_bytes():  # the client's own limit starts anew with each piece
            content += chunk
            if time.monotonic() > ends or len(content) > MOST_BYTES:
                raise httpx.ReadTimeout("no answer in time")
    said = json.loads(content)["choices"][0]["message"]["content"]
    if not isinstance(said, str):
        raise TypeError("content is no text")
    said.encode()  # half a surrogate pair could neither be stored nor sent
    return said.strip()


def _problem(said: str, titles_from: str, passages: str) -> str:
    """Why it may not be sent; empty where it may."""
    if not said or REFUSED in said:
        return "refused"
    if len(said) > MOST_CHARACTERS:
        return "too long"
    if unsupported(said, passages):
        return "a figure of its own"
    if any(title not in titles_from for title in _TITLE.findall(said)):
        return "a title of its own"
    if _MARKUP.search(said):
        return "markup"
    return "an address" if _ADDRESS.search(said) else ""


@once
def _http() -> httpx.Client:
    return httpx.Client()
