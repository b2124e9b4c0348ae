# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""What a quantum reads, as its output's fingerprint tells it."""

from __future__ import annotations

__all__ = ["makeFingerprint"]

from collections.abc import Iterable

from lsst.daf.butler import DatasetRef
from lsst.pipe.base import PipelineTask

from ..digests import digestConfig, digestText
from ..inputFiles import Inputs
from ..provenance import Fingerprint, findVersions

#: Options that say where data are, and not what is made of them.
IDLE_OPTIONS = ("connections", "saveLogOutput", "products", "refCat")


def makeFingerprint(task: PipelineTask, refs: Iterable[DatasetRef]) -> Fingerprint:
    """Return the fingerprint of what a task makes of some datasets.

    Parameters
    ----------
    task : `lsst.pipe.base.PipelineTask`
        The task.
    refs : iterable [`lsst.daf.butler.DatasetRef`]
        What it reads. A dataset with an UUID never changes, so that this
        stands for the contents.

    Returns
    -------
    fingerprint : `Fingerprint`
        What is known before the run.
    """
    identities = sorted((str(ref.dataId), str(ref.id)) for ref in refs)
    inputs = Inputs(len({dataId for dataId, _ in identities}), 0, "",
                    digestText(" ".join(identity) for identity in identities))
    return Fingerprint(task._DefaultName, inputs, digestConfig(task.config, IDLE_OPTIONS), findVersions())
