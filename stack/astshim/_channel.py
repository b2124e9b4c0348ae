# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Reading and writing of AST's native text format."""

__all__ = ["Channel"]

from starlink import Ast

from ._checkText import checkText
from ._errors import astErrors
from ._object import Object, attribute, wrap


class _CheckedSource:
    """Passes the text of one object at a time from a stream to AST, which crashes on damaged text."""

    def __init__(self, stream):
        self._stream = stream
        self._lines = iter(())

    def checkNext(self, skip):
        """Take the lines of the next object from the stream, those before it left out if ``skip`` is set."""
        lines, depth = [], 0
        while (line := self._stream.astsource()) is not None:
            word = line.split(maxsplit=1)[:1]
            depth += (word == ["Begin"]) - (word == ["End"])
            if depth > 0 or lines or not skip:
                lines.append(line)
            if word == ["End"] and depth <= 0:
                break
        if any(line.strip() for line in lines):
            checkText("\n".join(lines))
        self._lines = iter(lines)

    def astsource(self):
        """Return the next line (`str`), or `None` at the end of the object."""
        return next(self._lines, None)


class Channel(Object, astName="Channel"):
    """Channel that reads and writes AST objects as text.

    Parameters
    ----------
    stream : `StringStream`
        Source and sink.
    options : `str`, optional
        Comma-separated attribute assignments.
    """

    def __init__(self, stream, options=""):
        self._source = _CheckedSource(stream)
        with astErrors():
            self._impl = Ast.Channel(self._source, stream, options)

    comment = attribute("Comment", bool, "Write comments?")
    full = attribute("Full", int, "How much default information to write: -1, 0 or 1.")
    indent = attribute("Indent", int, "Spaces by which the text is indented.")
    reportLevel = attribute("ReportLevel", int, "Which conditions are reported.")
    skip = attribute("Skip", bool, "Skip anything between objects in the source?")
    strict = attribute("Strict", bool, "Are unexpected data errors?")

    def read(self):
        """Read the next object.

        Raises
        ------
        RuntimeError
            If there is none, or its text is damaged.
        """
        self._checkNext()
        with astErrors():
            impl = self._impl.read()
        if impl is None:
            raise RuntimeError("Could not read an AST object from this channel")
        return wrap(impl)

    def _checkNext(self):
        self._source.checkNext(self.skip)

    def write(self, object):
        """Write an object and return how many were written (`int`), 0 if it has no such representation."""
        with astErrors():
            return self._impl.write(object._impl)
