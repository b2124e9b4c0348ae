# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Test cases of the transforms of measurements into calibrated quantities."""

import numpy as np

import lsst.afw.table
import lsst.daf.base
import lsst.geom
import lsst.pex.exceptions

from ..centroidUtilities import CentroidResultKey
from ..forcedMeasurement import ForcedPlugin
from ..sfm import SingleFramePlugin
from ._testDataset import TestDataset

__all__ = [
    "CentroidTransformTestCase",
    "FluxTransformTestCase",
    "ForcedPluginTransformSetupHelper",
    "SingleFramePluginTransformSetupHelper",
    "TransformTestCase",
]


class TransformTestCase:
    """Mixin for test cases of a transform: that it transforms, and that the plugins name it.

    A subclass sets the class attributes, and takes one of the setup helpers as another base.
    """

    name = "MeasurementTransformTest"
    """Name to give to the algorithm (`str`)."""

    controlClass = None
    """Class of the control object."""

    algorithmClass = None
    """Class of the algorithm (of a plugin for forced measurement)."""

    transformClass = None
    """Class of the transform."""

    flagNames = ("flag",)
    """Flags that the algorithm can set, without its name (iterable of `str`)."""

    singleFramePlugins = ()
    """Names of the single-frame plugins of this transform (iterable of `str`)."""

    forcedPlugins = ()
    """Names of the forced plugins of this transform (iterable of `str`)."""

    def setUp(self):
        """Make an exposure, and catalogs without rows."""
        self.calexp = TestDataset.makeEmptyExposure(
            lsst.geom.Box2I(lsst.geom.Point2I(0, 0), lsst.geom.Point2I(200, 200))
        )
        self._setupTransform()

    def tearDown(self):
        """Forget them."""
        del self.calexp, self.inputCat, self.mapper, self.transform, self.outputCat

    def testTransform(self, baseNames=None):
        """Test that fields are transformed, flags copied, and catalogs of different length refused.

        Parameters
        ----------
        baseNames : iterable of `str`, optional
            Prefixes of the fields; by default the name of the algorithm.
        """
        baseNames = list(baseNames or [self.name])
        self._populateCatalog(baseNames)
        self.assertRaises(lsst.pex.exceptions.LengthError, self._runTransform, False)
        self._runTransform()
        self._checkOutput(baseNames)

    def testRegistration(self):
        """Test that the plugins name the transform."""
        for names, registry in (
            (self.singleFramePlugins, SingleFramePlugin.registry),
            (self.forcedPlugins, ForcedPlugin.registry),
        ):
            for name in names:
                self._checkRegisteredTransform(registry, name)

    def _checkRegisteredTransform(self, registry, name):
        self.assertEqual(registry[name].PluginClass.getTransformClass(), self.transformClass)

    def _populateCatalog(self, baseNames):
        """Add two sources: one with all flags, one without."""
        records = [self.inputCat.addNew() for _ in range(2)]
        for record, value in zip(records, (True, False)):
            for field in self._listFlags(record.schema, baseNames):
                record.set(field, value)
        self._setFieldsInRecords(records, baseNames[-1])

    def _listFlags(self, schema, baseNames):
        fields = (schema.join(base, flag) for base in baseNames for flag in self.flagNames)
        return [field for field in fields if field in schema]

    def _runTransform(self, doExtend=True):
        if doExtend:
            self.outputCat.extend(self.inputCat, mapper=self.mapper)
        self.transform(self.inputCat, self.outputCat, self.calexp.getWcs(), self.calexp.getPhotoCalib())

    def _checkOutput(self, baseNames):
        for source, result in zip(self.inputCat, self.outputCat):
            for base in baseNames:
                self._compareFieldsInRecords(source, result, base)
            copied = self._listFlags(source.schema, baseNames)
            self.assertEqual(copied, self._listFlags(result.schema, baseNames))
            for field in copied:
                self.assertEqual(result.get(field), source.get(field))


