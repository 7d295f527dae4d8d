"""The seams: what the library needs of a cloud, of StackStorm's datastore and of a messenger.

Every promise here is checked, for each cloud, by ``tests/clouds/contract.py``. A call either
returns, having had its effect, or raises one of the errors below, whose type says whether it may
have had its effect all the same and whether trying again makes sense.
"""
from __future__ import annotations

from enum import Enum
from typing import Iterable, Mapping, Protocol, Sequence

from autoscale.core.evaluation import Measurement
from autoscale.core.observation import LoadBalancer, Node, Record, Server, Zone


class CloudError(Exception):
    """Something a cloud did not do. The text is for people: what, to which thing, what to do.

    ``retry``: trying again later may succeed by itself. ``certain``: nothing took effect.
    ``retry_after``: seconds the cloud asked to wait, if it said so.
    """

    retry = True
    certain = True

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Refused(CloudError):
    """The request can't succeed as it is (400, 403): a person has to change something."""

    retry = False


class InvalidLaunch(Refused):
    """The image, the flavor, the key pair or the user data of a new server is not acceptable."""


class QuotaReached(Refused):
    """The account may not have more of this: raise the quota or delete something."""


class AuthenticationFailed(Refused):
    """The cloud does not accept the pack's user name and API key."""


class Gone(Refused):
    """The load balancer, zone or server acted upon does not exist (any more)."""


class Conflict(Refused):
    """A thing of that name exists already."""


class Busy(CloudError):
    """Not now: rate limited (413, 429) or being changed by another request (422). No effect."""


class Uncertain(CloudError):
    """No answer, or an error that can come after the effect (5xx, time-out): look before acting."""

    certain = False


class Servers(Protocol):
    """Servers and the key pairs they are created with."""

    def list(self) -> tuple[Server, ...]:
        """All servers of the region that carry a group's mark, every page, filtered on our side.

        Raises rather than answering with a part: a listing is whole or it is an error.
        """

    def get(self, server_id: str) -> Server | None:
        """The server, whatever a list says; None once it does not exist."""

    def find(self, name_or_id: str) -> tuple[Server, ...]:
        """The servers of exactly this name or id, whether they carry a group's mark or not."""

    def create(
        self,
        name: str,
        *,
        image: str,
        size: str,
        metadata: Mapping[str, str],
        key_name: str | None = None,
        user_data: str | None = None,
    ) -> str:
        """Ask for one server; answer its id. NOT idempotent, and never repeated inside.

        ``user_data`` is base64. After ``Uncertain`` it may exist: look for its name.
        """

    def delete(self, server_id: str) -> None:
        """Ask for a deletion. Idempotent: one that is gone, or is going, is success."""

    def tag(self, server_id: str, metadata: Mapping[str, str]) -> None:
        """Set these metadata pairs, keep the others. Idempotent. Raises Gone."""

    def untag(self, server_id: str, keys: Sequence[str]) -> None:
        """Remove these metadata pairs, in this order, keep the others.

        Idempotent: a pair, or a server, that is not there is success.
        """

    def check_launch(self, image: str, size: str) -> None:
        """Raise InvalidLaunch, naming what the region has, unless image and size exist."""

    def key_pairs(self) -> tuple[str, ...]:
        """The names of all key pairs."""

    def create_key_pair(self, name: str, public_key: str) -> None:
        """Idempotent: one of that name is left as it is. Raises Refused for a bad key."""

    def delete_key_pair(self, name: str) -> None:
        """Idempotent."""


class LoadBalancers(Protocol):
    """Load balancers. Each takes one change at a time: Busy while another is under way."""

    def find(self, name: str) -> tuple[LoadBalancer, ...]:
        """All load balancers of exactly that name that are not deleted, with nodes and owner."""

    def get(self, load_balancer_id: str) -> LoadBalancer | None:
        """The load balancer with its nodes and owner; None once deleted or being deleted."""

    def create(self, name: str, *, port: int, protocol: str, owner: str) -> str:
        """Ask for one with a public address and no nodes, marked as ``owner``'s; answer its id.

        The weights of its nodes count.

        NOT idempotent, never repeated inside: after ``Uncertain`` look for its name.
        """

    def delete(self, load_balancer_id: str) -> None:
        """Idempotent."""

    def add_nodes(self, load_balancer_id: str, nodes: Sequence[Node]) -> None:
        """Add all in as few calls as the API allows. Idempotent: those that are there are kept.

        Raises Gone, QuotaReached (node limit), Busy.
        """

    def remove_nodes(self, load_balancer_id: str, node_ids: Sequence[str]) -> None:
        """Remove all, in as few calls as the API allows. Idempotent."""

    def change_node(self, load_balancer_id: str, node: Node) -> None:
        """Give the node of that id this condition, type and weight. Idempotent. Raises Gone."""


class Dns(Protocol):
    """DNS zones and records. Calls return when the cloud's job is done, or raise."""

    def find(self, name: str) -> Zone | None:
        """The zone of exactly that name with all its records, or None."""

    def get(self, zone_id: str) -> Zone | None:
        """The zone with all its records, or None."""

    def marked(self, owner: str) -> Zone | None:
        """A zone of this owner's, whatever its name, or None."""

    def create_zone(self, name: str, *, email: str, owner: str) -> str:
        """Create a zone marked as ``owner``'s; answer its id. Raises Conflict if it exists."""

    def delete_zone(self, zone_id: str) -> None:
        """Delete the zone with its records. Idempotent."""

    def add_records(self, zone_id: str, records: Sequence[Record]) -> None:
        """Add all in as few calls as the API allows. Idempotent: those that are there are kept."""

    def remove_records(self, zone_id: str, record_ids: Sequence[str]) -> None:
        """Remove all in as few calls as the API allows. Idempotent."""


class Cloud(Protocol):
    """One region of one cloud."""

    servers: Servers
    load_balancers: LoadBalancers
    dns: Dns


class Datastore(Protocol):
    """StackStorm's datastore, system scope: text under names, no transactions."""

    def list(self, prefix: str) -> dict[str, str]:
        """Every key that starts with the prefix, however many, with its text."""

    def get(self, name: str) -> str | None:
        """The text, or None."""

    def set(self, name: str, text: str) -> None:
        """Write one key."""

    def delete(self, name: str) -> None:
        """Idempotent."""

    def set_secret(self, name: str, text: str) -> None:
        """Write one key encrypted: no list and no get shows the text. Raises DatastoreError."""

    def secret(self, name: str) -> str | None:
        """The text that was written encrypted; None when there is none, or it can't be had."""


class Notifier(Protocol):
    """Tells people. Never raises: a message that can't be delivered is logged."""

    def tell(self, channel: str, lines: Iterable[str]) -> None:
        """Post each line to the channel."""


class Health(Enum):
    """How a monitor finds an application."""

    WELL = "well"
    UNWELL = "unwell"
    UNKNOWN = "unknown"


class Monitor(Protocol):
    """What watches the applications."""

    def health(self, application: str) -> Health:
        """How the application of exactly this name is; UNKNOWN when nobody can tell."""

    def measure(
        self, application: str, wanted: Iterable[Measurement]
    ) -> Mapping[Measurement, float]:
        """What was measured of the application of exactly this name; missing is what nobody can
        tell. It is asked for as little as possible: once for all that is wanted of one period.
        """
