"""Real servers for the end-to-end tests, and clients of another's making to speak to them."""

import os
import pathlib
import runpy
import shutil
import signal
import subprocess
import time
import uuid
from dataclasses import dataclass, field

import pytest
import redis as redis_client
from confluent_kafka import (Consumer, ConsumerGroupTopicPartitions, KafkaException, Producer,
                             TopicPartition)
from confluent_kafka.admin import AdminClient, NewPartitions, NewTopic, OffsetSpec

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("HAECHI_BUILD", ROOT / "build" / "release"))


# How long tests wait for what must come, in seconds: a limit for the slowest of machines, and no time.
LIMIT = 300


def until(claim, check, limit=LIMIT):
    """Waits until check() is true, and returns what it gave; fails with the claim after the limit.

    check may raise AssertionError or a client's error while it is not yet so."""
    end = time.monotonic() + limit
    problem = None
    while True:
        try:
            result = check()
            if result:
                return result
            problem = f"last seen: {result!r}"
        except (AssertionError, KafkaException, OSError, redis_client.RedisError) as e:
            problem = f"last seen: {e}"
        if time.monotonic() > end:
            pytest.fail(f"not within {limit:g} s: {claim} ({problem})", pytrace=True)
        time.sleep(0.05)


def cannot_run(missing, machine=False):
    """Skips the test because something is missing, said in one line. In CI that is a failure unless
    this kind of machine cannot have it."""
    if os.environ.get("CI") == "true" and not machine:
        pytest.fail(f"CI must have it: {missing}")
    pytest.skip(missing)


def need(*programs):
    """Paths of programs, /usr/sbin included, or a skip that names what brings them."""
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    found = [shutil.which(program, path=path) for program in programs]
    for program, place in zip(programs, found):
        if not place:
            cannot_run(f"{program} is missing: run ./scripts/setup --tests")
    return found


def program(name):
    """A program of ours, built."""
    path = BUILD / name
    if not path.exists():
        cannot_run(f"{path} is not built: run ./scripts/test e2e")
    return path


free_ports = runpy.run_path(str(ROOT / "scripts" / "free_ports"))["free_ports"]


def free_port():
    return free_ports(1)[0]


def unique(name):
    """A name for a topic or group that no other test, and no other run, has."""
    return f"{name}-{uuid.uuid4().hex[:8]}"


def script(name, folder, command):
    """Runs scripts/<name>, which start and stop servers, and returns what it printed."""
    done = subprocess.run([ROOT / "scripts" / name, command, "--dir", str(folder)],
                          capture_output=True, text=True)
    if done.returncode != 0:
        cannot_run(f"scripts/{name} {command}: {done.stderr.strip()}")
    return done.stdout.strip()


@dataclass(frozen=True)
class Record:
    """One record of a topic, as confluent-kafka read it; all bytes."""
    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes = None
    value: bytes = None
    headers: dict = field(default_factory=dict, compare=False)

    @property
    def where(self):
        return self.topic, self.partition, self.offset


class Server:
    """One of a test's own (folder given), which it may stop, freeze and start again at the same
    address, or one that is there already (address given)."""

    def __init__(self, folder=None, address=None):
        self.folder = folder
        self.address = address

    def start(self):
        if self.folder:
            self.address = script(self.command, self.folder, "start")
        return self

    def stop(self):
        if self.folder:
            script(self.command, self.folder, "stop")

    def freeze(self):
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self):
        os.kill(self.pid, signal.SIGCONT)

    @property
    def pid(self):
        return int((pathlib.Path(self.folder) / "pid").read_text())


