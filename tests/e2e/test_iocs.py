"""Threat intelligence from a feed to events: what a feed gains works and what it loses ends, and
topic, Redis and filter agree whatever happens on the way."""

import json
import subprocess
import time

import pytest

from events import events_of, origin_of
from iocfeed import Cache, field_of, held, iocs_of, published, wait_contact
from registries import Registry
from servers import LIMIT, program, until


def threat_events(kafka, detector):
    return [event for event in events_of(kafka.read(detector.events_topic))
            if event["event_type"].startswith("threat_intel.")]


def shows(kafka, detectors, logs, line, wanted):
    """Sends the line again and again until each detector's newest event says `wanted`, a rule id, or
    none comes of it (None)."""
    def answer():
        kafka.produce(logs, [line])
        for detector in detectors:
            kafka.wait_done(detector.group, logs)
        got = [[e["rule_id"] for e in threat_events(kafka, d)] for d in detectors]
        return all(wanted in rules for rules in got)
    until(f"{line!r} makes {wanted}", answer)


def test_what_a_feed_gains_works_in_all_detectors_and_what_it_loses_ends(
        kafka, own_redis, topic, detectors, iocfeeds, feed_server):
    logs = topic("logs")
    feed_server.lines("203.0.113.66", "bad.example", "192.0.2.0/24")
    iocfeed = iocfeeds(feed_server.url, max_shrink=1)
    until("the feed is published", lambda: held(iocfeed) == 3)
    both = [detectors(logs, format="plain", redis_server=own_redis) for _ in range(2)]

    shows(kafka, both, logs, "to 203.0.113.66:443", "threat_intel.ip:203.0.113.66")
    shows(kafka, both, logs, "query a.b.bad.example. A", "threat_intel.domain:bad.example")
    shows(kafka, both, logs, "from 192.0.2.7", "threat_intel.cidr:192.0.2.0/24")

    feed_server.lines("bad.example", "http://worse.example/x?y", "198.51.100.0/24")
    count = published(iocfeed)
    until("the change is published", lambda: published(iocfeed) > count)
    shows(kafka, both, logs, "GET http://WORSE.example:80/x?y",
          "threat_intel.url:http://worse.example/x?y")
    shows(kafka, both, logs, "from 198.51.100.9", "threat_intel.cidr:198.51.100.0/24")

    def nothing_new():
        before = [len(threat_events(kafka, d)) for d in both]
        kafka.produce(logs, ["to 203.0.113.66:443", "from 192.0.2.7"])
        for detector in both:
            kafka.wait_done(detector.group, logs)
        return [len(threat_events(kafka, d)) for d in both] == before
    until("what is gone makes no event", nothing_new)
    rules = {e["rule_id"] for d in both for e in threat_events(kafka, d)}
    kafka.produce(logs, ["bad.example.org notbad.example"])
    for detector in both:
        kafka.wait_done(detector.group, logs)
    assert {e["rule_id"] for d in both for e in threat_events(kafka, d)} == rules
    assert nothing_new()

    event = [e for e in threat_events(kafka, both[0])
             if e["event_type"] == "threat_intel.domain"][0]
    assert event["threat_level"] == "CRITICAL"
    assert "ioc_feed:test" in event["indicators"]
    assert "ioc_seen:a.b.bad.example" in event["indicators"]
    assert both[0].metric("haechi_detector_ioc_confirmed_total") >= 5


