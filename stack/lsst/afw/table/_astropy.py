# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Catalogs as Astropy tables."""

__all__ = ["asAstropy"]

from ._baseColumnView import stringColumn

_CHOICES = ("copy", "raise", "skip")


def _unviewable(unviewable, copy, message):
    """Tell whether to skip a field that cannot be viewed, or raise."""
    if copy or unviewable == "copy":
        return False
    if unviewable == "raise":
        raise ValueError(message)
    return True


def _columnData(catalog, key, copy, unviewable):
    """Return the data of a column, or None to leave it out."""
    typeString = key.typeString
    if typeString == "String":
        if _unviewable(unviewable, copy,
                       "Cannot extract string unless copy=True or unviewable='copy' or 'skip'."):
            return None
        data = stringColumn(catalog._stored(key))
        return data.astype(f"U{key.getSize()}") if key.getSize() else data.copy()
    if typeString == "Flag":
        if _unviewable(unviewable, copy,
                       "Cannot extract packed bit columns unless copy=True or unviewable='copy' or 'skip'."):
            return None
        return catalog.columns.get_bool_array(key)
    if typeString.startswith("Array") and key.isVariableLength():
        if unviewable == "raise":
            raise ValueError("Cannot extract variable-length array fields unless unviewable='skip'.")
        return None
    data = catalog.columns.get(key)
    return data.copy() if copy else data


def asAstropy(catalog, cls=None, copy=False, unviewable="copy"):
    """Make an Astropy table of a catalog; see `BaseCatalog.asAstropy`."""
    import astropy.table

    if cls is None:
        cls = astropy.table.Table
    if unviewable not in _CHOICES:
        raise ValueError(f"'unviewable'={unviewable!r} must be one of 'copy', 'raise', or 'skip'")
    metadata = catalog.getMetadata()
    meta = metadata.toOrderedDict() if metadata is not None else None
    columns = []
    for item in catalog.schema:
        data = _columnData(catalog, item.key, copy, unviewable)
        if data is None:
            continue
        unit = "radian" if item.key.typeString == "Angle" else item.field.getUnits() or None
        columns.append(astropy.table.Column(
            data, name=item.field.getName(), unit=unit, description=item.field.getDoc()))
    return cls(columns, meta=meta, copy=False)
