#!/usr/bin/env python
import sys

if __name__ == "__main__":
    try:
        from lsst.dia.repro.quickImports import quickImports

        with quickImports():
            from lsst.dia.repro.simulate.command import main

        sys.exit(main())
    except ImportError as error:
        sys.exit(f"simulateDiaRepo.py: {error}")
    except KeyboardInterrupt:
        print("Interrupted", file=sys.stderr)
        sys.exit(130)
