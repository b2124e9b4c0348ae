# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Opening the repositories of a butler, with their parents."""

__all__ = ["openRepositories"]

import copy
import inspect
import logging
import os

from lsst.pex.exceptions._printable import printable

from ._repoData import RepoData, RepoDataContainer
from .butlerExceptions import ParentsMismatch
from .posixStorage import PosixStorage
from .repository import Repository, RepositoryArgs
from .repositoryCfg import RepositoryCfg
from .storage import Storage
from .utils import doImport, listify

# More than anybody keeps; fewer than calls may be nested.
_MAX_REPOSITORIES = 300
_log = logging.getLogger("daf.persistence.butler")


def openRepositories(inputs, outputs, storage):
    """Open repositories.

    Parameters
    ----------
    inputs, outputs : `RepositoryArgs`, `dict`, `str`, or list of these
        Repositories to read from and to write to.
    storage : `Storage`
        Reads their configurations.

    Returns
    -------
    repos : `RepoDataContainer`
        The repositories and their parents.

    Raises
    ------
    RuntimeError
        The arguments contradict each other or what is stored, an input does not exist, or repositories are
        parents of themselves.
    """
    inputs, outputs = _standardize(inputs), _standardize(outputs)
    _setModes(inputs, outputs)
    inputs = [args for args in inputs if not any(_isSame(args, output) for output in outputs)]
    repoDataList = [RepoData(args, "output") for args in outputs]
    repoDataList += [RepoData(args, "input") for args in inputs]
    for repoData in repoDataList:
        _findCfg(repoData, storage)
    _addParents(repoDataList, storage)
    _setParentsOfOutputs(repoDataList)
    _setDefaultMapper(repoDataList)
    _connectParents(repoDataList)
    _refuseCircles(repoDataList)
    repos = RepoDataContainer(repoDataList)
    for repoData in repos.outputs() + repos.inputs():
        repoData.addTags(repoData.repoArgs.tags)
    for repoData in repoDataList:
        _openRepository(repoData)
    return repos


def _standardize(args):
    """Make a list of new `RepositoryArgs`, and import the mappers that the user names."""
    args = [
        copy.copy(item) if isinstance(item, RepositoryArgs) else RepositoryArgs(cfgRoot=item)
        for item in listify(args)
    ]
    for item in args:
        if isinstance(item.mapper, str):
            doImport(item.mapper)
        elif item.mapper is not None and not inspect.isclass(item.mapper):
            _log.warning(
                "A mapper instance does not get the repository's configuration nor its parents' registry; "
                "give the butler the class or its name"
            )
    return args


def _setModes(inputs, outputs):
    for args in inputs:
        if args.mode not in (None, "r", "rw"):
            raise RuntimeError(f"The mode of an input should be readable: {args}")
        args.mode = "r"
    for args in outputs:
        args.mode = args.mode or "w"
        if "w" not in args.mode:
            raise RuntimeError(f"The mode of an output should be writable: {args}")
    if len(outputs) > 1 and any("r" in args.mode for args in outputs):
        raise RuntimeError(
            "Butler does not support multiple output repositories if any of the outputs are readable."
        )


def _isSame(args, output):
    """Tell whether an input is also the readable output."""
    names = ("root", "mapper", "mapperArgs", "tags", "policy")
    return "r" in output.mode and all(getattr(args, name) == getattr(output, name) for name in names)


def _findCfg(repoData, storage):
    """Read the configuration of a repository, or make a new one."""
    args = repoData.repoArgs
    cfg, isV1Repository = _readCfg(args, storage)
    if cfg is None:
        if "w" not in args.mode:
            raise RuntimeError(f"No cfg found for read-only input repository at {printable(args.cfgRoot)}")
        repoData.setCfg(RepositoryCfg.makeFromArgs(args), "new", args.cfgRoot, False)
        return
    _completeV1Parents(cfg, storage)
    if "w" in args.mode and os.path.realpath(cfg.root) != os.path.realpath(args.root):
        raise RuntimeError(
            f"Refused to write to {printable(cfg.root)}, which the configuration at "
            f"{printable(args.cfgRoot)} names as its root: "
            "name it yourself, as the root"
        )
    if _matches(args, cfg):
        repoData.setCfg(cfg, "existing", args.cfgRoot, isV1Repository)
    elif "w" in args.mode:
        raise RuntimeError(
            "The RepositoryArgs and RepositoryCfg must match for writable repositories, "
            f"RepositoryCfg:{cfg}, RepositoryArgs:{args}"
        )
    else:
        repoData.setCfg(cfg, "nested", None, isV1Repository)


def _matches(args, cfg):
    names = ("mapper", "mapperArgs", "policy")
    return all(getattr(args, name) in (None, getattr(cfg, name)) for name in names)


def _readCfg(args, storage):
    """Return a configuration and whether it is made up for a repository that has none."""
    cfg = storage.getRepositoryCfg(args.cfgRoot)
    if cfg is not None:
        return cfg, False
    cfg = _makeV1Cfg(args)
    return cfg, cfg is not None


def _makeV1Cfg(args, children=()):
    real = os.path.realpath(args.cfgRoot)
    if real in children or len(children) > _MAX_REPOSITORIES:
        raise RuntimeError(f"Repositories are parents of each other: {_arrows([*children, real])}")
    if not Storage.isPosix(args.cfgRoot) or not PosixStorage.v1RepoExists(args.cfgRoot):
        return None
    if not args.mapper:
        args.mapper = PosixStorage.getMapperClass(args.cfgRoot)
    cfg = RepositoryCfg.makeFromArgs(args)
    parent = PosixStorage.getParentSymlinkPath(args.cfgRoot)
    if parent:
        parent = PosixStorage.absolutePath(args.cfgRoot, parent)
        parentCfg = _makeV1Cfg(RepositoryArgs(cfgRoot=parent, mode="r"), (*children, real))
        if parentCfg is not None:
            cfg.addParents([parentCfg])
    return cfg


