#!/usr/bin/env python
import sys

try:
    from lsst.dia.repro.gen3.convertDiaRepo import main

    sys.exit(main())
except ImportError as error:
    sys.exit(f"convertDiaRepo.py: {error}; it needs gen2-slice and dia-repro[gen3]")
except KeyboardInterrupt:
    print("Interrupted", file=sys.stderr)
    sys.exit(130)
