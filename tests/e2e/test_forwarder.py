"""Every alert reaches every target, told by identity: whatever a target does, and whatever happens to
the forwarder meanwhile."""

import json
import subprocess
import time

import pytest
from receivers import HecStub, Rsyslog, Stub
from servers import LIMIT, program, unique, until
from sinks import (Sink, alert, alerts, assert_conserved, http, identities, identity, receipts, send,
                   wait_done)


def test_alerts_arrive_with_receipts(kafka, forwarders, sinks):
    sink = sinks()
    forwarder = forwarders(http(sink, token="t0ken"))
    sent = alerts(1000)
    send(kafka, forwarder.alerts_topic, sent)
    wait_done(kafka, forwarder)
    assert sorted(sink.got()) == sorted(map(identity, sent)), "each exactly once"
    assert set(sink.authorizations) == {"Bearer t0ken"}
    assert max(map(len, sink.requests)) <= 100
    assert sorted(receipts(kafka, forwarder)) == sorted(
        (*identity(a), "siem", "delivered") for a in sent)
    assert kafka.read(forwarder.dead_topic) == []
    assert_conserved(forwarder, "siem", delivered=1000, dead=0)
    assert "t0ken" not in forwarder.text_log()


FAULTS = {
    "the reply is reset in the middle": Sink.RESET,
    "the reply never comes": Sink.NEVER,
    "the reply drips": Sink.DRIP,
    "500": 500,
    "503 with Retry-After": (503, {"Retry-After": "1"}),
    "429": 429,
    "a redirect": (308, {"Location": "http://127.0.0.1:9/elsewhere"}),
    "wrong token": 401,
    "no right": 403,
    "the address is not there": 404,
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_that_passes_loses_nothing(kafka, forwarders, sinks, fault):
    # A reply that comes is never too late, however slow the machine is: it would make doubles.
    times, timeout = (1, "15s") if fault == Sink.NEVER else (4, "1s") if fault == Sink.DRIP else (4, "2m")
    sink = sinks(lambda events, number: fault if number < times else 200)
    forwarder = forwarders(http(sink, timeout=timeout))
    sent = alerts(300)
    send(kafka, forwarder.alerts_topic, sent)
    wait_done(kafka, forwarder)
    if fault == 401:
        assert forwarder.was_not_ready("siem: target", "401")
    assert set(sink.got()) == identities(sent)
    doubles = len(sink.got()) - len(sent)
    assert doubles == 0 or fault in (Sink.RESET, Sink.DRIP), f"{doubles} doubles"
    assert kafka.read(forwarder.dead_topic) == [], "nothing is dead for a fault of the target's"
    until("all is well again", lambda: forwarder.readyz()[0] == 200)


def test_a_token_that_is_replaced_in_its_file_is_used_without_a_restart(
        kafka, forwarders, sinks, tmp_path):
    token = tmp_path / "token"
    token.write_text("old\n")
    sink = sinks()
    sink.answer = lambda events, number: 200 if sink.authorizations[-1] == "Bearer new" else 401
    forwarder = forwarders(http(sink, token_file=str(token)))
    sent = alerts(100)
    send(kafka, forwarder.alerts_topic, sent)
    until("/readyz says so", lambda: "401" in forwarder.readyz()[1])
    token.write_text("new\n")
    wait_done(kafka, forwarder)
    assert sorted(sink.got()) == sorted(map(identity, sent))
    assert kafka.read(forwarder.dead_topic) == []


def test_a_target_that_is_not_there_holds_its_offset_until_it_is(kafka, forwarders, sinks):
    sink, other = sinks(start=False), sinks()
    forwarder = forwarders(http(sink), http(other, name="other"))
    sent = alerts(200)
    send(kafka, forwarder.alerts_topic, sent)
    wait_done(kafka, forwarder, "other")
    assert set(other.got()) == identities(sent), "one that is down holds up nobody else"
    until("/readyz names the one that is down", lambda: forwarder.readyz()[0] == 503 and
          forwarder.was_not_ready("siem: target", ""))
    assert max(kafka.committed(forwarder.group_of("siem"), forwarder.alerts_topic).values()) <= 0
    sink.start()
    wait_done(kafka, forwarder)
    assert sorted(sink.got()) == sorted(map(identity, sent))
    until("all is well again", lambda: forwarder.readyz()[0] == 200)


def refuse(*guilty):
    """As a target that takes no batch with one of these in it."""
    return lambda events, number: 400 if any(e["alert_id"] in guilty for e in events) else 200


def test_the_poisonous_one_of_a_thousand_goes_to_dead_letters_alone(kafka, forwarders, sinks):
    sent = alerts(1000)
    guilty = sent[637]["alert_id"]
    sink = sinks(refuse(guilty))
    forwarder = forwarders(http(sink))
    send(kafka, forwarder.alerts_topic, sent)
    wait_done(kafka, forwarder)
    assert sorted(sink.got()) == sorted(identity(a) for a in sent if a["alert_id"] != guilty)
    [dead] = kafka.read(forwarder.dead_topic)
    headers = {name: value.decode() for name, value in dead.headers.items()}
    assert json.loads(dead.value)["alert_id"] == guilty
    assert headers["haechi.reason"] == "target_refused" and headers["haechi.target"] == "siem"
    assert "400" in headers["haechi.error"]
    assert [r[3] for r in receipts(kafka, forwarder) if r[0] == guilty] == ["dead"]
    assert_conserved(forwarder, "siem", delivered=999, dead=1)


def dead_ids(kafka, forwarder):
    return [json.loads(letter.value)["alert_id"] for letter in kafka.read(forwarder.dead_topic)]


def test_a_target_that_refuses_everything_costs_twenty_alerts_and_no_more(kafka, forwarders, sinks):
    sink = sinks(lambda events, number: 400)
    forwarder = forwarders(http(sink))
    sent = alerts(60)
    send(kafka, forwarder.alerts_topic, sent)
    until("/readyz says so", lambda: "in a row were refused" in forwarder.readyz()[1])
    sink.answer = lambda events, number: 200
    wait_done(kafka, forwarder)
    dead = set(dead_ids(kafka, forwarder))
    assert len(dead) == 20
    assert sorted(sink.got()) == sorted(identity(a) for a in sent if a["alert_id"] not in dead)
    until("all is well again", lambda: forwarder.readyz()[0] == 200)


def test_many_that_are_guilty_in_a_row_do_not_hold_up_the_others(kafka, forwarders, sinks):
    sent = alerts(60)
    guilty = {a["alert_id"] for a in sent[10:35]}
    sink = sinks(refuse(*guilty))
    forwarder = forwarders(http(sink))
    send(kafka, forwarder.alerts_topic, sent)
    wait_done(kafka, forwarder)
    assert sorted(dead_ids(kafka, forwarder)) == sorted(guilty)
    assert sorted(sink.got()) == sorted(identity(a) for a in sent if a["alert_id"] not in guilty)


def test_alerts_without_an_id_are_dead_letters_and_not_one_alert(kafka, forwarders, sinks):
    sink = sinks()
    forwarder = forwarders(http(sink))
    sent = alerts(2)
    kafka.produce(forwarder.alerts_topic, [b"{}", b'{"alert_id": ""}'])
    send(kafka, forwarder.alerts_topic, sent)
    wait_done(kafka, forwarder)
    assert sorted(sink.got()) == sorted(map(identity, sent))
    letters = kafka.read(forwarder.dead_topic)
    assert [l.headers["haechi.reason"] for l in letters] == [b"undecodable"] * 2
    assert all(b"alert_id" in l.headers["haechi.error"] for l in letters)


def test_a_reply_of_megabytes_is_a_reply(kafka, forwarders):
    stub = Stub()
    stub.answer = lambda request: (200, b"x" * (9 << 20), {})
    with stub:
        forwarder = forwarders(http(stub))
        send(kafka, forwarder.alerts_topic, alerts(3))
        wait_done(kafka, forwarder)
        assert len(stub.requests) == 1


def test_a_target_may_not_write_where_alerts_are_read(forwarders, tmp_path):
    file = tmp_path / "haechi.yaml"
    targets = [{"name": "copy", "type": "kafka", "topic": "correlated-alerts"}]
    file.write_text(json.dumps({"forwarder": {"targets": targets}}))
    done = subprocess.run([program("haechi-forwarder"), "--config", file, "--check"],
                          capture_output=True, text=True)
    assert done.returncode == 2 and "topics.correlated_alerts" in done.stderr, done.stderr


def test_a_batch_too_large_is_halved_and_nobody_blamed(kafka, forwarders, sinks):
    sink = sinks(lambda events, number: 413 if len(events) > 3 else 200)
    forwarder = forwarders(http(sink))
    sent = alerts(100)
    send(kafka, forwarder.alerts_topic, sent)
    wait_done(kafka, forwarder)
    assert sorted(sink.got()) == sorted(map(identity, sent))
    assert kafka.read(forwarder.dead_topic) == []


def test_a_kill_in_flight_loses_nothing(kafka, forwarders, sinks):
    def slowly(events, number):
        time.sleep(0.01)
        return 200

    sink = sinks(slowly)
    forwarder = forwarders(http(sink))
    sent = alerts(5000)
    send(kafka, forwarder.alerts_topic, sent)
    for part in (500, 2000):
        until("some have arrived", lambda part=part: len(set(sink.got())) > part)
        forwarder.kill()
        forwarder.start()
    wait_done(kafka, forwarder)
    assert set(sink.got()) == identities(sent)
    delivered = {r[:2] for r in receipts(kafka, forwarder)}
    assert delivered == identities(sent)
    print(f"doubles after two kills: {len(sink.got()) - len(sent)}")


def test_revisions_of_an_alert_stay_in_order_and_never_share_a_request(kafka, forwarders, sinks):
    sink = sinks(lambda events, number: 503 if number % 3 == 0 else 200)
    forwarder = forwarders(http(sink))
    sent = [alert(serial, revision) for revision in range(5) for serial in range(20)]
    send(kafka, forwarder.alerts_topic, sent)
    wait_done(kafka, forwarder)
    for request in sink.requests:
        ids = [alert_id for alert_id, _ in request]
        assert len(ids) == len(set(ids))
    for serial in range(20):
        revisions = [r for i, r in sink.got() if i == f"SEC-{serial:032x}"]
        assert revisions == [0, 1, 2, 3, 4]


def test_filters_keep_back_what_a_target_does_not_want(kafka, forwarders, sinks):
    sink = sinks()
    forwarder = forwarders(http(sink, filter={"min_severity": "HIGH", "tenants": ["default"],
                                              "revisions": "new"}))
    wanted = alerts(10)
    kept_back = [*alerts(10, 10, severity="MEDIUM"), *alerts(10, 20, tenant="acme"),
                 *alerts(10, 30, revision=1), *alerts(10, 40, mode="shadow")]
    send(kafka, forwarder.alerts_topic, wanted + kept_back)
    wait_done(kafka, forwarder)
    assert sorted(sink.got()) == sorted(map(identity, wanted))
    assert_conserved(forwarder, "siem", delivered=10, filtered=40)


def test_what_is_no_alert_goes_to_dead_letters(kafka, forwarders, sinks):
    sink = sinks()
    forwarder = forwarders(http(sink))
    kafka.produce(forwarder.alerts_topic, [b"no alert"])
    send(kafka, forwarder.alerts_topic, alerts(3))
    wait_done(kafka, forwarder)
    assert set(sink.got()) == identities(alerts(3))
    [dead] = kafka.read(forwarder.dead_topic)
    assert dead.value == b"no alert" and dead.headers["haechi.reason"] == b"undecodable"


def test_two_forwarders_share_and_one_dies(kafka, forwarders, sinks, tmp_path):
    sink = sinks(lambda events, number: time.sleep(0.02) or 200)
    first = forwarders(http(sink), settings={"forwarder": {"batch": {"max_messages": 50}}})
    second = forwarders(http(sink), start=False)
    second.settings = {**first.settings, "forwarder": {
        **first.settings["forwarder"], "metrics": second.settings["forwarder"]["metrics"]}}
    second.write_settings()
    second.start()
    until("both have partitions", lambda: second.metric(
        "haechi_forwarder_assigned_partitions", target="siem"))
    sent = alerts(4000)
    send(kafka, first.alerts_topic, sent)
    until("some have arrived", lambda: len(sink.got()) > 500)
    first.kill()
    wait_done(kafka, second)
    assert set(sink.got()) == identities(sent)


# -- other ways than HTTP


def test_syslog_survives_its_receiver(kafka, forwarders, tmp_path):
    folder = tmp_path / "rsyslog"
    folder.mkdir()
    rsyslog = Rsyslog(folder)
    rsyslog.start()
    try:
        forwarder = forwarders({"name": "siem", "type": "syslog", "host": "127.0.0.1",
                                "port": rsyslog.tcp, "body": "cef"})
        sent = alerts(2000)
        send(kafka, forwarder.alerts_topic, sent[:1000])
        until("some have arrived", lambda: len(rsyslog.lines()) > 100)
        rsyslog.stop()
        send(kafka, forwarder.alerts_topic, sent[1000:])
        until("/readyz says so", lambda: forwarder.readyz()[0] == 503)
        rsyslog.start_again()
        wait_done(kafka, forwarder)
        wanted = {a["alert_id"] for a in sent}
        until("all are on its disk", lambda: len(rsyslog.lines()) >= len(sent))
        lines = b"\n".join(rsyslog.lines()).decode()
        lost = [a for a in wanted if a not in lines]
        assert not lost, f"{len(lost)} lost, as {lost[:3]}"
        assert all(b"CEF:0|Haechi|Haechi|" in line for line in rsyslog.lines())
    finally:
        rsyslog.stop()


def test_syslog_over_tls_holds_until_the_certificate_is_trusted(kafka, forwarders, tmp_path):
    folder = tmp_path / "rsyslog"
    folder.mkdir()
    rsyslog = Rsyslog(folder)
    rsyslog.start()
    try:
        ca = tmp_path / "ca.pem"
        forwarder = forwarders({"name": "siem", "type": "syslog", "transport": "tls",
                                "host": "127.0.0.1", "port": rsyslog.tls})
        sent = alerts(100)
        send(kafka, forwarder.alerts_topic, sent)
        until("/readyz says so", lambda: "certificate" in forwarder.readyz()[1])
        assert rsyslog.lines() == []
        forwarder.stop()
        ca.write_bytes((folder / "certificate.pem").read_bytes())
        forwarder.settings["forwarder"]["targets"][0]["tls"] = {"ca_file": str(ca)}
        forwarder.write_settings()
        forwarder.start()
        wait_done(kafka, forwarder)
        until("all are on its disk", lambda: len(rsyslog.lines()) >= len(sent))
        lines = b"\n".join(rsyslog.lines()).decode()
        assert all(a["alert_id"] in lines for a in sent)
    finally:
        rsyslog.stop()


def test_a_file_is_begun_anew_and_holds_all(kafka, forwarders, tmp_path):
    path = tmp_path / "alerts.ndjson"
    forwarder = forwarders({"name": "siem", "type": "file", "path": str(path),
                            "max_size": "64KiB", "keep": 100, "max_events": 20})
    sent = alerts(500)
    send(kafka, forwarder.alerts_topic, sent)
    wait_done(kafka, forwarder)
    files = sorted(tmp_path.glob("alerts.ndjson*"))
    assert len(files) > 2 and all(file.stat().st_size <= 65536 for file in files)
    lines = [json.loads(line) for file in files for line in file.read_text().splitlines()]
    assert sorted(map(identity, lines)) == sorted(map(identity, sent))


def test_a_file_that_is_moved_or_removed_costs_no_alert(kafka, forwarders, tmp_path):
    path, moved = tmp_path / "alerts.ndjson", tmp_path / "moved.ndjson"
    forwarder = forwarders({"name": "siem", "type": "file", "path": str(path)})

    def deliver(first):
        send(kafka, forwarder.alerts_topic, alerts(10, first))
        wait_done(kafka, forwarder)
        return path.read_text() if path.exists() else ""

    def held(text):
        return identities(map(json.loads, text.splitlines()))

    assert held(deliver(0)) == identities(alerts(10))
    path.rename(moved)
    assert held(deliver(10)) == identities(alerts(10, 10))
    path.unlink()
    assert held(deliver(20)) == identities(alerts(10, 20))
    assert held(moved.read_text()) == identities(alerts(10))


def test_another_topic_holds_all_by_alert_id(kafka, forwarders):
    topic = kafka.create(unique("elsewhere"))
    forwarder = forwarders({"name": "siem", "type": "kafka", "topic": topic})
    sent = alerts(1000)
    send(kafka, forwarder.alerts_topic, sent)
    wait_done(kafka, forwarder)
    records = kafka.read(topic)
    assert sorted(identity(json.loads(r.value)) for r in records) == sorted(map(identity, sent))
    assert all(r.key.decode() == json.loads(r.value)["alert_id"] for r in records)


def test_splunk_with_acknowledgement(kafka, forwarders):
    with HecStub(acknowledge=True) as stub:
        forwarder = forwarders({"name": "siem", "type": "splunk", "url": stub.url,
                                "token": "t0ken", "acknowledge": True})
        sent = alerts(300)
        send(kafka, forwarder.alerts_topic, sent)
        wait_done(kafka, forwarder)
        got = [e["fields"]["alert_id"] for e in stub.events()]
        assert sorted(got) == sorted(a["alert_id"] for a in sent)


# -- the command line


def haechi(forwarder, *words, status=0, stdin=""):
    done = subprocess.run([program("haechi"), *words, *(
        ["--config", forwarder.settings_file] if forwarder else [])],
        capture_output=True, text=True, timeout=LIMIT, input=stdin)
    assert done.returncode == status, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()] if forwarder else done.stdout


