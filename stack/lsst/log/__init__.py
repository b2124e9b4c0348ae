# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The stack's logging interface on top of Python's `logging`."""

from lsst import _noMixing

from ._log import *
from ._mdc import *
