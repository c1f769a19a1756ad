"""The correlator's windows give what a slow model of the documentation gives (tests/model).

Random rules of every kind and random events; the events come shuffled within max_lateness, some of
them again and again, cut into batches of random sizes. The final alerts must be equal, in every field
that the promise covers, whichever way the events came.
"""

import datetime
import json
import os
import pathlib
import random
import subprocess
import sys
import uuid

import pytest

from servers import BUILD, cannot_run

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "model"))

import correlation  # noqa: E402

ROUNDS = int(os.environ.get("HAECHI_MODEL_ROUNDS", "60"))  # each of 8 sets of events, each in 3 orders
LATENESS = 60_000
START = 1_767_225_600_000  # 2026-01-01
HOUR = 3_600_000
TYPES = ["auth.failed", "auth.accepted", "web.sqli", "web.xss", "scan.port"]
COMPARED = ("rule_id", "tenant", "group", "group_key", "first_seen", "last_seen", "event_count",
            "event_ids", "event_types", "severity", "status", "continues", "source_ip", "target_ip",
            "user", "host")


def random_event(rng, n, moments):
    at = rng.choice(moments) + rng.choice([0, 0, 0, 1, 1000, 1000, 2000, rng.randrange(30_000)])
    return {
        "event_id": f"{rng.getrandbits(32):08x}-{n}", "event_time": at, "timestamp": at,
        "event_type": rng.choice(TYPES), "rule_id": rng.choice(["r.1", "r.2"]),
        "threat_level": rng.choice(correlation.LEVELS),
        "confidence_score": rng.choice([0.5, 0.7, 0.9]),
        "source_ip": rng.choice(["10.0.0.1", "10.0.0.1", "10.0.0.2", None]),
        "target_ip": rng.choice(["10.0.0.1", "10.1.0.1", None]),
        "user": rng.choice(["root", "adm", "bob", None]),
        "host": rng.choice(["web1", "web2", None]),
        "tenant": rng.choice(["default"] * 5 + ["acme"]),
        "mode": rng.choice(["alert"] * 9 + ["shadow"]),
        "fields": {"bytes": rng.choice(["1", "2.5", "-3.0005", "1e2", "1000", "x", ""]),
                   "port": rng.choice(["22", "80", "443", "8080"])},
    }