def test_what_a_target_refused_is_found_and_replayed_once_to_it_alone(kafka, forwarders, sinks):
    sent = alerts(50)
    guilty = {sent[7]["alert_id"], sent[31]["alert_id"]}
    is_mended = False

    def answer(events, number):
        return 400 if not is_mended and guilty & {e["alert_id"] for e in events} else 200

    sink, other = sinks(answer), sinks()
    forwarder = forwarders(http(sink), http(other, name="other"))
    send(kafka, forwarder.alerts_topic, sent)
    wait_done(kafka, forwarder)
    wait_done(kafka, forwarder, "other")

    listed = haechi(forwarder, "dead-letters", "list", "--target", "siem")
    assert len(listed) == 2 and all(
        letter["reason"] == "target_refused" and "400" in letter["error"] and
        letter["service"] == "forwarder" and not letter["replayed"] for letter in listed)
    assert haechi(forwarder, "dead-letters", "list", "--target", "other") == []
    [shown] = haechi(forwarder, "dead-letters", "show", listed[0]["letter"])
    assert json.loads(shown["value"])["alert_id"] in guilty

    is_mended = True
    assert haechi(forwarder, "dead-letters", "replay", "--dry-run")[0]["replayed"] == 2
    assert haechi(forwarder, "dead-letters", "replay", "--target", "siem") == [
        {"replayed": 2, "replayed_before": 0, "failed": 0, "dry_run": False}]
    assert haechi(forwarder, "dead-letters", "replay", "--target", "siem") == [
        {"replayed": 0, "replayed_before": 2, "failed": 0, "dry_run": False}]
    wait_done(kafka, forwarder)
    wait_done(kafka, forwarder, "other")
    assert sorted(sink.got()) == sorted(map(identity, sent))
    assert sorted(other.got()) == sorted(map(identity, sent)), "it had them already"
    assert haechi(forwarder, "dead-letters", "list", "--open") == []

    one = sent[7]["alert_id"]
    seen = haechi(forwarder, "deliveries", one, "--no-follow")
    assert sorted((r["target"], r["status"]) for r in seen) == [
        ("other", "delivered"), ("siem", "dead"), ("siem", "delivered")]
    assert haechi(forwarder, "deliveries", "--no-follow", "--dead", "--target", "other") == []
    none = subprocess.run([program("haechi"), "deliveries", "SEC-0", "--config",
                           forwarder.settings_file, "--no-follow"], capture_output=True, text=True,
                          timeout=LIMIT)
    assert (none.returncode, none.stdout) == (1, "") and "no such receipt" in none.stderr