def test_a_change_of_a_feed_works_within_two_seconds_of_the_fetch(
        kafka, own_redis, topic, detectors, iocfeeds, feed_server):
    """The least of some tries: another program's work may delay any one of them."""
    logs = topic("logs")
    feed_server.lines("bad.example")
    iocfeed = iocfeeds(feed_server.url, max_shrink=1)
    until("the feed is published", lambda: held(iocfeed) == 1)
    both = [detectors(logs, format="plain", redis_server=own_redis) for _ in range(2)]
    shows(kafka, both, logs, "bad.example", "threat_intel.domain:bad.example")
    rule = "threat_intel.ip:203.0.113.66"

    def seconds(lines, is_hit):
        """From the fetch of the new list to the first log from which on events are as they should be in
        both, in seconds; logs are sent all the while."""
        feed_server.given = None
        feed_server.lines(*lines)
        until("it is fetched", lambda: feed_server.given)

        sent = {}

        def settled():
            end = time.time() + 2.5
            while time.time() < end:
                now = time.time()
                [where] = kafka.produce(logs, ["to 203.0.113.66:443"])
                sent[where] = now
            for detector in both:
                kafka.wait_done(detector.group, logs)
            hits = [{origin_of(e) for e in threat_events(kafka, d) if e["rule_id"] == rule}
                    for d in both]
            last_wrong = max((at for where, at in sent.items()
                              if [where in seen for seen in hits] != [is_hit] * 2), default=0)
            return min((at for at in sent.values() if at > last_wrong), default=None)
        return until(f"a log makes {'an event' if is_hit else 'none'}", settled) - feed_server.given

    gains, losses = [], []
    for _ in range(5):
        gains.append(seconds(["bad.example", "203.0.113.66"], True))
        losses.append(seconds(["bad.example"], False))
        if min(gains) <= 2 and min(losses) <= 2:
            break
    assert min(gains) <= 2 and min(losses) <= 2, f"gained: {gains}, lost: {losses}"


def test_what_a_server_answers_wrongly_changes_nothing(kafka, iocfeeds, feed_server):
    feed_server.lines(*(f"203.0.113.{i}" for i in range(100)))
    iocfeed = iocfeeds(feed_server.url)
    until("the feed is published", lambda: held(iocfeed) == 100)
    whole = iocs_of(kafka.read(iocfeeds.topic))
    good = feed_server.body

    def cut_off(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(good)))
        handler.end_headers()
        handler.wfile.write(good[:100])

    answers = {
        "nothing": lambda h: h.reply(200, b""),
        "less than half": lambda h: h.reply(200, good[:200]),
        "a page for people": lambda h: h.reply(
            200, b"<!DOCTYPE html><html><body>Please log in</body></html>",
            Content_Type="text/html"),
        "cut off": cut_off,
        "an error": lambda h: h.reply(500, b"203.0.113.1\n"),
        "no permission": lambda h: h.reply(403, b"203.0.113.1\n"),
        "gzip that is none": lambda h: h.reply(200, b"\x1f\x8bnonsense"),
    }
    for name, answer in answers.items():
        failed = len(iocfeed.log("feed_failed"))
        feed_server.answer = answer
        until(f"{name}: refused", lambda: len(iocfeed.log("feed_failed")) > failed)
        assert held(iocfeed) == 100, name
    feed_server.answer = None
    wait_contact(iocfeed)
    assert iocs_of(kafka.read(iocfeeds.topic)) == whole


def test_an_unchanged_feed_is_not_sent_again_and_counts_as_a_contact(iocfeeds, feed_server):
    feed_server.lines("203.0.113.66")
    iocfeed = iocfeeds(feed_server.url)
    until("the feed is published", lambda: held(iocfeed) == 1)
    wait_contact(iocfeed)
    assert "If-None-Match" in feed_server.asked[-1]
    until("it is counted", lambda: iocfeed.metric(
        "haechi_iocfeed_fetches_total", feed="test", result="unchanged") >= 1)
    assert published(iocfeed) == 1


def test_a_server_that_asks_for_patience_gets_it(iocfeeds, feed_server):
    feed_server.answer = lambda h: h.reply(429, b"", Retry_After="3600")
    iocfeed = iocfeeds(feed_server.url)
    until("it was refused", lambda: iocfeed.log("feed_failed"))
    assert iocfeed.log("feed_failed")[0]["again_in_s"] >= 3590


def test_warning_lists_hold_back(kafka, tmp_path, iocfeeds, feed_server):
    allow = tmp_path / "allow.txt"
    allow.write_text("good.example\n203.0.113.0/24\n")
    feed_server.lines("www.good.example", "203.0.113.9", "bad.example")
    iocfeed = iocfeeds(feed_server.url, settings={"iocfeed": {"allow": [str(allow)]}})
    until("the feed is published", lambda: held(iocfeed) == 1)
    assert set(iocs_of(kafka.read(iocfeeds.topic))) == {"domain:bad.example"}
    assert iocfeed.metric("haechi_iocfeed_rows_total", feed="test", outcome="held_back") == 2


