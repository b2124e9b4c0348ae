# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""How tables of records with an ID and a sky position are stored."""

from .._simple import SimpleTable
from ._tableFormat import TableFormat, registerTableFormat

registerTableFormat("SIMPLE", TableFormat(SimpleTable, "Simple"))