class _SetupHelper:
    """Sets up the catalogs and the transform from the schema that an algorithm makes."""

    def _finishSetup(self, schema):
        for slot in ("slot_Centroid", "slot_Shape"):
            schema.getAliasMap().erase(slot)
        self.inputCat = lsst.afw.table.SourceCatalog(schema)
        self.mapper = lsst.afw.table.SchemaMapper(schema)
        self.transform = self.transformClass(self.control, self.name, self.mapper)
        self.outputCat = lsst.afw.table.BaseCatalog(self.mapper.getOutputSchema())

    @staticmethod
    def _pretendSlots(schema):
        """Define slots that algorithms insist on when they are made."""
        for slot in ("slot_Centroid", "slot_Shape"):
            schema.getAliasMap().set(slot, "dummy")


class SingleFramePluginTransformSetupHelper(_SetupHelper):
    """Makes the catalogs of a `TransformTestCase` for an algorithm that takes a schema."""

    def _setupTransform(self):
        self.control = self.controlClass()
        schema = lsst.afw.table.SourceTable.makeMinimalSchema()
        self._pretendSlots(schema)
        self.algorithmClass(self.control, self.name, schema)
        self._finishSetup(schema)


class ForcedPluginTransformSetupHelper(_SetupHelper):
    """Makes the catalogs of a `TransformTestCase` for a plugin that takes a schema mapper."""

    def _setupTransform(self):
        self.control = self.controlClass()
        minimal = lsst.afw.table.SourceTable.makeMinimalSchema
        mapper = lsst.afw.table.SchemaMapper(minimal(), minimal())
        self._pretendSlots(mapper.editOutputSchema())
        self.algorithmClass(self.control, self.name, mapper, lsst.daf.base.PropertyList())
        self._finishSetup(mapper.editOutputSchema())


class FluxTransformTestCase(TransformTestCase):
    """Mixin for test cases of transforms of fluxes."""

    def _setFieldsInRecords(self, records, name):
        for record in records:
            for field in ("instFlux", "instFluxErr"):
                record[record.schema.join(name, field)] = np.random.random()
        assert len(records) > 1
        records[0][records[0].schema.join(name, "instFlux")] = -1  # has no magnitude

    def _compareFieldsInRecords(self, inSrc, outSrc, name):
        flux, fluxErr = (inSrc[inSrc.schema.join(name, field)] for field in ("instFlux", "instFluxErr"))
        mag, magErr = (outSrc[outSrc.schema.join(name, field)] for field in ("mag", "magErr"))
        expected = self.calexp.getPhotoCalib().instFluxToMagnitude(flux, fluxErr)
        if flux > 0:
            self.assertEqual(mag, expected.value)
        else:
            self.assertTrue(np.isnan(mag))
        if np.isnan(fluxErr):
            self.assertTrue(np.isnan(magErr))
        else:
            np.testing.assert_equal(magErr, expected.error)


class CentroidTransformTestCase(TransformTestCase):
    """Mixin for test cases of transforms of centroids."""

    def _setFieldsInRecords(self, records, name):
        for record in records:
            for field in ("x", "y", "xErr", "yErr", "x_y_Cov"):
                if record.schema.join(name, field) in record.schema:
                    record[record.schema.join(name, field)] = np.random.random()

    def _compareFieldsInRecords(self, inSrc, outSrc, name):
        key = CentroidResultKey(inSrc.schema[self.name])
        centroid = key.get(inSrc)
        expected = self.calexp.getWcs().pixelToSky(centroid.getCentroid())
        self.assertEqual(lsst.afw.table.CoordKey(outSrc.schema[self.name]).get(outSrc), expected)
        try:
            errorKey = lsst.afw.table.CovarianceMatrix2fKey(outSrc.schema[self.name], ["ra", "dec"])
        except lsst.pex.exceptions.NotFoundError:
            self.assertFalse(key.getCentroidErr().isValid())
            return
        matrix = self.calexp.getWcs().linearizePixelToSky(expected, lsst.geom.radians)
        matrix = matrix.getLinear().getMatrix()
        covariance = matrix @ centroid.getCentroidErr() @ matrix.T
        np.testing.assert_array_almost_equal(covariance, errorKey.get(outSrc))
