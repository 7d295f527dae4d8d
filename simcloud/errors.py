"""What a service refuses. The service's own JSON around it is given at the edge, in http/."""
from __future__ import annotations


class Refused(Exception):
    """A call is answered with `status` and `message`.

    `messages` are the single findings of a validation, `retry_after` is in the caller's seconds.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        details: str = "",
        messages: tuple[str, ...] = (),
        retry_after: int | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.details = details
        self.messages = messages
        self.retry_after = retry_after


def invalid(*messages: str) -> Refused:
    """A 400 as Load Balancers and DNS give it: every finding is listed."""
    return Refused(
        400, "Validation Failure", details="The object is not valid", messages=messages
    )
