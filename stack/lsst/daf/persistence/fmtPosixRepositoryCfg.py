# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Reading and writing ``repositoryCfg.yaml`` on the local file system."""

__all__ = []

import copy
import os
import urllib.parse

import yaml

from ._repositoryCfgLoader import loadRepositoryCfg
from .butlerExceptions import ParentsMismatch
from .posixStorage import PosixStorage
from .repositoryCfg import RepositoryCfg
from .safeFileIo import SafeLockedFileForRead, SafeLockedFileForWrite


def _write(butlerLocation, cfg):
    """Write a configuration, unless it is there; parents may be added to one that is there."""
    root = urllib.parse.urlparse(butlerLocation.getStorage().root or cfg.root).path
    path = os.path.join(root, butlerLocation.getLocations()[0])
    if os.path.exists(path) and _readLocked(path, root) == cfg:
        cfg.dirty = False
        return
    with SafeLockedFileForWrite(path) as stream:
        # Another process may have written it in between.
        existing = _load(stream.readable, path, root)
        if existing != cfg:
            yaml.dump(_withoutRoot(_extended(existing, cfg), root), stream)
        cfg.dirty = False


def _extended(existing, cfg):
    if existing is None:
        return cfg
    try:
        existing.extend(cfg)
    except ParentsMismatch as error:
        raise RuntimeError(f"Can not extend existing repository cfg because: {error}") from error
    return existing


def _withoutRoot(cfg, root):
    """Return a copy that does not name its root if that is where it goes, so that both can be moved."""
    if cfg.root == root:
        cfg = copy.copy(cfg)
        cfg.root = None
    return cfg


def _read(butlerLocation):
    """Read a configuration; `None` if there is none."""
    root = butlerLocation.getStorage().root
    path = os.path.join(root, butlerLocation.getLocations()[0])
    return _readLocked(path, root) if os.path.exists(path) else None


def _readLocked(path, root):
    with SafeLockedFileForRead(path) as stream:
        return _load(stream, path, root)


def _load(stream, path, root):
    cfg = loadRepositoryCfg(stream, path)
    if cfg is not None and cfg.root is None:
        cfg.root = root
    return cfg


PosixStorage.registerFormatters(RepositoryCfg, _read, _write)
