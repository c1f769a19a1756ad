"""Logs that must keep coming (`expect:`): detectors tell when they last saw them, correlators judge."""

import json
import threading

import pytest

import alerts
from servers import until

WITHIN = 12  # seconds: hosts that send twice a second fall silent on no machine, however busy


def rule(values, field="host", **more):
    return [{"id": "silent", "title": "No logs from {%s}" % field, "threat_level": "HIGH",
             "tags": ["ops"], "expect": {"field": field, "values": values, "within": f"{WITHIN}s",
                                         **more}}]


class Senders:
    """Hosts that send a harmless log twice a second, until they are stopped."""

    def __init__(self, kafka, topic):
        self.kafka, self.topic = kafka, topic
        self.hosts, self.rounds, self.end = set(), 0, threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        while not self.end.wait(0.5):
            self.rounds += 1
            for host in sorted(self.hosts):
                self.kafka.produce(self.topic, [json.dumps({"host": host, "message": "all is well"})])

    def stop(self):
        self.end.set()
        self.thread.join()


@pytest.fixture
def senders(kafka, topic):
    made = []

    def make(name, *hosts):
        made.append(Senders(kafka, name))
        made[-1].hosts |= set(hosts)
        return made[-1]

    yield make
    for sender in made:
        sender.stop()


@pytest.fixture
def watch(topic, senders, detectors, correlators, own_redis):
    """watch(rules, hosts): hosts that send logs, two detectors that read them, and two correlators,
    which share a Redis."""
    def make(rules, hosts, **settings):
        logs = topic("logs", partitions=2)
        sender = senders(logs, *hosts)
        seers = [detectors(logs, redis_server=own_redis)]
        seers.append(detectors(like=seers[0]))
        until("both read", lambda: all(
            d.metric("haechi_detector_assigned_partitions") == 1 for d in seers))
        first = correlators(seers[0].events_topic, rules, **settings)
        return sender, [first, correlators(like=first)], seers
    return make


def said(kafka, correlator):
    """[(what of, revision, status)], each as often as it was said."""
    return sorted((a["group"].get("host", ""), a["revision"], a["status"])
                  for a in alerts.alerts_of(kafka, correlator))


def silent(correlators):
    return [c.metric("haechi_correlator_silent_values") for c in correlators]


def test_a_host_that_stops_is_one_alert_and_one_that_comes_back_resolves_it(
        kafka, watch):
    sender, both, _ = watch(rule(["gate-1", "gate-2"]), ["gate-1", "gate-2", "other"])
    until("it is judged", lambda: silent(both) == [0, 0])
    sender.hosts.discard("gate-1")
    until("it is told", lambda: said(kafka, both[0]) == [("gate-1", 0, "new")])
    [alert] = alerts.alerts_of(kafka, both[0])
    assert alert["rule_id"] == alert["correlation_id"] == "silent"
    assert (alert["title"], alert["severity"], alert["host"]) == \
        ("No logs from gate-1", "HIGH", "gate-1")
    assert (alert["tags"], alert["tenant"], alert["event_count"]) == (["ops"], "default", 0)
    until("both know", lambda: silent(both) == [1, 1])
    sender.hosts.add("gate-1")
    until("it is over", lambda: (("gate-1", 1, "resolved")) in said(kafka, both[0]))
    until("both know", lambda: silent(both) == [0, 0])
    assert said(kafka, both[0]) == [("gate-1", 0, "new"), ("gate-1", 1, "resolved")]
    new, over = sorted(alerts.alerts_of(kafka, both[0]), key=lambda a: a["revision"])
    assert new["alert_id"] == over["alert_id"] and new["first_seen"] == over["first_seen"]
    assert over["last_seen"] > new["last_seen"]


def test_detectors_that_are_away_are_no_silence_and_it_is_said_that_nobody_looks(
        kafka, watch):
    _, both, seers = watch(rule(["gate-1"]), ["gate-1"], unjudged_after="10s")
    until("it is judged", lambda: silent(both) == [0, 0])
    for seer in seers:  # at once: one that takes over from the other would not be away
        seer.process.terminate()
    for seer in seers:
        assert seer.wait_end() == 0
    until("it is said", lambda: said(kafka, both[0]) == [("", 0, "new")])
    [alert] = alerts.alerts_of(kafka, both[0])
    assert alert["title"] == "Silence cannot be judged: silent"
    for seer in seers:
        seer.start()
    until("it is over", lambda: ("", 1, "resolved") in said(kafka, both[0]))
    # One of the two may say again what the other has said: it is the same revision of the same alert.
    assert set(said(kafka, both[0])) == {("", 0, "new"), ("", 1, "resolved")}