def test_new_warning_lists_count_after_a_hangup(kafka, tmp_path, iocfeeds, feed_server):
    allow = tmp_path / "allow.txt"
    allow.write_text("")
    feed_server.lines("www.good.example", "bad.example", "worse.example")
    iocfeed = iocfeeds(feed_server.url, settings={"iocfeed": {"allow": [str(allow)]}})
    until("the feed is published", lambda: held(iocfeed) == 3)
    allow.write_text("good.example\n")
    iocfeed.reload()
    until("what the list knows is gone, though the feed is as it was", lambda: held(iocfeed) == 2)
    assert set(iocs_of(kafka.read(iocfeeds.topic))) == {"domain:bad.example",
                                                        "domain:worse.example"}


def test_what_a_feed_still_names_is_not_lost(kafka, tmp_path, iocfeeds, feed_server):
    """max_shrink, half as it is by default, guards against feeds that are cut off; it does not keep
    what the feed itself, our lists or our floors take back."""
    def rows(active):
        feed_server.body = json.dumps([
            {"value": value, "is_active": active}
            for value in ("www.good.example", "good.example", "10.1.2.3")]).encode()

    allow = tmp_path / "allow.txt"
    allow.write_text("")
    rows(True)
    iocfeed = iocfeeds(feed_server.url, format="json", allow_private=True,
                       settings={"iocfeed": {"allow": [str(allow)]}})
    until("the feed is published", lambda: held(iocfeed) == 3)
    allow.write_text("good.example\n")
    first = iocfeed.settings["iocfeed"]["feeds"][0]
    use_feeds(iocfeed, first)
    until("what the list knows is gone", lambda: held(iocfeed) == 1)
    use_feeds(iocfeed, {**first, "allow_private": False})
    until("what may not be listed is gone", lambda: held(iocfeed) == 0)
    use_feeds(iocfeed, first)
    until("and is there again", lambda: held(iocfeed) == 1)
    rows(False)
    until("the feed's last is taken back", lambda: held(iocfeed) == 0)
    assert iocfeed.log("feed_failed") == []
    assert iocs_of(kafka.read(iocfeeds.topic)) == {}


def use_feeds(iocfeed, *feeds, **more):
    """Has it read these feeds from the settings."""
    del iocfeed.settings["iocfeed"]["feeds"]
    iocfeed.settings["iocfeed"] |= {"feeds": list(feeds), **more}
    iocfeed.write_settings()
    iocfeed.reload()


def sources_of(kafka, iocfeeds):
    return {key: {source["name"] for source in ioc["sources"]}
            for key, ioc in iocs_of(kafka.read(iocfeeds.topic)).items()}


def test_feeds_are_read_anew_from_the_settings_after_a_hangup(
        kafka, tmp_path, iocfeeds, feed_server):
    other = tmp_path / "other.txt"
    other.write_text("other.example\nbad.example\n")
    feed_server.lines("bad.example", "worse.example")
    iocfeed = iocfeeds(feed_server.url)
    until("the feed is published", lambda: held(iocfeed) == 2)
    first = iocfeed.settings["iocfeed"]["feeds"][0]

    use_feeds(iocfeed, {**first, "format": "nonsense"})
    until("bad settings are refused", lambda: iocfeed.log("reload_failed"))
    wait_contact(iocfeed)

    more = {"name": "more", "format": "txt", "file": str(other), "confidence": 0.6}
    use_feeds(iocfeed, {**first, "confidence": 0.4}, more)
    until("there is a new feed, and the other is read as the settings say now", lambda: {
        key: {source["name"]: source["confidence"] for source in ioc["sources"]}
        for key, ioc in iocs_of(kafka.read(iocfeeds.topic)).items()} == {
            "domain:bad.example": {"test": 0.4, "more": 0.6},
            "domain:worse.example": {"test": 0.4}, "domain:other.example": {"more": 0.6}})


