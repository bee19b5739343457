"""Each pitfall of the platform that docs/howto/wechat.md lists has tests that keep us out of it."""

import re

from core.settings import ROOT


def test_every_listed_pitfall_is_guarded_against() -> None:
    page = (ROOT / "docs/howto/wechat.md").read_text("utf-8")
    listed = set(re.findall(r"^\| (\d+) \|", page[page.index("## Pitfalls") :], re.M))
    tests = "".join(path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    assert listed == set(re.findall(r"^@pytest\.mark\.pitfall\((\d+)\)$", tests, re.M)) == set(map(str, range(1, 11)))
