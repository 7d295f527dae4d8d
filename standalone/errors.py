"""What goes wrong in a request, with the HTTP status it is answered with."""

from __future__ import annotations


class RequestError(Exception):
    """A request that can't be carried out; the text is for the person who sent it."""

    status = 400


class ParameterError(RequestError):
    """Parameters that don't fit the action."""


class NotFoundError(RequestError):
    """No such action, execution, key, rule, alias, webhook."""

    status = 404


class ConflictError(RequestError):
    """Not possible in the state the thing is in."""

    status = 409


class NotOfferedError(RequestError):
    """Something StackStorm does and this doesn't."""

    status = 501
