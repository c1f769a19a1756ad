"""The forwarder and every answer of Splunk's HTTP Event Collector: what each means for the alerts is
in the table of docs/targets/splunk.md. The receiver is a stub by Splunk's documentation (receivers.py
names its sources); the forwarder is the real one."""

import itertools
import json
import re
from collections import Counter

import pytest
from receivers import HecStub, hec
from servers import until
from test_targets import alerts, ids


@pytest.fixture
def splunk(lane):
    """splunk(target, **options of the stub): the stub, and a lane to it."""
    stubs = []

    def make(target=None, **options):
        stub = HecStub(**options).__enter__()
        stubs.append(stub)
        return stub, lane({"type": "splunk", "url": stub.url, "token": "t0ken", **(target or {})})

    yield make
    for stub in stubs:
        stub.__exit__()


def stored(stub, some):
    """How often it holds each of them."""
    return Counter(e["fields"]["alert_id"] for e in stub.events()
                   if e["fields"]["alert_id"] in ids(some))


def once(some):
    return Counter(ids(some))


def fours():
    """Four alerts each time, none of them twice."""
    for n in itertools.count():
        yield alerts(4 * n + 4)[4 * n:]


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
          (400, b"<html>", {}), (431, b"", {}), (200, b"<html>log in</html>", {}),
          (415, b"", {}), (307, b"", {"Location": "http://127.0.0.1:9/"})]
TAKEN = [(0, "Success"), (17, "HEC is healthy"), (24, "Queue approaching capacity"),
         (25, "Ack approaching capacity"), (99, "something that a later version says")]


def name_of(reply):
    return f"{reply[0]} {json.dumps(reply[1]) if isinstance(reply[1], dict) else reply[1]}"


def test_what_may_pass_is_waited_out_and_nothing_is_sent_twice(splunk):
    stub, lane = splunk()
    for reply, some in zip(RETRY, fours()):
        stub.scripted += [reply] * 3
        lane.send(some)
        lane.assert_delivered(some, name_of(reply))
        assert stored(stub, some) == once(some), name_of(reply)
    assert lane.dead() == set()
    lane.await_ready()


def test_what_an_operator_has_to_mend_holds_the_lane_and_costs_nothing(splunk):
    stub, lane = splunk()
    for reply, some in zip(CONFIG, fours()):
        stub.refusal = lambda request, reply=reply: reply
        lane.send(some)
        lane.await_trouble(f"HTTP {reply[0]}")
        assert stored(stub, some) == Counter(), name_of(reply)
        stub.refusal = lambda request: None
        lane.assert_delivered(some, name_of(reply))
        assert stored(stub, some) == once(some), name_of(reply)
        lane.await_ready()
    assert lane.dead() == set()


def test_what_splunk_took_is_not_sent_again(splunk):
    stub, lane = splunk()
    for success, some in zip(TAKEN, fours()):
        stub.success = success
        lane.send(some)
        lane.assert_delivered(some, success)
        assert stored(stub, some) == once(some), success
    assert lane.dead() == set()


def assert_only_the_guilty_are_dead(stub, lane, some, guilty):
    status = lane.statuses(some)
    assert {a for a, s in status.items() if s == "dead"} == guilty == lane.dead()
    assert stored(stub, some) == Counter(set(ids(some)) - guilty)


@pytest.mark.parametrize("code,text", [(6, "Invalid data format"), (12, "Event field is required"),
                                       (13, "Event field cannot be blank"),
                                       (15, "Error in handling indexed fields")])
def test_the_event_that_a_number_names_is_dead_and_those_before_it_are_not_sent_again(
        splunk, code, text):
    stub, lane = splunk()
    some = alerts(20)
    guilty = {ids(some)[n] for n in (0, 7, 8, 19)}
    problem_of = stub.problem_of
    stub.problem_of = lambda event: (
        (code, text) if event["fields"]["alert_id"] in guilty else problem_of(event))
    lane.send(some)
    assert_only_the_guilty_are_dead(stub, lane, some, guilty)


@pytest.mark.parametrize("reply", [hec(5, "No data"), hec(6, "Invalid data format"),
                                   (400, b"Bad Request", {})], ids=name_of)
def test_without_a_number_the_batch_is_halved_until_the_guilty_is_alone(splunk, reply):
    stub, lane = splunk()
    some = alerts(16)
    guilty = {ids(some)[n] for n in (3, 11)}
    stub.refusal = lambda request: (
        reply if any(a.encode() in request.body for a in guilty) else None)
    lane.send(some)
    assert_only_the_guilty_are_dead(stub, lane, some, guilty)


