# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Point spread functions in archives."""

import functools

from lsst.afw.detection import Psf
from lsst.afw.geom import TransformPoint2ToPoint2
from lsst.afw.math import Kernel, WarpingControl
from lsst.afw.table.io import MalformedArchiveError, registerArchiveFormat
from lsst.afw.table.io._archiveRecord import (
    Field,
    PointField,
    readDimensions,
    readPoint,
    singleRecord,
    writeRecord,
)
from lsst.geom import Point2D

from .._gaussianPsfs import DoubleGaussianPsf, SingleGaussianPsf
from .._kernelPsf import KernelPsf, PcaPsf
from .._warpedPsf import WarpedPsf


def _isKernelPsfPersistable(psf):
    return psf.getKernel().isPersistable()


def _writeKernelPsf(psf, handle):
    writeRecord(handle, Field("kernel", "I", lambda: handle.put(psf.getKernel()),
                              "archive ID of nested kernel object"),
                PointField("averagePosition", "D", psf.getAveragePosition(),
                           "average position of stars used to make the PSF", "pixel"))


def _readKernelPsf(cls, archive, catalogs):
    record = singleRecord(catalogs)
    return cls(archive.get(record.get("kernel"), Kernel), Point2D(*readPoint(record, "averagePosition")))


def _writeSingleGaussian(psf, handle):
    writeRecord(handle, PointField("dimensions", "I", psf.getKernel().getDimensions(),
                                   "width/height of realization of Psf", "pixel"),
                Field("sigma", "D", psf.getSigma(), "radius of Gaussian", "pixel"))


def _readSingleGaussian(archive, catalogs):
    record = singleRecord(catalogs)
    return SingleGaussianPsf(*readDimensions(record), record.get("sigma"))


def _writeDoubleGaussian(psf, handle):
    writeRecord(handle, PointField("dimensions", "I", psf.getKernel().getDimensions(),
                                   "width/height of kernel", "pixel"),
                Field("sigma1", "D", psf.getSigma1(), "radius of inner Gaussian", "pixel"),
                Field("sigma2", "D", psf.getSigma2(), "radius of outer Gaussian", "pixel"),
                Field("b", "D", psf.getB(), "central amplitude of outer Gaussian (inner amplitude == 1)"))


def _readDoubleGaussian(archive, catalogs):
    record = singleRecord(catalogs)
    return DoubleGaussianPsf(*readDimensions(record), record.get("sigma1"), record.get("sigma2"),
                             record.get("b"))


def _partsOfWarped(psf):
    return psf._undistortedPsf, psf._distortion, psf._control


def _isWarpedPersistable(psf):
    return all(part.isPersistable() for part in _partsOfWarped(psf))


def _writeWarped(psf, handle):
    undistortedPsf, distortion, control = _partsOfWarped(psf)
    writeRecord(
        handle,
        Field("psfIndex", "I", lambda: handle.put(undistortedPsf), "archive ID of nested Psf object"),
        Field("transformIndex", "I", lambda: handle.put(distortion),
              "archive ID of nested Transform object"),
        Field("controlIndex", "I", lambda: handle.put(control),
              "archive ID of nested WarpingControl object"))


def _readWarped(archive, catalogs):
    record = singleRecord(catalogs)
    kinds = {"psfIndex": Psf, "transformIndex": TransformPoint2ToPoint2, "controlIndex": WarpingControl}
    parts = [archive.get(record.get(name), kind) for name, kind in kinds.items()]
    if None in parts:
        raise MalformedArchiveError("A WarpedPsf lacks a part")
    return WarpedPsf(*parts)


for _cls, *_functions in (
        (KernelPsf, functools.partial(_readKernelPsf, KernelPsf), _writeKernelPsf, _isKernelPsfPersistable),
        (PcaPsf, functools.partial(_readKernelPsf, PcaPsf), _writeKernelPsf, _isKernelPsfPersistable),
        (SingleGaussianPsf, _readSingleGaussian, _writeSingleGaussian),
        (DoubleGaussianPsf, _readDoubleGaussian, _writeDoubleGaussian, _isKernelPsfPersistable),
        (WarpedPsf, _readWarped, _writeWarped, _isWarpedPersistable)):
    registerArchiveFormat(_cls, _cls.__name__, "lsst.meas.algorithms", *_functions)
