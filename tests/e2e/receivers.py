"""Receivers of alerts: real ones, which the tests start on loopback, and stubs of those that cannot
be had, each by its documentation."""

import base64
import gzip
import hashlib
import json
import os
import pathlib
import re
import shutil
import socket
import struct
import subprocess
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

from servers import cannot_run, free_port, need, until

CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "haechi"


def make_certificate(folder):
    """A key and a certificate for localhost and 127.0.0.1 that signed itself."""
    (openssl,) = need("openssl")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    subprocess.run([openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                    "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
                    "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True)
    return key, certificate


def listens(port):
    with socket.socket() as s:
        return s.connect_ex(("127.0.0.1", port)) == 0


class Daemon:
    """A syslog daemon on loopback that writes what it gets to files; stopped by its process."""

    def __init__(self, folder):
        self.folder = folder
        self.process = None
        self.tls = self.tcp = self.udp = None

    def run(self, command, ports, **more):
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, **more)
        try:
            until(f"{command[0]} listens", lambda: all(listens(port) for port in ports))
        except BaseException:
            self.stop()
            raise

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def lines(self):
        """What was written, by lines; each is what was received, and nothing else."""
        out = self.folder / "out"
        return out.read_bytes().split(b"\n")[:-1] if out.exists() else []


class Rsyslog(Daemon):
    """Debian's rsyslog. TCP and TLS take octet counting and line feeds alike."""

    def start(self):
        (rsyslogd,) = need("rsyslogd")
        if not pathlib.Path("/usr/lib/x86_64-linux-gnu/rsyslog/lmnsd_gtls.so").exists() and \
                not list(pathlib.Path("/usr/lib").glob("*/rsyslog/lmnsd_gtls.so")):
            cannot_run("rsyslog-gnutls is missing: run ./scripts/setup --tests")
        self.tcp, self.tls = free_port(), free_port()
        self.write_settings()
        self.command = [rsyslogd, "-n", "-f", str(self.folder / "rsyslog.conf"),
                        "-i", str(self.folder / "pid")]
        self.run(self.command, [self.tcp, self.tls])
        return self

    def start_again(self):
        self.run(self.command, [self.tcp, self.tls])

    def write_settings(self):
        key, certificate = make_certificate(self.folder)
        (self.folder / "rsyslog.conf").write_text(f"""
global(workDirectory="{self.folder}" maxMessageSize="64k"
       parser.escapeControlCharactersOnReceive="off"
       defaultNetstreamDriverCAFile="{certificate}"
       defaultNetstreamDriverCertFile="{certificate}"
       defaultNetstreamDriverKeyFile="{key}")
template(name="raw" type="string" string="%rawmsg%\\n")
ruleset(name="all") {{ action(type="omfile" file="{self.folder}/out" template="raw") }}
module(load="imptcp")
module(load="imtcp" StreamDriver.Name="gtls" StreamDriver.Mode="1" StreamDriver.AuthMode="anon")
input(type="imptcp" port="{self.tcp}" address="127.0.0.1" ruleset="all")
input(type="imtcp" port="{self.tls}" address="127.0.0.1" ruleset="all")
""")


class SyslogNg(Daemon):
    """Debian's syslog-ng. Its package conflicts with rsyslog's, so it is unpacked into the cache."""

    def start(self):
        root = self.unpack()
        library = next(root.glob("usr/lib/syslog-ng/*.*"))
        search = [*root.glob("usr/lib/*-linux-gnu*"), *root.glob("lib/*-linux-gnu*"),
                  root / "usr/lib/syslog-ng", library]
        self.tcp, self.tls, self.lf, self.bsd = (free_port() for _ in range(4))
        self.write_settings(library)
        self.command = [str(root / "usr/sbin/syslog-ng"), "-F", "--no-caps",
                        "-f", str(self.folder / "syslog-ng.conf"),
                        "-R", str(self.folder / "persist"), "-p", str(self.folder / "pid"),
                        "-c", str(self.folder / "control"), "--module-path", str(library)]
        self.environment = {**os.environ, "LD_LIBRARY_PATH": ":".join(map(str, search))}
        self.start_again()
        return self

    def start_again(self):
        self.run(self.command, [self.tcp, self.tls, self.lf, self.bsd], env=self.environment)

    def packages(self):
        """The package, and what it needs that is not installed."""
        (cache,) = need("apt-cache")
        depends = subprocess.run([cache, "depends", "--important", "syslog-ng-core"],
                                 capture_output=True, text=True).stdout
        needed = re.findall(r"^ {2}Depends: ([a-z0-9.+-]+)$", depends, re.M)
        return ["syslog-ng-core"] + [package for package in needed if "installed" != subprocess.run(
            ["dpkg-query", "-W", "-f", "${db:Status-Status}", package],
            capture_output=True, text=True).stdout]

    def unpack(self):
        root = CACHE / "syslog-ng"
        if not (root / "complete").exists():
            apt, dpkg = need("apt-get", "dpkg")
            packages = root.with_suffix(".packages")
            packages.mkdir(parents=True, exist_ok=True)
            done = subprocess.run([apt, "download", *self.packages()], cwd=packages,
                                  capture_output=True, text=True)
            if done.returncode:
                cannot_run(f"apt-get download syslog-ng-core: {done.stderr.strip()[-200:]}")
            for package in packages.glob("*.deb"):
                subprocess.run([dpkg, "-x", package, root], check=True)
            shutil.rmtree(packages)
            (root / "complete").touch()
        return root

    def write_settings(self, library):
        key, certificate = make_certificate(self.folder)
        version = library.name
        (self.folder / "syslog-ng.conf").write_text(f"""@version: {version}
options {{ stats-freq(0); keep-hostname(yes); log-msg-size(65536); }};
source counted {{ syslog(ip("127.0.0.1") port({self.tcp}) transport("tcp") flags(store-raw-message)); }};
source secret {{ syslog(ip("127.0.0.1") port({self.tls}) transport("tls") flags(store-raw-message)
    tls(key-file("{key}") cert-file("{certificate}") peer-verify(optional-untrusted))); }};
source feeds {{ network(ip("127.0.0.1") port({self.lf}) transport("tcp")
    flags(syslog-protocol, store-raw-message)); }};
source old {{ network(ip("127.0.0.1") port({self.bsd}) transport("tcp") flags(store-raw-message)); }};
destination all {{ file("{self.folder}/out" template("$RAWMSG\\n")); }};
log {{ source(counted); source(secret); source(feeds); source(old); destination(all); }};
""")


class Stub:
    """An HTTP receiver: answer(request) gives (status, body, headers). `faults` are what becomes of its
    next replies to requests with alerts, when it has done what they ask for; `early_faults` of those to
    what is asked before, a token or whether all is well."""

    RESET = "the connection is reset in the middle of the reply"
    NEVER = "no reply comes"
    DRIP = "the reply comes byte by byte, and late"

    def __init__(self):
        self.requests, self.faults, self.early_faults = [], [], []
        self.over = threading.Event()
        self.lock = threading.Lock()
        stub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                size = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(size)
                request = Request(self.command, self.path, dict(self.headers.items()), body)
                with stub.lock:
                    stub.requests.append(request)
                    status, answer, headers = stub.answer(request)
                    faults = stub.faults if b"SEC-" in request.body else stub.early_faults
                    fault = faults.pop(0) if faults else None
                answer = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
                if fault:
                    stub.misbehave(self, fault, status, answer)
                    return
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                if status != 204:
                    self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                if status != 204:
                    self.wfile.write(answer)

            do_GET = do_POST

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.server.shutdown()
        self.server.server_close()

    def answer(self, request):
        return 200, b"ok", {}

    def misbehave(self, handler, fault, status, answer):
        reply = f"HTTP/1.1 {status} Fine\r\nContent-Length: {len(answer)}\r\n\r\n".encode() + answer
        handler.close_connection = True
        try:
            if fault == self.RESET:
                handler.wfile.write(reply[:20])
                handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                              struct.pack("ii", 1, 0))
                handler.connection.close()
            while fault == self.DRIP and reply and not self.over.wait(0.05):
                handler.wfile.write(reply[:1])
                reply = reply[1:]
        except OSError:
            pass  # who asked has gone
        if fault == self.NEVER:
            self.over.wait(60)


