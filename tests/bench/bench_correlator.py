"""The correlator from topic to topic, with all built-in rules: beside redis-benchmark, which makes
the same calls of the same script; what groups take in Redis; and its windows in memory."""

import csv
import io
import re
import subprocess
import time
from dataclasses import dataclass

from report import Row, median, spread, verdict
from servers import BUILD, unique
from subject import Correlator

TOOLS = BUILD / "tests"
PARTITIONS = 4
COUNT = 200000
BATCH = 8000
RATES = ((20000, "live"), (50, "a backlog"))  # events a second by their own times
BENCHMARK_CALLS = 20000
BENCHMARK_KEYS = 1000
VERSION = "version!"
MANY, FEWER = 1000000, 100000  # groups


@dataclass(frozen=True)
class Run:
    rate: float          # events a second
    processor_us: float  # of the correlator, an event
    redis_us: float      # of Redis, an event
    calls: float         # of the script, a batch
    rounds: float        # round trips, a batch


def tool(*arguments):
    return subprocess.run([TOOLS / "bench_correlator", *map(str, arguments)], capture_output=True,
                          text=True, check=True).stdout


def fill(kafka, rate):
    topic = kafka.create(unique("bench-events"), PARTITIONS)
    events = subprocess.Popen([TOOLS / "bench_correlator", "events", str(COUNT), str(rate)],
                              stdout=subprocess.PIPE)
    subprocess.run([TOOLS / "bench_load", kafka.address, topic, str(PARTITIONS)],
                   stdin=events.stdout, check=True)
    return topic


def redis_seconds(client):
    used = client.info("cpu")
    return used["used_cpu_user"] + used["used_cpu_sys"]


def wait_begun(correlator):
    """Until the first batch is done, and how many events that is: a correlator that has just come
    waits a second and a half for what others say of their partitions."""
    while True:
        figures = correlator.figures()
        if figures["batches_total"] > 0:
            return figures["logs_consumed_total"] - figures["logs_in_flight"]
        time.sleep(0.01)


def run_correlator(bench, topic):
    client = bench.redis.client
    client.flushall()
    client.config_resetstat()
    correlator = Correlator(bench.kafka, bench.redis, bench.folder, topic)
    process = correlator.start()
    before, found = redis_seconds(client), {}
    process.wait_line("assigned")
    processor = process.processor_seconds()
    done, wall = wait_begun(correlator), time.monotonic()
    found.update(correlator.wait_settled(COUNT))
    wall = time.monotonic() - wall
    processor_us = (process.processor_seconds() - processor) / COUNT * 1e6
    redis_us = (redis_seconds(client) - before) / COUNT * 1e6
    calls = client.info("commandstats")["cmdstat_evalsha"]["calls"]
    process.stop()
    return Run((COUNT - done) / wall, processor_us, redis_us, calls / found["batches_total"],
               found["rounds_total"] / found["batches_total"])


def mix(bench, rate):
    """{kind of call: (calls an event, bytes of state a call, recent events a call, whether most of
    them set a timer)}, and how many calls a batch makes."""
    bench.redis.client.flushall()
    text = tool("feed", bench.redis.port, COUNT, rate, BATCH)
    found = {name: (int(calls) / COUNT, int(size) // int(calls), round(int(recent) / int(calls)),
                    int(timers) > int(calls) / 2)
             for name, calls, size, recent, timers in
             re.findall(r"calls: (\S+) (\d+), (\d+) B, (\d+) recent, (\d+) timers", text)
             if int(calls)}
    return found, round(sum(calls for calls, *_ in found.values()) * BATCH)


def call(name, size, recent, sets_timer):
    """The words of one call, of a random group; it finds the version that it begins from."""
    group = f"{'0' * 20}__rand_int__"
    keys = [f"haechi:{{b00}}:{what}" for what in (group[2:], "due", f"recent:{group}")]
    state = "x" * size
    is_addition = name.startswith("addition")
    words = [VERSION, VERSION if is_addition else VERSION + state,
             "" if is_addition else "86400000", group,
             "1767225600000" if sets_timer else "=1767225600000", state if is_addition else ""]
    for i in range(recent):
        words += ["1767225600000", f"{i:04d}{'0' * 16}__rand_int__"]
    return ["3", *keys, *words]


def calls_a_second(bench, sha, pipeline, *kind):
    out = subprocess.run(
        ["redis-benchmark", "-h", bench.redis.host, "-p", str(bench.redis.port), "-c", "1",
         "-P", str(pipeline), "-n", str(BENCHMARK_CALLS), "-r", str(BENCHMARK_KEYS), "--csv",
         "EVALSHA", sha, *call(*kind)], capture_output=True, text=True, check=True)
    return float(list(csv.reader(io.StringIO(out.stdout)))[-1][1])


