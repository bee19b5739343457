"""Scanned codes: our own with a scene, and whatever a menu button's scanner has read."""

import json

from conversations.inbox import Reaction
from wechat_gateway.envelope import Fields
from wechat_gateway.handlers import TYPE_INSTEAD, handles
from wechat_gateway.inbound import fields_in, text_of
from wechat_gateway.quota import Opening
from wechat_gateway.scene import Scene, SceneKind, parse_scene

GREETING = "您好,我在呢。想办什么,直接打字问我就行;要找工作人员,回复“人工”。"
GROUP = "谢谢您从群里过来,记下了,之后发给您的消息会尽量贴合这个群。想问什么,直接打字就行。"
NOT_OURS = f"扫到了,不过这不是我们的码,我认不出来。{TYPE_INSTEAD}"


@handles("event:scan")
def scan(content: Fields) -> Reaction:
    """A follower scans one of our codes."""
    return _scanned(parse_scene(text_of(content, "EventKey")))


@handles("event:scancode_waitmsg")
def scan_and_wait(content: Fields) -> Reaction:
    """A menu button's scanner, whose user waits for words of ours."""
    scene = _ours(content)
    return _scanned(scene) if scene else Reaction(replies=(NOT_OURS,), opening=Opening.MOMENT)


@handles("event:scancode_push")
def scan_and_open(content: Fields) -> Reaction:
    """A menu button's scanner that has shown the result already; only a code of ours asks for more."""
    scene = _ours(content)
    return _scanned(scene) if scene else Reaction(opening=Opening.MOMENT)


def _ours(content: Fields) -> Scene | None:
    """The scene that the scanner has read, written in full: any other text is no scene of ours."""
    result = text_of(fields_in(content, "ScanCodeInfo"), "ScanResult")
    scene = parse_scene(result)
    return scene if str(scene) == result else None


def _scanned(scene: Scene | None) -> Reaction:
    if scene and scene.kind is SceneKind.EVENT:
        intent = "/event_checkin" + json.dumps({"event": scene.value}, ensure_ascii=False)
        return Reaction(intent=intent, scene=scene, opening=Opening.MOMENT)
    words = GROUP if scene and scene.kind is SceneKind.GROUP else GREETING
    return Reaction(replies=(words,), scene=scene, opening=Opening.MOMENT)
