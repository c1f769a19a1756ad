"""The correlator's promise, over a real Kafka and a real Redis: the same events give the same final
set of alerts, that of the slow model of the documentation (tests/model), whatever happens on the
way."""

import json
import os
import random
import subprocess
import time

import pytest

import alerts
from alerts import HOUR, MINUTE, RULES
from servers import LIMIT, program, unique, until
from test_correlation_model import rfc3339

QUICK = {"update_every": "1s", "settle": "1s", "batch": {"max_messages": 300}}
ANY_ORDER = QUICK | {"max_lateness": "6h"}  # all of a stream is in time, however it is read
COUNT = 5000


@pytest.fixture(scope="module")
def events():
    return alerts.stream(1, COUNT)


@pytest.fixture(scope="module")
def want(events):
    found = alerts.expected(events)
    kinds = {alert["rule_id"] for alert in found.values()}
    assert {rule["id"] for rule in RULES} <= kinds and "event:web.sqli" in kinds
    return found


@pytest.fixture
def expect(kafka, own_redis):
    """expect(correlator, want): once all is read and every alert has said its last word, they are
    those wanted."""
    def check(correlator, want, limit=LIMIT):
        kafka.wait_done(correlator.group, correlator.events_topic, limit=limit)
        until("no timer is left", lambda: alerts.timers_left(own_redis) == 0, limit)
        alerts.until_right(kafka, correlator, want)
    return check


def test_one_correlator(kafka, topic, correlators, expect, events, want):
    topic = topic("events")
    alerts.produce(kafka, topic, alerts.shuffled(2, events, HOUR))
    correlator = correlators(topic, RULES, **ANY_ORDER)
    expect(correlator, want)
    consumed = correlator.metric("haechi_correlator_logs_consumed_total") - \
        correlator.metric("haechi_correlator_logs_total", outcome="given_back")
    assert consumed == COUNT
    assert consumed == (correlator.metric("haechi_correlator_events_total", outcome="judged")
                        + correlator.metric("haechi_correlator_events_total", outcome="shadow")
                        + (correlator.metric("haechi_correlator_dead_letters_total") or 0))
    for rule in RULES:
        selected = correlator.metric("haechi_correlator_rule_selected_total", rule=rule["id"])
        assert selected == correlator.metric("haechi_correlator_rule_events_total", rule=rule["id"])
    more = correlator.metric("haechi_correlator_rounds_total") - \
        correlator.metric("haechi_correlator_batches_total")
    assert 0 <= more <= correlator.metric("haechi_correlator_redis_failures_total"), \
        "one round trip a batch, but for those that Redis may have written though it failed"


