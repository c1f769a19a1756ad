"""Fixtures of the end-to-end tests; README.md in this folder says how to use them."""

import json
import os
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from cli import FOUR  # noqa: E402
from iocfeed import FeedServer, IocFeed  # noqa: E402
from lanes import Lane  # noqa: E402
from worker import Correlator, Detector, Forwarder, merged  # noqa: E402
from servers import Kafka, Redis, unique  # noqa: E402
from shippers import Rsyslog, Sshd  # noqa: E402
from sinks import Sink  # noqa: E402


def running(server):
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def kafka(tmp_path_factory):
    """The broker that tests share: never stop it; topics and groups have names of their own."""
    address = os.environ.get("HAECHI_TEST_KAFKA")
    yield from running(Kafka(None if address else tmp_path_factory.mktemp("kafka"), address))


@pytest.fixture
def own_kafka(tmp_path):
    """A broker of the test's own, to be stopped, killed and started."""
    yield from running(Kafka(tmp_path / "kafka"))


@pytest.fixture(scope="session")
def redis(tmp_path_factory):
    """The Redis that tests share: never stop or empty it."""
    address = os.environ.get("HAECHI_TEST_REDIS")
    yield from running(Redis(None if address else tmp_path_factory.mktemp("redis"), address))


@pytest.fixture
def own_redis(tmp_path):
    """A Redis of the test's own, to be stopped, frozen and started."""
    yield from running(Redis(tmp_path / "redis"))


@pytest.fixture
def topic(request, kafka):
    """topic("logs", partitions=4, **config): makes a topic on the shared broker, named for the test
    and this run, and returns its name."""
    made = []

    def make(name="logs", partitions=4, on=None, **config):
        full = unique(f"{request.node.originalname or 'test'}-{name}")
        (on or kafka).create(full, partitions, **config)
        if on is None:
            made.append(full)
        return full

    yield make
    for name in made:
        kafka.admin.delete_topics([name])


@pytest.fixture
def detectors(request, tmp_path, kafka, redis, topic):
    """detectors(logs, settings={...}): a detector process that reads the topic `logs` and writes to
    topics of the test's own. See README.md for the arguments."""
    made = []

    def make(logs=None, settings=None, format="auto", on=None, redis_server=None, name=None,
             group=None, like=None, start=True, topics=True, **detector_settings):
        broker, cache = on or kafka, redis_server or redis
        if like:
            base = like.settings
        else:
            base = {
                "kafka": {"bootstrap_servers": broker.address,
                          "properties": {"session.timeout.ms": "6000"}},
                "redis": {"host": cache.host, "port": cache.port},
                "topics": {"detected_events": unique("events"), "dead_letters": unique("dead")},
                "detector": {"group": group or unique("group"), **detector_settings},
            }
            if topics:
                broker.create(base["topics"]["detected_events"])
                broker.create(base["topics"]["dead_letters"], max_message_bytes=4 << 20)
            if logs:
                names = [logs] if isinstance(logs, str) else list(logs)
                base["detector"]["sources"] = [{"topics": names, "format": format}]
        detector = Detector(name or f"detector{len(made) + 1}", tmp_path,
                            merged(base, settings or {}))
        made.append(detector)
        request.node.haechi_workers = getattr(request.node, "haechi_workers", []) + made[-1:]
        if start:
            detector.start()
        return detector

    yield make
    for detector in made:
        if detector.is_running():
            detector.kill()


@pytest.fixture
def correlators(request, tmp_path, kafka, own_redis):
    """correlators(events=topic, rules=[…], settings={…}): a correlator with a Redis of the test's
    own, and topics of its own for what `events` does not name. See README.md for the arguments."""
    made = []

    def make(events=None, rules=None, settings=None, like=None, start=True, **correlator_settings):
        if like:
            base = like.settings
        else:
            topics = {"detected_events": events or kafka.create(unique("events")),
                      "correlated_alerts": kafka.create(unique("alerts")),
                      "dead_letters": kafka.create(unique("dead"))}
            base = {
                "kafka": {"bootstrap_servers": kafka.address,
                          "properties": {"session.timeout.ms": "6000"}},
                "redis": {"host": own_redis.host, "port": own_redis.port},
                "topics": topics,
                "correlator": {"group": unique("group")},
            }
            if rules is not None:
                file = tmp_path / "correlations.yaml"
                file.write_text(json.dumps(rules))
                base["correlator"] |= {"default_correlations": False, "correlations": [str(file)]}
        made.append(Correlator(f"correlator{len(made) + 1}", tmp_path,
                               merged(merged(base, {"correlator": correlator_settings}),
                                      settings or {})))
        request.node.haechi_workers = getattr(request.node, "haechi_workers", []) + made[-1:]
        if start:
            made[-1].start()
        return made[-1]

    yield make
    for correlator in made:
        if correlator.is_running():
            correlator.kill()


