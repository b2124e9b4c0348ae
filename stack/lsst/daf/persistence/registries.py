# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Registries: which data there are, and what else is known about them."""

__all__ = ["PosixRegistry", "Registry", "SqlRegistry", "SqliteRegistry"]

import os
import re
import sqlite3
import urllib.parse

from lsst.afw.fits._regularFile import openRegular
from lsst.pex.exceptions._printable import printable

from .fsScanner import FsScanner
from .utils import sequencify

# What a registry of a file's size may hold. Small ones may join or compute a little more.
_MIN_ROW_BYTES = 10
_FREE_ROWS = 20_000
_MAX_ROW_BYTES = 10_000
# Of SQLite's machine, which makes 100 million of them in a second; a lookup without index takes ten a row.
_STEPS_AT_ONCE = 100_000
_FREE_STEPS = 50_000_000
_STEPS_PER_BYTE = 50


class Registry:
    """Base class of registries."""

    @staticmethod
    def create(location):
        """Make the registry for a location.

        Parameters
        ----------
        location : `str` or `None`
            Path of an SQLite file or of a directory.

        Returns
        -------
        registry : `Registry` or `None`
            `None` without a location, or if the SQLite file does not exist.

        Raises
        ------
        RuntimeError
            The location is something else.
        """
        if location is None:
            return None
        if location.endswith(".pgsql"):
            raise RuntimeError(f"Cannot use {location}: PostgreSQL is not supported")
        if re.match(r".*\.sqlite3", location):
            registry = SqliteRegistry(location)
            return registry if registry.conn is not None else None
        if os.path.isdir(location):
            return PosixRegistry(root=location)
        raise RuntimeError("Unable to create registry using location: " + location)


class PosixRegistry(Registry):
    """Finds data by looking at the files that there are.

    Parameters
    ----------
    root : `str`
        Root of the repository.
    """

    def __init__(self, root):
        self.root = root

    @staticmethod
    def getHduNumber(template, dataId):
        """Return the value of the key that a template has in brackets at its end, if any.

        Parameters
        ----------
        template : `str`
            Path template, such as ``"%(visit)07d.fits.fz[%(ccdnum)d]"``.
        dataId : `dict`
            Data ID.

        Returns
        -------
        hdu : `int` or `None`
            Number of the HDU.
        """
        match = re.search(r"\[%\((\w+)\)[^\]]*\]$", template)
        return dataId.get(match.group(1)) if match else None

    def lookup(self, lookupProperties, reference, dataId, **kwargs):
        """Find the values of properties for a partial data ID.

        Parameters
        ----------
        lookupProperties : `str` or sequence of `str`
            Properties to return.
        reference : any
            Ignored; for the SQL registries.
        dataId : `dict`
            Keys and values that must match where the path has them.
        **kwargs
            ``template``, the path template (without it nothing is found); ``storage``: if "FitsStorage",
            properties that the path does not have are looked for in the file's header.

        Returns
        -------
        values : `list` of `tuple`
            Values of the properties, one item for each file.
        """
        template = kwargs.get("template")
        if template is None:
            return []
        properties = list(sequencify(lookupProperties))
        found = []
        for path, items in FsScanner(template).processPath(self.root).items():
            if any(key in items and items[key] != value for key, value in dataId.items()):
                continue
            if kwargs.get("storage") == "FitsStorage" and any(name not in items for name in properties):
                missing = (set(properties) | set(dataId)) - set(items)
                items.update(_readHeader(os.path.join(self.root, path), template, dataId, missing))
                if any(items.get(key, value) != value for key, value in dataId.items()):
                    continue
            if all(name in items for name in properties):
                found.append(tuple(items[name] for name in properties))
        return found


