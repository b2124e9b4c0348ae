# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Mappers for tests."""

from .baseMapper import *
from .compositeMapper import *
