# This file is part of dia_repro. License: GPL-3.0-or-later; see LICENSE.
"""Association of DIASources into DIAObjects.

Pure algorithms on columns: nothing here knows of butlers or files.
"""

from ._assignment import AssignmentAssociatorTask
from ._associator import AssociatorConfig, AssociatorTask, associatorRegistry
from ._clustering import ClusteringAssociatorTask
from ._diaSources import DiaSources
from ._multiMatch import MultiMatchAssociatorTask
from ._neighborhoods import findNeighborhoods
from ._partition import Partition
from ._segments import Segments
from ._sphere import chord, separation, toRaDec, toVectors

__all__ = ["AssignmentAssociatorTask", "AssociatorConfig", "AssociatorTask", "ClusteringAssociatorTask",
           "DiaSources", "MultiMatchAssociatorTask", "Partition", "Segments", "associatorRegistry",
           "chord", "findNeighborhoods", "separation", "toRaDec", "toVectors"]
