# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Every part of the tables has the columns that were declared, whatever is in it."""

import lsst.afw.table as afwTable
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from forcedCatalogs import assemble, collect, makeForced
from lsst.dia.repro.lightCurves.lightCurveSummary import LightCurveSummary
from memoryExposure import MemoryExposure

#: What the images of a random survey may have for a band; none is known of the last.
BANDS = ["g", "r", "N921", ""]

OVER_ALL = {"fpFluxNdata", "nDetections", "fpFluxMaxSlope", "fpFluxChi2", "fpFluxDof", "fpFluxChi2Zero",
            "firstDetectionMjdTai", "lastDetectionMjdTai", "peakFlux", "peakFluxErr", "peakMjdTai"}


def withoutColumns(catalog, dropped):
    """Return a catalog without some columns."""
    mapper = afwTable.SchemaMapper(catalog.schema)
    for item in catalog.schema:
        if item.field.getName() not in dropped:
            mapper.addMapping(item.key)
    fewer = afwTable.SourceCatalog(mapper.getOutputSchema())
    fewer.extend(catalog, mapper=mapper)
    return fewer


def makeSurvey(rng):
    """Return images of fields far apart, each in bands of its own, with fluxes of all kinds or none."""
    exposures = []
    for field in range(rng.integers(1, 4)):
        bands = rng.choice(BANDS, rng.integers(1, 3))
        for image in range(rng.integers(1, 6)):
            visit = 100*field + image
            ids = 1000*field + rng.permutation(20)[:rng.choice([0, 1, 15])]
            flux = rng.choice([np.nan, np.inf, 0.0, 1.0, 1e3], max(len(ids), 1))[:len(ids)]
            catalog = makeForced(ids, rng.random() < 0.5, flux if rng.random() < 0.7 else np.nan)
            if rng.random() < 0.3:
                catalog = withoutColumns(catalog, rng.choice(
                    ["base_PsfFlux_fluxErr", "base_C_x", "base_PsfFlux_flag"], 1))
            band = str(rng.choice(bands))
            dataId = {"visit": visit, "filter": band} if rng.random() < 0.8 else {"visit": visit}
            exposures.append(MemoryExposure(lambda catalog=catalog: catalog, dataId, visit,
                                            rng.choice([59000.0 + visit, np.nan]), band=band or None))
    return exposures


@pytest.mark.parametrize("seed", range(40))
def testColumnsAreThoseDeclared(seed, tmp_path):
    exposures = makeSurvey(np.random.default_rng(seed))
    options = {"rowGroupRows": 7, "badFlags": ["psfDiffFlux_flag", "pixelFlags_cr"]}
    result = assemble(exposures, tmp_path, **options)
    assert len(set(result.schema.names)) == len(result.schema.names)
    assert len(set(result.summarySchema.names)) == len(result.summarySchema.names)
    for group in result.groups:
        assert group.lightCurves.schema.equals(result.schema, check_metadata=True)
        assert group.summary.schema.equals(result.summarySchema, check_metadata=True)
        group.lightCurves.validate(full=True)
        group.summary.validate(full=True)
        assert set(group.summary["diaObjectId"].to_pylist()) == set(
            group.lightCurves["diaObjectId"].to_pylist())
    (tmp_path/"again").mkdir()
    written = collect(exposures, tmp_path/"again", **options)
    total = sum(len(exposure.readSources()) for exposure in exposures)
    assert pq.read_metadata(written.lightCurves).num_rows == written.nRows == total
    assert pq.read_schema(written.summary).names == result.summarySchema.names


@pytest.mark.parametrize("flux", [50.0, np.nan])
@pytest.mark.parametrize("known", [[], ["g"], ["g", "r"]])
def testSummaryIsOfTheDeclaredTypes(flux, known):
    """Also of a band in which there is nothing."""
    values = {"diaObjectId": np.array([1, 1, 2]), "ra": np.zeros(3), "dec": np.zeros(3),
              "midpointMjdTai": np.arange(3.0), "band": pa.array(["g"]*3), "psfDiffFlux": np.full(3, flux),
              "psfDiffFluxErr": np.ones(3)}
    summarizer = LightCurveSummary(known, 5, [])
    summary, missing = summarizer.run(values, {})
    assert list(summary) == [column.name for column in summarizer.columns()]
    for column in summarizer.columns():
        if column.dtype != "str":
            assert summary[column.name].dtype == column.dtype, column.name
            assert (column.name in missing) == (column.dtype == "float64"), column.name


def testTwoFieldsInDifferentBands(tmp_path):
    def makeImage(ids, visit, band, flux):
        return MemoryExposure(lambda: makeForced(ids, flux=flux), {"visit": visit}, visit, 59000.0 + visit,
                              band)

    images = [makeImage(range(1, 9), visit, "g", 10.0*visit) for visit in range(1, 4)]
    images += [makeImage(range(11, 19), visit, "r", np.nan) for visit in range(4, 7)]
    written = collect(images, tmp_path, rowGroupRows=8, badFlags=[])
    summary = pq.read_table(written.summary).to_pydict()
    # The fluxes 10, 20 and 30 have errors of 1.
    assert summary["g_fpFluxChi2"] == [200.0]*8 + [0.0]*8 and summary["r_fpFluxChi2"] == [0.0]*16
    assert summary["g_fpFluxMean"] == [20.0]*8 + [None]*8 and summary["r_fpFluxMean"] == [None]*16


def testImagesWithoutBand(tmp_path):
    """They count over all bands, and are compared with no other flux."""
    images = [MemoryExposure(lambda flux=flux: makeForced([1, 2], flux=flux), {"visit": visit}, visit,
                             59000.0 + visit, band)
              for visit, (flux, band) in enumerate([(10.0, "g"), (14.0, "g"), (50.0, None)])]
    (group,) = assemble(images, tmp_path, badFlags=[]).groups
    summary = group.summary.to_pydict()
    assert summary["fpFluxNdata"] == summary["nDetections"] == [3, 3] and summary["g_fpFluxNdata"] == [2, 2]
    assert summary["fpFluxChi2Zero"] == [100.0 + 196.0 + 2500.0]*2
    assert summary["fpFluxChi2"] == summary["g_fpFluxChi2"] == [8.0, 8.0] and summary["fpFluxDof"] == [1, 1]
    assert summary["fpFluxMaxSlope"] == [4.0, 4.0]
    assert summary["peakFlux"] == [50.0, 50.0] and summary["peakBand"] == ["", ""]


def testNothingMixesBands(tmp_path):
    image = MemoryExposure(lambda: makeForced([1]), {"visit": 1}, 1, 59000.0, "g")
    (group,) = assemble([image], tmp_path).groups
    names = set(group.summary.schema.names)
    perBand = {name[2:] for name in names if name.startswith("g_")}
    assert {name for name in names if name in perBand} == OVER_ALL
    assert perBand - OVER_ALL == {"fpFluxMean", "fpFluxMeanErr", "fpFluxSigma", "fpFluxMin", "fpFluxMax",
                                  "fpFluxErrMean"}


def testColumnThatAnotherImageHasInItsDataId(tmp_path):
    """A copied column may have the name of a key that only some data IDs have."""
    catalog = makeForced([1, 2], isNew=True)
    images = [MemoryExposure(lambda: catalog, {"visit": 1, "reason": 5}, 1, 59000.0, "g"),
              MemoryExposure(lambda: catalog, {"visit": 2}, 2, 59001.0, "g")]
    (group,) = assemble(images, tmp_path, badFlags=[]).groups
    assert group.lightCurves["reason"].to_pylist() == [5, 0, 5, 0]
