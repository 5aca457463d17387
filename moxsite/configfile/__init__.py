"""The configuration as a file: sections of the apps put together, checked, compared and applied."""

from moxsite.configfile.apply import ApplyFailed, apply_plan
from moxsite.configfile.export import export_text
from moxsite.configfile.plan import ConfigurationChanged, LocatedProblem, Plan, make_plan
from moxsite.configfile.queue_effects import queue_effects

__all__ = [
    "ApplyFailed",
    "ConfigurationChanged",
    "LocatedProblem",
    "Plan",
    "apply_plan",
    "export_text",
    "make_plan",
    "queue_effects",
]
