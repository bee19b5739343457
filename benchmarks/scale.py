"""The knowledge base at 10,000 and 100,000 passages: time of an answer and of a search, start-up, ingest, memory.

`python -m benchmarks.scale [PASSAGES ...]`. Policies are made of the shipped sheets' sentences, shuffled and numbered anew;
from 20,000 passages on their vectors are those of real passages with noise, as encoding would take a quarter of an hour.
Each size runs in a process of its own with a database of its own, on one core.
"""

import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
from rich.console import Console
from rich.table import Table

from core.settings import ROOT, environment_with, get_settings

PER_POLICY = 20
ENCODED_UP_TO = 20_000
QUESTIONS = 150
SEED = 20261125


def main() -> None:
    """Measure each size, the larger one with both kinds of index."""
    sizes = [int(size) for size in sys.argv[1:]] or [10_000, 100_000]
    kinds = {size: ("flat", "hnsw") if size > ENCODED_UP_TO else ("flat",) for size in sizes}
    table = Table(
        "passages", "index", "start s", "search p50", "p99 ms", "answer p50", "p99 ms", "ingest /s", "change ms", "MB"
    )
    for size, wanted in kinds.items():
        for kind in wanted:
            found = _in_own_process(size, kind)
            table.add_row(str(size), kind, *(f"{value:.1f}" for value in found))
    Console(width=140).print(table)


def measure(size: int) -> list[float]:
    """The figures of one size, in the order of the table's columns; the settings name a folder of its own."""
    from app import database
    from knowledge import service, versions
    from knowledge.encoder import get_encoder
    from knowledge.search import get_live, search

    database.upgrade()
    throughput = _fill(size)
    questions = _questions()
    encoder = get_encoder()
    encoder.question("预热")
    started = time.perf_counter()
    service.search("小微企业有什么优惠")  # reads everything
    start = time.perf_counter() - started
    searched = _timed(lambda text: search(text, 5), questions)
    answered = _timed(service.explain, questions)
    changes = []
    for number in range(5):
        versions.set_enabled(f"made-{number}", False, "benchmark")
        started = time.perf_counter()
        get_live().lexicon()
        changes.append(time.perf_counter() - started)
    memory = psutil.Process().memory_info().rss / 2**20
    return [start, *searched, *answered, throughput, float(np.median(changes)) * 1000, memory]


def _fill(size: int) -> float:
    """Store so many passages; how many a second were encoded."""
    from core.db import insert_new, transaction
    from knowledge import catalogue, revision
    from knowledge.encoder import get_encoder
    from knowledge.index.live import passage_text
    from knowledge.models import Chunk, Policy, Status

    chance, encoder = random.Random(SEED), get_encoder()  # noqa: S311  made-up documents
    sentences = _sentences(catalogue.SEED)
    real = encoder.passages(chance.sample(sentences, 400))
    noise = np.random.default_rng(SEED)
    encoded = seconds = 0.0
    for at in range(size // PER_POLICY):
        policy = Policy(id=f"made-{at}", title=f"第{at}号{chance.choice(sentences)[:30]}", tags=["小微企业"])
        texts = [_renumbered(chance.choice(sentences), chance) for _ in range(PER_POLICY)]
        chunks = [Chunk(position=n, heading="支持内容", text=text) for n, text in enumerate(texts)]
        if size <= ENCODED_UP_TO:
            started = time.perf_counter()
            vectors = encoder.passages([passage_text(policy, chunk) for chunk in chunks])
            seconds, encoded = seconds + time.perf_counter() - started, encoded + len(chunks)
        else:
            vectors = real[noise.integers(0, len(real), PER_POLICY)] + noise.normal(
                0, 0.02, (PER_POLICY, real.shape[1])
            )
            vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
        with transaction() as session:
            policy.issuer, policy.level, policy.status, policy.category = [], "北京市", Status.CURRENT, "综合"
            policy.audience, policy.confidence, policy.guide, policy.compare_with = "", "high", False, []
            policy.body, policy.content_hash, policy.revision = "\n".join(texts), "", revision.next_number(session)
            session.add(policy)
            session.flush()
            insert_new(
                session,
                Chunk,
                [
                    {
                        "policy_id": policy.id, "position": n, "heading": "支持内容", "text": text,
                        "encoder": encoder.name, "vector": vector.tobytes(), "asked": False,
                    }
                    for n, (text, vector) in enumerate(zip(texts, vectors, strict=True))
                ],
            )  # fmt: skip
    return encoded / seconds if seconds else float("nan")


def _sentences(folder: Path) -> list[str]:
    from knowledge.ingest import splitter

    bodies = [path.read_text("utf-8").split("---", 2)[-1] for path in sorted(folder.rglob("*.md"))]
    return [passage.text for body in bodies for passage in splitter.split(body) if len(passage.text) > 20]


def _renumbered(text: str, chance: random.Random) -> str:
    return "".join(str(chance.randrange(10)) if character.isdigit() else character for character in text)


def _questions() -> list[str]:
    lines = (ROOT / "knowledge" / "dev" / "queries.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line)["text"] for line in lines][:QUESTIONS]


def _timed(ask: object, questions: list[str]) -> Iterator[float]:
    """Median and 99th percentile in milliseconds."""
    taken = []
    for text in questions:
        started = time.perf_counter()
        ask(text)  # type: ignore[operator]
        taken.append(time.perf_counter() - started)
    yield from (np.percentile(taken, share) * 1000 for share in (50, 99))


def _in_own_process(size: int, kind: str) -> list[float]:
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / "models").symlink_to(get_settings().tongqi_var / "models")
        environment = environment_with(
            {"TONGQI_VAR": name, "DATABASE_URL": "", "KNOWLEDGE_INDEX": kind, "OMP_NUM_THREADS": "1"}
        )
        code = f"import json; from benchmarks.scale import measure; print(json.dumps(measure({size})))"
        done = subprocess.run(  # noqa: S603  our own program
            [shutil.which("taskset") or "taskset", "-c", "0", sys.executable, "-c", code],
            env=environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
        )
    if done.returncode:
        raise RuntimeError(done.stderr)
    figures: list[float] = json.loads(done.stdout.splitlines()[-1])
    return figures


if __name__ == "__main__":
    main()