def test_a_target_is_tried_with_a_marked_alert_and_no_secret_is_shown(forwarders, sinks):
    status = 200
    sink = sinks(lambda events, number: status)
    forwarder = forwarders(http(sink, token="t0ken"), start=False)
    words = [program("haechi"), "targets", "test", "siem", "--config", forwarder.settings_file]
    done = subprocess.run(words, capture_output=True, text=True, timeout=LIMIT)
    assert done.returncode == 0 and ": delivered, HTTP 200" in done.stdout and "t0ken" not in done.stdout
    [event] = sink.events
    assert event["title"] == "Haechi test alert" and event["alert_id"] in done.stdout
    status = 401
    done = subprocess.run(words, capture_output=True, text=True, timeout=LIMIT)
    assert done.returncode == 1 and "HTTP 401" in done.stdout and "t0ken" not in done.stdout
    forwarder.settings["forwarder"]["targets"].append({"name": "here", "type": "stdout"})
    forwarder.write_settings()
    assert [(one["name"], one["type"]) for one in haechi(forwarder, "targets", "list")] == [
        ("siem", "http"), ("here", "stdout")]


def test_pseudonyms_are_undone_by_the_keys_holder_alone(kafka, forwarders, sinks, tmp_path):
    key, other = tmp_path / "key", tmp_path / "other"
    key.write_text("ab" * 64 + "\n")
    other.write_text("cd" * 64 + "\n")
    sink = sinks()
    forwarder = forwarders(http(sink, redact={
        "pseudonymise": ["user"], "mask": ["source_ip"], "drop": ["raw_payload"],
        "key_file": str(key)}))
    send(kafka, forwarder.alerts_topic, alerts(3, description="root from 203.0.113.7"))
    wait_done(kafka, forwarder)
    text = json.dumps(sink.events)
    assert "root" not in text and "203.0.113.7" not in text and "Failed password" not in text
    users = {event["raw_data"]["user"] for event in sink.events}
    assert len(users) == 1, "the same for the same"
    [user] = users
    assert haechi(None, "reveal", "--key-file", str(key), f"<{user}>") == "<root>\n"
    assert haechi(None, "reveal", "--key-file", str(other), user) == user + "\n"
    assert '"root from ***"' in haechi(None, "reveal", "--key-file", str(key), stdin=text)
