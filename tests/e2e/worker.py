"""A worker as a process: its settings file, its log, its metrics, its signals."""

import json
import re
import signal
import subprocess

import requests

from servers import LIMIT, free_port, program, until

SAMPLE = re.compile(r"^(?P<name>[a-zA-Z_:][\w:]*)(?:\{(?P<labels>.*)\})? (?P<value>\S+)$")
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


def merged(base, more):
    """Sections of `more` over those of `base`, key by key."""
    result = dict(base)
    for key, value in more.items():
        both = isinstance(value, dict) and isinstance(result.get(key), dict)
        result[key] = merged(result[key], value) if both else value
    return result


def parse_metrics(text):
    """[(name, {label: value}, number)]"""
    samples = []
    for line in text.splitlines():
        if line and not line.startswith("#"):
            match = SAMPLE.match(line)
            assert match, f"no metric line: {line!r}"
            samples.append((match["name"], dict(LABEL.findall(match["labels"] or "")),
                            float(match["value"])))
    return samples


class Worker:
    """Settings are a dict as the YAML file would hold it."""

    service = None

    def __init__(self, name, folder, settings):
        self.name = name
        self.port = free_port()
        self.settings = merged(settings, {self.service: {
            "metrics": {"address": "127.0.0.1", "port": self.port}}})
        self.settings_file = folder / f"{name}.yaml"
        self.log_file = folder / f"{name}.log"
        self.write_settings()
        self.process = None

    def write_settings(self):
        # JSON is YAML.
        self.settings_file.write_text(json.dumps(self.settings, indent=2))

    @property
    def group(self):
        return self.settings[self.service]["group"]

    @property
    def alerts_topic(self):
        return self.settings["topics"]["correlated_alerts"]

    @property
    def events_topic(self):
        return self.settings["topics"]["detected_events"]

    @property
    def dead_topic(self):
        return self.settings["topics"]["dead_letters"]

    # -- life

    def start(self, ready=True):
        """Starts it, again if need be; the log of all starts is one. With ready, waits for
        /readyz."""
        with open(self.log_file, "ab") as log:
            self.process = subprocess.Popen(
                [program(f"haechi-{self.service}"), "--config", self.settings_file], stderr=log,
                stdin=subprocess.DEVNULL, stdout=log)
        if ready:
            self.wait_ready()
        return self

    def wait_ready(self, limit=LIMIT):
        until(f"{self.name} is ready", lambda: self._alive() and self.readyz()[0] == 200, limit)

    def _alive(self):
        status = self.process.poll()
        if status is not None:
            raise RuntimeError(f"{self.name} ended with {status}: {self.text_log()[-2000:]}")
        return True

    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def wait_end(self, limit=LIMIT):
        """Its exit status, once it has ended."""
        return self.process.wait(limit)

    def stop(self, limit=LIMIT):
        """SIGTERM, and its exit status."""
        if self.is_running():
            self.process.send_signal(signal.SIGTERM)
        return self.wait_end(limit)

    def kill(self):
        """SIGKILL: no time to finish anything."""
        if self.is_running():
            self.process.kill()
        return self.process.wait(LIMIT)

    def reload(self):
        self.process.send_signal(signal.SIGHUP)

    # -- what it says

    def text_log(self):
        return self.log_file.read_text(errors="replace") if self.log_file.exists() else ""

    def log(self, event=None):
        """Its log lines as dicts; only those of one event, if named. A line that is no JSON object
        fails the test: that is the log's contract."""
        lines = [json.loads(line) for line in self.text_log().splitlines()]
        return [line for line in lines if event is None or line.get("event") == event]

    def was_not_ready(self, condition, words):
        """Whether it ever said so of this condition: for what passes by itself, perhaps before anybody
        can ask /readyz."""
        return any(line["condition"] == condition and words in line["problem"]
                   for line in self.log("not_ready"))

    def _get(self, path):
        return requests.get(f"http://127.0.0.1:{self.port}{path}", timeout=LIMIT)

    def readyz(self):
        """(status, text)"""
        answer = self._get("/readyz")
        return answer.status_code, answer.text

    def healthz(self):
        answer = self._get("/healthz")
        return answer.status_code, answer.text

    def metrics_text(self):
        return self._get("/metrics").text

    def metric(self, name, **labels):
        """Sum of the series of that name which have these labels; None if there is none."""
        values = [value for found, its, value in parse_metrics(self.metrics_text())
                  if found == name and all(its.get(k) == v for k, v in labels.items())]
        return sum(values) if values else None


class Detector(Worker):
    """Made by the fixture `detectors`."""

    service = "detector"


class Correlator(Worker):
    """Made by the fixture `correlators`."""

    service = "correlator"


class Forwarder(Worker):
    """Made by the fixture `forwarders`."""

    service = "forwarder"

    @property
    def receipts_topic(self):
        return self.settings["topics"]["siem_deliveries"]

    def group_of(self, target):
        return next(t["group"] for t in self.settings["forwarder"]["targets"]
                    if t["name"] == target)
