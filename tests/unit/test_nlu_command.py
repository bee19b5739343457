"""`tongqi nlu`: files in, files and figures out; the model behind it is played."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.commands.nlu import nlu
from bot import model
from bot.model import RasaFailed, Understood
from bot.scores import score


@pytest.fixture(autouse=True)
def understanding(monkeypatch: pytest.MonkeyPatch) -> None:
    """A model to which whatever has a 你 in it is a greeting."""

    def predict(_settings: object, texts: list[str]) -> list[Understood]:
        return [Understood("greet" if "你" in text else "out_of_scope", 0.5, 1.0) for text in texts]

    monkeypatch.setattr(model, "predict", predict)


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(nlu, [str(argument) for argument in arguments])


def test_predict_keeps_every_line_in_its_place(tmp_path: Path) -> None:
    source, target = tmp_path / "in", tmp_path / "out"
    source.write_bytes("\ufeff你好\r\n\n天\u2028气\n你\t们".encode())
    assert run("predict", "--in", source, "--out", target).exit_code == 0
    rows = target.read_text("utf-8").split("\n")
    assert rows == [
        "你好\tgreet\t0.5000",
        "\tout_of_scope\t0.5000",
        "天\u2028气\tout_of_scope\t0.5000",
        "你 们\tgreet\t0.5000",
        "",
    ]


def test_eval_prints_the_figures(tmp_path: Path) -> None:
    source = tmp_path / "dev.tsv"
    source.write_text("greet\t你好\n\nthanks\t你好啊\ngreet\t您\n", "utf-8")
    shown = run("eval", source).output
    assert "lines 3  accuracy 0.333  macro-F1 0.167" in shown
    assert "1  thanks -> greet" in shown


@pytest.mark.parametrize(
    ("content", "complaint"), [("greet 你好\n", ":1: not `label"), ("\n", "no lines"), (b"\xff\xfe", "cannot read")]
)
def test_a_broken_file_is_refused_in_one_line(tmp_path: Path, content: str | bytes, complaint: str) -> None:
    source = tmp_path / "dev.tsv"
    source.write_bytes(content if isinstance(content, bytes) else content.encode())
    result = run("eval", source)
    assert result.exit_code == 1
    assert complaint in result.output
    assert result.output.count("\n") == 1


def test_a_missing_model_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def predict(_settings: object, _texts: list[str]) -> list[Understood]:
        raise RasaFailed("no trained model: run `tongqi nlu train`")

    monkeypatch.setattr(model, "predict", predict)
    source = tmp_path / "dev.tsv"
    source.write_text("greet\t你好\n", "utf-8")
    assert "Error: no trained model" in run("eval", source).output


def test_scores_of_a_worked_example() -> None:
    scores = score(["a", "a", "a", "b"], ["a", "a", "b", "c"])
    assert scores.accuracy == 0.5
    assert (scores.labels["a"].precision, scores.labels["a"].recall, scores.labels["a"].f1) == (1.0, 2 / 3, 0.8)
    assert scores.macro_f1 == pytest.approx(0.8 / 3)
    assert scores.confusions == [("a", "b", 1), ("b", "c", 1)]
    with pytest.raises(ValueError, match="nothing"):
        score([], [])
