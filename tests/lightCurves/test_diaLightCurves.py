# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""diaLightCurves.py on a repository that the real stack wrote."""

import shutil

import lsst.afw.table as afwTable
import numpy as np
import pyarrow.parquet as pq
import pytest
from astropy.table import Table
from forcedCatalogs import assemble, makeExposure
from lsst.daf.persistence import Butler
from lsst.dia.repro import DiaLightCurvesTask, DiaObjectMakerTask, ForcedDiaPhotTask
from lsst.dia.repro.fileFingerprint import readFileFingerprint
from lsst.dia.repro.lightCurves.lightCurveFile import LightCurveFile
from lsst.dia.repro.provenance import readFingerprint
from lsst.pipe.base import TaskError

IMAGES = [(853, "r", "1,2"), (866, "i", "1,1"), (866, "i", "1,2"), (892, "r", "1,2"), (905, "i", "1,1"),
          (905, "i", "1,2")]
ID = ["--id", "visit=853^892", "sensor=1,2", "--id", "visit=866^905"]
MISTAKES = [
    (["--reuse", "--plot"], "run without --reuse first"),
    (["--id", "--plot", "0"], "not a number from 1 up"),
    (["--id", "--objects", "abc"], "list of ids"),
    (["--id", "--format", "parquet"], "Parquet already"),
    (["--plot"], "no data IDs"),
]
COMMON = ["--no-versions", "--doraise"]


@pytest.fixture(scope="module")
def forced(stackData, tmp_path_factory):
    """A repository with forced photometry."""
    root = tmp_path_factory.mktemp("curves")/"out"
    DiaObjectMakerTask.parseAndRun([str(stackData/"repo"), "--id", "--output", str(root), *COMMON])
    ForcedDiaPhotTask.parseAndRun([str(root), *ID, *COMMON])
    return root


@pytest.fixture(scope="module")
def output(forced, tmp_path_factory):
    """The same with light curves, two plots and an export."""
    root = shutil.copytree(forced, tmp_path_factory.mktemp("curves")/"out")
    DiaLightCurvesTask.parseAndRun([str(root), *ID, "--plot", "2", *COMMON])
    return root


@pytest.fixture
def writable(forced, tmp_path):
    return shutil.copytree(forced, tmp_path/"out")


def testEveryMeasurementIsThere(output):
    butler = Butler(str(output))
    table = Table(pq.read_table(butler.get("diaLightCurves_filename")[0]).to_pydict())
    keys = list(zip(table["diaObjectId"], table["midpointMjdTai"]))
    assert keys == sorted(keys)
    columns = {"psfDiffFlux": "base_PsfFlux_flux", "psfDiffFluxErr": "base_PsfFlux_fluxErr",
               "psfDiffFlux_flag": "base_PsfFlux_flag", "pixelFlags_edge": "base_PixelFlags_flag_edge",
               "diaForcedSourceId": "id", "x": "slot_Centroid_x"}
    total = 0
    for visit, band, sensor in IMAGES:
        dataId = dict(visit=visit, raft="2,2", sensor=sensor)
        catalog = butler.get("forcedDIASource", dataId, immediate=True)
        rows = table[(table["visit"] == visit) & (table["sensor"] == sensor)]
        total += len(rows)
        assert len(rows) == len(catalog)
        order = np.argsort(catalog["diaObjectId"])
        for name, source in columns.items():
            np.testing.assert_array_equal(rows[name], np.array(catalog[source])[order], err_msg=name)
        np.testing.assert_allclose(rows["ra"], np.degrees(catalog["coord_ra"])[order], rtol=1e-14)
        visitInfo = butler.get("deepDiff_differenceExp_visitInfo", dataId)
        assert set(rows["midpointMjdTai"]) == {visitInfo.getDate().get()}
        assert set(rows["ccdExposureId"]) == {butler.get("ccdExposureId", dataId)}
        assert set(rows["band"]) == set(rows["filter"]) == {band} and set(rows["raft"]) == {"2,2"}
    assert total == len(table)


