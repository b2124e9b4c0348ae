# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Typed property containers and dates."""

from lsst import _noMixing

from . import yaml
from ._dateTime import *
from ._propertyContainer import *
from ._propertyList import *
from ._propertySet import *
