# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Open Rubin's alert production database, or make one in a file."""

from __future__ import annotations

__all__ = ["isMissing", "openApdb"]

import contextlib
import os

from lsst.dax.apdb import Apdb
from lsst.dax.apdb.sql import ApdbSql
from lsst.dax.apdb.sql.config import ApdbSqlConfig
from lsst.pipe.base import TaskError

from ..completeFile import makeScratchDirectory
from ..describeError import describeError

#: What configurations of APDB end with; anything else is a file of SQLite.
CONFIG_ENDINGS = (".yaml", ".yml", ".json")


def openApdb(place: str) -> ApdbSql:
    """Open a database.

    Parameters
    ----------
    place : `str`
        Configuration that ``apdb-cli`` made, a YAML file, of a database of
        PostgreSQL or SQLite; or a file of SQLite, which is made if it is not
        there.

    Returns
    -------
    apdb : `lsst.dax.apdb.sql.ApdbSql`
        The database.

    Raises
    ------
    lsst.pipe.base.TaskError
        Raised if it cannot be opened, is of another version of the schema, or
        is none of SQL.
    """
    try:
        if place.endswith(CONFIG_ENDINGS):
            apdb = Apdb.from_uri(place)
        else:
            if isMissing(place):
                _create(place)
            apdb = Apdb.from_config(ApdbSqlConfig(db_url=_toUrl(place)))
    except Exception as error:
        raise TaskError(f"Cannot open the database {place}: {describeError(error)}") from error
    if not isinstance(apdb, ApdbSql):
        raise TaskError(f"{place}: the sums of Level 1 are kept in databases of SQL, not with "
                        f"{type(apdb).__name__}")
    return apdb


def isMissing(place: str) -> bool:
    """Tell whether `openApdb` would make a database, since there is none."""
    return not place.endswith(CONFIG_ENDINGS) and not os.path.exists(place)


def _toUrl(path: str) -> str:
    return "sqlite:///" + os.path.abspath(path)


def _create(path: str) -> None:
    """Make a database that has its name only when it is complete."""
    directory = os.path.dirname(path) or os.curdir
    if not os.path.isdir(directory):
        raise FileNotFoundError(f"there is no directory {directory}")
    with makeScratchDirectory(directory, os.path.basename(path)) as scratch:
        made = os.path.join(scratch, "apdb.db")
        # Else each visit would look through all versions of the objects there.
        ApdbSql.init_database(_toUrl(made), dia_object_index="last_object_table")
        # A link never takes the place of what another command has made meanwhile, as a renamed file would.
        with contextlib.suppress(FileExistsError):
            os.link(made, path)