def random_moments(rng):
    """Where events crowd: anywhere in three hours, and at the edges of slots."""
    moments = [START + rng.randrange(3 * HOUR) // 1000 * 1000 for _ in range(rng.choice([2, 6, 15]))]
    return moments + [START + HOUR + rng.choice([-1, 0, 1, -1000, 1000]), START + 2 * HOUR - 1]


def random_condition(rng, kind):
    if kind == "temporal":
        return rng.choice([None, {"gte": 2}, {"gt": 1}])
    if kind in ("event_count", "value_count"):
        most = 7 if kind == "event_count" else 3
        condition = rng.choice([
            {"gte": rng.randint(1, most)}, {"gte": rng.randint(1, most)}, {"gt": rng.randint(0, most)},
            {"eq": rng.randint(1, 3)}, {"lt": rng.randint(2, 5)}, {"lte": rng.randint(1, 4)},
            {"neq": 2}, {"gt": 1, "lte": 5}, {"gte": 2, "lt": 4}, {"gte": 1, "neq": 3}])
    else:
        condition = rng.choice([{"gt": rng.choice([0, 2.5, 100])}, {"lt": 50}, {"gte": 1, "lt": 700.5}, {"gt": -5, "lte": 99},
                                {"neq": 1}, {"eq": 1}])
    if kind == "value_count":
        condition["field"] = rng.choice(["user", "fields.port", ["user", "host"], "target_ip"])
    elif kind.startswith("value_"):
        condition["field"] = "fields.bytes"
    if kind == "value_percentile":
        condition["percentile"] = rng.choice([1, 25, 50, 90, 99])
    return condition


def random_rule(rng, n, counts):
    kind = rng.choice(["event_count", "event_count", "value_count", "value_count", "value_sum",
                       "value_avg", "value_percentile", "temporal", "temporal_ordered",
                       "temporal_ordered"])
    group_by = rng.sample(["source_ip", "user", "host", "rule_id", "fields.port", "target_ip"],
                          rng.choice([0, 1, 1, 1, 2, 3]))
    rules = rng.sample(TYPES, rng.randint(2, 3)) if kind.startswith("temporal") else \
        rng.choice([[rng.choice(TYPES)], ["auth.*"], ["*"], rng.sample(TYPES, 2)])
    block = {"type": kind, "rules": rules, "group-by": group_by,
             "timespan": rng.choice(["1s", "10s", "1m", "5m", "20m", "90m", "1h", "1d"])}
    if rng.random() < 0.3:
        block["selections"] = {"some": {"rules": ["*"], "min_level": "MEDIUM",
                                        rng.choice(["where", "unless"]): {"user": ["root", "a*"]}}}
        block["rules"] = rules[1:] + ["some"]
        rng.shuffle(block["rules"])
    if rng.random() < 0.3 and (kind.startswith("temporal") or "*" not in str(block["rules"])):
        block["group-by"] = ["address"]
        block["aliases"] = {"address": {name: rng.choice(["source_ip", "target_ip"])
                                        for name in block["rules"]}}
    elif kind.startswith("temporal") and counts and rng.random() < 0.7:
        count = rng.choice(counts)
        block["group-by"] = count["correlation"]["group-by"]
        block["rules"][rng.randrange(len(block["rules"]))] = count[rng.choice(["id", "name"])]
        if "some" not in block["rules"]:
            block.pop("selections", None)
    condition = random_condition(rng, kind)
    if condition:
        block["condition"] = condition
    if len(block["rules"]) < 2 and kind.startswith("temporal"):
        return random_rule(rng, n, counts)
    rule = {"id": str(uuid.UUID(int=rng.getrandbits(128))), "name": f"rule-{n}", "title": "T",
            "correlation": block,
            "threat_level": rng.choice(correlation.LEVELS), "generate": rng.random() < 0.8}
    slot = rng.choice([None, "1m", "10m", "1h", "1d", "0"])
    return rule | ({"suppress": {"for": slot}} if slot else {})


def random_rules(rng):
    rules = []
    for n in range(8):
        counts = [r for r in rules if r["correlation"]["type"] in ("event_count", "value_count")
                  and sensible(r) and "aliases" not in r["correlation"]
                  and not {"lt", "lte", "eq", "neq"} & set(r["correlation"]["condition"])]
        rules.append(random_rule(rng, n, counts))
    return [r for r in rules if sensible(r)]


def sensible(rule):
    """What the loader refuses, since it can never hold."""
    block = rule["correlation"]
    condition = block.get("condition", {})
    if block["type"] == "value_count":
        fields = condition["field"] if isinstance(condition["field"], list) else [condition["field"]]
        return not set(fields) <= set(block["group-by"]) or condition.get("gte", 9) <= 1
    return not (block["type"] == "temporal_ordered" and "condition" in block)


def arrival(rng, events):
    """An order that lateness allows, with repeats, the last of which may be long after."""
    wait = rng.choice([0, 1000, LATENESS, LATENESS])
    timed = [(e["event_time"] + rng.randint(0, wait), rng.random(), e) for e in events]
    timed += [(at + rng.choice([0, 500, LATENESS, 2 * HOUR]), rng.random(), e)
              for at, _, e in timed if rng.random() < 0.2]
    return [e for _, _, e in sorted(timed, key=lambda item: item[:2])]


def moment(text):
    return round(datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1000)


def rfc3339(ms):
    at = datetime.datetime.fromtimestamp(ms // 1000, datetime.timezone.utc)
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{ms % 1000:03d}Z"


def as_line(event):
    return json.dumps(event | {name: rfc3339(event[name]) for name in ("event_time", "timestamp")})


def correlate(rules, streams, seed, folder, *options):
    """The alerts of each stream, from the program, in the order in which it sent them."""
    tool = BUILD / "tests" / "correlate"
    if not tool.exists():
        cannot_run(f"{tool} is not built")
    path = folder / f"rules-{seed}.yaml"
    one_each = "\n---\n".join(json.dumps(rule, indent=1) for rule in rules)  # documents of YAML
    path.write_text(one_each if seed % 2 else json.dumps(rules))
    lines = "".join("".join(as_line(e) + "\n" for e in events) + "---\n" for events in streams)
    done = subprocess.run([tool, path, str(seed), str(LATENESS), "20000", str(HOUR), *options],
                          input=lines, capture_output=True, text=True)
    assert done.returncode == 0, f"{done.stderr}\n{json.dumps(rules, indent=1)}"
    answers = [[json.loads(line) for line in part.splitlines()]
               for part in done.stdout.split("===\n")[:-1]]
    assert len(answers) == len(streams)
    return answers


def comparable(alert):
    if "several" not in alert:
        alert = alert | {"first_seen": moment(alert["first_seen"]),
                         "last_seen": moment(alert["last_seen"]),
                         "several": "multiple_attack_types" in alert["indicators"]}
    return {name: alert[name] for name in COMPARED + ("several",)}


def last_revisions(alerts):
    last = {}
    for alert in alerts:
        before = last.get(alert["alert_id"])
        assert alert["revision"] == (before["revision"] + 1 if before else alert["revision"])
        assert before or alert["revision"] == 0 or alert["revision"] == 1
        last[alert["alert_id"]] = alert
    return {key: comparable(alert) for key, alert in last.items()}


def difference(got, want):
    for key in sorted(got.keys() | want.keys()):
        if got.get(key) != want.get(key):
            return f"{key}\n got {got.get(key)}\nwant {want.get(key)}"
    return None


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_the_final_alerts_are_those_of_the_model_in_any_order(seed, tmp_path):
    rng = random.Random(seed)
    rules = random_rules(rng)
    settings = {"min_level": "HIGH", "suppress": HOUR, "types_window": 5 * 60_000}
    sets = []
    for _ in range(8):
        moments = random_moments(rng)
        sets.append([random_event(rng, n, moments) for n in range(rng.choice([5, 40, 120]))])
    orders = [arrival(rng, events) for events in sets for _ in range(3)]
    answers = correlate(rules, orders, seed, tmp_path, *rng.choice([[], ["--updates"]]))
    for i, events in enumerate(sets):
        want = {key: comparable(alert)
                for key, alert in correlation.correlate(rules, events, settings).items()}
        for answer in answers[3 * i:3 * i + 3]:
            wrong = difference(last_revisions(answer), want)
            assert wrong is None, f"{wrong}\nrules {json.dumps(rules)}"
