"""Words for people: sentences that are the same wherever they appear."""
from __future__ import annotations

import re
from typing import Any, Iterable, Sequence

_TEMPLATE = re.compile(r"([{<])(?=[{%#])|([}%#])(?=[}>])")


def count(number: int, noun: str) -> str:
    """``1 server``, ``2 servers``."""
    return f"{number} {form(number, noun)}"


def form(number: int, noun: str) -> str:
    """``server`` or ``servers``, as the number asks for."""
    return noun if abs(number) == 1 else f"{noun}s"


def be(number: int) -> str:
    """``is`` or ``are``, as the number asks for."""
    return "is" if number == 1 else "are"


def are(number: int, noun: str) -> str:
    """``1 server is``, ``2 servers are``."""
    return f"{count(number, noun)} {be(number)}"


def share(number: int, desired: int, noun: str, state: str) -> str:
    """``2 of 3 nodes up``; where there are more than desired ``4 nodes up, 3 desired``."""
    if number > desired:
        return f"{count(number, noun)} {state}, {desired} desired"
    return f"{number} of {count(desired, noun)} {state}"


def listed(words: Sequence[str], most: int = 10) -> str:
    """``a, b and c``, or the first of them and how many more."""
    if len(words) > most:
        return f"{', '.join(words[:most])} and {len(words) - most} more"
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def wait(seconds: float) -> str:
    """``in 9 min``, ``in 40 s``."""
    return f"in {-(-int(seconds) // 60)} min" if seconds >= 60 else f"in {max(1, int(seconds))} s"


def inert(text: str) -> str:
    """The text with every template marker broken up: no engine behind us evaluates it again.

    StackStorm renders the parameters of a workflow's tasks once more, so whatever comes from
    outside (a server's name, a cloud's error message) must not look like a template.
    """
    return _TEMPLATE.sub(lambda match: match.group(0) + " ", text)


def harmless(value: Any) -> Any:
    """The same value with every text in it inert."""
    if isinstance(value, str):
        return inert(value)
    if isinstance(value, dict):
        return {inert(str(key)): harmless(item) for key, item in value.items()}
    return [harmless(item) for item in value] if isinstance(value, (list, tuple)) else value


def line(texts: Iterable[str], most: int = 400) -> str:
    """One line of these texts, without line breaks, of at most so many characters."""
    joined = " ".join(" ".join(texts).split())
    return joined if len(joined) <= most else joined[: most - 3] + "..."
