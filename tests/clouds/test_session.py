"""One session for many threads: tokens, endpoints, time-outs, repeats, secrets."""
from __future__ import annotations

import logging
import threading
import traceback
from concurrent.futures import ThreadPoolExecutor

import pytest

from autoscale.clouds import InvalidConfig, connect, names
from autoscale.clouds.rackspace.identity import Credentials, Token
from autoscale.seams import (
    AuthenticationFailed,
    Busy,
    CloudError,
    InvalidLaunch,
    QuotaReached,
    Refused,
    Uncertain,
)

from .scripted import API_KEY, Call, Reply, Scripted

KEYS = Reply({"keypairs": [{"keypair": {"name": "asg-web"}}]})
PAIRS = "GET /os-keypairs"
CREATE = "POST /servers"
CREATED = Reply({"server": {"id": "s1", "adminPass": "x"}}, 202)


def create(cloud: Scripted) -> str:
    servers = cloud.connect().servers
    return servers.create("web-1", image="img", size="2", metadata={"asg": "web"})


class TestConfig:
    def test_every_folder_is_a_cloud(self) -> None:
        assert names() == ("rackspace",)

    def test_an_unknown_cloud_is_refused_with_the_names_there_are(self) -> None:
        with pytest.raises(InvalidConfig, match="'cloud' is 'os.path'.*one of: rackspace"):
            connect({"cloud": "os.path"})

    @pytest.mark.parametrize("missing", ["username", "api_key", "region"])
    @pytest.mark.parametrize("value", [None, "", "  "])
    def test_a_missing_key_is_named(self, missing: str, value: object) -> None:
        config = {"username": "pat", "api_key": API_KEY, "region": "ORD", missing: value}
        with pytest.raises(InvalidConfig, match=f"'{missing}' is not set") as raised:
            connect(config)
        assert API_KEY not in str(raised.value)

    @pytest.mark.parametrize("value", ["soon", 0, -1, "nan"])
    def test_a_timeout_that_is_no_time_is_refused(self, cloud: Scripted, value: object) -> None:
        with pytest.raises(InvalidConfig, match="'timeout' is"):
            cloud.connect(timeout=value)

    def test_an_auth_url_that_is_no_url_is_refused(self, cloud: Scripted) -> None:
        with pytest.raises(InvalidConfig, match="'auth_url' is 'identity.example'"):
            cloud.connect(auth_url="identity.example")

    def test_connecting_does_no_io(self, cloud: Scripted) -> None:
        cloud.connect()
        assert cloud.calls == []


class TestToken:
    @pytest.mark.parametrize("end", ["", "/", "/tokens", "/tokens/"])
    def test_the_auth_url_may_end_as_people_write_it(self, cloud: Scripted, end: str) -> None:
        cloud.on(PAIRS, KEYS)
        url = f"{cloud.url}/v2.0{end}"
        assert cloud.connect(auth_url=url).servers.key_pairs() == ("asg-web",)

    def test_one_token_serves_many_threads(self, cloud: Scripted) -> None:
        cloud.on(PAIRS, KEYS)
        servers = cloud.connect().servers
        with ThreadPoolExecutor(16) as pool:
            list(pool.map(lambda _: servers.key_pairs(), range(40)))
        assert cloud.count("POST /tokens") == 1
        assert {call.headers["X-Auth-Token"] for call in cloud.asked(PAIRS)} == {"token-1"}

    def test_a_refused_token_is_renewed_once_for_all_threads(self, cloud: Scripted) -> None:
        def only_the_second(call: Call) -> Reply:
            fresh = call.headers["X-Auth-Token"] != "token-1"
            return KEYS if fresh else Reply({"unauthorized": {"message": "expired"}}, 401)

        cloud.on(PAIRS, only_the_second)
        servers = cloud.connect().servers
        with ThreadPoolExecutor(16) as pool:
            results = list(pool.map(lambda _: servers.key_pairs(), range(16)))
        assert set(results) == {("asg-web",)}
        assert cloud.count("POST /tokens") == 2

    def test_a_change_is_repeated_after_a_refused_token(self, cloud: Scripted) -> None:
        cloud.on(CREATE, Reply("", 401), CREATED)
        assert create(cloud) == "s1"
        assert cloud.count(CREATE) == 2

    def test_a_second_refusal_is_final(self, cloud: Scripted) -> None:
        cloud.on(PAIRS, Reply({"unauthorized": {"message": "no"}}, 401))
        with pytest.raises(AuthenticationFailed, match="check username and api_key"):
            cloud.connect().servers.key_pairs()
        assert cloud.count(PAIRS) == 2

    def test_a_token_is_renewed_before_it_expires(self, cloud: Scripted) -> None:
        cloud.on(PAIRS, KEYS)
        cloud.expires = "2023-11-15T22:13:20.000-00:00"  # a day after `now`
        servers = cloud.connect().servers
        servers.key_pairs()
        cloud.now += 86_400 - 200
        servers.key_pairs()
        assert cloud.count("POST /tokens") == 2

    def test_clocks_that_differ_do_not_cause_a_token_per_call(self, cloud: Scripted) -> None:
        cloud.on(PAIRS, KEYS)
        cloud.expires = "2001-01-01T00:00:00Z"
        servers = cloud.connect().servers
        for _ in range(3):
            servers.key_pairs()
        assert cloud.count("POST /tokens") == 1

    def test_a_wrong_key_is_said_and_never_shown(self, cloud: Scripted) -> None:
        echo = {"unauthorized": {"message": f"Username or api key {API_KEY} is invalid."}}
        cloud.on("POST /tokens", Reply(echo, 401))
        with pytest.raises(AuthenticationFailed, match="is invalid; check username") as raised:
            cloud.connect().servers.key_pairs()
        assert API_KEY not in str(raised.value)

    @pytest.mark.parametrize("body", ["", "<html>", "[]", '{"access": {}}', '{"access": 1}'])
    def test_an_answer_without_a_token_is_an_error(self, cloud: Scripted, body: str) -> None:
        cloud.on("POST /tokens", Reply(body))
        with pytest.raises(CloudError, match="check auth_url"):
            cloud.connect().servers.key_pairs()

    def test_identity_that_fails_leaves_no_doubt_about_a_change(self, cloud: Scripted) -> None:
        cloud.on("POST /tokens", Reply("oops", 503))
        with pytest.raises(CloudError) as raised:
            create(cloud)
        assert raised.value.certain
        assert raised.value.retry


