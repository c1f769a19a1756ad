"""Nothing is lost and nothing is invented, told by identity."""

import pytest
from events import (assert_doubles_are_redeliveries, assert_same_identities, dead_letters, events_of,
                    fired)
from servers import unique, until


def logs_with_attacks(count, every):
    """Plain logs with serial numbers; each @every-th is an attack."""
    return [
        f"{serial} GET /?id=1 UNION SELECT {serial}" if serial % every == 0 else f"{serial} GET /"
        for serial in range(count)
    ]


def test_one_log_is_one_event(kafka, topic, detectors):
    logs = topic("logs")
    detector = detectors(logs, format="plain")
    [where] = kafka.produce(logs, ["GET /?id=1 UNION SELECT 1"])
    kafka.wait_done(detector.group, logs)
    assert fired(events_of(kafka.read(detector.events_topic))) == {
        (where, "web_attacks.sql_injection")
    }


@pytest.mark.parametrize("threads", [1, 4])
def test_a_kill_in_the_middle_loses_nothing(kafka, topic, detectors, threads):
    logs = topic("logs")
    detector = detectors(logs, format="plain", start=False, threads=threads)
    texts = logs_with_attacks(200_000, 50)
    places = kafka.produce(logs, texts)
    want = {
        (where, "web_attacks.sql_injection")
        for where, text in zip(places, texts)
        if "UNION" in text
    }
    detector.start()
    detector.kill()
    detector.start()
    kafka.wait_done(detector.group, logs)
    events = events_of(kafka.read(detector.events_topic))
    assert fired(events) == want
    assert len({event["event_id"] for event in events}) == len(want)


def test_a_poisonous_log_goes_to_dead_letters_and_the_others_go_on(kafka, topic, detectors):
    logs = topic("logs", partitions=1)
    detector = detectors(logs, format="json")
    poison = b'{"message": "broken'
    places = kafka.produce(
        logs, [b'{"message": "1 UNION SELECT 1"}', poison, b'{"message": "2 UNION SELECT 2"}']
    )
    kafka.wait_done(detector.group, logs)
    assert fired(events_of(kafka.read(detector.events_topic))) == {
        (places[0], "web_attacks.sql_injection"),
        (places[2], "web_attacks.sql_injection"),
    }
    [dead] = kafka.read(detector.dead_topic)
    headers = {name: value.decode() for name, value in dead.headers.items()}
    assert dead.value == poison
    assert headers["haechi.reason"] == "invalid"
    assert headers["haechi.offset"] == "1"
    consumed = detector.metric("haechi_detector_logs_consumed_total")
    assert consumed == 3
    assert consumed == sum(
        detector.metric("haechi_detector_logs_total", outcome=outcome)
        for outcome in ("produced", "nothing", "dead_lettered", "given_back")
    ) + detector.metric("haechi_detector_logs_in_flight")


def attacks(count, label="x"):
    return [f"{label} {serial} GET /?id=1 UNION SELECT {serial}" for serial in range(count)]


def wanted(places):
    return {(where, "web_attacks.sql_injection") for where in places}


def test_two_detectors_share_and_hand_over(kafka, topic, detectors):
    logs = topic("logs")
    first = detectors(logs, format="plain")
    second = detectors(like=first)
    places = kafka.produce(logs, attacks(20_000, "both"))
    first.stop()
    places += kafka.produce(logs, attacks(5_000, "one"))
    detectors(like=first)
    places += kafka.produce(logs, attacks(5_000, "again"))
    kafka.wait_done(second.group, logs)
    events = events_of(kafka.read(first.events_topic))
    assert_same_identities(fired(events), wanted(places))
    assert_doubles_are_redeliveries(events)


def test_a_broker_that_goes_and_comes_back_loses_nothing(own_kafka, topic, detectors):
    logs = topic("logs", on=own_kafka)
    detector = detectors(logs, on=own_kafka, format="plain", start=False)
    places = own_kafka.produce(logs, attacks(50_000))
    detector.start()
    own_kafka.stop()
    own_kafka.start()
    places += own_kafka.produce(logs, attacks(1_000, "after"))
    own_kafka.wait_done(detector.group, logs)
    events = events_of(own_kafka.read(detector.events_topic))
    assert_same_identities(fired(events), wanted(places))
    assert_doubles_are_redeliveries(events)
    assert detector.stop() == 0


