"""The forwarder with each kind of receiver, real ones and stubs by their documentation, that fail on
the way: all alerts arrive, dead letters are exactly those that are refused."""

import itertools
import json
import re
from collections import Counter

import pytest
from receivers import HecStub, PagerDutyStub, Rsyslog, SentinelStub, Stub, SyslogNg, hec
from servers import script, unique, until
from test_targets import alert, alerts, found, ids


@pytest.fixture
def one_target(kafka, forwarders):
    """one_target({"type": …, …}): a forwarder with that target alone."""
    def make(target):
        forwarder = forwarders({"name": "siem", "retry": {"first": "50ms", "limit": "500ms"},
                                "timeout": "2m", **target})
        forwarder.kafka = kafka
        return forwarder

    return make


def send(forwarder, some):
    forwarder.kafka.produce(forwarder.alerts_topic, [json.dumps(a).encode() for a in some],
                            keys=[a["alert_id"].encode() for a in some])


def receipts(forwarder):
    return [json.loads(r.value) for r in forwarder.kafka.read(forwarder.receipts_topic)]


def settled(forwarder, count):
    """The status of each of so many alerts, once all have one."""
    def by_id():
        return {r["alert_id"]: r["status"] for r in receipts(forwarder)}
    return until(f"{count} receipts", lambda: by_id() if len(by_id()) >= count else None)


def dead(forwarder):
    return {json.loads(r.value)["alert_id"] for r in forwarder.kafka.read(forwarder.dead_topic)}


@pytest.mark.parametrize("kind,transport,framing,body", [
    (Rsyslog, "tcp", "lf", "cef"), (Rsyslog, "tls", "octet_counting", "leef"),
    (SyslogNg, "tcp", "octet_counting", "cef"), (SyslogNg, "tls", "octet_counting", "json")],
    ids=["rsyslog-tcp-cef", "rsyslog-tls-leef", "syslog-ng-tcp-cef", "syslog-ng-tls-json"])
def test_a_daemon_that_restarts_gets_all(one_target, tmp_path, kind, transport, framing, body):
    folder = tmp_path / "daemon"
    folder.mkdir()
    daemon = kind(folder).start()
    some = alerts(300)

    def written(wanted):
        got = {re.search(rb"SEC-[0-9a-f]{32}", line)[0].decode() for line in daemon.lines()}
        return got == set(ids(wanted))

    try:
        forwarder = one_target({
            "type": "syslog", "host": "127.0.0.1", "transport": transport, "framing": framing,
            "port": daemon.tls if transport == "tls" else daemon.tcp, "body": body,
            "max_events": 10, "tls": {"ca_file": str(folder / "certificate.pem")}})
        send(forwarder, some[:150])
        # What a daemon has taken and not yet written dies with it; syslog cannot say so.
        until("the first are written", lambda: written(some[:150]))
        daemon.stop()
        send(forwarder, some[150:])
        until("it waits", lambda: forwarder.readyz()[0] != 200)
        daemon.start_again()
        assert set(settled(forwarder, 300).values()) == {"delivered"}
        until("all of them are written", lambda: written(some))
        assert dead(forwarder) == set()
    finally:
        daemon.stop()


def test_splunk_gets_all_but_what_it_never_takes(one_target):
    some = alerts(300)
    poison = {some[n]["alert_id"] for n in (0, 77, 150, 299)}
    with HecStub() as splunk:
        problem_of = splunk.problem_of
        splunk.problem_of = lambda event: (
            (15, "Error in handling indexed fields")
            if event["fields"]["alert_id"] in poison else problem_of(event))
        splunk.scripted += [hec(9, "Server is busy"), hec(8, "Internal server error"),
                            (503, b"", {}), hec(26, "Queue at capacity")]
        forwarder = one_target({"type": "splunk", "url": splunk.url, "token": "t0ken"})
        send(forwarder, some)
        status = settled(forwarder, 300)
        assert {a for a, s in status.items() if s == "dead"} == poison == dead(forwarder)
        stored = [e["fields"]["alert_id"] for e in splunk.events()]
        assert Counter(stored) == Counter(set(ids(some)) - poison)  # each once


