# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Lets the tests import their helpers."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
