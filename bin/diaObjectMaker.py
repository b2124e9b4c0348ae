#!/usr/bin/env python
from lsst.dia.repro import DiaObjectMakerTask

DiaObjectMakerTask.parseAndRun()
