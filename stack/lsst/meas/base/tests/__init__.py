# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.

"""Simulated data and bases of test cases, for tests of measurement plugins."""

from ._algorithmTestCase import *
from ._blendContext import *
from ._testDataset import *
from ._transformTestCase import *