def test_all_that_stood_still_and_starts_again_raises_nothing_for_what_came_meanwhile(
        kafka, watch):
    sender, both, seers = watch(rule(["gate-1", "gate-2"]), ["gate-1", "gate-2"])
    until("it is judged", lambda: silent(both) == [0, 0])
    for worker in both + seers:
        worker.stop()
    sender.hosts.discard("gate-2")  # which is silent from now on
    sent = sender.rounds
    until("gate-1 goes on, for longer than it may be silent",
          lambda: sender.rounds - sent > 2 * WITHIN + 4)
    for worker in both + seers:
        worker.start()
    until("what was silent is told", lambda: ("gate-2", 0, "new") in said(kafka, both[0]))
    assert said(kafka, both[0]) == [("gate-2", 0, "new")]
    until("both know", lambda: silent(both) == [1, 1])


def test_a_correlator_that_dies_with_a_claim_leaves_it_to_the_other(
        kafka, watch, own_redis):
    """What it leaves in Redis is put there: a claim of an alert that Kafka never had."""
    _, both, _ = watch(rule(["gate-1"]), ["gate-1"])
    target = "7:default4:host6:gate-1"
    until("it is asked for", lambda: own_redis.client.hget("haechi:expect", "w" + target))
    own_redis.client.hset("haechi:expect", "a6:silent" + target, f"n {alerts.START} 0 0 -")
    until("it is told again", lambda: ("gate-1", 0, "new") in said(kafka, both[0]))
    [alert] = [a for a in alerts.alerts_of(kafka, both[0]) if a["group"]]
    assert alert["first_seen"] == "2026-01-01T00:00:00.000Z"
    # Kafka has it: it is open, and as its logs come, soon over.
    until("and then it is over", lambda: ("gate-1", 1, "resolved") in said(kafka, both[0]))


def test_topics_and_logsources_and_addresses_of_a_tenant_may_be_expected(
        kafka, topic, detectors, correlators, own_redis):
    silent_logs, logs = topic("quiet", partitions=1), topic("logs", partitions=1)
    rules = [
        {**rule([silent_logs], "topic", tenant="acme")[0], "id": "of_topic"},
        {**rule(["sshd", "nginx"], "logsource.service", tenant="acme")[0], "id": "of_service"},
        {**rule(["2001:DB8:0::1", "10.1.2.3"], "source_ip", tenant="acme")[0], "id": "of_address"},
        {**rule(["a \"b\""], "fields.unit", tenant="acme")[0], "id": "of_field"},
        {**rule(["a \"b\""], "fields.unit")[0], "id": "of_another_tenant"},
    ]
    correlator = correlators(rules=rules)
    source = {"format": "json", "tenant": "acme"}
    detectors(settings={
        "redis": {"host": own_redis.host, "port": own_redis.port},
        "topics": {"detected_events": correlator.events_topic},
        "detector": {"sources": [
            {"topics": [logs], "logsource": {"service": "sshd"}, **source},
            {"topics": [silent_logs], "logsource": {"service": "nginx"}, **source}]}})

    def groups():
        kafka.produce(logs, [json.dumps({"source_ip": "[2001:db8::1]:443", "unit": "a \"b\""})])
        return {(a["rule_id"], *a["group"].values()) for a in alerts.alerts_of(kafka, correlator)}

    want = {("of_topic", silent_logs), ("of_service", "nginx"), ("of_address", "10.1.2.3"),
            ("of_another_tenant", "a \"b\"")}
    until("those that are silent are told", lambda: want <= groups())
    assert groups() == want


def test_redis_away_is_counted_and_told_later_and_emptied_it_begins_anew(
        kafka, watch, own_redis):
    _, both, seers = watch(rule(["gate-1", "gate-2"]), ["gate-1"])
    until("gate-2 is told", lambda: said(kafka, both[0]) == [("gate-2", 0, "new")])
    own_redis.stop()
    until("it is counted", lambda: all(
        d.metric("haechi_detector_last_seen_skipped_total") > 0 for d in seers))
    own_redis.start()  # emptied: it keeps nothing on disk
    until("it is asked for again", lambda: own_redis.client.hlen("haechi:expect") >= 6)
    until("gate-2 is told again", lambda: len(said(kafka, both[0])) == 2)
    assert said(kafka, both[0]) == [("gate-2", 0, "new")] * 2
    ids = {a["alert_id"] for a in alerts.alerts_of(kafka, both[0])}
    assert len(ids) == 2, "another silence, as far as Redis knows"
