# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""One writer at a time: a second waits until the first has ended."""

from __future__ import annotations

__all__ = ["lockDatabase"]

import contextlib
import fcntl
from collections.abc import Iterator
from logging import Logger

import sqlalchemy as sa
from lsst.pipe.base import TaskError

#: PostgreSQL's name of the lock, any number of 64 bits: the bytes of "diaRepro".
LOCK_NUMBER = int.from_bytes(b"diaRepro", "big")


@contextlib.contextmanager
def lockDatabase(engine: sa.Engine, log: Logger) -> Iterator[None]:
    """Keep other writers of this package out of a database.

    A process that ends in whatever way gives up its lock.

    Parameters
    ----------
    engine : `sqlalchemy.Engine`
        Of SQLite or PostgreSQL.
    log : `logging.Logger`
        Told if the lock has to be waited for.

    Raises
    ------
    lsst.pipe.base.TaskError
        Raised if there is no lock in such a database.
    """
    kind = engine.dialect.name
    if kind == "sqlite":
        with _lockFile(f"{engine.url.database}.lock", log):
            yield
    elif kind == "postgresql":
        with _lockServer(engine, log):
            yield
    else:
        raise TaskError(f"{engine.url.render_as_string()}: only databases of SQLite and PostgreSQL can be "
                        "locked against a second writer")


@contextlib.contextmanager
def _lockFile(path: str, log: Logger) -> Iterator[None]:
    with open(path, "w") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _tellOfWaiting(log)
            fcntl.flock(stream, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def _lockServer(engine: sa.Engine, log: Logger) -> Iterator[None]:
    with engine.connect() as connection:
        if not connection.scalar(sa.select(sa.func.pg_try_advisory_lock(LOCK_NUMBER))):
            _tellOfWaiting(log)
            connection.scalar(sa.select(sa.func.pg_advisory_lock(LOCK_NUMBER)))
        # A transaction that stays open would hold back the server's cleaning.
        connection.commit()
        yield
        connection.scalar(sa.select(sa.func.pg_advisory_unlock(LOCK_NUMBER)))
        connection.commit()


def _tellOfWaiting(log: Logger) -> None:
    log.warning("Another command writes to this database; waiting until it has ended")
