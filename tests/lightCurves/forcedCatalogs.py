# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Forced catalogs, and light curves that are assembled of them without any butler."""

import lsst.afw.table as afwTable
import numpy as np
from lsst.dia.repro.lightCurves.lightCurveAssembly import DiaLightCurvesConfig, LightCurveAssemblyTask
from lsst.dia.repro.lightCurves.lightCurveFile import writeLightCurves
from memoryExposure import MemoryExposure


def makeForced(ids, isNew=False, flux=10.0, unit="nJy"):
    """Return a forced catalog; one of the older kind has fewer columns, and may have fluxes in counts."""
    fluxName = "base_PsfFlux_flux" if unit == "nJy" else "base_PsfFlux_instFlux"
    schema = afwTable.SourceTable.makeMinimalSchema()
    schema.addField("diaObjectId", type="L", doc="id of the object")
    for name, dtype, units in (("base_C_x", "D", "pixel"), ("base_C_y", "D", "pixel"),
                               (fluxName, "D", unit), (fluxName + "Err", "D", unit),
                               ("base_PsfFlux_flag", "Flag", ""), ("base_PixelFlags_flag_cr", "Flag", "")):
        schema.addField(name, type=dtype, units=units, doc=name + " is this")
    if isNew:
        schema.addField("reason", type="I", doc="why there is no flux")
        schema.addField("base_PsfFlux_limitFlux", type="D", units="nJy", doc="limit")
        schema.addField("control_errScale", type="F", doc="scale of errors")
        schema.addField("base_Other_flux", type="D", units="nJy", doc="not asked for")
    schema.getAliasMap().set("slot_Centroid", "base_C")
    catalog = afwTable.SourceCatalog(schema)
    catalog.resize(len(ids))
    catalog = catalog.copy(deep=True)
    catalog["id"] = np.arange(len(ids)) + 1000
    catalog["diaObjectId"] = np.array(ids, dtype=np.int64)
    catalog["coord_ra"], catalog["coord_dec"] = np.radians(359.5), np.radians(-89.5)
    catalog["base_C_x"], catalog["base_C_y"] = 5.0, np.arange(len(ids))
    catalog[fluxName], catalog[fluxName + "Err"] = flux, 1.0
    catalog["base_PixelFlags_flag_cr"] = np.arange(len(ids)) % 2 == 0
    if isNew:
        catalog["reason"], catalog["base_PsfFlux_limitFlux"], catalog["control_errScale"] = 3, 5.0, 1.25
    return catalog


def makeExposure(catalog, visit, mjd, **dataId):
    """Return an exposure in r, with a catalog or a function that makes it."""
    return MemoryExposure(catalog if callable(catalog) else lambda: catalog,
                          {"visit": visit, "raft": "2,2", "filter": "r", **dataId}, visit << 9, mjd)


def assemble(exposures, directory, allowMixed=False, **options):
    """Run the algorithm with some options of its config."""
    config = DiaLightCurvesConfig()
    for name, value in options.items():
        setattr(config, name, value)
    return LightCurveAssemblyTask(config=config).run(exposures, str(directory), allowMixed=allowMixed)


def collect(exposures, directory, **options):
    """Run the algorithm and write what it makes."""
    return writeLightCurves(assemble(exposures, directory, **options), str(directory), {})
