"""The forwarder and every answer of Splunk's HTTP Event Collector: what each means for the alerts is
in the table of docs/targets/splunk.md. The receiver is a stub by Splunk's documentation (receivers.py
names its sources); the forwarder is the real one."""

import json
import re
from collections import Counter

import pytest
from receivers import HecStub, hec
from servers import until
from test_targets import alerts, ids


class Lane:
    """A forwarder with one target, a stub of Splunk."""

    def __init__(self, forwarders, kafka, splunk, **options):
        self.kafka, self.splunk, self.sent = kafka, splunk, 0
        self.forwarder = forwarders({
            "name": "siem", "type": "splunk", "url": splunk.url, "token": "t0ken", "timeout": "5s",
            "retry": {"first": "20ms", "limit": "100ms"}, **options})

    def send(self, count):
        """So many alerts that were not sent before."""
        some = alerts(self.sent + count)[self.sent:]
        self.sent += count
        self.kafka.produce(self.forwarder.alerts_topic, [json.dumps(a).encode() for a in some],
                           keys=[a["alert_id"].encode() for a in some], partition=0)
        return ids(some)

    def records(self, topic):
        return [json.loads(record.value) for record in self.kafka.read(topic)]

    def statuses(self, some):
        """Of these alerts, once all have one."""
        def found():
            said = {r["alert_id"]: r["status"] for r in self.records(self.forwarder.receipts_topic)
                    if r["alert_id"] in some}
            return said if len(said) == len(some) else None
        return until(f"{len(some)} receipts", found, 60)

    def stored(self, some):
        """How often Splunk holds each of them."""
        return Counter(e["fields"]["alert_id"] for e in self.splunk.events()
                       if e["fields"]["alert_id"] in some)

    def dead(self):
        return {alert["alert_id"] for alert in self.records(self.forwarder.dead_topic)}


@pytest.fixture
def lane(forwarders, kafka):
    """lane(**options of the stub): with the options of the target in `target`."""
    stubs = []

    def make(target=None, **options):
        stubs.append(HecStub(**options).__enter__())
        return Lane(forwarders, kafka, stubs[-1], **(target or {}))

    yield make
    for stub in stubs:
        stub.__exit__()


RETRY = [hec(8, "Internal server error"), hec(9, "Server is busy"),
         hec(18, "HEC is unhealthy, queues are full"), hec(19, "HEC is unhealthy, ack service"),
         hec(20, "HEC is unhealthy, queues are full, ack service"), hec(23, "Server is shutting down"),
         hec(26, "Queue at capacity"), hec(27, "Ack channel at capacity"), (408, b"", {}),
         (429, b"", {}), (502, b"<html>", {}), (503, {"code": 5}, {}), (500, {"code": 13}, {})]
CONFIG = [hec(1, "Token disabled"), hec(2, "Token is required"), hec(3, "Invalid authorization"),
          hec(4, "Invalid token"), hec(7, "Incorrect index"), hec(10, "Data channel is missing"),
          hec(11, "Invalid data channel"), hec(14, "ACK is disabled"),
          hec(16, "Query string authorization is not enabled"), hec(21, "Invalid token"),
          hec(22, "Token disabled"), hec(28, "Channel missing"), (404, {"code": 404}, {}),
          (415, b"", {}), (307, b"", {"Location": "http://127.0.0.1:9/"})]
TAKEN = [(0, "Success"), (17, "HEC is healthy"), (24, "Queue approaching capacity"),
         (25, "Ack approaching capacity"), (99, "something that a later version says")]


def name_of(reply):
    return f"{reply[0]} {json.dumps(reply[1]) if isinstance(reply[1], dict) else reply[1]}"


def test_what_may_pass_is_waited_out_and_nothing_is_sent_twice(lane):
    one = lane()
    for reply in RETRY:
        one.splunk.scripted += [reply] * 3
        some = one.send(4)
        assert set(one.statuses(some).values()) == {"delivered"}, name_of(reply)
        assert one.stored(some) == Counter(some), name_of(reply)
    assert one.dead() == set()
    assert one.forwarder.readyz()[0] == 200


def test_what_an_operator_has_to_mend_holds_the_lane_and_costs_nothing(lane):
    one = lane()
    for reply in CONFIG:
        one.splunk.refusal = lambda request, reply=reply: reply
        some = one.send(4)
        until(f"it shows {name_of(reply)}", lambda: f"HTTP {reply[0]}" in one.forwarder.readyz()[1], 30)
        assert one.forwarder.readyz()[0] == 503, name_of(reply)
        assert one.stored(some) == Counter(), name_of(reply)
        one.splunk.refusal = lambda request: None
        assert set(one.statuses(some).values()) == {"delivered"}, name_of(reply)
        assert one.stored(some) == Counter(some), name_of(reply)
        until("it is ready", lambda: one.forwarder.readyz()[0] == 200, 30)
    assert one.dead() == set()


