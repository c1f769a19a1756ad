"""The forwarder with Entra and the Logs Ingestion API: all ways to prove who asks, all that Azure
answers. The receiver is a stub by Microsoft's documentation (receivers.py names the pages); OpenSSL's
program verifies assertions."""

import json
import subprocess
import time
from collections import Counter

import pytest
from receivers import SentinelStub, make_certificate
from servers import program, until
from test_targets import alert, alerts, ids


@pytest.fixture
def lane(forwarders, kafka):
    """lane(azure, **options): a forwarder with that target alone; send(some), statuses(some)."""
    class Lane:
        def __init__(self, azure, **options):
            self.forwarder = forwarders({
                "name": "siem", "type": "sentinel", "endpoint": azure.url, "rule_id": "dcr-00ff",
                "authority": azure.url, "timeout": "5s", "retry": {"first": "20ms", "limit": "100ms"},
                **options})

        def send(self, some):
            kafka.produce(self.forwarder.alerts_topic, [json.dumps(a).encode() for a in some],
                          keys=[a["alert_id"].encode() for a in some], partition=0)

        def statuses(self, some):
            def found():
                said = {r["alert_id"]: r["status"] for r in self.records("receipts")
                        if r["alert_id"] in ids(some)}
                return said if len(said) == len(some) else None
            return until(f"{len(some)} receipts", found, 60)

        def records(self, kind):
            return [json.loads(r.value)
                    for r in kafka.read(getattr(self.forwarder, f"{kind}_topic"))]

    return Lane


SECRET = {"tenant_id": "t", "client_id": "c", "client_secret": "s3cret"}


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
        one = lane(azure, identity=identity, **options)
        one.send(some)
        assert set(one.statuses(some).values()) == {"delivered"}
        assert held(azure) == Counter(ids(some))
        assert len(azure.tokens) == 1  # kept for all requests


def test_a_token_is_renewed_before_its_end(lane):
    with SentinelStub(lifetime=2) as azure:
        one, begin, sent = lane(azure, **SECRET), time.monotonic(), []
        while len(azure.tokens) < 3:
            some = [alert(len(sent))]
            sent += some
            one.send(some)
            one.statuses(some)
            assert time.monotonic() - begin < 60
        assert held(azure) == Counter(ids(sent))
        posts = [r for r in azure.requests if "/streams/" in r.path]
        assert len(posts) == len(sent)  # none was refused for an old token


@pytest.mark.parametrize("status,code", [(401, "InvalidToken"), (403, "OperationFailed"),
                                         (404, "NotFound"), (400, "InvalidStream"),
                                         (400, "InvalidDcrImmutableId"), (415, "Unsupported")])
def test_what_an_operator_has_to_mend_holds_the_lane(lane, status, code):
    some = alerts(10)
    with SentinelStub() as azure:
        azure.refusal = lambda rows: (status, {"error": {"code": code}}, {})
        one = lane(azure, **SECRET)
        one.send(some)
        until("it shows why", lambda: f"HTTP {status}" in one.forwarder.readyz()[1], 30)
        assert azure.rows == [] and one.records("dead") == []
        azure.refusal = lambda rows: None
        assert set(one.statuses(some).values()) == {"delivered"}
        assert held(azure) == Counter(ids(some))
        assert one.records("dead") == []


def test_a_wrong_secret_holds_the_lane_and_shows_what_entra_says(lane):
    some = alerts(3)
    with SentinelStub(secret="another") as azure:
        one = lane(azure, **SECRET)
        one.send(some)
        until("it shows why", lambda: "AADSTS7000215" in one.forwarder.readyz()[1], 30)
        assert "s3cret" not in one.forwarder.readyz()[1] + one.forwarder.text_log()
        azure.secret = "s3cret"
        assert set(one.statuses(some).values()) == {"delivered"}


def test_what_may_pass_is_waited_out_and_the_row_at_fault_is_dead_alone(lane):
    some = alerts(100)
    guilty = {some[n]["alert_id"] for n in (0, 41, 99)}
    with SentinelStub() as azure:
        azure.refusal = lambda rows: (
            (400, {"error": {"code": "InvalidPayload"}}, {})
            if any(row["AlertId"] in guilty for row in rows) else None)
        azure.scripted += [(429, b"", {"Retry-After": "1"}), (500, b"", {}), (503, b"", {}),
                           (408, b"", {})]
        one = lane(azure, **SECRET)
        one.send(some)
        status = one.statuses(some)
        assert {a for a, s in status.items() if s == "dead"} == guilty
        assert {dead["alert_id"] for dead in one.records("dead")} == guilty
        assert held(azure) == Counter(set(ids(some)) - guilty)


def test_no_call_is_longer_than_a_million_bytes_packed_or_not(lane):
    some = [alert(n, "x" * 30000) for n in range(60)]
    with SentinelStub() as azure:
        azure.LIMIT = 1000000
        one = lane(azure, **SECRET)
        one.send(some)
        assert set(one.statuses(some).values()) == {"delivered"}
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
    file.write_text(json.dumps({"forwarder": {"targets": [{"name": "the-soc-of-the-seed", **target}]}}))
    done = subprocess.run([program("haechi-forwarder"), "--config", file, "--check"],
                          capture_output=True, text=True)
    assert done.returncode == 2
    assert all(step in done.stderr for step in steps), done.stderr
