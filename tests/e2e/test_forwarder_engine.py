"""How the forwarder brings alerts to a target: gathered, several requests at once, with care for a target
that is not well, by settings and secrets that are mended while it works."""

import json
import secrets
import subprocess
import threading
import time

import pytest
from receivers import Rsyslog, make_certificate
from servers import LIMIT, program, unique, until
from sinks import (Sink, StreamSink, alert, alerts, assert_conserved, http, identities, identity,
                   ledger, receipts, send, wait_done)


# -- gathering


def test_a_request_waits_until_it_is_full(kafka, forwarders, sinks):
    sink = sinks()
    forwarder = forwarders(http(sink, max_wait="5m", max_events=50))
    sent = alerts(50)
    send(kafka, forwarder.alerts_topic, sent[:49])
    until("all but one are read", lambda: kafka.committed(
        forwarder.group_of("siem"), forwarder.alerts_topic))
    assert sink.requests == [], "there is room for one more"
    send(kafka, forwarder.alerts_topic, sent[49:])
    wait_done(kafka, forwarder)
    [request] = sink.requests
    assert set(request) == identities(sent)


def test_a_request_that_does_not_fill_goes_when_its_first_alert_has_waited(kafka, forwarders, sinks):
    sink = sinks()
    forwarder = forwarders(http(sink, max_wait="300ms"))
    send(kafka, forwarder.alerts_topic, alerts(3))
    wait_done(kafka, forwarder)
    assert set(sink.got()) == identities(alerts(3))


def test_a_stop_does_not_wait_for_a_request_to_fill(kafka, forwarders, sinks):
    sink = sinks()
    forwarder = forwarders(http(sink, max_wait="5m"))
    send(kafka, forwarder.alerts_topic, alerts(3))
    assert forwarder.stop() == 0
    forwarder.settings["forwarder"]["targets"][0]["max_wait"] = "10ms"
    forwarder.write_settings()
    forwarder.start()
    wait_done(kafka, forwarder)
    assert sorted(sink.got()) == sorted(identities(alerts(3)))


# -- several requests at once


class Busy:
    """Answers of a sink that counts the requests it has at once, and which alerts are in them."""

    def __init__(self, answer):
        self.answer = answer
        self.lock = threading.Lock()
        self.now, self.most = [], 0
        self.seen = []  # by request: how many there were, itself among them
        self.overlaps = []

    def __call__(self, events, number):
        ids = {event["alert_id"] for event in events}
        with self.lock:
            self.overlaps += [ids & others for others in self.now if ids & others]
            self.now.append(ids)
            self.most = max(self.most, len(self.now))
            self.seen.append(len(self.now))
        try:
            return self.answer(events, number)
        finally:
            with self.lock:
                self.now.remove(ids)


def test_as_many_requests_as_allowed_are_on_their_way(kafka, forwarders, sinks):
    # Who comes alone waits for others: by then there is more to read than four take. The later, the
    # longer, for a slow machine.
    four = threading.Event()

    def answer(events, number):
        if busy.most >= 4:
            four.set()
        four.wait(1 + number)
        return 200

    busy = Busy(answer)
    sink = sinks(busy)
    forwarder = forwarders(http(sink, concurrency=4, max_events=10, max_wait="5s"))
    sent = alerts(400)
    send(kafka, forwarder.alerts_topic, sent)
    wait_done(kafka, forwarder)
    assert sorted(sink.got()) == sorted(map(identity, sent)), "each exactly once"
    assert busy.most == 4
    assert sorted(r[:2] for r in receipts(kafka, forwarder)) == sorted(map(identity, sent))


def test_two_revisions_of_an_alert_are_never_on_their_way_together(kafka, forwarders, sinks):
    busy = Busy(lambda events, number: time.sleep(0.005) or (503 if number % 5 == 0 else 200))
    sink = sinks(busy)
    forwarder = forwarders(http(sink, concurrency=8, max_events=7))
    sent = [alert(serial, revision) for revision in range(6) for serial in range(30)]
    send(kafka, forwarder.alerts_topic, sent)
    wait_done(kafka, forwarder)
    assert busy.overlaps == []
    for serial in range(30):
        assert [r for i, r in sink.got() if i == f"SEC-{serial:032x}"] == list(range(6))


