# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Aliases that give the fields of old table versions their present names."""

__all__ = ["OLD_SLOTS", "addOldAliases", "addUnitlessAliases"]

OLD_SLOTS = {
    "PSF_FLUX": "slot_PsfFlux", "AP_FLUX": "slot_ApFlux", "INST_FLUX": "slot_GaussianFlux",
    "MODEL_FLUX": "slot_ModelFlux", "CALIB_FLUX": "slot_CalibFlux", "CENTROID": "slot_Centroid",
    "SHAPE": "slot_Shape",
}
"""Header keywords (before ``_SLOT``) that defined slots in version 0, and the aliases that do now."""

_POINT_ENDS = ("_yErr", "_xErr", "_x_y_Cov")
_VERSION0_ENDS = (("", "_instFlux"), ("_err", "_instFluxErr"))
_FLUX_ENDS = (("_flux", "_instFlux"), ("_fluxErr", "_instFluxErr"), ("_fluxSigma", "_instFluxErr"))
_MOMENTS_ENDS = ("_xxErr", "_yyErr", "_xyErr", "_xx_yy_Cov", "_xx_xy_Cov", "_yy_xy_Cov")


def _isInstFlux(field):
    """Is this a flux in counts?"""
    if "flux" not in field.ttype:
        return False
    if "modelfit_CModel" in field.ttype and not field.tunit:
        return True  # written without units until DM-16068
    units = field.tunit.lower()
    return any(unit in units for unit in ("count", "dn", "adu"))


def _version0(field, aliases):
    name = field.ttype
    position = name.find("flags")
    if position >= 0:
        # An alias from flag to flags would match itself again and again, so the field is renamed.
        prefix = name[:position]
        field.ttype = prefix + "flag" + name[position + 5:]
        aliases.set(prefix + "flags", prefix + "flag")
    elif _isInstFlux(field):
        alias = name.replace("_err", "_instFluxErr", 1) if name.endswith("_err") else name + "_instFlux"
        aliases.set(alias, name)
    elif name.endswith("_err"):
        ends = {"Covariance(Point)": _POINT_ENDS, "Covariance(Moments)": _MOMENTS_ENDS}.get(field.tccls, ())
        for end in ends:
            aliases.set(name.replace("_err", end, 1), name + end)


def _version1or2(field, version, aliases):
    name = field.ttype
    if version < 2 and name.endswith("Sigma"):
        name = name.replace("Sigma", "Err", 1)
    if _isInstFlux(field):
        name = name.replace("flux", "instFlux", 1)
    if name != field.ttype:
        aliases.set(name, field.ttype)


def addOldAliases(fields, version, aliases):
    """Add aliases for the fields of an old table; version 0 also renames fields.

    Parameters
    ----------
    fields : `list` [`HeaderField`]
        The fields.
    version : `int`
        AFW_TABLE_VERSION.
    aliases : `lsst.afw.table.AliasMap`
        Map to add to.
    """
    for field in fields:
        if version == 0:
            _version0(field, aliases)
        elif version < 3:
            _version1or2(field, version, aliases)


def _isUnitlessFlux(field):
    """May this be a flux in counts that was written without units?"""
    isNumber = field.bit < 0 and field.tform in ("D", "E", "1D", "1E")
    return isNumber and "flux" in field.ttype and not field.tunit


def _fluxTargets(aliases):
    """Return what the flux slots point to."""
    slots = [alias for alias in OLD_SLOTS.values() if alias.endswith("Flux")]
    return {aliases.apply(alias) for alias in aliases.keys() if alias in slots}


def _addAlias(alias, target, fields, aliases):
    """Add an alias, unless it is there or would hide a field: it applies to all names that begin with it."""
    if alias not in list(aliases.keys()) and not any(field.ttype.startswith(alias) for field in fields):
        aliases.set(alias, target)


def addUnitlessAliases(fields, version, aliases):
    """Add aliases for fluxes without units that the slots of an old source table point to.

    What no slot points to is left alone, as by v23: not every column with such a name is in counts.

    Parameters
    ----------
    fields : `list` [`HeaderField`]
        The fields, after `addOldAliases`.
    version : `int`
        AFW_TABLE_VERSION.
    aliases : `lsst.afw.table.AliasMap`
        Map to add to.
    """
    unitless = {field.ttype for field in fields if _isUnitlessFlux(field)}
    if version >= 3 or not unitless:
        return
    for target in _fluxTargets(aliases):
        for old, new in _VERSION0_ENDS if version == 0 else _FLUX_ENDS:
            if target + old in unitless:
                _addAlias(target + new, target + old, fields, aliases)
