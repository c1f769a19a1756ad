"""scripts/demo, as a stranger runs it: with nothing in the environment."""

import os
import re
import select
import signal
import subprocess
import time

import pytest
import requests
from servers import ROOT, need

LOGS = ROOT / "tests" / "demo" / "logs"


@pytest.fixture
def demo(tmp_path):
    """demo(*words): starts it."""
    need("redis-server", "cmake")
    started = []

    def start(*words):
        # No Java: the path has what a bare Debian has.
        process = subprocess.Popen(
            [ROOT / "scripts" / "demo", *words], cwd="/", text=True, start_new_session=True,
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(tmp_path),
                 "TMPDIR": str(tmp_path)},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
            process.communicate(timeout=60)


def figures(text):
    return {name.strip(): int(number)
            for name, number in re.findall(r"^(\w[\w ]+| {2}\w[\w ]+?) {2,}(\d+)\b", text, re.M)}


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
    process = demo()
    text, _ = process.communicate(timeout=600)
    assert process.returncode == 0, text
    for kind in ("sql_injection", "xss", "lfi_rfi", "command_injection", "brute_force",
                 "suspicious_processes"):
        assert re.search(rf"^2026-.* (LOW|MEDIUM|HIGH|CRITICAL) .*{kind}", text, re.M), kind
    got = figures(text)
    logs = sum(line.strip() != "" for file in LOGS.iterdir()
               for line in file.read_text().splitlines())
    assert got["logs in"] == logs
    assert logs == got["with events"] + got["nothing found"] + got["dead letters"]
    events, alerts = (part for part in re.split(r"^TIME .*$", text, flags=re.M)[1:])
    assert got["events out"] == len(re.findall(r"^2026-", events, re.M)) >= got["with events"]
    assert got["alerts out"] == len(re.findall(r"^2026-", alerts, re.M)) >= 1
    assert re.search(r"brute", alerts, re.I), alerts
    assert got["dead letters"] == 1
    assert_nothing_is_left(tmp_path)


def test_kept_it_can_be_looked_at_until_interrupted(demo, tmp_path):
    process = demo("--keep")
    text, end = "", time.monotonic() + 600
    while "Ctrl-C" not in text:
        assert time.monotonic() < end and process.poll() is None, text
        if select.select([process.stdout], [], [], 1)[0]:
            text += process.stdout.readline()
    settings, address = re.search(r"settings (\S+), metrics (\S+)", text).groups()
    assert "haechi_detector_events_total" in requests.get(address, timeout=10).text
    tail = subprocess.run(
        [ROOT / "build/demo/haechi", "events", "tail", "--config", settings, "--no-follow"],
        capture_output=True, text=True, timeout=60)
    assert len(tail.stdout.splitlines()) == figures(text)["events out"], tail.stderr
    os.killpg(process.pid, signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 130
    assert_nothing_is_left(tmp_path)


def test_wrong_usage_is_told(demo):
    process = demo("--kep")
    text, _ = process.communicate(timeout=10)
    assert process.returncode == 2 and "--kep" in text and "--help" in text