def test_three_correlators_and_a_rebalance_in_the_middle(
        kafka, topic, correlators, expect, events, want):
    topic = topic("events", partitions=6)
    arriving = alerts.shuffled(3, events, HOUR)
    first = correlators(topic, RULES, **ANY_ORDER)
    alerts.produce(kafka, topic, arriving[:COUNT // 3])
    second, third = correlators(like=first), correlators(like=first, start=False)
    until("both have partitions", lambda: second.metric("haechi_correlator_assigned_partitions"))
    third.start(ready=False)
    alerts.produce(kafka, topic, arriving[COUNT // 3:COUNT // 2])
    third.wait_ready()
    alerts.produce(kafka, topic, arriving[COUNT // 2:])

    def all_take_part():
        # Whoever has no partition at a moment misses what comes then; the same again changes nothing.
        alerts.produce(kafka, topic, arriving[-60:])
        return all(c.metric("haechi_correlator_logs_consumed_total") for c in (second, third))
    until("all take part", all_take_part)
    expect(first, want)


def test_chaos_three_correlators_killed_again_and_again(
        kafka, topic, correlators, own_redis, expect, events, want):
    """For HAECHI_CHAOS_MINUTES (scripts/test chaos --minutes N): every few seconds one is killed with
    -9 and started again, now and then Redis stands still or forgets its scripts, and events come all
    the while, the same ones again when all were sent."""
    minutes = float(os.environ.get("HAECHI_CHAOS_MINUTES", "0.1"))
    rng = random.Random(minutes)
    topic = topic("events", partitions=6)
    arriving = alerts.shuffled(4, events, HOUR)
    workers = [correlators(topic, RULES, start=False, **ANY_ORDER)]
    workers += [correlators(like=workers[0], start=False) for _ in range(2)]
    for worker in workers:
        worker.start(ready=False)
    end, sent = time.monotonic() + 60 * minutes, 0
    while sent < COUNT or time.monotonic() < end:
        part = arriving[sent % COUNT:sent % COUNT + COUNT // 5]
        alerts.produce(kafka, topic, part)
        sent += len(part)
        time.sleep(rng.uniform(0.3, min(2, 10 * minutes)))  # amid its work
        victim = rng.choice(workers)
        victim.kill()
        if rng.random() < 0.3:
            own_redis.freeze()
            time.sleep(1.5)  # longer than redis.timeout
            own_redis.thaw()
        if rng.random() < 0.3:
            own_redis.client.script_flush()
        victim.start(ready=False)
    expect(workers[0], want)


def test_whole_batches_delivered_again(kafka, topic, correlators, expect, events, want):
    topic = topic("events")
    alerts.produce(kafka, topic, alerts.shuffled(5, events, HOUR))
    rng = random.Random(5)
    correlator = correlators(topic, RULES, **ANY_ORDER)
    for _ in range(3):
        until("it has read a part", lambda: sum(
            kafka.committed(correlator.group, topic).values()) > 0)
        correlator.kill()
        back = {p: max(0, at - rng.randrange(400))
                for p, at in kafka.committed(correlator.group, topic).items() if at > 0}
        until("the group is empty", lambda: kafka.alter(correlator.group, topic, back))
        correlator.start(ready=False)
    expect(correlator, want)


def test_the_topic_read_again_by_a_new_group_changes_nothing(
        kafka, topic, correlators, expect, events, want):
    topic = topic("events")
    alerts.produce(kafka, topic, alerts.shuffled(6, events, HOUR))
    first = correlators(topic, RULES, **ANY_ORDER)
    expect(first, want)
    before = {(a["alert_id"], a["revision"]) for a in alerts.alerts_of(kafka, first)}
    first.stop()
    again = correlators(like=first, group=unique("again"))
    expect(again, want)
    after = {(a["alert_id"], a["revision"]) for a in alerts.alerts_of(kafka, first)}
    assert after == before, "nothing new was said"


def test_redis_that_goes_and_comes_back(kafka, topic, correlators, own_redis, expect, events, want):
    topic = topic("events")
    arriving = alerts.shuffled(7, events, HOUR)
    correlator = correlators(topic, RULES, **ANY_ORDER)
    alerts.produce(kafka, topic, arriving[:COUNT // 2])
    until("it has read a part",
          lambda: correlator.metric("haechi_correlator_logs_consumed_total") > 0)
    own_redis.freeze()
    alerts.produce(kafka, topic, arriving[COUNT // 2:])
    until("/readyz says so",
          lambda: correlator.readyz()[0] == 503 and "redis" in correlator.readyz()[1])
    own_redis.thaw()
    own_redis.client.script_flush()
    expect(correlator, want)
    correlator.wait_ready()


def test_redis_emptied_is_filled_again_from_memory(
        kafka, topic, correlators, own_redis, expect, events, want):
    topic = topic("events")
    arriving = alerts.shuffled(8, events, HOUR)
    correlator = correlators(topic, RULES, **(ANY_ORDER | {"settle": "5s"}))
    alerts.produce(kafka, topic, arriving[:COUNT // 2])
    kafka.wait_done(correlator.group, topic)
    own_redis.client.flushall()
    alerts.produce(kafka, topic, arriving[COUNT // 2:] + arriving[:COUNT // 2])
    expect(correlator, want)


def test_a_server_that_would_evict_is_refused(kafka, correlators, own_redis):
    own_redis.client.config_set("maxmemory-policy", "allkeys-lru")
    correlator = correlators(rules=RULES, start=False, **QUICK)
    alerts.produce(kafka, correlator.events_topic, alerts.stream(9, 50))
    correlator.start(ready=False)
    until("it is not ready", lambda: correlator._alive() and "allkeys-lru" in correlator.readyz()[1])
    assert kafka.read(correlator.alerts_topic) == []
    own_redis.client.config_set("maxmemory-policy", "noeviction")
    correlator.wait_ready()
    kafka.wait_done(correlator.group, correlator.events_topic)


def test_what_is_no_event_goes_to_dead_letters(kafka, correlators):
    good = alerts.stream(10, 1)[0] | {"threat_level": "HIGH"}
    rows = [("not JSON", "undecodable"), ("[]", "undecodable"),
            (json.dumps({"event_id": ""}), "invalid"),
            (alerts.as_line(good | {"event_id": ""}), "invalid"),
            (b"\x00\x00\x00\x00\x07abc", "undecodable")]
    correlator = correlators(rules=RULES, **QUICK)
    kafka.produce(correlator.events_topic, [value for value, _ in rows] + [alerts.as_line(good)])
    kafka.wait_done(correlator.group, correlator.events_topic)
    dead = kafka.read(correlator.dead_topic)
    assert sorted(r.headers["haechi.reason"].decode() for r in dead) == \
        sorted(reason for _, reason in rows)
    assert [a["event_ids"] for a in alerts.alerts_of(kafka, correlator)
            if a["revision"] == 0] == [[good["event_id"]]]


@pytest.mark.parametrize("value", ["\x00", "a|b", "{b00}", "x" * 10_000, "1970", "가나다"],
                         ids=["NUL", "bar", "braces", "10 kB", "1970", "Korean"])
def test_any_text_may_name_a_group(kafka, correlators, value):
    event = alerts.stream(11, 1)[0] | {"threat_level": "HIGH", "source_ip": value}
    event |= {"event_time": 0} if value == "1970" else {}
    correlator = correlators(rules=RULES, **QUICK)
    alerts.produce(kafka, correlator.events_topic, [event])
    kafka.wait_done(correlator.group, correlator.events_topic)
    [alert] = [a for a in alerts.alerts_of(kafka, correlator) if a["revision"] == 0]
    assert alert["group"] == {"source_ip": value}
    assert alert["source_ip"] == value[:1024]


def test_events_of_1970_and_2100_are_alerts_of_their_times_and_hold_up_nobody(
        kafka, topic, correlators):
    """Each in a partition of its own, beside one of now: no clock that is wrong stops the others."""
    topic = topic("events", partitions=3)
    correlator = correlators(topic, RULES, **QUICK)
    times = {"a": 0, "b": 4_102_444_800_000, "c": int(time.time() * 1000)}
    for partition, (address, at) in enumerate(times.items()):
        alerts.produce(kafka, topic, [alerts.stream(15, 1)[0] | {
            "event_id": f"{address}{n}", "threat_level": "HIGH", "source_ip": address,
            "event_time": at + n, "timestamp": at + n} for n in range(3)], partition=partition)
    kafka.wait_done(correlator.group, topic)
    opened = [a for a in alerts.alerts_of(kafka, correlator) if a["revision"] == 0]
    assert {a["source_ip"]: a["first_seen"] for a in opened} == {
        address: rfc3339(at) for address, at in times.items()}


def test_what_came_during_a_long_stop_is_read_before_silence_is_judged(
        kafka, topic, correlators, own_redis):
    """"Exactly two", of which the third came while nobody read, for longer than max_lateness."""
    rules = [{"id": "two", "title": "T", "correlation": {
        "type": "event_count", "rules": ["auth.failed"], "group-by": ["source_ip"],
        "timespan": "60s", "condition": {"eq": 2}}}]
    events = [alerts.stream(17, 1)[0] | {
        "event_id": f"{n:032x}", "event_type": "auth.failed", "threat_level": "LOW"}
        for n in range(3)]
    topic = topic("events")
    correlator = correlators(topic, rules, **(QUICK | {"max_lateness": "4s"}))
    alerts.produce(kafka, topic, events[:2])
    kafka.wait_done(correlator.group, topic)
    correlator.stop()
    assert alerts.timers_left(own_redis) == 1
    alerts.produce(kafka, topic, events[2:])
    [(_, due)] = [entry for tag in range(256) for entry in own_redis.client.zrange(
        f"haechi:{{b{tag:02x}}}:due", 0, -1, withscores=True)]
    until("its timer has rung", lambda: time.time() * 1000 > due + 1000)
    correlator.start()
    kafka.wait_done(correlator.group, topic)
    until("no timer is left", lambda: alerts.timers_left(own_redis) == 0)
    assert alerts.alerts_of(kafka, correlator) == []


def parts_of(state):
    """How many parts a stored state has (state_form.h): a whole, and what was added to it since."""
    parts, at = 0, 8  # behind its version

    def number():
        nonlocal at
        value = shift = 0
        while True:
            byte, at = state[at], at + 1
            value, shift = value | (byte & 0x7F) << shift, shift + 7
            if byte < 0x80:
                return value

    def skip():
        nonlocal at
        size = number()
        at += size

    while at < len(state):
        parts, form, at = parts + 1, state[at], at + 1
        skip()
        if form == 4:
            number()
        skip()
    assert at == len(state)
    return parts


def test_small_states_are_written_whole(kafka, correlators, own_redis):
    """Each event is a batch of its own: 1, 2, … 10 of ten addresses."""
    correlator = correlators(rules=RULES, batch={"max_messages": 1})
    sources = [f"203.0.113.{n}" for n in range(1, 11) for _ in range(n)]
    alerts.produce(kafka, correlator.events_topic, [alerts.stream(16, 1)[0] | {
        "event_id": f"{n:032x}", "event_type": "auth.failed", "rule_id": "r.1", "user": f"user{n}",
        "threat_level": "MEDIUM", "source_ip": source, "event_time": alerts.START + n * 1000}
        for n, source in enumerate(sources)])
    kafka.wait_done(correlator.group, correlator.events_topic)
    states = [own_redis.client.get(key) for key in own_redis.client.keys("haechi:*")
              if own_redis.client.type(key) in ("string", b"string")]
    assert len(states) == 10 + len(sources), "each user is a group, too"
    assert {parts_of(state) for state in states} == {1}


def haechi(correlator, *words):
    done = subprocess.run([program("haechi"), *words, "--config", correlator.settings_file],
                          capture_output=True, text=True, timeout=LIMIT)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_command_line_shows_what_is_known(kafka, correlators):
    events = [alerts.stream(13, 1)[0] | {
        "event_id": f"{n:032x}", "event_type": "auth.failed", "rule_id": "r.1",
        "threat_level": "MEDIUM", "source_ip": "203.0.113.9", "user": "mary", "tenant": "default",
        "event_time": alerts.START + n * 1000} for n in range(7)]
    correlator = correlators(rules=RULES, suppress={"for": "2h"})
    alerts.produce(kafka, correlator.events_topic, events)
    kafka.wait_done(correlator.group, correlator.events_topic)
    [alert] = alerts.alerts_of(kafka, correlator)

    text = haechi(correlator, "windows", "show", "203.0.113.9")
    assert "source_ip 203.0.113.9" in text and "brute: 7 events within reach" in text
    assert "alert of 7 events" in text and "revision 0 (new)" in text
    assert "nothing is held on 203.0.113.10" in haechi(correlator, "windows", "show",
                                                       "203.0.113.10")

    shown = haechi(correlator, "alerts", "show", alert["alert_id"], "--output", "json").splitlines()
    assert json.loads(shown[0]) == alert
    assert {json.loads(line)["event_id"] for line in shown[1:]} == set(alert["event_ids"])
    words = haechi(correlator, "alerts", "show", alert["alert_id"], "--output", "table")
    assert "203.0.113.9" in words and "revision 0" in words


def test_a_backlog_whose_partitions_lie_hours_apart(kafka, topic, correlators, expect):
    """Each address' events are in all partitions, and those are written one after the other: without
    holding back, one would be read hours before another."""
    events = alerts.stream(12, 3000)
    rng = random.Random(12)
    topic = topic("events", partitions=3)
    parts = [[], [], []]
    for event in alerts.shuffled(12, events, 2 * MINUTE):
        parts[rng.randrange(3)].append(event)
    for partition, part in enumerate(parts):
        alerts.produce(kafka, topic, part, partition=partition)
    correlator = correlators(topic, RULES, **(QUICK | {"max_lateness": "10m"}))
    expect(correlator, alerts.expected(events))


def test_three_correlators_and_a_rebalance_over_partitions_hours_apart(
        kafka, topic, correlators, expect):
    """The same, with partitions that change hands in the middle: who comes, who goes and who is killed
    must not let one run ahead of what another still has to read."""
    events = alerts.stream(14, 4000, hours=6)
    rng = random.Random(14)
    topic = topic("events", partitions=6)
    parts = [[] for _ in range(6)]
    for event in alerts.shuffled(14, events, 2 * MINUTE):
        parts[rng.randrange(6)].append(event)
    for partition, part in enumerate(parts):
        alerts.produce(kafka, topic, part, partition=partition)
    first = correlators(topic, RULES, **(QUICK | {"max_lateness": "10m",
                                                  "batch": {"max_messages": 100}}))
    workers = [first, correlators(like=first, start=False), correlators(like=first, start=False)]

    def read():
        return sum(kafka.committed(first.group, topic).values())

    until("a part is read", lambda: read() > 200)
    workers[1].start(ready=False)
    workers[2].start(ready=False)
    until("more is read", lambda: read() > 1000 and all(
        w.metric("haechi_correlator_assigned_partitions") for w in workers))
    workers[0].kill()
    until("still more", lambda: read() > 2000)
    workers[1].stop()
    workers[0].start(ready=False)
    expect(first, alerts.expected(events))
    late = [w.metric("haechi_correlator_rule_events_total", outcome="late") or 0
            for w in workers if w.is_running()]
    # What the killed one had dealt with and not committed came again, perhaps behind what its group had
    # moved on to. Who ran ahead of partitions that lie hours apart would be late by whole batches of theirs.
    assert sum(late) <= 100, "next to nothing came too late"
