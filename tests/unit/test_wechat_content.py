"""Files, drafts and what is published: what WeChat is told, what is made of its answer, what is refused before it is asked."""

import httpx
import pytest

from tests.wechat_stub import WechatStub
from wechat_gateway.calls import media, publishing
from wechat_gateway.calls.media import MediaType
from wechat_gateway.calls.publishing import DraftArticle, PublishState
from wechat_gateway.client import WechatClient
from wechat_gateway.errors import Advice, WechatError

pytestmark = pytest.mark.usefixtures("configure")
ARTICLE = DraftArticle("标题", "<p>正文</p>", "THUMB")


@pytest.mark.parametrize(
    ("media_type", "content", "name"),
    [
        (MediaType.IMAGE, b"\xff\xd8\xff-", b"image.jpg"),
        (MediaType.IMAGE, b"GIF89a", b"image.gif"),
        (MediaType.VOICE, b"#!AMR\n", b"voice.amr"),
        (MediaType.VOICE, b"ID3\x03", b"voice.mp3"),
        (MediaType.THUMB, b"\xff\xd8\xff-", b"image.jpg"),
    ],
)
def test_uploads(stub: WechatStub, client: WechatClient, media_type: MediaType, content: bytes, name: bytes) -> None:
    stub.answers["/cgi-bin/media/upload"] = [{"type": str(media_type), "media_id": "M", "created_at": 1}]
    assert media.upload(client, media_type, content) == "M"
    assert stub.calls()[0].url.params["type"] == media_type
    assert b'filename="' + name + b'"' in stub.calls()[0].content


@pytest.mark.parametrize(
    ("media_type", "content"),
    [
        (MediaType.IMAGE, b"%PDF-1.7"),
        (MediaType.IMAGE, b"\xff\xd8\xff" + bytes(10 * media.MB)),
        (MediaType.VOICE, b"RIFF"),
        (MediaType.VOICE, b"#!AMR" + bytes(2 * media.MB)),
        (MediaType.THUMB, b"\x89PNG\r\n\x1a\n"),
        (MediaType.THUMB, b"\xff\xd8\xff" + bytes(64 * 1024)),
    ],
)
def test_uploads_beyond_the_limits(
    stub: WechatStub, client: WechatClient, media_type: MediaType, content: bytes
) -> None:
    with pytest.raises(ValueError, match="the file"):
        media.upload(client, media_type, content)
    assert stub.requests == []


def test_a_thumbnails_id_has_a_name_of_its_own(stub: WechatStub, client: WechatClient) -> None:
    stub.answers["/cgi-bin/media/upload"] = [{"type": "thumb", "thumb_media_id": "M"}]
    assert media.upload(client, MediaType.THUMB, b"\xff\xd8\xff") == "M"


def test_permanent_pictures(stub: WechatStub, client: WechatClient) -> None:
    stub.answers["/cgi-bin/material/add_material"] = [{"media_id": "M", "url": "http://mmbiz/x"}]
    stub.answers["/cgi-bin/media/uploadimg"] = [{"url": "http://mmbiz/y"}]
    assert media.upload_permanent_image(client, b"GIF8") == media.Picture("M", "http://mmbiz/x")
    assert media.upload_article_picture(client, b"\xff\xd8\xff") == "http://mmbiz/y"
    with pytest.raises(ValueError, match="the file"):
        media.upload_article_picture(client, b"GIF8")


def test_a_voice_is_downloaded(stub: WechatStub, client: WechatClient) -> None:
    stub.answers["/cgi-bin/media/get"] = [httpx.Response(200, content=b"#!AMR", headers={"Content-Type": "audio/amr"})]
    assert media.download(client, "M") == media.Media(b"#!AMR", "audio/amr")


def test_a_video_is_fetched_from_where_wechat_says(stub: WechatStub, client: WechatClient) -> None:
    stub.answers["/cgi-bin/media/get"] = [{"video_url": "http://vweixin/v.mp4"}]
    stub.answers["/v.mp4"] = [httpx.Response(200, content=b"....ftyp", headers={"Content-Type": "video/mp4"})]
    assert media.download(client, "M") == media.Media(b"....ftyp", "video/mp4")
    assert "access_token" not in stub.calls()[-1].url.params


