# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Light curves from files are those of the Gen2 commands, in every bit."""

import pathlib

import lsst.afw.image as afwImage
import lsst.afw.table as afwTable
import numpy as np
import pytest
from lsst.dia.repro.movedNames import setFilterLabel
from rubinLikeImages import assertSame, readCurves
from smallSurvey import makeSmallSurvey

#: What depends on the data ID, which has other names.
OF_DATA_ID = {"visit", "raft", "sensor", "filter", "detector", "instrument"}

COMPLETE = pathlib.Path(__file__).parents[2]/"config"/"forcedComplete.py"


def writeCsv(path, positions):
    path.write_text("id,ra,dec\n" + "".join(f"{i},{ra!r},{dec!r}\n" for i, ra, dec in positions))
    return path


def runGen2(run, repo, positions, *options):
    """Return the tables of the Gen2 commands."""
    for args in (["forcedDiaPhot.py", repo, "--id", "--refCat", positions, "--no-versions", *options],
                 ["diaLightCurves.py", repo, "--id", "--no-versions"]):
        done = run(*args)
        assert done.returncode == 0, done.stderr
    return [readCurves(repo/"deepDiff"/f"{name}.parq") for name in ("diaLightCurves", "diaLightCurveSummary")]


def runFiles(run, images, positions, output, *options):
    done = run("forcedLightCurves.py", *images, "--refCat", positions, "--output", output, *options)
    assert done.returncode == 0, done.stderr
    return [readCurves(path) for path in (output, output.with_name(f"{output.stem}Summary{output.suffix}"))]


@pytest.fixture(scope="module")
def survey(tmp_path_factory):
    """A survey of two sensors, its images, and a file of its objects' positions."""
    root = tmp_path_factory.mktemp("survey")/"repo"
    images = makeSmallSurvey(root, 10)
    for image in map(str, images):
        exposure = afwImage.ExposureF(image)
        setFilterLabel(exposure, afwImage.FilterLabel(band="r"))
        exposure.writeFits(image)
    objects = afwTable.SourceCatalog.readFits(str(root/"deepDiff"/"reproDIAObjects.fits"))
    ra, dec = np.degrees([objects["coord_ra"], objects["coord_dec"]])
    positions = writeCsv(root.parent/"mine.csv", zip(objects["id"].tolist(), ra.tolist(), dec.tolist()))
    return root, images, positions


@pytest.mark.parametrize("options", [[], ["--configfile", COMPLETE]], ids=["default", "complete"])
def testSmallSurvey(options, survey, run, tmp_path):
    root, images, positions = survey
    expected, expectedSummary = runGen2(run, root, positions, "--clobber-config", *options)
    assert len(expected["diaObjectId"]) == 300 and np.isfinite(expected["psfDiffFlux"]).sum() > 250
    for processes, order in (("1", images), ("2", images[::-1])):
        output = tmp_path/f"curves{processes}.parq"
        found, summary = runFiles(run, order, positions, output, "-j", processes, *options)
        assertSame(found, expected, set(expected) - OF_DATA_ID)
        assertSame(summary, expectedSummary)
        assert set(found["band"]) == {"r"} and set(found["detector"]) == {-1}


def testImagesOfAStack(repository, run, tmp_path):
    """Those of v23, with filters, odd masks and positions off their edges."""
    paths = sorted(repository.glob("deepDiff/*/*/diaSrc*"))
    sources = [afwTable.SourceCatalog.readFits(str(path)) for path in paths]
    ids, ra, dec = (np.concatenate([each[name] for each in sources])
                    for name in ("id", "coord_ra", "coord_dec"))
    places = zip(ids.tolist(), np.degrees(ra).tolist(), np.degrees(dec).tolist())
    positions = writeCsv(tmp_path/"mine.csv", places)
    expected, expectedSummary = runGen2(run, repository, positions)
    images = sorted(repository.glob("deepDiff/*/*/diffexp*"))
    found, summary = runFiles(run, images, positions, tmp_path/"curves.parquet")
    assert set(found["band"]) == {"i", "r"} and len(set(found["reason"])) > 1
    assertSame(found, expected, set(expected) - OF_DATA_ID)
    assertSame(summary, expectedSummary)
