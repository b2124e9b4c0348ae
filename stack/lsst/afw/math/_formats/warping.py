# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Warping kernels, and the parameters of warping, in archives."""

from lsst.afw.table.io import registerArchiveFormat, registerFactory
from lsst.afw.table.io._archiveRecord import Field, readBounded, singleRecord, writeRecord

from .._warpingControl import WarpingControl
from .._warpingKernel import BilinearWarpingKernel, LanczosWarpingKernel, NearestWarpingKernel


def _writeNothing(kernel, handle):
    handle.saveEmpty()


def _readBilinear(archive, catalogs):
    return BilinearWarpingKernel()


def _readNearest(archive, catalogs):
    return NearestWarpingKernel()


def _writeLanczos(kernel, handle):
    writeRecord(handle, Field("order", "I", kernel.getOrder(), "order of Lanczos function"))


def _readLanczos(archive, catalogs):
    return LanczosWarpingKernel(readBounded(singleRecord(catalogs), "order", 1, 100))


def _isControlPersistable(control):
    return all(kernel.isPersistable() for kernel in (control._warpingKernel, control._maskWarpingKernel)
               if kernel is not None)


def _writeControl(control, handle):
    writeRecord(
        handle,
        Field("warpingKernelIndex", "I", lambda: handle.put(control._warpingKernel),
              "archive ID of nested warping kernel"),
        Field("hasMaskKernel", "Flag", control.hasMaskWarpingKernel(), "whether a mask kernel is stored"),
        Field("maskKernelIndex", "I", lambda: handle.put(control._maskWarpingKernel),
              "archive ID of nested mask kernel. Valid only if hasMaskKernel"),
        Field("cacheSize", "I", control._cacheSize, "Cache size for warping kernel(s)"),
        Field("interpLength", "I", control._interpLength,
              "Distance over which WCS can be linearly interpolated"),
        Field("growFullMask", "I", control._growFullMask,
              "bits to grow to full width of image/variance kernel"))


def _readControl(archive, catalogs):
    record = singleRecord(catalogs)
    control = WarpingControl("bilinear", "", readBounded(record, "cacheSize", 0, 10**6),
                             record.get("interpLength"), record.get("growFullMask"))
    control.setWarpingKernel(archive.get(record.get("warpingKernelIndex")))
    if record.get("hasMaskKernel"):
        control.setMaskWarpingKernel(archive.get(record.get("maskKernelIndex")))
    return control


for _cls, *_functions in ((BilinearWarpingKernel, _readBilinear, _writeNothing),
                          (LanczosWarpingKernel, _readLanczos, _writeLanczos),
                          (NearestWarpingKernel, _readNearest, _writeNothing),
                          (WarpingControl, _readControl, _writeControl, _isControlPersistable)):
    registerArchiveFormat(_cls, _cls.__name__, "lsst.afw.math", *_functions)
# The stack stores the bilinear kernel under a misspelt name, under which it does not find it itself.
registerFactory("BillinearWarpingKernel", _readBilinear)
