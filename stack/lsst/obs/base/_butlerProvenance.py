# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""What headers of files say of the Gen3 butler's dataset that is in them, and of its inputs."""

__all__ = ["setButlerProvenance"]

from lsst.daf.butler import DatasetProvenance

_PREFIX = "LSST BUTLER"
_MAX_INPUTS = 3000


def setButlerProvenance(metadata, ref, provenance=None):
    """Set the cards ``LSST BUTLER ...`` of a header, and remove those of another dataset.

    Parameters
    ----------
    metadata : `lsst.daf.base.PropertyList` or `None`
        The header; nothing is done without one.
    ref : `lsst.daf.butler.DatasetRef`
        The dataset that is to be written.
    provenance : `lsst.daf.butler.DatasetProvenance`, optional
        Its inputs; of more than 3000 only the number is recorded.
    """
    if metadata is None:
        return
    for name in [name for name in metadata.names() if name.startswith(f"{_PREFIX} ")]:
        metadata.remove(name)
    cards = (provenance or DatasetProvenance()).to_flat_dict(
        ref, prefix=_PREFIX, sep=" ", simple_types=True, max_inputs=_MAX_INPUTS)
    for name, value in cards.items():
        metadata.set(name, value)
