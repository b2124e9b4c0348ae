# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Masks: one integer a pixel, one bit a named plane."""

import operator

import numpy as np
from lsst.utils import TemplateMeta

from lsst.afw.fits import DEFAULT_HDU
from lsst.afw.table.io import fileFormats
from lsst.pex.exceptions import InvalidParameterError, LengthError
from lsst.pex.exceptions import RuntimeError as LsstRuntimeError

from ._construction import constructByForm
from ._fitsIo import ReadWithOptionsMixin, parseWriteOptions
from ._imageArithmetic import refuseOperators
from ._imageBase import ImageBase
from ._imageOrigin import PARENT
from ._maskDict import MaskDict

__all__ = ["Mask", "MaskX", "MaskPixel"]

MaskPixel = np.int32

_N_PLANES_MAX = 32
_PREFIX = "MP_"


def _bit(planeId):
    """Return the bit mask of a plane as a Python `int` in the range of `MaskPixel`."""
    return int(np.int32(np.uint32(1 << planeId).view(np.int32))) if 0 <= planeId < _N_PLANES_MAX else 0


class MaskX(ReadWithOptionsMixin, refuseOperators("or", "and", "xor"), ImageBase):
    """A mask of 32-bit pixels with named planes.

    The first argument selects the form of construction:

    - ``width, height, initialValue=0, planeDefs={}``;
    - ``dimensions=Extent2I(), initialValue=0, planeDefs={}``;
    - ``bbox, initialValue=0, planeDefs={}``;
    - ``src, deep=False`` and ``src, bbox, origin=PARENT, deep=False``: another mask or a part of it;
    - ``array, deep=False, xy0=Point2I()``: use an array of `numpy.int32`;
    - ``fileName, hdu=DEFAULT_HDU, metadata=None, bbox=Box2I(), origin=PARENT, conformMasks=False,
      allowUnsafe=False``: read a FITS file (a path, `lsst.afw.fits.MemFileManager`, or without ``hdu`` an
      open `lsst.afw.fits.Fits`).

    ``planeDefs`` (`dict` of name and bit number) may take the place of ``initialValue``.

    Raises
    ------
    TypeError
        Raised if the arguments match none of these.
    lsst.pex.exceptions.LengthError
        Raised if a box does not fit in the mask that it is a part of, or a dimension is negative.
    lsst.afw.fits.FitsError
        Raised if a file cannot be read.
    """

    _dtype = np.dtype(MaskPixel)

    def __init__(self, *args, **kwargs):
        self._maskDict = MaskDict.getDefault()
        constructByForm(self, args, kwargs, {MaskX: self._initCopy, np.ndarray: self._adoptArray})

    def _initSize(self, width, height, initialValue=0, planeDefs=None):
        self._initAllocated((width, height, 0, 0), initialValue, planeDefs)

    def _initDimensions(self, dimensions=None, initialValue=0, planeDefs=None):
        width, height = (0, 0) if dimensions is None else dimensions
        self._initAllocated((width, height, 0, 0), initialValue, planeDefs)

    def _initBBox(self, bbox, initialValue=0, planeDefs=None):
        shape = bbox.getWidth(), bbox.getHeight(), bbox.getMinX(), bbox.getMinY()
        self._initAllocated(shape, initialValue, planeDefs)

    def _initAllocated(self, shape, initialValue, planeDefs):
        if isinstance(initialValue, dict):
            initialValue, planeDefs = 0, initialValue
        self._allocate(*shape, initialValue)
        self._maskDict = MaskDict.copyOrGetDefault(planeDefs)

    def _initCopy(self, src=None, bbox=None, origin=PARENT, deep=False, *, rhs=None):
        src = rhs if src is None else src
        if isinstance(bbox, bool):
            bbox, deep = None, bbox
        if bbox is None:
            self._copyFrom(src, deep)
        else:
            self._subimageOf(src, bbox, origin, deep)
        self._maskDict = src._maskDict

    def _initFits(self, fileName=None, hdu=DEFAULT_HDU, metadata=None, bbox=None, origin=PARENT,
                  conformMasks=False, allowUnsafe=False, *, manager=None, fitsFile=None):
        source = next(item for item in (fileName, manager, fitsFile) if item is not None)
        read = fileFormats.of(type(self)).read(
            type(self), source, hdu, metadata, bbox, origin, conformMasks, allowUnsafe)
        self._copyFrom(read)
        self._maskDict = read._maskDict

    @classmethod
    def readFits(cls, filename, hdu=DEFAULT_HDU):
        """Read a mask from one HDU of a path or memory file."""
        return cls(filename, hdu)

    def writeFits(self, fileName, *args, **kwargs):
        """Write the mask as an HDU of a FITS file; the arguments are those of an image's ``writeFits``."""
        fileFormats.of(type(self)).write(self, fileName, *args, **kwargs)

    def writeFitsWithOptions(self, dest, options, item=None):
        """Write the mask with a recipe of the butler.

        Parameters
        ----------
        dest : `str`
            Path of the file.
        options : `lsst.daf.base.PropertySet` or `None`
            A recipe.
        item : `str`, optional
            Name of the part of the recipe to apply; by default "mask" if there is one, else "image".
        """
        if item is None:
            item = "mask" if options is not None and "mask" in options else "image"
        parsed = parseWriteOptions(options, [item])
        self.writeFits(dest, *(parsed or ()))

    def swap(self, other):
        """Exchange pixels, origin and planes with another mask."""
        super().swap(other)
        self._maskDict, other._maskDict = other._maskDict, self._maskDict

    # Planes of the default dictionary

    @staticmethod
    def getNumPlanesMax():
        """Return the number of planes that a pixel has room for."""
        return _N_PLANES_MAX

    @staticmethod
    def getNumPlanesUsed():
        """Return the number of planes of the default dictionary."""
        return len(MaskDict.getDefault().planes)

    @staticmethod
    def addMaskPlane(name):
        """Add a plane to all masks that have neither its name nor its bit, and to the default.

        Parameters
        ----------
        name : `str`
            Name of the plane.

        Returns
        -------
        planeId : `int`
            Number of the (new or old) plane.

        Raises
        ------
        lsst.pex.exceptions.RuntimeError
            Raised if all planes are in use.
        """
        default = MaskDict.getDefault()
        planeId = default.getMaskPlane(name)
        if planeId < 0:
            planeId = default.getUnusedPlane()
        if planeId >= _N_PLANES_MAX:
            raise LsstRuntimeError(f"Max number of planes ({_N_PLANES_MAX}) already used")
        MaskDict.addToAll(name, planeId)
        return planeId

    @staticmethod
    def removeMaskPlane(name):
        """Remove a plane from the default dictionary; masks that exist keep it.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            Raised if there is no such plane.
        """
        if MaskDict.getDefault().getMaskPlane(name) < 0:
            raise InvalidParameterError(f"Plane {name} doesn't exist in the default Mask")
        MaskDict.detachDefault()
        del MaskDict.getDefault().planes[name]

    @staticmethod
    def clearMaskPlaneDict():
        """Remove all planes from the default dictionary."""
        MaskDict.getDefault().planes.clear()

    @staticmethod
    def getMaskPlane(name):
        """Return the bit number of a plane of the default dictionary.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            Raised if there is no such plane.
        """
        planeId = MaskDict.getDefault().getMaskPlane(name)
        if planeId < 0:
            raise InvalidParameterError(f"Invalid mask plane name: {name}")
        return planeId

    @staticmethod
    def getPlaneBitMask(name):
        """Return the bits of one plane, or of a list of planes, of the default dictionary.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            Raised if there is no such plane.
        """
        names = [name] if isinstance(name, str) else name
        bits = 0
        for item in names:
            bits |= _bit(MaskX.getMaskPlane(item))
        return bits

    @staticmethod
    def _checkedBit(planeId):
        bit = _bit(planeId)
        if bit == 0 or planeId not in MaskDict.getDefault().planes.values():
            raise InvalidParameterError(f"Invalid mask plane ID: {planeId}")
        return bit

    @staticmethod
    def interpret(value):
        """Return the names of the planes that a pixel value sets, separated by commas."""
        return ",".join(name for name, planeId in MaskDict.getDefault().sortedItems()
                        if value & MaskX._checkedBit(planeId))

    @staticmethod
    def parseMaskPlaneMetadata(metadata):
        """Return the planes that the MP_ cards of a header define.

        Parameters
        ----------
        metadata : `lsst.daf.base.PropertySet`
            Header.

        Returns
        -------
        planes : `dict` [`str`, `int`]
            Bit number of each plane.

        Raises
        ------
        lsst.pex.exceptions.RuntimeError
            Raised if two planes have the same bit.
        """
        planes = {}
        for card in metadata.paramNames(False):
            if not card.startswith(_PREFIX):
                continue
            name, planeId = card[len(_PREFIX):], metadata.getAsInt(card)
            for other, otherId in planes.items():
                if otherId == planeId:
                    raise LsstRuntimeError(
                        f"File specifies plane {name} has same value ({planeId}) as {other}")
            planes[name] = planeId
        return planes

    @staticmethod
    def addMaskPlanesToMetadata(metadata):
        """Replace the MP_ cards of a header by those of the default dictionary."""
        if metadata is None:
            raise InvalidParameterError("Null std::shared_ptr<PropertySet>")
        for card in metadata.paramNames(False):
            if card.startswith(_PREFIX):
                metadata.remove(card)
        for name, planeId in MaskDict.getDefault().sortedItems():
            if name:
                metadata.add(_PREFIX + name, planeId)

    # Planes of this mask

    def getMaskPlaneDict(self):
        """Return the planes of this mask: a new `dict` of name and bit number."""
        return dict(self._maskDict.sortedItems())

    def printMaskPlanes(self):
        """Print the planes of this mask."""
        for name, planeId in self._maskDict.sortedItems():
            print(f"Plane {planeId} -> {name}")

    def getAsString(self, x, y):
        """Return the names of the planes set in the pixel at local (x, y), separated by commas."""
        return self.interpret(int(self._array[y, x]))

    def clearAllMaskPlanes(self):
        """Clear all bits of all pixels."""
        self._array[...] = 0

    def clearMaskPlane(self, plane):
        """Clear the bits of the plane with a given number.

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            Raised if the default dictionary has no such plane.
        """
        self._array &= np.int32(~self._checkedBit(operator.index(plane)))

    def setMaskPlaneValues(self, plane, x0, x1, y):
        """Set the bits of a plane in the local pixels (x0, y) to (x1, y), both included."""
        self._array[y, x0:x1 + 1] |= np.int32(self._checkedBit(operator.index(plane)))

    def removeAndClearMaskPlane(self, name, removeFromDefault=False):
        """Clear the bits of a plane and remove it from this mask.

        Parameters
        ----------
        name : `str`
            Name of the plane.
        removeFromDefault : `bool`, optional
            Remove it from the default dictionary, too?

        Raises
        ------
        lsst.pex.exceptions.InvalidParameterError
            Raised if the default dictionary has no such plane.
        """
        self.clearMaskPlane(self.getMaskPlane(name))
        if not (self._maskDict is MaskDict.getDefault() and removeFromDefault):
            self._maskDict = self._maskDict.clone()
        self._maskDict.planes.pop(name, None)
        if removeFromDefault and MaskDict.getDefault().getMaskPlane(name) >= 0:
            self.removeMaskPlane(name)

    def conformMaskPlanes(self, planeDict):
        """Move bits so that the planes have their numbers of the default dictionary, and adopt it.

        Parameters
        ----------
        planeDict : `dict` [`str`, `int`]
            The planes that the pixels have now; those unknown to the default are added to it.
        """
        current = MaskDict.copyOrGetDefault(planeDict)
        if self._maskDict != current:
            keep, moves = self._planMoves(sorted(planeDict.items()))
            if moves:
                self._moveBits(keep, moves)
        self._maskDict = MaskDict.getDefault()

    def _planMoves(self, planes):
        keep, moves = 0, []
        for name, currentId in planes:
            wantedId = MaskDict.getDefault().getMaskPlane(name)
            if wantedId < 0:
                wantedId = self.addMaskPlane(name)
            if wantedId == currentId:
                keep |= self._checkedBit(wantedId)
            else:
                moves.append((_bit(currentId), self._checkedBit(wantedId)))
        return keep, moves

    def _moveBits(self, keep, moves):
        used = int(np.bitwise_or.reduce(self._array, axis=None)) if self._array.size else 0
        if not used & ~keep:
            return
        old = self._array.copy()
        self._array &= np.int32(keep)
        for source, target in moves:
            if used & source:
                self._array[(old & np.int32(source)) != 0] |= np.int32(target)

    def _operand(self, other):
        if not isinstance(other, MaskX):
            return self._pixel(other)
        if self._maskDict != other._maskDict:
            raise LsstRuntimeError("Mask dictionaries do not match")
        if self._array.shape != other._array.shape:
            raise LengthError(f"Images are of different size, {self.getWidth()}x{self.getHeight()} v "
                              f"{other.getWidth()}x{other.getHeight()}")
        return other._array

    def __ior__(self, other):
        self._array |= self._operand(other)
        return self

    def __iand__(self, other):
        self._array &= self._operand(other)
        return self

    def __ixor__(self, other):
        self._array ^= self._operand(other)
        return self

    def __str__(self):
        return f"{self.array}, bbox={self.getBBox()}, maskPlaneDict={self.getMaskPlaneDict()}"


class Mask(metaclass=TemplateMeta):
    """Selects the mask class for ``dtype``; there is only `MaskX`."""

    TEMPLATE_PARAMS = ("dtype",)
    TEMPLATE_DEFAULTS = (MaskPixel,)


Mask.register(MaskPixel, MaskX)
Mask.alias("X", MaskX)
