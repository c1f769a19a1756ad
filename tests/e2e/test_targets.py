"""What the targets make of alerts, sent to real receivers and to stubs: what they hold is what was
sent, by identity, whatever an attacker wrote into it."""

import json
import os
import re
import socket
import ssl
import subprocess
import time

import pytest
import requests
from receivers import (HecStub, PagerDutyStub, Rsyslog, SentinelStub, SlackStub, Stub, SyslogNg, hec)
from servers import LIMIT, ROOT, program, script, until

HOSTILE = ["plain", "a\r\nb", "x\nCEF:0|A|B|1|2|3|10|src=8.8.8.8", "<13>1 - - - - - -", "nul\0nul",
           "^src=8.8.8.8\tdst=8.8.8.8", "\\", "a=b|c]\"", "한글 \u2028\u2029\u0085\x7f\x1b[2J",
           "😀" * 40, '"] forged="1', "LEEF:2.0|A|B|1|2|^|"]


def alert(number, text="plain", **more):
    return {"alert_id": f"SEC-{number:032x}", "revision": number % 3, "title": text,
            "timestamp": "2026-01-01T00:00:00.123Z", "severity": "HIGH", "description": text,
            "source_ip": "203.0.113.7", "user": text, "host": "web-1", "confidence": 0.9,
            "raw_payload": text, "rule_id": "brute_force", "event_types": ["auth.brute_force"],
            "indicators": [text, text], "tags": ["attack.t1110"], "tenant": "acme",
            "emitted_at": "2026-01-01T00:00:01.000Z", "status": "new", **more}


def alerts(count):
    return [alert(n, HOSTILE[n % len(HOSTILE)]) for n in range(count)]


def ids(some):
    return [a["alert_id"] for a in some]


class Target:
    """A target's pure half: renders, and judges replies."""

    def __init__(self, folder, kind, **options):
        self.kind, self.settings = kind, folder / f"{kind}.yaml"
        self.settings.write_text(json.dumps({"target": options}))
        self.token = ""

    def run(self, command, some, *arguments, behind=b""):
        lines = b"".join(json.dumps(a).encode() + b"\n" for a in some)
        done = subprocess.run(
            [program("tests/target_tool"), command, self.kind, self.settings, *arguments],
            input=lines + behind, capture_output=True, check=True,
            env={**os.environ, "TARGET_TOKEN": self.token,
                 "TARGET_NOW_MS": str(int(time.time() * 1000))})
        return done.stdout.decode().splitlines()

    def records(self, some):
        return [bytes.fromhex(json.loads(line)["record"]) for line in self.run("render", some)]

    def post(self, some, session=requests):
        """Sends them in one request; the reply and its verdicts."""
        (line,) = self.run("render", some)
        request = json.loads(line)
        headers = dict(header.split(": ", 1) for header in request["headers"])
        reply = session.request(request["method"], request["url"], headers=headers,
                                data=bytes.fromhex(request["body"]), timeout=LIMIT,
                                allow_redirects=False)
        return reply, self.run("judge", some, str(reply.status_code), behind=b"\n" + reply.content)


def connect(port, tls=False):
    plain = socket.create_connection(("127.0.0.1", port), LIMIT)
    if not tls:
        return plain
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context.wrap_socket(plain)


@pytest.fixture(scope="module", params=[Rsyslog, SyslogNg], ids=["rsyslog", "syslog-ng"])
def daemon(request, tmp_path_factory):
    daemon = request.param(tmp_path_factory.mktemp("daemon"))
    daemon.start()
    yield daemon
    daemon.stop()


def message_of(record, framing):
    """Without its frame."""
    return record.split(b" ", 1)[1] if framing == "octet_counting" else record[:-1]


@pytest.mark.parametrize("body", ["json", "cef", "leef"])
@pytest.mark.parametrize("transport,framing", [("tcp", "octet_counting"), ("tcp", "lf"),
                                               ("tls", "octet_counting")])