def test_a_missing_output_topic_is_waited_for_and_shown(kafka, topic, detectors):
    logs = topic("logs")
    detector = detectors(logs, format="plain", topics=False)
    places = kafka.produce(logs, attacks(100))
    until("readiness names the topic", lambda: detector.events_topic in detector.readyz()[1])
    assert detector.readyz()[0] == 503
    assert all(offset <= 0 for offset in kafka.committed(detector.group, logs).values())
    kafka.create(detector.events_topic)
    kafka.wait_done(detector.group, logs)
    assert_same_identities(fired(events_of(kafka.read(detector.events_topic))), wanted(places))


def test_what_the_broker_will_not_take_goes_to_dead_letters(kafka, topic, detectors):
    logs = topic("logs", partitions=1)
    detector = detectors(logs, format="plain", topics=False)
    kafka.create(detector.events_topic, max_message_bytes=2000)
    kafka.create(detector.dead_topic, max_message_bytes=4 << 20)
    long = "UNION SELECT " + "".join(f"{i:x}." for i in range(4000))
    places = kafka.produce(logs, ["1 UNION SELECT 1", long, "2 UNION SELECT 2"])
    kafka.wait_done(detector.group, logs)
    [dead] = dead_letters(kafka.read(detector.dead_topic)).items()
    assert dead[0] == places[1]
    assert dead[1].value == long.encode()
    assert dead[1].headers["haechi.reason"] == b"broker_refused"
    assert_same_identities(fired(events_of(kafka.read(detector.events_topic))),
                           wanted([places[0], places[2]]))


def test_a_new_topic_of_a_regex_is_read_from_its_first_log(kafka, topic, detectors):
    prefix = unique("many")
    detector = detectors(f"^{prefix}-.*", format="plain", start=False)
    detector.start(ready=False)
    until("it has found the broker", lambda: [
        line for line in detector.log("condition_met") if line["condition"] == "kafka"])
    assert "no partitions assigned yet" in detector.readyz()[1]
    logs = kafka.create(f"{prefix}-new")
    places = kafka.produce(logs, attacks(100))
    kafka.wait_done(detector.group, logs)
    assert_same_identities(fired(events_of(kafka.read(detector.events_topic))), wanted(places))
    kafka.delete(logs)


def test_logs_gone_by_retention_are_counted_and_the_rest_is_read(kafka, topic, detectors):
    logs = topic("logs", partitions=1)
    detector = detectors(logs, format="plain")
    kafka.produce(logs, attacks(10, "seen"))
    kafka.wait_done(detector.group, logs)
    detector.stop()
    places = kafka.produce(logs, attacks(100, "later"))
    kafka.delete_records(logs, 0, 50)
    detector.start()
    kafka.wait_done(detector.group, logs)
    assert detector.metric("haechi_detector_expired_total") == 40
    assert detector.log("messages_expired")
    events = [e for e in events_of(kafka.read(detector.events_topic)) if "later" in e["raw_log"]]
    assert_same_identities(fired(events), wanted(places[40:]))


def test_a_topic_made_anew_is_read_from_its_first_log(kafka, topic, detectors):
    logs = topic("logs", partitions=1)
    detector = detectors(logs, format="plain")
    kafka.produce(logs, attacks(100, "old"))
    kafka.wait_done(detector.group, logs)
    kafka.delete(logs)
    until("the detector knows that the topic is gone",
          lambda: "partition count changed from 1 to 0" in detector.text_log())
    kafka.create(logs, 1)
    places = kafka.produce(logs, attacks(1000, "new"))
    kafka.wait_done(detector.group, logs)
    events = [e for e in events_of(kafka.read(detector.events_topic)) if "new" in e["raw_log"]]
    assert_same_identities(fired(events), wanted(places))


@pytest.mark.parametrize("count", [100, 300], ids=["as long", "longer"])
def test_a_topic_deleted_and_made_anew_is_read_from_its_first_log(kafka, topic, detectors, count):
    """Kafka tells nothing of it to who stands at 100; a shorter topic is told by the position."""
    logs = topic("logs", partitions=1)
    detector = detectors(logs, format="plain")
    kafka.produce(logs, attacks(100, "old"))
    kafka.wait_done(detector.group, logs)
    kafka.delete(logs)
    kafka.create(logs, 1)
    want = wanted(kafka.produce(logs, attacks(count, "new")))

    def new():
        events = events_of(kafka.read(detector.events_topic))
        return [event for event in events if "new" in event["raw_log"]]

    until("every log of the new topic is an event", lambda: fired(new()) == want)
    assert_doubles_are_redeliveries(new())
    ids = {event["event_id"] for event in events_of(kafka.read(detector.events_topic))}
    assert len(ids) == 100 + count, "logs of the old topic and the new one share ids"
