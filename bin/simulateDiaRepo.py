#!/usr/bin/env python
import sys

try:
    from lsst.dia.repro.simulate.command import main
except ImportError as error:
    sys.exit(f"simulateDiaRepo.py: {error}")

main()
