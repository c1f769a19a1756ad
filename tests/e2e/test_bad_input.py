"""Hostile logs, wrong settings, servers that go away: nothing is lost, and what is wrong is said."""

import json
import random
import signal
import socket
import subprocess

import pytest

from events import assert_same_identities, dead_letters, events_of, fired, origin_of
from iocfeed import IocFeed
from servers import LIMIT, free_port, need, program, unique, until

ATTACK = "GET /?id=1 UNION SELECT {}"
SQL = "web_attacks.sql_injection"
MIB = 1 << 20


def attack(n):
    return json.dumps({"message": ATTACK.format(n), "client_ip": "192.0.2.7"}).encode()


def nested(depth):
    return b'{"a":' * (depth - 1) + b'{"message":"deep"}' + b"}" * (depth - 1)


def json_of_size(size, attack_too=True):
    head = b'{"message": "' + (ATTACK.format(0).encode() if attack_too else b"") + b'", "pad": "'
    return head + b"x" * (size - len(head) - 2) + b'"}'


# name, log, reason it is refused for (None: it is a log like any other), whether a rule fires on it
LOGS = [
    ("exactly the limit", json_of_size(MIB), None, True),
    ("a byte over the limit", json_of_size(MIB + 1), "too_large", False),
    ("64 deep", nested(64), None, False),
    ("65 deep", nested(65), "too_deep", False),
    ("10,000 deep", nested(10000), "too_deep", False),
    ("cut off", b'{"message": "GET /', "invalid", False),
    ("no JSON", b"GET / UNION SELECT 1", "invalid", False),
    ("a list", b'["union select"]', "invalid", False),
    ("a lone surrogate", b'{"message": "1 union select \\ud800 x"}', "invalid", False),
    ("invalid UTF-8", b'{"message": "1 union select \xff\xfe\xc0\x80"}', None, True),
    ("escaped NUL", b'{"message": "a\\u0000b union select 1"}', None, True),
    ("bare NUL", b'{"message": "a\x00b"}', None, False),
    ("10,000 fields", json.dumps({**{f"f{n}": n for n in range(10000)},
                                  "message": ATTACK.format(1)}).encode(), None, True),
    ("the same field 1,000 times", b"{" + b'"a":1,' * 1000 + b'"message":"1 union select 2"}',
     None, True),
    ("a number beyond all types", b'{"message": "1 union select 2", "n": 1e999999}', None, None),
    ("empty object", b"{}", None, False),
]


def conserved(detector):
    """consumed = outcomes + in flight, and nothing is in flight when all is committed."""
    consumed = detector.metric("haechi_detector_logs_consumed_total")
    settled = detector.metric("haechi_detector_logs_total")
    in_flight = detector.metric("haechi_detector_logs_in_flight") or 0
    assert (consumed, in_flight) == (settled, 0), f"{consumed} consumed, {settled} settled"
    return consumed


def test_hostile_logs_among_good_ones_are_events_or_whole_dead_letters(kafka, topic, detectors):
    logs = topic("logs", max_message_bytes=4 * MIB)
    detector = detectors(logs, format="json")
    batch = []
    for n, (_, log, _, _) in enumerate(LOGS):
        batch += [attack(n), log]
    places = kafka.produce(logs, batch, keys=[f"key{n}" for n in range(len(batch))],
                           headers=[("shipper", b"test \xff")])
    kafka.wait_done(detector.group, logs)

    got = fired(events_of(kafka.read(detector.events_topic)))
    assert {(where, SQL) for where in places[::2]} <= got, "a good log among the hostile was lost"
    dead = dead_letters(kafka.read(detector.dead_topic))
    for n, (name, log, reason, fires) in enumerate(LOGS):
        where = places[2 * n + 1]
        letter = dead.pop(where, None)
        if reason is None:
            assert letter is None, f"{name}: refused: {letter and letter.headers}"
        else:
            assert letter is not None, f"{name}: lost"
            assert letter.headers["haechi.reason"] == reason.encode(), f"{name}: {letter.headers}"
            assert letter.value == log, f"{name}: not whole"
            assert letter.key == f"key{2 * n + 1}".encode(), name
            assert letter.headers["shipper"] == b"test \xff", name
            assert letter.headers["haechi.service"] == b"detector", name
            assert len(letter.headers["haechi.error"]) > 10, name
        if fires is not None:
            assert ((where, SQL) in got) == fires, f"{name}: events {got}"
    assert not dead, f"dead letters of nothing: {dead}"
    assert conserved(detector) == len(batch)


