#!/usr/bin/env python
import sys

try:
    from lsst.dia.repro import DiaObjectMakerTask

    DiaObjectMakerTask.parseAndRun()
except ImportError as error:
    sys.exit(f"diaObjectMaker.py: {error}")
except KeyboardInterrupt:
    print("Interrupted", file=sys.stderr)
    sys.exit(130)
