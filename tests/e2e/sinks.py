"""An HTTP receiver that misbehaves on demand, and what the forwarder's tests share."""

import json
import re
import socket
import ssl
import struct
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from servers import free_port, until
from worker import parse_metrics

START = 1_767_225_600_000  # 2026-01-01


def alert(serial, revision=0, **more):
    """An alert as the correlator writes it."""
    status = "new" if revision == 0 else "update"
    return {
        "alert_id": f"SEC-{serial:032x}", "revision": revision,
        "timestamp": "2026-01-01T00:00:00.000Z", "severity": "HIGH", "title": f"Alert {serial}",
        "description": "12 failed logins", "source_ip": "203.0.113.7", "target_ip": None,
        "user": "root", "host": "web-1", "confidence": 0.9, "indicators": [],
        "raw_payload": "Failed password", "recommended_actions": ["Block the address"],
        "rule_id": "brute_force", "correlation_id": "brute_force",
        "event_types": ["authentication.brute_force"], "event_ids": [], "event_count": 12,
        "count_exact": True, "first_seen": "2026-01-01T00:00:00.000Z",
        "last_seen": "2026-01-01T00:00:01.000Z", "status": status, "continues": None,
        "mode": "alert", "tags": ["attack.t1110"], "tenant": "default",
        "group": {"source_ip": "203.0.113.7"}, "group_key": f"{serial % 97:032x}",
        "emitted_at": "2026-01-01T00:00:02.000Z", **more}


def alerts(count, first=0, **more):
    return [alert(serial, **more) for serial in range(first, first + count)]


def send(kafka, topic, records):
    """Where each went."""
    return kafka.produce(topic, [json.dumps(record) for record in records],
                         keys=[record["group_key"] for record in records])


def identity(record):
    return record["alert_id"], record["revision"]


def identities(records):
    return {identity(record) for record in records}


def http(sink, name="siem", **more):
    return {"name": name, "type": "http", "url": sink.url, **more}


def wait_done(kafka, forwarder, target="siem"):
    kafka.wait_done(forwarder.group_of(target), forwarder.alerts_topic)


def receipts(kafka, forwarder):
    """[(alert_id, revision, target, status)]"""
    read = [json.loads(record.value) for record in kafka.read(forwarder.receipts_topic)]
    return [(r["alert_id"], r["revision"], r["target"], r["status"]) for r in read]


def server_tls(key_and_certificate, clients=None, version=None):
    """With clients, a certificate, only who shows that one, or one that it signed, is served."""
    key, certificate = key_and_certificate
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    if clients:
        context.load_verify_locations(clients)
        context.verify_mode = ssl.CERT_REQUIRED
    if version:
        context.minimum_version = context.maximum_version = version
    return context


def context_of(tls):
    return tls if isinstance(tls, ssl.SSLContext) else server_tls(tls)


OUTCOMES = ("delivered", "filtered", "dead", "given_back")


def ledger(forwarder, target):
    """The lane's figures of one moment: those that went in, those that are on their way, and those at
    an end by outcome."""
    samples = parse_metrics(forwarder.metrics_text())
    figure = lambda name, **labels: sum(
        value for found, its, value in samples if found == f"haechi_forwarder_{name}" and
        its.get("target") == target and all(its.get(k) == v for k, v in labels.items()))
    return {"consumed": figure("alerts_consumed_total"),
            "in_flight": figure("alerts_in_flight"),
            **{outcome: figure("alerts_total", outcome=outcome) for outcome in OUTCOMES}}


def assert_conserved(forwarder, target, **outcomes):
    """consumed = delivered + filtered + dead + given back + in flight"""
    def adds_up():
        found = ledger(forwarder, target)
        assert found["consumed"] == found["in_flight"] + sum(found[o] for o in OUTCOMES), found
        return found
    # The figures are set one after the other; once nothing moves they add up.
    found = until("the figures add up", adds_up)
    for outcome, want in outcomes.items():
        assert found[outcome] == want, found
    return found