@pytest.mark.parametrize("format", ["auto", "clf", "syslog", "plain"])
def test_bytes_of_any_kind_are_events_or_dead_letters_in_every_format(
        kafka, topic, detectors, format):
    logs = topic("logs")
    detector = detectors(logs, format=format)
    batch = [log for _, log, _, _ in LOGS if len(log) < MIB - 1000]
    batch += [bytes(range(256)), b"\x00" * 1000, b"\xff" * 1000, b"a" * 900000, b"<", b"<13>",
              b"[" * 1000, b'"' * 1000, b"1 2 3 [", b" "]
    places = kafka.produce(logs, batch)
    kafka.wait_done(detector.group, logs)
    assert conserved(detector) == len(batch)
    dead = dead_letters(kafka.read(detector.dead_topic))
    for where, log in zip(places, batch):
        assert where not in dead or dead[where].value == log
    assert len(dead) == detector.metric("haechi_detector_logs_total", outcome="dead_lettered")


def test_an_event_too_large_for_its_topic_sends_its_log_to_dead_letters(kafka, topic, detectors):
    logs = topic("logs", partitions=1)
    # The broker judges a batch of records as a whole: the small ones beside it must not suffer.
    detector = detectors(logs, format="json", topics=False, start=False, max_raw_bytes="1MiB")
    kafka.create(detector.events_topic, max_message_bytes=100000)
    kafka.create(detector.dead_topic, max_message_bytes=4 * MIB)
    detector.start()
    noise = random.Random(1).randbytes(200000).hex()  # or compression would make it small
    large = json.dumps({"message": ATTACK.format(0), "noise": noise}).encode()
    places = kafka.produce(logs, [attack(1), large, attack(2)])
    kafka.wait_done(detector.group, logs)
    assert fired(events_of(kafka.read(detector.events_topic))) == {(places[0], SQL),
                                                                    (places[2], SQL)}
    [letter] = kafka.read(detector.dead_topic)
    assert letter.headers["haechi.reason"] == b"broker_refused"
    assert letter.value == large


def test_a_wrong_broker_address_shows_in_readyz_and_in_the_log(detectors):
    port = free_port()
    detector = detectors("any", topics=False, start=False,
                         settings={"kafka": {"bootstrap_servers": f"127.0.0.1:{port}"}})
    detector.start(ready=False)

    def said():
        status, text = detector.readyz()
        return status == 503 and "kafka" in text
    until("/readyz says that Kafka cannot be reached", said)
    until("the log names the address", lambda: str(port) in detector.text_log())
    assert detector.healthz()[0] == 200
    assert detector.stop() == 0


def test_a_port_that_is_taken_stops_the_start_and_is_named(detectors):
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        s.listen()
        port = s.getsockname()[1]
        detector = detectors("any", topics=False, start=False)
        detector.settings["detector"]["metrics"]["port"] = port
        detector.write_settings()
        detector.start(ready=False)
        assert detector.wait_end() in (1, 2)
        assert str(port) in detector.text_log()


@pytest.mark.parametrize("wrong, said", [
    ("kafka:\n  bootstrap_server: x\n", ["2", "bootstrap_server", "bootstrap_servers"]),
    ("detector:\n  max_log_bytes: 1000000000000\n", ["2", "max_log_bytes", "64"]),
    ("detector:\n  batch:\n    max_messages: many\n", ["3", "max_messages", "many"]),
    ("redis:\n  on_failure: explode\n", ["2", "on_failure", "degrade", "pause"]),
    ("topics: [\n", ["2"]),
    ("detector:\n  rules: [/does/not/exist.yaml]\n", ["/does/not/exist.yaml"]),
    ("detector:\n  sources:\n  - topics: [a, detected-events]\n",
     ["3", "detector.sources[0].topics[1]", "topics.detected_events"]),
], ids=["unknown key", "out of bounds", "wrong type", "no such choice", "no YAML", "no such file",
        "its own output"])
def test_wrong_settings_are_refused_in_one_sentence(tmp_path, wrong, said):
    file = tmp_path / "haechi.yaml"
    file.write_text(wrong)
    done = subprocess.run([program("haechi-detector"), "--config", file, "--check"],
                          capture_output=True, text=True, timeout=LIMIT)
    assert done.returncode == 2, done.stderr
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    for part in said:
        assert part in done.stderr


MANY = """\
kafka:
  properties:
    security.protocl: SSL
    linger.ms: soon
topics:
  raw_logs: ['^(']
detector:
  sources:
    - topics: [logs, '^[a']
      format: jsn
      timezone: Mars/Olympus
  max_log_bytes: 5
corelator: {}
"""

