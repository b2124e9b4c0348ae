#!/usr/bin/env python
import sys

if __name__ == "__main__":
    try:
        from lsst.dia.repro.quickImports import quickImports

        with quickImports():
            # First, since it says what to do where there is no Gen2.
            from lsst.dia.repro.commandLine import gen2Classes  # noqa: F401  # isort: skip
            from lsst.dia.repro.gen3.convertDiaRepo import main

        sys.exit(main())
    except ImportError as error:
        sys.exit(f"convertDiaRepo.py: {error}; beside gen2-slice it needs dia-repro[gen3]")
    except KeyboardInterrupt:
        print("Interrupted", file=sys.stderr)
        sys.exit(130)
