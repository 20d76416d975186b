"""What can be learnt: where the recordings of a task lie, what their labels are, and which of them must stay together. One module a data set."""

from ..errors import TrainerError
from . import bmdhs, circor, pascal, physionet2016, yaseen
from .folds import stratified_folds
from .task import Record, Task

__all__ = ["TASKS", "Record", "Task", "named", "stratified_folds"]

TASKS = {task.name: task for module in (physionet2016, bmdhs, circor, pascal, yaseen) for task in module.TASKS}


def named(name: str) -> Task:
    if name not in TASKS:
        raise TrainerError(f"there is no task '{name}'; known: {', '.join(sorted(TASKS))}")
    return TASKS[name]
