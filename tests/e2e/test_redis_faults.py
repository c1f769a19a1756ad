"""What Redis may do to a correlator, row by row of docs/guarantees.md: it fails over to a replica that
has everything or lacks the last writes, it is full, slow, would evict, forgets its scripts."""

import os
import signal

import pytest

import alerts
from alerts import HOUR, RULES
from servers import Redis, until

QUICK = {"update_every": "1s", "settle": "1s", "batch": {"max_messages": 300}}
ANY_ORDER = QUICK | {"max_lateness": "6h"}
COUNT = 3000
BRUTE = [{"id": "brute", "title": "T", "threat_level": "HIGH", "correlation": {
    "type": "event_count", "rules": ["auth.failed"], "group-by": ["source_ip"],
    "timespan": "60s", "condition": {"gte": 5}}}]


class Replicated:
    """A primary at an address that replicas of it may take over."""

    def __init__(self, primary, folder):
        self.primary, self.folder, self.replicas = primary, folder, []

    def add_replica(self):
        replica = Redis(self.folder / f"replica{len(self.replicas)}").start()
        self.replicas.append(replica)
        replica.client.replicaof(self.primary.host, self.primary.port)
        until("it is in step",
              lambda: replica.client.info("replication")["master_link_status"] == "up")
        return replica

    def fail_over(self, replica):
        """As power cuts and sentinels do: the primary is gone, and a replica has its address."""
        os.kill(self.primary.pid, signal.SIGKILL)
        until("it is gone", lambda: not os.path.exists(f"/proc/{self.primary.pid}"))
        replica.client.replicaof("NO", "ONE")
        until("it has its port", lambda: replica.client.config_set("port", self.primary.port))
        until("it answers there", lambda: self.primary.client.ping())


@pytest.fixture
def replicated(own_redis, tmp_path):
    made = Replicated(own_redis, tmp_path)
    yield made
    for replica in made.replicas:
        if os.path.exists(f"/proc/{replica.pid}"):
            os.kill(replica.pid, signal.SIGKILL)


@pytest.fixture
def settled(kafka, own_redis):
    """settled(correlator): all is read, and every alert has said its last word."""
    def wait(correlator):
        kafka.wait_done(correlator.group, correlator.events_topic)
        until("no timer is left", lambda: alerts.timers_left(own_redis) == 0)
    return wait


@pytest.fixture
def expect(kafka, settled):
    """expect(correlator, want): the final alerts are these."""
    def check(correlator, want):
        settled(correlator)
        alerts.until_right(kafka, correlator, want)
    return check


def failures(address, first, count):
    """The numbers say which of its failures, a second apart."""
    return [{"event_id": f"{address}-{n}", "event_time": alerts.START + n * 1000,
             "timestamp": alerts.START, "event_type": "auth.failed", "rule_id": "r.1",
             "rule_title": "", "threat_level": "LOW", "confidence_score": 0.5,
             "source_ip": address, "target_ip": None, "user": None, "host": None,
             "tenant": "default", "mode": "alert", "payload": "", "fields": {}}
            for n in range(first, first + count)]


def counted(kafka, correlator):
    return {address: alert["event_count"] for address, alert in
            ((a["group"]["source_ip"], a) for a in alerts.alerts_of(kafka, correlator))}


def test_a_fail_over_without_wait_replicas_loses_the_last_writes_and_nothing_else(
        kafka, correlators, replicated, settled):
    """Of `known` the replica has an older state, which wins: the event of the lost write is as if it
    had not come. Of `new` it has nothing: that is written anew from the correlator's memory."""
    replica = replicated.add_replica()
    correlator = correlators(rules=BRUTE, **ANY_ORDER)
    alerts.produce(kafka, correlator.events_topic, failures("known", 0, 3))
    kafka.wait_done(correlator.group, correlator.events_topic)
    replicated.primary.client.wait(1, 0)
    replica.client.replicaof("NO", "ONE")  # its line is cut
    alerts.produce(kafka, correlator.events_topic, failures("known", 3, 1) + failures("new", 0, 4))
    kafka.wait_done(correlator.group, correlator.events_topic)
    replicated.fail_over(replica)
    correlator.wait_ready()  # a batch that fails drops what is remembered of its groups
    alerts.produce(kafka, correlator.events_topic, failures("known", 4, 1) + failures("new", 4, 1))
    settled(correlator)
    assert counted(kafka, correlator) == {"new": 5}
    alerts.produce(kafka, correlator.events_topic, failures("known", 5, 1))
    settled(correlator)
    assert counted(kafka, correlator) == {"new": 5, "known": 5}


