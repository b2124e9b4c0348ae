#!/usr/bin/env python
from lsst.dia.repro.start import start

start("DiaLightCurvesTask")
