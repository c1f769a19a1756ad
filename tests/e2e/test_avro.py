"""Events as Avro, against a real schema registry (Apicurio, Confluent's API) and fastavro."""

import copy
import io
import json
import subprocess

import fastavro
import pytest
import requests

from servers import LIMIT, ROOT, program, script, unique, until

PUBLISHED = json.loads((ROOT / "schemas" / "event.avsc").read_text())

EVENT = {
    "event_id": "0123456789abcdef0123456789abcdef",
    "event_time": "2026-01-31T13:55:36.250Z",
    "event_type": "web_attacks.xss",
    "threat_level": "HIGH",
    "confidence_score": 0.85,
    "source_ip": "2001:db8::1",
    "payload": "GET /?q=<script>\u0000경고",
    "indicators": ["<script", "suspicious_timing:0.5"],
    "context": {"asn": 4294967295, "timing_risk": 0.5, "enrichment": "degraded"},
    "origin": {"cluster": "c", "topic": "t", "partition": 3, "offset": 1 << 40},
    "fields": {"status": "200"},
    "mode": "shadow",
}


class Registry:
    """A registry in memory: what it held is gone when it stops."""

    def __init__(self, folder):
        self.folder = folder
        self.url = script("registry", folder, "start")

    def stop(self):
        script("registry", self.folder, "stop")

    def start(self):
        assert script("registry", self.folder, "start") == self.url

    def register(self, subject, schema):
        answer = requests.post(f"{self.url}/subjects/{subject}/versions", timeout=LIMIT,
                               json={"schema": json.dumps(schema)})
        assert answer.status_code == 200, answer.text
        return answer.json()["id"]

    def compatibility(self, subject, level):
        answer = requests.put(f"{self.url}/config/{subject}", timeout=LIMIT,
                              json={"compatibility": level})
        assert answer.status_code == 200, answer.text

    def schema(self, number):
        answer = requests.get(f"{self.url}/schemas/ids/{number}", timeout=LIMIT)
        assert answer.status_code == 200, answer.text
        return json.loads(answer.json()["schema"])

    def versions(self, subject):
        return requests.get(f"{self.url}/subjects/{subject}/versions", timeout=LIMIT).json()


@pytest.fixture(scope="module")
def registry(tmp_path_factory):
    server = Registry(tmp_path_factory.mktemp("registry"))
    yield server
    server.stop()