def testButlerGivesParquetTables(output):
    pytest.importorskip("pandas")
    butler = Butler(str(output))
    curves = butler.get("diaLightCurves", immediate=True)
    assert {"diaObjectId", "psfDiffFlux", "visit", "sensor"} <= set(curves.columns)
    frame = curves.toDataFrame(columns=["diaObjectId", "psfDiffFlux"])
    summary = butler.get("diaLightCurveSummary", immediate=True).toDataFrame()
    assert summary["diaObjectId"].tolist() == sorted(set(frame["diaObjectId"]))
    counts = frame.groupby("diaObjectId").size()
    assert summary.set_index("diaObjectId")["nForcedSources"].to_dict() == counts.to_dict()
    assert {"r_fpFluxMean", "i_fpFluxMean", "fpFluxChi2"} <= set(summary.columns)


def testTellsWhatMadeTheForcedCatalogs(output):
    (maker,) = readFileFingerprint(str(output/"deepDiff"/"diaLightCurves.parq"), "diaLightCurves").makers
    (visit, band, sensor), *_ = IMAGES
    catalog = Butler(str(output)).get("forcedDIASource", visit=visit, raft="2,2", sensor=sensor, filter=band)
    made = readFingerprint(catalog)
    assert maker == ("forcedDiaPhot", made.config, made.versions, len(IMAGES))


def testNothingElseIsLeft(output):
    assert {path.name for path in (output/"deepDiff").glob("*ightCurve*")} == {
        "diaLightCurves.parq", "diaLightCurveSummary.parq", "lightCurves", "diaLightCurves_metadata.yaml"}
    assert not list((output/"deepDiff").glob(".*"))


def testPlotsOfTheMostSignificant(output):
    summary = Table(pq.read_table(output/"deepDiff"/"diaLightCurveSummary.parq").to_pydict())
    significance = np.array([-np.inf if value is None else value for value in summary["significance"]])
    best = summary["diaObjectId"][np.argsort(significance)[-2:]]
    pictures = sorted((output/"deepDiff"/"lightCurves").iterdir())
    assert [picture.name for picture in pictures] == sorted(f"diaObject-{each}.png" for each in best)
    assert all(picture.read_bytes().startswith(b"\x89PNG") for picture in pictures)


def testExportOfObjects(output, tmp_path, run):
    ids = LightCurveFile(str(output/"deepDiff"/"diaLightCurves.parq")).column("diaObjectId")
    wanted = f"{ids[0]},{ids[-1]}"
    result = run("diaLightCurves.py", output, "--reuse", "--objects", wanted, "--format", "ecsv",
                 "--directory", tmp_path/"to", "--no-versions")
    assert result.returncode == 0, result.stderr
    assert sorted(path.name for path in (tmp_path/"to").iterdir()) == sorted(
        f"diaObject-{each}.ecsv" for each in (ids[0], ids[-1]))
    table = Table.read(tmp_path/"to"/f"diaObject-{ids[0]}.ecsv")
    assert table["psfDiffFlux"].unit == "nJy" and (ids == ids[0]).sum() == len(table)


def testObjectThatIsNotThere(output, tmp_path, run):
    ids = LightCurveFile(str(output/"deepDiff"/"diaLightCurves.parq")).column("diaObjectId")
    result = run("diaLightCurves.py", output, "--reuse", "--objects", f"17,{ids[0]}", "--figureFormat", "pdf",
                 "--directory", tmp_path/"to", "--no-versions")
    assert result.returncode == 1 and "there is no DIAObject 17" in result.stderr + result.stdout
    (picture,) = (tmp_path/"to").iterdir()
    assert picture.name == f"diaObject-{ids[0]}.pdf" and picture.read_bytes().startswith(b"%PDF")


