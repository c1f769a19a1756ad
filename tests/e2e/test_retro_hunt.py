"""What becomes known after it was seen."""

import datetime

from events import events_of
from iocfeed import held, published, wait_contact
from servers import unique, until


def retro_events(kafka, topic):
    return {event["payload"]: event for event in events_of(kafka.read(topic))
            if event["event_type"] == "threat_intel.retro_hit"}


def today():
    return datetime.datetime.now(datetime.timezone.utc).date().isoformat()


def seen_days(redis):
    return list(redis.client.scan_iter(match="haechi:{ioc}:seen:????-??-??"))


def hunting(events, **more):
    return {"topics": {"detected_events": events},
            "iocfeed": {"retro_hunt": {"window": "7d", "bytes": "64KiB", **more}}}


def start_hunt(redis, iocfeeds, feed_server, events):
    """An iocfeed that hunts, of which detectors know; with a feed that names nothing they see."""
    feed_server.lines("first.example")
    iocfeed = iocfeeds(feed_server.url, settings=hunting(events))
    until("detectors are asked", lambda: redis.client.get("haechi:{ioc}:retro"))
    return iocfeed


def hand_over(kafka, redis, detector, logs, lines):
    """The detector reads these, and gives Redis the day."""
    kafka.produce(logs, lines)
    kafka.wait_done(detector.group, logs)
    until("the day has been handed over", lambda: seen_days(redis))


def test_what_was_seen_before_it_was_known_is_told_once(kafka, own_redis, topic, detectors,
                                                        iocfeeds, feed_server):
    logs, events = topic("logs"), topic("events")
    iocfeed = start_hunt(own_redis, iocfeeds, feed_server, events)
    detector = detectors(logs, format="plain", redis_server=own_redis,
                         settings={"topics": {"detected_events": events}})
    hand_over(kafka, own_redis, detector, logs,
              ["query a.b.later.example. A", "GET http://LATER.example:80/x?y=1",
               "from 203.0.113.9 port 22", "mail from some.one@later.example",
               "file 9DD4E461268C8034F5C8564E155C67A6"])
    assert not retro_events(kafka, events)

    wanted = {"later.example": "domain", "http://later.example/x": "url", "203.0.113.9": "ip",
              "some.one@later.example": "email", "9dd4e461268c8034f5c8564e155c67a6": "md5"}
    feed_server.lines("first.example", "never.example", "203.0.113.10", *wanted)
    until("all are told", lambda: set(retro_events(kafka, events)) == set(wanted))
    for value, event in retro_events(kafka, events).items():
        assert f"ioc:{wanted[value]}:{value}" in event["indicators"]
        assert f"ioc_seen_on:{today()}" in event["indicators"]
        assert event["timestamp"].startswith(today()) and event["threat_level"] == "CRITICAL"
    until("all are asked for", lambda: iocfeed.metric("haechi_iocfeed_retro_asked_total") == 8)

    # It goes and comes again: nobody hears of it twice.
    feed_server.lines("first.example", "never.example", "203.0.113.10", "later.example")
    until("the others are gone", lambda: held(iocfeed) == 4)
    feed_server.lines("first.example", "never.example", "203.0.113.10", *wanted)
    until("they are asked for again",
          lambda: iocfeed.metric("haechi_iocfeed_retro_asked_total") == 12)
    hits = iocfeed.metric("haechi_iocfeed_retro_hits_total")
    assert hits == len(wanted)


def test_a_hit_that_the_topic_of_events_refuses_is_told_later(kafka, own_redis, topic, detectors,
                                                              iocfeeds, feed_server):
    logs, events = topic("logs"), unique("events")
    iocfeed = start_hunt(own_redis, iocfeeds, feed_server, events)
    detector = detectors(logs, format="plain", redis_server=own_redis)
    hand_over(kafka, own_redis, detector, logs, ["query later.example. A"])
    feed_server.lines("first.example", "later.example")
    until("it is said what stands in the way",
          lambda: any(events_are_missing(line) for line in iocfeed.log("retro_hit_waits")))
    kafka.create(events)
    until("it is told", lambda: set(retro_events(kafka, events)) == {"later.example"})
    until("it is counted", lambda: iocfeed.metric("haechi_iocfeed_retro_hits_total") == 1)
    assert published(iocfeed) == 2 and not iocfeed.log("feed_failed"), "no fault of the feed's"


def events_are_missing(line):
    return "nknown topic" in line["error"]


def test_nothing_is_kept_where_nobody_hunts(kafka, own_redis, topic, detectors, iocfeeds,
                                            feed_server):
    logs = topic("logs")
    feed_server.lines("first.example")
    iocfeed = iocfeeds(feed_server.url)
    detector = detectors(logs, format="plain", redis_server=own_redis)
    kafka.produce(logs, ["query later.example. A"])
    kafka.wait_done(detector.group, logs)
    wait_contact(iocfeed)
    detector.stop()  # which would hand over the rest
    assert not seen_days(own_redis) and not own_redis.client.get("haechi:{ioc}:retro")


def test_what_was_seen_while_redis_was_away_is_handed_over_later(
        kafka, own_redis, topic, detectors, iocfeeds, feed_server):
    logs, events = topic("logs"), topic("events")
    start_hunt(own_redis, iocfeeds, feed_server, events)
    detector = detectors(logs, format="plain", redis_server=own_redis,
                         settings={"topics": {"detected_events": events}})
    hand_over(kafka, own_redis, detector, logs, ["query one.example. A"])
    own_redis.stop()
    kafka.produce(logs, ["query two.example. A"])
    kafka.wait_done(detector.group, logs)
    own_redis.start()  # and it has forgotten all
    feed_server.lines("first.example", "one.example", "two.example")
    until("both are told",
          lambda: set(retro_events(kafka, events)) == {"one.example", "two.example"})
