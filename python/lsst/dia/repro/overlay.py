# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Make a repository know the dataset types of this package.

The definitions lie in ``policy/obs_lsstSim.yaml``. They are stored in the
policy of the output repository's ``repositoryCfg.yaml``, where every Gen2
butler that opens the repository finds them.
"""

__all__ = ["datasetExists", "getOverlay", "installOverlay"]

import os

from lsst.daf.persistence import Butler, Policy, RepositoryCfg, Storage

POLICY_NAME = "obs_lsstSim.yaml"


def getOverlay():
    """Read the overlay.

    Returns
    -------
    policy : `lsst.daf.persistence.Policy`
        The dataset types of this package.
    """
    here = os.path.dirname(os.path.abspath(__file__))
    # Inside the package where pip installed it; beside python/ in a checkout
    # and under EUPS.
    directories = [os.path.join(here, "policy"), os.path.join(here, *[os.pardir]*4, "policy")]
    paths = [os.path.join(directory, POLICY_NAME) for directory in directories]
    for path in paths:
        if os.path.exists(path):
            return Policy(path)
    raise RuntimeError("The dataset definitions of dia_repro are missing: no {}".format(" nor ".join(paths)))


def installOverlay(input, output=None):
    """Store the overlay in the repository that a command writes to.

    Parameters
    ----------
    input : `str`
        Root of the input repository.
    output : `str`, optional
        Root of the output repository; it is created if need be. If `None` or
        equal to ``input``, results go to the input repository itself.

    Raises
    ------
    RuntimeError
        Raised if the repository has a configuration without the overlay,
        which the butler does not allow to be extended.
    """
    root = output or input
    overlay = getOverlay()
    cfg = Storage().getRepositoryCfg(root)
    if cfg is not None and _includes(cfg.policy, overlay):
        return
    inPlace = output is None or os.path.realpath(output) == os.path.realpath(input)
    try:
        if not inPlace:
            Butler(inputs={"root": input}, outputs={"root": output, "mode": "rw", "policy": overlay})
        elif cfg is None or not os.path.exists(os.path.join(root, "repositoryCfg.yaml")):
            mapper = Butler.getMapperClass(root)
            Storage.putRepositoryCfg(RepositoryCfg(root, mapper, {}, [], overlay), root)
        else:
            raise RuntimeError("its configuration cannot be extended")
    except RuntimeError as error:
        raise RuntimeError(
            f"Repository {root} does not know the dataset types of dia_repro, and {error}. "
            "Give a new repository with --output or --rerun."
        ) from error


def datasetExists(butler, dataset, **dataId):
    """Tell whether there is a dataset of one of our types.

    Parameters
    ----------
    butler : `lsst.daf.persistence.Butler`
        The butler to ask.
    dataset : `str`
        Name of the dataset type.
    **dataId
        Data ID.

    Returns
    -------
    exists : `bool`
        Whether the output has it, or a parent that knows the type.
    """
    try:
        return butler.datasetExists(dataset, **dataId)
    except AttributeError:
        # A parent without the overlay has no method for the type.
        return False


def _includes(policy, overlay):
    """Tell whether a policy has every definition of the overlay."""
    if not policy:
        return False
    names = ["datasets." + name for name in overlay["datasets"].names(True)]
    return all(policy.exists(name) and policy[name] == overlay[name] for name in names)
