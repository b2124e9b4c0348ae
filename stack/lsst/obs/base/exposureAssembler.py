# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""How the Gen3 butler takes images and exposures apart, and puts exposures together."""

__all__ = ["ExposureAssembler"]

import logging

from lsst.daf.butler import StorageClassDelegate

from lsst.afw.image import makeExposure, makeMaskedImage

from ._butlerProvenance import setButlerProvenance

_LOG = logging.getLogger(__name__)

_PLANES = ("mask", "image", "variance")
_GEOMETRY = {"bbox": "getBBox", "dimensions": "getDimensions", "xy0": "getXY0"}
_PIXELS = {name: f"get{name.capitalize()}" for name in _PLANES}
_INFO = {
    "apCorrMap": "ApCorrMap",
    "coaddInputs": "CoaddInputs",
    "detector": "Detector",
    "filter": "FilterLabel",
    "id": "Id",
    "metadata": "Metadata",
    "photoCalib": "PhotoCalib",
    "psf": "Psf",
    "summaryStats": "SummaryStats",
    "transmissionCurve": "TransmissionCurve",
    "validPolygon": "ValidPolygon",
    "visitInfo": "VisitInfo",
    "wcs": "Wcs",
}
"""What ``get`` and ``set`` of `lsst.afw.image.ExposureInfo` call the components."""


class ExposureAssembler(StorageClassDelegate):
    """Gives the components and parts of images, masks, masked images and exposures in memory."""

    def getComponent(self, composite, componentName):
        """Return a component, `None` if this exposure has none.

        Parameters
        ----------
        composite : `lsst.afw.image.Exposure`, `lsst.afw.image.ExposureInfo` or what has pixels
            The whole.
        componentName : `str`
            Name that the storage class has for the component.

        Raises
        ------
        AttributeError
            Raised if there are no such components.
        """
        getter = _GEOMETRY.get(componentName) or _PIXELS.get(componentName)
        if componentName in _INFO:
            composite = composite.getInfo() if hasattr(composite, "getInfo") else composite
            getter = f"get{_INFO[componentName]}"
        if getter is None or not hasattr(composite, getter):
            raise AttributeError(f"{type(composite).__name__} has no component {componentName!r}")
        return getattr(composite, getter)()

    def disassemble(self, composite, subset=None, override=None):
        """Return the components that the storage class names and an exposure has.

        Parameters
        ----------
        composite : `lsst.afw.image.Exposure` or `lsst.afw.image.MaskedImage`
            The whole.
        subset, override : `None`
            Not supported.

        Returns
        -------
        components : `dict` [`str`, `lsst.daf.butler.DatasetComponent`]
            The components; without the PSF if that cannot be stored, of which a warning is logged.

        Raises
        ------
        NotImplementedError
            Raised for ``subset`` and ``override``.
        TypeError
            Raised if this is not of the type of the storage class.
        ValueError
            Raised if it cannot have a component that the storage class names.
        """
        if subset is not None or override is not None:
            raise NotImplementedError("ExposureAssembler takes whole exposures apart: no subset or override")
        components = super().disassemble(composite)
        if "psf" in components and not components["psf"].component.isPersistable():
            _LOG.warning("The PSF, a %s, cannot be stored and is left out",
                         type(components["psf"].component).__name__)
            del components["psf"]
        return components

    def assemble(self, components, pytype=None):
        """Make an exposure or masked image of its components.

        Parameters
        ----------
        components : `dict` [`str`, `object`]
            The components; those that are missing stay empty.
        pytype : `None`
            Not supported.

        Returns
        -------
        composite : `lsst.afw.image.Exposure` or `lsst.afw.image.MaskedImage`
            The whole; it shares the planes.

        Raises
        ------
        NotImplementedError
            Raised for ``pytype``.
        RuntimeError
            Raised if it is not of the type of the storage class.
        ValueError
            Raised if a component is unknown.
        """
        if pytype is not None:
            raise NotImplementedError("ExposureAssembler makes what the storage class names: no pytype")
        planes = {name: components.get(name) for name in _PLANES}
        others = {name: value for name, value in components.items() if name not in planes}
        unknown = sorted(set(others) - set(_INFO))
        if unknown:
            raise ValueError(f"Components that exposures do not have: {', '.join(unknown)}")
        cls = self.storageClass.pytype
        composite = cls() if planes["image"] is None else makeMaskedImage(**planes)
        if not isinstance(composite, cls):
            composite = makeExposure(composite)
        if not isinstance(composite, cls):
            raise RuntimeError(f"The components make a {type(composite).__name__}, not a {cls.__name__}")
        for name, value in others.items():
            getattr(composite.getInfo(), f"set{_INFO[name]}")(value)
        return composite

    def handleParameters(self, inMemoryDataset, parameters=None):
        """Return the part of an image or exposure that ``bbox`` and ``origin`` name, with shared pixels."""
        box = self.storageClass.filterParameters(parameters or {}, subset=("bbox", "origin"))
        return inMemoryDataset.subset(**box) if box else inMemoryDataset

    @classmethod
    def selectResponsibleComponent(cls, readComponent, fromComponents):
        """Return the component whose file tells box, dimensions or origin of an exposure in parts."""
        if readComponent in _GEOMETRY:
            for name in _PLANES:
                if name in fromComponents:
                    return name
        raise ValueError(f"No component of {fromComponents} tells {readComponent!r}")

    def add_provenance(self, inMemoryDataset, ref, provenance=None):
        """Note dataset and inputs in the metadata of what has any, and return it."""
        if hasattr(inMemoryDataset, "getMetadata"):
            setButlerProvenance(inMemoryDataset.getMetadata(), ref, provenance)
        return inMemoryDataset
