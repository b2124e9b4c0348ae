# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The summary of light curves, against a plain loop over objects."""

import warnings

import numpy as np
import pyarrow as pa
from lsst.dia.repro.lightCurves.lightCurveSummary import LightCurveSummary
from lsst.dia.repro.lightCurves.usableMeasurements import isUsable

THRESHOLD = 5.0
BANDS = ["g", "r", "y"]


def makeCurves(rng, nObjects=60):
    """Return columns of light curves of all kinds, sorted."""
    ids = np.sort(rng.integers(0, nObjects, nObjects*12)) + 10**12
    ids = ids[np.append(True, np.diff(ids) >= 0)]
    n = len(ids)
    mjd = rng.uniform(59000, 59300, n)
    order = np.lexsort((mjd, ids))
    flux, fluxErr = rng.normal(100, 800, n), rng.uniform(50, 150, n)
    flux[rng.random(n) < 0.05] = np.nan
    fluxErr[rng.random(n) < 0.03] = np.nan
    fluxErr[rng.random(n) < 0.02] = 0.0
    flag = rng.random(n) < 0.1
    flag[ids == ids[0]] = True
    return {"diaObjectId": ids, "ra": ids % 360 + 0.5, "dec": ids % 80 + 0.25, "midpointMjdTai": mjd[order],
            "band": pa.array(rng.choice(BANDS, n).tolist()), "psfDiffFlux": flux, "psfDiffFluxErr": fluxErr,
            "psfDiffFlux_flag": flag}


def expect(mjd, flux, fluxErr):
    """Return the statistics of one object in one band."""
    n = len(flux)
    if not n:
        return {"fpFluxNdata": 0, "nDetections": 0, "fpFluxMean": np.nan, "fpFluxChi2": 0.0, "fpFluxDof": 0,
                "firstDetectionMjdTai": np.nan, "peakFlux": np.nan, "fpFluxMaxSlope": np.nan}
    mean = np.average(flux, weights=1/fluxErr**2)
    snr = np.abs(flux)/fluxErr
    peak = int(np.argmax(snr))
    detected = mjd[snr >= THRESHOLD]
    slopes = [(flux[i + 1] - flux[i])/(mjd[i + 1] - mjd[i]) for i in range(n - 1)]
    return {
        "fpFluxNdata": n, "nDetections": len(detected), "fpFluxMean": mean,
        "fpFluxMeanErr": sum(fluxErr**-2)**-0.5, "fpFluxMin": min(flux), "fpFluxMax": max(flux),
        "fpFluxSigma": np.std(flux, ddof=1) if n > 1 else np.nan, "fpFluxErrMean": np.mean(fluxErr),
        "fpFluxMaxSlope": max(slopes) if slopes else np.nan, "fpFluxDof": n - 1,
        "fpFluxChi2": sum(((flux - mean)/fluxErr)**2), "fpFluxChi2Zero": sum((flux/fluxErr)**2),
        "firstDetectionMjdTai": min(detected) if len(detected) else np.nan,
        "lastDetectionMjdTai": max(detected) if len(detected) else np.nan,
        "peakFlux": flux[peak], "peakFluxErr": fluxErr[peak], "peakMjdTai": mjd[peak]}


def testAgainstALoop():
    values = makeCurves(np.random.default_rng(4))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        summary, missing = LightCurveSummary(BANDS, THRESHOLD, ["psfDiffFlux_flag", "absent"]).run(values, {})
    flux, fluxErr, mjd = (values[name] for name in ("psfDiffFlux", "psfDiffFluxErr", "midpointMjdTai"))
    with np.errstate(invalid="ignore"):
        usable = np.isfinite(flux + fluxErr) & (fluxErr > 0) & ~values["psfDiffFlux_flag"]
    bands = np.array(values["band"].to_pylist())
    ids = np.unique(values["diaObjectId"])
    np.testing.assert_array_equal(summary["diaObjectId"], ids)
    for i, objectId in enumerate(ids):
        mine = values["diaObjectId"] == objectId
        assert summary["nForcedSources"][i] == mine.sum()
        assert summary["ra"][i] == objectId % 360 + 0.5
        perBand = {band: expect(*(a[mine & usable & (bands == band)] for a in (mjd, flux, fluxErr)))
                   for band in BANDS}
        for band in BANDS:
            for name, value in perBand[band].items():
                np.testing.assert_allclose(summary[f"{band}_{name}"][i], value, rtol=1e-9, atol=1e-9)
        whole = expect(*(a[mine & usable] for a in (mjd, flux, fluxErr)))
        for name in ("Mean", "MeanErr", "Sigma", "Min", "Max", "ErrMean"):
            whole.pop("fpFlux" + name, None)
            assert "fpFlux" + name not in summary
        # Constancy and slope compare fluxes of one band only.
        whole["fpFluxChi2"] = sum(part["fpFluxChi2"] for part in perBand.values())
        whole["fpFluxDof"] = sum(part["fpFluxDof"] for part in perBand.values())
        slopes = [part["fpFluxMaxSlope"] for part in perBand.values() if np.isfinite(part["fpFluxMaxSlope"])]
        whole["fpFluxMaxSlope"] = max(slopes) if slopes else np.nan
        for name, value in whole.items():
            np.testing.assert_allclose(summary[name][i], value, rtol=1e-9, atol=1e-9, err_msg=name)
            if isinstance(value, float) and np.isnan(value):
                assert missing[name][i]
        n = whole["fpFluxNdata"]
        if n:
            expected = (whole["fpFluxChi2Zero"] - n)/np.sqrt(2*n)
            np.testing.assert_allclose(summary["significance"][i], expected)
            assert summary["peakBand"][i].as_py() == bands[mine & usable & (mjd == whole["peakMjdTai"])][0]
        else:
            assert missing["significance"][i] and summary["peakBand"][i].as_py() == ""
    assert (summary["fpFluxNdata"] == 0).any() and (summary["nDetections"] > 3).any()


