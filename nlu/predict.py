"""Understand many texts with a trained model, loaded once; runs in the Rasa environment.

`python -m nlu.predict MODEL IN OUT`: IN is a JSON list of texts, OUT becomes a JSON list of {intent, confidence, ms}.
"""

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Any

from rasa.core.agent import Agent


async def predict(model: Path, texts: list[str]) -> list[dict[str, Any]]:
    """What the model makes of each text, and how many milliseconds that took."""
    agent = Agent.load(model)
    rows = []
    for text in texts:
        started = time.perf_counter()
        parsed = await agent.parse_message(text)
        milliseconds = (time.perf_counter() - started) * 1000
        intent = parsed["intent"]
        rows.append({"intent": intent["name"], "confidence": intent["confidence"], "ms": milliseconds})
    return rows


def main() -> None:
    """Read, predict, write."""
    model, source, target = map(Path, sys.argv[1:])
    rows = asyncio.run(predict(model, json.loads(source.read_text("utf-8"))))
    target.write_text(json.dumps(rows, ensure_ascii=False), "utf-8")


if __name__ == "__main__":
    main()
