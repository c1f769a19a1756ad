"""The forwarder: one lane to a Splunk collector that only reads, beside curl posting the same bodies; when
a first alert arrives; the memory of twenty lanes, and of one whose target is dead."""

import json
import os
import re
import subprocess
import threading
import time

import requests

from bench_kafka import PARTITIONS, timed
from report import Row, median, spread, verdict
from servers import BUILD, free_port, need, unique, until
from sinks import Sink, alert
from subject import Process
from worker import parse_metrics

TOOLS = BUILD / "tests"
IN_BODY = 100
BODIES = 200
LANES = 20
SOME = 250
FIRST_ALERTS = 5
DEAD_SECONDS = 20  # by default; --dead-seconds 600 is what the aim speaks of
DEAD_RATE = 200


class Nginx:
    """Takes every body, reads it and forgets it, and answers as HEC does."""

    def __init__(self, folder):
        self.port = free_port()
        folder.mkdir(exist_ok=True)
        (nginx,) = need("nginx")
        temporary = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in
                            ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        file = folder / "nginx.conf"
        file.write_text(f"""
daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{ access_log off; {temporary} client_max_body_size 0; keepalive_requests 100000000;
  server {{ listen 127.0.0.1:{self.port};
    location / {{ default_type application/json; return 200 '{{"text":"Success","code":0}}'; }} }} }}
""")
        self.process = subprocess.Popen([nginx, "-p", folder, "-c", file],
                                        stderr=subprocess.DEVNULL)
        until("nginx answers", lambda: requests.get(self.url, timeout=1).ok)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def stop(self):
        self.process.terminate()
        self.process.wait(10)


def alerts(count, first=0):
    """With as much in them as a correlation over some dozens of events has."""
    return [alert(serial, title=f"Brute force against account admin{serial % 50} from 203.0.113.7",
                  description="12 failed log-ins within 60 s; threshold 5. Addresses: 1, users: 3.",
                  event_ids=[f"{serial:024x}{n:08x}" for n in range(12)],
                  indicators=["Failed password", "ioc:ip:203.0.113.7"],
                  raw_payload="Jan  1 00:00:00 web-1 sshd[815]: Failed password for root from "
                              "203.0.113.7 port 4711 ssh2",
                  recommended_actions=["Block the source address", "Reset the account's password"])
            for serial in range(first, first + count)]


def dumped(one):
    """As the correlator writes it."""
    return json.dumps(one, separators=(",", ":"))


def lines(some):
    return b"".join(dumped(a).encode() + b"\n" for a in some)


def fill(kafka, topic, count):
    load = subprocess.Popen([TOOLS / "bench_load", kafka.address, topic, str(PARTITIONS)],
                            stdin=subprocess.PIPE)
    for first in range(0, count, 1000):
        load.stdin.write(lines(alerts(min(1000, count - first), first)))
    load.stdin.close()
    if load.wait() != 0:
        raise RuntimeError("bench_load failed")


def splunk(url, **more):
    return {"type": "splunk", "url": url, "token": "t0ken", "start_at": "earliest", **more}


class Forwarder:
    def __init__(self, bench, *targets):
        kafka = bench.kafka
        self.alerts_topic = kafka.create(unique("alerts"), PARTITIONS)
        self.port = free_port()
        self.targets = [{"name": f"t{i}", "group": unique("group"), **target}
                        for i, target in enumerate(targets)]
        self.file = bench.folder / f"{self.alerts_topic}.yaml"
        self.settings = {
            "kafka": {"bootstrap_servers": kafka.address,
                      "properties": {"session.timeout.ms": "6000"}},
            "topics": {"correlated_alerts": self.alerts_topic,
                       "siem_deliveries": kafka.create(unique("deliveries")),
                       "dead_letters": kafka.create(unique("dead"), max_message_bytes=4 << 20)},
            "forwarder": {"metrics": {"address": "127.0.0.1", "port": self.port},
                          "targets": self.targets}}

    def start(self):
        self.file.write_text(json.dumps(self.settings))
        return Process([BUILD / "haechi-forwarder", "--config", self.file])

    def delivered(self):
        page = requests.get(f"http://127.0.0.1:{self.port}/metrics", timeout=5).text
        return sum(value for name, labels, value in parse_metrics(page)
                   if name == "haechi_forwarder_alerts_total" and labels["outcome"] == "delivered")

    def wait_delivered(self, count):
        begin = time.monotonic()
        while (done := self.delivered()) < count:
            passed = time.monotonic() - begin
            time.sleep(min(0.5, max(0.01, passed * (count - done) / done / 2 if done else 0.1)))


def make_bodies(folder):
    """The bodies that the forwarder posts, uncompressed; and their mean size."""
    settings = folder / "splunk.yaml"
    settings.write_text(json.dumps({"target": {"url": "http://x", "token": "t0ken",
                                               "compress": False}}))
    sizes, path = [], folder / "bodies"
    with open(path, "wb") as file:
        for n in range(BODIES):
            done = subprocess.run([TOOLS / "target_tool", "render", "splunk", settings], check=True,
                                  input=lines(alerts(IN_BODY, n * IN_BODY)), capture_output=True)
            body = bytes.fromhex(json.loads(done.stdout)["body"])
            file.write(len(body).to_bytes(4, "little") + body)
            sizes.append(len(body))
    return path, sum(sizes) / len(sizes)


