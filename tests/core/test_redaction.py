from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoscale.core.redaction import ending, redact

SECRETS = st.text(string.ascii_letters + string.digits + "+/_", min_size=8, max_size=40).map(
    "Q7Z9".__add__)
AROUND = st.text(string.ascii_lowercase + " \n", max_size=30)
FORMS = (
    "password={}", "DB_PASSWORD = {}", '"password": "{}"', "'api_key': '{}'", "token: {}",
    "secret={}&x=1", "client_secret={}", "--password {}", "--api-key '{}'", "X-Auth-Token: {}",
    "Authorization: Basic {}", "authorization: Bearer {}", "curl -H 'Authorization: Bearer {}'",
    "https://joe:{}@example.com/a", "postgres://u:{}@db/x", "private_key => {}", "passphrase: {}",
    "-----BEGIN RSA PRIVATE KEY-----\n{}\n-----END RSA PRIVATE KEY-----",
    "-----BEGIN PRIVATE KEY-----\n{} and cut off here",
)


@pytest.mark.parametrize("form", FORMS)
@given(SECRETS, AROUND, AROUND)
def test_what_looks_like_a_secret_is_removed_wherever_it_stands(form, secret, before, after):
    assert secret not in redact(f"{before}\n{form.format(secret)}\n{after}")


@given(st.text(max_size=60), st.text(min_size=4, max_size=20).filter(str.strip), st.text())
def test_a_known_secret_is_removed_from_whatever_text(before, secret, after):
    if len(secret.strip()) >= 4:
        assert secret not in redact(before + secret + after, [secret]) or secret in "******"


@given(SECRETS, st.integers(0, 2000))
def test_a_secret_is_not_cut_in_two_and_then_no_longer_known(secret, length):
    shown = ending(f"password={secret}" + "x" * length, most=1000)
    assert secret[-8:] not in shown


@pytest.mark.parametrize("text", [
    "recipe[web] converged in 12 s", "no space left on device", "/etc/passwd: Permission denied",
    "author: joe", "3 tokens were read", "https://example.com/a@b"])
def test_what_is_no_secret_stays(text):
    assert redact(text) == text


@given(st.text(max_size=300))
def test_any_text_can_be_shown(text):
    assert len(ending(text, most=50)) <= 50


def test_the_end_is_kept():
    assert ending("a" * 2000 + " the reason") .endswith("the reason")
