"""The bundled model on 40 pairs: paraphrases find theirs, other questions none. The floors of what matching.py states."""

import json
from collections.abc import Callable

import pytest
import yaml

from core.clock import today
from core.db import transaction
from core.settings import ROOT, Settings
from knowledge import encoder, weights
from knowledge.faq import service
from knowledge.faq.matching import Published
from knowledge.faq.pair import make_pair
from knowledge.faq.substance import substance
from knowledge.models import Policy, Status
from knowledge.rewrite.tidy import tidy

DEV = ROOT / "knowledge" / "dev"


@pytest.fixture
def model(database: str, configure: Callable[..., Settings]) -> encoder.Encoder:
    """The model that set-up has built, else built now."""
    built = ROOT / "var" / "models"
    own = configure().tongqi_var
    if (built / "e5-small" / weights.ONNX_FILE).exists():
        own.mkdir(exist_ok=True)
        (own / "models").symlink_to(built)
    weights.build(lambda _step: None)
    return encoder.BundledEncoder()


def table(name: str) -> list[list[str]]:
    return [line.split("\t") for line in (ROOT / "knowledge" / name).read_text("utf-8").splitlines()[1:]]


def sources() -> dict[str, str]:
    """The best document of each question, and a policy with its title in the database."""
    best = {query: policy for query, policy, grade in reversed(table("dev/qrels.tsv")) if grade == "2"}
    with transaction() as session:
        for policy in set(best.values()):
            sheet = (ROOT / "knowledge" / "seed" / "policies" / f"{policy}.md").read_text("utf-8")
            title = yaml.safe_load(sheet.split("---")[1])["title"]
            columns = {"issuer": [], "tags": [], "compare_with": [], "level": "", "category": "", "audience": ""}
            rest = {"status": Status.CURRENT, "confidence": "high", "guide": False, "body": "", "content_hash": ""}
            session.add(Policy(id=policy, title=title, **columns, **rest))
    return best


@pytest.mark.timeout(300)
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_paraphrases_find_their_pair_and_other_questions_none(
    model: encoder.Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "get_encoder", lambda: model)
    rows = [json.loads(line) for line in (DEV / "queries.jsonl").read_text("utf-8").splitlines()]
    queries, best = {row["_id"]: row["text"] for row in rows}, sources()
    variants = table("faq/dev.tsv")
    paired = sorted({query for query, _kind, _text in variants})
    pairs = [
        make_pair(
            {"questions": (queries[query],), "answer": "答案。", "owner": "科室", "source_policy_id": best[query]}
        )
        for query in paired
    ]
    numbers = service.draft_all(pairs, "甲")
    for number in numbers:
        service.publish(number, "乙")
    published = Published(model)

    def found(text: str) -> str | None:
        hit = published.match(text, model.question(tidy(text)[0]), today())
        return paired[numbers.index(hit.faq_id)] if hit else None

    def share(kind: str) -> float:
        asked = [(query, text) for query, one, text in variants if one == kind]
        given = [found(text) for _query, text in asked]
        assert all(one in (None, query) for one, (query, _text) in zip(given, asked, strict=True))
        return sum(one is not None for one in given) / len(asked)

    others = [text for query, text in queries.items() if query not in paired]
    assert sum(found(text) is not None for text in others) / len(others) < 0.01
    assert all(found(queries[query]) == query for query in paired)
    assert share("close") >= 0.85
    assert share("free") >= 0.5
    assert share("twin") <= 0.25


def test_substance_is_found_in_most_questions() -> None:
    """Where the word list was lost, nothing would have substance and every twin would pass."""
    rows = [json.loads(line) for line in (DEV / "queries.jsonl").read_text("utf-8").splitlines()]
    assert sum(bool(substance(row["text"])) for row in rows) / len(rows) > 0.95
