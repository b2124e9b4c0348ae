# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Summaries of DIASources by object: against NumPy and SciPy, one object at a time."""

import numpy as np
import pytest
from scipy import stats

import lsst.meas.base as measBase

pd = pytest.importorskip("pandas", reason="the task works on data frames")

PLUGINS = [name for name in measBase.DiaObjectCalculationPlugin.registry if name.startswith("ap_")]
FILTERS = ["g", "r"]


def makeSources(n=300, nObjects=12, seed=3):
    """Make sources of objects of random sizes, in random order, some without flux or error."""
    random = np.random.default_rng(seed)
    objects = np.concatenate([np.arange(nObjects), random.integers(0, nObjects - 2, n - nObjects)]) + 100
    sources = pd.DataFrame({
        "diaObjectId": objects,
        "filterName": random.choice(FILTERS, n),
        "diaSourceId": random.permutation(n),
        "ra": (359.999 + random.normal(0, 1e-3, n) + 5 * (objects % 2)) % 360,
        "decl": random.normal(0, 1e-3, n) + (objects - 100) * 7.0,
        "midPointTai": random.uniform(59000, 60000, n),
        "psFlux": random.normal(100, 30, n),
        "psFluxErr": random.uniform(5, 40, n),
        "totFlux": random.normal(1000, 30, n),
        "totFluxErr": random.uniform(5, 40, n),
        "flags": (random.uniform(size=n) < 0.05).astype(np.uint64),
    })
    sources.loc[random.choice(n, 20), "psFlux"] = np.nan
    sources.loc[random.choice(n, 10), "psFluxErr"] = np.nan
    return sources


def summarize(sources, names=PLUGINS, ids=None):
    """Run plugins on all objects of the sources."""
    config = measBase.DiaObjectCalculationConfig()
    config.plugins.names = names
    task = measBase.DiaObjectCalculationTask(config=config)
    ids = np.unique(sources["diaObjectId"]) if ids is None else ids
    objects = pd.DataFrame({"diaObjectId": np.unique(sources["diaObjectId"])})
    return task.run(objects, sources, ids, FILTERS)


def computeStetson(flux, error, mean):
    """Compute Stetson's J as his paper says."""
    n = len(flux)
    scale = np.sqrt(n / (n - 1))
    for _ in range(20):
        residual = np.abs(scale * (flux - mean) / error)
        better = np.average(flux, weights=1 / error**2 / (1 + (residual / 2) ** 2))
        change, mean = abs(better - mean), better
        if change < 1e-6 and change / mean < 1e-6:
            break
    excess = (scale * (flux - mean) / error) ** 2 - 1
    return np.mean(np.sign(excess) * np.sqrt(np.abs(excess)))


def expectFluxes(rows):
    """Return the summary of the fluxes of one object in one filter."""
    flux = rows["psFlux"].dropna().to_numpy()
    both = rows.dropna(subset=["psFlux", "psFluxErr"]).sort_values("midPointTai")
    f, e, t = (both[name].to_numpy() for name in ("psFlux", "psFluxErr", "midPointTai"))
    nan = np.nan
    weight = 1 / e**2
    mean = np.sum(weight * f) / np.sum(weight) if len(f) else nan
    timed = rows.dropna(subset=["psFlux"]).sort_values("midPointTai")
    slopes = np.diff(timed["psFlux"]) / np.diff(timed["midPointTai"])
    fit = np.polyfit(t - 59500, f, 1, w=1 / e) if len(f) > 1 else (nan, nan)
    total, totalWeight = rows["totFlux"].to_numpy(), rows["totFluxErr"].to_numpy() ** -2.0
    return {
        "PSFluxMean": mean,
        "PSFluxMeanErr": np.sum(weight) ** -0.5 if len(f) else nan,
        "PSFluxNdata": len(f),
        "PSFluxSigma": np.std(flux, ddof=1) if len(flux) > 1 else nan,
        "PSFluxChi2": np.sum((f - mean) ** 2 * weight),
        "PSFluxMAD": stats.median_abs_deviation(flux) if len(flux) else nan,
        "PSFluxSkew": stats.skew(flux, bias=False) if len(flux) > 2 else nan,
        "PSFluxMin": flux.min() if len(flux) else nan,
        "PSFluxMax": flux.max() if len(flux) else nan,
        "PSFluxMaxSlope": slopes.max() if len(slopes) else nan,
        "PSFluxErrMean": rows["psFluxErr"].mean(),
        "PSFluxLinearSlope": fit[0],
        "PSFluxLinearIntercept": fit[1] - 59500 * fit[0],
        "PSFluxStetsonJ": computeStetson(f, e, mean) if len(f) > 1 else nan,
        "PSFluxPercentile25": np.percentile(flux, 25) if len(flux) else nan,
        "TOTFluxMean": np.sum(total * totalWeight) / np.sum(totalWeight),
        "TOTFluxMeanErr": np.sum(totalWeight) ** -0.5,
        "TOTFluxSigma": np.std(total, ddof=1) if len(total) > 1 else nan,
    }


def test_everyPluginHasATest():
    made = {column for name in PLUGINS
            for column in measBase.DiaObjectCalculationPlugin.registry[name].PluginClass.outputCols}
    positions = {"ra", "decl", "radecTai", "pixelId", "nDiaSources", "flags"}
    assert made <= set(expectFluxes(makeSources())) | positions
    assert len(PLUGINS) == 17


