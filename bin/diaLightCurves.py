#!/usr/bin/env python
import sys

try:
    from lsst.dia.repro import DiaLightCurvesTask
except ImportError as error:
    sys.exit(f"diaLightCurves.py: {error}")

DiaLightCurvesTask.parseAndRun()
