"""Runs the benches that are named, or all; scripts/bench is how to call it."""

import argparse
import functools
import pathlib
import sys
import tempfile
from dataclasses import dataclass

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "e2e"))

import bench_correlator  # noqa: E402
import bench_forwarder  # noqa: E402
import bench_iocs  # noqa: E402
import bench_kafka  # noqa: E402
import bench_micro  # noqa: E402
import bench_scan  # noqa: E402
import report  # noqa: E402
import servers  # noqa: E402

BENCHES = {
    "detector": bench_kafka.detector,
    "latency": bench_kafka.latency,
    "memory": bench_kafka.memory,
    "correlator": bench_correlator.correlator,
    "forwarder": bench_forwarder.forwarder,
    "ioc": bench_iocs.ioc,
    "scan": bench_scan.scan,
    "rules": bench_micro.rules,
    "formats": bench_micro.formats,
    "records": bench_micro.records,
    "log": bench_micro.log,
}


@dataclass
class Bench:
    """What a bench may need; servers start when first asked for."""
    folder: pathlib.Path
    runs: int
    logs: int
    seed: pathlib.Path | None
    real_time: bool
    dead_seconds: int
    iocs: int

    @functools.cached_property
    def kafka(self):
        return servers.Kafka(folder=self.folder / "kafka").start()

    @functools.cached_property
    def redis(self):
        return servers.Redis(folder=self.folder / "redis").start()

    def close(self):
        for name in ("kafka", "redis"):
            if name in self.__dict__:
                getattr(self, name).stop()


def arguments():
    parser = argparse.ArgumentParser(prog="scripts/bench",
                                     description="Measures Haechi beside its peers.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(BENCHES)}")
    parser.add_argument("--runs", type=int, default=5, help="counted runs of each (5)")
    parser.add_argument("--logs", type=int, default=2000000, help="logs in a topic (2000000)")
    parser.add_argument("--seed", type=pathlib.Path, metavar="FILE",
                        help="a document whose first Python block is the detector that Haechi's first "
                             "rules come from")
    parser.add_argument("--dead-seconds", type=int, default=bench_forwarder.DEAD_SECONDS,
                        help="how long a target of the forwarder's is dead (20); 600: as the aim says")
    parser.add_argument("--iocs", type=int, default=bench_iocs.MILLION, metavar="COUNT",
                        help="indicators to import (1000000), for which the aims are")
    parser.add_argument("--real-time", action="store_true",
                        help="latency at real-time priority, for a machine that has other work")
    given = parser.parse_args()
    for name in given.names:
        if name not in BENCHES:
            parser.error(f"no bench '{name}'; there are {', '.join(BENCHES)}")
    return given


def command(given):
    """As others would repeat it: where that document lies is the machine's."""
    words = ["FILE" if given.seed and word == str(given.seed) else word for word in sys.argv[1:]]
    return " ".join(["scripts/bench", *words])


def main():
    given = arguments()
    rows = []
    with tempfile.TemporaryDirectory(prefix="haechi-bench-") as folder:
        bench = Bench(pathlib.Path(folder), given.runs, given.logs, given.seed,
                      given.real_time, given.dead_seconds, given.iocs)
        try:
            for name in given.names or BENCHES:
                print(f"bench: {name}", file=sys.stderr)
                for row in BENCHES[name](bench):
                    print(f"bench:   {row.name}: {row.figure} {row.ratio}", file=sys.stderr)
                    rows.append(row)
        finally:
            bench.close()
    print(report.terminal_table(rows))
    if not given.names:
        report.write_document(report.ROOT / "docs" / "benchmarks.md", rows, command(given))


if __name__ == "__main__":
    main()
