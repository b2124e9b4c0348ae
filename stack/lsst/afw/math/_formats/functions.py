# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Functions of two variables in archives."""

import functools

import numpy as np

from lsst.afw.table.io import registerArchiveFormat
from lsst.afw.table.io._archiveRecord import Field, PointField, readPoint, singleRecord, writeRecord
from lsst.geom import Box2D, Point2D

from .._functionLibrary import (
    DoubleGaussianFunction2D,
    DoubleGaussianFunction2F,
    GaussianFunction2D,
    GaussianFunction2F,
)
from .._polynomials import (
    Chebyshev1Function2D,
    Chebyshev1Function2F,
    PolynomialFunction2D,
    PolynomialFunction2F,
)


def _writeGaussian(function, handle):
    sigma1, sigma2, angle = function.getParameters()
    writeRecord(handle, Field("sigma1", "D", sigma1, "sigma along axis 1"),
                Field("sigma2", "D", sigma2, "sigma along axis 2"),
                Field("angle", "D", angle, "angle of axis 1 in rad (along x=0, y=pi/2)"))


def _readGaussian(cls, archive, catalogs):
    record = singleRecord(catalogs)
    return cls(record.get("sigma1"), record.get("sigma2"), record.get("angle"))


def _writeDoubleGaussian(function, handle):
    sigma1, sigma2, ampl2 = function.getParameters()
    writeRecord(handle, Field("sigma1", "D", sigma1, "sigma of first Gaussian"),
                Field("sigma2", "D", sigma2, "sigma of second Gaussian"),
                Field("ampl2", "D", ampl2, "peak of second Gaussian relative to peak of first"))


def _readDoubleGaussian(cls, archive, catalogs):
    record = singleRecord(catalogs)
    return cls(record.get("sigma1"), record.get("sigma2"), record.get("ampl2"))


def _coefficientsField(function):
    return Field("coefficients", "ArrayD", np.array(function.getParameters()),
                 "polynomial coefficients, ordered (x,y) [0,0; 1,0; 0,1; 2,0; 1,1; 0,2; ...]",
                 size=function.getNParameters())


def _writePolynomial(function, handle):
    writeRecord(handle, _coefficientsField(function))


def _readPolynomial(cls, archive, catalogs):
    return cls(np.array(singleRecord(catalogs).get("coefficients")))


def _writeChebyshev(function, handle):
    box = function.getXYRange()
    writeRecord(handle, _coefficientsField(function),
                PointField("min", "D", box.getMin(), "minimum point for function's bbox", "pixel"),
                PointField("max", "D", box.getMax(), "maximum point for function's bbox", "pixel"))


def _readChebyshev(cls, archive, catalogs):
    record = singleRecord(catalogs)
    corners = (Point2D(*readPoint(record, name)) for name in ("min", "max"))
    return cls(np.array(record.get("coefficients")), Box2D(*corners))


for _classes, _read, _write in (
        ((GaussianFunction2D, GaussianFunction2F), _readGaussian, _writeGaussian),
        ((DoubleGaussianFunction2D, DoubleGaussianFunction2F), _readDoubleGaussian, _writeDoubleGaussian),
        ((PolynomialFunction2D, PolynomialFunction2F), _readPolynomial, _writePolynomial),
        ((Chebyshev1Function2D, Chebyshev1Function2F), _readChebyshev, _writeChebyshev)):
    for _cls in _classes:
        registerArchiveFormat(_cls, _cls.__name__, "lsst.afw.math", functools.partial(_read, _cls), _write)