def test_a_wrong_token_holds_everything_until_it_is_right(one_target):
    some = alerts(50)
    with HecStub(token="another") as splunk:
        forwarder = one_target({"type": "splunk", "url": splunk.url, "token": "t0ken"})
        send(forwarder, some)
        until("it says so", lambda: forwarder.readyz()[0] != 200)
        assert "403" in forwarder.readyz()[1] and "t0ken" not in forwarder.readyz()[1]
        assert splunk.events() == [] and dead(forwarder) == set()
        splunk.token = "t0ken"
        assert set(settled(forwarder, 50).values()) == {"delivered"}
        assert sorted(e["fields"]["alert_id"] for e in splunk.events()) == sorted(ids(some))
        until("all is well again", lambda: forwarder.readyz()[0] == 200)


def test_acknowledgements_are_found_behind_a_balancer(one_target):
    some = alerts(60)
    with HecStub(acknowledge=True, indexers=2) as splunk:
        forwarder = one_target({"type": "splunk", "url": splunk.url, "token": "t0ken",
                                "acknowledge": True, "max_events": 20})
        send(forwarder, some)
        assert set(settled(forwarder, 60).values()) == {"delivered"}
        assert {e["fields"]["alert_id"] for e in splunk.events()} == set(ids(some))


def test_a_token_that_expires_on_the_way_is_asked_for_again(one_target):
    some = alerts(100)
    with SentinelStub() as azure:
        forwarder = one_target({
            "type": "sentinel", "endpoint": azure.url, "rule_id": "dcr-00ff", "tenant_id": "t",
            "client_id": "c", "client_secret": "s3cret", "authority": azure.url, "max_events": 10})
        send(forwarder, some[:50])
        settled(forwarder, 50)
        azure.tokens = dict.fromkeys(azure.tokens, False)  # all expired
        azure.scripted += [(403, b"", {}), (429, b"", {"Retry-After": "1"}), (413, b"", {})]
        send(forwarder, some[50:])
        assert set(settled(forwarder, 100).values()) == {"delivered"}
        assert Counter(row["AlertId"] for row in azure.rows) == Counter(ids(some))
        assert len(azure.tokens) > 1


def test_opensearch_holds_each_once_though_the_forwarder_is_killed(one_target, tmp_path):
    folder = tmp_path / "opensearch"
    url = script("opensearch", folder, "start")
    some, index = alerts(300), unique("alerts")
    try:
        forwarder = one_target({"type": "opensearch", "url": url, "index": index, "max_events": 20})
        for n in range(0, 300, 100):
            send(forwarder, some[n:n + 100])
            forwarder.kill()
            forwarder.start(ready=False)
        settled(forwarder, 300)
        assert set(found(url, index)) == {f"{a['alert_id']}-{a['revision']}" for a in some}
        assert dead(forwarder) == set()
    finally:
        script("opensearch", folder, "stop")


def test_a_webhook_is_told_revisions_in_their_order(one_target):
    standardwebhooks = pytest.importorskip("standardwebhooks")
    secret = "whsec_" + "c2VjcmV0" * 4
    some = [alert(n, status=status, revision=revision) for n in range(10)
            for revision, status in enumerate(["new", "update", "resolved"])]
    failures = itertools.cycle([(200, b"", {}), (503, b"", {}), (200, b"", {})])
    with Stub() as receiver:
        receiver.answer = lambda request: next(failures)
        forwarder = one_target({"type": "http", "mode": "webhook", "url": receiver.url,
                                "secret": secret})
        send(forwarder, some)
        until("a receipt each", lambda: len(receipts(forwarder)) >= len(some))
        told = [standardwebhooks.Webhook(secret).verify(r.body, r.headers)["data"]
                for r in receiver.requests]
        for n in range(10):
            mine = [d["revision"] for d in told if d["alert_id"] == f"SEC-{n:032x}"]
            assert mine == sorted(mine) and set(mine) == {0, 1, 2}


def test_pages_end_as_the_alerts_do(one_target):
    some = [alert(n, status=status, revision=revision) for n in range(6)
            for revision, status in enumerate(["new", "resolved"] if n % 2 else ["new", "update"])]
    with PagerDutyStub() as pagerduty:
        forwarder = one_target({"type": "pagerduty", "url": pagerduty.url, "routing_key": "r0uting"})
        send(forwarder, some)
        until("a receipt each", lambda: len(receipts(forwarder)) >= len(some))
        assert pagerduty.alerts == {f"SEC-{n:032x}": n % 2 == 0 for n in range(6)}
