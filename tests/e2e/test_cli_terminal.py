"""What `haechi` shows on a terminal: never a byte of others that it obeys, and tables that fit."""

import json
import re

import pytest
from cli import Terminal, haechi

# What an operand can be; a log may have NUL too (test_cli_scan.py).
BYTES = b"nmap \x1b]0;owned\x07 \x9b31m \xc2\x9b31m \xff \x7f \xe2\x80\xae \r x"
OPERAND = BYTES.decode(errors="surrogateescape")
TEXT = BYTES.decode(errors="replace")  # as JSON can hold it


def shown(*words, status=0, width=100):
    """All that the terminal got, our colours apart."""
    terminal = Terminal(words, width=width)
    assert terminal.finish() == status, terminal.text
    text = re.sub(r"\x1b\[[0-9;]*m", "", terminal.text)
    bad = re.findall(r"[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\u202e]|\r(?!\n)", text)
    assert not bad, (words, bad, text)
    return text


@pytest.mark.parametrize("output", ["table", "json"])
def test_of_files(tmp_path, output):
    feed = tmp_path / "feed"
    feed.write_text(f"value,threat_type,type\n{TEXT},c2,ip\nbad.example,{TEXT},domain\n".replace("\r", ""))
    out = ["-o", output]
    assert "owned" in shown("ioc", "explain", *out, OPERAND, status=1)
    assert "owned" in shown("ioc", "import", *out, "-f", "csv", "--dry-run", feed)
    assert "owned" in shown("ioc", "import", *out, "-f", "csv", "--refused", feed)
    rules = tmp_path / "rules.yaml"
    rules.write_text(json.dumps({"category": "own", "rules": [
        {"id": "x", "title": TEXT, "threat_level": "LOW", "confidence": 0.5, "patterns": ["nmap"],
         "tests": [{"log": f"nmap {TEXT}", "match": False}]}]}))
    assert "owned" in shown("rules", "list", *out, "--rules", rules)
    assert "owned" in shown("rules", "test", rules, status=1)


def test_of_operands(tmp_path):
    key = tmp_path / "key"
    key.write_text("ab" * 64)
    assert "owned" in shown("reveal", "-k", key, OPERAND)
    assert haechi("reveal", "-k", key, OPERAND).stdout == BYTES + b"\n"
    shown("rules", "explain", "network_attacks.port_scan", OPERAND)
    shown("rules", "check", OPERAND, status=1)
    shown("scan", OPERAND, status=1)


@pytest.mark.parametrize("output", ["table", "json"])
def test_of_topics(kafka, topic, tmp_path, output):
    log = tmp_path / "log"
    log.write_bytes(BYTES + b"\n")
    [event] = [json.loads(line) for line in haechi("scan", log).out.splitlines()]
    alert = {"alert_id": "SEC-1", "revision": 0, "timestamp": "2026-01-01T00:00:00.000Z",
             "severity": "HIGH", "title": TEXT, "rule_id": TEXT, "description": TEXT, "tenant": TEXT,
             "group": {"user": TEXT}, "raw_payload": TEXT, "indicators": [TEXT],
             "recommended_actions": [TEXT], "event_ids": [event["event_id"]]}
    receipt = {"alert_id": "SEC-1", "target": TEXT, "status": "dead", "reason": TEXT}
    rows = {"alerts": alert, "events": event, "deliveries": receipt}
    names = {kind: topic(kind, partitions=1) for kind in [*rows, "dead", "iocs"]}
    for kind, row in rows.items():
        kafka.produce(names[kind], [json.dumps(row), f"no JSON: {TEXT}"])
    kafka.produce(names["dead"], [BYTES], keys=[BYTES], headers=[
        (f"haechi.{name}", BYTES) for name in ("reason", "error", "service", "target", "topic")])
    config = tmp_path / "haechi.yaml"
    config.write_text(json.dumps({
        "kafka": {"bootstrap_servers": kafka.address},
        "topics": {"correlated_alerts": names["alerts"], "detected_events": names["events"],
                   "siem_deliveries": names["deliveries"], "dead_letters": names["dead"],
                   "iocs": names["iocs"]}}))
    more = ["-c", config, "-o", output]

    assert "owned" in shown("events", "tail", "--no-follow", *more)
    assert "owned" in shown("alerts", "tail", "--no-follow", *more)
    assert shown("alerts", "show", "SEC-1", *more).count("owned") >= 7
    assert "owned" in shown("deliveries", *more)
    assert "owned" in shown("dead-letters", "list", *more)
    assert "owned" in shown("dead-letters", "show", "0:0", "-c", config)
    assert "owned" in shown("dead-letters", "show", "0:0", "--value", "-c", config)
    assert haechi("dead-letters", "show", "0:0", "--value", "-c", config).stdout == BYTES
    haechi("ioc", "add", "--threat-type", OPERAND, "--source", OPERAND, "bad.example", "-c", config)
    for format in ("json", "csv", "stix", "txt"):
        assert "bad.example" in shown("ioc", "export", "-f", format, "-c", config)


