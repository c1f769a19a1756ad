"""The detector from topic to topic, on a real broker, beside a bare librdkafka loop."""

import subprocess
import time
from dataclasses import dataclass

from report import Row, median, spread, verdict
from servers import BUILD, unique
from subject import Detector, Process

TOOLS = BUILD / "tests"
PARTITIONS = 4
SAMPLES = 1000


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


def run_detector(bench, topic, log_format, count):
    detector = Detector(bench.kafka, bench.redis, bench.folder, topic, log_format)
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
    own, bare = [], []
    # The first run of each is not counted: broker and page cache warm up.
    _, events = run_detector(bench, topic, log_format, bench.logs)
    outputs, samples, size = take_samples(bench, events)
    run_bare(bench, topic, bench.logs, outputs, samples)
    for _ in range(bench.runs):
        own.append(run_detector(bench, topic, log_format, bench.logs)[0])
        bare.append(run_bare(bench, topic, bench.logs, outputs, samples))
    bench.kafka.delete(topic)

    rates, bare_rates = [run.rate / 1e3 for run in own], [run.rate / 1e3 for run in bare]
    costs, bare_costs = [r.processor_us for r in own], [r.processor_us for r in bare]
    ratio, above = median(rates) / median(bare_rates), median(costs) - median(bare_costs)
    name = f"detector, Kafka to Kafka, {shape}"
    yield Row(name, f"{median(rates):.0f} k logs/s", spread(rates, "{:.0f}"),
              f"bare loop {median(bare_rates):.0f} k/s ({spread(bare_rates, '{:.0f}')}), "
              f"{outputs} outputs of {size:.0f} B",
              f"{ratio:.2f}", verdict(ratio >= 0.8, "0.8 of the bare loop"))
    yield Row(f"{name}, processor time", f"{median(costs):.2f} µs/log", spread(costs),
              f"bare loop {median(bare_costs):.2f} µs ({spread(bare_costs)})",
              f"+{above:.2f} µs", verdict(above <= 1.0, "1.0 µs above"))
    yield Row(f"{name}, most memory", f"{max(run.peak_mib for run in own):.0f} MiB", "",
              f"bare loop {max(run.peak_mib for run in bare):.0f} MiB")


def detector(bench):
    yield from throughput(bench, "json", "json")
    yield from throughput(bench, "access", "clf")