def testMistakesOnTheCommandLine(forced, capsys):
    for arguments, message in MISTAKES:
        with pytest.raises(SystemExit) as caught:
            DiaLightCurvesTask.parseAndRun([str(forced), *arguments, "--no-versions"])
        assert caught.value.code == 2 and message in capsys.readouterr().err


def testColumnsThatAreNot(forced, tmp_path, caplog):
    exposures = [makeExposure(afwTable.SourceCatalog.readFits(str(path)), 1, 59000.0)
                 for path in sorted((forced/"deepDiff").glob("v*/R22/forcedDIASource-*.fits"))[:1]]
    with pytest.raises(TaskError, match="badFlags has pixelFlags_egde, which no light curve has"):
        assemble(exposures, tmp_path, badFlags=["pixelFlags_edge", "pixelFlags_egde"])
    with pytest.raises(TaskError, match="badFlags has what is no flag: x, band"):
        assemble(exposures, tmp_path, badFlags=["pixelFlags_edge", "x", "band"])
    with pytest.raises(TaskError, match="copyColumns has base_CircApertureFlux_., which no forced"):
        assemble(exposures, tmp_path, copyColumns=["reason", "base_CircApertureFlux_*"])
    assemble(exposures, tmp_path, centroidField="slot_Centriod")
    assert "No forcedDIASource has slot_Centriod_x" in caplog.text


@pytest.mark.parametrize("name, problem", [("pixelFlags_egde", "has pixelFlags_egde"),
                                           ("band", "has what is no flag: band")])
def testBadFlagThatIsNoneIsRefused(output, run, tmp_path, name, problem):
    """Also where the light curves are there already."""
    for arguments in (["--id", "visit=853", "sensor=1,2"], ["--reuse", "--format", "csv"]):
        root = shutil.copytree(output, tmp_path/arguments[0])
        before = (root/"deepDiff"/"diaLightCurves.parq").read_bytes()
        result = run("diaLightCurves.py", root, *arguments, "--config", f"badFlags={name}",
                     "--clobber-config", "--no-versions")
        assert result.returncode == 1 and "badFlags " + problem in result.stdout + result.stderr
        assert (root/"deepDiff"/"diaLightCurves.parq").read_bytes() == before


def testTooMuchText(output, run, tmp_path):
    root = shutil.copytree(output, tmp_path/"out")
    common = ["--reuse", "--directory", tmp_path/"to", "--clobber-config", "--no-versions", "--config"]
    for format, option in (("csv", "maxTextRows"), ("sncosmo", "maxFiles")):
        result = run("diaLightCurves.py", root, "--format", format, *common, f"products.{option}=3")
        assert result.returncode == 1 and option in result.stderr + result.stdout, result.stderr
    assert not list((tmp_path/"to").iterdir())


def testMissingAndBrokenCatalogs(writable, run):
    folder = writable/"deepDiff"
    (folder/"v853-fr"/"R22"/"forcedDIASource-S12.fits").unlink()
    (folder/"v892-fr"/"R22"/"forcedDIASource-S12.fits").write_bytes(b"nonsense")
    foreign = afwTable.SourceCatalog(afwTable.SourceTable.makeMinimalSchema())
    foreign.writeFits(str(folder/"v866-fi"/"R22"/"forcedDIASource-S11.fits"))
    result = run("diaLightCurves.py", writable, "--id", "visit=853^866^892^905", "raft=2,2", "--no-versions")
    output = result.stdout + result.stderr
    # The target failed, and so did a data ID without data.
    assert result.returncode == 2 and "2 of 5 forcedDIASource catalogs" in output
    assert "forcedDIASource-S12.fits" in output and "no column diaObjectId" in output
    assert "No forcedDIASource for dataId" in output and "Traceback" not in output
    table = pq.read_table(folder/"diaLightCurves.parq").to_pydict()
    assert set(zip(table["visit"], table["sensor"])) == {(866, "1,2"), (905, "1,1"), (905, "1,2")}


