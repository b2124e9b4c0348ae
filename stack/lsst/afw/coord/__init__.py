# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Where and in what weather an exposure was taken."""

from lsst import _noMixing

from ._observatory import Observatory
from ._weather import Weather

__all__ = ["Observatory", "Weather"]