def testMissingValuesDoNotCount():
    values = {"diaObjectId": np.array([1, 1, 2]), "ra": np.zeros(3), "dec": np.zeros(3),
              "midpointMjdTai": np.array([1.0, 2.0, np.nan]), "band": pa.array(["g", "g", "r"]),
              "psfDiffFlux": np.array([10.0, 0.0, 70.0]), "psfDiffFluxErr": np.array([1.0, 1.0, 10.0])}
    missing = {"psfDiffFlux": np.array([False, True, False])}
    summary, absent = LightCurveSummary(["g", "r"], 5, []).run(values, missing)
    assert summary["fpFluxNdata"].tolist() == [1, 1]
    assert summary["nDetections"].tolist() == [1, 1]
    # The second object was detected, nobody knows when.
    assert absent["firstDetectionMjdTai"].tolist() == [False, True]


def testFluxesWhoseSquaresAreBeyondAllNumbers():
    """What can be said is said, without a warning, and an object beside is as it would be."""
    values = {"diaObjectId": np.array([1, 1, 2, 2, 3]), "ra": np.zeros(5), "dec": np.zeros(5),
              "midpointMjdTai": np.array([1.0, 2.0, 1.0, 3.0, 1.0]), "band": pa.array(["g"]*5),
              "psfDiffFlux": np.array([1e300, -1e300, 10.0, 14.0, 5.0]),
              "psfDiffFluxErr": np.array([1.0, 1e-300, 1.0, 1.0, 1e300])}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        summary, _ = LightCurveSummary(["g"], 5, []).run(values, {})
    assert summary["fpFluxChi2Zero"].tolist() == [np.inf, 296.0, 0.0]
    assert summary["peakFlux"].tolist() == [-1e300, 14.0, 5.0]
    assert summary["nDetections"].tolist() == [2, 2, 0]
    assert summary["g_fpFluxMax"].tolist() == [1e300, 14.0, 5.0]
    np.testing.assert_array_equal(summary["g_fpFluxMean"], [np.nan, 12.0, np.nan])
    assert summary["g_fpFluxSigma"].tolist()[:2] == [np.inf, np.sqrt(8.0)]
    assert summary["g_fpFluxChi2"][1] == 8.0 and summary["g_fpFluxMaxSlope"][1] == 2.0


def testLightCurvesWithoutFluxes():
    values = {"diaObjectId": np.array([1, 1]), "ra": np.zeros(2), "dec": np.zeros(2),
              "midpointMjdTai": np.zeros(2), "band": pa.array(["g", "g"])}
    summary, missing = LightCurveSummary(["g"], 5, []).run(values, {})
    assert summary["nForcedSources"].tolist() == [2] and summary["fpFluxNdata"].tolist() == [0]
    assert missing["significance"].all() and missing["g_fpFluxMean"].all()


def testNumbersAreFlagsToo():
    """What keeps a measurement from use is any value but zero, unless there is none."""
    values = {"diaObjectId": np.ones(4), "psfDiffFlux": np.ones(4), "psfDiffFluxErr": np.ones(4),
              "reason": np.array([0, 1, 6, 5], dtype=np.int32)}
    missing = {"reason": np.array([False, False, False, True])}
    assert isUsable(values, missing, ["reason"]).tolist() == [True, False, False, True]
