#!/usr/bin/env python
import sys

try:
    from lsst.dia.repro import ForcedDiaPhotTask
except ImportError as error:
    sys.exit(f"forcedDiaPhot.py: {error}")

ForcedDiaPhotTask.parseAndRun()
