#!/usr/bin/env python
import sys

if __name__ == "__main__":
    try:
        from lsst.dia.repro.quickImports import quickImports

        with quickImports():
            # First, since it says what to do where there is no Gen2.
            from lsst.dia.repro.commandLine import gen2Classes  # noqa: F401  # isort: skip
            from lsst.dia.repro import DiaObjectMakerTask

        DiaObjectMakerTask.parseAndRun()
    except ImportError as error:
        sys.exit(f"diaObjectMaker.py: {error}")
    except KeyboardInterrupt:
        print("Interrupted", file=sys.stderr)
        sys.exit(130)