def test_what_splunk_took_is_not_sent_again(lane):
    one = lane()
    for success in TAKEN:
        one.splunk.success = success
        some = one.send(4)
        assert set(one.statuses(some).values()) == {"delivered"}, success
        assert one.stored(some) == Counter(some), success
    assert one.dead() == set()


@pytest.mark.parametrize("code,text", [(6, "Invalid data format"), (12, "Event field is required"),
                                       (13, "Event field cannot be blank"),
                                       (15, "Error in handling indexed fields")])
def test_the_event_that_a_number_names_is_dead_and_those_before_it_are_not_sent_again(
        lane, code, text):
    one = lane()
    guilty = {f"SEC-{n:032x}" for n in (0, 7, 8, 19)}
    problem_of = one.splunk.problem_of
    one.splunk.problem_of = lambda event: (
        (code, text) if event["fields"]["alert_id"] in guilty else problem_of(event))
    some = one.send(20)
    status = one.statuses(some)
    assert {a for a, s in status.items() if s == "dead"} == guilty == one.dead()
    assert one.stored(some) == Counter(set(some) - guilty)


@pytest.mark.parametrize("reply", [hec(5, "No data"), hec(6, "Invalid data format"),
                                   (400, b"<html>", {})], ids=name_of)
def test_without_a_number_the_batch_is_halved_until_the_guilty_is_alone(lane, reply):
    one = lane()
    guilty = {f"SEC-{n:032x}" for n in (3, 11)}
    one.splunk.refusal = lambda request: (
        reply if any(a.encode() in request.body for a in guilty) else None)
    some = one.send(16)
    status = one.statuses(some)
    assert {a for a, s in status.items() if s == "dead"} == guilty == one.dead()
    assert one.stored(some) == Counter(set(some) - guilty)


@pytest.mark.parametrize("reply", [(413, b"too large", {}),
                                   hec(6, "Invalid data format", **{"invalid-event-number": 0})],
                         ids=["413", "Cloud's 400 that blames the first"])
def test_a_body_that_is_too_long_is_halved_and_blames_nobody(lane, reply):
    one = lane()
    one.splunk.refusal = lambda request: (
        reply if len(re.findall(rb'"fields"', request.body)) > 3 else None)
    some = one.send(16)
    assert set(one.statuses(some).values()) == {"delivered"}
    assert one.stored(some) == Counter(some)
    assert one.dead() == set()


def test_an_index_that_the_token_may_not_write_to_holds_the_lane(lane):
    one = lane(indexes=("main",))
    some = one.send(4)
    until("it says so", lambda: "Incorrect index" in one.forwarder.readyz()[1], 30)
    assert one.stored(some) == Counter()
    one.splunk.indexes.add("security")
    assert set(one.statuses(some).values()) == {"delivered"}
    assert one.stored(some) == Counter(some)
    assert one.dead() == set()


@pytest.mark.parametrize("sticky", [True, False], ids=["sticky", "in turns"])
def test_acknowledgements_are_found_at_the_indexer_that_took_the_events(lane, sticky):
    one = lane(target={"acknowledge": True, "max_events": 5}, acknowledge=True, indexers=2,
               sticky=sticky)
    some = one.send(40)
    assert set(one.statuses(some).values()) == {"delivered"}
    assert one.stored(some) == Counter(some)  # none was sent again for want of an answer
    assert sticky or all(one.splunk.stored)   # both took their part
    assert one.dead() == set()


def test_an_alert_that_is_not_replicated_is_not_delivered(lane):
    one = lane(target={"acknowledge": True}, acknowledge=True)
    one.splunk.replicates = False
    some = one.send(4)
    until("it has asked", lambda: sum("/ack" in r.path for r in one.splunk.requests) >= 3, 30)
    assert one.records(one.forwarder.receipts_topic) == []
    one.splunk.replicate()
    assert set(one.statuses(some).values()) == {"delivered"}
    assert one.stored(some) == Counter(some)
    channels = {r.headers["x-splunk-request-channel"] for r in one.splunk.requests
                if "x-splunk-request-channel" in r.headers}
    assert channels and all(re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", c)
                            for c in channels)


def test_a_channel_that_is_full_is_waited_out(lane):
    one = lane(target={"acknowledge": True}, acknowledge=True)
    one.splunk.scripted += [hec(27, "Ack channel at capacity")] * 3
    some = one.send(4)
    assert set(one.statuses(some).values()) == {"delivered"}
    assert one.stored(some) == Counter(some)
