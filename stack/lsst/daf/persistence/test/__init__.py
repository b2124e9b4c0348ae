# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Mappers and objects for tests of the butler."""

from .testMapper import *
from .testObject import *
