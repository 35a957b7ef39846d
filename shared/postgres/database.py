"""PostgreSQL, met through one class: a bounded pool that acts as one service's role, with every wait limited."""

import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from copy import copy
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

import psycopg
from psycopg import Connection, adapters
from psycopg.adapt import Dumper
from psycopg.pq import Format, TransactionStatus
from psycopg.rows import TupleRow
from psycopg_pool import ConnectionPool, PoolTimeout

from shared.errors import YihuError

STATEMENT_TIMEOUT_MS = 30_000
LOCK_TIMEOUT_MS = 10_000
IDLE_IN_TRANSACTION_MS = 60_000
ANSWER_S = 35.0
"""How long an answer may take. The server's own limits come first; they do not help when it, or the network, hangs."""
CONNECT_TIMEOUT_S = 5
POOL_WAIT_S = 5.0
POOL_SIZE = 4

Tx = Connection[TupleRow]
DatabaseError = psycopg.Error
"""Whatever the server or the way to it has against a statement."""


class Unavailable(YihuError):
    """The database does not answer in time. Nothing was recorded; the sender tries again."""

    def __init__(self) -> None:
        super().__init__(
            "database_unavailable", "数据库暂不可用，请稍后重试。", "The database is unavailable; try again."
        )


def is_unavailable(error: BaseException) -> bool:
    """Whether an error is the server's, which gives no answer or takes nothing, and not one of the question.

    The library's classes do not say: what is longer than an index takes is operational, one that only reads is not.
    """
    unavailable = isinstance(error, Unavailable | PoolTimeout | psycopg.OperationalError | _Refusing)
    return unavailable and not isinstance(error, psycopg.errors.ProgramLimitExceeded)


_Refusing = psycopg.errors.ReadOnlySqlTransaction | psycopg.errors.IdleInTransactionSessionTimeout


def role_of(service: str) -> str:
    """Return the PostgreSQL role that a service acts as."""
    return f"yihu_{service}"


class _Connection(Connection[TupleRow]):
    """A connection that waits no longer than ANSWER_S: one that fell silent is given up."""

    patience: float | None = None
    """How long it waits, seconds, where that is to be sooner."""

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        """Wait for an answer. Raises psycopg.OperationalError when none comes, and is closed then."""
        try:
            return super().wait(gen, interval, timeout or self.patience or ANSWER_S)
        except psycopg.OperationalError:
            if self.pgconn.transaction_status == TransactionStatus.ACTIVE:  # it would wait again to roll back
                self.pgconn.finish()
            raise


class Database:
    """A service's connections: every transaction runs as the service's role, never as the owner.

    `schema` is where the service's tables are; it is named like the service except for a replay. What is not `durable`
    may be forgotten by a server that is killed: its last commits, whole ones.
    """

    def __init__(
        self, conninfo: str, service: str, *, schema: str = "", size: int = POOL_SIZE, durable: bool = True
    ) -> None:
        self.schema = schema or service
        self._open: ContextVar[Tx | None] = ContextVar(f"transaction of {service}", default=None)
        options = (
            f"-c role={role_of(service)} -c statement_timeout={STATEMENT_TIMEOUT_MS} "
            f"-c lock_timeout={LOCK_TIMEOUT_MS} -c idle_in_transaction_session_timeout={IDLE_IN_TRANSACTION_MS} "
            f"-c timezone=Asia/Shanghai -c synchronous_commit={'on' if durable else 'off'}"
        )
        self._pool: ConnectionPool[Tx] = ConnectionPool(
            conninfo,
            connection_class=_Connection,
            kwargs={
                "options": options,
                "connect_timeout": CONNECT_TIMEOUT_S,
                "application_name": f"yihu {service}",
                "autocommit": True,  # one statement outside a transaction costs one round trip
            },
            min_size=0,
            max_size=size,
            timeout=POOL_WAIT_S,
            check=_check,
            open=True,
        )

    def beside(self, schema: str) -> "Database":
        """Return the same connections and transactions, for another schema of the same service."""
        found = copy(self)
        found.schema = schema
        return found

    @contextmanager
    def transaction(self) -> Iterator[Tx]:
        """Yield a connection inside one transaction: committed at the end, rolled back on an exception.

        Inside another transaction of the same thread it joins that one, so what is done through the library and
        what is done beside it stand or fall together. Raises Unavailable when the server gives no answer in time.
        """
        if self._open.get() is not None:
            with self.connection() as connection:
                yield connection
            return
        with self.connection() as connection, connection.transaction():
            token = self._open.set(connection)
            try:
                yield connection
            finally:
                self._open.reset(token)

    @contextmanager
    def connection(self, within: float | None = None) -> Iterator[Tx]:
        """Yield the connection of the open transaction, or one on which each statement is a transaction of its own.

        Raises Unavailable when the server gives no answer in time. `within`: seconds, where that is to be sooner.
        """
        joined = self._open.get()
        if joined is not None:
            yield joined
            return
        try:
            with self._pool.connection(within) as connection, _waiting(connection, within):
                try:
                    yield connection
                except psycopg.errors.ReadOnlySqlTransaction:
                    connection.close()  # after a failover, a new one leads to the server that writes
                    raise
        except (PoolTimeout, psycopg.Error) as error:
            if not is_unavailable(error):
                raise
            raise Unavailable from error

    def one(self, query: str, *params: Any) -> TupleRow | None:
        """Return the first row of a query, or None."""
        with self.connection() as connection:
            return connection.execute(query.encode(), params, binary=True).fetchone()

    def all(self, query: str, *params: Any) -> list[TupleRow]:
        """Return all rows of a query."""
        with self.connection() as connection:
            return connection.execute(query.encode(), params, binary=True).fetchall()

    def close(self) -> None:
        """Close the connections."""
        self._pool.close()