def testNoCatalogCanBeUsed(output, run, tmp_path):
    root = shutil.copytree(output, tmp_path/"out")
    before = (root/"deepDiff"/"diaLightCurves.parq").read_bytes()
    (root/"deepDiff"/"v853-fr"/"R22"/"forcedDIASource-S12.fits").write_bytes(b"nonsense")
    result = run("diaLightCurves.py", root, "--id", "visit=853", "sensor=1,2", "--no-versions")
    assert result.returncode == 1 and "None of the 1" in result.stdout + result.stderr
    # What there was is not lost.
    assert (root/"deepDiff"/"diaLightCurves.parq").read_bytes() == before
    assert not list((root/"deepDiff").glob(".*"))


def testNoForcedPhotometryAtAll(repository, run):
    result = run("diaLightCurves.py", repository, "--id", "visit=853", "--no-versions")
    assert result.returncode == 1 and "No forcedDIASource found" in result.stdout + result.stderr
    assert not list((repository/"deepDiff").glob("*ightCurve*"))


@pytest.mark.parametrize("dropped", [("base_PsfFlux_flux",), ("base_PsfFlux_flux", "base_LocalPhotoCalib")])
def testUncalibratedCatalogs(dropped, output, writable):
    """Fluxes in counts are calibrated, with the image's PhotoCalib if need be."""
    catalogs = (writable/"deepDiff").glob("v*/R22/forcedDIASource-*.fits")
    for path in catalogs:
        catalog = afwTable.SourceCatalog.readFits(str(path))
        mapper = afwTable.SchemaMapper(catalog.schema)
        for item in catalog.schema:
            if not item.field.getName().startswith(dropped):
                mapper.addMapping(item.key)
        fewer = afwTable.SourceCatalog(mapper.getOutputSchema())
        fewer.extend(catalog, mapper=mapper)
        fewer.schema.getAliasMap().set("slot_Centroid", "base_TransformedCentroidFromCoord")
        fewer.writeFits(str(path))
    DiaLightCurvesTask.parseAndRun([str(writable), *ID, *COMMON])
    curves = [pq.read_table(root/"deepDiff"/"diaLightCurves.parq").to_pydict() for root in (writable, output)]
    for name in ("psfDiffFlux", "psfDiffFluxErr"):
        np.testing.assert_allclose(*(curve[name] for curve in curves), rtol=1e-9)


def testMixedPositions(writable, tmp_path, caplog):
    (tmp_path/"mine.csv").write_text("id,ra,dec\n1,53.009,-27.439\n")
    ForcedDiaPhotTask.parseAndRun([str(writable), "--id", "visit=853", "sensor=1,2", "--refCat",
                                   str(tmp_path/"mine.csv"), *COMMON])
    with pytest.raises(TaskError, match="853") as refused:
        DiaLightCurvesTask.parseAndRun([str(writable), *ID, *COMMON])
    assert "mine.csv (1 positions" in str(refused.value) and "866" not in str(refused.value)
    assert not (writable/"deepDiff"/"diaLightCurves.parq").exists()
    DiaLightCurvesTask.parseAndRun([str(writable), *ID, *COMMON, "--allowMixed"])
    table = Butler(str(writable)).get("diaLightCurves").toDataFrame()
    assert (table["positionsDiffer"] == (table["visit"] == 853)).all()


def testDamagedTableIsNamed(writable):
    DiaLightCurvesTask.parseAndRun([str(writable), *ID, *COMMON])
    path = writable/"deepDiff"/"diaLightCurves.parq"
    content = bytearray(path.read_bytes())
    for place in range(100, len(content)//2, 50):
        content[place] ^= 0xff
    path.write_bytes(content)
    with pytest.raises(TaskError, match="diaLightCurves.parq cannot be read"):
        DiaLightCurvesTask.parseAndRun([str(writable), "--reuse", "--plot", "1", *COMMON])
