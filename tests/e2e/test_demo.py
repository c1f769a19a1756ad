"""scripts/demo, as a stranger runs it: with nothing in the environment.

What it builds it finds built already, unless these tests run alone."""

import json
import os
import pathlib
import re
import signal
import subprocess

import pytest
import requests
from servers import LIMIT, ROOT, need, until

LOGS = ROOT / "tests" / "demo" / "logs"
BUILDING = 10 * LIMIT


@pytest.fixture
def demo(tmp_path):
    """demo(*words): starts it; what it prints goes to the file `printed` of the folder."""
    need("redis-server", "rsyslogd", "cmake")
    started = []

    def start(*words):
        # No Java: the path has what a bare Debian has.
        with open(tmp_path / "printed", "w") as printed:
            process = subprocess.Popen(
                [ROOT / "scripts" / "demo", *words], cwd="/", start_new_session=True,
                env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(tmp_path),
                     "TMPDIR": str(tmp_path)},
                stdin=subprocess.DEVNULL, stdout=printed, stderr=subprocess.STDOUT,
                # Tests that run in the background have it ignored, which no shell script can undo.
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(LIMIT)


def figures(text):
    return {name.strip(): int(number)
            for name, number in re.findall(r"^(\w[\w ]+| {2}\w[\w ]+?) {2,}(\d+)\b", text, re.M)}


def tail(what, settings):
    done = subprocess.run(
        [ROOT / "build/release/haechi", what, "tail", "--config", settings, "--no-follow"],
        capture_output=True, text=True, timeout=LIMIT, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def assert_nothing_is_left(folder):
    own = [path for path in folder.iterdir() if path.name.startswith("tmp.")]
    assert own == []
    for process in os.listdir("/proc"):
        if process.isdigit():
            try:
                line = open(f"/proc/{process}/cmdline").read()
            except OSError:
                continue
            assert str(folder) not in line, line


def test_it_shows_events_of_every_kind_and_alerts_and_sums_up(demo, tmp_path):
    status = demo().wait(BUILDING)
    text = (tmp_path / "printed").read_text()
    assert status == 0, text
    for kind in ("sql_injection", "xss", "lfi_rfi", "command_injection", "brute_force",
                 "suspicious_processes", "threat_intel"):
        assert re.search(rf"^2026-.* (LOW|MEDIUM|HIGH|CRITICAL) .*{kind}", text, re.M), kind
    got = figures(text)
    logs = sum(line.strip() != "" for file in LOGS.iterdir()
               for line in file.read_text().splitlines())
    assert got["logs in"] == logs
    assert logs == got["with events"] + got["nothing found"] + got["dead letters"]
    events, alerts = (part for part in re.split(r"^TIME .*$", text, flags=re.M)[1:])
    assert text.count("|Haechi|Haechi|") == text.count('"event_id": "SEC-') == 3
    assert got["events out"] == len(re.findall(r"^2026-", events, re.M)) >= got["with events"]
    assert got["alerts out"] == len(re.findall(r"^2026-", alerts, re.M)) >= 1
    assert re.search(r"brute", alerts, re.I), alerts
    assert got["indicators of the feed"] == 2
    assert re.search(r"CRITICAL .*threat_intel\.url", events), events
    assert re.search(r"CRITICAL .*threat_intel\.url", alerts), alerts
    assert got["arrived at rsyslog"] == got["arrived by HTTP"] >= got["alerts out"]
    assert got["dead letters"] == 1
    assert_nothing_is_left(tmp_path)


def test_kept_it_can_be_looked_at_until_interrupted(demo, tmp_path):
    process = demo("--keep")

    def printed():
        text = (tmp_path / "printed").read_text()
        if process.poll() is not None:
            raise RuntimeError(f"it ended with {process.returncode}: {text}")
        assert "Ctrl-C" in text, text
        return text

    text = until("it says how to end it", printed, BUILDING)
    settings, address = re.search(r"settings (\S+), metrics (\S+)", text).groups()
    assert "haechi_detector_events_total" in requests.get(address, timeout=LIMIT).text
    assert len(tail("events", settings)) == figures(text)["events out"]
    made = {alert["alert_id"] for alert in tail("alerts", settings)}
    cef, events = (pathlib.Path(path).read_text().splitlines()
                   for path in re.search(r"what arrived: (\S+), (\S+)", text).groups())
    assert {re.fullmatch(r"<\d+>.* CEF:0\|.* externalId=(SEC-\w+) .*", line)[1]
            for line in cef} == made
    assert {json.loads(event)["alert_id"] for event in events} == made
    os.killpg(process.pid, signal.SIGINT)
    assert process.wait(LIMIT) == 130
    assert_nothing_is_left(tmp_path)


def test_wrong_usage_is_told(demo, tmp_path):
    assert demo("--kep").wait(LIMIT) == 2
    text = (tmp_path / "printed").read_text()
    assert "--kep" in text and "--help" in text
