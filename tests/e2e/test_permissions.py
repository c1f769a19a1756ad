"""A broker that asks who one is and what one may: what is missing is named, and nothing is lost."""

import pathlib

import pytest
from confluent_kafka.admin import (AclBinding, AclOperation, AclPermissionType, ResourcePatternType,
                                   ResourceType)
from events import assert_same_identities, events_of, fired
from servers import LIMIT, Kafka, free_port, unique, until

USER, OTHER, PASSWORD = "haechi", "other", "not-a-secret"


class Guarded(Kafka):
    """Beside the listener of the tests, whose clients may all, one that wants a password and knows a
    user who may nothing."""

    def start(self):
        super().start()
        self.stop()
        self.guarded = f"127.0.0.1:{free_port()}"
        settings = pathlib.Path(self.folder) / "server.properties"
        listeners = dict(line.split("=", 1) for line in settings.read_text().splitlines())
        with settings.open("a") as file:
            # Of a property that is there twice the last counts.
            file.write(f"""
listeners=GUARDED://{self.guarded},{listeners["listeners"]}
advertised.listeners=GUARDED://{self.guarded},{listeners["advertised.listeners"]}
listener.security.protocol.map=GUARDED:SASL_PLAINTEXT,CLIENTS:PLAINTEXT,CONTROLLER:PLAINTEXT
sasl.enabled.mechanisms=PLAIN
listener.name.guarded.plain.sasl.jaas.config=\
org.apache.kafka.common.security.plain.PlainLoginModule required \
user_{USER}="{PASSWORD}" user_{OTHER}="{PASSWORD}";
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:ANONYMOUS
""")
        return super().start()

    def allow(self, kind, name, *operations, user=USER):
        bindings = [AclBinding(kind, name, ResourcePatternType.LITERAL, f"User:{user}", "*", operation,
                               AclPermissionType.ALLOW) for operation in operations]
        for result in self.admin.create_acls(bindings).values():
            result.result(LIMIT)


@pytest.fixture(scope="module")
def guarded(tmp_path_factory):
    server = Guarded(folder=tmp_path_factory.mktemp("guarded")).start()
    yield server
    server.stop()


def settings_of(server, password=PASSWORD):
    return {"kafka": {"bootstrap_servers": server.guarded, "properties": {
        "security.protocol": "SASL_PLAINTEXT", "sasl.mechanism": "PLAIN", "sasl.username": USER,
        "sasl.password": password}}}


def says(detector, *words):
    status, text = detector.readyz()
    assert status == 503 and all(word in text for word in words), text
    return True


def test_each_missing_permission_is_named_and_nothing_is_lost(guarded, topic, detectors):
    logs = topic("logs", on=guarded)
    places = guarded.produce(logs, ["GET /?id=1 UNION SELECT 1"] * 50)
    detector = detectors(logs, on=guarded, format="plain", start=False, settings=settings_of(guarded))
    guarded.allow(ResourceType.TOPIC, detector.dead_topic, AclOperation.WRITE)
    detector.start(ready=False)

    until("the source is named", lambda: says(detector, "no permission to read", logs))
    guarded.allow(ResourceType.TOPIC, logs, AclOperation.READ)
    until("the group is named", lambda: says(detector, "no permission to use", detector.group))
    guarded.allow(ResourceType.GROUP, detector.group, AclOperation.READ)
    until("the output is named",
          lambda: says(detector, "no permission to write", detector.events_topic))
    assert all(offset <= 0 for offset in guarded.committed(detector.group, logs).values())
    guarded.allow(ResourceType.TOPIC, detector.events_topic, AclOperation.WRITE)
    guarded.wait_done(detector.group, logs)
    assert_same_identities(fired(events_of(guarded.read(detector.events_topic))),
                           {(where, "web_attacks.sql_injection") for where in places})
    until("all is well", lambda: detector.readyz()[0] == 200)


def test_a_wrong_password_is_told(guarded, detectors):
    detector = detectors(unique("any"), on=guarded, topics=False, start=False,
                         settings=settings_of(guarded, "wrong"))
    detector.start(ready=False)
    until("readiness says so", lambda: says(detector, "kafka", "uthenticat"))
    assert PASSWORD not in detector.text_log() and "wrong" not in detector.text_log()
    assert detector.stop() == 0


def test_who_may_write_nowhere_is_told_and_nothing_is_lost(guarded, topic, detectors):
    """librdkafka gives an idempotent producer of such a user up for good, so the worker ends."""
    logs = topic("logs", on=guarded)
    places = guarded.produce(logs, ["GET /?id=1 UNION SELECT 1"] * 5)
    settings = settings_of(guarded)
    settings["kafka"]["properties"]["sasl.username"] = OTHER
    detector = detectors(logs, on=guarded, format="plain", start=False, settings=settings)
    guarded.allow(ResourceType.TOPIC, logs, AclOperation.READ, user=OTHER)
    guarded.allow(ResourceType.GROUP, detector.group, AclOperation.READ, user=OTHER)
    detector.start(ready=False)
    assert detector.wait_end() == 1
    [failed] = detector.log("failed")
    assert "allow WRITE on the output topics" in failed["error"]
    for name in (detector.events_topic, detector.dead_topic):
        guarded.allow(ResourceType.TOPIC, name, AclOperation.WRITE, user=OTHER)
    detector.start()
    guarded.wait_done(detector.group, logs)
    assert_same_identities(fired(events_of(guarded.read(detector.events_topic))),
                           {(where, "web_attacks.sql_injection") for where in places})