class Kafka(Server):
    """A broker."""

    command = "kafka"

    def __init__(self, folder=None, address=None):
        super().__init__(folder, address)
        self._admin = None
        self._producer = None

    def kill(self):
        """As a power cut does."""
        os.kill(self.pid, signal.SIGKILL)
        until("the broker is gone", lambda: not os.path.exists(f"/proc/{self.pid}"))

    def client(self, **properties):
        """Properties of a confluent-kafka client of this broker: client(group_id="x")."""
        # Broken connections are what these tests are about: no line on stderr for each.
        return {"bootstrap.servers": self.address, "log_level": 2, "log.connection.close": False,
                "enable.metrics.push": False,  # or each would wait for that at its end
                "reconnect.backoff.max.ms": 500,
                **{key.replace("_", "."): value for key, value in properties.items()}}

    @property
    def admin(self):
        if self._admin is None:  # its length may be 0
            self._admin = AdminClient(self.client())
        return self._admin

    # -- topics

    def create(self, name, partitions=4, **config):
        """A topic, there when this returns. config: max_message_bytes=4194304 and the like."""
        settings = {key.replace("_", "."): str(value) for key, value in config.items()}
        made = self.admin.create_topics([NewTopic(name, partitions, 1, config=settings)])
        made[name].result(LIMIT)
        until(f"topic {name} has its {partitions} leaders",
              lambda: self._leaders(name) == partitions)
        self.end(name)  # that it is heard of does not mean that it answers
        return name

    def delete(self, name):
        self.admin.delete_topics([name])[name].result(LIMIT)
        until(f"topic {name} is gone", lambda: self._leaders(name) == 0)

    def add_partitions(self, name, total):
        self.admin.create_partitions([NewPartitions(name, total)])[name].result(LIMIT)
        until(f"topic {name} has {total} leaders", lambda: self._leaders(name) == total)

    def delete_records(self, name, partition, before):
        """As retention does: what is older than the offset `before` is gone."""
        place = TopicPartition(name, partition, before)
        self.admin.delete_records([place])[place].result(LIMIT)

    def _leaders(self, name):
        topic = self.admin.list_topics(timeout=LIMIT).topics.get(name)
        if not topic or topic.error:
            return 0
        return sum(p.leader >= 0 for p in topic.partitions.values())

    def partitions(self, name):
        topic = self.admin.list_topics(name, timeout=LIMIT).topics[name]
        return sorted(topic.partitions) if not topic.error else []

    # -- records

    def produce(self, topic, values, keys=None, headers=None, partition=None, timestamp=None,
                limit=LIMIT):
        """Appends values (bytes or text), returns where each went as (topic, partition, offset), in
        their order. keys: one for each. Without a partition: spread evenly, value by value, so that
        all partitions get some."""
        if self._producer is None:  # its length may be 0
            self._producer = Producer(self.client(linger_ms=5, enable_idempotence=True,
                                                  message_max_bytes=8 << 20,
                                                  queue_buffering_max_messages=1000000))
        producer, places, problems = self._producer, [None] * len(values), []
        numbers = None if partition is not None or keys else self.partitions(topic)

        def delivered(i):
            def note(error, message):
                if error:
                    problems.append(error)
                else:
                    places[i] = (message.topic(), message.partition(), message.offset())
            return note

        for i, value in enumerate(values):
            more = {}
            if numbers:
                more["partition"] = numbers[i % len(numbers)]
            elif partition is not None:
                more["partition"] = partition
            if keys:
                more["key"] = keys[i]
            if headers:
                more["headers"] = headers
            if timestamp:
                more["timestamp"] = timestamp
            while True:
                try:
                    producer.produce(topic, value, on_delivery=delivered(i), **more)
                    break
                except BufferError:
                    producer.poll(0.1)
            producer.poll(0)
        left = producer.flush(limit)
        assert not problems and not left, f"{len(problems)} refused, {left} left: {problems[:1]}"
        return places

    def read(self, topic):
        """All records that the topic holds now, partition by partition."""
        consumer = Consumer(self.client(group_id=unique("reader"), enable_auto_commit=False,
                                        fetch_message_max_bytes=8 << 20))
        try:
            begins = self._offsets(topic, OffsetSpec.earliest())
            ends = {p: end for p, end in self.end(topic).items() if end > begins[p]}
            consumer.assign([TopicPartition(topic, p, begins[p]) for p in ends])
            records = []
            end = time.monotonic() + LIMIT
            while ends:
                assert time.monotonic() < end, f"{topic}: {len(records)} records, {ends} not reached"
                for message in consumer.consume(1000, timeout=0.2):
                    if message.error():
                        raise KafkaException(message.error())
                    records.append(record_of(message))
                # Positions, and not the offsets seen: a transaction's marker is a last one too.
                for place in consumer.position([TopicPartition(topic, p) for p in ends]):
                    if place.offset >= ends[place.partition]:
                        del ends[place.partition]
            return records
        finally:
            consumer.close()

    def end(self, topic):
        """{partition: offset of the next record}."""
        return self._offsets(topic, OffsetSpec.latest())

    def _offsets(self, topic, spec):
        wanted = {TopicPartition(topic, p): spec for p in self.partitions(topic)}
        if not wanted:
            return {}
        found = until(f"topic {topic} tells its offsets", lambda: [
            (place, answer.result(LIMIT)) for place, answer in
            self.admin.list_offsets(wanted).items()])
        return {place.partition: answer.offset for place, answer in found}

    def committed(self, group, topic):
        """{partition: next offset that the group will read}; -1001: none."""
        # By a consumer that joins nothing: librdkafka's admin request for this dereferences NULL
        # when the coordinator is not there yet.
        consumer = Consumer(self.client(group_id=group))
        try:
            wanted = [TopicPartition(topic, p) for p in self.partitions(topic)]
            return {p.partition: p.offset for p in consumer.committed(wanted, timeout=LIMIT)}
        finally:
            consumer.close()

    def alter(self, group, topic, offsets):
        """Sets where an empty group reads on; false while it has members."""
        wanted = [TopicPartition(topic, p, at) for p, at in offsets.items()]
        try:
            self.admin.alter_consumer_group_offsets(
                [ConsumerGroupTopicPartitions(group, wanted)])[group].result(LIMIT)
        except KafkaException:
            return False
        return True

    def wait_done(self, group, *topics, limit=LIMIT):
        """Until the group has committed all that the topics hold: since an offset is committed only
        when what was made from its record is acknowledged, everything can then be read."""
        for topic in topics:
            ends = {p: end for p, end in self.end(topic).items() if end > 0}
            until(f"group {group} has committed topic {topic} up to {ends}",
                  lambda topic=topic, ends=ends: _reached(self.committed(group, topic), ends),
                  limit)

    def members(self, group):
        """How many members the group has, once it is stable; 0 while it is not."""
        described = self.admin.describe_consumer_groups([group])[group].result(LIMIT)
        return len(described.members) if described.state.name == "STABLE" else 0


def _reached(committed, ends):
    short = {p: (committed.get(p), end) for p, end in ends.items() if committed.get(p, -1) < end}
    assert not short, f"committed and wanted: {short}"
    return True


def record_of(message):
    return Record(message.topic(), message.partition(), message.offset(), message.timestamp()[1],
                  message.key(), message.value(),
                  dict(message.headers() or []))


class Redis(Server):
    command = "redis"

    @property
    def host(self):
        return self.address.rpartition(":")[0]

    @property
    def port(self):
        return int(self.address.rpartition(":")[2])

    @property
    def client(self):
        return redis_client.Redis(self.host, self.port)
