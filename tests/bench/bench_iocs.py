"""Threat intelligence by the million: what the filter and Redis take, import, ioc check, a refresh,
and what it costs the detector."""

import json
import random
import re
import resource
import subprocess
import time
import types

import bench_kafka
from report import Row, median, spread, verdict
from servers import BUILD, Redis, free_port, unique
from subject import Process

MILLION = 1000000
CHECKED = 100000
REFRESHED = 200000  # of which one in a hundred changes
MOST_RUNS = 3
LIMIT = 1200
VERSION = "haechi:{ioc}:version"


def indicator(i, chance):
    """One of a mixture as large feeds have it; distinct by i, and none that the logs name."""
    kind = chance.random()
    if kind < 0.45:
        bits = i * 2654435761 & 0xFFFFFFFF
        return f"{140 + (bits >> 24) % 20}.{bits >> 16 & 255}.{bits >> 8 & 255}.{bits & 255}", "ip"
    if kind < 0.75:
        return f"{chance.choice(('cdn', 'login', 'update'))}-{i:x}.bad-{i % 5003}.com", "domain"
    if kind < 0.9:
        return f"http://host-{i % 90001}.worse-{i % 997}.net/{i:x}/gate.php?id={i}", "url"
    return f"{chance.getrandbits(256):064x}", "hash"


def indicators(first, count):
    chance = random.Random(20261124 + first)
    return [indicator(i, chance) for i in range(first, first + count)]


def write_feed(path, rows):
    with open(path, "w") as file:
        file.write("indicator,type,threat_type,confidence\n")
        file.writelines(f"{value},{kind},c2,0.8\n" for value, kind in rows)


class Cluster:
    """An iocfeed on a topic and a Redis of its own, and `haechi ioc` on the same."""

    def __init__(self, bench, feed=None):
        self.redis = Redis(folder=bench.folder / unique("redis")).start()
        self.topic = bench.kafka.create(unique("iocs"), 4, cleanup_policy="compact")
        self.file = bench.folder / f"{self.topic}.yaml"
        feeds = [{"name": "bench", "format": "csv", "file": str(feed), "interval": "1s"}]
        self.file.write_text(json.dumps({
            "kafka": {"bootstrap_servers": bench.kafka.address},
            "redis": {"host": self.redis.host, "port": self.redis.port},
            "topics": {"iocs": self.topic},
            "iocfeed": {"metrics": {"address": "127.0.0.1", "port": free_port()},
                        "feeds": feeds if feed else []}}))
        self.iocfeed = Process([BUILD / "haechi-iocfeed", "--config", self.file])

    def ioc(self, *words, **options):
        return subprocess.run([BUILD / "haechi", "ioc", *words, "--config", self.file],
                              capture_output=True, text=True, check=True, **options)

    def version(self):
        return {k.decode(): v.decode() for k, v in self.redis.client.hgetall(VERSION).items()}

    def wait(self, count):
        """Until Redis has `count` and a filter with room for them; the filter's size."""
        end = time.monotonic() + LIMIT
        while time.monotonic() < end:
            version = self.version()
            size = int(version.get("size", 0))
            if int(version.get("count", -1)) == count and size >= 2.2 * count:
                return size
            time.sleep(0.05)
        raise RuntimeError(f"Redis has {self.version()}, not {count}")

    def memory(self):
        return self.redis.client.info("memory")["used_memory"]

    def processor_seconds(self):
        cpu = self.redis.client.info("cpu")
        return (self.iocfeed.processor_seconds(),
                float(cpu["used_cpu_user"]) + float(cpu["used_cpu_sys"]))

    def close(self):
        self.iocfeed.stop()
        self.redis.stop()


def parts(bench):
    """The filter by itself: its size, its mistakes, its speed; and what sifting costs a log."""
    for count in (MILLION, 10 * MILLION):
        runs = min(bench.runs, MOST_RUNS)
        text = subprocess.run([BUILD / "tests" / "bench_ioc", str(count), str(runs)],
                              capture_output=True, text=True, check=True).stdout
        name = f"{count // MILLION} M IOCs"
        size = float(re.search(r"its size +([\d.]+) MB", text)[1])
        wrong = float(re.search(r"false maybes +([\d.]+) %", text)[1])
        look = re.search(r"look-up, not in it +([\d.]+) ns +([\d.]+)\.\.([\d.]+) +([\d.]+) M", text)
        yield Row(f"{name}: filter", f"{size:.2f} MB", aim=verdict(
            size <= 2.5 * count / MILLION, "2.5 MB a million"))
        yield Row(f"{name}: false maybes", f"{wrong:.3f} %", aim=verdict(wrong <= 0.2, "0.2 %"))
        yield Row(f"{name}: look-up of what is not listed", f"{look[4]} M/s a core",
                  f"{look[2]}..{look[3]} ns", aim=verdict(float(look[4]) >= 10, "10 M/s"))
        for shape in ("access", "json"):
            found = re.search(rf"a log sifted: {shape} +([\d.]+) ns +(\S+)", text)
            yield Row(f"{name}: a log sifted, {shape}", f"{float(found[1]):.0f} ns/log", found[2])


def millions(count):
    return f"{count / MILLION:g} M IOCs"