SAID = [
    (3, "kafka.properties.security.protocl", "did you mean 'security.protocol'?"),
    (4, "kafka.properties.linger.ms", "'soon'"),
    (6, "topics.raw_logs[0]", "'^(' is not a regular expression"),
    (9, "detector.sources[0].topics[1]", "'^[a' is not a regular expression"),
    (10, "detector.sources[0].format is 'jsn'", "auto, json, clf, syslog or plain"),
    (11, "detector.sources[0].timezone", "no time zone 'Mars/Olympus'"),
    (12, "detector.max_log_bytes is '5'", "from 1KiB to 64MiB"),
    (13, "unknown section 'corelator'", "did you mean 'correlator'?"),
]


def assert_all_said(done, file, said):
    assert done.returncode == 2, done.stderr
    lines = done.stderr.strip().splitlines()
    assert len(lines) >= len(said), done.stderr
    for got, (line, key, words) in zip(lines, said):
        assert f"{file}:{line}: {key}" in got and words in got, got


def test_all_mistakes_of_a_file_are_told_each_with_its_line(tmp_path):
    file = tmp_path / "haechi.yaml"
    file.write_text(MANY)
    done = subprocess.run([program("haechi-detector"), "--config", file], capture_output=True,
                          text=True, timeout=LIMIT)
    assert_all_said(done, file, SAID)
    assert len(done.stderr.strip().splitlines()) == len(SAID), done.stderr
    # The command line reads what all programs share, and says it in the same way.
    done = subprocess.run([program("haechi"), "topics", "create", "--config", file],
                          capture_output=True, text=True, timeout=LIMIT)
    assert_all_said(done, file, [row for row in SAID if row[0] < 9 or row[0] == 13])
    assert "4 mistakes" in done.stderr, done.stderr


def rule_file(path, name, pattern):
    path.write_text(f"category: custom\nrules:\n  - id: {name}\n    title: A test's own\n"
                    f"    threat_level: HIGH\n    confidence: 0.5\n    patterns: ['{pattern}']\n")


def test_a_reload_changes_the_rules_and_a_bad_one_leaves_them(kafka, topic, detectors, tmp_path):
    rules = tmp_path / "custom.yaml"
    rule_file(rules, "word", "firstword")
    logs = topic("logs")
    detector = detectors(logs, format="plain", rules=[str(rules)])
    wanted = set()

    def expect(text, *ids):
        [where] = kafka.produce(logs, [text], partition=0)
        kafka.wait_done(detector.group, logs)
        wanted.update((where, id) for id in ids)

    expect("firstword secondword", "custom.word")
    rule_file(rules, "word", "secondword")
    detector.reload()
    until("the new rules are in force", lambda: detector.log("reloaded"))
    expect("firstword")
    expect("secondword", "custom.word")

    rule_file(rules, "word", "(unclosed")
    detector.reload()
    # Twice, if it is noticed by itself before the signal comes.
    failed = until("the bad file is reported", lambda: detector.log("reload_failed"))[0]
    assert "custom.yaml" in failed["error"], failed
    assert detector.metric("haechi_detector_reloads_total", result="failed") >= 1
    expect("secondword again", "custom.word")
    assert_same_identities(fired(events_of(kafka.read(detector.events_topic))), wanted)


def geo_database():
    """The smallest in MaxMind's format: it knows no address."""
    def word(text):
        return bytes([0x40 | len(text)]) + text.encode()

    def number(name, kind, value):
        return word(name) + (bytes([2, kind - 7]) if kind > 7 else bytes([kind << 5 | 2])) \
            + value.to_bytes(2, "big")

    return (b"\0\0\1\0\0\1" + bytes(16) + b"\xe0" + b"\xab\xcd\xefMaxMind.com" + b"\xe9"
            + number("node_count", 6, 1) + number("record_size", 5, 24)
            + number("ip_version", 5, 4) + number("binary_format_major_version", 5, 2)
            + number("binary_format_minor_version", 5, 0) + number("build_epoch", 9, 1)
            + word("database_type") + word("Test") + word("languages") + b"\0\4"
            + word("description") + b"\xe0")


def test_a_reload_with_a_bad_database_leaves_the_rules_too(kafka, topic, detectors, tmp_path):
    """All or nothing: what the log says stays in force, stays."""
    rules, places = tmp_path / "custom.yaml", tmp_path / "places.mmdb"
    rule_file(rules, "word", "firstword")
    places.write_bytes(geo_database())
    logs = topic("logs")
    detector = detectors(logs, format="plain", rules=[str(rules)],
                         geo={"databases": [str(places)]})
    (tmp_path / "bad").write_bytes(b"no database")
    (tmp_path / "bad").rename(places)
    rule_file(rules, "word", "secondword")
    failed = until("the bad database is reported", lambda: detector.log("reload_failed"))[0]
    assert "places.mmdb" in failed["error"], failed
    sent = kafka.produce(logs, ["firstword", "secondword"], partition=0)
    kafka.wait_done(detector.group, logs)
    assert_same_identities(fired(events_of(kafka.read(detector.events_topic))),
                           {(sent[0], "custom.word")})


