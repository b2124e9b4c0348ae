# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""How tables of peaks are stored."""

from lsst.afw.table.io import TableFormat, registerTableFormat

from .._peak import PeakTable

registerTableFormat("PEAK", TableFormat(PeakTable, "Peak"))
