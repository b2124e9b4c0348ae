#!/usr/bin/env python
from lsst.dia.repro.simulate import main

main()
