"""What a hook's action has answered, in whatever shape its runner gave it: a few lines of it."""
from __future__ import annotations

import json
import re
from typing import Any, Iterable, Iterator, Mapping

from autoscale.core import redaction

MOST = 1000
"""Characters of an output that are kept: its last ones, where the reason stands."""

_TELLING = ("traceback", "stdout", "stderr", "errors", "output", "result", "answer", "error",
            "message")
"""Where runners put what people read, what says most comes last. Python: result, stderr; shells:
stdout, stderr; workflows: output, errors."""

_EMPTY = ("None", "Execution failed. See result for details.")
"""What StackStorm writes where nothing was said."""

_NAMED = ("names", "victims", "nodes", "answer", "result", "output", "stdout")

_SECRET = re.compile(r"(?i)pass|pwd|secret|token|key|credential")


def shown(answer: Any, known: Iterable[str] = ()) -> str:
    """The end of what the action said, without secrets."""
    parts = [part for part in _texts(answer) if part.strip()]
    unique = list(dict.fromkeys(part.strip() for part in parts))
    return redaction.ending("\n".join(unique), known, MOST)


def _texts(answer: Any) -> Iterator[str]:
    """The texts in it; what says most comes last, so that it is what is kept."""
    if isinstance(answer, str):
        yield "" if answer in _EMPTY else answer
    elif isinstance(answer, Mapping):
        there = [name for name in _TELLING if answer.get(name) is not None]
        inside = [one for one in answer.values() if isinstance(one, Mapping)]  # one for each host
        if not there and not inside and not set(answer) & set(_TELLING):
            yield json.dumps(answer, sort_keys=True, default=str)
        for one in inside if not there else [answer[name] for name in there]:
            yield from _texts(one)
    elif isinstance(answer, (list, tuple)):
        for one in answer:
            yield from _texts(one)
    elif answer is not None and not isinstance(answer, bool):
        yield str(answer)


def names(answer: Any) -> tuple[str, ...]:
    """The names in an answer: a list, an object that holds one, or text with one on each line."""
    if isinstance(answer, str):
        return _in_text(answer)
    if isinstance(answer, (list, tuple)):
        return tuple(map(str, answer)) if all(isinstance(one, str) for one in answer) else ()
    if isinstance(answer, Mapping):
        found = (names(answer[name]) for name in _NAMED if name in answer)
        return next((each for each in found if each), ())
    return ()


def _in_text(text: str) -> tuple[str, ...]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return tuple(word for word in re.split(r"[\s,]+", text) if word and word != "None")
    return names(value) if isinstance(value, (list, dict)) else _words(text)


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip("\"'") for word in text.split())


def secrets_among(parameters: Mapping[str, Any]) -> list[str]:
    """The values of parameters whose names say that they are secret."""
    return [str(value) for name, value in parameters.items()
            if _SECRET.search(str(name)) and isinstance(value, str)]