def test_with_wait_replicas_a_batch_waits_for_the_replica_and_a_fail_over_loses_nothing(
        kafka, correlators, replicated, settled):
    replica = replicated.add_replica()
    correlator = correlators(rules=BRUTE, settings={"redis": {"wait_replicas": 1}}, **ANY_ORDER)
    alerts.produce(kafka, correlator.events_topic, failures("known", 0, 3))
    kafka.wait_done(correlator.group, correlator.events_topic)
    before = kafka.committed(correlator.group, correlator.events_topic)
    replica.freeze()
    alerts.produce(kafka, correlator.events_topic, failures("known", 3, 1) + failures("new", 0, 4))
    until("it says what it waits for", lambda: "wait_replicas is 1" in correlator.readyz()[1])
    assert kafka.committed(correlator.group, correlator.events_topic) == before
    replica.thaw()
    kafka.wait_done(correlator.group, correlator.events_topic)
    replicated.fail_over(replica)
    alerts.produce(kafka, correlator.events_topic, failures("known", 4, 1) + failures("new", 4, 1))
    until("it waits for another replica", lambda: "wait_replicas is 1" in correlator.readyz()[1])
    replicated.add_replica()
    settled(correlator)
    assert counted(kafka, correlator) == {"known": 5, "new": 5}