def test_without_redis_events_go_on_and_say_that_they_lack_it(
        kafka, topic, detectors, own_redis):
    logs = topic("logs")
    detector = detectors(logs, format="json", redis_server=own_redis)
    full = kafka.produce(logs, [attack(n) for n in range(10)])
    kafka.wait_done(detector.group, logs)
    own_redis.stop()
    degraded = kafka.produce(logs, [attack(n) for n in range(10, 20)])
    kafka.wait_done(detector.group, logs)
    own_redis.start()
    until("Redis is found again", lambda: kafka.produce(logs, [attack(20)]) and _enriched(
        kafka, detector, logs) > 10)

    kind = {}
    for event in events_of(kafka.read(detector.events_topic)):
        kind[origin_of(event)] = event["context"]["enrichment"].lower()
    assert {kind[where] for where in full} == {"full"}
    assert {kind[where] for where in degraded} == {"degraded"}


def _enriched(kafka, detector, logs):
    kafka.wait_done(detector.group, logs)
    return sum(event["context"]["enrichment"].lower() == "full"
               for event in events_of(kafka.read(detector.events_topic)))


def test_paused_without_redis_nothing_is_lost_and_it_goes_on_by_itself(
        kafka, topic, detectors, own_redis):
    logs = topic("logs")
    detector = detectors(logs, format="json", redis_server=own_redis,
                         settings={"redis": {"on_failure": "pause"}})
    own_redis.stop()
    places = kafka.produce(logs, [attack(n) for n in range(50)])
    until("/readyz names Redis", lambda: "redis" in detector.readyz()[1].lower()
          and detector.readyz()[0] == 503)
    assert not kafka.read(detector.events_topic)
    own_redis.start()
    kafka.wait_done(detector.group, logs)
    events = events_of(kafka.read(detector.events_topic))
    assert_same_identities(fired(events), {(where, SQL) for where in places})
    assert {event["context"]["enrichment"].lower() for event in events} == {"full"}
    detector.wait_ready()


def assert_prometheus_reads(worker):
    [promtool] = need("promtool")
    done = subprocess.run([promtool, "check", "metrics"], input=worker.metrics_text(), text=True,
                          capture_output=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", ""), worker.name


def test_metrics_are_what_prometheus_reads(kafka, topic, detectors, correlators, forwarders,
                                           tmp_path, own_redis):
    logs = topic("logs")
    detector = detectors(logs, format="json")
    kafka.produce(logs, [attack(1), b"{"])
    kafka.wait_done(detector.group, logs)
    assert_prometheus_reads(detector)
    correlator = correlators(detector.events_topic)
    kafka.wait_done(correlator.group, detector.events_topic)
    assert_prometheus_reads(correlator)
    forwarder = forwarders({"name": "file", "type": "file", "path": str(tmp_path / "alerts")})
    assert_prometheus_reads(forwarder)
    values = tmp_path / "values"
    values.write_text("192.0.2.66\n")
    iocfeed = IocFeed("iocfeed", tmp_path, {
        "kafka": {"bootstrap_servers": kafka.address},
        "redis": {"host": own_redis.host, "port": own_redis.port},
        "topics": {"iocs": kafka.create(unique("iocs"), 4, cleanup_policy="compact")},
        "iocfeed": {"feeds": [{"name": "own", "format": "txt", "file": str(values)}]}})
    try:
        iocfeed.start()
        until("it has published", lambda: iocfeed.log("feed_published"))
        assert_prometheus_reads(iocfeed)
    finally:
        iocfeed.kill()


def test_a_second_signal_ends_at_once(kafka, topic, detectors, own_redis):
    logs = topic("logs")
    detector = detectors(logs, format="json", redis_server=own_redis,
                         settings={"redis": {"on_failure": "pause"}})
    own_redis.stop()
    kafka.produce(logs, [attack(n) for n in range(10)])
    until("it is held up", lambda: detector.readyz()[0] == 503)
    detector.process.send_signal(signal.SIGTERM)
    until("it is stopping", lambda: detector.log("stopping"))
    if detector.is_running():
        detector.process.send_signal(signal.SIGTERM)
    detector.wait_end()
    assert all(offset <= 0 for offset in kafka.committed(detector.group, logs).values())
