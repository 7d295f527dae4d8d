"""From a group and what was observed of it to what is to be done next.

``planner`` is the page to start with; ``roster`` says what each server's state means, the others
plan one kind of thing each.
"""
from autoscale.core.planning.plan import Plan
from autoscale.core.planning.planner import plan

__all__ = ["Plan", "plan"]
