"""docs/metrics.md says what /metrics prints, no more and no less.

HAECHI_WRITE_DOCS=1 ./scripts/test e2e -k metrics_page   writes its tables anew."""

import os
import re

from worker import parse_metrics
from servers import ROOT, until

PAGE = ROOT / "docs" / "metrics.md"
MARK = "<!-- made from /metrics: see above -->\n"


def families(text):
    """{name: (type, labels, help)} of a Prometheus page."""
    helps = dict(re.findall(r"^# HELP (\S+) (.*)$", text, re.M))
    types = dict(re.findall(r"^# TYPE (\S+) (.*)$", text, re.M))
    labels = {name: set() for name in helps}
    for name, pairs, _ in parse_metrics(text):
        family = name if name in helps else re.sub(r"_(bucket|sum|count)$", "", name)
        labels[family] |= set(pairs) - {"le"}
    return {name: (types[name], labels[name], helps[name]) for name in helps}


def table(rows, services=None):
    """@services: {name: who has it}, for a column of their own."""
    head = "| service " if services else ""
    lines = [f"| metric | type | labels {head}| |", f"| --- | --- | --- {'| --- ' * bool(head)}| --- |"]
    for name in sorted(rows):
        kind, labels, text = rows[name]
        shown = ", ".join(f"`{label}`" for label in sorted(labels)) or "–"
        whose = f"| {services[name]} " if services else ""
        lines.append(f"| `{name}` | {kind} | {shown} {whose}| {text} |")
    return "\n".join(lines) + "\n"


def page_of(found):
    """Six tables: what services share, each one's own, the process's. What is called alike in two
    services and is another thing is each one's own."""
    all_services = ("detector", "correlator", "forwarder", "iocfeed")

    def in_service(name, service):
        return name.replace("_detector_", f"_{service}_")

    shared = "".join(file.read_text() for file in (ROOT / "libshared/io").glob("*.c"))
    of_process = {n: row for n, row in found.items() if not n.startswith("haechi_")}
    of_worker = {n: row for n, row in found.items()
                 if re.search(rf'(?:, "|%s_){n.removeprefix("haechi_detector_")}"', shared)}
    of_detector = {n: row for n, row in found.items()
                   if n.startswith("haechi_detector_") and n not in of_worker}
    of_correlator, of_forwarder, of_iocfeed = (
        {n: row for n, row in found.items() if n.startswith(f"haechi_{service}_")
         and of_worker.get(n.replace(f"_{service}_", "_detector_")) != row}
        for service in all_services[1:])
    worker = {in_service(n, "<service>"): row for n, row in of_worker.items()}
    services = {}
    for name, row in of_worker.items():
        which = [s for s in all_services if found.get(in_service(name, s)) == row]
        services[in_service(name, "<service>")] = (
            "every" if len(which) == len(all_services) else ", ".join(which))
    return (f"\n## Of several services\n\n{table(worker, services)}\n## Of the detector\n\n{table(of_detector)}"
            f"\n## Of the correlator\n\n{table(of_correlator)}"
            f"\n## Of the forwarder\n\n{table(of_forwarder)}"
            f"\n## Of iocfeed\n\n{table(of_iocfeed)}"
            f"\n## Of the process\n\n{table(of_process)}")


def test_the_metrics_page_is_true(kafka, topic, detectors, correlators, forwarders, iocfeeds,
                                  feed_server, tmp_path):
    logs = topic("logs")
    detector = detectors(logs, format="json")
    kafka.produce(logs, ['{"message": "1 UNION SELECT 1"}', "{"])
    kafka.wait_done(detector.group, logs)
    correlator = correlators(detector.events_topic)
    kafka.produce(detector.events_topic, ["{"])
    kafka.wait_done(correlator.group, detector.events_topic)
    until("its figures are up to date",
          lambda: correlator.metric("haechi_correlator_events_total", outcome="judged"))
    forwarder = forwarders({"name": "file", "type": "file", "path": str(tmp_path / "alerts")})
    kafka.produce(forwarder.alerts_topic, ["{"])
    for worker in detector, correlator, forwarder:
        until("it has a dead letter", lambda worker=worker:
              f"haechi_{worker.service}_dead_letters_total{{" in worker.metrics_text(), 30)
    iocfeed = iocfeeds(feed_server.url)
    made = page_of(families(iocfeed.metrics_text()) | families(forwarder.metrics_text()) |
                   families(correlator.metrics_text()) | families(detector.metrics_text()))
    head, mark, tables = PAGE.read_text().partition(MARK)
    if os.environ.get("HAECHI_WRITE_DOCS"):
        PAGE.write_text(head + MARK + made)
    else:
        assert tables == made, "HAECHI_WRITE_DOCS=1 writes docs/metrics.md anew"
