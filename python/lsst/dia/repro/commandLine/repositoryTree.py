# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""A repository and those that it reads from."""

from __future__ import annotations

__all__ = ["findRepositories"]

import os
from collections.abc import Iterator

from lsst.daf.persistence import RepositoryCfg, Storage


def findRepositories(root: str) -> Iterator[tuple[str, RepositoryCfg | None]]:
    """Find a repository and its parents, without opening them.

    Parameters
    ----------
    root : `str`
        Root of the repository.

    Yields
    ------
    root : `str`
        Root of a repository, without symbolic links; each comes once, even
        where repositories are parents of each other.
    cfg : `lsst.daf.persistence.RepositoryCfg` or `None`
        Its configuration, if it has one.

    Raises
    ------
    RuntimeError
        Raised if a configuration cannot be used.
    """
    known: set[str] = set()
    pending: list[str | RepositoryCfg] = [root]
    while pending:
        item = pending.pop()
        if isinstance(item, RepositoryCfg):
            cfg = item
        else:
            # The butler of v23 makes the directory that it is asked about.
            cfg = Storage().getRepositoryCfg(item) if os.path.isdir(item) else None
        # A configuration may lie elsewhere than the data.
        roots = {os.path.realpath(place) for place in (item, getattr(cfg, "root", None))
                 if isinstance(place, str)} - known
        yield from ((real, cfg) for real in sorted(roots))
        known |= roots
        if not roots:
            continue
        if cfg is not None:
            pending += cfg.parents
        elif os.path.exists(os.path.join(str(item), "_parent")):
            pending.append(os.path.realpath(os.path.join(str(item), "_parent")))
