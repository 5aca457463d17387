"""Runs a supervisor over stand-in roles given as arguments: NAME:BEHAVIOUR:STAGE:GRACE."""

import os
import sys
from pathlib import Path

import moxsite.supervisor.spawn
from moxsite.logs.levels import use_flag
from moxsite.logs.output import start_logging
from moxsite.supervisor.roles import Role, StopStage
from moxsite.supervisor.spawn import Surroundings
from moxsite.supervisor.supervisor import Supervisor


def main() -> int:
    """Supervise until a signal comes."""
    start_logging("logfmt")
    use_flag(None, until_configured=True)
    moxsite.supervisor.spawn.MANAGE = Path(__file__).with_name("supervised_child.py")
    os.environ["PYTHONPATH"] = os.getcwd()
    roles = []
    for argument in sys.argv[1:]:
        name, behaviour, stage, grace = argument.split(":")
        roles.append(Role(name, (behaviour, name), (), StopStage[stage], float(grace)))
    lifeline, held = os.pipe()
    lock = os.open(os.devnull, os.O_RDONLY)
    surroundings = Surroundings(Path(os.devnull), None, lifeline, lock)
    status = Supervisor(roles, {}, surroundings, when_ready=lambda: print("all are ready", flush=True)).run()
    os.close(held)
    return status


sys.exit(main())