class TestEndpoint:
    def test_the_name_decides_before_the_type(self, cloud: Scripted) -> None:
        cloud.on(PAIRS, KEYS)
        assert cloud.connect(region="ord").servers.key_pairs() == ("asg-web",)

    def test_without_the_name_the_type_decides(self, cloud: Scripted) -> None:
        entry = {
            "name": "nova",
            "type": "compute",
            "endpoints": [{"region": "ORD", "publicURL": f"{cloud.url}/v1/123"}],
        }
        access = {"token": {"id": "t"}, "serviceCatalog": [entry]}
        cloud.on("POST /tokens", Reply({"access": access}))
        cloud.on(PAIRS, KEYS)
        assert cloud.connect().servers.key_pairs() == ("asg-web",)

    def test_another_region_is_refused_with_the_regions_there_are(self, cloud: Scripted) -> None:
        with pytest.raises(Refused, match="no cloudServersOpenStack in region 'LON'.*ORD"):
            cloud.connect(region="LON").servers.key_pairs()

    def test_the_token_follows_no_redirect(self, cloud: Scripted) -> None:
        cloud.on(PAIRS, Reply("", 302, {"Location": f"{cloud.url}/elsewhere"}))
        with pytest.raises(CloudError, match="302"):
            cloud.connect().servers.key_pairs()
        assert cloud.count("GET /elsewhere") == 0