def test_a_daemon_writes_what_was_sent(daemon, tmp_path, transport, framing, body):
    some = alerts(36)
    target = Target(tmp_path, "syslog", host="localhost", transport=transport, framing=framing,
                    body=body)
    records = target.records(some)
    port = daemon.tls if transport == "tls" else daemon.tcp
    if framing == "lf" and isinstance(daemon, SyslogNg):
        port = daemon.lf  # its syslog() source drops what has no count
    before = len(daemon.lines())
    with connect(port, tls=transport == "tls") as stream:
        stream.sendall(b"".join(records))
    until("as many lines as alerts", lambda: len(daemon.lines()) >= before + len(some))
    assert daemon.lines()[before:] == [message_of(record, framing) for record in records]
    for line, a in zip(daemon.lines()[before:], some):
        assert a["alert_id"].encode() in line


@pytest.mark.parametrize("kind", ["qradar", "arcsight"])
def test_vendors_lines_arrive_as_they_are(daemon, tmp_path, kind):
    some = alerts(24)
    records = Target(tmp_path, kind, host="localhost", transport="tcp", header="rfc5424").records(some)
    port = daemon.tcp
    if isinstance(daemon, SyslogNg):  # QRadar's short header is no RFC 5424
        port = daemon.bsd if kind == "qradar" else daemon.lf
    before = len(daemon.lines())
    with connect(port) as stream:
        stream.sendall(b"".join(records))
    until("as many lines as alerts", lambda: len(daemon.lines()) >= before + len(some))
    assert daemon.lines()[before:] == [record[:-1] for record in records]


def test_an_event_that_splunk_will_never_take_is_named(tmp_path):
    some = alerts(5)
    with HecStub() as splunk:
        target = Target(tmp_path, "splunk", url=splunk.url, token="t0ken")
        _, verdicts = target.post(some)
        assert verdicts == ["delivered"] * 5
        assert [e["fields"]["alert_id"] for e in splunk.events()] == ids(some)
        assert [e["event"]["description"] for e in splunk.events()] == [a["title"] for a in some]
        assert {e["time"] for e in splunk.events()} == {1767225600.123}


@pytest.mark.parametrize("reply,verdict", [
    (hec(1, "Token disabled"), "config"), (hec(4, "Invalid token"), "config"),
    (hec(5, "No data"), "poison"), (hec(6, "Invalid data format"), "poison"),
    (hec(7, "Incorrect index"), "config"), (hec(8, "Internal server error"), "retry"),
    (hec(9, "Server is busy"), "retry"), (hec(10, "Data channel is missing"), "config"),
    (hec(11, "Invalid data channel"), "config"), (hec(14, "ACK is disabled"), "config"),
    (hec(16, "Query string authorization is not enabled"), "config"),
    (hec(18, "HEC is unhealthy, queues are full"), "retry"),
    (hec(23, "Server is shutting down"), "retry"), (hec(24, "Queue approaching"), "delivered"),
    (hec(25, "Ack approaching"), "delivered"), (hec(26, "Queue at capacity"), "retry"),
    (hec(27, "Ack at capacity"), "retry"), ((413, b"too large", {}), "too_large"),
    ((200, b'"OK"', {}), "delivered")])
def test_every_code_of_splunk_is_judged(tmp_path, reply, verdict):
    with HecStub() as splunk:
        splunk.scripted.append(reply)
        _, verdicts = Target(tmp_path, "splunk", url=splunk.url, token="t0ken").post(alerts(3))
        assert verdicts == [verdict] * 3


def test_a_part_that_splunk_took_is_not_sent_again(tmp_path):
    some = alerts(5)
    with HecStub() as splunk:
        splunk.problem_of = lambda event: (
            (15, "Error in handling indexed fields")
            if event["fields"]["alert_id"] == some[2]["alert_id"] else None)
        _, verdicts = Target(tmp_path, "splunk", url=splunk.url, token="t0ken").post(some)
        assert verdicts == ["delivered", "delivered", "poison", "retry", "retry"]
        assert [e["fields"]["alert_id"] for e in splunk.events()] == ids(some)[:2]


