"""Lists as StackStorm answers them: filtered, a page at a time, with the attributes asked for."""

from __future__ import annotations

from typing import Any, Iterable, Mapping, Sequence

import flask

from standalone.errors import NotFoundError, NotOfferedError, RequestError

PAGE = 100
"""Documents in an answer, unless a limit is given."""

_COMMON = {
    "limit",
    "offset",
    "include_attributes",
    "exclude_attributes",
    "x-auth-token",
    "st2-api-key",
}


def window() -> tuple[int, int]:
    """The limit (-1 for none) and the offset of this request."""
    limit, offset = number("limit", PAGE), number("offset", 0)
    if limit < -1 or limit == 0:
        raise RequestError(f'Limit, "{limit}" specified, must be a positive number.')
    if offset < 0:
        raise RequestError(f'Offset, "{offset}" specified, must not be negative.')
    return limit, offset


def filters(*names: str) -> dict[str, str]:
    """The filters given, of those that `names` lists. Any other is answered with 501."""
    given = flask.request.args.to_dict()
    unknown = sorted(set(given) - _COMMON - set(names))
    if unknown:
        raise NotOfferedError(f"Filtering by {', '.join(unknown)} is not offered here.")
    return {name: given[name] for name in names if given.get(name) not in (None, "")}


def flag(name: str) -> bool:
    """A boolean in the query; false when it is not given."""
    return flask.request.args.get(name, "").lower() in ("1", "true", "yes")


def answer(page: Iterable[Mapping[str, Any]], total: int, limit: int) -> flask.Response:
    """A page of documents, with the headers that tell how many there are."""
    response = flask.jsonify([attributes(one) for one in page])
    response.headers["X-Total-Count"] = str(total)
    response.headers["X-Limit"] = str(limit)
    return response


def listing(documents: Iterable[Mapping[str, Any]], *names: str) -> flask.Response:
    """Those of the documents that the filters let through; `names` can be filtered by."""
    return paged(documents, filters(*names))


def paged(documents: Iterable[Mapping[str, Any]], wanted: Mapping[str, str]) -> flask.Response:
    """A page of those documents that have what is wanted."""
    chosen = [one for one in documents if _fits(one, wanted)]
    limit, offset = window()
    page = chosen[offset:] if limit < 0 else chosen[offset : offset + limit]
    return answer(page, len(chosen), limit)


def one_of(documents: Iterable[Mapping[str, Any]], asked: str, *keys: str) -> flask.Response:
    """The document of which one of the `keys` is what was asked for. Raises NotFoundError."""
    for document in documents:
        if asked in [document.get(key) for key in keys]:
            return flask.jsonify(attributes(document))
    raise NotFoundError(f"Resource with a reference or id {asked} not found")


def attributes(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document with only the attributes asked for, `a.b` among them; its id always."""
    include = _names("include_attributes")
    exclude = _names("exclude_attributes")
    if not include:
        return {key: value for key, value in document.items() if key not in exclude}
    chosen: dict[str, Any] = {"id": document["id"]} if "id" in document else {}
    for path in include:
        _copy(path.split("."), document, chosen)
    return chosen


def _copy(path: Sequence[str], source: Mapping[str, Any], target: dict[str, Any]) -> None:
    name, *rest = path
    if name not in source:
        return
    if rest and isinstance(source[name], Mapping):
        _copy(rest, source[name], target.setdefault(name, {}))
    else:
        target[name] = source[name]


def _fits(document: Mapping[str, Any], wanted: Mapping[str, str]) -> bool:
    return all(str(document.get(name)).lower() == text.lower() for name, text in wanted.items())


def _names(parameter: str) -> list[str]:
    return [name for name in flask.request.args.get(parameter, "").split(",") if name]


def number(name: str, default: int) -> int:
    """A whole number in the query. Raises RequestError."""
    text = flask.request.args.get(name)
    try:
        return int(text) if text else default
    except ValueError as error:
        raise RequestError(f'{name.capitalize()} "{text}" is not a number.') from error


def body() -> dict[str, Any]:
    """The JSON object in the request's body. Raises RequestError."""
    content = flask.request.get_json(force=True, silent=True)
    if not isinstance(content, dict):
        raise RequestError("Failed to parse request body: it is not a JSON object.")
    return content
