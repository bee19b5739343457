"""`tongqi ask` and `tongqi chat`: the running dialogue without WeChat, through the same services as the webhook."""

import hashlib
import json
import secrets

import click

from conversations import deliveries, dialogue, inbox
from conversations.inbox import Arrival, Inbound, Reaction
from conversations.models import Delivery
from core.db import UNAVAILABLE, reason_of, transaction

TERMINAL_FOLLOWER = "terminal"


@click.command()
@click.argument("text")
@click.option("--follower", default=TERMINAL_FOLLOWER, show_default=True, help="Who asks; each has a conversation.")
@click.option("--json", "as_json", is_flag=True, help="Print texts, choices and sources as JSON.")
def ask(text: str, follower: str, as_json: bool) -> None:
    """Send one message through the running dialogue and print the answer."""
    answers = _answers(text, follower)
    if as_json:
        rows = [{"text": row.text, "choices": row.choices, "sources": row.sources} for row in answers]
        click.echo(json.dumps({"follower": follower, "answers": rows}, ensure_ascii=False, indent=2))
    else:
        click.echo("\n\n".join(row.text for row in answers))


@click.command()
@click.option("--follower", default=TERMINAL_FOLLOWER, show_default=True, help="Who asks; each has a conversation.")
def chat(follower: str) -> None:
    """Talk to the running dialogue; an empty line or Ctrl-D ends."""
    click.echo("小通在听。直接回车结束。")
    while text := click.prompt("您", default="", show_default=False).strip():
        click.echo("小通: " + "\n\n".join(row.text for row in _answers(text, follower)) + "\n")


def _answers(text: str, follower: str) -> list[Delivery]:
    if not text.strip():
        raise click.ClickException("the message is empty")
    # A name of its own: a terminal's conversation never mixes with that of a WeChat user.
    openid = f"cli:{hashlib.sha256(follower.encode()).hexdigest()[:32]}"
    inbound = Inbound(openid, secrets.token_hex(32), "text", {"Content": text[:2000]})
    try:
        with transaction() as session:
            accepted = inbox.accept(session, Arrival(inbound, Reaction(utterance=text.strip()[:2000])))
        dialogue.run_turns(accepted.follower_id)
        with transaction() as session:
            return deliveries.take_for_terminal(session, accepted.turn_id)
    except UNAVAILABLE as error:
        raise click.ClickException(f"the database cannot be used: {reason_of(error)}; try `tongqi doctor`") from error
