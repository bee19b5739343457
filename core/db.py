"""The database: engine, declarative base, and the one way to open a transaction."""

import contextlib
import json
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import Any, cast

from sqlalchemy import (
    JSON,
    CursorResult,
    DateTime,
    Engine,
    Enum,
    Executable,
    MetaData,
    Row,
    String,
    Table,
    TypeDecorator,
    UpdateBase,
    bindparam,
    column,
    create_engine,
    event,
    func,
    select,
)
from sqlalchemy import cast as cast_sql
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect, make_url
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import DeclarativeBase, Session

from core.once import once
from core.settings import get_settings
from core.sqlite_writers import turn_to_write

BUSY_TIMEOUT = 2.0  # seconds a SQLite writer waits; a webhook has 4 s in all
POOL: dict[str, Any] = {
    "pool_size": 20,
    "max_overflow": 20,
    "pool_timeout": 2,
}  # more threads than connections wait 2 s
# The database is locked, gone or overrun: worth another try later.
UNAVAILABLE = (OperationalError, InterfaceError, PoolTimeout)


def reason_of(error: Exception) -> str:
    """Why the database cannot be used, in one line."""
    return str(error.args[0] if error.args else error).splitlines()[0]


class UtcDateTime(TypeDecorator[datetime]):
    """Aware datetimes in Python, UTC in the database; SQLite stores no zone of its own."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive times; hand the database UTC."""
        return _utc(value) if value is not None else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give back an aware time."""
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


class Base(DeclarativeBase):
    """Base of every model; constraint names are fixed so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: UtcDateTime}  # noqa: RUF012  SQLAlchemy reads this name


def state_column(kind: type[Any]) -> Enum:
    """Column type of a StrEnum: its values as text, so that a new state needs no type migration."""
    return Enum(kind, native_enum=False, length=24, values_callable=lambda states: [state.value for state in states])


def make_engine(url: str) -> Engine:
    """An engine for SQLite (WAL, writers take the lock when they begin) or PostgreSQL."""
    if make_url(url).get_backend_name() != "sqlite":
        url = url.replace("postgresql://", "postgresql+psycopg://", 1)
        limits = {"connect_timeout": 2, "options": "-c lock_timeout=2000"}  # s and ms: a webhook has 4 s in all
        return create_engine(url, pool_pre_ping=True, connect_args=limits, **POOL)
    engine = create_engine(url, connect_args={"timeout": BUSY_TIMEOUT}, **POOL)

    @event.listens_for(engine, "connect")
    def _pragmas(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # transactions begin where `_begin` says, not where the driver guesses
        # FULL: what is committed survives a power cut too. With NORMAL the last seconds of a WAL may be lost.
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        # A deferred transaction that reads and then writes fails at once when another one wrote in between.
        connection.exec_driver_sql("BEGIN IMMEDIATE" if not connection.get_execution_options().get("read") else "BEGIN")

    return engine


@once
def get_engine() -> Engine:
    """The engine of this process. Never use it across a fork."""
    return make_engine(get_settings().database_url)


@contextlib.contextmanager
def transaction(*, urgent: bool = False) -> Iterator[Session]:
    """One unit of work: commits when the block ends, rolls back when it raises, then runs what `after_commit` holds.

    Args:
        urgent: WeChat waits for it; with SQLite it is the next to write, whoever else waits in this process.

    Raises:
        Exceptions of UNAVAILABLE: the database is gone, or others have kept it busy for too long.
    """
    engine = get_engine()
    turn = (
        turn_to_write(engine.url.database, BUSY_TIMEOUT, urgent=urgent)
        if engine.dialect.name == "sqlite" and engine.url.database
        else contextlib.nullcontext()
    )
    with Session(engine, expire_on_commit=False) as session:
        with turn, session.begin():
            yield session
        for job in session.info.pop("after_commit", ()):
            job()


@contextlib.contextmanager
def reading() -> Iterator[Session]:
    """A read-only look that takes no write lock."""
    engine = get_engine().execution_options(read=True)
    with Session(engine, expire_on_commit=False) as session, session.begin():
        yield session


def affected(session: Session, statement: UpdateBase) -> int:
    """Execute an update or delete; the number of rows it changed: 0 when compare-and-set came too late."""
    return cast("CursorResult[Any]", session.execute(statement)).rowcount


def insert_new(
    session: Session, table: type[Base], rows: Sequence[dict[str, Any]], *returned: str
) -> Sequence[Row[Any]]:
    """Insert rows in one statement; the named columns of those inserted.

    Left out is each row of which a unique value is there already.

    Args:
        session: of the transaction.
        table: where to.
        rows: values by column name, the same columns in each.
        returned: names of columns.
    """
    if not rows:
        return []
    dialect = session.get_bind().dialect.name
    result = session.execute(_insert_new(dialect, table, tuple(rows[0]), returned), _parameters(dialect, rows))
    return result.all() if returned else []


def upsert(session: Session, table: type[Base], keys: tuple[str, ...], rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows, no two with the same `keys`; where a row with these values is there already, change its others."""
    if rows:
        dialect = session.get_bind().dialect.name
        session.execute(_upsert(dialect, table, keys, tuple(rows[0])), _parameters(dialect, rows))


# Statements are built once: building one costs more than executing it.
@cache
def _insert_new(dialect: str, table: type[Base], names: tuple[str, ...], returned: tuple[str, ...]) -> Executable:
    columns = _table_of(table).c
    statement = _insert(dialect, table, names).on_conflict_do_nothing()
    return cast("Executable", statement.returning(*(columns[name] for name in returned)) if returned else statement)


@cache
def _upsert(dialect: str, table: type[Base], keys: tuple[str, ...], names: tuple[str, ...]) -> Executable:
    statement = _insert(dialect, table, names)
    changed = {name: statement.excluded[name] for name in names if name not in keys}
    return cast("Executable", statement.on_conflict_do_update(index_elements=list(keys), set_=changed))


def _insert(dialect: str, table: type[Base], names: tuple[str, ...]) -> Any:
    """An insert of `_parameters`.

    To PostgreSQL all rows travel as one JSON parameter: the statement is the same for any number of rows, so the server
    plans it once, and nothing is done here for each value. SQLite reads values faster than JSON.
    """
    if dialect == "sqlite":
        return sqlite.insert(_table_of(table))
    columns = _table_of(table).c
    given = func.json_to_recordset(cast_sql(bindparam("rows", type_=String), JSON))
    values = given.table_valued(*(column(name, columns[name].type) for name in names))
    source = select(*values.render_derived(name="given", with_types=True).c)
    return postgresql.insert(_table_of(table)).from_select(names, source)


def _parameters(dialect: str, rows: Sequence[dict[str, Any]]) -> Any:
    return rows if dialect == "sqlite" else {"rows": json.dumps(rows, ensure_ascii=False, default=_moment_as_json)}


@lru_cache(maxsize=64)  # the rows of a transaction share a few moments
def _moment_as_json(moment: datetime) -> str:
    if not isinstance(moment, datetime):
        raise TypeError(f"{type(moment).__name__} is not JSON serializable")
    return _utc(moment).isoformat()


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("naive datetime")
    return moment.astimezone(UTC)


def _table_of(table: type[Base]) -> Table:
    return cast("Table", table.__table__)


def after_commit(session: Session, job: Callable[[], None]) -> None:
    """Run `job` once the session's transaction has committed; it vanishes on rollback."""
    session.info.setdefault("after_commit", []).append(job)
