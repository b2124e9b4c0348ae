# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Application of aperture corrections to the fluxes of a catalog."""

import lsst.pex.config
import lsst.pipe.base
import numpy as np

from lsst.pex.exceptions import DomainError

from ._rows import setRows
from .apCorrRegistry import getApCorrNameSet

__all__ = ("ApplyApCorrConfig", "ApplyApCorrTask")

UseNaiveFluxErr = True
"""Scale errors by the correction (`bool`)? Otherwise the correction's own error is added to them, too."""


class ApCorrInfo:
    """Where to find what it takes to correct one flux.

    Parameters
    ----------
    schema : `lsst.afw.table.Schema`
        Has fields ``<name>_instFlux``, ``<name>_instFluxErr`` and ``<name>_flag``; gets
        ``<name>_flag_apCorr``, and ``<name>_apCorr`` and ``<name>_apCorrErr`` or aliases of those of
        ``model`` if it has them already.
    model : `str`
        Prefix of the flux whose correction is taken.
    name : `str`, optional
        Prefix of the flux to correct; that of ``model`` by default.

    Attributes
    ----------
    name : `str`
        As given.
    modelName, modelSigmaName : `str`
        Names of correction and error in an `lsst.afw.image.ApCorrMap`.
    doApCorrColumn : `bool`
        Are the fields ``<name>_apCorr`` to be filled?
    instFluxName, instFluxErrName : `str`
        Names of the fields of the flux.
    instFluxKey, instFluxErrKey, fluxFlagKey : `lsst.afw.table.Key`
        Keys of flux, error and failure flag.
    apCorrKey, apCorrErrKey, apCorrFlagKey : `lsst.afw.table.Key`
        Keys of the correction, its error, and of the flag that tells that there is none.
    """

    def __init__(self, schema, model, name=None):
        self.name = model if name is None else name
        self.modelName, self.modelSigmaName = model + "_instFlux", model + "_instFluxErr"
        self.instFluxName, self.instFluxErrName = self.name + "_instFlux", self.name + "_instFluxErr"
        self.instFluxKey = schema.find(self.instFluxName).key
        self.instFluxErrKey = schema.find(self.instFluxErrName).key
        self.fluxFlagKey = schema.find(self.name + "_flag").key
        self.doApCorrColumn = self.name == model or model + "_apCorr" not in schema
        self.apCorrKey, self.apCorrErrKey = (
            self._addColumns(schema) if self.doApCorrColumn else self._addAliases(schema, model)
        )
        self.apCorrFlagKey = schema.addField(
            self.name + "_flag_apCorr", doc=f"set if unable to aperture correct {self.name}", type="Flag"
        )

    def _addColumns(self, schema):
        return (
            schema.addField(
                self.name + "_apCorr", doc=f"aperture correction applied to {self.name}", type=np.float64
            ),
            schema.addField(
                self.name + "_apCorrErr",
                doc=f"standard deviation of aperture correction applied to {self.name}",
                type=np.float64,
            ),
        )

    def _addAliases(self, schema, model):
        for suffix in ("_apCorr", "_apCorrErr"):
            schema.getAliasMap().set(self.name + suffix, model + suffix)
        return tuple(schema.find(self.name + suffix).key for suffix in ("_apCorr", "_apCorrErr"))


class ApplyApCorrConfig(lsst.pex.config.Config):
    """Config of `ApplyApCorrTask`."""

    ignoreList = lsst.pex.config.ListField(
        doc="registered fluxes (see getApCorrNameSet) that are not corrected; other names are warned of",
        dtype=str,
        optional=False,
        default=(),
    )
    doFlagApCorrFailures = lsst.pex.config.Field(
        doc="set the failure flag of a flux that cannot be corrected?", dtype=bool, default=True
    )
    proxies = lsst.pex.config.DictField(
        doc="fluxes that are not registered, and the registered fluxes whose correction they get",
        keytype=str,
        itemtype=str,
        default={},
    )
    loggingInterval = lsst.pex.config.Field(
        doc="interval between progress messages at level VERBOSE (seconds)", dtype=int, default=600
    )


