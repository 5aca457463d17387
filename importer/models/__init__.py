"""What the database holds of imports."""

from importer.models.event import ImportEvent
from importer.models.imports import Duplicates, Import, State
from importer.models.staged import Merge, StagedBatch, Target

__all__ = ["Duplicates", "Import", "ImportEvent", "Merge", "StagedBatch", "State", "Target"]
