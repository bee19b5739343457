"""`tongqi run`: everything, in the foreground."""

import signal

import click

from app import health
from app.account import development_account
from app.commands.menu import MENU_FILE, publish, read_menu
from app.preflight import check_ports, check_setup, only_one
from app.processes import listeners, processes
from app.supervisor import Supervisor
from core.settings import Settings, generate_secrets, get_district, get_settings, override


@click.command()
@click.option(
    "--sandbox/--no-sandbox", default=None, help="Play WeChat too; the default while no WECHAT_APP_ID is set."
)
def run(sandbox: bool | None) -> None:
    """Start everything in the foreground; Ctrl-C stops it."""
    sandbox = get_settings().sandboxed if sandbox is None else sandbox
    if not sandbox and get_settings().sandboxed:
        raise click.ClickException("no official account is set: set WECHAT_APP_ID, or leave out --no-sandbox")
    with only_one(get_settings().tongqi_var):
        generate_secrets()
        # The processes share the cores: libraries that start a thread for every core in each of them slow all down.
        override(OMP_NUM_THREADS="1", PYTHONUNBUFFERED="1")
        if sandbox:
            override(**development_account(get_settings()))
        _run(get_settings(), sandbox)


def _run(settings: Settings, sandbox: bool) -> None:
    check_setup(settings)
    wanted = processes(settings, sandbox)
    check_ports(listeners(settings, wanted))
    logs = settings.tongqi_var / "log"
    supervisor = Supervisor(
        wanted,
        logs,
        check=health.of_process,
        ready=lambda: _ready(settings, sandbox),
    )
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda _number, _frame: supervisor.stop())
    click.echo(f"starting {', '.join(process.name for process in wanted)}; their logs are in {logs}")
    supervisor.run()


def _ready(settings: Settings, sandbox: bool) -> None:
    if sandbox:
        try:
            publish(read_menu(MENU_FILE))  # what a real account has had from its operator
        except click.ClickException as error:
            click.echo(f"the menu is not on the phone page: {error.message}")
    click.echo(_addresses(settings, sandbox))


def _addresses(settings: Settings, sandbox: bool) -> str:
    gateway = f"http://{settings.gateway_bind}"
    lines = {
        "Webhook for WeChat": f"{gateway}/wechat",
        "Does every part work?": f"{gateway}/readyz",
    }
    if sandbox:
        lines = {f"Chat with {get_district().assistant_name} on the phone page": f"{settings.sandbox_address}/"} | lines
    shown = [f"  {title:<38}{address}" for title, address in lines.items()]
    return "\n".join(["", "Everything is ready. Ctrl-C stops it.", "", *shown, ""])
