"""Tags on followers, by which mass sendings choose their audience.

Limits (the platform's pages on tags): 100 tags, names of at most 30 characters, 20 tags on a follower, 50 followers a
call. A tag with more than 100,000 followers cannot be deleted (45057).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from wechat_gateway.client import WechatClient

MAX_NAME = 30  # characters
CHUNK = 50  # followers a call


@dataclass(frozen=True)
class Tag:
    """A tag and how many followers bear it."""

    id: int
    name: str
    count: int = 0


def create(client: WechatClient, name: str) -> Tag:
    """A new tag.

    Raises:
        ValueError: not 1 to 30 characters.
        WechatError: refused (45056 there are 100, 45157 the name is taken) or unreachable.
    """
    answer = client.post("/cgi-bin/tags/create", {"tag": {"name": _checked(name)}})
    return Tag(int(answer["tag"]["id"]), name)


def list_all(client: WechatClient) -> list[Tag]:
    """All tags of the account.

    Raises:
        WechatError: refused or unreachable.
    """
    rows = client.get("/cgi-bin/tags/get").get("tags", [])
    return [Tag(int(row["id"]), str(row["name"]), int(row.get("count", 0))) for row in rows]


def rename(client: WechatClient, tag_id: int, name: str) -> None:
    """Give a tag another name.

    Raises:
        ValueError: not 1 to 30 characters.
        WechatError: refused (45157 taken, 45058 reserved) or unreachable.
    """
    client.post("/cgi-bin/tags/update", {"tag": {"id": tag_id, "name": _checked(name)}})


def delete(client: WechatClient, tag_id: int) -> None:
    """Delete a tag; it is taken off its followers.

    Raises:
        WechatError: refused (45057 more than 100,000 followers, 45058 reserved) or unreachable.
    """
    client.post("/cgi-bin/tags/delete", {"tag": {"id": tag_id}})


def tag(client: WechatClient, tag_id: int, openids: Sequence[str]) -> None:
    """Put a tag on followers, 50 a call; doing it again does no harm, so a failed list may be repeated whole.

    Raises:
        WechatError: refused (45159 no such tag, 45059 a follower has 20, 49003) or unreachable; the calls before stand.
    """
    _change(client, "batchtagging", tag_id, openids)


def untag(client: WechatClient, tag_id: int, openids: Sequence[str]) -> None:
    """Take a tag off followers, 50 a call; doing it again does no harm.

    Raises:
        WechatError: refused or unreachable; the calls before stand.
    """
    _change(client, "batchuntagging", tag_id, openids)


def members(client: WechatClient, tag_id: int) -> Iterator[str]:
    """The openids of a tag's followers, fetched 10,000 at a time.

    Raises:
        WechatError: refused or unreachable, when the page is fetched.
    """
    last = ""
    while True:
        answer = client.post("/cgi-bin/user/tag/get", {"tagid": tag_id, "next_openid": last})
        page = answer.get("data", {}).get("openid", [])
        yield from page
        if not page or (last := str(answer.get("next_openid", ""))) == "":
            return


def _change(client: WechatClient, call: str, tag_id: int, openids: Sequence[str]) -> None:
    for start in range(0, len(openids), CHUNK):
        body = {"openid_list": list(openids[start : start + CHUNK]), "tagid": tag_id}
        client.post(f"/cgi-bin/tags/members/{call}", body)


def _checked(name: str) -> str:
    if not 1 <= len(name) <= MAX_NAME:
        raise ValueError(f"a tag's name has 1 to {MAX_NAME} characters, not {len(name)}")
    return name
