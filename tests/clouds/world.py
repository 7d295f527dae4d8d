"""A region to try a cloud's client on, whatever the cloud."""
from __future__ import annotations

from typing import Protocol

from autoscale.seams import Cloud


class World(Protocol):
    """A region to try a cloud's client on, with hands behind its back."""

    cloud: Cloud
    image: str
    size: str

    def settle(self) -> None:
        """Let time pass until whatever was begun is done."""

    def lose_the_next_answer(self) -> None:
        """The next change takes effect, its answer is an error that can come before or after."""

    def refuse_changes_for_a_while(self) -> None:
        """The next change is rate limited for a time that is worth waiting for inside."""

    def refuse_changes_for_long(self) -> None:
        """Changes are rate limited for a time that is not."""

    def fail_the_next_look(self) -> None:
        """The next reading request fails in a way that passes."""

    def fill_the_servers_quota(self) -> None:
        """No further server may be created."""

    def fill_the_load_balancers_quota(self, load_balancer_id: str) -> None:
        """No further node may be added to it."""

    def make_pages_short(self) -> None:
        """Lists come in pages of two or three from now on."""

    def add_foreign_server(self) -> str:
        """A server without a group's mark; answers its id."""

    def changes(self) -> int:
        """How many requests to change something have reached the region."""
