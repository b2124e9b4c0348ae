#!/usr/bin/env python
from lsst.dia.repro import DiaLightCurvesTask

DiaLightCurvesTask.parseAndRun()
