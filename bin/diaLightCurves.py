#!/usr/bin/env python
import sys

try:
    from lsst.dia.repro import DiaLightCurvesTask

    DiaLightCurvesTask.parseAndRun()
except ImportError as error:
    sys.exit(f"diaLightCurves.py: {error}")
except KeyboardInterrupt:
    print("Interrupted", file=sys.stderr)
    sys.exit(130)
