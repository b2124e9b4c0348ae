# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The formats that light curves can be exported in."""

__all__ = ["FORMATS"]

#: The formats, and the endings of their files.
FORMATS = {"ecsv": ".ecsv", "csv": ".csv", "sncosmo": ".sncosmo.txt", "parquet": ".parq"}