def redis_benchmark(bench, kinds, pipeline):
    """Events a second for which redis-benchmark makes the calls, each kind alone."""
    client = bench.redis.client
    client.flushall()
    sha = client.script_load(tool("script"))
    calls_a_second(bench, sha, pipeline, "whole", 700, 0, True)  # what additions are added to
    seconds = sum(calls / calls_a_second(bench, sha, pipeline, name, *kind)
                  for name, (calls, *kind) in kinds.items())
    return 1 / seconds


def throughput(bench, rate, what):
    topic = fill(bench.kafka, rate)
    run_correlator(bench, topic)  # broker and page cache warm up
    kinds, pipeline = mix(bench, rate)
    own, peer = [], []
    for _ in range(bench.runs):
        own.append(run_correlator(bench, topic))
        peer.append(redis_benchmark(bench, kinds, pipeline))
    bench.kafka.delete(topic)

    name = f"correlator, all built-in rules, {what}: {rate} events/s by their times"
    rates, peers = [run.rate / 1e3 for run in own], [rate / 1e3 for rate in peer]
    ratio = median(rates) / median(peers)
    yield Row(name, f"{median(rates):.1f} k events/s", spread(rates, "{:.1f}"),
              f"redis-benchmark, the same calls: {median(peers):.1f} k/s "
              f"({spread(peers, '{:.1f}')})", f"{ratio:.2f}",
              "; ".join((verdict(median(rates) >= 20, "20 k/s"),
                         verdict(ratio >= 0.75, "0.75 of redis-benchmark"))))
    yield Row(f"{name}, processor time", f"{median([r.processor_us for r in own]):.1f} µs/event",
              spread([run.processor_us for run in own], "{:.1f}"),
              f"of Redis: {median([run.redis_us for run in own]):.1f} µs/event")
    rounds = median([run.rounds for run in own])
    yield Row(f"{name}, round trips a batch", f"{rounds:.2f}", "",
              f"{median([run.calls for run in own]):.0f} script calls in it",
              aim=verdict(rounds < 1.01, "1"))


def used(bench, groups, workload):
    """What Redis takes for so many groups of that workload of bench_groups, and for how long it was
    filled."""
    client = bench.redis.client
    client.flushall()
    before, begin = client.info("memory")["used_memory"], time.monotonic()
    make = subprocess.Popen([TOOLS / "bench_groups", "redis", str(groups), str(workload)],
                            stdout=subprocess.PIPE)
    subprocess.run(["redis-cli", "-h", bench.redis.host, "-p", str(bench.redis.port), "--pipe"],
                   stdin=make.stdout, capture_output=True, check=True)
    taken = client.info("memory")["used_memory"] - before
    assert client.dbsize() == groups
    client.flushall()
    return taken, time.monotonic() - begin


def memory(bench):
    table = subprocess.run([TOOLS / "bench_groups"], capture_output=True, text=True,
                           check=True).stdout
    state = {name: (int(slots), int(size)) for name, slots, size in re.findall(
        r"^(\S.*?)  +\d+ +(\d+) +(\d+) ", table, re.MULTILINE)}
    for workload, name in ((2, "10 events, 1 rule"), (1, "10 events, no open slot")):
        taken, _ = used(bench, FEWER, workload)
        rules = "one rule" if workload == 2 else "all built-in rules"
        yield Row(f"Redis, a group with 10 events, no open slot, {rules}",
                  f"{taken / FEWER:.0f} B", "", f"{FEWER} groups; state {state[name][1]} B",
                  aim=verdict(taken / FEWER <= 600, "600 B"))
    slots, size = state["10 events, an open slot"]
    more = (size - state["10 events, no open slot"][1]) / slots
    yield Row("Redis, an open slot more", f"{more:.0f} B of state", "",
              f"{slots} slots of a group with 10 events")
    taken, seconds = used(bench, MANY, 0)
    yield Row(f"Redis, {MANY} groups with an event each", f"{taken / (1 << 20):.0f} MiB", "",
              f"{taken / MANY:.0f} B a group; made and written in {seconds:.0f} s")


def windows(bench):
    text = subprocess.run([TOOLS / "bench_windows", str(bench.runs)], capture_output=True,
                          text=True, check=True).stdout
    found = {name: (int(ns), low, high) for name, ns, low, high in re.findall(
        r"^(\S.*?) +\d+ +(\d+) +(\d+)\.\.(\d+) ", text, re.MULTILINE)}
    aims = {"event_count, zipf", "event_count, flood"}
    for name, (ns, low, high) in found.items():
        yield Row(f"windows in memory: {name}", f"{ns} ns/event", f"{low}..{high}", "", "",
                  verdict(ns <= 1000, "1 M events/s a core") if name in aims else "")
    ratio = found["value_count, values"][0] / found["event_count, flood"][0]
    yield Row("windows in memory: value_count with 10,000 values to event_count",
              f"{ratio:.2f} times", aim=verdict(ratio <= 3, "at most 3 times"))


def correlator(bench):
    for rate, what in RATES:
        yield from throughput(bench, rate, what)
    yield from memory(bench)
    yield from windows(bench)
