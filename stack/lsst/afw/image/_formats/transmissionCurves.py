# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Transmission curves in archives."""

import numpy as np

from lsst.afw.table.io import registerArchiveFormat
from lsst.afw.table.io._archiveRecord import Field, writeRecord

from .._transmissionCurve import (
    TransmissionCurve,
    _IdentityTransmissionCurve,
    _ProductTransmissionCurve,
    _RadialTransmissionCurve,
    _SpatiallyConstantTransmissionCurve,
    _TransformedTransmissionCurve,
)

_CONSTANT_DOC = "array of known throughput values"
_RADIAL_DOC = "flattenned 2-d array of known throughput values, with radius dimension fastest"


def _writeIdentity(curve, handle):
    handle.saveEmpty()


def _readIdentity(archive, catalogs):
    return TransmissionCurve.makeIdentity()


def _writeInterpolated(curve, handle, doc, *others):
    atMin, atMax = curve.getThroughputAtBounds()
    arrays = (("throughput", curve._throughput, doc, ""),
              ("wavelengths", curve._wavelengths, "array of known wavelength values", "angstrom"), *others)
    writeRecord(handle, Field("throughputAtMin", "D", atMin, "throughput below minimum wavelength"),
                Field("throughputAtMax", "D", atMax, "throughput above minimum wavelength"),
                *(Field(name, "ArrayD", values.ravel(), doc, units, size=0)
                  for name, values, doc, units in arrays))


def _writeSpatiallyConstant(curve, handle):
    _writeInterpolated(curve, handle, _CONSTANT_DOC)


def _readSpatiallyConstant(archive, catalogs):
    get = catalogs[0][0].get
    return _SpatiallyConstantTransmissionCurve(get("throughput"), get("wavelengths"), get("throughputAtMin"),
                                               get("throughputAtMax"))


def _writeRadial(curve, handle):
    radii = ("radii", curve._radii, "array of known radius values", "")
    _writeInterpolated(curve, handle, _RADIAL_DOC, radii)


def _readRadial(archive, catalogs):
    get = catalogs[0][0].get
    wavelengths, radii = np.asarray(get("wavelengths")), np.asarray(get("radii"))
    throughput = np.asarray(get("throughput")).reshape(len(radii), len(wavelengths))
    return _RadialTransmissionCurve(throughput, wavelengths, radii, get("throughputAtMin"),
                                    get("throughputAtMax"))


def _writeProduct(curve, handle):
    writeRecord(handle, *(
        Field(name, "I", lambda operand=operand: handle.put(operand), f"archive ID of {which} operand")
        for name, which, operand in zip("ab", ("first", "second"), curve._operands)))


def _readProduct(archive, catalogs):
    get = catalogs[0][0].get
    return _ProductTransmissionCurve(archive.get(get("a")), archive.get(get("b")))


def _isProductPersistable(curve):
    return all(operand.isPersistable() for operand in curve._operands)


def _writeTransformed(curve, handle):
    writeRecord(handle, Field("nested", "I", lambda: handle.put(curve._nested),
                              "archive ID of the nested TransmissionCurve"),
                Field("transform", "I", lambda: handle.put(curve._transform),
                      "archive ID of the coordinate transform"))


def _readTransformed(archive, catalogs):
    get = catalogs[0][0].get
    return _TransformedTransmissionCurve(archive.get(get("nested")), archive.get(get("transform")))


def _isTransformedPersistable(curve):
    return curve._nested.isPersistable() and curve._transform.isPersistable()


for _cls, *_functions in (
        (_IdentityTransmissionCurve, _readIdentity, _writeIdentity),
        (_SpatiallyConstantTransmissionCurve, _readSpatiallyConstant, _writeSpatiallyConstant),
        (_RadialTransmissionCurve, _readRadial, _writeRadial),
        (_ProductTransmissionCurve, _readProduct, _writeProduct, _isProductPersistable),
        (_TransformedTransmissionCurve, _readTransformed, _writeTransformed, _isTransformedPersistable)):
    registerArchiveFormat(_cls, _cls.__name__.lstrip("_"), "lsst.afw.image", *_functions)
