# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Run pipelines on small Gen3 repositories, in the process of the tests."""

import pathlib

import numpy as np
from lsst.daf.butler import Butler
from lsst.dia.repro.gen3 import convertDiaRepo
from lsst.pipe.base import Pipeline
from lsst.pipe.base.simple_pipeline_executor import SimplePipelineExecutor

PIPELINES = pathlib.Path(__file__).parents[2]/"pipelines"

#: Collection that `convertDiaRepo.py` makes.
RUN = "LSSTSim/gen2"


def convert(gen2, gen3):
    """Convert a Gen2 repository, and return where the Gen3 one is."""
    assert convertDiaRepo.main([str(gen2), str(gen3)]) == 0
    return gen3


def runPipeline(root, name, output, overrides=(), where="", inputs=(RUN,), labels=None):
    """Run a pipeline, and return a butler of what it wrote.

    Parameters
    ----------
    root : `pathlib.Path`
        The repository.
    name : `str`
        File of the pipeline.
    output : `str`
        Collection to write.
    overrides : `list` [`tuple`], optional
        Label, field and value of options.
    where : `str`, optional
        Which data.
    inputs : `list` [`str`], optional
        Collections to read.
    labels : `list` [`str`], optional
        Tasks to run; all by default.
    """
    butler = SimplePipelineExecutor.prep_butler(str(root), inputs=list(inputs), output=output)
    pipeline = Pipeline.from_uri(str(PIPELINES/name) + ("#" + ",".join(labels) if labels else ""))
    for label, field, value in overrides:
        pipeline.addConfigOverride(label, field, value)
    executor = SimplePipelineExecutor.from_pipeline(pipeline, where=where, butler=butler)
    executor.run(register_dataset_types=True)
    return Butler.from_config(str(root), collections=output)


def readTiles(butler, name):
    """Read the catalogs of all tiles into the columns of one, sorted by id."""
    catalogs = [butler.get(ref).copy(deep=True) for ref in butler.query_datasets(name)]
    columns = {column: np.concatenate([catalog[column] for catalog in catalogs])
               for column in catalogs[0].schema.getOrderedNames()}
    order = np.argsort(columns["id"])
    return {column: values[order] for column, values in columns.items()}
