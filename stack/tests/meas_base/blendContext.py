# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""A blend of simulated sources, with its parent."""

import numpy as np

import lsst.afw.detection
import lsst.afw.geom
import lsst.afw.image
import lsst.geom

__all__ = ["BlendContext"]


class BlendContext:
    """Adds a parent and its children to a `TestDataset`; use it through `TestDataset.addBlend`.

    At the end of the ``with`` block the parent gets the sum of the fluxes, the moments of the whole, and
    a footprint; the children get heavy footprints that hold their own pixels.

    Parameters
    ----------
    owner : `TestDataset`
        Gets the sources.

    Attributes
    ----------
    parentRecord : `lsst.afw.table.SourceRecord`
        Truth of the parent.
    parentImage : `lsst.afw.image.ImageF`
        Sum of the children.
    children : `list` of `tuple`
        Truth and image of each child.
    """

    def __init__(self, owner):
        self.owner = owner
        self.parentRecord = owner.catalog.addNew()
        self.parentImage = lsst.afw.image.ImageF(owner.exposure.getBBox())
        self.children = []

    def addChild(self, instFlux, centroid, shape=None):
        """Add a child.

        Parameters
        ----------
        instFlux, centroid, shape
            See `TestDataset.addSource`.

        Returns
        -------
        record : `lsst.afw.table.SourceRecord`
            Truth of the child.
        """
        record, image = self.owner.addSource(instFlux, centroid, shape)
        record.set(self.owner.keys["parent"], self.parentRecord.getId())
        self.parentImage += image
        self.children.append((record, image))
        return record

    def __enter__(self):
        return self

    def __exit__(self, kind, value, traceback):
        if kind is None:
            self._describeParent()
            self.owner._installFootprint(self.parentRecord, self.parentImage)
            self._makeHeavyFootprints()

    def _describeParent(self):
        """Set flux and moments of the parent from those of the children."""
        keys = self.owner.keys
        records = [record for record, _ in self.children]
        fluxes = np.array([record.get(keys["instFlux"]) for record in records])
        positions = np.array([list(record.get(keys["centroid"])) for record in records])
        weights = fluxes / fluxes.sum()
        center = weights @ positions
        dx, dy = (positions - center).T
        shapes = [record.get(keys["shape"]) for record in records]
        moments = np.array([[shape.getIxx(), shape.getIyy(), shape.getIxy()] for shape in shapes])
        moments = weights @ (moments + np.stack([dx**2, dy**2, dx * dy], axis=-1))
        self.parentRecord.set(keys["nChild"], len(records))
        self.parentRecord.set(keys["instFlux"], float(fluxes.sum()))
        self.parentRecord.set(keys["centroid"], lsst.geom.Point2D(*center))
        self.parentRecord.set(keys["shape"], lsst.afw.geom.Quadrupole(*moments))

    def _makeHeavyFootprints(self):
        pixels = lsst.afw.image.MaskedImageF(self.owner.exposure.getMaskedImage(), True)
        for record, image in self.children:
            pixels.image.array[:, :] = image.array
            footprint = lsst.afw.detection.HeavyFootprintF(self.parentRecord.getFootprint(), pixels)
            record.setFootprint(footprint)
