"""How long a policy answer takes through the webhook of an idle machine, and what each process weighs."""

import json
import statistics
import tempfile
from pathlib import Path

import httpx
import psutil
from rich.console import Console

from core.settings import ROOT
from tests.product import Product, running_product

QUESTIONS = 100


def main() -> None:
    """Start the product on ports of its own, ask one question after the other, print percentiles and memory."""
    with tempfile.TemporaryDirectory() as folder, running_product(Path(folder) / "var") as product:
        seconds = sorted(_ask_all(product))
        Console(soft_wrap=True).print(
            f"policy answer through the webhook, {len(seconds)} questions one after the other: "
            f"p50 {statistics.median(seconds) * 1000:.0f} ms, p95 {seconds[int(len(seconds) * 0.95)] * 1000:.0f} ms, "
            f"max {seconds[-1] * 1000:.0f} ms"
        )
        for name, megabytes in _memory(product).items():
            Console(soft_wrap=True).print(f"  {name:<9} {megabytes:5.0f} MB")


def _ask_all(product: Product) -> list[float]:
    lines = (ROOT / "knowledge" / "dev" / "queries.jsonl").read_text("utf-8").splitlines()
    questions = [json.loads(line)["text"] for line in lines][:QUESTIONS]
    with httpx.Client(base_url=product.phone, timeout=30) as http:
        openid = http.post("/api/followers", json={"name": "bench"}).raise_for_status().json()["openid"]
        cursor = _wait_for_answer(http, openid, 0)  # the welcome
        for question in ["你好", *questions]:
            http.post(
                f"/api/followers/{openid}/messages", json={"type": "text", "content": question}
            ).raise_for_status()
            cursor = _wait_for_answer(http, openid, cursor)
        log = http.get("/api/deliveries").raise_for_status().json()["deliveries"]
    return [delivery["ms"] / 1000 for delivery in log if delivery["ms"] is not None][:QUESTIONS]


def _wait_for_answer(http: httpx.Client, openid: str, cursor: int) -> int:
    """Wait for the account's next message after `cursor`; returns the new cursor.

    By long polling: looking often would take the very time that is measured.
    """
    while True:
        query = {"after": cursor, "wait": 10}
        news = http.get(f"/api/followers/{openid}/messages", params=query).raise_for_status().json()
        cursor = news["cursor"]
        if any(message["from"] == "account" for message in news["messages"]):
            return cursor


def _memory(product: Product) -> dict[str, float]:
    """Resident megabytes of each process with its children, and of the one that keeps them running."""
    running = product.processes() | {"supervisor": [psutil.Process(product.process.pid)]}
    return {name: sum(each.memory_info().rss for each in found) / 2**20 for name, found in running.items()}


if __name__ == "__main__":
    main()
