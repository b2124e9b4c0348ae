# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""One policy for columns that an option names and the data lack."""

from __future__ import annotations

__all__ = ["findAbsent", "refuseNoFlags"]

from collections.abc import Callable, Container, Iterable

from lsst.pipe.base import TaskError


def findAbsent(option: str, names: Iterable[str], usual: Container[str], present: Container[str],
               data: str) -> list[str]:
    """Tell the names of an option that the data lack, and refuse those that must be mistakes.

    Parameters
    ----------
    option : `str`
        What the option is called, such as ``aggregation.flags``.
    names : iterable [`str`]
        Its names of columns.
    usual : container [`str`]
        Names that data of some stacks have, such as the defaults of the
        option; data may lack them.
    present : container [`str`]
        Names that any of the data have.
    data : `str`
        What the data are called in the message.

    Returns
    -------
    absent : `list` [`str`]
        The usual names that the data lack.

    Raises
    ------
    lsst.pipe.base.TaskError
        Raised if the data lack others.
    """
    absent = [name for name in names if name not in present]
    unknown = [name for name in absent if name not in usual]
    if unknown:
        raise TaskError(f"{option} has {', '.join(unknown)}, which no {data} has")
    return absent


def refuseNoFlags(option: str, names: Iterable[str], present: Container[str],
                  isFlag: Callable[[str], bool]) -> None:
    """Refuse names of an option for flags that are columns of something else.

    Parameters
    ----------
    option : `str`
        What the option is called.
    names : iterable [`str`]
        Its names of columns.
    present : container [`str`]
        Names that any of the data have.
    isFlag : callable
        Tells whether the column of a name is a flag.

    Raises
    ------
    lsst.pipe.base.TaskError
        Raised if one is none.
    """
    wrong = [name for name in names if name in present and not isFlag(name)]
    if wrong:
        raise TaskError(f"{option} has what is no flag: {', '.join(wrong)}")
