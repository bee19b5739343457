"""Each of the design's intents is complete: lines to learn from, a place in the domain, a rule, and an answer."""

from functools import cache
from typing import Any

import pytest
import yaml
from rasa_sdk.executor import ActionExecutor

from bot.actions.choices import TITLES
from bot.intents import INTENTS
from core.settings import ROOT

SMALL = {"greet", "thanks", "goodbye", "affirm", "deny", "smalltalk", "out_of_scope"}  # nothing to choose


@cache
def documents(folder: str) -> list[dict[str, Any]]:
    return [yaml.safe_load(path.read_text("utf-8")) for path in sorted((ROOT / folder).glob("*.yml"))]


@cache
def examples() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for entry in (entry for document in documents("nlu/data") for entry in document["nlu"] if "intent" in entry):
        lines = entry["examples"].strip().splitlines()
        found.setdefault(entry["intent"], []).extend(line.removeprefix("- ") for line in lines)
    return found


@cache
def rules() -> dict[str, str]:
    steps = [rule["steps"] for document in documents("bot/rules") for rule in document["rules"]]
    return {first["intent"]: second["action"] for first, second in steps}


@cache
def custom_actions() -> set[str]:
    executor = ActionExecutor()
    executor.register_package("bot.actions")
    return set(executor.actions)


def merged(key: str) -> list[str]:
    return [name for document in documents("bot/domain") for name in document.get(key, ())]


@pytest.mark.parametrize("intent", INTENTS)
def test_an_intent_is_complete(intent: str) -> None:
    assert len(set(examples()[intent])) >= 20
    assert intent in merged("intents")
    action = rules()[intent]
    if action.startswith("utter_"):
        assert action in merged("responses")
    else:
        assert action in merged("actions")
        assert action in custom_actions()


@pytest.mark.parametrize("intent", sorted(set(INTENTS) - SMALL))
def test_an_intent_that_serves_can_be_chosen(intent: str) -> None:
    assert TITLES[intent]


def test_there_is_no_other_intent() -> None:
    assert set(examples()) == set(INTENTS)
    assert set(merged("intents")) == {*INTENTS, "nlu_fallback"}
    assert set(TITLES) <= set(INTENTS)


def test_an_action_of_the_domain_exists_and_none_is_forgotten() -> None:
    assert set(merged("actions")) == custom_actions()


def test_no_line_teaches_two_intents() -> None:
    lines = [line for said in examples().values() for line in set(said)]
    assert sorted({line for line in lines if lines.count(line) > 1}) == []
