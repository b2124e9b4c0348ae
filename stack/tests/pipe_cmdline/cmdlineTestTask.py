# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""A task, in a module that a repository can name, whose dataset types a test repository has."""

import time

import lsst.pex.config as pexConfig
from lsst.pipe.base import Struct, Task, TaskError

import lsst.afw.table as afwTable
import lsst.daf.persistence as dafPersist
from lsst.pipe.cmdline import ArgumentParser, CmdLineTask, timeMethod

POLICY = {
    "datasets": {
        "cmdTest_config": {
            "template": "config/cmdTest.py",
            "python": "cmdlineTestTask.CmdTestConfig",
            "persistable": "Config",
            "storage": "ConfigStorage",
            "tables": "raw",
        },
        "cmdTest_metadata": {
            "template": "meta/v%(visit)d-R%(raft)s-S%(sensor)s.yaml",
            "python": "lsst.daf.base.PropertySet",
            "persistable": "PropertySet",
            "storage": "YamlStorage",
            "tables": "raw",
        },
        "cmdTestOut_schema": {
            "template": "schema/cmdTestOut.fits",
            "python": "lsst.afw.table.SourceCatalog",
            "persistable": "SourceCatalog",
            "storage": "FitsCatalogStorage",
            "tables": "raw",
        },
    }
}


class SubConfig(pexConfig.Config):
    radius = pexConfig.Field(dtype=float, default=0.5, doc="a number of the subtask")


class SubTask(Task):
    ConfigClass = SubConfig


class CmdTestConfig(pexConfig.Config):
    sub = pexConfig.ConfigurableField(target=SubTask, doc="a subtask")
    scale = pexConfig.RangeField(dtype=float, default=1.0, min=0.0, doc="a number")
    planes = pexConfig.ListField(dtype=str, default=["BAD"], doc="a list")
    label = pexConfig.Field(dtype=str, default="none", doc="a text")
    failOn = pexConfig.Field(dtype=int, default=0, doc="visit that fails")
    sleepOn = pexConfig.Field(dtype=int, default=0, doc="visit that takes a minute")
    crash = pexConfig.Field(dtype=bool, default=False, doc="fail unexpectedly?")
    extraColumn = pexConfig.Field(dtype=bool, default=False, doc="have another column?")


class CmdTestTask(CmdLineTask):
    ConfigClass = CmdTestConfig
    _DefaultName = "cmdTest"

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.makeSubtask("sub")

    @classmethod
    def _makeArgumentParser(cls):
        parser = ArgumentParser(name=cls._DefaultName)
        parser.add_id_argument("--id", "deepDiff_diaSrc", help="data IDs of DIASources")
        return parser

    def getSchemaCatalogs(self):
        schema = afwTable.SourceTable.makeMinimalSchema()
        if self.config.extraColumn:
            schema.addField("extra", type="D", doc="another column")
        return {"cmdTestOut": afwTable.SourceCatalog(schema)}

    @timeMethod
    def runDataRef(self, dataRef):
        visit = dataRef.dataId["visit"]
        self.log.info("Running on visit %d", visit)
        if visit == self.config.sleepOn:
            time.sleep(60)
        if visit == self.config.failOn:
            raise (RuntimeError if self.config.crash else TaskError)("failed on request")
        self.metadata.set("visitSeen", visit)
        self.sub.metadata["radius"] = self.config.sub.radius
        return Struct(visit=visit)


def makeOutput(inputRoot, outputRoot):
    """Make an output repository that knows the dataset types above."""
    dafPersist.Butler(
        inputs={"root": str(inputRoot)},
        outputs={"root": str(outputRoot), "mode": "rw", "policy": dafPersist.Policy(POLICY)},
    )


def run(*args, **kwargs):
    """Run the task with a command line."""
    return CmdTestTask.parseAndRun(args=[str(arg) for arg in args], **kwargs)