def test_fluxes():
    sources = makeSources()
    result = summarize(sources.copy()).updatedDiaObjects
    for filterName in FILTERS:
        for diaObjectId, row in result.iterrows():
            chosen = sources[(sources.diaObjectId == diaObjectId) & (sources.filterName == filterName)]
            if not len(chosen):
                assert np.isnan(row[filterName + "PSFluxMean"])
                continue
            for name, value in expectFluxes(chosen).items():
                np.testing.assert_allclose(
                    float(row[filterName + name]), value, rtol=1e-7, atol=1e-12,
                    err_msg=f"{filterName}{name} of {diaObjectId}",
                )


def test_positions():
    sources = makeSources()
    result = summarize(sources.copy()).updatedDiaObjects
    for diaObjectId, row in result.iterrows():
        chosen = sources[sources.diaObjectId == diaObjectId]
        mean = np.mean((chosen["ra"] - row["ra"] + 180) % 360 - 180)  # right across RA 0/360
        assert mean == pytest.approx(0.0, abs=1e-8)
        assert row["decl"] == pytest.approx(chosen["decl"].mean(), abs=1e-7)
        assert row["radecTai"] == chosen["midPointTai"].max()
        assert row["nDiaSources"] == len(chosen)
        assert row["flags"] == int((chosen["flags"] != 0).any())


def test_onlyTheChosenObjectsAreUpdated():
    sources = makeSources()
    chosen = np.array([103, 101])
    config = measBase.DiaObjectCalculationConfig()
    task = measBase.DiaObjectCalculationTask(config=config)
    objects = pd.DataFrame({"diaObjectId": np.unique(sources["diaObjectId"]), "ra": -1.0, "decl": -1.0})
    result = task.run(objects, sources, chosen, FILTERS)
    assert result.diaObjectCat is objects
    assert list(result.updatedDiaObjects.index) == list(chosen)
    assert set(objects.index[objects["ra"] != -1.0]) == set(chosen)
    assert objects.loc[103, "decl"] == pytest.approx(21.0, abs=0.01)


def test_unknownFiltersAreSkipped(caplog):
    config = measBase.DiaObjectCalculationConfig()
    task = measBase.DiaObjectCalculationTask(config=config)
    sources = makeSources()
    objects = pd.DataFrame({"diaObjectId": np.unique(sources["diaObjectId"])})
    result = task.run(objects, sources, np.array([101]), ["z", "g"])
    assert "z" in caplog.text
    assert "gPSFluxMean" in result.updatedDiaObjects and "zPSFluxMean" not in result.updatedDiaObjects


@measBase.register("test_Brightest")
class BrightestPlugin(measBase.DiaObjectCalculationPlugin):
    """A plugin of a user, for one object at a time."""

    outputCols = ["Brightest"]
    inputCols = ["PSFluxMean"]

    @classmethod
    def getExecutionOrder(cls):
        return cls.FLUX_MOMENTS_CALCULATED

    def calculate(self, diaObjects, diaObjectId, filterDiaSources, filterName, **kwargs):
        value = filterDiaSources["psFlux"].max() - diaObjects.at[diaObjectId, filterName + "PSFluxMean"]
        diaObjects.loc[diaObjectId, filterName + "Brightest"] = value


def test_pluginsOfUsers(caplog):
    sources = makeSources()
    result = summarize(sources.copy(), ["ap_meanFlux", "test_Brightest", "ap_minMaxFlux"]).updatedDiaObjects
    for name in FILTERS:
        expected = result[name + "PSFluxMax"] - result[name + "PSFluxMean"].astype(float)
        np.testing.assert_allclose(result[name + "Brightest"], expected, rtol=1e-12)


def test_pluginsThatDoNotGoTogether():
    with pytest.raises(ValueError, match="requires DiaObject column PSFluxMean"):
        summarize(makeSources(), ["ap_chi2Flux"])

    @measBase.register("test_AlsoMean")
    class AlsoMean(BrightestPlugin):
        outputCols = ["PSFluxMean"]

    with pytest.raises(ValueError, match="already being produced"):
        summarize(makeSources(), ["ap_meanFlux", "test_AlsoMean"])


def test_oneDate():
    # A straight line through one date is the shortest of those that fit.
    sources = makeSources(40, 3)
    sources["midPointTai"], sources["psFlux"], sources["psFluxErr"] = 3.0, 20.0, 1.0
    result = summarize(sources, ["ap_linearFit", "ap_maxSlopeFlux"]).updatedDiaObjects
    expected = np.linalg.lstsq(np.array([[3.0, 1.0]]), np.array([20.0]), rcond=None)[0]
    assert result["gPSFluxLinearSlope"].iloc[0] == pytest.approx(expected[0])
    assert result["gPSFluxLinearIntercept"].iloc[0] == pytest.approx(expected[1])
    assert np.isnan(result["gPSFluxMaxSlope"]).all()


def test_oneDateThatIsNotRound():
    """Rounding of the mean date must not make a slope."""
    sources = makeSources()
    sources["midPointTai"] = 59123.456789
    result = summarize(sources, ["ap_linearFit"]).updatedDiaObjects
    compared = 0
    used = sources[(sources["filterName"] == "g") & sources[["psFlux", "psFluxErr"]].notna().all(axis=1)]
    for objectId, members in used.groupby(used["diaObjectId"].to_numpy()):
        if len(members) < 2:
            continue
        compared += 1
        matrix = np.array([[59123.456789, 1.0]] * len(members)) / members["psFluxErr"].to_numpy()[:, None]
        expected = np.linalg.lstsq(matrix, members["psFlux"] / members["psFluxErr"], rcond=None)[0]
        assert result["gPSFluxLinearSlope"][objectId] == pytest.approx(expected[0], rel=1e-6)
        assert result["gPSFluxLinearIntercept"][objectId] == pytest.approx(expected[1], rel=1e-6)
    assert compared > 5
