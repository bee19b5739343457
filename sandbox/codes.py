"""QR codes that carry a scene: temporary (60 s unless said otherwise, 30 days at most) and permanent."""

import secrets
import threading
from dataclasses import asdict, dataclass
from typing import Any

from core.clock import now
from sandbox.refusal import Refusal

DEFAULT_SECONDS = 60
MAX_SECONDS = 2_592_000
MAX_SCENE = 64  # characters
MAX_LASTING = 100_000
MAX_SCENE_ID = {"QR_SCENE": 2**32 - 1, "QR_LIMIT_SCENE": 100_000}
NAMES = {
    "QR_SCENE": "scene_id",
    "QR_STR_SCENE": "scene_str",
    "QR_LIMIT_SCENE": "scene_id",
    "QR_LIMIT_STR_SCENE": "scene_str",
}


@dataclass(frozen=True)
class Code:
    """One code. `ends`: Unix seconds, 0 for a permanent one."""

    ticket: str
    scene: str
    url: str
    ends: int = 0

    @property
    def over(self) -> bool:
        """Whether it can no longer be scanned."""
        return bool(self.ends) and self.ends <= now().timestamp()


class Codes:
    """The account's codes. Thread-safe."""

    def __init__(self) -> None:
        self._codes: dict[str, Code] = {}
        self._lock = threading.Lock()

    def create(self, action: object, info: object, seconds: object) -> tuple[Code, int]:
        """A code and the seconds it lasts (0: for good); arguments as in qrcode/create.

        Raises:
            Refusal: 40052 no such action, 40053 not a scene or a life it can have, 45029 too many permanent ones.
        """
        if action not in NAMES:
            raise Refusal(40052, "invalid action name")
        scene = self._scene(str(action), info)
        lasting = "LIMIT" in str(action)
        lasts = 0 if lasting else DEFAULT_SECONDS if seconds is None else seconds
        if not isinstance(lasts, int) or not (lasting or 1 <= lasts <= MAX_SECONDS):
            raise Refusal(40053, "invalid action info")
        ticket = secrets.token_urlsafe(66)
        ends = int(now().timestamp()) + lasts if lasts else 0
        code = Code(ticket, scene, f"http://weixin.qq.com/q/{ticket[:22]}", ends)
        with self._lock:
            self._codes = {key: each for key, each in self._codes.items() if not each.over}
            if lasting and sum(not each.ends for each in self._codes.values()) >= MAX_LASTING:
                raise Refusal(45029, "qrcode count out of limit")
            self._codes[ticket] = code
        return code, lasts

    def find(self, ticket: str) -> Code | None:
        """The code of a ticket, if it still works."""
        with self._lock:
            code = self._codes.get(ticket)
        return None if code is None or code.over else code

    def of_scene(self, scene: str) -> Code | None:
        """The newest working code with this scene, if the account has made one."""
        return next((code for code in self.all() if code.scene == scene), None)

    def all(self) -> list[Code]:
        """The codes that still work, newest first."""
        with self._lock:
            return [code for code in reversed(self._codes.values()) if not code.over]

    def state(self) -> list[dict[str, Any]]:
        """The codes as plain data for `restore`."""
        return [asdict(code) for code in reversed(self.all())]

    def restore(self, rows: list[dict[str, Any]]) -> None:
        """Take over what `state` gave.

        Raises:
            TypeError: not such data.
        """
        with self._lock:
            self._codes = {row["ticket"]: Code(**row) for row in rows}

    @staticmethod
    def _scene(action: str, info: object) -> str:
        scene = info.get("scene") if isinstance(info, dict) else None
        value = scene.get(NAMES[action]) if isinstance(scene, dict) else None
        if NAMES[action] == "scene_id":
            if isinstance(value, int) and 1 <= value <= MAX_SCENE_ID[action]:
                return str(value)
        elif isinstance(value, str) and 1 <= len(value) <= MAX_SCENE:
            return value
        raise Refusal(40053, "invalid action info")


def picture(code: Code) -> str:
    """An SVG that says what the code holds: nobody scans the screen of a sandbox, its page has a field for the scene."""
    scene = "".join(f"&#{ord(letter)};" for letter in code.scene)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 430 430" font-family="sans-serif" text-anchor="middle">'
        '<rect width="430" height="430" fill="#fff"/><g fill="none" stroke="#07c160" stroke-width="14">'
        '<path d="M40 110V40h70M320 40h70v70M390 320v70h-70M110 390H40v-70"/></g>'
        '<text x="215" y="200" font-size="26" fill="#191919">微信沙盒二维码</text>'
        f'<text x="215" y="245" font-size="20" fill="#757575">{scene}</text></svg>'
    )
