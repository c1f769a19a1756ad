"""An iocfeed as a process, a server of feeds that can misbehave, and what Redis has of the IOCs, read
by code of the tests' own."""

import hashlib
import json
import struct
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from servers import until
from worker import Worker

MASK = (1 << 64) - 1


class IocFeed(Worker):
    service = "iocfeed"


class FeedServer:
    """Serves one feed on loopback: its body, with an ETag, or whatever `answer` makes of it."""

    def __init__(self):
        self.body = b""
        self.asked = []  # the headers of each request
        self.given = None  # when the body was last sent whole
        self.answer = None  # takes the handler, in place of an honest answer
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                outer.asked.append(dict(self.headers))
                if outer.answer:
                    outer.answer(self)
                    self.close_connection = True
                    return
                etag = '"%s"' % hashlib.md5(outer.body).hexdigest()
                if self.headers.get("If-None-Match") == etag:
                    self.reply(304, b"", etag)
                else:
                    self.reply(200, outer.body, etag)
                    outer.given = time.time()

            def reply(self, status, body, etag=None, **headers):
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                if etag:
                    self.send_header("ETag", etag)
                for name, value in headers.items():
                    self.send_header(name.replace("_", "-"), value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/feed"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def lines(self, *values):
        self.body = "".join(f"{value}\n" for value in values).encode()

    def stop(self):
        self.server.shutdown()


def mix(h):
    h = ((h ^ (h >> 33)) * 0xFF51AFD7ED558CCD) & MASK
    h = ((h ^ (h >> 33)) * 0xC4CEB9FE1A85EC53) & MASK
    return h ^ (h >> 33)


def hash64(seed, data):
    """libshared/base/hash64.h, as its page says it."""
    h = seed ^ (len(data) * 0xC2B2AE3D27D4EB4F) & MASK
    whole = len(data) // 8
    words = list(struct.unpack(f"<{whole}Q", data[:8 * whole]))
    words.append(int.from_bytes(data[8 * whole:], "little"))
    for word in words:
        word = (word * 0x87C37B91114253D5) & MASK
        word ^= word >> 32
        h = ((h ^ word) * 0x9E3779B97F4A7C15) & MASK
        h = (h << 29 | h >> 35) & MASK
    return mix(h)


TYPES = ["ip", "cidr", "domain", "url", "md5", "sha1", "sha256", "email"]


class Filter:
    def __init__(self, data):
        magic, self.seed, _, self.count, self.blocks = struct.unpack_from("<4sQQQQ", data)
        assert magic == b"HBF1"
        assert hash64(0, data[:-8]) == struct.unpack("<Q", data[-8:])[0]
        self.words = struct.unpack_from(f"<{self.blocks * 8}Q", data, 36)

    def may_have(self, kind, value):
        h = hash64((self.seed + TYPES.index(kind) * 0xA0761D6478BD642F) & MASK, value.encode())
        block = ((h >> 32) * self.blocks >> 32) * 8
        mixed = mix(h)
        return all(self.words[block + i] >> (mixed >> (6 * i) & 63) & 1 for i in range(8))


class Cache:
    """What Redis has, as a reader would find it."""

    def __init__(self, client):
        self.client = client

    def version(self):
        return {k.decode(): v.decode()
                for k, v in self.client.hgetall("haechi:{ioc}:version").items()}

    def records(self):
        """{field: brief} of the generation in force, ranges included."""
        generation = self.version().get("generation")
        if not generation:
            return {}
        found = {}
        for key in self.client.scan_iter(match=f"haechi:{{i*}}:{generation}-*", count=10000):
            found.update(self.client.hgetall(key))
        found.update(self.client.hgetall(f"haechi:{{ioc}}:cidr:{generation}"))
        return {k.decode(): v.decode() for k, v in found.items()}

    def generations(self):
        return {key.decode().split(":")[2].split("-")[0]
                for key in self.client.scan_iter(match="haechi:{i*}:*-*", count=10000)
                if b"{ioc}" not in key}

    def filter(self):
        """The filter with what the stream says was added since."""
        version = self.version()
        made = Filter(self.client.get(f"haechi:{{ioc}}:filter:{version['version']}"))
        added = set()
        entries = self.client.xrange(f"haechi:{{ioc}}:changes:{version['generation']}",
                                     min=f"({version['at']}")
        for _, fields in entries:
            added.update(fields.get(b"+", b"").decode().split("\n"))
        return made, added


def field_of(key):
    """How Redis calls a key of the topic."""
    if len(key) <= 64:
        return key
    return key.split(":")[0] + ":~" + hashlib.md5(key.encode()).hexdigest()


def iocs_of(records):
    """The topic's records -> {key: record}, as compaction would leave them."""
    held = {}
    for record in records:
        key = record.key.decode()
        if record.value is None:
            held.pop(key, None)
        else:
            held[key] = json.loads(record.value)
    return held


def contact(iocfeed):
    return iocfeed.metric("haechi_iocfeed_feed_contact_timestamp_seconds", feed="test") or 0


def held(iocfeed):
    return iocfeed.metric("haechi_iocfeed_feed_iocs", feed="test")


def wait_contact(iocfeed):
    """A contact that began after now."""
    now = time.time()
    until("the feed was asked again", lambda: contact(iocfeed) > now)


def published(iocfeed):
    return len(iocfeed.log("feed_published"))