@pytest.mark.parametrize("sticky", [True, False])
def test_acknowledgements_need_the_indexer_that_took_the_events(tmp_path, sticky):
    with HecStub(acknowledge=True, indexers=2, sticky=sticky) as splunk:
        target = Target(tmp_path, "splunk", url=splunk.url, token="t0ken", acknowledge=True)
        session = requests.Session()
        reply, verdicts = target.post(alerts(2), session)
        assert verdicts == ["pending", "pending"]
        question = {"headers": {"Authorization": "Splunk t0ken", "X-Splunk-Request-Channel":
                                reply.request.headers["X-Splunk-Request-Channel"]},
                    "json": {"acks": [reply.json()["ackId"]]}}
        answer = session.post(splunk.url + "/services/collector/ack", **question).json()
        assert answer == {"acks": {"0": sticky}}


def test_sentinel_gets_an_array_under_its_cap(tmp_path):
    some = alerts(40)
    with SentinelStub() as azure:
        target = Target(tmp_path, "sentinel", endpoint=azure.url, rule_id="dcr-00ff", tenant_id="t",
                        client_id="c", client_secret="s3cret", authority=azure.url)
        _, verdicts = target.post(some)
        assert verdicts == ["config"] * 40  # without a token
        azure.tokens["token-1"] = True
        target.token = "token-1"
        _, verdicts = target.post(some)
        assert verdicts == ["delivered"] * 40
        assert [row["AlertId"] for row in azure.rows] == ids(some)
        assert [row["Title"] for row in azure.rows] == [a["title"] for a in some]
        big = [alert(n, "x" * 4000) for n in range(200)]
        _, verdicts = target.post(big)
        assert verdicts == ["too_large"] * 200
        for reply, verdict in [((403, b"", {}), "config"), ((429, b"", {"Retry-After": "7"}), "retry")]:
            azure.scripted.append(reply)
            _, verdicts = target.post(some[:2])
            assert verdicts == [verdict] * 2


def test_an_independent_library_verifies_a_webhook(tmp_path):
    standardwebhooks = pytest.importorskip("standardwebhooks")
    old, new = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_" + "c2VjcmV0" * 4
    for text in HOSTILE:
        with Stub() as receiver:
            target = Target(tmp_path, "http", url=receiver.url, mode="webhook", secret=new,
                            previous_secret=old)
            _, verdicts = target.post([alert(1, text)])
            assert verdicts == ["delivered"]
            request = receiver.requests[0]
            for secret in (old, new):
                event = standardwebhooks.Webhook(secret).verify(request.body, request.headers)
                assert event["data"]["title"] == text
            assert request.headers["webhook-id"] == f"SEC-{1:032x}-1"
            with pytest.raises(standardwebhooks.WebhookVerificationError):
                standardwebhooks.Webhook(new).verify(request.body + b" ", request.headers)


def test_pages_open_and_close_by_the_alerts_id(tmp_path):
    with PagerDutyStub() as pagerduty:
        target = Target(tmp_path, "pagerduty", url=pagerduty.url, routing_key="r0uting")
        for status, is_open in [("new", True), ("update", True), ("resolved", False)]:
            _, verdicts = target.post([alert(7, "한글 " * 600, status=status)])
            assert verdicts == ["delivered"]
            assert pagerduty.alerts == {f"SEC-{7:032x}": is_open}
        wrong = Target(tmp_path, "pagerduty", url=pagerduty.url, routing_key="another")
        assert wrong.post([alert(8)])[1] == ["config"]


def test_a_message_to_slack_mentions_nobody(tmp_path):
    some = [alert(n, text) for n, text in enumerate(["<!channel>", "<https://x|y>", "&" * 5000])]
    with SlackStub() as slack:
        _, verdicts = Target(tmp_path, "slack", url=slack.url).post(some)
        assert verdicts == ["delivered"] * 3
        (message,) = slack.messages
        assert not re.search(r"[<>]|&(?!amp;|lt;|gt;)", json.dumps(message))


