#!/usr/bin/env bash
# Simulate a survey, make DIAObjects and forced light curves of it, score them, and make pages to look at.
# The folder is made anew: whatever is in it is removed first.
set -eu
survey=${1:-demo}
rm -rf "$survey"
simulateDiaRepo.py "$survey/repo"
diaObjectMaker.py "$survey/repo" --id --output "$survey/out" --config loader.doCalibrate=True
forcedDiaPhot.py "$survey/out" --id -j 2
diaLightCurves.py "$survey/out" --id --plot 4 --directory "$survey/lightCurves"
python -m lsst.dia.repro.simulate.score "$survey/repo" "$survey/out" --figure "$survey/lightCurves.png"
diaReport.py "$survey/out" --output "$survey/report" --title "Simulated survey"