def test_of_redis(kafka, own_redis, topic, tmp_path):
    config = tmp_path / "haechi.yaml"
    config.write_text(json.dumps({
        "kafka": {"bootstrap_servers": kafka.address}, "topics": {"iocs": topic("iocs")},
        "redis": {"host": own_redis.host, "port": own_redis.port}}))
    own_redis.client.hset("haechi:{ioc}:feeds", "bad", json.dumps(
        {"feed": TEXT, "iocs": 1, "error": TEXT}, ensure_ascii=False))
    for output in ("table", "json"):
        assert "owned" in shown("ioc", "feeds", "list", "-o", output, "-c", config)
    assert "owned" in shown("ioc", "stats", "-c", config)
    assert "owned" in shown("windows", "show", OPERAND, "--tenant", OPERAND, "-c", config)


def rows_at_80(*words):
    head, *rows = shown(*words, width=80).splitlines()
    assert max(map(len, [head, *rows])) <= 80
    return head.split(), rows


def test_rules_are_told_apart_on_a_narrow_terminal():
    for words in (["rules", "list"], ["correlations", "list"]):
        objects = [json.loads(line) for line in haechi(*words).out.splitlines()]
        head, rows = rows_at_80(*words)
        assert [row.split()[0] for row in rows] == [o.get("rule_id", o.get("id")) for o in objects]
        assert "LEVEL" in head and "MODE" not in head


def test_records_are_told_apart_on_a_narrow_terminal(kafka, topic, tmp_path):
    names = {kind: topic(kind, partitions=1) for kind in ("alerts", "events", "deliveries", "dead")}
    config = tmp_path / "haechi.yaml"
    config.write_text(json.dumps({
        "kafka": {"bootstrap_servers": kafka.address},
        "topics": {"correlated_alerts": names["alerts"], "detected_events": names["events"],
                   "siem_deliveries": names["deliveries"], "dead_letters": names["dead"]}}))
    id, other = "SEC-0123456789abcdef" + "0" * 16, "SEC-0123456789abcdef" + "1" * 16
    alert = {"alert_id": id, "revision": 1, "timestamp": "2026-01-01T00:00:00.000Z",
             "first_seen": "2026-01-01T00:00:00.000Z", "status": "update", "severity": "CRITICAL",
             "title": "Many log-ins", "group": {"source_ip": "203.0.113.255"}, "event_count": 7}
    kafka.produce(names["alerts"], [json.dumps(alert)])
    kafka.produce(names["deliveries"], [json.dumps(
        {"alert_id": id, "target": target, "status": status, "reason": "no " * 30,
         "delivered_at": "2026-01-31T13:55:36.000Z"})
        for target, status in (("siem", "dead"), ("other", "delivered"))])
    kafka.produce(names["dead"], ["x"], headers=[
        ("haechi.reason", "target_refused"), ("haechi.error", "no " * 30), ("haechi.target", "siem"),
        ("haechi.topic", names["alerts"]), ("haechi.service", "forwarder")])

    def table(*words):
        return rows_at_80(*words, "-c", config)

    head, [row] = table("alerts", "tail", "--no-follow")
    assert re.search(r"^01-01 00:00:00 +01234567 +CRITICAL +update +203.0.113.255 +Many log-ins", row)
    head, rows = table("deliveries")
    assert re.search(r"^01-31 13:55:36 +01234567 +0 +siem +dead +no no", rows[0]) and len(rows) == 2
    head, [row] = table("dead-letters", "list")
    assert " 0:0 " in row and " target_refused " in row and " siem " in row

    # What the tables show is what commands take.
    def ids(*words):
        run = haechi(*words, "-c", config)
        return [json.loads(line)["alert_id"] for line in run.out.splitlines()]

    for name in ("01234567", "SEC-01234567", id):
        assert ids("alerts", "show", name) == [id]
        assert ids("deliveries", name, "--dead") == [id]
    for words in (["alerts", "show", "0123456"], ["deliveries", "0123456"]):
        assert "0123456" in haechi(*words, "-c", config, status=1).err
    kafka.produce(names["alerts"], [json.dumps({**alert, "alert_id": other})])
    kafka.produce(names["deliveries"], [json.dumps({"alert_id": other, "target": "siem"})])
    for words in (["alerts", "show", "01234567"], ["deliveries", "01234567"]):
        assert f"'01234567' is the start of several ids: {id}, {other}" in haechi(
            *words, "-c", config, status=1).err
    assert ids("alerts", "show", other[:30]) == [other]


def test_alerts_without_a_receipt_are_named(kafka, topic):
    receipts = topic("deliveries", partitions=1)
    kafka.produce(receipts, [json.dumps({"alert_id": "SEC-1", "target": "siem", "status": "delivered"})])

    def run(*words, status):
        run = haechi("deliveries", "-b", kafka.address, "--topic", receipts, *words, status=status)
        return run.out.count("\n"), run.err

    assert run("SEC-1", status=0) == (1, "")
    assert run("SEC-1", "--dead", status=0) == (0, ""), "it has arrived"
    for words in (["SEC-1", "SEC-2"], ["SEC-2", "SEC-1", "--dead"]):
        rows, err = run(*words, status=1)
        assert err.startswith("haechi deliveries: SEC-2: no such receipt") and err.count("\n") == 1
    assert "SEC-1: no such receipt" in run("SEC-1", "--target", "other", status=1)[1]
    assert run("SEC-1", "SEC-2", "--count", "1", status=0) == (1, "")
