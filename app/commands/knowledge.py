"""`tongqi knowledge`: the embedding model, the policies, their index, and what they answer."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, TextIO

import click
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from sqlalchemy.exc import DBAPIError

from core.db import reason_of
from knowledge import catalogue, evaluation, service, weights
from knowledge.service import Asker, Filters, KnowledgeUnavailable

RESULTS = 5


@click.group()
def knowledge() -> None:
    """Ingest policies, index them, ask them, and measure how well they answer."""


@knowledge.command()
def encoder() -> None:
    """Build the bundled embedding model once (40 s); does nothing when it is there."""
    with _clear_errors():
        click.echo(weights.build(lambda step: click.echo(f"{step} ...", err=True)))


@knowledge.command()
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--propose", is_flag=True, help="Publish nothing: keep it for `tongqi policy changes`.")
def ingest(paths: tuple[Path, ...], propose: bool) -> None:
    """Read policies (files, archives or folders; none: the sheets that are shipped) into the database."""
    with _clear_errors():
        report = service.ingest(list(paths) or sorted(catalogue.SEED.rglob("*.md")), propose=propose)
    for note in report.notes:
        click.echo(note, err=True)
    click.echo(", ".join(f"{len(ids)} {outcome}" for outcome, ids in report.outcomes.items()))
    for line in report.errors:
        click.echo(line, err=True)
    if report.errors:
        raise click.ClickException(f"{len(report.errors)} refused, the rest imported")


@knowledge.command()
def index() -> None:
    """Encode what has no sound vector of the present model: after a change of EMBEDDING_MODEL, or where one is damaged."""
    with _clear_errors(), Progress(console=Console(stderr=True)) as bar:
        task = bar.add_task("policies", total=None)
        count = service.build_index(lambda at, of: bar.update(task, completed=at, total=of))
    click.echo(f"{count} policies encoded")


@knowledge.command()
@click.argument("query", required=False)
@click.option("-k", "limit", default=RESULTS, show_default=True, type=click.IntRange(1, 100), help="Sources to show.")
@click.option("--json", "as_json", is_flag=True, help="Print the row as JSON.")
@click.option("--in", "source", type=click.File(encoding="utf-8"), help="File with one question a line.")
@click.option("--out", "target", type=click.File("w", encoding="utf-8", lazy=True), help="JSONL, a row a question.")
@click.option("--explain", is_flag=True, help="Show what the answer came from.")
@click.option("--before", multiple=True, help="An earlier message of the same conversation; oldest first.")
@click.option("--category", help="Show policies of this category only.")
@click.option("--level", help="Show policies of this level only: 国家, 北京市, 通州区.")
@click.option("--company", multiple=True, help="A word for the asker's kind of company, such as 个体工商户.")
def search(
    query: str | None,
    limit: int,
    as_json: bool,
    source: TextIO | None,
    target: TextIO | None,
    explain: bool,
    before: tuple[str, ...],
    category: str | None,
    level: str | None,
    company: tuple[str, ...],
) -> None:
    """Answer QUERY, or every line of --in into --out, and show the nearest policies with their full addresses."""
    filters, asker = Filters(category, level, company), Asker(before, company)
    if (query is None) == (source is None) or (source is None) != (target is None):
        raise click.UsageError("give either QUERY or --in and --out")
    with _clear_errors():
        if source and target:
            for line in source:
                if question := line.strip():
                    target.write(json.dumps(_row(question, limit, filters, asker), ensure_ascii=False) + "\n")
            return
        row = _row(query or "", limit, filters, asker, explain)
    if as_json:
        click.echo(json.dumps(row, ensure_ascii=False, indent=2, default=str))
        return
    click.echo(row["answer"] + "\n")
    for found in row["sources"]:
        click.echo(f"{found['score']:.2f}  {found['policy_id']}  {found['title']}  [{found['status']}]  {found['url']}")
    if explain:
        _echo_explanation(row["explanation"])


@knowledge.command("eval")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--half", help="Only the queries of this half: tune or check.")
def evaluate(folder: Path, half: str | None) -> None:
    """Measure each retriever on a BEIR-style FOLDER; without corpus.jsonl on the ingested policies, with the answers."""
    with _clear_errors():
        dataset = evaluation.read_dataset(folder)
        dataset = dataset if dataset.corpus else evaluation.resolved(dataset)
        dataset = dataset.half(half) if half else dataset
        table = Table("retriever", "nDCG@10", "recall@1", "recall@10", "MRR@10", "hit@1", "hit@3")
        for name, rankings in evaluation.rank(dataset).items():
            found = evaluation.quality(rankings, dataset.relevance)
            row = (found.ndcg, found.recall_1, found.recall_10, found.mrr, found.hit_1, found.hit_3)
            table.add_row(name, *(f"{value:.3f}" for value in row))
        Console().print(table)
        if dataset.corpus:
            return
        answers = evaluation.answer_quality(dataset)
    click.echo(f"answers: hit@1 {answers.hit_1:.3f}, wrongly refused {answers.wrongly_refused:.3f}")
    if len(dataset.queries) > len(dataset.relevance):
        click.echo(f"unanswerable: refused {answers.refused:.3f}")
    if dataset.figures:
        click.echo(f"figures: all shown in {answers.figures:.3f} of {len(dataset.figures)}")


def _echo_explanation(found: dict[str, Any]) -> None:
    """The same that is written down with each answer in the chat (`tongqi question explain`)."""
    click.echo(f"\nsearched  {found['rewritten']['text']}")
    for change in found["rewritten"]["changes"]:
        click.echo(f"          {change['kind']}: {change['said']} → {change['meant']}")
    click.echo(f"verdict   {found['verdict']}, confidence {found['confidence']:.2f}, revision {found['revision']}")
    for one in found["candidates"]:
        scores = f"{one['score']:.2f} (words {one['lexical']:.1f}, meaning {one['dense']:.3f})"
        click.echo(f"          {scores}  {one['policy_id']}")
    for one in found["chosen"]:
        click.echo(f"cited     {one['policy_id']}: {' '.join(one['passages'])}")


def _row(question: str, limit: int, filters: Filters, asker: Asker, explain: bool = False) -> dict[str, Any]:
    """The fixed columns of a result: the answer as the chat gives it, and what it cites before the nearest others."""
    explained = service.explain(question, asker=asker)
    near = service.search(question, limit, filters, asker.before)
    cited = explained.answer.sources if filters == Filters(company=filters.company) else []
    listed = {source.policy_id: source for source in (*near, *cited)}  # as cited, where it is
    sources = list({source.policy_id: listed[source.policy_id] for source in (*cited, *near)}.values())[:limit]
    row = {
        "query": question,
        "no_answer": explained.answer.no_answer,
        "answer": explained.answer.text,
        "sources": [asdict(source) for source in sources],
    }
    return {**row, "explanation": asdict(explained.explanation)} if explain else row


@contextmanager
def _clear_errors() -> Iterator[None]:
    try:
        yield
    except (KnowledgeUnavailable, evaluation.InvalidDataset) as error:
        raise click.ClickException(str(error)) from error
    except DBAPIError as error:
        reason = reason_of(error)
        raise click.ClickException(f"the database cannot be used: {reason}; try `tongqi db upgrade`") from error
    except UnicodeDecodeError as error:
        raise click.ClickException(f"not UTF-8 text: {error.reason}") from error
