"""The detector from topic to topic, on a real broker, beside a bare librdkafka loop."""

import dataclasses
import json
import os
import re
import subprocess
import time
from dataclasses import dataclass

from report import Row, median, spread, verdict
from servers import BUILD, unique
from subject import Detector, Process

TOOLS = BUILD / "tests"
PARTITIONS = 4
OTHER_THREADS = 1  # than there are of itself
SAMPLES = 1000
LATENCY_RATE, LATENCY_SECONDS = 10000, 10
IDLE_SECONDS = 3
GROWTH_TURNS = 5


@dataclass(frozen=True)
class Run:
    rate: float           # records a second, from the assignment to the last acknowledgement
    processor_us: float   # of the whole process, a record, in that time
    peak_mib: float = 0


def fill(kafka, shape, count, topic=None):
    """A topic of `count` logs of that shape."""
    topic = topic or kafka.create(unique(f"bench-{shape}"), PARTITIONS)
    generate = subprocess.Popen([TOOLS / "bench_generate", shape, str(count)],
                                stdout=subprocess.PIPE)
    subprocess.run([TOOLS / "bench_load", kafka.address, topic, str(PARTITIONS)],
                   stdin=generate.stdout, check=True)
    return topic


def timed(process, count, wait):
    process.wait_line("assigned")
    wall, processor = time.monotonic(), process.processor_seconds()
    wait()
    return Run(count / (time.monotonic() - wall),
               (process.processor_seconds() - processor) / count * 1e6, process.memory_mib())


def run_detector(bench, topic, log_format, count, settings=None):
    detector = Detector(bench.kafka, bench.redis, bench.folder, topic, log_format, settings)
    process = detector.start()
    run = timed(process, count, lambda: detector.wait_settled(count))
    process.stop()
    return run, detector.events_topic


def run_bare(bench, topic, count, outputs, samples):
    process = Process([TOOLS / "bench_bare", bench.kafka.address, topic, unique("bare"), str(count),
                       bench.kafka.create(unique("bare")), str(outputs), samples])
    run = timed(process, count, lambda: process.wait_line("done"))
    process.close()
    return run


def take_samples(bench, events_topic):
    """What the bare loop has to write: how many, and a file of them."""
    records = bench.kafka.read(events_topic)
    path = bench.folder / f"{events_topic}.samples"
    path.write_bytes(b"".join(record.value + b"\n" for record in records[:SAMPLES]))
    return len(records), path, sum(len(record.value) for record in records) / len(records)


def throughput(bench, shape, log_format):
    topic = fill(bench.kafka, shape, bench.logs)
    own, other, bare = [], [], []
    # The first run of each is not counted: broker and page cache warm up.
    _, events = run_detector(bench, topic, log_format, bench.logs)
    outputs, samples, size = take_samples(bench, events)
    run_bare(bench, topic, bench.logs, outputs, samples)
    for _ in range(bench.runs):
        own.append(run_detector(bench, topic, log_format, bench.logs)[0])
        other.append(run_detector(bench, topic, log_format, bench.logs,
                                  {"detector": {"threads": OTHER_THREADS}})[0])
        bare.append(run_bare(bench, topic, bench.logs, outputs, samples))
    bench.kafka.delete(topic)

    name = f"detector, Kafka to Kafka, {shape}"
    yield from compared(name, own, bare, f"{outputs} outputs of {size:.0f} B")
    yield from compared(f"{name}, threads: {OTHER_THREADS}", other, bare, "the same")


def compared(name, own, bare, written):
    """Rows of the detector's runs beside the bare loop's."""
    rates, bare_rates = [run.rate / 1e3 for run in own], [run.rate / 1e3 for run in bare]
    costs, bare_costs = [r.processor_us for r in own], [r.processor_us for r in bare]
    ratio, above = median(rates) / median(bare_rates), median(costs) - median(bare_costs)
    yield Row(name, f"{median(rates):.0f} k logs/s", spread(rates, "{:.0f}"),
              f"bare loop {median(bare_rates):.0f} k/s ({spread(bare_rates, '{:.0f}')}), "
              f"{written}", f"{ratio:.2f}", verdict(ratio >= 0.8, "0.8 of the bare loop"))
    yield Row(f"{name}, processor time", f"{median(costs):.2f} µs/log", spread(costs),
              f"bare loop {median(bare_costs):.2f} µs ({spread(bare_costs)})",
              f"+{above:.2f} µs", verdict(above <= 1.0, "1.0 µs above"))
    yield Row(f"{name}, most memory", f"{max(run.peak_mib for run in own):.0f} MiB", "",
              f"bare loop {max(run.peak_mib for run in bare):.0f} MiB")


