"""What `haechi` shows on a terminal of what others wrote: never a byte that the terminal obeys."""

import json
import re

import pytest
from cli import Terminal, haechi

# What an operand can be; a log may have NUL too (test_cli_scan.py).
BYTES = b"nmap \x1b]0;owned\x07 \x9b31m \xc2\x9b31m \xff \x7f \xe2\x80\xae \r x"
OPERAND = BYTES.decode(errors="surrogateescape")
TEXT = BYTES.decode(errors="replace")  # as JSON can hold it


def shown(*words, status=0):
    """All that the terminal got, our colours apart."""
    terminal = Terminal(words)
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
