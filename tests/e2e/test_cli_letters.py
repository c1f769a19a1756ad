"""`haechi dead-letters`, against a real Kafka."""

import json

import pytest
from cli import haechi


@pytest.fixture
def letters(kafka, topic, tmp_path):
    """Letters in one partition of a topic of the test's own, and a command line that reads it."""
    class Letters:
        dead, origin = topic("dead", partitions=1), topic("origin", partitions=1)

        def __init__(self):
            self.write_settings()

        def write_settings(self, *targets):
            self.config = tmp_path / "haechi.yaml"
            self.config.write_text(json.dumps({
                "kafka": {"bootstrap_servers": kafka.address}, "topics": {"dead_letters": self.dead},
                "forwarder": {"targets": [{"name": name, "type": "stdout"} for name in targets]}}))

        def add(self, value, **headers):
            kafka.produce(self.dead, [value], headers=[
                ("haechi.reason", "invalid"), ("haechi.service", "detector"),
                ("haechi.topic", self.origin),
                *((f"haechi.{name}", text) for name, text in headers.items())])

        def run(self, *words, status=0):
            done = haechi("dead-letters", *words, "-c", self.config, status=status)
            return [json.loads(line) for line in done.out.splitlines()], done.err

        def replay(self, *words, status=0):
            [sums], err = self.run("replay", *words, status=status)
            return (sums["replayed"], sums["replayed_before"], sums["failed"]), err

        def sent(self):
            return [record.value.decode() for record in kafka.read(self.origin)]
    return Letters()


@pytest.mark.parametrize("word", ["42", "0:", ":1", "0:x", "-1:2", "0:-2", "5000000000:1", "0:1:2", ""])
def test_what_is_no_letter_is_told_before_anything_is_asked(word):
    for command in ("show", "replay"):
        run = haechi("dead-letters", command, "-b", "127.0.0.1:1", "--", word, status=2)
        assert "as 0:42" in run.err and run.err.count("\n") == 1


def test_letters_that_are_not_there_are_named(letters):
    letters.add("a")
    letters.add("b")
    figures, err = letters.replay("0:0", "0:7", "3:0", status=1)
    assert figures == (1, 0, 0) and letters.sent() == ["a"]
    assert [" 0:7 " in err, " 3:0 " in err, " 0:0 " in err] == [True, True, False]
    figures, err = letters.replay("0:1", "--reason", "too_large", status=1)
    assert figures == (0, 0, 0) and " 0:1 " in err
    assert " 0:9 " in letters.run("show", "0:9", status=1)[1]
    assert letters.replay("0:0", "0:1") == ((1, 1, 0), "")


def test_without_a_choice_all_that_were_not_sent_are(letters):
    letters.add("a")
    letters.add("b")
    assert letters.replay("0:1") == ((1, 0, 0), "")
    assert letters.replay() == ((1, 1, 0), "") and letters.sent() == ["b", "a"]


def test_a_letter_for_a_target_that_is_gone_stays(letters, kafka):
    letters.add("for nobody", target="old")
    letters.add("for the SIEM", target="siem")
    letters.write_settings("siem", "other")
    for words in ([], ["--dry-run"]):
        figures, err = letters.replay("--target", "old", *words, status=1)
        assert figures == (0, 0, 1) and "target 'old' is not in the settings" in err
    assert letters.replay("--target", "siem") == ((1, 0, 0), "")
    [record] = kafka.read(letters.origin)
    assert record.value == b"for the SIEM" and record.headers == {"haechi.target": b"siem"}
    letters.write_settings("old")
    assert letters.replay("--target", "old") == ((1, 0, 0), "")


def test_a_log_cannot_hide_a_letter(letters, kafka, topic, detectors):
    letters.add("hidden")
    letters.add("hides it", replayed="0:0")
    listed, _ = letters.run("list")
    assert [letter["replayed"] for letter in listed] == [False, False]

    logs = topic("logs", partitions=1)
    detector = detectors(logs, format="json")
    kafka.produce(logs, ["no JSON"], headers=[
        ("haechi.replayed", "0:42"), ("haechi.target", "siem"), ("haechi.schema", "log"), ("own", "x")])
    kafka.wait_done(detector.group, logs)
    [dead] = kafka.read(detector.dead_topic)
    assert dead.headers["own"] == b"x" and dead.headers["haechi.schema"] == b"log"
    assert not {"haechi.replayed", "haechi.target"} & set(dead.headers)
