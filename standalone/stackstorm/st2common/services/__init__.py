"""Stands in for the StackStorm package of this name."""
