"""`haechi topics`, `events tail` and `alerts tail`, against a real Kafka."""

import json
import re
import select
import signal
import subprocess

from cli import environment, found, haechi
from events import fired
from servers import LIMIT, program, until


def test_topics_are_made_once_and_differences_told(own_kafka, tmp_path):
    config = tmp_path / "haechi.yaml"
    config.write_text(json.dumps({"kafka": {"bootstrap_servers": own_kafka.address}}))

    def create(*words, status=0):
        lines = haechi("topics", "create", "--config", config, *words, status=status).out
        return {row["topic"]: row for row in map(json.loads, lines.splitlines())}

    planned = create("--dry-run")
    assert {row["status"] for row in planned.values()} == {"would be created"}
    assert not set(planned) & set(own_kafka.admin.list_topics(timeout=LIMIT).topics)
    made = create()
    assert {row["status"] for row in made.values()} == {"created"} and set(made) == set(planned)
    until("all topics are there",
          lambda: set(made) <= set(own_kafka.admin.list_topics(timeout=LIMIT).topics))
    assert {row["status"] for row in create().values()} == {"exists"}
    changed = create("--partitions", 3)
    assert changed["detected-events"]["details"] == "partitions: 12, not 3"
    assert changed["detected-events"]["status"] == "differs"
    assert changed["compliance-findings"]["status"] == "exists"

    from confluent_kafka.admin import ConfigResource, ResourceType
    wanted = {"iocs": ("cleanup.policy", "compact"), "dead-letters": ("max.message.bytes", "4194304")}
    asked = [ConfigResource(ResourceType.TOPIC, name) for name in wanted]
    for resource, answer in own_kafka.admin.describe_configs(asked).items():
        name, value = wanted[resource.name]
        assert answer.result()[name].value == value


def test_a_topic_that_cannot_be_made_fails(own_kafka):
    run = haechi("topics", "create", "-b", own_kafka.address, "--replication", 3, status=1)
    rows = [json.loads(line) for line in run.out.splitlines()]
    assert {row["status"] for row in rows} == {"failed"}
    assert all("eplication" in row["details"] for row in rows)


def test_no_broker_is_told():
    for words in (["topics", "create"], ["events", "tail"], ["alerts", "tail"]):
        run = haechi(*words, "-b", "127.0.0.1:1", status=1)
        assert "127.0.0.1:1" in run.err and "refused" in run.err and run.err.count("\n") == 1


def test_a_cluster_without_a_controller_is_told_at_once():
    """librdkafka's mock cluster names a controller that is none of its brokers."""
    from confluent_kafka import Producer
    mock = Producer({"test.mock.num.brokers": 1})
    [broker] = mock.list_topics(timeout=LIMIT).brokers.values()
    run = haechi("topics", "create", "-b", f"{broker.host}:{broker.port}", status=1)
    assert "none of its brokers is the controller" in run.err and run.err.count("\n") == 1


def test_events_are_shown_once_and_chosen(kafka, topic, log):
    events = topic("events", partitions=3)
    lines = haechi("scan", log).out.splitlines()
    kafka.produce(events, [*lines, "junk"])
    words = ["events", "tail", "-b", kafka.address, "--topic", events, "--no-follow"]
    run = haechi(*words)
    assert sorted(run.out.splitlines()) == sorted(lines)
    assert "passed over: not JSON" in run.err
    chosen = haechi(*words, "--level", "critical", "--rule", "web_attacks.sql_injection",
                    "--rule", "web_attacks.xss")
    assert found(chosen) == {(2, "web_attacks.sql_injection")}
    assert len(haechi(*words, "--count", 1).out.splitlines()) == 1
    assert haechi(*words, "--from", "latest").out == ""
    assert len(haechi(*words, "--from", "1h").out.splitlines()) == 3
    assert haechi(*words, "--from", "2100-01-01T00:00:00Z").out == ""
    assert "there is no topic" in haechi(*words, "--topic", "no-such-topic", status=1).err


def topics_of_groups(kafka, known):
    """What groups read that are not among the known: other tests have some too."""
    fresh = {g.group_id for g in kafka.admin.list_consumer_groups().result().valid} - known
    if not fresh:
        return set()
    return {place.topic for described in kafka.admin.describe_consumer_groups(sorted(fresh)).values()
            for member in described.result(LIMIT).members
            for place in member.assignment.topic_partitions}


def test_tail_follows_without_a_group_until_interrupted(kafka, topic, log):
    events = topic("events")
    groups = {group.group_id for group in kafka.admin.list_consumer_groups().result().valid}
    process = subprocess.Popen([program("haechi"), "events", "tail", "-b", kafka.address, "--topic",
                                events, "--from", "earliest"], stdout=subprocess.PIPE,
                               env=environment())
    for line in haechi("scan", log).out.splitlines():
        kafka.produce(events, [line])
        assert select.select([process.stdout], [], [], LIMIT)[0], "nothing came"
        assert process.stdout.readline().decode() == line + "\n"
    assert events not in topics_of_groups(kafka, groups)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=LIMIT) == 0
    assert fired([json.loads(line) for line in haechi("scan", log).out.splitlines()])


# -- alerts

def alert(number, revision, **more):
    digits = f"{number:032x}"
    return {"alert_id": f"SEC-{digits}", "revision": revision, "timestamp": "2026-01-01T00:00:00.000Z",
            "severity": "HIGH", "title": f"Alert {number}", "rule_id": "brute_force",
            "event_count": 5 + revision, "count_exact": True, "tenant": "default",
            "status": ["new", "update", "resolved"][revision], "group": {"source_ip": "192.0.2.7"},
            "first_seen": f"2026-01-01T00:0{number}:00.000Z",
            "last_seen": f"2026-01-01T00:0{number}:{revision}0.000Z", **more}


def test_alerts_are_shown_chosen_and_folded(kafka, topic):
    alerts = topic("alerts", partitions=3)
    rows = [alert(2, 0), alert(1, 0, rule_id="event:web_attacks.xss", severity="MEDIUM"), alert(2, 1),
            alert(3, 0, tenant="acme"), alert(2, 2), alert(2, 1)]
    kafka.produce(alerts, [*map(json.dumps, rows), "junk"])
    words = ["alerts", "tail", "-b", kafka.address, "--topic", alerts]

    def shown(*more):
        return sorted((int(row["alert_id"][4:], 16), row["revision"])
                      for row in map(json.loads, haechi(*words, *more).out.splitlines()))

    assert shown("--no-follow") == [(1, 0), (2, 0), (2, 1), (2, 1), (2, 2), (3, 0)]
    assert shown("--latest") == [(1, 0), (2, 2), (3, 0)]
    assert shown("--latest", "--severity", "high") == [(2, 2), (3, 0)]
    assert shown("--latest", "--tenant", "acme") == [(3, 0)]
    assert shown("--latest", "--rule", "web_attacks.xss") == [(1, 0)]
    assert shown("--latest", "--rule", "event:web_attacks.xss", "--count", "1") == [(1, 0)]
    assert shown("--latest", "--count", "2") == [(2, 2), (3, 0)]
    assert shown("--latest", "--from", "latest") == []
    table = haechi(*words, "--latest", "--output", "table")
    assert re.search(r"resolved +7 +192.0.2.7 +Alert 2", table.out) and "update" not in table.out
    assert "passed over: not JSON" in table.err