@pytest.mark.parametrize("reply", [(413, b"too large", {}),
                                   hec(6, "Invalid data format", **{"invalid-event-number": 0})],
                         ids=["413", "Cloud's 400 that blames the first"])
def test_a_body_that_is_too_long_is_halved_and_blames_nobody(splunk, reply):
    stub, lane = splunk()
    stub.refusal = lambda request: (
        reply if len(re.findall(rb'"fields"', request.body)) > 3 else None)
    some = alerts(16)
    lane.send(some)
    assert_only_the_guilty_are_dead(stub, lane, some, set())


def test_an_index_that_the_token_may_not_write_to_holds_the_lane(splunk):
    stub, lane = splunk(indexes=("main",))
    some = alerts(4)
    lane.send(some)
    lane.await_trouble("Incorrect index")
    assert stored(stub, some) == Counter()
    stub.indexes.add("security")
    assert_only_the_guilty_are_dead(stub, lane, some, set())


@pytest.mark.parametrize("sticky", [True, False], ids=["sticky", "in turns"])
def test_acknowledgements_are_found_at_the_indexer_that_took_the_events(splunk, sticky):
    stub, lane = splunk({"acknowledge": True, "max_events": 5}, acknowledge=True, indexers=2,
                        sticky=sticky)
    some = alerts(40)
    lane.send(some)
    assert_only_the_guilty_are_dead(stub, lane, some, set())  # none twice for want of an answer
    assert sticky or all(stub.stored)  # both took their part


def test_an_alert_that_is_not_replicated_is_not_delivered(splunk):
    stub, lane = splunk({"acknowledge": True}, acknowledge=True)
    stub.replicates = False
    some = alerts(4)
    lane.send(some)
    until("it has asked", lambda: sum("/ack" in r.path for r in stub.requests) >= 3)
    assert lane.receipts() == []
    stub.replicate()
    assert_only_the_guilty_are_dead(stub, lane, some, set())
    channels = {r.headers["x-splunk-request-channel"] for r in stub.requests
                if "x-splunk-request-channel" in r.headers}
    assert channels and all(re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", c)
                            for c in channels)


def test_what_is_not_replicated_in_time_is_sent_again(splunk):
    stub, lane = splunk({"acknowledge": True, "acknowledge_timeout": "1s"}, acknowledge=True)
    stub.replicates = False
    some = alerts(4)
    lane.send(some)
    until("it was sent again", lambda: min(stored(stub, some).values(), default=0) > 1)
    assert lane.receipts() == []
    stub.replicates = True
    stub.replicate()
    lane.assert_delivered(some)
    assert set(stored(stub, some)) == set(ids(some))  # doubles, and each is told by its id


def test_a_question_that_cannot_be_asked_is_shown_and_the_events_wait(splunk):
    stub, lane = splunk({"acknowledge": True, "acknowledge_timeout": "1s"}, acknowledge=True)
    answer_ack = stub.answer_ack
    stub.answer_ack = lambda *_: (404, b"<html>no such path here", {})
    some = alerts(4)
    lane.send(some)
    lane.await_trouble("HTTP 404: <html>no such path here")
    assert lane.receipts() == []
    stub.answer_ack = answer_ack
    lane.assert_delivered(some)


def test_a_token_without_acknowledgements_holds_the_lane_that_wants_them(splunk):
    stub, lane = splunk({"acknowledge": True})
    some = alerts(4)
    lane.send(some)
    lane.await_trouble("set acknowledge: false")
    assert lane.receipts() == []


def test_nothing_is_sent_before_splunk_says_that_it_is_well(splunk):
    stub, lane = splunk()
    stub.health = hec(20, "HEC is unhealthy, queues are full, ack service unavailable")
    some = alerts(4)
    lane.send(some)
    lane.await_trouble("HEC is unhealthy")
    assert stub.events() == [] and all("/health" in r.path for r in stub.requests)
    stub.health = hec(17, "HEC is healthy")
    assert_only_the_guilty_are_dead(stub, lane, some, set())
    asked = stub.greetings
    lane.send(alerts(8)[4:])
    lane.assert_delivered(alerts(8))
    assert stub.greetings == asked  # at the start, and not again


def test_a_channel_that_is_full_is_waited_out(splunk):
    stub, lane = splunk({"acknowledge": True}, acknowledge=True)
    stub.scripted += [hec(27, "Ack channel at capacity")] * 3
    some = alerts(4)
    lane.send(some)
    assert_only_the_guilty_are_dead(stub, lane, some, set())
