"""An HTTP receiver that misbehaves on demand, and what the forwarder's tests share."""

import json
import socket
import struct
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from servers import free_port

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


class Sink:
    """The seed's generic SIEM: takes {"events": […]}. `answer(events, request)` decides what becomes
    of a request: a status, (status, headers), or one of the faults below; what it answers 2xx is
    in `events`, in the order of arrival."""

    RESET = "the connection is reset in the middle of the reply"
    NEVER = "no reply comes"
    DRIP = "the reply comes byte by byte"

    def __init__(self, answer=None):
        self.answer = answer or (lambda events, request: 200)
        self.port = free_port()
        self.events, self.requests, self.authorizations = [], [], []
        self.lock = threading.Lock()
        self.over = threading.Event()
        self.server = None

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/alerts"

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
            self.over.wait(60)
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
