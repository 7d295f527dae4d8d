from __future__ import annotations

from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoscale.core import names


@pytest.mark.parametrize("text", ["web", "a", "7", "web-1", "x" * 63, "a--b"])
def test_a_label_is_accepted(text):
    assert names.is_label(text)


@pytest.mark.parametrize("text", [
    "", "-web", "web-", "Web", "web.shop", "web_1", "x" * 64, "wéb", "web\n", " web", "a/b", "ⅷ"])
def test_what_is_no_label_is_refused(text):
    assert not names.is_label(text)


@pytest.mark.parametrize("text", ["example.com", "a.b", "shop.example.co.uk", "7-up.org"])
def test_a_domain_is_accepted(text):
    assert names.is_domain(text)


@pytest.mark.parametrize("text", [
    "", "com", "example.", ".com", "example..com", "10.0.0.1", "Example.com", "exa mple.com",
    "example.com\n", "http://example.com", "a." * 100 + "com"])
def test_what_is_no_domain_is_refused(text):
    assert not names.is_domain(text)


@given(st.integers(0, 10**9))
def test_host_names_are_labels_that_fit_under_any_zone_and_never_lb(seed):
    for name in islice(names.host_names(seed), 50):
        assert names.is_label(name)
        assert len(name) <= 40
        assert name != "lb"


def test_host_names_do_not_repeat_when_all_pairs_are_used_up():
    assert len(set(islice(names.host_names(5), 40_000))) == 40_000


def test_one_seed_gives_the_same_names():
    first, again = (list(islice(names.host_names(42), 20)) for _ in range(2))
    assert first == again
    assert first != list(islice(names.host_names(43), 20))


def test_things_are_named_after_their_group():
    assert names.load_balancer_name("web") == "asg_web_lb"
    assert names.zone_name("web", "example.com") == "web.example.com"


@given(st.from_regex(r"[a-z0-9-]{1,10}", fullmatch=True),
       st.from_regex(r"[a-z0-9-]{1,10}", fullmatch=True))
def test_a_key_pair_is_of_one_group_only(one, other):
    pair = names.key_pair_name(one, "ssh-rsa AAAA")
    assert pair.startswith(names.key_pair_prefix(one))
    assert one == other or not pair.startswith(names.key_pair_prefix(other))


def test_another_public_key_is_another_key_pair_but_white_space_is_not():
    pair = names.key_pair_name("web", "ssh-rsa AAAA")
    assert pair == names.key_pair_name("web", "ssh-rsa AAAA\n")
    assert pair != names.key_pair_name("web", "ssh-rsa BBBB")
