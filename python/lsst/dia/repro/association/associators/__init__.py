# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""The algorithms that part DIASources into DIAObjects, one a file, by name in `associatorRegistry`.

They work on columns, of which `multiMatch` makes a catalog: nothing here knows of butlers or files.
"""

from .assignment import AssignmentAssociatorTask
from .associator import AssociatorConfig, AssociatorTask, associatorRegistry
from .clustering import ClusteringAssociatorTask
from .diaSources import DiaSources
from .memberships import Memberships
from .multiMatch import MultiMatchAssociatorTask

__all__ = ["AssignmentAssociatorTask", "AssociatorConfig", "AssociatorTask", "ClusteringAssociatorTask",
           "DiaSources", "Memberships", "MultiMatchAssociatorTask", "associatorRegistry"]