class SqlRegistry(Registry):
    """Finds data in a relational database.

    Parameters
    ----------
    conn : DBAPI connection
        Connection to the database; `None` finds nothing.
    """

    placeHolder = "?"
    root = None

    def __init__(self, conn):
        self.conn = conn

    def __del__(self):
        if getattr(self, "conn", None):
            self.conn.close()

    def lookup(self, lookupProperties, reference, dataId, **kwargs):
        """Find the values of properties for a partial data ID.

        Parameters
        ----------
        lookupProperties : `str` or sequence of `str`
            Columns to return.
        reference : `str` or sequence of `str`
            Tables to look in; more than one are joined.
        dataId : `dict`
            Values that columns must have. A key that is a pair of columns means that the value must lie
            between them.
        **kwargs
            Ignored; for `PosixRegistry`.

        Returns
        -------
        values : `list` of `tuple`
            The different values of the columns.

        Raises
        ------
        RuntimeError
            A key of the data ID is a sequence, but not a pair.
        sqlite3.Error
            There is no such table or column.
        """
        where = []
        for key in dataId or {}:
            if isinstance(key, str):
                where.append(f"{key} = {self.placeHolder}")
                continue
            if len(key) != 2:
                raise RuntimeError(f"Wrong number of keys for range:{key}")
            where.append(f"({self.placeHolder} BETWEEN {key[0]} AND {key[1]})")
        return self._select(lookupProperties, reference, where, list((dataId or {}).values()))

    def executeQuery(self, returnFields, joinClause, whereFields, range, values):
        """Find the values of columns.

        Parameters
        ----------
        returnFields : sequence of `str`
            Columns to return.
        joinClause : sequence of `str`
            Tables to join.
        whereFields : iterable of `tuple` [`str`, `str`]
            Columns and what they must be equal to, often "?".
        range : `tuple` [`str`, `str`, `str`] or `None`
            What must lie between what and what.
        values : sequence
            Values for the question marks.

        Returns
        -------
        values : `list` of `tuple`
            The different values of the columns.
        """
        where = [f"({column} = {value})" for column, value in whereFields or ()]
        if range is not None:
            where.append("({} BETWEEN {} AND {})".format(*range))
        return self._select(returnFields, joinClause, where, values)

    def _select(self, columns, tables, where, values):
        if not self.conn:
            return None
        if tables is None or not len(sequencify(tables)):
            raise RuntimeError(f"Registry {self.root}: there is no table to look for {columns} in")
        command = "SELECT DISTINCT {} FROM {}".format(
            ", ".join(sequencify(columns)), " NATURAL JOIN ".join(sequencify(tables))
        )
        if where:
            command += " WHERE " + " AND ".join(where)
        try:
            return self._fetch(command, values)
        except sqlite3.Error as error:
            raise type(error)(printable(f"Registry {self.root}: {error}")) from error
        except UnicodeDecodeError as error:
            # A damaged file can have such names of columns.
            raise sqlite3.DatabaseError(printable(f"Registry {self.root}: {error}")) from error


    def _fetch(self, command, values):
        return self.conn.execute(command, values).fetchall()


class SqliteRegistry(SqlRegistry):
    """A registry in an SQLite file, which is not written to.

    Its tables may be views that somebody else wrote, whose rows have no end. So no more rows are taken than
    the file has room for, and no longer values than registries have.

    Parameters
    ----------
    location : `str`
        Path of the file. If it does not exist, ``conn`` is `None`.

    Raises
    ------
    OSError
        It is not a regular file.
    """

    def __init__(self, location):
        self.root = location
        super().__init__(self._connect() if os.path.exists(location) else None)

    def _connect(self):
        descriptor = openRegular(self.root, os.O_RDONLY)
        self._size = os.fstat(descriptor).st_size
        os.close(descriptor)
        uri = "file:" + urllib.parse.quote(os.path.abspath(self.root)) + "?mode=ro"
        connection = sqlite3.connect(uri, uri=True)
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _MAX_ROW_BYTES)
        connection.execute("PRAGMA trusted_schema = OFF")
        return connection

    def _fetch(self, command, values):
        maxRows = _FREE_ROWS + self._size // _MIN_ROW_BYTES
        steps = _FREE_STEPS + self._size * _STEPS_PER_BYTE
        ends = iter(range(0, steps, _STEPS_AT_ONCE))
        self.conn.set_progress_handler(lambda: next(ends, None) is None, _STEPS_AT_ONCE)
        try:
            rows = self.conn.execute(command, values).fetchmany(maxRows + 1)
        except sqlite3.OperationalError as error:
            if str(error) != "interrupted":
                raise
            raise sqlite3.OperationalError(f"stopped after {steps:,} steps: the tables have no end") from None
        finally:
            self.conn.set_progress_handler(None, 0)
        if len(rows) > maxRows:
            raise sqlite3.OperationalError(f"more than the {maxRows:,} rows that the file has room for")
        return rows


def _readHeader(path, template, dataId, names):
    """Read keywords from the header of the HDU that the template names, else of the primary HDU."""
    import astropy.io.fits

    try:
        with astropy.io.fits.open(path, memmap=True) as hdus:
            number = PosixRegistry.getHduNumber(template, dataId)
            headers = [hdus[number].header] if number is not None and number < len(hdus) else []
            headers.append(hdus[0].header)
            return {name: next((h[name] for h in headers if name in h), None) for name in names}
    except OSError:
        return {}
