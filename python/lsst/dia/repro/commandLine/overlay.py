# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Make a repository know the dataset types of this package.

The definitions lie in ``policy/obs_lsstSim.yaml``. They are stored in the
policy of the output repository's ``repositoryCfg.yaml``, where every Gen2
butler that opens the repository finds them.
"""

from __future__ import annotations

__all__ = ["datasetExists", "getOverlay", "installOverlay"]

import os
from collections.abc import Mapping
from typing import Any

from lsst.daf.persistence import Butler, Policy, RepositoryCfg, Storage

from ..completeFile import makeScratchDirectory, publish
from .repositoryTree import findRepositories

POLICY_NAME = "obs_lsstSim.yaml"
CFG_NAME = "repositoryCfg.yaml"

#: Where policies have dataset types.
SECTIONS = ("exposures", "images", "calibrations", "datasets")

#: What says how a file is read.
FIXED = ("python", "storage")

#: To read these is to run them.
PROGRAMS = ("ConfigStorage", "PickleStorage")


def getOverlay() -> Policy:
    """Read the overlay.

    Returns
    -------
    policy : `lsst.daf.persistence.Policy`
        The dataset types of this package.
    """
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    # Inside the package where pip installed it; beside python/ in a checkout
    # and under EUPS.
    directories = [os.path.join(package, "policy"), os.path.join(package, *[os.pardir]*4, "policy")]
    paths = [os.path.join(directory, POLICY_NAME) for directory in directories]
    for path in paths:
        if os.path.exists(path):
            return Policy(path)
    raise RuntimeError("The dataset definitions of dia_repro are missing: no {}".format(" nor ".join(paths)))


def installOverlay(input: str, output: str | None = None) -> None:
    """Store the overlay in the repository that a command writes to.

    A repository that an older version of this package wrote to gets the types
    that are new since; the definitions it has stay, for they say where its
    data are.

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
        which the butler does not allow to be extended; or if its policy, or
        that of one it reads from, lets files be read as what they are not.
    """
    root = output or input
    overlay = getOverlay()
    for place in {input, root}:
        for where, stored in findRepositories(place):
            if stored is not None and stored.policy is not None:
                _requireHarmless(stored.policy, overlay, where)
    cfg = Storage().getRepositoryCfg(root)
    if cfg is not None and _isOurs(cfg.policy):
        _extend(cfg, root, overlay)
        return
    inPlace = output is None or os.path.realpath(output) == os.path.realpath(input)
    try:
        if not inPlace:
            Butler(inputs={"root": input}, outputs={"root": output, "mode": "rw", "policy": overlay})
        elif cfg is None or not os.path.exists(os.path.join(root, CFG_NAME)):
            mapper = Butler.getMapperClass(root)
            Storage.putRepositoryCfg(RepositoryCfg(root, mapper, {}, _findLinkedParents(root), overlay), root)
        else:
            raise RuntimeError("its configuration cannot be extended")
    except RuntimeError as error:
        raise RuntimeError(
            f"Repository {root} does not know the dataset types of dia_repro, and {error}. "
            "Give a new repository with --output or --rerun."
        ) from error


def datasetExists(butler: Butler, dataset: str, **dataId: Any) -> bool:
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


def _requireHarmless(policy: Policy, overlay: Policy, root: str) -> None:
    """Refuse a policy that has data executed, or our datasets read as something else.

    The butler of a stack obeys whatever policy it finds in a repository.
    """
    for section in SECTIONS:
        types = policy.data.get(section)
        for name, definition in types.items() if isinstance(types, Mapping) else ():
            if not isinstance(definition, Mapping):
                continue  # Of that the mapper complains.
            ours = overlay.data["datasets"].get(name, {})
            isChanged = any(definition.get(key, ours[key]) != ours[key] for key in FIXED if key in ours)
            isProgram = definition.get("storage") in PROGRAMS and not str(name).endswith("_config")
            if isChanged or isProgram:
                raise RuntimeError(f"Refused the policy of {root}: it has {name!r} read as "
                                   f"{definition.get('storage')!r} of {definition.get('python')!r}")


def _findLinkedParents(root: str) -> list[str]:
    """Return the parent that an old repository has by its link ``_parent``.

    Where there is a configuration nobody follows the link any more.
    """
    link = os.path.join(root, "_parent")
    return [os.path.realpath(link)] if os.path.exists(link) else []


def _isOurs(policy: Policy | None) -> bool:
    """Tell whether a policy has an overlay of this package, of whatever version."""
    # The type that no version is without.
    return policy is not None and "datasets.reproDIAObjects" in policy


def _extend(cfg: RepositoryCfg, root: str, overlay: Policy) -> None:
    """Add the types that a repository does not know yet to its configuration."""
    missing = [name for name in overlay["datasets"].names(True)
               if "datasets." + name not in cfg.policy]
    if not missing:
        return
    policy = Policy(cfg.policy)
    for name in missing:
        policy["datasets." + name] = overlay["datasets." + name]
    extended = RepositoryCfg(root, cfg.mapper, cfg.mapperArgs, cfg.parents, policy)
    # The root is not stored, so that the repository can be moved.
    extended.root = None
    # The butler refuses to change a configuration, but not to write a new one
    # elsewhere.
    # In the root, since a file is replaced in one step, never half written, within one file system only.
    with makeScratchDirectory(root, CFG_NAME) as scratch:
        Storage.putRepositoryCfg(extended, scratch)
        publish(os.path.join(scratch, CFG_NAME), os.path.join(root, CFG_NAME))
