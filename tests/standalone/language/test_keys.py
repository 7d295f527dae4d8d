from __future__ import annotations

from pathlib import Path
from typing import Iterator

import pytest

from standalone.crypto import ServerKey
from standalone.errors import NotFoundError, RequestError
from standalone.keys import KeyStore, scope_name
from standalone.store import Store


class Clock:
    """Seconds that pass when a test says so."""

    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path / "keys.db")
    yield made
    made.close()


@pytest.fixture
def keys(store: Store, tmp_path: Path, clock: Clock) -> KeyStore:
    file = tmp_path / "key.json"
    file.write_text(ServerKey.generate().to_json())
    return KeyStore(store, file, clock)


def test_values_are_text_and_nothing_else(keys: KeyStore) -> None:
    assert keys.set("a", "1")["value"] == "1"
    with pytest.raises(RequestError, match="is not of type 'string'"):
        keys.set("a", 1)


def test_a_key_is_gone_when_its_time_is_up(keys: KeyStore, clock: Clock) -> None:
    keys.set("a", "1", ttl=10)
    clock.now += 9
    assert keys.get("a")["expire_timestamp"]
    clock.now += 1
    with pytest.raises(NotFoundError):
        keys.get("a")
    assert keys.list() == ([], 0)
    keys.set("a", "2")
    clock.now += 100
    assert keys.get("a")["value"] == "2"


def test_written_again_without_a_ttl_it_keeps_its_expiry_without_saying_so(
    keys: KeyStore, clock: Clock
) -> None:
    keys.set("a", "1", ttl=10)
    assert "expire_timestamp" not in keys.set("a", "2")
    clock.now += 11
    with pytest.raises(NotFoundError):
        keys.get("a")


def test_pages_are_of_100_keys_unless_asked_otherwise(keys: KeyStore) -> None:
    for number in range(103):
        keys.set(f"n.{number:03}", str(number))
    page, total = keys.list("n.")
    assert (len(page), total) == (100, 103)
    assert [one["value"] for one in keys.list("n.", offset=100)[0]] == ["100", "101", "102"]
    assert len(keys.list("n.", limit=-1)[0]) == 103
    assert keys.list("n_0")[1] == 0


def test_users_have_keys_of_their_own(keys: KeyStore) -> None:
    keys.set("a", "system")
    keys.set("a", "ann", scope="user", user="ann")
    assert keys.get("a", "user", "ann")["value"] == "ann"
    assert [one["value"] for one in keys.list(scope="all", user="ann")[0]] == ["system", "ann"]
    with pytest.raises(NotFoundError):
        keys.get("a", "user", "bob")
    keys.delete("a", "user", "ann")
    assert keys.get("a")["scope"] == "st2kv.system"


def test_a_secret_is_stored_encrypted_and_shown_on_request(keys: KeyStore) -> None:
    stored = keys.set("a", "h\u00e4nde weg", secret=True)
    assert (stored["secret"], stored["encrypted"]) == (True, True)
    assert stored["value"] != "h\u00e4nde weg"
    assert keys.text("a") == stored["value"]
    assert keys.get("a", decrypt=True)["value"] == "h\u00e4nde weg"
    assert keys.set("b", stored["value"], encrypted=True)["secret"]
    with pytest.raises(RequestError, match="Failed to verify the integrity"):
        keys.set("b", "ABCD", encrypted=True)


def test_without_a_server_key_there_are_no_secrets(store: Store) -> None:
    with pytest.raises(RequestError, match="Crypto key not found"):
        KeyStore(store).set("a", "b", secret=True)


def test_scopes_have_two_spellings() -> None:
    assert (scope_name("st2kv.user"), scope_name(None)) == ("user", "system")
    with pytest.raises(RequestError, match="not valid"):
        scope_name("galaxy")


def test_a_key_file_is_read_as_it_is_written_and_anything_else_is_refused() -> None:
    made = ServerKey.generate()
    assert ServerKey.from_json(made.to_json()) == made
    with pytest.raises(ValueError, match="not a server key"):
        ServerKey.from_json("{}")
