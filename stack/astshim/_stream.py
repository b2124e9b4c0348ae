# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Sources and sinks of text for channels."""

__all__ = ["StringStream"]


class StringStream:
    """Text source and sink of a channel, both in memory.

    Parameters
    ----------
    data : `str`, optional
        What a channel shall read, one line an item.

    Notes
    -----
    ``astsource`` and ``astsink`` are the interface that starlink-pyast channels call.
    """

    def __init__(self, data=""):
        self._source = data
        self._lines = iter(data.splitlines())
        self._sink = []

    def getSourceData(self):
        """Return the whole source text (`str`), read or not."""
        return self._source

    def getSinkData(self):
        """Return everything written so far (`str`), a newline after each line."""
        return "".join(f"{line}\n" for line in self._sink)

    def sinkToSource(self):
        """Make what was written the source and empty the sink."""
        sink = self.getSinkData()
        self.__init__(sink)

    def astsource(self):
        """Return the next line (`str`), or `None` at the end."""
        return next(self._lines, None)

    def astsink(self, line):
        """Append one line to the sink."""
        self._sink.append(line)