class Request:
    def __init__(self, method, path, headers, body):
        self.method, self.path = method, path
        self.headers = {name.lower(): value for name, value in headers.items()}
        self.raw = body
        packed = self.headers.get("content-encoding") == "gzip"
        self.body = gzip.decompress(body) if packed else body

    def json(self):
        return json.loads(self.body)


def hec(code, text, **more):
    """A reply in HEC's form, with the HTTP status of its table."""
    statuses = {0: 200, 1: 403, 2: 401, 3: 401, 4: 403, 8: 500, 9: 503, 17: 200, 18: 503, 19: 503,
                20: 503, 23: 503, 24: 200, 25: 200, 26: 429, 27: 429, 99: 200}  # 99: of a later version
    return statuses.get(code, 400), {"text": text, "code": code, **more}, {}


class HecStub(Stub):
    """Splunk's HTTP Event Collector, by Splunk's "Troubleshoot HTTP Event Collector" (codes),
    "Format events for HTTP Event Collector" and "About HTTP Event Collector Indexer
    Acknowledgment"; that the events before the one that is named are indexed was measured on
    Enterprise 10.4.3 and Cloud 10.5 by one writer.

    indexers > 1: acknowledgements are known to the indexer that took the events alone, and a
    balancer in front takes turns, unless a cookie says which (sticky)."""

    def __init__(self, token="t0ken", indexes=("security",), acknowledge=False, indexers=1,
                 sticky=True):
        super().__init__()
        self.token, self.indexes, self.acknowledge = token, set(indexes), acknowledge
        self.stored = [[] for _ in range(indexers)]
        self.acks = [{} for _ in range(indexers)]  # by channel: how many, which were replicated
        self.sticky, self.turn = sticky, 0
        self.scripted = []  # replies to give before any other: hec(9, "Server is busy")
        self.refusal = lambda request: None  # one to give to this request of events
        self.success = (0, "Success")  # 24 and 25 are taken, too
        self.health, self.greetings = hec(17, "HEC is healthy"), 0
        self.replicates = True

    def events(self):
        return [event for indexer in self.stored for event in indexer]

    def choose(self, request):
        found = re.search(r"indexer=(\d+)", request.headers.get("cookie", ""))
        if self.sticky and found:
            return int(found[1])
        self.turn += 1
        return self.turn % len(self.stored)

    def answer(self, request):
        indexer = self.choose(request)
        status, body, headers = self.answer_at(indexer, request)
        if self.sticky:
            headers = {**headers, "Set-Cookie": f"indexer={indexer}"}
        return status, body, headers

    def answer_at(self, indexer, request):
        path = request.path.split("?")[0]
        if path.startswith("/services/collector/health"):
            self.greetings += 1
            return self.health
        authorization = request.headers.get("authorization")
        if self.scripted:
            return self.scripted.pop(0)
        if not authorization:
            return hec(2, "Token is required")
        if not authorization.startswith("Splunk "):
            return hec(3, "Invalid authorization")
        if authorization != f"Splunk {self.token}":
            return hec(4, "Invalid token")
        asked = re.search(r"[?&]channel=([^&]+)", request.path)
        channel = request.headers.get("x-splunk-request-channel") or (asked and asked[1])
        if path == "/services/collector/ack":
            return self.answer_ack(indexer, channel, request)
        if path not in ("/services/collector", "/services/collector/event",
                        "/services/collector/event/1.0"):
            return 404, {"text": "The requested URL was not found on this server.", "code": 404}, {}
        if request.headers.get("content-encoding", "gzip") != "gzip":
            return 415, b"", {}
        if self.acknowledge and not channel:
            return hec(10, "Data channel is missing")
        refusal = self.refusal(request)
        if refusal:
            return refusal
        return self.take(indexer, channel, request.body.decode())

    def answer_ack(self, indexer, channel, request):
        if not self.acknowledge:
            return hec(14, "ACK is disabled")
        done = self.acks[indexer].get(channel, [])
        said = {}
        for ack in request.json()["acks"]:
            said[str(ack)] = ack < len(done) and done[ack]
            if said[str(ack)]:
                done[ack] = False  # forgotten once it was said
        return 200, {"acks": said}, {}

    def take(self, indexer, channel, body):
        decoder, at, events = json.JSONDecoder(), 0, []
        while at < len(body):
            found = re.compile(r"\s*").match(body, at)
            at = found.end()
            if at == len(body):
                break
            try:
                event, at = decoder.raw_decode(body, at)
            except json.JSONDecodeError:
                return self.refuse(indexer, events, 6, "Invalid data format")
            problem = self.problem_of(event)
            if problem:
                return self.refuse(indexer, events, *problem)
            events.append(event)
        if not events:
            return hec(5, "No data")
        self.stored[indexer].extend(events)
        if not self.acknowledge:
            return hec(*self.success)
        acks = self.acks[indexer].setdefault(channel, [])
        acks.append(self.replicates)
        return hec(*self.success, ackId=len(acks) - 1)

    def replicate(self):
        """The indexers have done so with all that they took."""
        with self.lock:
            for channels in self.acks:
                for acks in channels.values():
                    acks[:] = [True] * len(acks)

    def refuse(self, indexer, before, code, text):
        self.stored[indexer].extend(before)
        number = len(before) + (code == 7)
        return hec(code, text, **{"invalid-event-number": number})

    def problem_of(self, event):
        if "event" not in event:
            return 12, "Event field is required"
        if event["event"] in ("", None):
            return 13, "Event field cannot be blank"
        fields = event.get("fields", {})
        if not all(isinstance(value, str) or isinstance(value, list) and
                   all(isinstance(item, str) for item in value) for value in fields.values()):
            return 15, "Error in handling indexed fields"
        if event.get("index") not in self.indexes:
            return 7, "Incorrect index"
        return None


