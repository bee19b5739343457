"""`tongqi policy`: what staff see of policies and their versions, and what they decide."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.commands.policy import policy as command
from knowledge import catalogue, search, service, versions
from knowledge.errors import KnowledgeUnavailable
from tests.knowledge import HashEncoder, write_sheet
from tests.policies import ID, write_document


@pytest.fixture(autouse=True)
def model(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (catalogue, search, versions):
        monkeypatch.setattr(module, "get_encoder", HashEncoder)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One published sheet, a change of it that is proposed, and a proposed document."""
    write_sheet(tmp_path, "award", "评上示范基地奖励20万元。", title="示范基地奖励")
    service.ingest([tmp_path])
    write_sheet(tmp_path, "award", "评上示范基地奖励30万元。", title="示范基地奖励", expires="2099")
    write_document(tmp_path, more="对《示范基地奖励》第三条作如下修改。")
    service.ingest([tmp_path], propose=True)
    return tmp_path


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(command, arguments)


def run(*arguments: str) -> str:
    result = invoke(*arguments)
    assert result.exit_code == 0, result.output
    return result.output


def fails(*arguments: str) -> str:
    """The one line that says why."""
    result = invoke(*arguments)
    assert result.exit_code == 1, result.output
    assert result.output.count("\n") == 1
    return result.output.strip()


def test_what_is_proposed_is_shown_with_its_grounds_and_decided_on(folder: Path) -> None:
    (first, second) = (version.id for version in versions.pending())
    shown = run("changes")
    assert f"version {first}  award  proposed" in shown
    assert f"version {second}  {ID}  proposed" in shown
    assert "title: 中小企业服务券管理办法 (" in shown
    assert shown.endswith("2 proposed\n")
    assert "award says this from now on" in run("accept", str(first), "--by", "甲")
    assert "is rejected" in run("reject", str(second), "--by", "甲")
    assert run("changes") == "0 proposed\n"
    assert f"version {second}  {ID}  rejected" in run("show", ID)  # there is no such policy yet
    history = run("show", "award")
    assert "title: 示范基地奖励" in history
    assert "expires: '2099'" in history
    assert "version 1  award  replaced" in history
    assert f"version {first}  award  current" in history
    assert "by 甲  award.md" in history
    run("accept", str(second), "--by", "乙")
    assert "amends 示范基地奖励 (0.90): " in run("show", ID)


def test_the_list_says_what_is_not_as_usual(folder: Path) -> None:
    run("accept", "3", "--by", "甲")
    write_document(folder, "new.md", 2026, 30)
    service.ingest([folder / "new.md"])
    later = ID.replace("2024", "2026")
    assert f"? 综合  {later}  " in run("list")
    assert "2 policies" in run("list")
    everything = run("list", "--all")
    assert f"  综合  {ID}  中小企业服务券管理办法  不确定 → {later}" in everything
    assert f"superseded by {later} on 2026-03-01" in run("show", ID)
    run("edit", later, "--by", "甲")
    assert f"  综合  {later}  " in run("list")
    run("switch", "award", "off", "--by", "甲")
    assert "award" not in run("list")
    assert "  综合  award  示范基地奖励  现行 off\n" in run("list", "--all")
    assert "switched off" in run("show", "award")
    run("switch", "award", "on", "--by", "甲")
    assert "award" in run("list")


def test_front_matter_is_edited(folder: Path) -> None:
    done = run("edit", "award", "category=专精特新", "tags=[基地, 奖励]", "expires=2099-06-30", "--by", "甲")
    assert done.endswith("award is reviewed\n")
    shown = run("show", "award")
    for line in ("category: 专精特新", "- 基地\n- 奖励", "expires: '2099-06-30'"):
        assert line in shown
    assert "until 2099-06-30" in run("list")
    run("edit", "award", "expires=", "--by", "甲")
    assert "expires: null" in run("show", "award")


def test_what_is_not_possible_is_said_in_one_line(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for arguments, reason in (
        (("show", "absent"), "there is no policy absent; see `tongqi policy list --all`"),
        (("accept", "99", "--by", "甲"), "there is no version 99"),
        (("accept", "1", "--by", "甲"), "version 1 is what award says already"),
        (("reject", "1", "--by", "甲"), "version 1 does not wait for a decision"),
        (("switch", "absent", "off", "--by", "甲"), "there is no policy absent"),
        (("edit", "absent", "--by", "甲"), "there is no policy absent"),
        (("edit", "award", "id=b", "--by", "甲"), "a policy keeps its id"),
        (("edit", "award", "titel=b", "--by", "甲"), "titel: Extra inputs are not permitted"),
        (("edit", "award", "status=gültig", "--by", "甲"), "status: "),
        (("edit", "award", "expires=2026-02-30", "--by", "甲"), ""),
        (("edit", "award", "tags=[a", "--by", "甲"), ""),
    ):
        assert fails(*arguments).startswith(f"Error: {reason}"), arguments
    for arguments in (("accept", "1"), ("accept", "one", "--by", "甲"), ("edit", "award", "title", "--by", "甲")):
        assert invoke(*arguments).exit_code == 2

    def missing() -> None:
        raise KnowledgeUnavailable("the embedding model is not built; run `tongqi knowledge encoder`")

    monkeypatch.setattr(versions, "get_encoder", missing)
    assert "tongqi knowledge encoder" in fails("accept", "2", "--by", "甲")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_without_tables_the_line_says_what_to_run(configure: Callable[..., object], tmp_path: Path) -> None:
    configure(DATABASE_URL=f"sqlite:///{tmp_path / 'empty.db'}")
    for arguments in (("list",), ("changes",), ("show", "a"), ("accept", "1", "--by", "甲")):
        assert "tongqi db upgrade" in fails(*arguments)
