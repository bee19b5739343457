"""Understanding: ours against the stock Chinese Rasa pipeline, both trained now on nlu/data and measured on nlu/dev."""

import statistics
import tempfile
import time
from pathlib import Path

import click

from app.commands.nlu import labelled
from benchmarks import rasa
from bot.model import predict, train_with
from bot.rasa_process import rasa_environment
from bot.scores import score
from core.settings import ROOT, get_settings

# What Rasa's documentation proposes for languages without blanks, with its default fallback.
RIVAL = """
recipe: default.v1
assistant_id: rival
language: zh
pipeline:
  - name: JiebaTokenizer
  - name: CountVectorsFeaturizer
  - name: CountVectorsFeaturizer
    analyzer: char_wb
    min_ngram: 1
    max_ngram: 4
  - name: DIETClassifier
    epochs: 100
    constrain_similarities: true
    entity_recognition: false
  - name: FallbackClassifier
    threshold: 0.3
    ambiguity_threshold: 0.1
policies:
  - name: RulePolicy
"""


def main() -> None:
    """Print accuracy, macro-F1, time to train, milliseconds a message and messages a second of both, and the ratios.

    DIET learns for twenty minutes and more.
    """
    with tempfile.TemporaryDirectory() as folder:
        rival_config = Path(folder, "rival.yml")
        rival_config.write_text(RIVAL, "utf-8")
        models = {"rival": Path(folder, "rival.tar.gz"), "ours": Path(folder, "ours.tar.gz")}
        figures = {
            "rival": {"s to train": _train(rival_config, models["rival"])},
            "ours": {"s to train": _train(ROOT / "config.yml", models["ours"])},
        }
        for name, model in models.items():  # one right after the other: the machine is as busy for both
            figures[name] |= _measure(model) | rasa.rate(model, stock=name == "rival")
    click.echo(f"\nunderstanding{'rival':>21}{'ours':>10}{'ours / rival':>15}")
    for name, theirs in figures["rival"].items():
        ours = figures["ours"][name]
        click.echo(f"{name:<24}{theirs:>10.3f}{ours:>10.3f}{ours / theirs:>15.2f}")


def _train(config: Path, model: Path) -> float:
    started = time.monotonic()
    train_with(config, model, rasa_environment(get_settings()), within=3600)
    return time.monotonic() - started


def _measure(model: Path) -> dict[str, float]:
    labels, texts = labelled(ROOT / "nlu" / "dev" / "understanding.tsv")
    understood = predict(get_settings(), texts, model)
    scores = score(labels, [row.intent for row in understood])
    return {
        "accuracy": scores.accuracy,
        "macro-F1": scores.macro_f1,
        "ms a message (median)": statistics.median(row.ms for row in understood),
    }


if __name__ == "__main__":
    main()
