# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The exception classes that C++ code of the stack throws, under their Python names and builtin bases."""

__all__ = [
    "DomainError",
    "Exception",
    "InvalidParameterError",
    "IoError",
    "LengthError",
    "LogicError",
    "NotFoundError",
    "OutOfRangeError",
    "OverflowError",
    "RangeError",
    "RuntimeError",
    "TypeError",
    "UnderflowError",
]

import builtins

from ._printable import printableLines


class Exception(builtins.Exception):
    """Base class of all exceptions of the stack.

    Parameters
    ----------
    message : `str`
        What went wrong.

    Raises
    ------
    TypeError
        Raised if ``message`` is not a string.
    """

    __module__ = "lsst.pex.exceptions"

    def __init__(self, message):
        if not isinstance(message, str):
            raise builtins.TypeError(
                f"{type(self).__name__} takes a message string, not {type(message).__name__}"
            )
        super().__init__(message)
        self._message = message

    def what(self):
        """Return the message (`str`)."""
        return self._message

    def addMessage(self, file, line, func, message):
        """Append to the message.

        Parameters
        ----------
        file : `str`
            Source file the addition comes from; kept for the signature only.
        line : `int`
            Line in ``file``.
        func : `str`
            Function in ``file``.
        message : `str`
            The addition.
        """
        self._message = f"{self._message}; {message}"

    def asString(self):
        """Return the message (`str`)."""
        return self._message

    def __repr__(self):
        return f"{type(self).__name__}('{self._message}')"

    def __str__(self):
        # Messages name files and what is in them.
        return printableLines(self._message)

    def __reduce__(self):
        return (type(self), (self._message,))


class LogicError(Exception):
    """A mistake in the program, in principle detectable before running it."""


class DomainError(LogicError):
    """An argument outside the domain of a mathematical function."""


class InvalidParameterError(LogicError):
    """An argument with an unusable value."""


class LengthError(LogicError):
    """A container of an unusable length."""


class OutOfRangeError(LogicError):
    """An index or position outside the allowed range."""


class RuntimeError(Exception, builtins.RuntimeError):
    """A failure that only running the program could show."""


class RangeError(RuntimeError):
    """A computed value outside the representable or sensible range."""


class OverflowError(RuntimeError, builtins.OverflowError):
    """An arithmetic overflow."""


class UnderflowError(RuntimeError, builtins.ArithmeticError):
    """An arithmetic underflow."""


class NotFoundError(Exception, builtins.LookupError):
    """A key, column, file or other named thing that does not exist."""


class IoError(RuntimeError, builtins.IOError):
    """A failure to read or write."""


class TypeError(LogicError, builtins.TypeError):
    """A value of an unusable type."""
