# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""What the Gen2 drivers of all tasks share."""

from __future__ import annotations

__all__ = ["DiaCmdLineTask"]

import functools
from collections.abc import Sequence
from typing import Any

from lsst.daf.persistence import ButlerDataRef
from lsst.pipe.base import Struct, TaskError

from ..digests import digestConfig
from ..endings import endUponTermination
from ..inputFiles import InputFile, Inputs
from ..plainText import escapeOutput
from ..provenance import Fingerprint, findVersions
from ..systemErrors import endUponSystemError
from .argumentParser import DiaArgumentParser
from .gen2Classes import CmdLineTask
from .readError import describeReadError, findPath
from .storedFingerprint import whyRun
from .taskRunner import DiaTaskRunner


class DiaCmdLineTask(CmdLineTask):
    """Base of the Gen2 drivers.

    A driver inherits from the task that has the algorithm, and then from this
    class; it has a ``runDataRef``, and only gets, calls ``run``, and puts.
    """

    #: Makes the command line; the class of the driver's own arguments.
    ArgumentParserClass: type[DiaArgumentParser]

    RunnerClass = DiaTaskRunner

    #: Names of the datasets that a run on a target writes.
    outputs: tuple[str, ...]

    #: Names of the options that have no effect on them.
    idleOptions: tuple[str, ...] = ()

    #: What is said of a target that need not be run, and of several.
    isUnchanged = "is there, and what this run would write"
    areUnchanged = "outputs are what this run would write"

    #: Are the inputs so large that they are not to be read to see that they have not changed?
    trustsDates = False

    @classmethod
    def _makeArgumentParser(cls) -> DiaArgumentParser:
        return cls.ArgumentParserClass(name=cls._DefaultName)

    def findInputs(self, ref: Any) -> Sequence[InputFile]:
        """Find the files that a run on a target reads.

        Parameters
        ----------
        ref : `lsst.daf.persistence.ButlerDataRef` or `SurveyRef`
            The target.

        Returns
        -------
        files : sequence [`InputFile`]
            The files.
        """
        raise NotImplementedError

    def makeFingerprint(self, ref: Any, **kwargs: Any) -> Fingerprint:
        """Return what a run on a target would store as its fingerprint.

        Parameters
        ----------
        ref : `lsst.daf.persistence.ButlerDataRef` or `SurveyRef`
            The target.
        **kwargs
            More arguments of ``runDataRef``.

        Returns
        -------
        fingerprint : `Fingerprint`
            What is known before the run.
        """
        inputs = Inputs.fromFiles(self.findInputs(ref), self.trustsDates)
        return Fingerprint(self._DefaultName, inputs, self._configDigest, findVersions())

    @functools.cached_property
    def _configDigest(self) -> str:
        """Digest of the options that matter, which is the same for all targets."""
        return digestConfig(self.config, self.idleOptions)

    def whyRun(self, ref: Any, **kwargs: Any) -> str:
        """Say why a target has to be run.

        Parameters
        ----------
        ref : `lsst.daf.persistence.ButlerDataRef` or `SurveyRef`
            The target.
        **kwargs
            More arguments of ``runDataRef``.

        Returns
        -------
        reason : `str`
            Empty if all its outputs are there, and are what a run would write.
        """
        reason = whyRun(ref, self.outputs, self.makeFingerprint(ref, **kwargs))
        # They are written last; without them a run has not come to its end.
        metadata = self._getMetadataName()
        return reason or ("" if findPath(ref, metadata) else f"there is no {metadata}")

    def hasExtras(self, **kwargs: Any) -> bool:
        """Tell whether a run makes things beside its outputs, such as figures.

        Such a run of a target whose outputs need not be made gets the argument
        ``isDone``.
        """
        return False

    @classmethod
    def parseAndRun(cls, *args: Any, **kwargs: Any) -> Struct:
        """Parse a command line and run the task; see `lsst.pipe.base.CmdLineTask.parseAndRun`.

        SIGTERM ends it with status 143, as Ctrl-C does with 130, and what the
        system refuses outside of targets, such as a report, with 1.
        """
        escapeOutput()
        with endUponTermination(), endUponSystemError():
            return super().parseAndRun(*args, **kwargs)

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
