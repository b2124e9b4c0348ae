# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""How much a process has read and written."""

from __future__ import annotations

__all__ = ["TransferredBytes", "countTransferredBytes"]

from typing import NamedTuple


class TransferredBytes(NamedTuple):
    """What a process has read and written since it began, bytes."""

    read: int
    written: int


def countTransferredBytes() -> TransferredBytes | None:
    """Return how much this process has read and written.

    Returns
    -------
    transferred : `TransferredBytes` or `None`
        What went through ``read`` and ``write``, from the system's cache or
        from disks; `None` where the system does not count.
    """
    try:
        with open("/proc/self/io") as stream:
            counts = dict(line.split(": ") for line in stream)
        return TransferredBytes(int(counts["rchar"]), int(counts["wchar"]))
    except (OSError, ValueError, KeyError):
        return None