class Holder:
    """Answers of a sink that keeps one request waiting, until let_go() or free()."""

    def __init__(self):
        self.lock, self.gate = threading.Lock(), threading.Event()
        self.held, self.is_free = set(), False

    def __call__(self, events, number):
        ids = {event["alert_id"] for event in events}
        with self.lock:
            if not self.held and not self.is_free and number >= 6:
                self.held |= ids
            gate = self.gate if self.held & ids else None
        if gate:
            gate.wait()
        return 200

    def let_go(self):
        """The next that comes is kept in its place."""
        with self.lock:
            self.held.clear()
            self.gate.set()
            self.gate = threading.Event()

    def free(self):
        self.is_free = True
        self.let_go()


def test_the_offset_does_not_pass_a_request_that_is_not_answered(kafka, forwarders, sinks):
    """Others that came after it are; then comes a kill."""
    holder = Holder()
    sink = sinks(holder)
    forwarder = forwarders(http(sink, concurrency=4, max_events=10), start=False)
    sent = alerts(600, group_key="0" * 32)  # all in one partition
    send(kafka, forwarder.alerts_topic, sent)
    forwarder.start()

    def first():
        return min(int(alert_id[4:], 16) for alert_id in holder.held)

    def behind():
        """What was delivered though it stands behind the one that is held."""
        if not holder.held or ledger(forwarder, "siem")["in_flight"] != len(holder.held):
            return None
        found = [i for i, _ in sink.got() if int(i[4:], 16) > first()]
        if not found:
            holder.let_go()  # it was the last of what the forwarder had read
        return found

    passed = until("one is under way, and others behind it were delivered", behind)
    assert_conserved(forwarder, "siem", in_flight=len(holder.held))
    assert max(kafka.committed(forwarder.group_of("siem"),
                               forwarder.alerts_topic).values()) <= first()
    forwarder.kill()
    holder.free()
    forwarder.start()
    wait_done(kafka, forwarder)
    assert set(sink.got()) == identities(sent)
    print(f"doubles: {len(sink.got()) - len(sent)}, of {len(passed)} that were behind it")


def test_a_stop_finishes_what_is_on_its_way_and_doubles_nothing(kafka, forwarders, sinks):
    sink = sinks(lambda events, number: time.sleep(0.02) or 200)
    forwarder = forwarders(http(sink, concurrency=3, max_events=20))
    sent = alerts(3000)
    send(kafka, forwarder.alerts_topic, sent)
    for part in (300, 1000):
        until("some have arrived", lambda part=part: len(sink.got()) > part)
        assert forwarder.stop() == 0
        forwarder.start()
    wait_done(kafka, forwarder)
    assert sorted(sink.got()) == sorted(map(identity, sent)), "each exactly once"


def test_one_asks_for_all_while_a_target_is_not_well(kafka, forwarders, sinks):
    is_well = False
    busy = Busy(lambda events, number: 200 if is_well else 503)
    sink = sinks(busy)
    forwarder = forwarders(http(sink, concurrency=6, max_events=10))
    sent = alerts(300)
    send(kafka, forwarder.alerts_topic, sent)
    # The first six may have gone together, and any of them may have taken long to arrive.
    until("it has been asked often", lambda: len(sink.requests) >= 40)
    assert set(busy.seen[20:40]) == {1}
    is_well = True
    wait_done(kafka, forwarder)
    assert sorted(sink.got()) == sorted(map(identity, sent))


def test_concurrency_is_for_http_alone(forwarders, tmp_path):
    forwarder = forwarders({"name": "siem", "type": "file", "path": str(tmp_path / "a"),
                            "concurrency": 2}, start=False)
    assert "concurrency is 2; it may be 1" in refusal(forwarder)


# -- settings


def refusal(forwarder):
    done = subprocess.run([program("haechi-forwarder"), "--config", forwarder.settings_file,
                           "--check"], capture_output=True, text=True)
    assert done.returncode == 2
    return done.stderr


def test_where_to_start_is_for_each_target_to_say(forwarders, sinks):
    forwarder = forwarders(http(sinks(start=False)), start=False,
                           settings={"forwarder": {"start_at": "latest"}})
    assert "forwarder.start_at" in refusal(forwarder)