def test_an_expired_file_is_gone(stub: WechatStub, client: WechatClient) -> None:
    stub.answers["/cgi-bin/media/get"] = [{"errcode": 40007, "errmsg": "invalid media_id"}]
    with pytest.raises(WechatError) as caught:
        media.download(client, "M")
    assert caught.value.advice is Advice.GIVE_UP


def test_drafts(stub: WechatStub, client: WechatClient) -> None:
    item = {"title": "标题", "content": "<p>正文</p>", "thumb_media_id": "THUMB", "digest": "", "author": ""}
    stub.answers["/cgi-bin/draft/add"] = [{"media_id": "D"}]
    stub.answers["/cgi-bin/draft/get"] = [{"news_item": [item]}]
    stub.answers["/cgi-bin/draft/count"] = [{"total_count": 4}]
    stub.answers["/cgi-bin/draft/batchget"] = [
        {"item": [{"media_id": "D", "content": {"news_item": [item]}, "update_time": 5}]}
    ]
    assert publishing.add(client, [ARTICLE]) == "D"
    assert stub.body()["articles"][0]["title"] == "标题"
    assert publishing.get(client, "D") == (ARTICLE,)
    publishing.update(client, "D", ARTICLE, index=1)
    assert (stub.body()["index"], stub.body()["articles"]["thumb_media_id"]) == (1, "THUMB")
    assert publishing.count(client) == 4
    assert publishing.drafts(client) == [publishing.Draft("D", (ARTICLE,), 5)]
    publishing.delete(client, "D")
    assert stub.body() == {"media_id": "D"}


@pytest.mark.parametrize(
    "articles",
    [
        [],
        [ARTICLE] * 9,
        [DraftArticle("题" * 33, "c", "T")],
        [DraftArticle("题", "c" * 20_000, "T")],
        [DraftArticle("题", "c", "T", author="a" * 17)],
        [DraftArticle("题", "c", "T", digest="d" * 129)],
        [DraftArticle("题", "c", "")],
    ],
)
def test_drafts_beyond_the_limits(stub: WechatStub, client: WechatClient, articles: list[DraftArticle]) -> None:
    with pytest.raises(ValueError, match="has"):
        publishing.add(client, articles)
    assert stub.requests == []


def test_publishing(stub: WechatStub, client: WechatClient) -> None:
    stub.answers["/cgi-bin/freepublish/submit"] = [{"errcode": 0, "publish_id": "100000001"}]
    stub.answers["/cgi-bin/freepublish/get"] = [
        {"publish_id": "100000001", "publish_status": 1},
        {
            "publish_status": 0,
            "article_id": "A",
            "article_detail": {"count": 1, "item": [{"idx": 1, "article_url": "http://mp/1"}]},
        },
    ]
    stub.answers["/cgi-bin/freepublish/batchget"] = [
        {"item": [{"article_id": "A", "content": {"news_item": [{"title": "标题", "url": "http://mp/1"}]}}]}
    ]
    publish_id = publishing.submit(client, "D")
    assert publishing.publication(client, publish_id).state is PublishState.PUBLISHING
    done = publishing.publication(client, publish_id)
    assert (done.state, done.article_id, done.urls) == (PublishState.PUBLISHED, "A", ("http://mp/1",))
    assert publishing.published(client) == [publishing.Published("A", ("标题",), ("http://mp/1",))]
    publishing.withdraw(client, "A")
    assert stub.body() == {"article_id": "A", "index": 0}


@pytest.mark.parametrize(("offset", "limit"), [(-1, 20), (0, 0), (0, 21)])
def test_pages_beyond_the_limits(client: WechatClient, offset: int, limit: int) -> None:
    with pytest.raises(ValueError, match="20"):
        publishing.drafts(client, offset, limit)
