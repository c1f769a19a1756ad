"""The parts, each measured by a program of its own (bench_<part>.c) that has a table of its own;
here are the rows of it that the common table shows. All is processor time."""

import re
import subprocess

from report import Row, verdict
from servers import BUILD


def output(part, runs):
    return subprocess.run([BUILD / "tests" / f"bench_{part}", str(runs)], capture_output=True,
                          text=True, check=True).stdout


def rows(pattern, text):
    found = [match.groupdict() for match in re.finditer(pattern, text, re.MULTILINE)]
    if not found:
        raise RuntimeError(f"no row like {pattern!r} in:\n{text}")
    return found


def formats(bench):
    for row in rows(r"^(?P<name>\S.*?) +\d+ +[\d.]+ +(?P<ns>\d+) +(?P<from>\d+)\.\.(?P<to>\d+) +"
                    r"(?P<peer>\d+) +(?P<ratio>[\d.]+)$", output("formats", bench.runs)):
        yield Row(f"parse: {row['name']}", f"{row['ns']} ns/log", f"{row['from']}..{row['to']}",
                  f"yyjson {row['peer']} ns", row["ratio"])


def records(bench):
    peers = {"JSON": "yyjson", "Avro": "avro-c"}
    for row in rows(r"^(?P<name>\w+( \w+)?) +(?P<ns>\d+) +(?P<from>\d+)\.\.(?P<to>\d+)"
                    r"( +(?P<peer>\d+) +(?P<ratio>[\d.]+))?\s*$", output("records", bench.runs)):
        peer = f"{peers[row['name'].split()[0]]} {row['peer']} ns" if row["peer"] else ""
        yield Row(f"event: {row['name']}", f"{row['ns']} ns", f"{row['from']}..{row['to']}", peer,
                  row["ratio"] or "")


def rules(bench):
    text = output("rules", bench.runs)
    measured = (r"\n +{} +(?P<{}>\d+) ns/log +\((?P<{}_from>\d+) to (?P<{}_to>\d+)\).*")
    names = ("engine", "own"), ("Hyperscan alone", "peer"), ("PCRE2 one by one", "slow")
    found = rows(r"^(?P<what>.*): (?P<count>\d+) patterns\n.*" +
                 "".join(measured.format(name, *[key] * 3) for name, key in names), text)
    for row in found:
        own = int(row["own"])
        yield Row(f"match: {row['what']}, {row['count']} patterns", f"{own} ns/log",
                  f"{row['own_from']}..{row['own_to']}",
                  f"Hyperscan alone {row['peer']} ns, PCRE2 one by one {row['slow']} ns",
                  f"{own / int(row['peer']):.2f}, {own / int(row['slow']):.4f}")
    few, many = found[1], found[-1]
    growth = int(many["own"]) / int(few["own"])
    yield Row(f"match: {many['count']} patterns to {few['count']}", f"{growth:.1f} times", "",
              "PCRE2 one by one", f"{int(many['slow']) / int(few['slow']):.0f} times",
              verdict(growth < 4, "under 4 times"))


def log(bench):
    for row in rows(r"^(?P<name>\S.*?) +\d+ +\d+ +(?P<parse>\d+) +(?P<match>\d+) +(?P<whole>\d+) +"
                    r"(?P<from>\d+)\.\.(?P<to>\d+) ", output("detect", bench.runs)):
        yield Row(f"a log's whole way: {row['name']}", f"{row['whole']} ns/log",
                  f"{row['from']}..{row['to']}", f"parsing {row['parse']}, with matching "
                  f"{row['match']} ns")