@contextmanager
def _waiting(connection: Tx, within: float | None) -> Iterator[None]:
    """Let a connection wait no longer than so many seconds meanwhile."""
    if within is None:
        yield
        return
    cast("_Connection", connection).patience = within
    try:
        yield
    finally:
        cast("_Connection", connection).patience = None


def insert(tx: Tx, table: str, types: str, rows: Iterable[tuple[Any, ...]], then: str = "") -> list[TupleRow]:
    """Insert rows by one statement; return what it returns when it ends in RETURNING.

    `types` are the columns' types, in order, with blanks between them; `then` is the end of the statement.
    """
    values = list(zip(*rows, strict=True))
    if not values:
        return []
    kinds = types.split()
    arrays = ", ".join(f"%b::{kind}[]" for kind in kinds)
    query = f"INSERT INTO {table} SELECT * FROM unnest({arrays}) {then}"  # noqa: S608 - our own names
    cursor = tx.execute(query.encode(), [column(kind, some) for kind, some in zip(kinds, values, strict=True)])
    return cursor.fetchall() if cursor.description else []


@dataclass(frozen=True, slots=True)
class Column:
    """An array as PostgreSQL reads it."""

    binary: bytes


class _ColumnDumper(Dumper):
    format = Format.BINARY

    def dump(self, obj: Column) -> bytes:
        return obj.binary


adapters.register_dumper(Column, _ColumnDumper)

_TYPES: dict[str, tuple[int, Callable[[Any], bytes]]] = {"text": (25, str.encode), "bytea": (17, bytes)}
"""PostgreSQL's number of a type, and how a value of it is sent."""
_FIXED: dict[str, tuple[int, Callable[[Any], bytes]]] = {
    "integer": (23, partial(struct.Struct("!ii").pack, 4)),
    "bigint": (20, partial(struct.Struct("!iq").pack, 8)),
    "uuid": (2950, struct.pack("!i", 16).__add__),
}
"""The same of types whose values are all as long, the length in front."""
_LENGTH = struct.Struct("!i").pack
_NULL = _LENGTH(-1)


def column(kind: str, values: Sequence[Any]) -> Column:
    """Return values of one type as an array to be sent with a cast to it; the library does it at half the speed."""
    number, encode = _FIXED.get(kind) or _TYPES[kind]
    parts = [struct.pack("!5i", 1, 1, number, len(values), 1)]
    if kind in _FIXED:
        parts += [_NULL if value is None else encode(value) for value in values]
        return Column(b"".join(parts))
    for value in values:
        if value is None:
            parts.append(_NULL)
        else:
            raw = encode(value)
            parts += _LENGTH(len(raw)), raw
    return Column(b"".join(parts))


def _check(connection: Tx) -> None:
    """Let the pool drop a connection whose server has closed it. Raises psycopg.OperationalError.

    Without a round trip, which the library's own check costs before every use: what came is read, then its end.
    """
    for _ in range(2):  # a server that shuts down in order says farewell first
        connection.pgconn.consume_input()
