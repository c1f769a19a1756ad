"""Streams of events, and the alerts that came of them against those that the model gives."""

import json
import pathlib
import random
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "model"))

import correlation  # noqa: E402
from servers import until  # noqa: E402
from test_correlation_model import as_line, comparable, difference  # noqa: E402

MINUTE = 60_000
HOUR = 60 * MINUTE
START = 1_767_225_600_000  # 2026-01-01

FAILURES = {"failures": {"rules": ["auth.failed"], "unless": {"rule_id": "r.2"}}}
RULES = [
    {"id": "brute", "title": "T", "threat_level": "HIGH", "correlation": {
        "type": "event_count", "rules": ["failures"], "selections": FAILURES,
        "group-by": ["source_ip"], "timespan": "60s", "condition": {"gte": 5}}},
    {"id": "spray", "title": "T", "threat_level": "HIGH", "correlation": {
        "type": "value_count", "rules": ["auth.failed"], "group-by": ["source_ip"],
        "timespan": "10m", "condition": {"field": "user", "gte": 4}}},
    {"id": "one-user", "title": "T", "threat_level": "MEDIUM", "correlation": {
        "type": "value_count", "rules": ["auth.failed"], "group-by": ["user"],
        "timespan": "10m", "condition": {"field": "source_ip", "gte": 10}}},
    {"id": "success", "title": "T", "threat_level": "CRITICAL", "correlation": {
        "type": "temporal_ordered", "rules": ["brute", "auth.accepted"],
        "group-by": ["source_ip"], "timespan": "10m"}},
    {"id": "recon", "title": "T", "threat_level": "CRITICAL", "correlation": {
        "type": "temporal_ordered", "rules": ["scan.port", "web.*"],
        "group-by": ["source_ip"], "timespan": "30m"}, "suppress": {"for": "10m"}},
    {"id": "burst", "title": "T", "threat_level": "MEDIUM", "correlation": {
        "type": "event_count", "rules": ["web.*"], "group-by": ["rule_id"],
        "timespan": "10s", "condition": {"gte": 4}}},
]
TYPES = {"auth.failed": 12, "auth.accepted": 2, "scan.port": 3, "web.sqli": 2, "web.xss": 1}
LEVELS = {"auth.failed": "MEDIUM", "auth.accepted": "LOW", "scan.port": "LOW", "web.sqli": "HIGH",
          "web.xss": "CRITICAL"}
SETTINGS = {"min_level": "HIGH", "suppress": HOUR, "types_window": 5 * MINUTE}


def stream(seed, count, entities=10_000, hours=3):
    """Events of so many addresses, Zipf-shaped: a few make most of them. In the order of their time;
    equal times, the edges of slots and one crowded group are among them."""
    rng = random.Random(seed)
    addresses = [f"10.{i >> 16 & 255}.{i >> 8 & 255}.{i & 255}" for i in range(entities)]
    weights = [1 / (i + 10) for i in range(entities)]
    edges = [START + hour * HOUR + off for hour in range(1, hours) for off in (-1, 0, 1, -1000)]
    events = []
    for n, address in enumerate(rng.choices(addresses, weights, k=count)):
        at = START + rng.randrange(hours * HOUR) // 100 * 100
        if rng.random() < 0.02:
            at = rng.choice(edges)
        kind = rng.choices(list(TYPES), list(TYPES.values()))[0]
        if rng.random() < 0.6 and events:  # attacks come in bursts
            last = events[-1]
            address, at = last["source_ip"], last["event_time"] + rng.choice([0, 1000, 5000])
            kind = last["event_type"] if rng.random() < 0.8 else kind
        events.append({
            "event_id": f"{rng.getrandbits(96):024x}{n:08x}", "event_time": at, "timestamp": at,
            "event_type": kind, "rule_id": rng.choice(["r.1"] * 5 + ["r.2"]),
            "threat_level": LEVELS[kind], "confidence_score": 0.5, "source_ip": address,
            "target_ip": None, "user": f"user{rng.randrange(12)}", "host": "web1",
            "tenant": rng.choice(["default"] * 9 + ["acme"]), "mode": "alert",
            "payload": f"log {n}", "fields": {}})
    return sorted(events, key=lambda e: e["event_time"])


def shuffled(seed, events, lateness):
    """As they might arrive: none later than `lateness` behind one that came before it."""
    rng = random.Random(seed)
    return [e for _, _, e in sorted((e["event_time"] + rng.randrange(lateness), n, e)
                                    for n, e in enumerate(events))]


def produce(kafka, topic, events, partition=None):
    kafka.produce(topic, [as_line(e) for e in events], partition=partition)


def expected(events, rules=None):
    return {key: comparable(alert) for key, alert in
            correlation.correlate(rules or RULES, events, SETTINGS).items()}


def alerts_of(kafka, worker):
    return [json.loads(record.value) for record in kafka.read(worker.alerts_topic)]


def last_revisions(alerts):
    """Of each alert the last that was said. Copies of a revision may differ in number: the same is
    sent again where it is not known whether it was. Revision 0 is among them."""
    last, first = {}, set()
    for alert in alerts:
        key = alert["alert_id"]
        first |= {key} if alert["revision"] == 0 else set()
        if key not in last or alert["revision"] >= last[key]["revision"]:
            last[key] = alert
    assert first == set(last), "an alert without its revision 0"
    return {key: comparable(alert) for key, alert in last.items()}


def timers_left(redis):
    return sum(redis.client.zcard(f"haechi:{{b{tag:02x}}}:due") for tag in range(256))


def until_right(kafka, worker, want):
    """Waits until the final alerts are those wanted."""
    def is_right():
        problem = difference(last_revisions(alerts_of(kafka, worker)), want)
        assert problem is None, problem
        return True
    until("the alerts are those of the model", is_right)