@pytest.fixture
def feed_server():
    server = FeedServer()
    yield server
    server.stop()


@pytest.fixture
def iocfeeds(request, tmp_path, kafka, own_redis):
    """iocfeeds(url, settings={...}, **feed): an iocfeed with one feed, on a topic and a Redis of the
    test's own."""
    topic = unique("iocs")
    kafka.create(topic, 4, cleanup_policy="compact")
    made = []

    def make(url, settings=None, start=True, **feed):
        base = {
            "kafka": {"bootstrap_servers": kafka.address},
            "redis": {"host": own_redis.host, "port": own_redis.port},
            "topics": {"iocs": topic},
            "iocfeed": {"feeds": [{"name": "test", "format": "txt", "url": url, "interval": "1s",
                                   "threat_type": "c2", "confidence": 0.9, **feed}]},
        }
        process = IocFeed(f"iocfeed{len(made) + 1}", tmp_path, merged(base, settings or {}))
        made.append(process)
        request.node.haechi_workers = getattr(request.node, "haechi_workers", []) + made[-1:]
        return process.start() if start else process

    make.topic = topic
    yield make
    for process in made:
        if process.is_running():
            process.kill()
    kafka.admin.delete_topics([topic])


@pytest.fixture
def forwarders(request, tmp_path, kafka):
    """forwarders({"name": "a", "type": "http", …}, …): a forwarder with those targets and topics of
    the test's own. A target reads from the earliest on, in a group of its own, unless it says
    otherwise."""
    made = []

    def make(*targets, settings=None, start=True, ready=True):
        topics = {"correlated_alerts": kafka.create(unique("alerts")),
                  "siem_deliveries": kafka.create(unique("deliveries")),
                  "dead_letters": kafka.create(unique("dead"), max_message_bytes=4 << 20)}
        base = {
            "kafka": {"bootstrap_servers": kafka.address,
                      "properties": {"session.timeout.ms": "6000"}},
            "topics": topics,
            "forwarder": {"targets": [
                {"group": unique(target["name"]), "start_at": "earliest",
                 "retry": {"first": "20ms", "limit": "200ms"}, **target} for target in targets]},
        }
        made.append(Forwarder(f"forwarder{len(made) + 1}", tmp_path, merged(base, settings or {})))
        request.node.haechi_workers = getattr(request.node, "haechi_workers", []) + made[-1:]
        if start:
            made[-1].start(ready)
        return made[-1]

    yield make
    for forwarder in made:
        if forwarder.is_running():
            forwarder.kill()


@pytest.fixture
def sinks():
    """sinks(answer): a receiver that listens."""
    made = []

    def make(answer=None, start=True):
        made.append(Sink(answer))
        return made[-1].start() if start else made[-1]

    yield make
    for sink in made:
        sink.stop()


@pytest.fixture
def lane(forwarders, kafka):
    """lane({"type": …, …}): a forwarder with that target alone, which is impatient."""
    def make(target):
        # A reply is never too late, however slow the machine is: it would make doubles.
        return Lane(kafka, forwarders({"name": "siem", "timeout": "2m",
                                       "retry": {"first": "20ms", "limit": "100ms"}, **target}))

    return make


@pytest.fixture
def sshd(tmp_path):
    server = Sshd(tmp_path / "sshd")
    yield server
    server.stop()


@pytest.fixture
def rsyslog(tmp_path, kafka):
    made = []

    def start(file, topic, **more):
        made.append(Rsyslog(tmp_path / "rsyslog", file, topic, kafka.address, **more))
        return made[-1]

    yield start
    for shipper in made:
        shipper.stop()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """A failed test shows the end of its workers' logs."""
    report = yield
    if report.failed:
        for detector in getattr(item, "haechi_workers", []):
            report.sections.append((f"log of {detector.name}", detector.text_log()[-5000:]))
    return report


@pytest.fixture
def log(tmp_path):
    """An access log, in which three of four lines are an event (cli.EVENTS)."""
    file = tmp_path / "access.log"
    file.write_text(FOUR)
    return file