def test_what_a_feed_said_goes_when_it_is_gone_from_the_settings(
        kafka, tmp_path, iocfeeds, feed_server):
    file = tmp_path / "old.txt"
    file.write_text("bad.example\nold.example\n")
    feed_server.lines("bad.example")
    iocfeed = iocfeeds(feed_server.url)
    [test] = iocfeed.settings["iocfeed"]["feeds"]
    old = {"name": "old", "format": "txt", "file": str(file), "interval": "1s"}
    config = ["--config", iocfeed.settings_file]
    both = {"domain:bad.example": {"test", "old", "manual"}, "domain:old.example": {"old"}}
    left = {"domain:bad.example": {"test", "manual"}}

    def sources_are(want):
        return lambda: sources_of(kafka, iocfeeds) == want

    use_feeds(iocfeed, test, old)
    haechi("add", *config, "bad.example")
    until("all is in the topic", sources_are(both))

    use_feeds(iocfeed, test)
    until("it is said that it is gone", lambda: iocfeed.log("feed_is_gone"))
    [row] = [row for row in haechi("feeds", "list", *config) if row["feed"] == "old"]
    assert row["iocs"] == 2 and "forget" in row["error"]
    haechi("feeds", "forget", *config, "test", status=2)
    assert haechi("feeds", "forget", *config, "old") == [
        {"feed": "old", "iocs": 2, "of_nobody_else": 1, "withdrawn": False}]
    # As if a typo had emptied the settings.
    use_feeds(iocfeed, forget_after="0s")
    until("the other is gone too",
          lambda: [line for line in iocfeed.log("feed_is_gone") if line["feed"] == "test"])
    use_feeds(iocfeed, test, forget_after="24h")
    wait_contact(iocfeed)
    assert sources_of(kafka, iocfeeds) == both
    haechi("feeds", "forget", *config, "--yes", "old")
    until("it is withdrawn", sources_are(left))
    until("and forgotten",
          lambda: [row["feed"] for row in haechi("feeds", "list", *config)] == ["test"])

    use_feeds(iocfeed, test, old)
    until("it is back", sources_are(both))
    use_feeds(iocfeed, test, forget_after="1s")
    until("it is withdrawn by itself", sources_are(left))
    places = {(record.key, record.partition) for record in kafka.read(iocfeeds.topic)}
    assert len(places) == 2, "a key has one partition, whoever writes it"


def haechi(*words, status=0):
    done = subprocess.run([program("haechi"), "ioc", *map(str, words)], capture_output=True,
                          text=True, timeout=LIMIT)
    assert done.returncode == status, f"{words}: {done.returncode}: {done.stderr}"
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_feed_is_tried_refreshed_and_counted_by_the_command_line(kafka, iocfeeds, feed_server):
    feed_server.lines("bad.example", "worse.example", "192.0.2.0/24")
    iocfeed = iocfeeds(feed_server.url, interval="1h")
    until("the feed is published", lambda: held(iocfeed) == 3)
    config = ["--config", iocfeed.settings_file]
    before = kafka.end(iocfeeds.topic)

    feed_server.lines("bad.example", "new.example")
    *changes, sums = haechi("feeds", "test", *config, "test")
    assert {(c["change"], c["ioc"]) for c in changes} == {
        ("added", "domain:new.example"), ("removed", "domain:worse.example"),
        ("removed", "cidr:192.0.2.0/24")}
    assert {k: sums[k] for k in ("iocs", "added", "changed", "removed", "same", "refused")} == {
        "iocs": 2, "added": 1, "changed": 0, "removed": 2, "same": 1, "refused": None}
    feed_server.lines("new.example")
    assert "max_shrink" in haechi("feeds", "test", *config, "--changes", 0, "test")[0]["refused"]
    assert kafka.end(iocfeeds.topic) == before, "nothing was changed"

    feed_server.lines("bad.example", "new.example")
    haechi("feeds", "refresh", *config, "test")
    until("it was asked at once", lambda: held(iocfeed) == 2)
    until("the list has them", lambda: haechi("feeds", "list", *config)[0]["iocs"] == 2)
    [feed] = haechi("feeds", "list", *config)
    assert feed["feed"] == "test" and feed["error"] is None
    until("Redis has them", lambda: haechi("stats", *config)[0]["cached"] == 2)
    [stats] = haechi("stats", *config)
    assert stats["total"] == stats["active"] == stats["new_in_24h"] == 2
    assert stats["by_type"] == {"domain": 2} and stats["by_source"] == {"test": 2}
    assert stats["by_threat_type"] == {"c2": 2} and stats["feeds"] == [feed]


def agree(kafka, iocfeeds, own_redis):
    """Topic, Redis and filter have the same indicators, by identity."""
    keys = set(iocs_of(kafka.read(iocfeeds.topic)))
    cache = Cache(own_redis.client)
    records = cache.records()
    if set(records) != {field_of(key) for key in keys}:
        return False
    made, added = cache.filter()
    return all(key in added or made.may_have(*key.split(":", 1)) for key in keys
               if not key.startswith("cidr:"))


