# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""A task for the tests of ``pipetask``: one source an exposure, with the mean of its pixels."""

from lsst.pipe.base import PipelineTask, PipelineTaskConfig, PipelineTaskConnections, Struct
from lsst.pipe.base.connectionTypes import InitOutput, Input, Output

from lsst.afw.table import SourceCatalog, SourceTable
from lsst.daf.base import PropertyList
from lsst.log import Log

_DIMENSIONS = ("instrument", "visit", "detector")


class MeanConnections(PipelineTaskConnections, dimensions=_DIMENSIONS):
    """An exposure in, a catalog and its schema out."""

    exposure = Input(name="exposure", storageClass="ExposureF", dimensions=_DIMENSIONS, doc="An exposure.")
    outputSchema = InitOutput(name="mean_schema", storageClass="SourceCatalog", doc="The catalog's schema.")
    catalog = Output(name="mean", storageClass="SourceCatalog", dimensions=_DIMENSIONS, doc="A catalog.")


class MeanConfig(PipelineTaskConfig, pipelineConnections=MeanConnections):
    """Nothing to configure."""


class MeanTask(PipelineTask):
    """Measures the mean of an exposure."""

    ConfigClass = MeanConfig
    _DefaultName = "mean"

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        schema = SourceTable.makeMinimalSchema()
        self.meanKey = schema.addField("mean", type="D", doc="mean of the pixels", units="count")
        self.outputSchema = SourceCatalog(schema)

    def run(self, exposure):
        catalog = SourceCatalog(self.outputSchema.schema)
        # the butler adds what it knows where there are metadata
        catalog.getTable().setMetadata(PropertyList())
        catalog.addNew().set(self.meanKey, float(exposure.image.array.mean()))
        self.log.info("from Python's logging")
        Log.getLogger("lsst.mean.stack").warn("from the stack's %s", "logging")
        return Struct(catalog=catalog)