def test_a_token_that_is_replaced_is_in_the_next_request(kafka, forwarders, sinks, tmp_path):
    token = tmp_path / "token"
    token.write_text("old\n")
    sink = sinks()
    forwarder = forwarders(http(sink, token_file=str(token), max_wait="0s"))
    send(kafka, forwarder.alerts_topic, alerts(10))
    wait_done(kafka, forwarder)
    replacement = tmp_path / "replacement"
    replacement.write_text("new\n")
    replacement.rename(token)
    before = len(sink.requests)
    send(kafka, forwarder.alerts_topic, alerts(10, 10))
    wait_done(kafka, forwarder)
    assert set(sink.authorizations[:before]) == {"Bearer old"}
    assert set(sink.authorizations[before:]) == {"Bearer new"}
    assert forwarder.readyz()[0] == 200


def test_a_lane_that_is_held_goes_on_when_the_file_is_mended(kafka, forwarders, sinks, tmp_path):
    """At once: the next try by itself would be half an hour later."""
    token = tmp_path / "token"
    token.write_text("old\n")
    sink = sinks()
    sink.answer = lambda events, number: 200 if sink.authorizations[-1] == "Bearer new" else 401
    forwarder = forwarders(http(sink, token_file=str(token), max_wait="5m",  # all in one request
                                retry={"first": "1h", "limit": "1h"}))
    sent = alerts(100)
    send(kafka, forwarder.alerts_topic, sent)
    until("/readyz says so", lambda: "401" in forwarder.readyz()[1])
    token.write_text("")  # as while it is being written
    until("that is seen, and said", lambda: forwarder.log("settings_not_renewed"))
    token.write_text("new\n")
    wait_done(kafka, forwarder)
    assert sorted(sink.got()) == sorted(map(identity, sent))
    assert len(sink.authorizations) == 2
    until("all is well again", lambda: forwarder.readyz()[0] == 200)


# -- conservation


def test_what_was_consumed_is_accounted_for_through_kills(kafka, forwarders, sinks):
    """In each life, at moments when nothing moves: consumed = delivered + filtered + dead + in flight;
    and in all lives together everything was delivered, filtered or dead at least once."""
    poison, gate = alert(5)["alert_id"], threading.Event()
    gate.set()

    def answer(events, number):
        gate.wait(LIMIT)
        return 400 if any(e["alert_id"] == poison for e in events) else 200

    sink = sinks(answer)
    forwarder = forwarders(http(sink, concurrency=2, filter={"min_severity": "MEDIUM"}),
                           settings={"forwarder": {"batch": {"max_messages": 300}}})
    sent = [*alerts(400), *alerts(100, 400, severity="LOW"), *alerts(1500, 500)]
    lives = []
    for life in range(4):
        if life > 0:
            gate.clear()
        send(kafka, forwarder.alerts_topic, sent[life * 500:(life + 1) * 500])
        if life == 0:
            kafka.produce(forwarder.alerts_topic, [b"no alert"])
            wait_done(kafka, forwarder)
        else:
            requests = len(sink.requests)
            until("requests are on their way", lambda requests=requests:
                  len(sink.requests) > requests and ledger(forwarder, "siem")["in_flight"] > 0)
            until("nothing moves", lambda: ledger(forwarder, "siem") == ledger(forwarder, "siem"))
        lives.append(assert_conserved(forwarder, "siem"))
        forwarder.kill()
        gate.set()
        forwarder.start()
    wait_done(kafka, forwarder)
    lives.append(assert_conserved(forwarder, "siem", in_flight=0))
    total = {key: sum(life[key] for life in lives) for key in lives[0]}
    assert total["consumed"] == sum(total[key] for key in total if key != "consumed")
    wanted = {identity(a) for a in sent if a["severity"] != "LOW" and a["alert_id"] != poison}
    assert set(sink.got()) == wanted
    assert total["filtered"] >= 100 and total["dead"] >= 2
    assert {json.loads(letter.value)["alert_id"] for letter in kafka.read(forwarder.dead_topic)
            if letter.value != b"no alert"} == {poison}
    print(f"lives: {lives}; doubles: {len(sink.got()) - len(wanted)}")


# -- faults of connections


@pytest.fixture
def streams():
    made = []

    def make(*arguments, **more):
        made.append(StreamSink(*arguments, **more))
        return made[-1].start()

    yield make
    for stream in made:
        stream.stop()


def syslog(stream, **more):
    return {"name": "siem", "type": "syslog", "host": "127.0.0.1", "port": stream.port,
            "framing": "lf", "timeout": "1s", **more}