@pytest.fixture
def codec():
    """codec(format, url): our codec in a process; ask(line) gives ("ok", …) or ("poison", …)."""
    made = []

    def start(*arguments):
        process = subprocess.Popen([program("tests/codec_tool"), *arguments], text=True,
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        made.append(process)

        def ask(line):
            process.stdin.write(line + "\n")
            process.stdin.flush()
            return tuple(process.stdout.readline().rstrip("\n").split(" ", 1))

        return ask

    yield start
    for process in made:
        process.stdin.close()
        assert process.wait(LIMIT) == 0


def encoded(ask, topic, event):
    status, answer = ask(f"encode {topic} {json.dumps(event)}")
    assert status == "ok", answer
    return bytes.fromhex(answer)


def decoded(ask, value):
    status, answer = ask(f"decode {value.hex()}")
    assert status == "ok", answer
    return json.loads(answer)


def framed(number, schema, record):
    out = io.BytesIO()
    fastavro.schemaless_writer(out, fastavro.parse_schema(copy.deepcopy(schema)), record)
    return b"\0" + number.to_bytes(4, "big") + out.getvalue()


def read(schema, value):
    rest = io.BytesIO(value)
    record = fastavro.schemaless_reader(rest, fastavro.parse_schema(copy.deepcopy(schema)))
    assert rest.read() == b""
    return record


def as_json(record):
    """What fastavro read, as our JSON has it."""
    for name in ("timestamp", "event_time", "detected_at"):
        record[name] = record[name].isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return record


def without_words(schema):
    if isinstance(schema, dict):
        return {key: without_words(value) for key, value in schema.items() if key != "doc"}
    return [without_words(item) for item in schema] if isinstance(schema, list) else schema


def field(schema, name):
    return next(f for f in schema["fields"] if f["name"] == name)


def whole(codec):
    """EVENT with all its defaults, by way of our JSON."""
    ask = codec("json")
    return decoded(ask, encoded(ask, "any", EVENT))


def test_fastavro_reads_what_we_write_under_a_schema_id(registry, codec):
    topic = unique("events")
    registry.compatibility(f"{topic}-value", "FULL_TRANSITIVE")
    value = encoded(codec("avro", registry.url), topic, EVENT)

    assert value[0] == 0
    schema = registry.schema(int.from_bytes(value[1:5], "big"))
    assert without_words(schema) == without_words(PUBLISHED)
    assert registry.versions(f"{topic}-value") == [1]
    assert as_json(read(schema, value[5:])) == whole(codec)


def test_fastavro_reads_our_single_objects(codec):
    value = encoded(codec("avro"), unique("events"), EVENT)

    form = fastavro.schema.to_parsing_canonical_form(PUBLISHED)
    assert value[:2] == b"\xc3\x01"
    # fastavro prints the fingerprint's bytes in the order of the frame
    assert value[2:10].hex() == fastavro.schema.fingerprint(form, "CRC-64-AVRO")
    assert as_json(read(PUBLISHED, value[10:])) == whole(codec)


def test_we_read_what_fastavro_writes(registry, codec):
    number = registry.register(unique("events"), PUBLISHED)
    record = {f["name"]: f["default"] for f in PUBLISHED["fields"]}
    record.update(event_id="e1", event_time=1769867736250, threat_level="CRITICAL",
                  source_ip="192.0.2.1", indicators=["a", "b"], fields={"k": "v"})

    event = decoded(codec("json", registry.url), framed(number, PUBLISHED, record))
    assert (event["event_id"], event["event_time"]) == ("e1", "2026-01-31T13:55:36.250Z")
    assert (event["threat_level"], event["source_ip"]) == ("CRITICAL", "192.0.2.1")
    assert (event["indicators"], event["fields"]) == (["a", "b"], {"k": "v"})


def older():
    """A version that had not yet these fields."""
    schema = copy.deepcopy(PUBLISHED)
    schema["fields"] = [f for f in schema["fields"]
                        if f["name"] not in ("mode", "fields", "raw_log")]
    context = field(schema, "context")
    context["type"]["fields"] = [f for f in context["type"]["fields"]
                                 if f["name"] != "recent_events"]
    del context["default"]["recent_events"]
    return schema


def newer():
    """A version to come, with fields of every shape at the beginning, in the middle, at the end."""
    schema = copy.deepcopy(PUBLISHED)
    chain = {"type": "record", "name": "chain", "fields": [
        {"name": "next", "type": ["null", "chain"], "default": None}]}
    schema["fields"][0:0] = [
        {"name": "new_map", "default": {}, "type": {
            "type": "map", "values": {"type": "array", "items": ["null", "double"]}}},
        {"name": "new_chain", "type": ["null", chain], "default": None},
    ]
    schema["fields"].insert(5, {"name": "new_fixed", "default": "\0\0\0", "type": {
        "type": "fixed", "name": "three", "size": 3}})
    schema["fields"].append({"name": "new_bytes", "type": "bytes", "default": ""})
    return schema


def test_an_older_and_a_newer_writer_are_read_side_by_side(registry, codec):
    topic = unique("events")
    subject = f"{topic}-value"
    registry.compatibility(subject, "FULL_TRANSITIVE")
    old, new = registry.register(subject, older()), registry.register(subject, newer())
    ask = codec("avro", registry.url)
    ours = encoded(ask, topic, EVENT)  # the registry takes ours beside both

    records = {f["name"]: f.get("default") for f in newer()["fields"]}
    records.update(event_id="e2", user="root", tags=["t"], new_bytes=b"xyz", new_fixed=b"abc",
                   new_map={"k": [1.5, None]}, new_chain={"next": {"next": None}})
    from_new = decoded(ask, framed(new, newer(), records))
    assert (from_new["event_id"], from_new["user"], from_new["tags"]) == ("e2", "root", ["t"])
    assert not any(name.startswith("new_") for name in from_new)

    records = {f["name"]: f.get("default") for f in older()["fields"]}
    records.update(event_id="e3", context=dict(records["context"], asn=7))
    from_old = decoded(ask, framed(old, older(), records))
    assert (from_old["event_id"], from_old["context"]["asn"]) == ("e3", 7)
    assert (from_old["mode"], from_old["fields"], from_old["raw_log"]) == ("alert", {}, "")
    assert from_old["context"]["recent_events"] is None

    assert decoded(ask, ours) == whole(codec)
    assert len({old, new, int.from_bytes(ours[1:5], "big")}) == 3


def test_readers_of_the_older_version_read_ours(registry, codec):
    value = encoded(codec("avro", registry.url), unique("events"), EVENT)
    schema = registry.schema(int.from_bytes(value[1:5], "big"))

    record = fastavro.schemaless_reader(io.BytesIO(value[5:]), fastavro.parse_schema(schema),
                                        fastavro.parse_schema(older()))
    assert record["event_id"] == EVENT["event_id"] and "raw_log" not in record


def test_an_unknown_id_is_poison(registry, codec):
    status, answer = codec("json", registry.url)(f"decode {'00' + '7fffff00' + '00' * 40}")

    assert status == "poison" and "knows no schema with id 2147483392" in answer


def test_a_subject_that_holds_something_else_is_for_an_operator(registry, codec):
    topic = unique("events")
    registry.register(f"{topic}-value", "string")
    registry.compatibility(f"{topic}-value", "FULL")

    status, answer = codec("avro", registry.url)(f"encode {topic} {json.dumps(EVENT)}")
    assert status == "config" and f"{topic}-value" in answer and "409" in answer


def test_a_registry_that_is_away_is_waited_for(tmp_path, codec):
    registry = Registry(tmp_path / "registry")
    try:
        topic = unique("events")
        ask = codec("avro", registry.url)
        line = f"encode {topic} {json.dumps(EVENT)}"
        registry.stop()
        status, answer = ask(line)
        assert status == "retry" and registry.url in answer
        assert ask("decode 0000000001" + "00" * 40)[0] == "retry"

        registry.start()
        value = until("it is asked again", lambda: (a := ask(line))[0] == "ok" and a[1])
        schema = registry.schema(int.from_bytes(bytes.fromhex(value)[1:5], "big"))
        assert read(schema, bytes.fromhex(value)[5:])["event_id"] == EVENT["event_id"]

        registry.stop()  # what is known needs no registry
        assert ask(f"encode {topic} {json.dumps(EVENT)}")[0] == "ok"
    finally:
        registry.stop()
