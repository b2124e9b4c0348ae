#!/usr/bin/env python
import sys

try:
    from lsst.dia.repro import ForcedDiaPhotTask

    ForcedDiaPhotTask.parseAndRun()
except ImportError as error:
    sys.exit(f"forcedDiaPhot.py: {error}")
except KeyboardInterrupt:
    print("Interrupted", file=sys.stderr)
    sys.exit(130)
