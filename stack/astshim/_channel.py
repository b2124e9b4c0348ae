# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Reading and writing of AST's native text format."""

__all__ = ["Channel"]

from starlink import Ast

from ._errors import astErrors
from ._object import Object, attribute, wrap


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
        with astErrors():
            self._impl = Ast.Channel(stream, stream, options)

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
            If there is none.
        """
        with astErrors():
            impl = self._impl.read()
        if impl is None:
            raise RuntimeError("Could not read an AST object from this channel")
        return wrap(impl)

    def write(self, object):
        """Write an object and return how many were written (`int`), 0 if it has no such representation."""
        with astErrors():
            return self._impl.write(object._impl)
