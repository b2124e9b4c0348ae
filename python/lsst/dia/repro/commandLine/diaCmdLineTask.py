# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""What the Gen2 drivers of all tasks share."""

from __future__ import annotations

__all__ = ["DiaCmdLineTask"]

from typing import Any

from lsst.daf.persistence import ButlerDataRef
from lsst.pipe.base import TaskError

from .argumentParser import DiaArgumentParser
from .gen2Classes import CmdLineTask
from .readError import describeReadError
from .taskRunner import DiaTaskRunner


class DiaCmdLineTask(CmdLineTask):
    """Base of the Gen2 drivers.

    A driver inherits from the task that has the algorithm, and then from this
    class; it has a ``runDataRef``, and only gets, calls ``run``, and puts.
    """

    #: Makes the command line; the class of the driver's own arguments.
    ArgumentParserClass: type[DiaArgumentParser]

    RunnerClass = DiaTaskRunner

    @classmethod
    def _makeArgumentParser(cls) -> DiaArgumentParser:
        return cls.ArgumentParserClass(name=cls._DefaultName)

    @staticmethod
    def readDataset(dataRef: ButlerDataRef, dataset: str, **kwargs: Any) -> Any:
        """Read a dataset.

        Parameters
        ----------
        dataRef : `lsst.daf.persistence.ButlerDataRef`
            Reference to the data.
        dataset : `str`
            Name of the dataset.
        **kwargs
            More arguments for ``get``.

        Returns
        -------
        data : `object`
            What the butler gives.

        Raises
        ------
        lsst.pipe.base.TaskError
            Raised if it cannot be read; the message names the dataset and the
            file.
        """
        try:
            return dataRef.get(dataset, immediate=True, **kwargs)
        except Exception as error:
            raise TaskError(f"Cannot read {dataset}: {describeReadError(error, dataRef, dataset)}") from error
