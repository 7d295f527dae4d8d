"""Runs each sensor of the packs in a process of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from standalone.app import App


class Sensors:
    """The sensors' processes: started, and started again when they die."""

    def __init__(self, app: App, run: bool) -> None:
        self.app = app
        self.run = run

    def start(self) -> None:
        """Starts a process for each enabled sensor."""

    def stop(self) -> None:
        """Ends them all."""