def many(first, count):
    return [f"host-{i}.bad.example" if i % 2 else f"45.{18 + i // 65536}.{i // 256 % 256}.{i % 256}"
            for i in range(first, first + count)]


def test_killed_amid_many_changes_all_agree_afterwards(kafka, own_redis, iocfeeds, feed_server):
    size = 100000
    feed_server.lines(*many(0, size))
    iocfeed = iocfeeds(feed_server.url, max_shrink=1)
    until("the first set is there", lambda: held(iocfeed) == size)

    def keys_of(first):
        return {f"{'domain' if value[-1].isalpha() else 'ip'}:{value}" for value in many(first, size)}

    def in_topic():
        return set(iocs_of(kafka.read(iocfeeds.topic)))

    for turn in range(1, 11):  # until it is killed in between
        feed_server.lines(*many(turn * size, size))  # all gone, as many others there
        so_far = iocfeed.metric("haechi_iocfeed_published_total")
        until("it is in the midst of it",
              lambda: iocfeed.metric("haechi_iocfeed_published_total") > so_far + size // 10)
        iocfeed.kill()
        is_between = in_topic() not in (keys_of((turn - 1) * size), keys_of(turn * size))
        iocfeed.start()
        until("the topic has the new set and nothing else", lambda: in_topic() == keys_of(turn * size))
        if is_between:
            break
    assert is_between
    until("topic, Redis and filter agree", lambda: agree(kafka, iocfeeds, own_redis))
    until("the dead one's generation is gone",
          lambda: len(Cache(own_redis.client).generations()) == 1)


def test_another_takes_over_from_one_that_died(kafka, own_redis, iocfeeds, feed_server):
    feed_server.lines("203.0.113.1")
    first = iocfeeds(feed_server.url, max_shrink=1)
    until("the feed is published", lambda: held(first) == 1)
    second = iocfeeds(feed_server.url, max_shrink=1)
    until("one of them leads", lambda: sorted(
        i.metric("haechi_iocfeed_leads") for i in (first, second)) == [0, 1])
    first.kill()
    feed_server.lines("203.0.113.1", "203.0.113.2")
    until("the other goes on", lambda: second.metric("haechi_iocfeed_leads") == 1)
    until("and fetches", lambda: held(second) == 2)
    until("topic, Redis and filter agree", lambda: agree(kafka, iocfeeds, own_redis))


def test_an_emptied_redis_is_filled_from_the_topic(kafka, own_redis, topic, detectors, iocfeeds,
                                                   feed_server):
    logs = topic("logs")
    feed_server.lines("bad.example", "192.0.2.0/24", *many(0, 1000))
    iocfeed = iocfeeds(feed_server.url)
    until("the feed is published", lambda: held(iocfeed) == 1002)
    detector = detectors(logs, format="plain", redis_server=own_redis)
    before = Cache(own_redis.client).version()["generation"]
    own_redis.client.flushall()
    until("a new generation is there", lambda: Cache(own_redis.client).version().get(
        "generation", before) != before)
    until("topic, Redis and filter agree", lambda: agree(kafka, iocfeeds, own_redis))
    shows(kafka, [detector], logs, "bad.example", "threat_intel.domain:bad.example")


@pytest.fixture
def registry():
    server = Registry().start()
    yield server
    server.stop()


def test_a_registry_that_is_away_costs_no_indicator(own_redis, iocfeeds, feed_server, registry):
    """Records whose schema cannot be had are waited for: an indicator that is passed over would be
    missing until somebody writes it again."""
    feed_server.lines("bad.example", "192.0.2.0/24", "203.0.113.9")
    avro = {"topics": {"format": "avro"}, "schema_registry": {"url": registry.url}}
    first = iocfeeds(feed_server.url, settings=avro, interval="1h")
    until("the feed is published", lambda: held(first) == 3)
    first.stop()
    registry.stop()
    own_redis.client.flushall()
    iocfeed = iocfeeds(feed_server.url, settings=avro, interval="1h", start=False)
    iocfeed.start(ready=False)
    until("/readyz says what is away", lambda: iocfeed.readyz()[0] == 503 and
          f"schema registry {registry.url}" in iocfeed.readyz()[1])
    registry.start()
    until("Redis has all of them", lambda: set(Cache(own_redis.client).records()) == {
        "domain:bad.example", "cidr:192.0.2.0/24", "ip:203.0.113.9"})
    iocfeed.wait_ready()
    assert iocfeed.metric("haechi_iocfeed_undecodable_total") == 0
    assert iocfeed.metric("haechi_iocfeed_records_total") == 3


def test_a_feed_is_published_once_the_registry_is_there_and_nothing_spins_until_then(
        iocfeeds, feed_server, registry):
    feed_server.lines("bad.example")
    registry.stop()
    iocfeed = iocfeeds(feed_server.url, start=False, settings={
        "topics": {"format": "avro"}, "schema_registry": {"url": registry.url}})
    iocfeed.start(ready=False)
    until("/readyz says what is away", lambda: iocfeed.readyz()[0] == 503 and
          f"schema registry {registry.url}" in iocfeed.readyz()[1])

    def used():
        return iocfeed.metric("process_cpu_seconds_total")

    before, began = used(), time.monotonic()
    until("a while is over", lambda: time.monotonic() - began > 3)
    assert used() - before < (time.monotonic() - began) / 2, "it waits, and does not spin"
    registry.start()
    until("the feed is published", lambda: held(iocfeed) == 1)
    iocfeed.wait_ready()


def test_a_redis_that_refuses_what_detectors_ask_is_told(own_redis, detectors):
    """An error in place of an answer is no "there are no indicators"."""
    own_redis.client.set("haechi:{ioc}:version", "no hash")
    detector = detectors("any", topics=False, redis_server=own_redis, start=False)
    detector.start(ready=False)
    until("/readyz says so", lambda: "WRONGTYPE" in detector.readyz()[1])
    own_redis.client.delete("haechi:{ioc}:version")
    until("it is well again", lambda: "WRONGTYPE" not in detector.readyz()[1])


def test_records_of_others_count_the_same(kafka, own_redis, topic, detectors, iocfeeds,
                                          feed_server):
    logs = topic("logs")
    iocfeeds(feed_server.url)
    detector = detectors(logs, format="plain", redis_server=own_redis)
    source = {"name": "other", "first_seen": "2026-01-01T00:00:00.000Z",
              "last_seen": "2026-01-02T00:00:00.000Z", "confidence": 0.6, "threat_type": "scan",
              "valid_until": None, "ports": [], "tags": [], "description": ""}
    record = {"tenant": None, "value": "203.0.113.7", "ioc_type": "ip", "threat_type": "scan",
              "confidence": 0.6, "reputation": 0.2, "sources": [source],
              "first_seen": source["first_seen"], "last_seen": source["last_seen"],
              "valid_until": None, "tags": [], "description": "", "is_active": True, "ports": []}
    kafka.produce(iocfeeds.topic, [json.dumps(record)], keys=["ip:203.0.113.7"])
    shows(kafka, [detector], logs, "from 203.0.113.7 port 22", "threat_intel.ip:203.0.113.7")
    [event] = [e for e in threat_events(kafka, detector)][:1]
    assert event["threat_level"] == "MEDIUM"

    # A tenant's own says nothing to others.
    kafka.produce(iocfeeds.topic, [json.dumps({**record, "tenant": "acme", "value": "203.0.113.8"})],
                  keys=["acme/ip:203.0.113.8"])
    until("Redis has it", lambda: "acme/ip:203.0.113.8" in Cache(own_redis.client).records())
    kafka.produce(logs, ["from 203.0.113.8"])
    kafka.wait_done(detector.group, logs)
    assert "threat_intel.ip:203.0.113.8" not in [e["rule_id"]
                                                 for e in threat_events(kafka, detector)]


@pytest.mark.parametrize("policy", ["pass", "fire"])
def test_without_redis_ranges_fire_and_others_as_set(policy, kafka, own_redis, topic, detectors,
                                                     iocfeeds, feed_server):
    logs = topic("logs")
    feed_server.lines("bad.example", "192.0.2.0/24")
    iocfeed = iocfeeds(feed_server.url)
    until("the feed is published", lambda: held(iocfeed) == 2)
    detector = detectors(logs, format="plain", redis_server=own_redis,
                         ioc={"on_redis_failure": policy})
    until("the indicators are loaded", lambda: detector.metric("haechi_detector_iocs") == 2)
    iocfeed.stop()
    own_redis.stop()
    kafka.produce(logs, ["from 192.0.2.7", "query bad.example"])
    kafka.wait_done(detector.group, logs)
    got = {e["rule_id"]: e["context"]["enrichment"] for e in threat_events(kafka, detector)}
    wanted = {"threat_intel.cidr:192.0.2.0/24"}
    if policy == "fire":
        wanted.add("threat_intel.domain:bad.example")
        assert got["threat_intel.domain:bad.example"] == "degraded"
    assert set(got) == wanted
    assert detector.metric("haechi_detector_ioc_unanswered_total") >= 1


def test_without_redis_a_detector_that_is_to_wait_waits_and_misses_nothing(
        kafka, own_redis, topic, detectors, iocfeeds, feed_server):
    logs = topic("logs")
    feed_server.lines("bad.example", "192.0.2.0/24")
    iocfeed = iocfeeds(feed_server.url)
    until("the feed is published", lambda: held(iocfeed) == 2)
    detector = detectors(logs, format="plain", redis_server=own_redis,
                         ioc={"on_redis_failure": "wait"})
    until("the indicators are loaded", lambda: detector.metric("haechi_detector_iocs") == 2)
    own_redis.freeze()
    kafka.produce(logs, ["from 192.0.2.7", "query bad.example", "query good.example"])
    until("/readyz says so", lambda: detector.readyz()[0] == 503)
    # The range needs no Redis: it may have been in a batch of its own.
    assert {e["rule_id"] for e in threat_events(kafka, detector)} <= {
        "threat_intel.cidr:192.0.2.0/24"}
    own_redis.thaw()
    kafka.wait_done(detector.group, logs)
    got = [(e["rule_id"], e["context"]["enrichment"]) for e in threat_events(kafka, detector)]
    assert sorted(rule for rule, _ in got) == ["threat_intel.cidr:192.0.2.0/24",
                                               "threat_intel.domain:bad.example"]
    # A range needs no Redis: its event may have gone out meanwhile, without what Redis knows.
    assert dict(got)["threat_intel.domain:bad.example"] != "degraded"
    assert detector.metric("haechi_detector_ioc_unanswered_total") == 0


def test_what_the_filter_lets_through_is_counted(kafka, own_redis, topic, detectors, iocfeeds,
                                                 feed_server):
    logs = topic("logs")
    feed_server.lines("bad.example", "203.0.113.9")
    iocfeed = iocfeeds(feed_server.url, max_shrink=1)
    until("the feed is published", lambda: held(iocfeed) == 2)
    detector = detectors(logs, format="plain", redis_server=own_redis, ioc={"cache_ttl": "0s"})
    until("the indicators are loaded", lambda: detector.metric("haechi_detector_iocs") == 2)
    kafka.produce(logs, ["to 203.0.113.9 for bad.example", "to 203.0.113.10 for good.example"])
    kafka.wait_done(detector.group, logs)
    count = {name: detector.metric(f"haechi_detector_ioc_{name}_total")
             for name in ("observables", "filtered", "confirmed", "asked", "false_maybes")}
    assert count == {"observables": 4, "filtered": 2, "confirmed": 2, "asked": 4,
                     "false_maybes": 0}

    # What is taken back stays in the filter for a while, but not in Redis.
    feed_server.lines("bad.example")
    until("the change is published", lambda: held(iocfeed) == 1)
    until("the detector knows", lambda: kafka.produce(logs, ["to 203.0.113.9"]) or (
        kafka.wait_done(detector.group, logs) or
        detector.metric("haechi_detector_ioc_false_maybes_total") > 0))


def test_partitions_that_the_topic_is_given_later_are_read_too(own_redis, iocfeeds, feed_server, kafka):
    feed_server.lines("192.0.2.0/24")
    iocfeed = iocfeeds(feed_server.url, interval="1h")
    until("the feed is published", lambda: held(iocfeed) == 1)
    kafka.add_partitions(iocfeeds.topic, 40)
    names = [f"host{i}.example" for i in range(100)]
    subprocess.run([program("haechi"), "ioc", "add", *names, "--threat-type", "c2",
                    "--config", iocfeed.settings_file], check=True, timeout=LIMIT)
    until("Redis has all of them", lambda: {f"domain:{name}" for name in names} <=
          set(Cache(own_redis.client).records()))
