"""The forwarder with Entra and the Logs Ingestion API: all ways to prove who asks, all that Azure
answers. The receiver is a stub by Microsoft's documentation (receivers.py names the pages); OpenSSL's
program verifies assertions."""

import json
import subprocess
import time
from collections import Counter

import pytest
from receivers import SentinelStub, make_certificate
from servers import LIMIT, program
from test_targets import alert, alerts, ids


SECRET = {"tenant_id": "t", "client_id": "c", "client_secret": "s3cret"}


def sentinel(azure, **options):
    """The target's settings."""
    return {"type": "sentinel", "endpoint": azure.url, "rule_id": "dcr-00ff",
            "authority": azure.url, **options}


def held(azure):
    return Counter(row["AlertId"] for row in azure.rows)


@pytest.mark.parametrize("identity", ["secret", "certificate", "workload", "managed"])
def test_who_asks_is_proven_in_each_way(lane, tmp_path, identity):
    key, certificate = make_certificate(tmp_path)
    projected = tmp_path / "token"
    projected.write_text("header.claims.signature\n")
    app = {"tenant_id": "11111111-2222-3333-4444-555555555555", "client_id": "c"}
    options = {
        "secret": {**app, "client_secret": "s3cret"},
        "certificate": {**app, "certificate_file": str(certificate), "certificate_key_file": str(key)},
        "workload": {**app, "token_file": str(projected)},
        "managed": {},
    }[identity]
    some = alerts(20)
    with SentinelStub(certificate=certificate,
                      projected=projected if identity == "workload" else None) as azure:
        options["metadata_url"] = azure.url
        one = lane(sentinel(azure, identity=identity, **options))
        one.send(some)
        one.assert_delivered(some)
        assert held(azure) == Counter(ids(some))
        assert len(azure.tokens) == 1  # kept for all requests


def test_a_token_is_renewed_before_its_end(lane):
    # Half of it is time enough for a request, however slow the machine is.
    with SentinelStub(lifetime=8) as azure:
        one, begin, sent = lane(sentinel(azure, **SECRET)), time.monotonic(), []
        while len(azure.tokens) < 3:
            some = [alert(len(sent))]
            sent += some
            one.send(some)
            one.statuses(some)
            assert time.monotonic() - begin < LIMIT
        assert held(azure) == Counter(ids(sent))
        posts = [r for r in azure.requests if "/streams/" in r.path]
        assert len(posts) == len(sent)  # none was refused for an old token


TO_MEND = [(401, "InvalidToken"), (403, "OperationFailed"), (404, "NotFound"), (400, "InvalidStream"),
           (400, "InvalidDcrImmutableId"), (415, "Unsupported")]


def test_what_an_operator_has_to_mend_holds_the_lane(lane):
    some = alerts(5 * len(TO_MEND))
    with SentinelStub() as azure:
        one = lane(sentinel(azure, **SECRET))
        for n, (status, code) in enumerate(TO_MEND):
            azure.refusal = lambda rows: (status, {"error": {"code": code}}, {})
            one.send(some[5 * n:5 * n + 5])
            one.await_trouble(f"HTTP {status}")
            assert len(azure.rows) == 5 * n, code
            azure.refusal = lambda rows: None
            one.assert_delivered(some[:5 * n + 5], code)
            one.await_ready()
        assert held(azure) == Counter(ids(some))
        assert one.dead() == set()


def test_a_wrong_secret_holds_the_lane_and_shows_what_entra_says(lane):
    some = alerts(3)
    with SentinelStub(secret="another") as azure:
        one = lane(sentinel(azure, **SECRET))
        one.send(some)
        one.await_trouble("AADSTS7000215")
        assert "s3cret" not in one.forwarder.readyz()[1] + one.forwarder.text_log()
        azure.secret = "s3cret"
        one.assert_delivered(some)


def test_entra_is_asked_again_when_it_says(lane):
    some, asked = alerts(3), []
    with SentinelStub() as azure:
        grant = azure.grant

        def throttled(request):
            asked.append(time.monotonic())
            return (429, b"", {"Retry-After": "2"}) if len(asked) == 1 else grant(request)

        azure.grant = throttled
        one = lane(sentinel(azure, **SECRET))
        one.send(some)
        one.assert_delivered(some)
        assert asked[1] - asked[0] > 1.9


def test_what_may_pass_is_waited_out_and_the_row_at_fault_is_dead_alone(lane):
    some = alerts(100)
    guilty = {some[n]["alert_id"] for n in (0, 41, 99)}
    with SentinelStub() as azure:
        azure.refusal = lambda rows: (
            (400, {"error": {"code": "InvalidPayload"}}, {})
            if any(row["AlertId"] in guilty for row in rows) else None)
        azure.scripted += [(429, b"", {"Retry-After": "1"}), (500, b"", {}), (503, b"", {}),
                           (408, b"", {})]
        one = lane(sentinel(azure, **SECRET))
        one.send(some)
        status = one.statuses(some)
        assert {a for a, s in status.items() if s == "dead"} == guilty == one.dead()
        assert held(azure) == Counter(set(ids(some)) - guilty)


def test_no_call_is_longer_than_a_million_bytes_packed_or_not(lane):
    some = [alert(n, "x" * 30000) for n in range(60)]
    with SentinelStub() as azure:
        azure.LIMIT = 1000000
        one = lane(sentinel(azure, **SECRET))
        one.send(some)
        one.assert_delivered(some)
        posts = [r for r in azure.requests if "/streams/" in r.path]
        assert max(len(r.body) for r in posts) <= 1000000
        assert all(r.headers["content-encoding"] == "gzip" and r.body[:1] == b"[" for r in posts)
        assert held(azure) == Counter(ids(some))


@pytest.mark.parametrize("target,steps", [
    ({"type": "sentinel", "workspace_id": "w", "shared_key": "k"},
     ["14 September 2026", "Logs Ingestion API", "deploy/sentinel", "Monitoring Metrics Publisher",
      "endpoint, rule_id, tenant_id, client_id, client_secret", "docs/targets/sentinel.md"]),
    ({"type": "qradar", "endpoint_url": "https://q.example", "api_key": "k"},
     ["/api/ariel/events does not exist", "transport tls", "HTTP Receiver", "docs/targets/qradar.md"]),
    ({"type": "qradar", "transport": "http", "url": "https://q.example/api/ariel/events"},
     ["/api/ariel/events does not exist", "transport tls", "HTTP Receiver", "docs/targets/qradar.md"]),
], ids=["sentinel", "qradar by key", "qradar by address"])
def test_interfaces_that_are_gone_are_refused_with_the_steps_to_their_successors(
        tmp_path, target, steps):
    file = tmp_path / "haechi.yaml"
    file.write_text(json.dumps({"forwarder": {"targets": [{"name": "an-older-soc", **target}]}}))
    done = subprocess.run([program("haechi-forwarder"), "--config", file, "--check"],
                          capture_output=True, text=True)
    assert done.returncode == 2
    assert all(step in done.stderr for step in steps), done.stderr
