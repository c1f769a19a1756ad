"""`haechi scan` on one core, beside grep with the same patterns and the Python detector that Haechi's first
rules come from.

Rates are lines a second of processor time: on a core of its own that is the wall time."""

import contextlib
import io
import json
import os
import re
import resource
import shutil
import subprocess
import sys
import time

from report import ROOT, Row, median, spread, verdict
from servers import BUILD

GREP_LINES = 20000  # the Python detector reads them too


def write_lines(path, count):
    with open(path, "wb") as out:
        subprocess.run([BUILD / "tests" / "bench_generate", "access", str(count)], stdout=out,
                       check=True)
    return path


def one_core(command):
    """Processor seconds and wall seconds of one run of the command, and what it printed."""
    pin = ["taskset", "-c", str(os.cpu_count() - 1)] if shutil.which("taskset") else []
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begin = time.monotonic()
    done = subprocess.run([*pin, *command], capture_output=True, text=True, check=True,
                          env={**os.environ, "LC_ALL": "C"})
    wall = time.monotonic() - begin
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, wall, done.stdout


def built_in_patterns():
    """The 22 of Haechi's first rules, each with its own flags."""
    rules = json.loads((ROOT / "tests" / "data" / "first_rules.json").read_text())
    return [pattern for attacks in rules.values() for rule in attacks.values()
            for pattern in rule["patterns"]]


def python_detector(path):
    """The first block of Python in a document, made into its detector."""
    block = re.search(r"```python\n(.*?)\n```", open(path, encoding="utf-8").read(), re.DOTALL)
    module = type(sys)("first")
    sys.modules["first"] = module  # dataclasses look there
    exec(compile(block[1], path, "exec"), module.__dict__)  # pylint: disable=exec-used
    return module.SecurityEventDetector()


def python_rate(path, lines):
    detector = python_detector(path)
    begin = time.process_time()
    with contextlib.redirect_stdout(io.StringIO()):
        for line in lines:
            detector.analyze_log_entry({"message": line, "client_ip": line.split(" ", 1)[0]})
            while not detector.event_queue.empty():
                detector.event_queue.get_nowait()
    return len(lines) / (time.process_time() - begin)


def scan(bench):
    path = write_lines(bench.folder / "access.log", bench.logs)
    few = write_lines(bench.folder / "few.log", GREP_LINES)
    pattern = "|".join(f"(?:{one})" for one in built_in_patterns())
    own, walls, grep, found = [], [], [], "?"
    for _ in range(bench.runs):
        processor, wall, _ = one_core([BUILD / "haechi", "scan", "--summary", path])
        own.append(bench.logs / processor / 1e6)
        walls.append(bench.logs / wall / 1e6)
        processor, _, found = one_core(["grep", "-cP", pattern, few])
        grep.append(GREP_LINES / processor / 1e6)
    yield Row("haechi scan, access log, one core", f"{median(own):.2f} M lines/s", spread(own),
              f"grep -cP, 22 patterns: {median(grep):.3f} M/s ({spread(grep, '{:.3f}')}), "
              f"{found.strip()} of {GREP_LINES} found",
              f"{median(own) / median(grep):.0f}", verdict(median(own) >= 1, "1 M lines/s"))
    yield Row("haechi scan, by the clock on the wall", f"{median(walls):.2f} M lines/s",
              spread(walls))
    if not bench.seed:
        print("bench:   the Python detector is not at hand (--seed FILE): skipped", file=sys.stderr)
        return
    lines = few.read_text().splitlines()
    rates = [python_rate(bench.seed, lines) / 1e6 for _ in range(bench.runs)]
    yield Row("haechi scan beside the Python detector", f"{median(own):.2f} M lines/s",
              spread(own), f"Python: {median(rates):.3f} M/s ({spread(rates, '{:.3f}')})",
              f"{median(own) / median(rates):.0f}")
