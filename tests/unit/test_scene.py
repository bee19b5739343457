"""What QR codes carry."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wechat_gateway.scene import MAX_LENGTH, Scene, SceneKind, parse_scene


@pytest.mark.parametrize(
    ("text", "scene"),
    [
        ("event:2024-salon", Scene(SceneKind.EVENT, "2024-salon")),
        ("qrscene_group:zhangjiawan", Scene(SceneKind.GROUP, "zhangjiawan")),
        ("source:a:b", Scene(SceneKind.SOURCE, "a:b")),
        ("qrscene_17", Scene(SceneKind.SOURCE, "17")),
        ("other:x", Scene(SceneKind.SOURCE, "other:x")),
        ("event:", Scene(SceneKind.SOURCE, "event:")),
        ("qrscene_", None),
        ("  ", None),
    ],
)
def test_keys_of_events(text: str, scene: Scene | None) -> None:
    assert parse_scene(text) == scene


@given(st.sampled_from(SceneKind), st.text(min_size=1, max_size=50).filter(lambda value: value == value.strip()))
def test_a_scene_is_read_as_it_was_written(kind: SceneKind, value: str) -> None:
    scene = Scene(kind, value)
    assert parse_scene(str(scene)) == scene
    assert parse_scene(f"qrscene_{scene}") == scene


@given(st.text(max_size=200))
def test_no_key_gives_more_than_fits(text: str) -> None:
    scene = parse_scene(text)
    assert scene is None or 0 < len(scene.value) <= MAX_LENGTH