def detector(bench):
    yield from throughput(bench, "json", "json")
    yield from throughput(bench, "access", "clf")


def latency(bench):
    """From the broker's append of a log to the event in a consumer's hand."""
    if not bench.real_time:
        yield from measure_latency(bench, "")
        return
    # Who is started from here on has the priority too: servers of its own for that.
    os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(5))
    own = dataclasses.replace(bench, folder=bench.folder / "real-time")
    try:
        yield from measure_latency(own, ", at real-time priority")
    finally:
        own.close()
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))


def measure_latency(bench, how):
    bench.folder.mkdir(exist_ok=True)
    found = []
    for _ in range(bench.runs + 1):
        topic = bench.kafka.create(unique("bench-latency"), PARTITIONS,
                                   message_timestamp_type="LogAppendTime")
        detector = Detector(bench.kafka, bench.redis, bench.folder, topic, "clf")
        process = detector.start()
        process.wait_line("assigned")
        done = subprocess.run([TOOLS / "bench_latency", bench.kafka.address, topic,
                               detector.events_topic, str(LATENCY_RATE), str(LATENCY_SECONDS)],
                              capture_output=True, text=True, check=True).stdout
        process.stop()
        found.append({name: float(value) for name, value in re.findall(r"(p\d+|most) (\S+)", done)})
    for name, aim in (("p50", None), ("p99", 10)):
        values = [one[name] for one in found[1:]]  # a new broker is slow for some seconds
        yield Row(f"append to event at {LATENCY_RATE} logs/s{how}, {name}", f"{median(values):.1f} ms",
                  spread(values, "{:.1f}"),
                  aim=verdict(median(values) < aim, f"under {aim} ms") if aim else "")


def memory(bench):
    """Idle, and whether it grows; and how long it takes to start."""
    topic = bench.kafka.create(unique("bench-memory"), PARTITIONS)
    detector = Detector(bench.kafka, bench.redis, bench.folder, topic, "json")
    seconds, own_seconds, processor = [], [], []
    for _ in range(bench.runs):
        begin = time.monotonic()
        process = detector.start()
        line = process.wait_line('"started"')
        seconds.append(time.monotonic() - begin)
        own_seconds.append(json.loads(line)["seconds"])
        processor.append(process.processor_seconds())
        process.stop()
    yield Row("start: from exec to the first poll", f"{median(seconds) * 1e3:.0f} ms",
              spread([s * 1e3 for s in seconds], "{:.0f}"),
              f"{median(own_seconds) * 1e3:.0f} ms of it by its own clock, "
              f"{median(processor) * 1e3:.0f} ms of processor time",
              aim=verdict(median(seconds) < 0.3, "under 300 ms"))

    process = detector.start()
    process.wait_line("assigned")
    time.sleep(IDLE_SECONDS)
    idle = process.memory_mib()
    yield Row("memory, idle", f"{idle:.0f} MiB", aim=verdict(idle < 64, "under 64 MiB"))

    resident, in_use = [], []
    for turn in range(1, GROWTH_TURNS + 1):
        fill(bench.kafka, "json", bench.logs, topic)
        figures = detector.wait_settled(turn * bench.logs)
        resident.append(process.memory_mib("VmRSS"))
        in_use.append(figures["process_heap_in_use_bytes"] / 2**20)
    peak = process.memory_mib()
    process.stop()
    bench.kafka.delete(topic)
    yield Row(f"memory over {GROWTH_TURNS * bench.logs / 1e6:.0f} M logs",
              f"{resident[-1]:.0f} MiB, at most {peak:.0f}", spread(resident, "{:.0f}"),
              f"allocated of it: {in_use[-1]:.1f} MiB ({spread(in_use, '{:.1f}')})",
              aim=verdict(in_use[-1] - max(in_use[:2]) < 1, "no growth of what is allocated"))