@pytest.mark.parametrize("fault", [StreamSink.RESET, StreamSink.NEVER, StreamSink.DRIP])
@pytest.mark.parametrize("transport", ["tcp", "tls"])
def test_a_fault_of_a_stream_that_passes_loses_nothing(
        kafka, forwarders, streams, tmp_path, fault, transport):
    key, certificate = make_certificate(tmp_path)
    stream = streams(lambda number: fault if number < 3 else StreamSink.TAKE,
                     tls=(key, certificate) if transport == "tls" else None)
    more = {"transport": "tls", "tls": {"ca_file": str(certificate)}} if transport == "tls" else {}
    forwarder = forwarders(syslog(stream, **more))
    sent = alerts(300)
    send(kafka, forwarder.alerts_topic, sent)
    wait_done(kafka, forwarder)
    assert forwarder.was_not_ready("siem: target", "")
    wanted = {a["alert_id"] for a in sent}
    until("all are read", lambda: set(stream.got()) == wanted)
    assert kafka.read(forwarder.dead_topic) == []
    print(f"doubles: {len(stream.got()) - len(sent)}")


@pytest.mark.parametrize("transport", ["tcp", "tls"])
def test_what_was_taken_and_not_read_is_repeated_when_we_lose_patience(
        kafka, forwarders, streams, tmp_path, transport):
    key, certificate = make_certificate(tmp_path)
    stream = streams(lambda number: StreamSink.TAKE if number else StreamSink.NEVER,
                     tls=(key, certificate) if transport == "tls" else None)
    more = {"transport": "tls", "tls": {"ca_file": str(certificate)}} if transport == "tls" else {}
    forwarder = forwarders(syslog(stream, **more))
    first, rest = alerts(1), alerts(100)[1:]
    send(kafka, forwarder.alerts_topic, first)
    wait_done(kafka, forwarder)  # its kernel has it
    send(kafka, forwarder.alerts_topic, rest)
    wait_done(kafka, forwarder)
    until("all are read", lambda: set(stream.got()) == {a["alert_id"] for a in [*first, *rest]})


def test_what_was_not_read_is_repeated_after_the_settings_were_read_anew(
        kafka, forwarders, tmp_path):
    (tmp_path / "right").mkdir()
    (tmp_path / "wrong").mkdir()
    right, wrong = make_certificate(tmp_path / "right"), make_certificate(tmp_path / "wrong")
    deaf = StreamSink(lambda number: StreamSink.NEVER, tls=right).start()
    forwarder = forwarders(syslog(deaf, transport="tls", tls={"ca_file": str(right[1])}))
    first, rest = alerts(1), alerts(2)[1:]
    send(kafka, forwarder.alerts_topic, first)
    wait_done(kafka, forwarder)  # its kernel has it
    deaf.stop()
    impostor = StreamSink(tls=wrong, port=deaf.port).start()
    send(kafka, forwarder.alerts_topic, rest)
    until("it has asked again with new settings",
          lambda: forwarder.metric("haechi_forwarder_held_total", target="siem") >= 3)
    impostor.stop()
    honest = StreamSink(tls=right, port=deaf.port).start()
    try:
        wait_done(kafka, forwarder)
        until("all are read", lambda: set(honest.got()) == {a["alert_id"] for a in [*first, *rest]})
    finally:
        honest.stop()


@pytest.mark.parametrize("carrier", ["http", "stream"])
def test_broken_tls_holds_alerts_until_it_is_mended(
        kafka, forwarders, streams, tmp_path, carrier):
    (tmp_path / "right").mkdir()
    (tmp_path / "wrong").mkdir()
    right, wrong = make_certificate(tmp_path / "right"), make_certificate(tmp_path / "wrong")
    broken = streams(lambda number: StreamSink.GARBAGE)
    sink = Sink(tls=right)
    sink.port = broken.port
    target = syslog(broken, transport="tls") if carrier == "stream" else http(sink, timeout="1s")
    forwarder = forwarders({**target, "tls": {"ca_file": str(right[1])}})
    sent = alerts(200)
    send(kafka, forwarder.alerts_topic, sent)
    until("/readyz says so", lambda: forwarder.readyz()[0] == 503)
    broken.stop()

    def serve(certificate):
        if carrier == "stream":
            return StreamSink(tls=certificate, port=broken.port).start()
        sink.tls = certificate
        return sink.start()

    impostor = serve(wrong)
    until("/readyz says so", lambda: "certificate" in forwarder.readyz()[1])
    assert impostor.got() == []
    impostor.stop()
    honest = serve(right)
    try:
        wait_done(kafka, forwarder)
        got = honest.got() if carrier == "stream" else [i for i, _ in honest.got()]
        assert set(got) == {a["alert_id"] for a in sent}
        assert kafka.read(forwarder.dead_topic) == []
    finally:
        honest.stop()