def _completeV1Parents(cfg, storage):
    """Give parents that are stored as the path of a repository without configuration the child's arguments.

    Stacks before DM-12117 wrote them so; the file is not changed.
    """
    for i, parent in enumerate(cfg.parents):
        if isinstance(parent, RepositoryCfg):
            continue
        parentCfg, isV1Repository = _readCfg(RepositoryArgs(cfgRoot=parent, mode="r"), storage)
        if isV1Repository:
            parentCfg.mapperArgs = cfg.mapperArgs
            cfg._parents[i] = cfg._relativeParents([parentCfg])[0]


def _addParents(repoDataList, storage):
    """Insert the parents of existing readable repositories after each of them, each repository once."""
    index = 0
    while index < len(repoDataList):
        repoData = repoDataList[index]
        index += 1
        if not repoData.isReadable or repoData.cfgOrigin == "new":
            continue
        role = "input" if repoData.role == "output" else "parent"
        for offset, parent in enumerate(repoData.cfg.parents):
            parentData = _makeParent(parent, role, repoData, storage)
            position = index + offset
            # The parents of an output are compared with its inputs, which have an order.
            others = repoDataList[position : position + 1] if role == "input" else repoDataList
            if any(other.cfg == parentData.cfg for other in others):
                continue
            repoDataList.insert(position, parentData)
            if len(repoDataList) > _MAX_REPOSITORIES:
                raise RuntimeError(
                    f"More than {_MAX_REPOSITORIES} repositories, as far as {printable(parentData.cfg.root)}"
                )


def _makeParent(parent, role, child, storage):
    if isinstance(parent, RepositoryCfg):
        parentData = RepoData(RepositoryArgs(cfgRoot=parent.root, mode="r"), role)
        parentData.setCfg(parent, "nested", parent.root, False)
        return parentData
    args = RepositoryArgs(cfgRoot=parent, mode="r")
    cfg, isV1Repository = _readCfg(args, storage)
    if cfg is None:
        raise RuntimeError(
            f"No repository at {printable(parent)}, which is a parent of "
            f"{printable(child.cfgRoot or child.cfg.root)}"
        )
    parentData = RepoData(RepositoryArgs(cfgRoot=cfg.root, mode="r"), role)
    parentData.setCfg(cfg, "existing", parent, isV1Repository)
    return parentData


def _setParentsOfOutputs(repoDataList):
    """Store the inputs as the parents of new outputs; existing outputs must have them."""
    parents = [repoData.getParentVal() for repoData in repoDataList if repoData.role == "input"]
    for repoData in repoDataList:
        if repoData.role != "output":
            continue
        if repoData.cfgOrigin == "new":
            repoData.cfg.addParents(parents)
        elif repoData.cfg.parents != parents:
            try:
                repoData.cfg.extendParents(parents)
            except ParentsMismatch as error:
                raise RuntimeError(
                    f"Inputs of this Butler:{parents} do not match parents of existing writable "
                    f"cfg:{repoData.cfg.parents} (ParentMismatch exception: {error})"
                ) from error


def _setDefaultMapper(repoDataList):
    """Give outputs without a mapper that of the inputs, if these have a single one."""
    needy = [data for data in repoDataList if data.role == "output" and data.cfg.mapper is None]
    if not needy:
        return
    inputs = [data for data in repoDataList if data.role == "input"]
    mappers = {data.cfg.mapper for data in inputs}
    if len(mappers) != 1 or None in mappers:
        raise RuntimeError(
            f"No default mapper could be established from inputs:{[data.cfg.root for data in inputs]} and "
            f"no mapper specified for outputs:{[data.cfg.root for data in needy]}"
        )
    for data in needy:
        data.cfg.mapper = next(iter(mappers))


def _connectParents(repoDataList):
    for repoData in repoDataList:
        for parent in repoData.cfg.parents:
            found = next((data for data in repoDataList if data.isParent(parent)), None)
            if found is None:
                raise RuntimeError(f"Could not find a parent matching {parent} to add to {repoData}")
            repoData.parentRepoDatas.append(found)


def _refuseCircles(repoDataList):
    """Raise an error if a repository is its own parent, by whatever way."""
    done = set()

    def visit(repoData, children):
        children = [*children, repoData]
        for parent in repoData.parentRepoDatas:
            if any(parent is child for child in children):
                roots = [data.cfg.root for data in [*children, parent]]
                raise RuntimeError(f"Repositories are parents of each other: {_arrows(roots)}")
            if id(parent) not in done:
                visit(parent, children)
        done.add(id(repoData))

    for repoData in repoDataList:
        visit(repoData, [])


def _arrows(roots):
    """Write down a circle of repositories, without those that lead to it."""
    return printable(" -> ".join(roots[roots.index(roots[-1]) :]))


def _openRepository(repoData):
    """Open a repository, after those parents from which it may need the registry."""
    if repoData.repo is not None:
        return
    for parent in repoData.parentRepoDatas:
        if parent.cfg.mapper != repoData.cfg.mapper:
            continue
        _openRepository(parent)
        repoData.parentRegistry = parent.repo.getRegistry() or parent.parentRegistry
        if repoData.parentRegistry:
            break
    repoData.repo = Repository(repoData)
