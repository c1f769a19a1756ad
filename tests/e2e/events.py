"""What came out against what must, by identity."""

import hashlib
import json


def events_of(records):
    """Events written as JSON."""
    return [json.loads(record.value) for record in records]


def event_id(cluster, where, timestamp, rule_id, index=0):
    """The id that schemas/README.md gives the event of a rule on the record at `where`: computed here a
    second time, on purpose without our code."""
    topic, partition, offset = where
    parts = (cluster, topic, partition, offset, timestamp, index, rule_id)
    return hashlib.md5("\0".join(str(part) for part in parts).encode()).hexdigest()


def origin_of(event):
    origin = event["origin"]
    return origin["topic"], origin["partition"], origin["offset"]


def dead_letters(records):
    """{where the log was: its dead letter}"""
    return {(record.headers["haechi.topic"].decode(), int(record.headers["haechi.partition"]),
             int(record.headers["haechi.offset"])): record for record in records}


def fired(events):
    """{(where the log was, rule_id)}"""
    return {(origin_of(event), event["rule_id"]) for event in events}


def assert_same_identities(got, wanted, what="events"):
    """Both are sets. Shows what is lost and what was invented, not two long sets."""
    lost, invented = wanted - got, got - wanted
    assert not lost and not invented, (
        f"{what}: {len(lost)} of {len(wanted)} lost, as {sorted(lost)[:3]}; "
        f"{len(invented)} invented, as {sorted(invented)[:3]}")


def assert_doubles_are_redeliveries(events):
    """An event that is there twice has the same id both times, and the same fields but those that
    come from look-ups and the clock."""
    changing = {"detected_at", "context", "confidence_score", "indicators"}
    seen = {}
    for event in events:
        fixed = {key: value for key, value in event.items() if key not in changing}
        key = (origin_of(event), event["origin"].get("index", 0), event["rule_id"])
        assert seen.setdefault(key, fixed) == fixed, f"two different events of {key}"
    ids = [event["event_id"] for event in seen.values()]
    assert len(ids) == len(set(ids)), "different logs or rules share an event_id"


def assert_not_doubled(events):
    ids = [event["event_id"] for event in events]
    assert len(ids) == len(set(ids)), f"{len(ids) - len(set(ids))} events are doubled"