class Sink:
    """A generic SIEM: takes {"events": […]}. `answer(events, request)` decides what becomes
    of a request: a status, (status, headers), or one of the faults below; what it answers 2xx is
    in `events`, in the order of arrival. With tls, (key, certificate) or what server_tls() gives, it is an
    https one."""

    RESET = "the connection is reset in the middle of the reply"
    NEVER = "no reply comes"
    DRIP = "the reply comes byte by byte"

    def __init__(self, answer=None, tls=None):
        self.answer = answer or (lambda events, request: 200)
        self.tls = tls
        self.port = free_port()
        self.events, self.requests, self.authorizations = [], [], []
        self.lock = threading.Lock()
        self.over = threading.Event()
        self.server = None

    @property
    def url(self):
        return f"http{'s' if self.tls else ''}://127.0.0.1:{self.port}/alerts"

    def start(self):
        sink = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def log_message(self, *_):
                pass

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                sink.take(self, json.loads(body)["events"])

        self.server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self.server.daemon_threads = True
        if self.tls:
            self.server.socket = context_of(self.tls).wrap_socket(
                self.server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def stop(self):
        self.over.set()
        if self.server:
            self.server.shutdown()
            self.server.server_close()
            self.server = None

    def take(self, handler, events):
        with self.lock:
            number = len(self.requests)
            self.requests.append([identity(event) for event in events])
            self.authorizations.append(handler.headers.get("Authorization"))
        verdict = self.answer(events, number)
        status, headers = verdict if isinstance(verdict, tuple) else (verdict, {})
        if status == self.NEVER:
            self.over.wait()
            handler.close_connection = True
            return
        if status in (self.RESET, self.DRIP):
            with self.lock:
                self.events += events  # it has them, and the sender does not hear of it
            self.misbehave(handler, status)
            return
        if 200 <= status < 300:
            with self.lock:
                self.events += events
        text = b"{}" if status < 300 else json.dumps({"error": f"status {status}"}).encode()
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(text)))
        handler.end_headers()
        handler.wfile.write(text)

    def misbehave(self, handler, how):
        handler.close_connection = True
        if how == self.RESET:
            handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Len")
            handler.wfile.flush()
            handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                          struct.pack("ii", 1, 0))
            handler.connection.close()
            return
        for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}":
            try:
                handler.wfile.write(bytes([byte]))
                handler.wfile.flush()
            except OSError:
                return
            if self.over.wait(0.05):
                return

    def got(self):
        """The identities of what it took."""
        with self.lock:
            return [identity(event) for event in self.events]


class StreamSink:
    """A receiver of lines over TCP or TLS. `behave(number)` says what the number-th connection does:
    TAKE, or one of the faults. Its kernel takes little that it has not read, so that what a fault
    loses has not been taken."""

    TAKE = "takes all"
    RESET = "is reset after some bytes"
    NEVER = "never reads"
    DRIP = "reads byte by byte"
    GARBAGE = "answers what is no TLS"

    def __init__(self, behave=None, tls=None, port=None):
        self.behave = behave or (lambda number: self.TAKE)
        self.tls = context_of(tls) if tls else None
        self.port = port or free_port()
        self.data, self.held = [], []
        self.over = threading.Event()
        self.server = None

    def start(self):
        self.server = socket.socket()
        self.server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.server.bind(("127.0.0.1", self.port))
        self.server.listen()
        threading.Thread(target=self.accept, args=(self.server,), daemon=True).start()
        return self

    def stop(self):
        self.over.set()
        if self.server:
            self.server.shutdown(socket.SHUT_RDWR)
            self.server.close()
            self.server = None
        for connection in self.held:
            connection.close()

    def accept(self, server):
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            number, data = len(self.data), bytearray()
            self.data.append(data)
            self.held.append(connection)
            threading.Thread(target=self.serve, args=(connection, number, data),
                             daemon=True).start()

    def serve(self, connection, number, data):
        how = self.behave(number)
        try:
            if how == self.GARBAGE:
                connection.recv(100)
                connection.sendall(b"220 no TLS is spoken here\r\n")
                connection.close()
                return
            if self.tls:
                connection = self.tls.wrap_socket(connection, server_side=True)
                self.held.append(connection)
            if how == self.RESET:
                data += connection.recv(1000)
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                      struct.pack("ii", 1, 0))
                connection.close()
            elif how == self.DRIP:
                while not self.over.wait(0.05) and (byte := connection.recv(1)):
                    data += byte
            elif how == self.TAKE:
                while more := connection.recv(65536):
                    data += more
        except OSError:
            pass

    def got(self):
        """The ids of the alerts in whole lines."""
        lines = [line for data in list(self.data) for line in bytes(data).split(b"\n")[:-1]]
        return [re.search(rb"SEC-[0-9a-f]{32}", line)[0].decode() for line in lines]
