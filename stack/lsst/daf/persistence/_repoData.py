# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""What a butler knows about its repositories."""

__all__ = ["RepoData", "RepoDataContainer"]


class RepoData:
    """What a butler knows about one repository.

    Parameters
    ----------
    repoArgs : `RepositoryArgs`
        What the user said about it.
    role : `str`
        "input", "output", or "parent": why the butler has it.

    Attributes
    ----------
    cfg : `RepositoryCfg`
        Its configuration.
    cfgOrigin : `str`
        "new", "existing", or "nested" (in the configuration of another repository).
    cfgRoot : `str`
        Where the configuration is.
    isV1Repository : `bool`
        Is it a repository without ``repositoryCfg.yaml``? It will not get one.
    repo : `Repository`
        The repository, when it has been opened.
    parentRepoDatas : `list` of `RepoData`
        Its parents.
    tags : `set`
        Its own tags and those of the repositories it is a parent of.
    parentRegistry : `Registry`
        A registry it can use if it has none.
    """

    def __init__(self, repoArgs, role):
        self.repoArgs = repoArgs
        self.role = role
        self.cfg = None
        self.cfgOrigin = None
        self.cfgRoot = None
        self.isV1Repository = False
        self.repo = None
        self.parentRepoDatas = []
        self.tags = set()
        self.parentRegistry = None

    def __repr__(self):
        return f"RepoData(role={self.role}, repoArgs={self.repoArgs}, cfg={self.cfg!r})"

    def setCfg(self, cfg, origin, root, isV1Repository):
        """Set the attributes ``cfg``, ``cfgOrigin``, ``cfgRoot`` and ``isV1Repository``."""
        self.cfg = cfg
        self.cfgOrigin = origin
        self.cfgRoot = root
        self.isV1Repository = isV1Repository

    @property
    def isReadable(self):
        """Is it searched for datasets? (`bool`)."""
        return "r" in self.repoArgs.mode

    def getParentVal(self):
        """Return what other repositories have in their list of parents for this one."""
        return self.cfg if self.isV1Repository or self.cfgOrigin == "nested" else self.cfg.root

    def isParent(self, parent):
        """Tell whether an item of a list of parents means this repository."""
        return self.cfg.root == parent if isinstance(parent, str) else self.cfg == parent

    def addTags(self, tags, done=None):
        """Add tags here and in all parents."""
        done = set() if done is None else done
        if id(self) in done:
            return
        done.add(id(self))
        self.tags = self.tags | tags
        for parent in self.parentRepoDatas:
            parent.addTags(tags, done)


class RepoDataContainer:
    """The repositories of a butler.

    Parameters
    ----------
    repoDataList : `list` of `RepoData`
        Repositories in the order of the search, with their parents.
    """

    def __init__(self, repoDataList):
        self._all = repoDataList
        self._outputs = [repoData for repoData in repoDataList if repoData.role == "output"]
        self._inputs = []
        inputs = [repoData for repoData in repoDataList if repoData.role == "input"]
        for repoData in [output for output in self._outputs if output.isReadable] + inputs:
            self._addInput(repoData)

    def _addInput(self, repoData):
        """Add a repository, then its parents, depth first."""
        if any(repoData is other for other in self._inputs):
            return
        self._inputs.append(repoData)
        for parent in repoData.parentRepoDatas:
            self._addInput(parent)

    def __repr__(self):
        return f"RepoDataContainer(_inputs={self._inputs!r}, _outputs={self._outputs!r}, _all={self._all!r})"

    def inputs(self):
        """Return the repositories to read from, in the order of the search."""
        return self._inputs

    def outputs(self):
        """Return the repositories to write to."""
        return self._outputs

    def all(self):
        """Return all repositories."""
        return self._all