class TestRepeats:
    @pytest.mark.parametrize(
        "failure",
        [Reply("", 500), Reply("", 504), Reply(broken=True), Reply("", 429, {"Retry-After": "3"})],
    )
    def test_reading_is_repeated(self, cloud: Scripted, failure: Reply) -> None:
        cloud.on(PAIRS, failure, failure, KEYS)
        assert cloud.connect().servers.key_pairs() == ("asg-web",)

    def test_reading_gives_up(self, cloud: Scripted) -> None:
        cloud.on(PAIRS, Reply("<html><b>Bad</b> gateway</html>", 502))
        with pytest.raises(CloudError, match="list the key pairs.*502: Bad gateway;") as raised:
            cloud.connect().servers.key_pairs()
        assert cloud.count(PAIRS) == 4
        assert raised.value.retry

    @pytest.mark.parametrize(
        "failure", [Reply("", 500), Reply("", 502), Reply("", 504), Reply(broken=True)]
    )
    def test_a_change_in_doubt_is_uncertain_and_never_repeated(
        self, cloud: Scripted, failure: Reply
    ) -> None:
        cloud.on(CREATE, failure, CREATED)
        with pytest.raises(Uncertain, match="create server web-1"):
            create(cloud)
        assert cloud.count(CREATE) == 1

    def test_a_change_without_a_connection_is_certain(self, cloud: Scripted) -> None:
        closed = "http://127.0.0.1:1"
        entries = [
            {
                "name": "cloudServersOpenStack",
                "type": "compute",
                "endpoints": [{"region": "ORD", "publicURL": closed}],
            }
        ]
        access = {"token": {"id": "t"}, "serviceCatalog": entries}
        cloud.on("POST /tokens", Reply({"access": access}))
        with pytest.raises(CloudError, match="no connection") as raised:
            create(cloud)
        assert raised.value.certain
        assert raised.value.retry

    def test_silence_is_uncertain_for_a_change(self, cloud: Scripted) -> None:
        release = threading.Event()

        def hang(call: Call) -> Reply:
            release.wait(5)
            return CREATED

        cloud.on(CREATE, hang)
        servers = cloud.connect(timeout=0.2).servers
        with pytest.raises(Uncertain, match="no answer came in time"):
            servers.create("web-1", image="i", size="2", metadata={})
        release.set()

    def test_a_rate_limited_change_waits_and_is_repeated(self, cloud: Scripted) -> None:
        limited = Reply(
            {"overLimit": {"message": "This request was rate-limited."}}, 413, {"Retry-After": "7"}
        )
        cloud.on(CREATE, limited, CREATED)
        assert create(cloud) == "s1"
        assert cloud.slept == [7]

    def test_a_long_rate_limit_is_handed_on_at_once(self, cloud: Scripted) -> None:
        cloud.on(CREATE, Reply("OverLimit Retry...", 413, {"Retry-After": "600"}))
        with pytest.raises(Busy, match="create server web-1") as raised:
            create(cloud)
        assert raised.value.retry_after == 600
        assert cloud.slept == []

    def test_a_rate_limit_without_a_time_is_waited_for_within_a_bound(
        self, cloud: Scripted
    ) -> None:
        cloud.on(CREATE, Reply("OverLimit Retry...", 413))
        with pytest.raises(Busy):
            create(cloud)
        assert 0 < sum(cloud.slept) <= 20


class TestMessages:
    @pytest.mark.parametrize(
        ("status", "body", "kind"),
        [
            (400, {"badRequest": {"message": "Invalid imageRef provided."}}, InvalidLaunch),
            (403, {"forbidden": {"message": "Quota exceeded for ram"}}, QuotaReached),
            (413, {"overLimit": {"message": "Quota exceeded for instances"}}, QuotaReached),
            (429, "slow down", Busy),
            (405, "", Refused),
        ],
    )
    def test_a_failed_create_says_what_happened(
        self, cloud: Scripted, status: int, body: object, kind: type
    ) -> None:
        cloud.on(CREATE, Reply(body, status))
        with pytest.raises(kind, match=f"could not create server web-1: .*{status}") as raised:
            create(cloud)
        assert type(raised.value) is kind

    def test_the_clouds_own_words_are_kept_short_and_on_one_line(self, cloud: Scripted) -> None:
        cloud.on(CREATE, Reply({"badRequest": {"message": "bad\nimage " + "x" * 900}}, 400))
        with pytest.raises(InvalidLaunch, match="bad image xxx") as raised:
            create(cloud)
        assert len(str(raised.value)) < 450
        assert "\n" not in str(raised.value)

    @pytest.mark.parametrize("body", ["", "<html>", "[]", "{}", '{"server": null}', "nul"])
    def test_an_unreadable_answer_to_a_create_is_uncertain(
        self, cloud: Scripted, body: str
    ) -> None:
        cloud.on(CREATE, Reply(body, 202))
        with pytest.raises(Uncertain, match="create server web-1.*can't be understood"):
            create(cloud)

    def test_no_secret_reaches_an_error_a_log_or_a_repr(
        self, cloud: Scripted, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        cloud.on(CREATE, Reply({"message": "token token-1 and key " + API_KEY}, 400))
        cloud.on(PAIRS, Reply(broken=True))
        shown = [repr(cloud.connect()), repr(Credentials("pat", API_KEY, "ORD", "http://x"))]
        shown.append(repr(Token("token-1", None, ())))
        for act in (lambda: create(cloud), lambda: cloud.connect().servers.key_pairs()):
            with pytest.raises(CloudError) as raised:
                act()
            assert raised.value.__context__ is None
            shown.append("".join(traceback.format_exception(None, raised.value, raised.tb)))
        text = "".join(shown) + caplog.text
        assert API_KEY not in text
        assert "token-1" not in text
