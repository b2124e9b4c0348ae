# This file is part of gen2-slice. License: GPL-3.0-or-later; see LICENSE.
"""Datasets that are made of other datasets."""

__all__ = ["CompositeDatasets"]

from .genericAssembler import genericAssembler, genericDisassembler


class CompositeDatasets:
    """Part of `Butler`: what it does with the components of a location."""

    def _componentExists(self, info, location):
        if info.subset:
            return all(ref.datasetExists() for ref in self.subset(info.datasetType, dataId=location.dataId))
        return self.datasetExists(info.datasetType, location.dataId)

    def _putComponents(self, obj, location, doBackup):
        disassembler = location.disassembler or genericDisassembler
        disassembler(obj=obj, dataId=location.dataId, componentInfo=location.componentInfo)
        for info in location.componentInfo.values():
            if not info.inputOnly:
                self.put(info.obj, info.datasetType, location.dataId, doBackup=doBackup)

    def _readComposite(self, location):
        for info in location.componentInfo.values():
            if info.subset:
                subset = self.subset(info.datasetType, dataId=location.dataId)
                info.obj = [dataRef.get() for dataRef in subset]
            else:
                info.obj = self.get(info.datasetType, location.dataId, immediate=True)
        assembler = location.assembler or genericAssembler
        return assembler(dataId=location.dataId, componentInfo=location.componentInfo, cls=location.python)
