# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Replace an output repository, for ``--clobber-output``, and nothing else."""

from __future__ import annotations

__all__ = ["OutputReplacement"]

import os
import shutil
import tempfile
from types import TracebackType

from .repositoryTree import findRepositories

#: Any of these makes a directory a repository.
_MARKS = ("repositoryCfg.yaml", "_mapper")


class OutputReplacement:
    """An output repository that is out of the way until its replacement is sure.

    It is a context manager: at its end the old repository is removed, or, if
    the block ends with an exception, put back.
    """

    def __init__(self) -> None:
        self._output = ""
        self._aside = ""

    def __enter__(self) -> OutputReplacement:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 traceback: TracebackType | None) -> None:
        if kind is not None:
            self.putBack()
        elif self._aside:
            shutil.rmtree(self._aside)

    def setAside(self, output: str, readFrom: list[str]) -> None:
        """Move a repository out of the way.

        Parameters
        ----------
        output : `str`
            Root of the repository; nothing is done if it does not exist.
        readFrom : `list` [`str`]
            Roots of the repositories that the command reads.

        Raises
        ------
        RuntimeError
            Raised if it is not a repository, or if what is read is in it.
        OSError
            Raised if it cannot be moved.
        """
        if not os.path.lexists(output):
            return
        _requireRemovable(output, readFrom)
        # Beside it, since moving within a directory copies nothing.
        self._aside = tempfile.mkdtemp(prefix=os.path.basename(output) + ".replaced-",
                                       dir=os.path.dirname(output))
        self._output = output
        os.rename(output, self._oldOutput)

    @property
    def _oldOutput(self) -> str:
        """Where the repository is while it is set aside (`str`)."""
        return os.path.join(self._aside, os.path.basename(self._output))

    def putBack(self) -> None:
        """Put the old repository in the place of what has been made of the new one."""
        if not self._aside:
            return
        if os.path.isdir(self._oldOutput):
            shutil.rmtree(self._output, ignore_errors=True)
            os.rename(self._oldOutput, self._output)
        os.rmdir(self._aside)
        self._aside = ""


def _requireRemovable(output: str, readFrom: list[str]) -> None:
    """Raise an error unless a directory is a repository from which nothing is read."""
    if os.path.islink(output):
        raise RuntimeError(f"{output} is a link to {os.path.realpath(output)}, and stays; "
                           "name the repository itself, or remove the link")
    real = os.path.realpath(output)
    for root in readFrom:
        for read, _ in findRepositories(root):
            if os.path.commonpath([real, read]) == real:
                raise RuntimeError(f"{output} stays: it is or holds {read}, from which data are read")
    if os.listdir(output) and not any(os.path.isfile(os.path.join(output, name)) for name in _MARKS):
        raise RuntimeError(f"{output} is not a repository, and stays: it has none of " + ", ".join(_MARKS))