class ApplyApCorrTask(lsst.pipe.base.Task):
    """Multiplies the fluxes of a catalog by aperture corrections.

    Parameters
    ----------
    schema : `lsst.afw.table.Schema`
        Has the fields of the fluxes, and gets those of the corrections. Registered fluxes that are not
        in it are left out.
    **kwds
        Arguments of `lsst.pipe.base.Task`.

    Attributes
    ----------
    apCorrInfoDict : `dict` [`str`, `ApCorrInfo`]
        The fluxes to correct, by prefix.
    """

    ConfigClass = ApplyApCorrConfig
    _DefaultName = "applyApCorr"

    def __init__(self, schema, **kwds):
        super().__init__(**kwds)
        registered, ignored = getApCorrNameSet(), set(self.config.ignoreList)
        if ignored - registered:
            self.log.warning(
                "Fields in ignoreList that are not in fluxCorrectList: %s", sorted(ignored - registered)
            )
        models = {name: name for name in sorted(registered - ignored)}
        models.update(
            (name, model) for name, model in self.config.proxies.items() if name not in registered
        )
        self.apCorrInfoDict = {
            name: ApCorrInfo(schema=schema, model=model, name=name)
            for name, model in models.items()
            if name + "_instFlux" in schema
        }

    def run(self, catalog, apCorrMap):
        """Correct the fluxes.

        Parameters
        ----------
        catalog : `lsst.afw.table.SourceCatalog`
            The sources, with centroids; changed in place.
        apCorrMap : `lsst.afw.image.ApCorrMap`
            The corrections. A flux without one only gets its flag ``flag_apCorr``.
        """
        self.log.info("Applying aperture corrections to %d instFlux fields", len(self.apCorrInfoDict))
        for info in self.apCorrInfoDict.values():
            names = (info.modelName, info.modelSigmaName)
            models = [apCorrMap.get(name) for name in names]
            missing = [name for name, model in zip(names, models) if model is None]
            if missing:
                self.log.warning(
                    "Cannot aperture correct %s because could not find %s in apCorrMap",
                    info.name,
                    " or ".join(missing),
                )
                catalog[info.apCorrFlagKey] = True
            else:
                self._correct(catalog, info, *models)

    def _correct(self, catalog, info, model, errorModel):
        slot = catalog.table.getCentroidSlot().getMeasKey()
        x, y = (np.array(catalog[key], dtype=np.float64) for key in (slot.getX(), slot.getY()))
        apCorr, known = _evaluate(model, x, y)
        apCorrErr = np.zeros(len(catalog))
        if not UseNaiveFluxErr:
            apCorrErr, errorKnown = _evaluate(errorModel, x, y)
            known &= errorKnown
        if info.doApCorrColumn:
            for key, values in ((info.apCorrKey, apCorr), (info.apCorrErrKey, apCorrErr)):
                catalog[key] = np.where(known, values, catalog[key])
        good = known & ~((apCorr <= 0.0) | (apCorrErr < 0.0))
        self._scale(catalog, info, good, apCorr, apCorrErr)
        catalog[info.apCorrFlagKey] = ~good
        if self.config.doFlagApCorrFailures:
            setRows(catalog, info.fluxFlagKey, ~good, True)
        self.log.debug(
            "For instFlux field %r: mean apCorr=%s, stdDev apCorr=%s, mean apCorrErr=%s, "
            "stdDev apCorrErr=%s for %s sources",
            info.name,
            *(function(values) if len(values) else np.nan
              for values in (apCorr, apCorrErr) for function in (np.mean, np.std)),
            len(catalog),
        )

    @staticmethod
    def _scale(catalog, info, good, apCorr, apCorrErr):
        flux, error = (np.array(catalog[key]) for key in (info.instFluxKey, info.instFluxErrKey))
        with np.errstate(all="ignore"):
            newFlux = flux * apCorr
            newError = error * apCorr
            if not UseNaiveFluxErr:
                newError = np.abs(newFlux) * np.hypot(error / flux, apCorrErr / apCorr)
        catalog[info.instFluxKey] = np.where(good, newFlux, flux)
        catalog[info.instFluxErrKey] = np.where(good, newError, error)


def _evaluate(field, x, y):
    """Evaluate a bounded field; also say where it is defined."""
    known = np.ones(len(x), dtype=bool)
    try:
        return np.array(field.evaluate(x, y), dtype=np.float64), known
    except DomainError:
        pass
    values = np.full(len(x), np.nan)
    for index, position in enumerate(zip(x.tolist(), y.tolist())):
        try:
            values[index] = field.evaluate(*position)
        except DomainError:
            known[index] = False
    return values, known
