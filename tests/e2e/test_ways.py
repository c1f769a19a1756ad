"""By which way alerts go to a target: through proxies, with certificates of our own, as datagrams."""

import shutil
import socket
import ssl

import pytest
from proxy import Proxy
from receivers import make_certificate
from servers import LIMIT, until
from sinks import (Sink, StreamSink, alerts, http, identities, receipts, send, server_tls, wait_done)


@pytest.fixture
def proxy():
    proxy = Proxy()
    yield proxy
    proxy.stop()


def held(forwarder):
    return forwarder.metric("haechi_forwarder_held_total", target="siem") or 0


def await_held(forwarder, word):
    """Until the lane waits for an operator, and says why."""
    until("the lane is held", lambda: held(forwarder) > 0)
    until(f"/readyz shows {word}", lambda: word in forwarder.readyz()[1])


# -- proxies


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_requests_go_through_a_proxy_that_knows_us(kafka, forwarders, tmp_path, proxy, scheme):
    tls = make_certificate(tmp_path) if scheme == "https" else None
    sink = Sink(tls=tls).start()
    # No name server knows the one, and the certificate is for the other.
    host = "localhost" if tls else "siem.invalid"
    password = tmp_path / "password"
    password.write_text("a guess")
    forwarder = forwarders({
        "name": "siem", "type": "http", "url": f"{scheme}://{host}:{sink.port}/alerts",
        "proxy": proxy.url, "proxy_user": "haechi", "proxy_password_file": str(password),
        **({"tls": {"ca_file": str(tls[1])}} if tls else {})})
    try:
        sent = alerts(250)
        send(kafka, forwarder.alerts_topic, sent)
        await_held(forwarder, "407")
        assert proxy.refused > 0 and proxy.asked == [] and sink.got() == []
        password.write_text("s3cret\n")
        wait_done(kafka, forwarder)
        assert sorted(sink.got()) == sorted(identities(sent))
        assert kafka.read(forwarder.dead_topic) == []
        way = (("CONNECT", f"localhost:{sink.port}") if tls
               else ("POST", f"http://siem.invalid:{sink.port}/alerts"))
        assert set(proxy.asked) == {way}
        assert "s3cret" not in forwarder.text_log()
    finally:
        sink.stop()


def test_hosts_of_no_proxy_are_reached_without_one(kafka, forwarders, sinks, proxy, monkeypatch):
    sink = sinks()
    monkeypatch.setenv("no_proxy", "example.com,127.0.0.1")
    forwarder = forwarders(http(sink, proxy=proxy.url))
    send(kafka, forwarder.alerts_topic, alerts(5))
    wait_done(kafka, forwarder)
    assert sorted(sink.got()) == sorted(identities(alerts(5)))
    assert proxy.asked == [] and proxy.refused == 0


def test_the_environments_proxy_is_taken_where_the_settings_name_none(
        kafka, forwarders, sinks, proxy, monkeypatch):
    sink = sinks()
    forwarder = forwarders(
        {**http(sink, url=f"http://siem.invalid:{sink.port}/alerts"), "proxy_user": "haechi",
         "proxy_password": "s3cret"}, start=False)
    with monkeypatch.context() as environment:  # what the tests ask themselves goes without
        environment.setenv("http_proxy", proxy.url)
        environment.setenv("no_proxy", "")
        forwarder.start(ready=False)
    forwarder.wait_ready()
    send(kafka, forwarder.alerts_topic, alerts(5))
    wait_done(kafka, forwarder)
    assert sorted(sink.got()) == sorted(identities(alerts(5)))
    assert proxy.asked


# -- certificates of our own


@pytest.fixture
def certificates(tmp_path):
    """{name: (key, certificate)}, each signed by itself."""
    made = {}
    for name in ("server", "known", "stranger", "ours"):
        (tmp_path / name).mkdir()
        if name != "ours":  # is what the test puts there
            made[name] = make_certificate(tmp_path / name)
    made["ours"] = tuple(tmp_path / "ours" / path.name for path in made["server"])
    return made


def put(certificates, whose):
    for source, place in zip(certificates[whose], certificates["ours"]):
        fresh = place.with_suffix(".new")
        shutil.copy(source, fresh)
        fresh.rename(place)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3],
                         ids=["tls1.2", "tls1.3"])
@pytest.mark.parametrize("carrier", ["http", "stream"])
def test_a_target_that_demands_a_certificate_holds_alerts_until_it_is_shown_the_right_one(
        kafka, forwarders, certificates, carrier, version):
    tls = server_tls(certificates["server"], certificates["known"][1], version)
    sink = (StreamSink if carrier == "stream" else Sink)(tls=tls).start()
    way = ({"type": "syslog", "host": "127.0.0.1", "port": sink.port, "transport": "tls",
            "framing": "lf"}
           if carrier == "stream" else {"type": "http", "url": sink.url})
    target = {"name": "siem", "timeout": "10s", **way,
              "tls": {"ca_file": str(certificates["server"][1])}}
    forwarder = forwarders(target)
    sent = alerts(150)
    try:
        send(kafka, forwarder.alerts_topic, sent)
        await_held(forwarder, "certificate" if version == ssl.TLSVersion.TLSv1_3 else "handshake")

        assert forwarder.stop() == 0
        put(certificates, "stranger")
        key, certificate = certificates["ours"]
        forwarder.settings["forwarder"]["targets"][0]["tls"].update(
            certificate_file=str(certificate), key_file=str(key))
        forwarder.write_settings()
        forwarder.start(ready=False)
        until("it answers", lambda: forwarder.healthz()[0] == 200)
        await_held(forwarder, "unknown ca")
        assert sink.got() == [] and receipts(kafka, forwarder) == []

        put(certificates, "known")
        wait_done(kafka, forwarder)
        until("all are read", lambda: len(sink.got()) >= len(sent))
        got = sink.got() if carrier == "stream" else [name for name, _ in sink.got()]
        assert set(got) == {a["alert_id"] for a in sent}
        assert kafka.read(forwarder.dead_topic) == []
    finally:
        sink.stop()


# -- datagrams


@pytest.mark.parametrize("kind,start", [("qradar", b"LEEF:2.0|Haechi|"), ("arcsight", b"CEF:0|Haechi|")])
def test_each_alert_is_a_datagram_of_its_own(kafka, forwarders, kind, start):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(LIMIT)
        forwarder = forwarders({"name": "siem", "type": kind, "transport": "udp",
                                "host": "127.0.0.1", "port": receiver.getsockname()[1]})
        sent = alerts(20, raw_payload="one\r\ntwo " + "x" * 5000)
        send(kafka, forwarder.alerts_topic, sent)
        datagrams = [receiver.recv(65536) for _ in sent]
        wait_done(kafka, forwarder)
    for datagram in datagrams:
        assert datagram.startswith(b"<") and start in datagram and b"\n" not in datagram
        if kind == "qradar":
            assert len(datagram) <= 1024, "what QRadar takes by default"
    for one in sent:
        assert sum(one["alert_id"].encode() in datagram for datagram in datagrams) == 1
