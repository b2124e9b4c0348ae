#!/usr/bin/env bash
# Simulate a survey, run the Gen2 commands and the Gen3 pipelines on it, and compare all results bit by bit.
# The folder is made anew: whatever is in it is removed first.
set -eu
survey=${1:-demo-gen3}
pipelines=$(dirname "$0")/../pipelines
rm -rf "$survey"
simulateDiaRepo.py "$survey/gen2"
diaObjectMaker.py "$survey/gen2" --id --output "$survey/out"
forcedDiaPhot.py "$survey/out" --id -j 2
diaLightCurves.py "$survey/out" --id
convertDiaRepo.py "$survey/gen2" "$survey/gen3"
pipetask --log-level WARNING run -b "$survey/gen3" -p "$pipelines/dia.yaml" -i LSSTSim/gen2 -o demo/whole \
    --register-dataset-types
# Tiles of 160 arcsec; a survey that is wider than an image has larger ones.
pipetask --log-level WARNING run -b "$survey/gen3" -p "$pipelines/diaTiled.yaml" -i LSSTSim/gen2 -o demo/tiled \
    -c parameters:tileLevel=11 --register-dataset-types
python -m lsst.dia.repro.gen3.compareWithGen2 "$survey/out" "$survey/gen3" --collections demo/whole demo/tiled
