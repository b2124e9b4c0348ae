# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Mappers for tests."""

from .baseMapper import *
from .compositeMapper import *