def test_a_target_that_fails_for_long_gets_all_when_it_is_back(kafka, forwarders, sinks):
    """A minute of 500 with the usual 30 s limit of waits, scaled to 200 ms: until it was asked 20
    times."""
    sink = sinks(lambda events, number: 500 if number < 20 else 200)
    forwarder = forwarders(http(sink))
    sent = alerts(300)
    send(kafka, forwarder.alerts_topic, sent)
    wait_done(kafka, forwarder)
    assert sorted(sink.got()) == sorted(map(identity, sent))
    assert kafka.read(forwarder.dead_topic) == []


def test_kills_while_syslog_is_under_way_lose_nothing(kafka, forwarders, tmp_path):
    folder = tmp_path / "rsyslog"
    folder.mkdir()
    rsyslog = Rsyslog(folder)
    rsyslog.start()
    try:
        forwarder = forwarders({"name": "siem", "type": "syslog", "host": "127.0.0.1",
                                "port": rsyslog.tcp, "body": "cef", "max_events": 20})
        sent = alerts(6000)
        for part in range(3):
            send(kafka, forwarder.alerts_topic, sent[part * 2000:(part + 1) * 2000])
            until("some of them have arrived",
                  lambda part=part: len(rsyslog.lines()) > part * 2000 + 200)
            forwarder.kill()
            forwarder.start()
        wait_done(kafka, forwarder)
        wanted = {a["alert_id"].encode() for a in sent}
        until("all are on its disk", lambda: wanted <= {
            word for line in rsyslog.lines() for word in line.replace(b"=", b" ").split()
            if word.startswith(b"SEC-")})
        print(f"doubles after three kills: {len(rsyslog.lines()) - len(sent)}")
        assert kafka.read(forwarder.dead_topic) == []
    finally:
        rsyslog.stop()


# -- another topic


def test_a_record_too_large_for_a_topic_is_dead_alone(kafka, forwarders):
    topic = kafka.create(unique("small"), max_message_bytes=20000)
    forwarder = forwarders({"name": "siem", "type": "kafka", "topic": topic})
    sent = alerts(200)
    sent[77]["description"] = secrets.token_hex(30000)  # which does not compress
    send(kafka, forwarder.alerts_topic, sent)
    wait_done(kafka, forwarder)
    guilty = sent[77]["alert_id"]
    got = [json.loads(record.value)["alert_id"] for record in kafka.read(topic)]
    assert sorted(got) == sorted(a["alert_id"] for a in sent if a["alert_id"] != guilty)
    [dead] = kafka.read(forwarder.dead_topic)
    assert json.loads(dead.value)["alert_id"] == guilty
    assert dead.headers["haechi.reason"] == b"target_refused"
    assert b"too large" in dead.headers["haechi.error"].lower()
    assert_conserved(forwarder, "siem", delivered=199, dead=1)


def test_a_record_that_its_queue_has_no_room_for_is_told_and_ends_nobody(kafka, forwarders):
    topic = kafka.create(unique("queue"))
    forwarder = forwarders({"name": "siem", "type": "kafka", "topic": topic,
                            "brokers": kafka.address,
                            "properties": {"queue.buffering.max.kbytes": "1"}})
    send(kafka, forwarder.alerts_topic, alerts(3, description="x" * 2000))
    until("/readyz says so", lambda: "Queue full" in forwarder.readyz()[1])
    assert kafka.read(forwarder.dead_topic) == []
    assert forwarder.stop() == 0


def test_a_topic_that_is_missing_holds_alerts_until_it_is_made(kafka, forwarders):
    topic = unique("missing")
    forwarder = forwarders({"name": "siem", "type": "kafka", "topic": topic})
    sent = alerts(50)
    send(kafka, forwarder.alerts_topic, sent)
    until("/readyz says so", lambda: "does not exist" in forwarder.readyz()[1])
    assert forwarder.metric("haechi_forwarder_held_total", target="siem") > 0
    assert kafka.read(forwarder.dead_topic) == []
    kafka.create(topic)
    wait_done(kafka, forwarder)
    got = [json.loads(record.value)["alert_id"] for record in kafka.read(topic)]
    assert sorted(got) == sorted(a["alert_id"] for a in sent)
    until("all is well again", lambda: forwarder.readyz()[0] == 200)
