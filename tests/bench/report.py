"""What a bench found, and how it is shown: on a terminal and in docs/benchmarks.md."""

import os
import pathlib
import platform
import statistics
import subprocess
from dataclasses import dataclass

ROOT = pathlib.Path(__file__).resolve().parents[2]
BEGIN, END = "<!-- figures: written by scripts/bench -->", "<!-- end of figures -->"


@dataclass(frozen=True)
class Row:
    """One line of the table. Figures are texts with their units; ratio is figure to peer."""
    name: str
    figure: str
    spread: str = ""
    peer: str = ""
    ratio: str = ""
    aim: str = ""


def median(values):
    return statistics.median(values)


def spread(values, form="{:.2f}"):
    return f"{form.format(min(values))}..{form.format(max(values))}"


def verdict(holds, aim):
    """An aim, and whether it is met."""
    return f"{aim}: {'yes' if holds else 'NO'}"


HEAD = Row("bench", "figure", "spread", "peer", "ratio", "aim, met")


def cells(row):
    return [row.name, row.figure, row.spread, row.peer, row.ratio, row.aim]


def terminal_table(rows):
    lines = [cells(row) for row in [HEAD, *rows]]
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip()
                     for line in lines)


def markdown_table(rows):
    lines = [cells(HEAD), ["---"] * 6, *[cells(row) for row in rows]]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |"
                     for line in lines)


def version_of(package):
    found = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", package], capture_output=True,
                           text=True, check=False).stdout
    return found or "?"


def machine():
    """Processor, cores, memory, kernel, and the versions of what decides the figures."""
    cpu = memory = "?"
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            cpu = line.partition(":")[2].strip()
    for line in pathlib.Path("/proc/meminfo").read_text().splitlines():
        if line.startswith("MemTotal"):
            memory = f"{int(line.split()[1]) / (1 << 20):.0f} GiB"
    libraries = ", ".join(f"{name} {version_of(package)}" for name, package in (
        ("librdkafka", "librdkafka1"), ("Hyperscan", "libhyperscan5"), ("PCRE2", "libpcre2-8-0"),
        ("yyjson", "libyyjson0")))
    kernel = ".".join(platform.release().split(".")[:2])  # what follows is a distribution's
    return (f"{cpu}, {os.cpu_count()} cores, {memory}, Linux {kernel}; Apache Kafka "
            f"4.3.1 on the same machine; {libraries}")


def write_document(path, rows, command):
    """Puts the table between the two marks of the document and leaves the rest alone."""
    text = path.read_text()
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    path.write_text(f"{before}{BEGIN}\n\nMachine: {machine()}. Load average at the end "
                    f"{os.getloadavg()[2]:.1f} over 15 minutes; the bench alone makes about 2.\n\n"
                    f"Command: `{command}`\n\n"
                    f"{markdown_table(rows)}\n\n{END}{after}")
