# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Convolution kernels in archives."""

import functools

import numpy as np

from lsst.afw.table.io import MalformedArchiveError, registerArchiveFormat
from lsst.afw.table.io._archiveRecord import (
    Field,
    PointField,
    readDimensions,
    readPoint,
    singleRecord,
    writeRecord,
)

from .._linearCombinationKernel import LinearCombinationKernel
from .._simpleKernels import AnalyticKernel, DeltaFunctionKernel, FixedKernel


def _writeKernel(kernel, handle, *fields):
    """Store what all kernels have in common, then other fields."""
    functions = kernel._spatialFunctions
    common = [PointField("dimensions", "I", kernel.getDimensions(), "dimensions of a Kernel's images",
                         "pixel"),
              PointField("center", "I", kernel.getCtr(), "center point in a Kernel image", "pixel")]
    if functions:
        common.append(Field("spatialfunctions", "ArrayI", lambda: _putAll(handle, functions),
                            "archive IDs for the Kernel's spatial functions", size=len(functions)))
    writeRecord(handle, *common, *fields)


def _putAll(handle, objects):
    """Store objects in an archive; return their ids."""
    return np.array([handle.put(obj) for obj in objects], dtype=np.int32)


def _readSpatialFunctions(archive, record):
    """Return the spatial functions of a stored kernel, or `None`."""
    if "spatialfunctions" not in record.schema:
        return None
    return [archive.get(int(index)) for index in record.get("spatialfunctions")]


def _writeFixed(kernel, handle):
    _writeKernel(kernel, handle, Field("image", "ArrayD", kernel._array.ravel(), "pixel values (row-major)",
                                       size=kernel._array.size))


def _readFixed(archive, record):
    width, height = readDimensions(record)
    return FixedKernel._fromArray(np.array(record.get("image"), dtype=np.float64).reshape(height, width))


def _writeAnalytic(kernel, handle):
    _writeKernel(kernel, handle, Field("kernelfunction", "I", lambda: handle.put(kernel._kernelFunction),
                                       "archive ID for analytic function used to produce kernel images"))


def _readAnalytic(archive, record):
    return AnalyticKernel(*readDimensions(record), archive.get(record.get("kernelfunction")),
                          _readSpatialFunctions(archive, record))


def _writeDelta(kernel, handle):
    _writeKernel(kernel, handle, PointField("pixel", "I", kernel.getPixel(), "position of nonzero pixel",
                                            "pixel"))


def _readDelta(archive, record):
    return DeltaFunctionKernel(*readDimensions(record), readPoint(record, "pixel"))


def _writeCombination(kernel, handle):
    kernels = kernel.getKernelList()
    fields = [Field("components", "ArrayI", lambda: _putAll(handle, kernels),
                    "archive IDs of component kernel", size=len(kernels))]
    if not kernel.isSpatiallyVarying():
        fields.append(Field("amplitudes", "ArrayD", np.array(kernel.getKernelParameters()),
                            "amplitudes component kernel", size=len(kernels)))
    _writeKernel(kernel, handle, *fields)


def _readCombination(archive, record):
    kernels = [archive.get(int(index)) for index in record.get("components")]
    functions = _readSpatialFunctions(archive, record)
    kernel = LinearCombinationKernel(
        kernels, np.array(record.get("amplitudes")) if functions is None else functions)
    if tuple(kernel.getDimensions()) != readDimensions(record):
        raise MalformedArchiveError(f"dimensions {readDimensions(record)} of LinearCombinationKernel "
                                    "differ from those of its components")
    return kernel


def _read(readOne, archive, catalogs):
    """Read a kernel of any kind, and set its center."""
    record = singleRecord(catalogs)
    kernel = readOne(archive, record)
    kernel.setCtr(readPoint(record, "center"))
    return kernel


for _cls, _readOne, _write in ((FixedKernel, _readFixed, _writeFixed),
                               (AnalyticKernel, _readAnalytic, _writeAnalytic),
                               (DeltaFunctionKernel, _readDelta, _writeDelta),
                               (LinearCombinationKernel, _readCombination, _writeCombination)):
    registerArchiveFormat(_cls, _cls.__name__, "lsst.afw.math", functools.partial(_read, _readOne), _write)
