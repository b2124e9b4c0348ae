# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""The configuration of a repository, which ``repositoryCfg.yaml`` stores."""

__all__ = ["RepositoryCfg"]

import copy

import yaml

from .butlerExceptions import ParentsMismatch
from .storage import Storage
from .utils import doImport, iterify


class RepositoryCfg:
    """What a repository remembers about itself; it does not change once stored, except for new parents.

    Parameters
    ----------
    root : `str`
        Root of the repository.
    mapper : `type` or `str`
        Mapper class, or its name.
    mapperArgs : `dict` or `None`
        Arguments for the mapper.
    parents : `str`, `RepositoryCfg`, list of these, or `None`
        Repositories to look in for what is not in this one.
    policy : `Policy` or `None`
        What goes before the mapper's own policy.

    Notes
    -----
    Paths of parents are stored relative to the root. The private attributes are the keys of the file.
    """

    yaml_tag = "!RepositoryCfg_v1"

    def __init__(self, root, mapper, mapperArgs, parents, policy):
        self._root = root
        self._mapper = mapper
        self._mapperArgs = {} if mapperArgs is None else mapperArgs
        self._parents = []
        self.addParents(parents)
        self._policy = policy
        # Does the file need to be written?
        self.dirty = True

    @classmethod
    def _fromState(cls, state):
        """Make a configuration of what a file has."""
        cfg = cls(
            root=state["_root"],
            mapper=state["_mapper"],
            mapperArgs=state["_mapperArgs"],
            parents=None,
            policy=state.get("_policy"),
        )
        # Stored parents are relative to the root already.
        cfg._parents = list(state["_parents"] or [])
        cfg.dirty = False
        return cfg

    def __eq__(self, other):
        if not isinstance(other, RepositoryCfg):
            return False
        return self._fixed() == other._fixed() and self.parents == other.parents

    __hash__ = None

    def _fixed(self):
        """Return what cannot change."""
        return self.root, self.mapper, self.mapperArgs, self.policy

    def __repr__(self):
        return (
            f"RepositoryCfg(root={self._root!r}, mapper={self._mapper!r}, mapperArgs={self._mapperArgs!r}, "
            f"parents={self._parents}, policy={self._policy})"
        )

    @property
    def root(self):
        """Root of the repository (`str`); set it to `None` before changing it."""
        return self._root

    @root.setter
    def root(self, root):
        if root is not None and self._root is not None:
            raise RuntimeError("Explicitly clear root (set to None) before changing the value of root.")
        self._root = root

    @property
    def mapper(self):
        """Mapper class, or its name; it can be set once."""
        return self._mapper

    @mapper.setter
    def mapper(self, mapper):
        if self._mapper is not None:
            raise RuntimeError("Should not set mapper over previous not-None value.")
        self.dirty = True
        self._mapper = mapper

    @property
    def mapperArgs(self):
        """Arguments for the mapper (`dict`)."""
        return self._mapperArgs

    @mapperArgs.setter
    def mapperArgs(self, newDict):
        self.dirty = True
        self._mapperArgs = newDict

    @property
    def parents(self):
        """Absolute paths, or configurations with absolute roots, of the parents (`list`)."""
        return [_movePaths(parent, Storage.absolutePath, self.root) for parent in self._parents]

    @property
    def policy(self):
        """What goes before the mapper's own policy (`Policy` or `None`)."""
        return self._policy

    def extend(self, other):
        """Take over the parents of another configuration that is the same otherwise.

        Parameters
        ----------
        other : `RepositoryCfg`
            The other configuration.

        Raises
        ------
        RuntimeError
            It differs in more than its parents.
        ParentsMismatch
            Its parents do not begin with those of this one.
        """
        if self._fixed() != other._fixed():
            raise RuntimeError(f"{self} can not be extended with cfg:{other}")
        self.extendParents(other.parents)

    def extendParents(self, newParents):
        """Replace the parents with a list that begins with them.

        Parameters
        ----------
        newParents : `list` of `str` or `RepositoryCfg`
            New parents.

        Raises
        ------
        ParentsMismatch
            The list does not begin with the present parents.
        """
        newParents = self._relativeParents(newParents)
        parents = self._relativeParents(self.parents)
        if parents != newParents[: len(parents)]:
            raise ParentsMismatch(
                f"The beginning of the passed-in parents list: {newParents} does not match the existing "
                f"parents list in this RepositoryCfg: {parents}"
            )
        if len(newParents) > len(parents):
            self._parents = newParents
            self.dirty = True

    def addParents(self, newParents):
        """Add parents, except those that are there already.

        Parameters
        ----------
        newParents : `str`, `RepositoryCfg`, or list of these
            New parents.
        """
        for parent in self._relativeParents(newParents):
            if parent not in self._parents:
                self.dirty = True
                self._parents.append(parent)

    def _relativeParents(self, parents):
        return [_movePaths(parent, Storage.relativePath, self.root) for parent in iterify(parents)]

    @staticmethod
    def makeFromArgs(repositoryArgs):
        """Make a configuration without parents from `RepositoryArgs`."""
        return RepositoryCfg(
            root=repositoryArgs.root,
            mapper=repositoryArgs.mapper,
            mapperArgs=repositoryArgs.mapperArgs,
            parents=None,
            policy=repositoryArgs.policy,
        )

    def matchesArgs(self, repositoryArgs):
        """Tell whether `RepositoryArgs` agree with this configuration where they say anything."""
        args = repositoryArgs
        mappers = [doImport(m) if isinstance(m, str) else m for m in (self._mapper, args.mapper)]
        common = set(self._mapperArgs or ()) & set(args.mapperArgs or ())
        return (
            (args.root is None or self._root == args.root)
            and (mappers[1] is None or mappers[0] == mappers[1])
            and all(self._mapperArgs[key] == args.mapperArgs[key] for key in common)
            and (not args.policy or args.policy == self._policy)
        )


def _movePaths(parent, convert, root):
    """Convert the path of a parent; a configuration is copied."""
    if not isinstance(parent, RepositoryCfg):
        return convert(root, parent)
    parent = copy.copy(parent)
    parent._root = convert(root, parent._root)
    return parent


def _represent(dumper, cfg):
    return dumper.represent_yaml_object(RepositoryCfg.yaml_tag, cfg, RepositoryCfg)


def _construct(loader, node):
    return RepositoryCfg._fromState(loader.construct_mapping(node, deep=True))


yaml.add_representer(RepositoryCfg, _represent)
# For programs that decide to trust a file and use these loaders themselves; the butler does not.
for _loader in (yaml.Loader, yaml.UnsafeLoader):
    yaml.add_constructor(RepositoryCfg.yaml_tag, _construct, Loader=_loader)
