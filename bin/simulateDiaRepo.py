#!/usr/bin/env python
from lsst.dia.repro.simulate.command import main

main()