def run_curl(nginx, bodies, count, *how):
    done = subprocess.run([TOOLS / "bench_post", nginx.url + "/services/collector/event", bodies,
                           str(count // IN_BODY), *how],
                          check=True, capture_output=True, text=True).stdout
    wall, processor = map(float, re.findall(r"[\d.]+", done))
    return count / wall, processor / count * 1e6


def throughput(bench, nginx):
    count = max(20000, bench.logs // 10)
    bodies, size = make_bodies(bench.folder)
    forwarder = Forwarder(bench, splunk(nginx.url))
    fill(bench.kafka, forwarder.alerts_topic, count)
    own, curl, alike, packed = [], [], [], []
    for turn in range(bench.runs + 1):
        forwarder.targets[0]["group"] = unique("group")
        process = forwarder.start()
        run = timed(process, count, lambda: forwarder.wait_delivered(count))
        process.stop()
        if turn > 0:  # the first warms up broker and page cache
            own.append(run)
            curl.append(run_curl(nginx, bodies, count))
            alike.append(run_curl(nginx, bodies, count, "own"))
            packed.append(run_curl(nginx, bodies, count, "packed"))
    bench.kafka.delete(forwarder.alerts_topic)

    rates, curl_rates = [run.rate / 1e3 for run in own], [rate / 1e3 for rate, _ in curl]
    alike_rates, packed_rates = ([rate / 1e3 for rate, _ in some] for some in (alike, packed))
    costs, curl_costs = [run.processor_us for run in own], [cost for _, cost in curl]
    ratio = median(rates) / median(curl_rates)
    name = "forwarder, one lane to a collector that only reads, gzip"
    yield Row(name, f"{median(rates):.1f} k alerts/s", spread(rates, "{:.1f}"),
              f"curl, same bodies ({size / IN_BODY:.0f} B an alert), gzip on the way by zlib: "
              f"{median(curl_rates):.1f} k/s ({spread(curl_rates, '{:.1f}')}); by what the forwarder "
              f"has: {median(alike_rates):.0f} k/s; compressed before: {median(packed_rates):.0f} k/s",
              f"{ratio:.2f}", "; ".join([verdict(median(rates) >= 20, "20 k alerts/s"),
                                         verdict(ratio >= 0.8, "0.8 of curl")]))
    yield Row("forwarder, processor time", f"{median(costs):.1f} µs/alert", spread(costs, "{:.1f}"),
              f"curl {median(curl_costs):.1f} µs ({spread(curl_costs, '{:.1f}')})",
              f"{median(costs) / median(curl_costs):.2f}")


def first_alert(bench):
    arrived = threading.Event()
    sink = Sink(lambda events, number: arrived.set() or 200).start()
    forwarder = Forwarder(bench, {"type": "http", "url": sink.url, "start_at": "earliest"})
    process = forwarder.start()
    process.wait_line("assigned")
    waits = []
    try:
        for serial in range(FIRST_ALERTS + 1):
            arrived.clear()
            begin = time.monotonic()
            bench.kafka.produce(forwarder.alerts_topic, [dumped(alert(serial))])
            if not arrived.wait(30):
                raise RuntimeError("the alert did not arrive")
            waits.append((time.monotonic() - begin) * 1e3)
    finally:
        process.stop()
        sink.stop()
    waits = waits[1:]  # the producer's first takes long
    yield Row("forwarder, a first alert, from produce to the target, max_wait 1 s",
              f"{median(waits):.0f} ms", spread(waits, "{:.0f}"),
              aim=verdict(max(waits) <= 1150, "all within 1150 ms"))


def many_lanes(bench, nginx):
    """Alerts come as the correlator writes them, some hundred at a time."""
    count = 5000
    forwarder = Forwarder(bench, *[splunk(nginx.url) for _ in range(LANES)])
    process = forwarder.start()
    process.wait_line('"started"')
    for first in range(0, count, SOME):
        bench.kafka.produce(forwarder.alerts_topic,
                            [dumped(a) for a in alerts(SOME, first)])
    forwarder.wait_delivered(LANES * count)
    peak, now = process.memory_mib(), process.memory_mib("VmRSS")
    process.stop()
    yield Row(f"forwarder, memory with {LANES} targets, {count} alerts to each",
              f"{now:.0f} MiB, at most {peak:.0f}", aim=verdict(peak < 150, "under 150 MiB"))


def open_files(process):
    return len(os.listdir(f"/proc/{process.process.pid}/fd"))


def dead_target(bench, nginx):
    forwarder = Forwarder(bench, splunk(f"http://127.0.0.1:{free_port()}"), splunk(nginx.url))
    process = forwarder.start()
    process.wait_line('"started"')
    sent, seen = 0, []
    begin = time.monotonic()
    while (passed := time.monotonic() - begin) < bench.dead_seconds:
        some = alerts(DEAD_RATE, sent)
        bench.kafka.produce(forwarder.alerts_topic, [dumped(a) for a in some])
        sent += len(some)
        if passed > min(10, bench.dead_seconds / 2):
            seen.append((process.memory_mib("VmRSS"), open_files(process)))
        time.sleep(1)
    forwarder.wait_delivered(sent)  # to the other
    process.stop()
    memory, files = [m for m, _ in seen], [f for _, f in seen]
    grown = memory[-1] - memory[0]
    yield Row(f"forwarder, a dead target for {bench.dead_seconds} s, {sent} alerts meanwhile",
              f"{grown:+.1f} MiB, {files[-1] - files[0]:+d} files", spread(memory, "{:.1f}"),
              "the other target got all",
              aim=verdict(grown < 4 and files[-1] <= files[0] + 2, "no growth"))


def forwarder(bench):
    nginx = Nginx(bench.folder / "nginx")
    try:
        yield from throughput(bench, nginx)
        yield from first_alert(bench)
        yield from many_lanes(bench, nginx)
        yield from dead_target(bench, nginx)
    finally:
        nginx.stop()
