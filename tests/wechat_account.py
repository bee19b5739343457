"""An official account as a caller of the WeChat stand-in's API, and its followers as users of the phone's. For tests."""

from datetime import timedelta
from typing import Any

import httpx
from flask.testing import FlaskClient

from core.clock import now, set_clock
from core.settings import Settings
from sandbox.app import create_app
from sandbox.delivery import Patience
from sandbox.wechat import Wechat
from tests.waiting import wait_until

PATIENCE = Patience(answer=1, pause=0.01, job=0.02)


class Account:
    """The account, with a token, beside the phone's side of the same stand-in."""

    def __init__(self, settings: Settings, webhook_url: str, patience: Patience = PATIENCE) -> None:
        self.wechat = Wechat(settings, webhook_url, patience)
        self.client: FlaskClient = create_app(self.wechat).test_client()
        self.credentials = {
            "grant_type": "client_credential",
            "appid": settings.wechat_app_id,
            "secret": settings.wechat_app_secret.get_secret_value(),
        }
        self.token = self.stable_token()["access_token"]

    def stable_token(self, **changed: object) -> Any:
        return self.client.post("/cgi-bin/stable_token", json=self.credentials | changed).json

    def post(self, path: str, body: object) -> Any:
        answer = self.client.post(f"{_whole(path)}?access_token={self.token}", json=body)
        assert answer.status_code == 200
        return answer.json

    def get(self, path: str, **query: str) -> Any:
        return self.client.get(_whole(path), query_string={"access_token": self.token} | query).json

    def upload(self, path: str, kind: str, content: bytes) -> Any:
        # Encoded by httpx: Flask's own client would leave a temporary file open behind a large upload.
        form = httpx.Request("POST", "http://localhost", files={"media": ("file", content)})
        query = {"access_token": self.token, "type": kind}
        headers = {"Content-Type": form.headers["Content-Type"]}
        return self.client.post(_whole(path), query_string=query, data=form.read(), headers=headers).json

    def send(self, openid: str, text: str = "您好") -> int:
        body = {"touser": openid, "msgtype": "text", "text": {"content": text}}
        return int(self.post("message/custom/send", body)["errcode"])

    # The followers' side

    def join(self, name: str = "我") -> str:
        openid = self.wechat.join(name)
        self.settled(openid)
        return openid

    def phone(self, openid: str, path: str, body: object = None) -> Any:
        answer = self.client.post(f"/api/followers/{openid}/{path}", json=body or {})
        assert answer.status_code < 300, answer.json
        return answer.json

    def chat(self, openid: str) -> list[dict[str, Any]]:
        return list(self.client.get(f"/api/followers/{openid}/messages").json["messages"])

    def settled(self, openid: str) -> list[dict[str, Any]]:
        """The chat once nothing is under way."""
        wait_until(lambda: not self.client.get(f"/api/followers/{openid}/messages").json["typing"], 10)
        return self.chat(openid)


def ahead(**span: float) -> None:
    """Move the clock."""
    set_clock(now() + timedelta(**span))


def _whole(path: str) -> str:
    return path if path.startswith("/") else f"/cgi-bin/{path}"
