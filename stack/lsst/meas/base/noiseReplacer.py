# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Replaces neighbors by noise while a source is measured."""

import lsst.pex.config
import numpy as np

__all__ = ("DummyNoiseReplacer", "NoiseReplacer", "NoiseReplacerConfig")

_PLANES = ("THISDET", "OTHERDET")


class NoiseReplacerConfig(lsst.pex.config.Config):
    """How to replace neighbors by noise."""

    noiseSource = lsst.pex.config.ChoiceField(
        dtype=str,
        default="measure",
        optional=False,
        doc="where mean and variance of the noise come from",
        allowed={
            "measure": "clipped mean and variance of the whole image",
            "meta": "mean 0; variance from the metadata entry BGMEAN",
            "variance": "mean 0; variance from the variance plane",
        },
    )
    noiseOffset = lsst.pex.config.Field(
        dtype=float, default=0.0, optional=False, doc="offset added to the noise"
    )
    noiseSeedMultiplier = lsst.pex.config.Field(
        dtype=int,
        default=1,
        doc="the seed is this number times the exposure ID; 0 means the generator's default seed",
    )


class NoiseReplacer:
    """Replaces the footprints of all sources by noise, and puts back one at a time.

    The mask planes THISDET and OTHERDET tell which footprints are which meanwhile.

    Parameters
    ----------
    config : `NoiseReplacerConfig`
        Configuration.
    exposure : `lsst.afw.image.Exposure`
        The image, changed in place until `end`.
    footprints : `dict` [`int`, `tuple`]
        ID of each source to ID of its parent (0 if none) and `lsst.afw.detection.Footprint`. A
        child without pixels of its own (a plain footprint) stands for its parent.
    noiseImage : `lsst.afw.image.ImageF`, optional
        Noise to use.
    exposureId : `int`, optional
        Seed of the noise.
    log : `logging.Logger`, optional
        Log.

    Notes
    -----
    The noise is Gaussian as in the original, but from another random number generator.
    """

    ConfigClass = NoiseReplacerConfig

    def __init__(self, config, exposure, footprints, noiseImage=None, exposureId=None, log=None):
        self._config = config
        self._exposureId = exposureId
        self._image = exposure.image
        self._mask = exposure.mask
        self._footprints = footprints
        self._addedPlanes = [name for name in _PLANES if name not in self._mask.getMaskPlaneDict()]
        for name in self._addedPlanes:
            self._mask.addMaskPlane(name)
        for name in _PLANES:
            self._mask.clearMaskPlane(self._mask.getMaskPlane(name))
        self._thisBit, self._otherBit = (self._mask.getPlaneBitMask(name) for name in _PLANES)
        self._originals = self._copyPixels(exposure)
        generate = _makeGenerator(config, exposure, noiseImage, exposureId)
        self._noise = {id_: generate(footprints[id_][1].getSpans()) for id_ in self._originals}
        for id_, noise in self._noise.items():
            self._put(id_, noise, set=self._otherBit)
        if log is not None:
            log.debug("Replaced %d footprints by noise from %s", len(self._noise), config.noiseSource)

    def _copyPixels(self, exposure):
        originals = {}
        for id_, (parent, footprint) in self._footprints.items():
            if footprint.isHeavy():
                originals[id_] = footprint.getImageArray()
            elif parent == 0:
                originals[id_] = footprint.getSpans().flatten(exposure.image.array, exposure.getXY0())
        return originals

    def _put(self, id_, pixels, set=0, clear=0):
        spans = self._footprints[id_][1].getSpans()
        spans.unflatten(self._image.array, pixels, self._image.getXY0())
        if clear:
            spans.clearMask(self._mask, clear)
        if set:
            spans.setMask(self._mask, set)

    def _findOwner(self, id_):
        """Return the source itself, or else the first ancestor that has pixels."""
        while id_ not in self._originals:
            id_ = self._footprints[id_][0]
        return id_

    def describe(self, metadata):
        """Add the settings to the metadata of a catalog.

        Parameters
        ----------
        metadata : `lsst.daf.base.PropertyList` or `None`
            Metadata, changed in place.
        """
        if metadata is None:
            return
        metadata.addInt("NOISE_SEED_MULTIPLIER", self._config.noiseSeedMultiplier)
        metadata.addString("NOISE_SOURCE", self._config.noiseSource)
        metadata.addDouble("NOISE_OFFSET", self._config.noiseOffset)
        if self._exposureId is not None:
            metadata.addLong("NOISE_EXPOSURE_ID", self._exposureId)

    def insertSource(self, id):
        """Put the pixels of a source back.

        Parameters
        ----------
        id : `int`
            ID of the source.
        """
        owner = self._findOwner(id)
        self._put(owner, self._originals[owner], set=self._thisBit, clear=self._otherBit)

    def removeSource(self, id):
        """Replace the pixels of a source by the same noise again.

        Parameters
        ----------
        id : `int`
            ID of the source.
        """
        owner = self._findOwner(id)
        self._put(owner, self._noise[owner], set=self._otherBit, clear=self._thisBit)

    def end(self):
        """Put all pixels and mask planes back."""
        for id_, (parent, _) in self._footprints.items():
            if parent == 0:
                self._put(id_, self._originals[id_], clear=self._thisBit | self._otherBit)
        for name in self._addedPlanes:
            self._mask.removeAndClearMaskPlane(name, True)


def _makeGenerator(config, exposure, noiseImage, exposureId):
    """Make the function that gives a footprint (spans) its noise."""
    if noiseImage is not None:
        return lambda spans: spans.flatten(noiseImage.array, noiseImage.getXY0())
    random = np.random.default_rng((exposureId or 1) * config.noiseSeedMultiplier or 1)
    offset = config.noiseOffset
    if config.noiseSource == "variance":

        def generate(spans):
            variance = spans.flatten(exposure.variance.array, exposure.getXY0())
            return offset + random.standard_normal(len(variance)) * np.sqrt(variance)

        return generate
    if config.noiseSource == "meta" and exposure.getMetadata().exists("BGMEAN"):
        mean, sigma = 0.0, np.sqrt(exposure.getMetadata().getAsDouble("BGMEAN"))
    else:
        mean, sigma = _clippedMoments(exposure.image.array)
    return lambda spans: offset + mean + sigma * random.standard_normal(spans.getArea())


def _clippedMoments(pixels, nSigma=3.0, nIterations=3):
    """Return mean and standard deviation without outliers, starting from median and quartiles."""
    pixels = pixels[np.isfinite(pixels)].astype(np.float64)
    low, mean, high = np.percentile(pixels, [25, 50, 75])
    sigma = 0.741 * (high - low)
    for _ in range(nIterations):
        pixels = pixels[np.abs(pixels - mean) <= nSigma * sigma]
        mean, sigma = pixels.mean(), pixels.std(ddof=1)
    return mean, sigma


class DummyNoiseReplacer:
    """Replaces nothing."""

    def insertSource(self, id):
        """Do nothing."""

    def removeSource(self, id):
        """Do nothing."""

    def end(self):
        """Do nothing."""
