"""PostgreSQL, met through one class: a bounded pool that acts as one service's role, with every wait limited."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import psycopg
from psycopg import Connection
from psycopg.rows import TupleRow
from psycopg_pool import ConnectionPool, PoolTimeout

from shared.errors import YihuError

STATEMENT_TIMEOUT_MS = 30_000
LOCK_TIMEOUT_MS = 10_000
IDLE_IN_TRANSACTION_MS = 60_000
CONNECT_TIMEOUT_S = 5
POOL_WAIT_S = 5.0
POOL_SIZE = 4

Tx = Connection[TupleRow]


class Unavailable(YihuError):
    """The database does not answer in time. Nothing was recorded; the sender tries again."""

    def __init__(self) -> None:
        super().__init__(
            "database_unavailable", "数据库暂不可用,请稍后重试。", "The database is unavailable; try again."
        )


def role_of(service: str) -> str:
    """Return the PostgreSQL role that a service acts as."""
    return f"yihu_{service}"


class Database:
    """A service's connections: every transaction runs as the service's role, never as the owner.

    `schema` is where the service's tables are; it is named like the service except for a replay.
    """

    def __init__(self, conninfo: str, service: str, *, schema: str = "", size: int = POOL_SIZE) -> None:
        self.schema = schema or service
        self._open: ContextVar[Tx | None] = ContextVar(f"transaction of {service}", default=None)
        options = (
            f"-c role={role_of(service)} -c statement_timeout={STATEMENT_TIMEOUT_MS} "
            f"-c lock_timeout={LOCK_TIMEOUT_MS} -c idle_in_transaction_session_timeout={IDLE_IN_TRANSACTION_MS} "
            "-c timezone=Asia/Shanghai"
        )
        self._pool = ConnectionPool(
            conninfo,
            kwargs={"options": options, "connect_timeout": CONNECT_TIMEOUT_S, "application_name": f"yihu {service}"},
            min_size=0,
            max_size=size,
            timeout=POOL_WAIT_S,
            check=ConnectionPool.check_connection,
            open=True,
        )

    @contextmanager
    def transaction(self) -> Iterator[Tx]:
        """Yield a connection inside one transaction: committed at the end, rolled back on an exception.

        Inside another transaction of the same thread it joins that one, so what is done through the library and
        what is done beside it stand or fall together. Raises Unavailable when the server gives no answer in time.
        """
        joined = self._open.get()
        if joined is not None:
            yield joined
            return
        try:
            with self._pool.connection() as connection:
                token = self._open.set(connection)
                try:
                    yield connection
                finally:
                    self._open.reset(token)
        except (PoolTimeout, psycopg.OperationalError) as error:
            raise Unavailable from error

    def one(self, query: str, *params: Any) -> TupleRow | None:
        """Return the first row of a query, or None."""
        with self.transaction() as tx:
            return tx.execute(query.encode(), params).fetchone()

    def all(self, query: str, *params: Any) -> list[TupleRow]:
        """Return all rows of a query."""
        with self.transaction() as tx:
            return tx.execute(query.encode(), params).fetchall()

    def close(self) -> None:
        """Close the connections."""
        self._pool.close()