class SentinelStub(Stub):
    """Entra's token endpoint, the metadata service of a machine with a managed identity, and Azure
    Monitor's Logs Ingestion API, by learn.microsoft.com ("v2-oauth2-client-creds-grant-flow",
    "certificate-credentials", "how-to-use-vm-token", "logs-ingestion-api-overview",
    "service-limits")."""

    LIMIT = 1024 * 1024
    SCOPE = "https://monitor.azure.com"

    def __init__(self, secret="s3cret", certificate=None, projected=None, lifetime=3599):
        super().__init__()
        self.secret, self.certificate, self.projected = secret, certificate, projected
        self.tokens, self.rows, self.lifetime = {}, [], lifetime
        self.used = set()  # ids of assertions
        self.scripted = []  # (status, body, headers) to give to posts of rows first
        self.refusal = lambda rows: None  # one to give to these rows

    def answer(self, request):
        path = request.path.split("?")[0]
        if path.endswith("/oauth2/v2.0/token"):
            return self.grant(request)
        if path == "/metadata/identity/oauth2/token":
            return self.grant_to_machine(request)
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if not self.tokens.get(token):
            return 401, {"error": {"code": "InvalidToken"}}, {}
        if self.scripted:
            return self.scripted.pop(0)
        if not re.fullmatch(r"/dataCollectionRules/dcr-[0-9a-f]+/streams/Custom-\w+"
                            r"\?api-version=2023-01-01", request.path) or \
                request.method != "POST" or request.headers["content-type"] != "application/json":
            return 404, {"error": {"code": "NotFound"}}, {}
        if max(len(request.raw), len(request.body)) > self.LIMIT:
            return 413, {"error": {"code": "ContentLengthLimitExceeded"}}, {}
        rows = request.json()
        refusal = self.refusal(rows)
        if refusal:
            return refusal
        if isinstance(rows, list):  # anything else: 204, and nothing is stored
            self.rows.extend(rows)
        return 204, b"", {}

    def give(self, lifetime):
        token = f"token-{len(self.tokens) + 1}"
        self.tokens[token] = True
        return 200, {"token_type": "Bearer", "expires_in": lifetime, "access_token": token}, {}

    def grant_to_machine(self, request):
        query = {n: v[0] for n, v in parse_qs(request.path.partition("?")[2]).items()}
        if request.method != "GET" or request.headers.get("metadata") != "true" or \
                query.get("api-version") != "2018-02-01" or query.get("resource") != self.SCOPE:
            return 400, {"error": "invalid_request"}, {}
        return self.give(str(self.lifetime))  # the metadata service writes numbers as texts

    def grant(self, request):
        form = {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
        if request.headers["content-type"] != "application/x-www-form-urlencoded" or \
                form.get("grant_type") != "client_credentials" or not form.get("client_id") or \
                form.get("scope") != self.SCOPE + "/.default":
            return 400, {"error": "invalid_request"}, {}
        if not self.is_proven(form, request):
            return 401, {"error": "invalid_client", "error_description":
                         "AADSTS7000215: Invalid client secret provided.\r\nTrace ID: 1"}, {}
        return self.give(self.lifetime)

    def is_proven(self, form, request):
        if "client_secret" in form:
            return form["client_secret"] == self.secret
        if form.get("client_assertion_type") != \
                "urn:ietf:params:oauth:client-assertion-type:jwt-bearer":
            return False
        if self.projected:
            return form["client_assertion"] == self.projected.read_text().strip()
        claims = self.certificate and verified(form["client_assertion"], self.certificate)
        if not claims or claims["jti"] in self.used:
            return False
        self.used.add(claims["jti"])
        now = time.time()
        return claims["aud"] == self.url + request.path and \
            claims["iss"] == claims["sub"] == form["client_id"] and \
            claims["nbf"] - 60 <= now < claims["exp"] <= now + 660


def verified(token, certificate):
    """The claims of a JSON Web Token that the key of this certificate (a PEM file) has signed with
    PS256, and that names it by x5t#S256; None for any other. OpenSSL's program does the work."""
    def decode(text):
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))

    def openssl(*words, stdin=b""):
        return subprocess.run(["openssl", *words], input=stdin, capture_output=True)

    header, payload, signature = token.split(".")
    said = json.loads(decode(header))
    der = openssl("x509", "-in", str(certificate), "-outform", "der").stdout
    if said["alg"] != "PS256" or decode(said["x5t#S256"]) != hashlib.sha256(der).digest():
        return None
    with tempfile.TemporaryDirectory() as folder:
        key, signed = pathlib.Path(folder, "key"), pathlib.Path(folder, "signature")
        key.write_bytes(openssl("x509", "-in", str(certificate), "-noout", "-pubkey").stdout)
        signed.write_bytes(decode(signature))
        done = openssl("dgst", "-sha256", "-sigopt", "rsa_padding_mode:pss",
                       "-sigopt", "rsa_pss_saltlen:digest", "-verify", str(key),
                       "-signature", str(signed), stdin=f"{header}.{payload}".encode())
    return json.loads(decode(payload)) if done.returncode == 0 else None


