"""What is measured: a program as a process, and a service with its topics."""

import json
import queue
import subprocess
import threading
import time

from worker import merged, parse_metrics
from servers import BUILD, free_port, unique

import requests


class Process:
    """A program whose stderr says where it is."""

    def __init__(self, command):
        self.lines = queue.Queue()
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.PIPE, text=True)
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        for line in self.process.stderr:
            self.lines.put(line)
        self.lines.put(None)

    def wait_line(self, word, limit=60):
        """The first line not yet seen that has the word."""
        seen = []
        while True:
            line = self.lines.get(timeout=limit)
            if line is None:
                raise RuntimeError(f"{self.process.args[0]} ended: {''.join(seen)[-2000:]}")
            seen.append(line)
            if word in line:
                return line

    def processor_seconds(self):
        """Of all its threads, from the kernel, exactly."""
        return time.clock_gettime((~self.process.pid << 3) | 2)

    def memory_mib(self, name="VmHWM"):
        """VmHWM: the most it ever had; VmRSS: now."""
        with open(f"/proc/{self.process.pid}/status") as status:
            for line in status:
                if line.startswith(name):
                    return int(line.split()[1]) / 1024
        raise RuntimeError(f"no {name}")

    def stop(self):
        self.process.terminate()
        self.process.wait(40)

    def close(self):
        """Ends it by ending its stdin."""
        self.process.stdin.close()
        if self.process.wait(40) != 0:
            raise RuntimeError(f"{self.process.args[0]} failed")


class Subject:
    """A service on topics and in a group of its own; not yet started."""

    def __init__(self, kafka, redis, folder, service, topics, own, settings=None):
        self.service = service
        self.port = free_port()
        self.file = folder / f"{unique(service)}.yaml"
        # JSON is YAML. All else is as it comes, but that a dead member is soon forgotten.
        self.file.write_text(json.dumps(merged({
            "kafka": {"bootstrap_servers": kafka.address,
                      "properties": {"session.timeout.ms": "6000"}},
            "redis": {"host": redis.host, "port": redis.port},
            "topics": topics | {"dead_letters": kafka.create(unique("dead"),
                                                             max_message_bytes=4 << 20)},
            service: {"group": unique("group"),
                      "metrics": {"address": "127.0.0.1", "port": self.port}} | own},
            settings or {})))

    def start(self):
        return Process([BUILD / f"haechi-{self.service}", "--config", self.file])

    def figures(self):
        page = requests.get(f"http://127.0.0.1:{self.port}/metrics", timeout=5).text
        return {name.removeprefix(f"haechi_{self.service}_"): value
                for name, labels, value in parse_metrics(page) if not labels}

    def wait_settled(self, count):
        """Until `count` messages are read and nothing of them is on its way. Asks seldom at first,
        for the answers cost it processor time."""
        begin = time.monotonic()
        while True:
            figures = self.figures()
            done = figures["logs_consumed_total"]
            if done >= count and figures["logs_in_flight"] == 0:
                return figures
            passed = time.monotonic() - begin
            left = passed * (count - done) / done if done else 0.2
            time.sleep(min(0.5, max(0.01, left / 2)))


class Detector(Subject):
    def __init__(self, kafka, redis, folder, logs, log_format, settings=None):
        self.events_topic = kafka.create(unique("events"))
        super().__init__(kafka, redis, folder, "detector",
                         {"detected_events": self.events_topic},
                         {"sources": [{"topics": [logs], "format": log_format}]}, settings)


class Correlator(Subject):
    def __init__(self, kafka, redis, folder, events_topic):
        super().__init__(kafka, redis, folder, "correlator",
                         {"detected_events": events_topic,
                          "correlated_alerts": kafka.create(unique("alerts"))}, {})