@pytest.fixture(scope="module")
def opensearch(tmp_path_factory):
    folder = tmp_path_factory.mktemp("opensearch")
    yield script("opensearch", folder, "start")
    script("opensearch", folder, "stop")


def found(url, index):
    """Documents by their _id."""
    requests.post(f"{url}/{index}/_refresh", timeout=LIMIT).raise_for_status()
    hits = requests.get(f"{url}/{index}/_search?size=1000", timeout=LIMIT).json()["hits"]["hits"]
    return {hit["_id"]: hit["_source"] for hit in hits}


@pytest.mark.parametrize("body,kind", [("ecs", "stream"), ("native", "stream"), ("ecs", "index")])
def test_opensearch_holds_each_alert_once(opensearch, tmp_path, body, kind):
    some, index = alerts(36), f"haechi-{body}-{kind}"
    if kind == "stream":
        requests.put(f"{opensearch}/_index_template/{index}", timeout=LIMIT, json={
            "index_patterns": [index], "data_stream": {}}).raise_for_status()
    target = Target(tmp_path, "opensearch", url=opensearch, index=index, body=body)
    for part in (some[:20], some[10:], some):  # what was sent before is sent again
        _, verdicts = target.post(part)
        assert verdicts == ["delivered"] * len(part)
    documents = found(opensearch, index)
    assert set(documents) == {f"{a['alert_id']}-{a['revision']}" for a in some}
    for a in some:
        document = documents[f"{a['alert_id']}-{a['revision']}"]
        title = document["rule"]["name"] if body == "ecs" else document["title"]
        assert title == a["title"]


def test_no_text_decides_what_type_a_field_has(opensearch, tmp_path):
    template = json.loads((ROOT / "deploy/elasticsearch/haechi-alerts.json").read_text())
    requests.put(f"{opensearch}/_index_template/haechi-alerts", timeout=LIMIT,
                 json=template).raise_for_status()
    some = [alert(n, text) for n, text in enumerate(["2026/01/01", "2026-01-01T00:00:00Z", "7", *HOSTILE])]
    some.append(alert(99, "x" * 100000))
    for body, index in (("ecs", "haechi-alerts"), ("native", "logs-haechi.alerts-native")):
        target = Target(tmp_path, "opensearch", url=opensearch, index=index, body=body)
        for part in ([some[0]], some[1:]):
            _, verdicts = target.post(part)
            assert verdicts == ["delivered"] * len(part)
        assert len(found(opensearch, index)) == len(some)
        assert requests.get(f"{opensearch}/_data_stream/{index}", timeout=LIMIT).ok


def test_opensearch_says_which_document_it_will_never_take(opensearch, tmp_path):
    some, index = alerts(4), "haechi-strict"
    requests.put(f"{opensearch}/{index}", timeout=LIMIT, json={"mappings": {"properties": {
        "message": {"type": "integer"}}}}).raise_for_status()
    for a, description in zip(some, ["1", "not a number", "3", "4"]):
        a["description"] = description
    target = Target(tmp_path, "opensearch", url=opensearch, index=index)
    _, verdicts = target.post(some)
    assert verdicts == ["delivered", "poison", "delivered", "delivered"]
    assert len(found(opensearch, index)) == 3


def test_a_name_that_is_no_address_does_not_cost_the_alert(opensearch, tmp_path):
    index = "haechi-addresses"
    requests.put(f"{opensearch}/{index}", timeout=LIMIT, json={"mappings": {"properties": {
        "source": {"properties": {"ip": {"type": "ip"}}}}}}).raise_for_status()
    some = [alert(n, source_ip=ip) for n, ip in enumerate(["10.0.0.1", "gate", "::1%eth0", "1.2.3"])]
    _, verdicts = Target(tmp_path, "opensearch", url=opensearch, index=index).post(some)
    assert verdicts == ["delivered"] * 4
