#!/usr/bin/env python
import sys

try:
    from lsst.dia.repro import DiaObjectMakerTask
except ImportError as error:
    sys.exit(f"diaObjectMaker.py: {error}")

DiaObjectMakerTask.parseAndRun()
