# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The sample options, and the figure."""

import pathlib

import numpy as np
import pytest
from lsst.afw.table import SourceCatalog
from lsst.dia.repro import DiaObjectMakerConfig, ForcedDiaPhotConfig
from lsst.dia.repro.association.diaAssociation import DiaAssociationTask
from lsst.dia.repro.catalogColumns import makeCatalog
from lsst.dia.repro.simulate.detection import makeDiaSourceSchema
from memoryExposure import MemoryExposure

FILES = sorted((pathlib.Path(__file__).parent.parent/"config").glob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def testConfigFileLoads(path):
    config = (ForcedDiaPhotConfig if path.stem.startswith("forced") else DiaObjectMakerConfig)()
    before = config.toDict()
    config.load(str(path))
    config.validate()
    assert config.toDict() != before


def testFigure(stackData, tmp_path, run):
    figure = tmp_path/"figure.png"
    result = run("diaObjectMaker.py", stackData/"repo", "--id", "--output", tmp_path/"out", "--no-versions",
                 "--figure", figure, "--configfile", *FILES[:1])
    assert result.returncode == 0, result.stderr
    assert figure.stat().st_size > 10000


def testCleaningFitsTheSimulatedSurvey():
    """Its catalogs lack some of the flags, and a stack's may, too."""
    catalog = makeCatalog(makeDiaSourceSchema(), 2, SourceCatalog)
    catalog["id"] = 1, 2
    catalog["coord_ra"] = catalog["coord_dec"] = 0.1, 0.2
    catalog["base_SdssCentroid_flag"] = np.array([False, True])
    config = DiaObjectMakerConfig()
    config.load(str(next(path for path in FILES if path.stem == "rubinCleaning")))
    exposure = MemoryExposure(lambda: catalog, {"visit": 1, "filter": "r"}, 1, 60000.0)
    diaSources = DiaAssociationTask(config=config).runExposures([exposure]).diaSources
    assert diaSources["isRejected"].tolist() == [False, True]
