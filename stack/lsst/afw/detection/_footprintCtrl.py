# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Options for growing and filling footprints."""

__all__ = ["FootprintControl", "HeavyFootprintCtrl"]

import enum


class HeavyFootprintCtrl:
    """What happens to the pixels that are copied to a heavy footprint.

    Parameters
    ----------
    modifySource : `HeavyFootprintCtrl.ModifySource`, optional
        NONE leaves them, SET replaces them by the values set here; of the mask it clears the bits.
    """

    class ModifySource(enum.Enum):
        """What happens to the source of the pixels."""

        NONE = 0
        SET = 1

    def __init__(self, modifySource=ModifySource.NONE):
        self._modifySource = modifySource
        self._imageVal, self._maskVal, self._varianceVal = 0.0, 0, 0.0

    def getModifySource(self):
        """Return what happens to the source (`HeavyFootprintCtrl.ModifySource`)."""
        return self._modifySource

    def setModifySource(self, modifySource):
        """Set what happens to the source."""
        self._modifySource = modifySource

    def getImageVal(self):
        """Return the value for the image (`float`)."""
        return self._imageVal

    def setImageVal(self, imageVal):
        """Set the value for the image."""
        self._imageVal = float(imageVal)

    def getMaskVal(self):
        """Return the bits to clear in the mask (`int`)."""
        return self._maskVal

    def setMaskVal(self, maskVal):
        """Set the bits to clear in the mask."""
        self._maskVal = int(maskVal)

    def getVarianceVal(self):
        """Return the value for the variance (`float`)."""
        return self._varianceVal

    def setVarianceVal(self, varianceVal):
        """Set the value for the variance."""
        self._varianceVal = float(varianceVal)


HeavyFootprintCtrl.NONE = HeavyFootprintCtrl.ModifySource.NONE
HeavyFootprintCtrl.SET = HeavyFootprintCtrl.ModifySource.SET


class FootprintControl:
    """In which directions footprints grow.

    Parameters
    ----------
    *args : `bool`
        Nothing; ``circular`` and maybe ``isotropic``; or ``left, right, up, down``.
    """

    _NAMES = ("circular", "isotropic", "left", "right", "up", "down")

    def __init__(self, *args, **kwargs):
        names = self._NAMES[2:] if len(args) > 2 else self._NAMES[:2]
        given = dict(zip(names, args))
        given.update(kwargs)
        if "circular" in given:
            given.setdefault("isotropic", False)
        unknown = set(given) - set(self._NAMES)
        if unknown:
            raise TypeError(f"FootprintControl does not take {', '.join(sorted(unknown))}")
        self._values = {name: given.get(name) for name in self._NAMES}

    def growIsotropic(self, val):
        """Set whether to grow isotropically, which implies all directions."""
        self._values.update(circular=True, isotropic=bool(val))

    def _get(self, name):
        value = self._values[name]
        return (False, False) if value is None else (True, bool(value))


def _addAccessors(name):
    def get(self):
        return self._get(name)

    def grow(self, val):
        self._values[name] = bool(val)

    title = name.capitalize()
    get.__name__, get.__doc__ = "is" + title, f"Return whether {name} is set, and its value."
    setattr(FootprintControl, get.__name__, get)
    if name != "isotropic":
        grow.__name__, grow.__doc__ = "grow" + title, f"Set whether to grow {name}."
        setattr(FootprintControl, grow.__name__, grow)


for _name in FootprintControl._NAMES:
    _addAccessors(_name)
