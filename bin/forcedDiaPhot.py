#!/usr/bin/env python
from lsst.dia.repro import ForcedDiaPhotTask

ForcedDiaPhotTask.parseAndRun()