class PagerDutyStub(Stub):
    """Events API v2, by developer.pagerduty.com ("Send an Event", "Overview": limits)."""

    def __init__(self, key="r0uting"):
        super().__init__()
        self.key, self.alerts = key, {}  # by dedup_key: open or resolved

    def answer(self, request):
        event = request.json()
        payload = event.get("payload", {})
        if event.get("routing_key") != self.key:
            return 400, {"status": "invalid event", "errors": ["Invalid routing key"]}, {}
        needed = () if event["event_action"] == "resolve" else ("summary", "source", "severity")
        missing = [name for name in needed if not payload.get(name)]
        if missing or len(payload.get("summary", "")) > 1024 or len(request.body) > 512 * 1024:
            return 400, {"status": "invalid event", "errors": missing}, {}
        self.alerts[event["dedup_key"]] = event["event_action"] != "resolve"
        return 202, {"status": "success", "dedup_key": event["dedup_key"]}, {}


class SlackStub(Stub):
    """An incoming webhook, by docs.slack.dev ("Sending messages using incoming webhooks", "Rate
    limits", "Block Kit: section")."""

    def __init__(self):
        super().__init__()
        self.messages = []

    def answer(self, request):
        message = request.json()
        blocks = message.get("blocks", [])
        if not message.get("text") or len(blocks) > 50 or \
                any(len(block["text"]["text"]) > 3000 for block in blocks):
            return 400, b"invalid_blocks", {}
        self.messages.append(message)
        return 200, b"ok", {}