def test_a_fail_over_in_the_middle_of_a_stream_changes_no_alert(
        kafka, topic, correlators, replicated, expect):
    events = alerts.stream(21, COUNT)
    arriving = alerts.shuffled(21, events, HOUR)
    topic = topic("events")
    replica = replicated.add_replica()
    first = correlators(topic, RULES, settings={"redis": {"wait_replicas": 1}}, **ANY_ORDER)
    second = correlators(like=first)
    alerts.produce(kafka, topic, arriving[:COUNT // 2])
    until("a part is read", lambda: sum(kafka.committed(first.group, topic).values()) > 0)
    alerts.produce(kafka, topic, arriving[COUNT // 2:])
    replicated.fail_over(replica)
    replicated.add_replica()
    expect(first, alerts.expected(events))
    first.wait_ready()
    second.wait_ready()
    said = {}
    for alert in alerts.alerts_of(kafka, first):  # what is said twice is the same alert
        same = (alert["rule_id"], alert["group"], alert["tenant"])
        assert said.setdefault(alert["alert_id"], same) == same


def test_a_full_redis_is_waited_for(kafka, topic, correlators, own_redis, expect):
    events = alerts.stream(22, COUNT)
    arriving = alerts.shuffled(22, events, HOUR)
    topic = topic("events")
    correlator = correlators(topic, RULES, **ANY_ORDER)
    alerts.produce(kafka, topic, arriving[:COUNT // 2])
    until("a part is read", lambda: sum(kafka.committed(correlator.group, topic).values()) > 0)
    own_redis.client.config_set("maxmemory", "1mb")
    alerts.produce(kafka, topic, arriving[COUNT // 2:])
    until("/readyz says so", lambda: "OOM" in correlator.readyz()[1])
    assert correlator.readyz()[0] == 503
    own_redis.client.config_set("maxmemory", "0")
    expect(correlator, alerts.expected(events))
    correlator.wait_ready()


def test_a_redis_that_refuses_timers_is_told_until_it_takes_them(kafka, correlators, own_redis):
    """Readiness does not come and go with each try."""
    correlator = correlators(rules=BRUTE, **QUICK)
    alerts.produce(kafka, correlator.events_topic, failures("a", 0, 6))
    kafka.wait_done(correlator.group, correlator.events_topic)
    own_redis.client.config_set("maxmemory", "1")

    def refused():
        return own_redis.client.info("errorstats").get("errorstat_OOM", {}).get("count", 0)

    def is_said(line, event):
        return line["event"] == event and line["condition"] == "redis"

    until("/readyz says so", lambda: "OOM" in correlator.readyz()[1])
    before = refused()
    until("it tries again and again", lambda: refused() > before + 30)
    assert correlator.readyz()[0] == 503
    since = next(n for n, line in enumerate(correlator.log()) if is_said(line, "not_ready")
                 and "OOM" in line["problem"])
    assert not [line for line in correlator.log()[since:] if is_said(line, "condition_met")]
    own_redis.client.config_set("maxmemory", "0")
    correlator.wait_ready()


def test_a_policy_that_comes_to_evict_stops_it_and_allow_eviction_does_not_mind(
        kafka, correlators, own_redis):
    correlator = correlators(rules=BRUTE, **QUICK)
    careless = correlators(rules=BRUTE, settings={"redis": {"allow_eviction": True}}, **QUICK)
    own_redis.client.config_set("maxmemory-policy", "volatile-ttl")
    until("it is seen", lambda: "volatile-ttl" in correlator.readyz()[1])
    before = kafka.committed(correlator.group, correlator.events_topic)
    alerts.produce(kafka, correlator.events_topic, failures("a", 0, 5))
    alerts.produce(kafka, careless.events_topic, failures("b", 0, 5))
    kafka.wait_done(careless.group, careless.events_topic)
    assert counted(kafka, careless)["b"] == 5 and careless.readyz()[0] == 200
    assert kafka.committed(correlator.group, correlator.events_topic) == before
    own_redis.client.config_set("maxmemory-policy", "noeviction")
    kafka.wait_done(correlator.group, correlator.events_topic)
    assert counted(kafka, correlator)["a"] == 5


def test_a_redis_that_is_slow_and_forgets_its_scripts_changes_no_alert(
        kafka, topic, correlators, own_redis, expect):
    """Slower than redis.timeout, now and then: what was asked then may or may not have been done."""
    events = alerts.stream(23, COUNT)
    topic = topic("events")
    correlator = correlators(topic, RULES, settings={"redis": {"timeout": "100ms"}},
                             **(ANY_ORDER | {"batch": {"max_messages": 50}}))
    alerts.produce(kafka, topic, alerts.shuffled(23, events, HOUR))

    def read():
        return sum(kafka.committed(correlator.group, topic).values())

    for _ in range(8):
        before = read()
        own_redis.client.client_pause(250)
        own_redis.client.script_flush()
        until("it goes on", lambda before=before: read() > before or read() == COUNT)
    # It may have read all before it met a pause; its timers ask on.
    until("it was too slow once", lambda: own_redis.client.client_pause(250) and
          correlator.metric("haechi_correlator_redis_failures_total") > 0)
    expect(correlator, alerts.expected(events))
    correlator.wait_ready()


def test_a_replica_that_refuses_writes_is_waited_for(kafka, correlators, replicated, own_redis):
    correlator = correlators(rules=BRUTE, **QUICK)
    other = Redis(replicated.folder / "other").start()
    replicated.replicas.append(other)
    own_redis.client.replicaof(other.host, other.port)
    alerts.produce(kafka, correlator.events_topic, failures("a", 0, 5))
    until("/readyz says so", lambda: "READONLY" in correlator.readyz()[1])
    own_redis.client.replicaof("NO", "ONE")
    kafka.wait_done(correlator.group, correlator.events_topic)
    assert counted(kafka, correlator) == {"a": 5}


def test_every_event_is_counted_once_through_restarts_of_redis(
        kafka, topic, correlators, own_redis, settled):
    """Conservation, added up: what came in is judged, shadow or dead-lettered, and what a rule
    selected is in exactly one of its outcomes, though Redis goes in the middle of batches."""
    events = alerts.stream(24, COUNT)
    for n, event in enumerate(events):
        event["mode"] = "shadow" if n % 10 == 3 else "alert"
        event["source_ip"] = None if n % 17 == 5 else event["source_ip"]
    topic = topic("events")
    correlator = correlators(topic, RULES, settings={"redis": {"timeout": "200ms"}},
                             **(ANY_ORDER | {"batch": {"max_messages": 40}}))
    arriving = [alerts.as_line(e) for e in alerts.shuffled(24, events, HOUR)]
    for n in range(0, COUNT, 50):
        arriving[n] = (arriving[n], "no event")
    bad = [a[1] for a in arriving if isinstance(a, tuple)]
    values = [v for a in arriving for v in (a if isinstance(a, tuple) else (a,))]

    def metric(name, **labels):
        return correlator.metric(f"haechi_correlator_{name}", **labels) or 0

    def grown(name):
        before = metric(name)
        return lambda: metric(name) > before

    eighth = len(values) // 8
    for part in range(4):
        is_read = grown("logs_consumed_total")
        kafka.produce(topic, values[2 * part * eighth:(2 * part + 1) * eighth])
        until("a part is read", is_read)
        own_redis.freeze() if part % 2 else own_redis.stop()
        kafka.produce(topic, values[(2 * part + 1) * eighth:(2 * part + 2) * eighth])
        until("it is missed", lambda: correlator.readyz()[0] == 503)
        own_redis.thaw() if part % 2 else own_redis.start()
    kafka.produce(topic, values[8 * eighth:])
    settled(correlator)
    until("all is counted", lambda: metric("events_total", outcome="judged") > 0
          and metric("logs_in_flight") == 0)
    shadow = sum(e["mode"] == "shadow" for e in events)
    until("each event is counted once", lambda: (
        metric("events_total", outcome="judged"), metric("events_total", outcome="shadow"),
        metric("dead_letters_total")) == (COUNT - shadow, shadow, len(bad)))
    assert metric("logs_consumed_total") - metric("logs_total", outcome="given_back") == len(values)
    live = [e for e in events if e["mode"] == "alert"]
    wanted = {"spray": sum(e["event_type"] == "auth.failed" for e in live),
              "burst": sum(e["event_type"].startswith("web.") for e in live),
              "recon": sum(e["event_type"] == "scan.port" or e["event_type"].startswith("web.")
                           for e in live)}
    for rule in RULES:
        outcomes = {outcome: metric("rule_events_total", rule=rule["id"], outcome=outcome)
                    for outcome in ("opened", "counted", "waiting", "repeated", "late", "missing")}
        selected = metric("rule_selected_total", rule=rule["id"])
        assert selected == sum(outcomes.values()) > 0, (rule["id"], outcomes)
        assert selected == wanted.get(rule["id"], selected), rule["id"]
    assert metric("rule_events_total", rule="spray", outcome="missing") == sum(
        e["event_type"] == "auth.failed" and not e["source_ip"] for e in live)


def test_an_error_inside_a_script_is_waited_for_and_named(kafka, correlators, own_redis):
    """Lua fails where a key holds something else: nothing is lost, and it says which kind of error."""
    correlator = correlators(rules=BRUTE, **QUICK)
    own_redis.client.mset({f"haechi:{{b{tag:02x}}}:due": "no sorted set" for tag in range(256)})
    alerts.produce(kafka, correlator.events_topic, failures("a", 0, 5))
    until("/readyz says so", lambda: "WRONGTYPE" in correlator.readyz()[1])
    assert correlator.readyz()[0] == 503
    own_redis.client.delete(*[f"haechi:{{b{tag:02x}}}:due" for tag in range(256)])
    kafka.wait_done(correlator.group, correlator.events_topic)
    assert counted(kafka, correlator) == {"a": 5}
    correlator.wait_ready()
