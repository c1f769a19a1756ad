"""Nothing is lost and nothing is invented, told by identity."""

from events import events_of, fired


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


def test_a_kill_in_the_middle_loses_nothing(kafka, topic, detectors):
    logs = topic("logs")
    detector = detectors(logs, format="plain", start=False)
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
