# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""What Level 1 gives up against Level 2, by its look back, on a simulated survey with known truth.

``python -m benchmarks.promptTruth`` in the root of a checkout; two minutes. It prints the tables of
``doc/lsst.dia.repro/prompt.rst``: how complete and pure DIAObjects and light curves are for each look back,
and what positions that were not yet the final ones do to the flux. A detection has a part in the position
that it is measured at, and its flux is greatest at its own. One that is the position alone, as that of a
DIAObject's first DIASource is, has exp(d^2/4) times the flux at the final position, d widths of a Gaussian
PSF away.
"""

import pathlib
import subprocess
import sys
import tempfile

import numpy as np
from astropy.table import Table
from lsst.daf.persistence import Butler
from lsst.dia.repro.simulate.surveyScore import findTrueIds, truthOfDiaObjects
from lsst.dia.repro.sky import separation, toVectors

BIN = pathlib.Path(__file__).parents[1]/"bin"

#: Days.
LOOK_BACKS = (0.0, 10.0, 30.0, None)

#: Separations from the final position that are taken together, in widths (sigma) of the PSF.
SEPARATIONS = (0.0, 0.03, 0.1, 0.2, 0.4, 0.8, 1.6)

#: Only fluxes of so many errors, which are of detections, tell.
LEAST_SIGNAL = 8.0

KEYS = ("visit", "raft", "sensor")


def run(command, *args):
    done = subprocess.run([sys.executable, str(BIN/command), *map(str, args)], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{command}: {done.stderr[-2000:]}")


def replay(survey, root, lookBack):
    """Replay the survey, and return a butler of what came of it."""
    name = f"back{lookBack}"
    run("diaPrompt.py", survey, "--id", "--output", root/name, "--apdb", root/f"{name}.db", "--export",
        "--config", f"lookBack={lookBack}")
    return Butler(str(root/name))


def findPlaces(table):
    return list(zip(*(np.asarray(table[key]).tolist() for key in KEYS)))


def scoreReplay(butler, survey):
    """Return completeness and purity of the DIAObjects, and of their light curves."""
    fluxes = Table.read(survey/"truth"/"fluxes.ecsv")
    sources = butler.get("reproDIASources").asAstropy()
    sources["trueId"] = findTrueIds(sources, fluxes)
    members = sources[sources["diaObjectId"] != 0]
    trueOf = truthOfDiaObjects(members)
    isReal = trueOf["trueId"] != 0
    trueId = dict(zip(trueOf["diaObjectId"][isReal].tolist(), trueOf["trueId"][isReal].tolist()))
    seen = set(sources["trueId"][sources["trueId"] != 0].tolist())
    curves = butler.get("diaLightCurves").toDataFrame()
    shown = [trueId.get(number) for number in curves["diaObjectId"]]
    measured = {(number, *place) for number, place in zip(shown, findPlaces(curves)) if number is not None}
    data = fluxes[np.asarray(fluxes["hasData"], dtype=bool)]
    wanted = {(number, *place) for number, place in zip(data["id"].tolist(), findPlaces(data))
              if number in set(trueId.values())}
    return (len(set(trueId.values()))/len(seen), len(trueId)/len(set(members["diaObjectId"].tolist())),
            len(measured & wanted)/len(wanted))


def findLosses(butler, root, survey):
    """Return separations from the final position, in widths of the PSF, and flux over that there."""
    output = root/"final"
    run("forcedDiaPhot.py", butlerRoot(butler), "--id", "--output", output)
    run("diaLightCurves.py", output, "--id")
    columns = ["diaObjectId", "ccdExposureId", *KEYS, "ra", "dec", "psfDiffFlux", "psfDiffFluxErr"]
    early = butler.get("diaLightCurves").toDataFrame()[columns]
    final = Butler(str(output)).get("diaLightCurves").toDataFrame()[columns]
    both = early.merge(final, on=["diaObjectId", "ccdExposureId", *KEYS], suffixes=("", "Final"))
    both = both[np.abs(both["psfDiffFluxFinal"]) > LEAST_SIGNAL*both["psfDiffFluxErrFinal"]]
    distance = separation(*(toVectors(np.radians(both["ra" + end]), np.radians(both["dec" + end]))
                            for end in ("", "Final")))
    widths = {place: findWidth(Butler(str(survey)), place) for place in set(findPlaces(both))}
    width = np.array([widths[place] for place in findPlaces(both)])
    return distance/width, (both["psfDiffFlux"]/both["psfDiffFluxFinal"]).to_numpy()


def butlerRoot(butler):
    return pathlib.Path(butler.getUri("reproDIAObjects")).parents[1]


def findWidth(butler, place):
    """Return the width of the PSF of an image, radians."""
    exposure = butler.get("deepDiff_differenceExp", dict(zip(KEYS, place)))
    psf = exposure.getPsf()
    radius = psf.computeShape(psf.getAveragePosition()).getDeterminantRadius()
    return radius*exposure.getWcs().getPixelScale().asRadians()


def main():
    with tempfile.TemporaryDirectory() as scratch:
        root = pathlib.Path(scratch)
        survey = root/"survey"
        run("simulateDiaRepo.py", survey)
        print("look back  complete   pure  measurements")
        for lookBack in LOOK_BACKS:
            butler = replay(survey, root, lookBack)
            print("{:>9s}  {:8.3f}  {:5.3f}  {:12.3f}".format(str(lookBack), *scoreReplay(butler, survey)),
                  flush=True)
        distance, ratio = findLosses(butler, root, survey)
    print("separation  number  flux ratio  exp(d^2/4)")
    for low, high in zip(SEPARATIONS[:-1], SEPARATIONS[1:]):
        isIn = (distance >= low) & (distance < high)
        if isIn.any():
            print(f"{low:4.2f}-{high:4.2f}  {isIn.sum():7d}  {np.median(ratio[isIn]):10.4f}  "
                  f"{np.median(np.exp(0.25*distance[isIn]**2)):10.4f}")


if __name__ == "__main__":
    main()
