# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Transforms of measurements into calibrated quantities, in Python."""

from lsst.pex.exceptions import LengthError

__all__ = ("MeasurementTransform", "NullTransform", "PassThroughTransform", "SimpleCentroidTransform")


class MeasurementTransform:
    """Base of the transforms.

    Parameters
    ----------
    config : `BasePluginConfig`
        Configuration of the plugin whose fields are transformed.
    name : `str`
        Name of that plugin.
    mapper : `lsst.afw.table.SchemaMapper`
        From the schema of the measurements to that of the result; fields are added to the latter.
    """

    def __init__(self, config, name, mapper):
        self.name = name
        self.config = config

    def __call__(self, inputCatalog, outputCatalog, wcs, photoCalib):
        """Fill the fields of this transform in ``outputCatalog``.

        Parameters
        ----------
        inputCatalog, outputCatalog : `lsst.afw.table.BaseCatalog`
            Measurements and results, row by row.
        wcs : `lsst.afw.geom.SkyWcs`
            WCS of the image.
        photoCalib : `lsst.afw.image.PhotoCalib`
            Photometric calibration of the image.
        """
        raise NotImplementedError()

    @staticmethod
    def _checkCatalogSize(cat1, cat2):
        if len(cat1) != len(cat2):
            raise LengthError("Catalog size mismatch")


class NullTransform(MeasurementTransform):
    """Transfers nothing."""

    def __call__(self, inputCatalog, outputCatalog, wcs, photoCalib):
        """Check that the catalogs are of the same length."""
        self._checkCatalogSize(inputCatalog, outputCatalog)


class PassThroughTransform(MeasurementTransform):
    """Copies the plugin's fields as they are, by mapping them."""

    def __init__(self, config, name, mapper):
        super().__init__(config, name, mapper)
        for key, _ in mapper.getInputSchema().extract(name + "*").values():
            mapper.addMapping(key)

    def __call__(self, inputCatalog, outputCatalog, wcs, photoCalib):
        """Check that the catalogs are of the same length."""
        self._checkCatalogSize(inputCatalog, outputCatalog)


class SimpleCentroidTransform(MeasurementTransform):
    """Turns pixel positions without errors into sky positions."""

    def __init__(self, config, name, mapper):
        from lsst.afw.table import CoordKey

        super().__init__(config, name, mapper)
        self.coordKey = CoordKey.addFields(mapper.editOutputSchema(), name, "Position from " + name)

    def __call__(self, inputCatalog, outputCatalog, wcs, photoCalib):
        """Fill the sky positions."""
        self._checkCatalogSize(inputCatalog, outputCatalog)
        x, y = inputCatalog[self.name + "_x"], inputCatalog[self.name + "_y"]
        ra, dec = wcs.pixelToSkyArray(x, y, degrees=False)
        outputCatalog[self.coordKey.getRa()] = ra
        outputCatalog[self.coordKey.getDec()] = dec