def aim(count, is_met, text):
    """The aims are those of a million."""
    return verdict(is_met, text) if count == MILLION else ""


def imported(cluster, rows, path):
    """Into topic, Redis and filter."""
    name = millions(len(rows))
    cluster.wait(0)
    before = cluster.memory()
    write_feed(path, rows)
    begin, used = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    cluster.ioc("import", "--format", "csv", path)
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    cluster.wait(len(rows))
    seconds = time.monotonic() - begin
    command = spent.ru_utime + spent.ru_stime - used.ru_utime - used.ru_stime
    feed, redis = cluster.processor_seconds()
    yield Row(f"{name}: import into topic, Redis and filter", f"{seconds:.1f} s", "",
              f"processor time: command {command:.1f} s, iocfeed {feed:.1f} s, Redis {redis:.1f} s",
              aim=aim(len(rows), seconds <= 30, "30 s"))
    until_old_is_gone = time.monotonic() + 20
    while len(cluster.redis.client.hgetall("haechi:{ioc}:generations")) > 1:
        if time.monotonic() > until_old_is_gone:
            break
        time.sleep(0.2)
    size = cluster.wait(len(rows))
    each = (cluster.memory() - before) / len(rows)
    yield Row(f"{name}: Redis", f"{each:.0f} B each", "", f"{size / 1e6:.2f} MB of it the filter",
              aim=aim(len(rows), each <= 110, "110 B"))


def checked(bench, cluster, rows):
    """Half of them listed."""
    lines = [value for value, _ in rows[:CHECKED // 2]]
    lines += [f"host-{i}.fine.org" for i in range(CHECKED // 2)]
    seconds = []
    for _ in range(min(bench.runs, MOST_RUNS)):
        begin = time.monotonic()
        found = cluster.ioc("check", "--output", "json", input="\n".join(lines)).stdout
        seconds.append(time.monotonic() - begin)
        if found.count('"listed":true') != CHECKED // 2:
            raise RuntimeError(f"{found.count('listed')} of {CHECKED // 2} are listed")
    yield Row(f"{millions(len(rows))}: haechi ioc check, 100,000 values",
              f"{median(seconds):.2f} s", spread(seconds),
              aim=verdict(median(seconds) <= 1, "1 s"))


def refreshed(bench):
    """A feed of 200,000, then with one in a hundred taken out and as many new ones."""
    path = bench.folder / "refreshed.csv"
    rows, changed = indicators(2 * MILLION, REFRESHED), REFRESHED // 100
    write_feed(path, rows)
    cluster = Cluster(bench, path)
    try:
        cluster.wait(REFRESHED)
        cluster.iocfeed.wait_line("feed_published")
        first = cluster.redis.client.info("stats")["total_net_input_bytes"]
        write_feed(path, rows[changed:] + indicators(3 * MILLION, changed))
        line = json.loads(cluster.iocfeed.wait_line("feed_published", LIMIT))
        time.sleep(3)
        second = cluster.redis.client.info("stats")["total_net_input_bytes"] - first
    finally:
        cluster.close()
    records = sum(line.get(name, 0) for name in ("added", "changed", "removed"))
    yield Row("a refresh that changes 1 %", f"{records} records of {REFRESHED}", "",
              f"bytes to Redis {second / first * 100:.1f} % of the first time",
              f"{records / REFRESHED * 100:.1f} %", verdict(records <= 0.03 * REFRESHED, "about 1 %"))


def in_detector(bench, cluster, count):
    """The detector with them and without, in turn."""
    full = types.SimpleNamespace(kafka=bench.kafka, redis=cluster.redis, folder=bench.folder)
    topic = bench_kafka.fill(bench.kafka, "json", bench.logs)
    runs = {"with": [], "without": []}
    for turn in range(min(bench.runs, MOST_RUNS) + 1):
        for name, setting in (("with", full), ("without", bench)):
            run = bench_kafka.run_detector(setting, topic, "json", bench.logs)[0]
            if turn:
                runs[name].append(run)
    bench.kafka.delete(topic)
    rates = {name: [run.rate / 1e3 for run in of] for name, of in runs.items()}
    costs = {name: [run.processor_us for run in of] for name, of in runs.items()}
    ratio = median(rates["with"]) / median(rates["without"])
    yield Row(f"detector with {millions(count)}, json", f"{median(rates['with']):.0f} k logs/s",
              spread(rates["with"], "{:.0f}"),
              f"without {median(rates['without']):.0f} k/s ({spread(rates['without'], '{:.0f}')})",
              f"{ratio:.2f}", aim(count, ratio >= 0.85, "0.85"))
    yield Row(f"detector with {millions(count)}, json, processor time",
              f"{median(costs['with']):.2f} µs/log", spread(costs["with"]),
              f"without {median(costs['without']):.2f} µs ({spread(costs['without'])})",
              f"{median(costs['without']) / median(costs['with']):.2f}")


def ioc(bench):
    yield from parts(bench)
    rows = indicators(0, bench.iocs)
    cluster = Cluster(bench)
    try:
        yield from imported(cluster, rows, bench.folder / "iocs.csv")
        yield from checked(bench, cluster, rows)
        yield from in_detector(bench, cluster, len(rows))
    finally:
        cluster.close()
    yield from refreshed(bench)
