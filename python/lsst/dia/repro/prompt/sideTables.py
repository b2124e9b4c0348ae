# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The tables that Level 1 needs beside those of the alert production database."""

from __future__ import annotations

__all__ = ["EXPOSURES", "PENDING", "SUMS_TABLE", "TABLES"]

import sqlalchemy as sa

TABLES = sa.MetaData()

#: The sums of each DIAObject, as bytes of `objectSums.SUMS`.
SUMS_TABLE = sa.Table(
    "DiaReproSums", TABLES,
    sa.Column("diaObjectId", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("sums", sa.LargeBinary, nullable=False))

#: The exposures processed. The pixel is that of the centre of the circle around the exposure, degrees; an
#: exposure without an image has none that could be looked back at.
EXPOSURES = sa.Table(
    "DiaReproExposure", TABLES,
    sa.Column("ccdExposureId", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("visit", sa.BigInteger, nullable=False),
    sa.Column("detector", sa.Integer, nullable=False),
    sa.Column("midpointMjdTai", sa.Double, nullable=False),
    sa.Column("band", sa.String, nullable=False),
    sa.Column("dataId", sa.JSON, nullable=False),
    sa.Column("hasImage", sa.Boolean, nullable=False),
    sa.Column("ra", sa.Double), sa.Column("dec", sa.Double), sa.Column("radius", sa.Double),
    sa.Column("pixelId", sa.BigInteger),
    sa.Index("DiaReproExposure_place", "pixelId", "midpointMjdTai"),
    sa.Index("DiaReproExposure_time", "midpointMjdTai"))

#: What is about to be stored: rows of the other two tables, so that a run that ends between its
#: transactions is taken up where it ended. The number is that of the first exposure.
PENDING = sa.Table(
    "DiaReproPending", TABLES,
    sa.Column("ccdExposureId", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("exposures", sa.JSON, nullable=False),
    sa.Column("diaObjectIds", sa.LargeBinary, nullable=False),
    sa.Column("sums", sa.LargeBinary, nullable=False))
