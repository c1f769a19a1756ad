"""`haechi ioc import` and `explain`: what other programs' libraries write is read, and the topic
keeps what each source says."""

import csv
import json
import subprocess
import zipfile

import pymisp
import pytest
import stix2
from servers import LIMIT, program, unique

SHA256 = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"


def haechi(*words, status=0):
    done = subprocess.run([program("haechi"), *map(str, words)], capture_output=True, text=True,
                          timeout=LIMIT)
    assert done.returncode == status, f"{words}: {done.returncode}: {done.stderr}"
    return done


def taken(file, *words):
    """(type, value) → record of what an import of @file would write."""
    lines = haechi("ioc", "import", "--dry-run", file, *words).stdout.splitlines()
    return {(ioc["ioc_type"], ioc["value"]): ioc for ioc in map(json.loads, lines)}


def reasons(file, *words):
    lines = haechi("ioc", "import", "--refused", file, *words).stdout.splitlines()
    return sorted(row["reason"] for row in map(json.loads, lines))


@pytest.mark.parametrize("version", [stix2.v20, stix2.v21], ids=["2.0", "2.1"])
def test_bundles_of_stix2_are_read(version, tmp_path):
    def indicator(pattern, **more):
        if version is stix2.v20:
            more.setdefault("labels", ["malicious-activity"])
        else:
            more.setdefault("indicator_types", ["malicious-activity"])
            more.setdefault("pattern_type", "stix")
        return version.Indicator(pattern=pattern, valid_from="2026-01-01T00:00:00Z", **more)

    quote = stix2.EqualityComparisonExpression("url:value", "http://invented.example/it's")
    bundle = version.Bundle([
        indicator("[ipv4-addr:value = '192.0.2.1' OR domain-name:value = 'a.invented.example']"),
        indicator(f"[file:hashes.'SHA-256' = '{SHA256}']"),
        indicator(str(stix2.ObservationExpression(quote))),
        indicator("[ipv4-addr:value ISSUBSET '198.51.100.0/24']", name="a range"),
        indicator("[file:name = 'x' AND ipv4-addr:value = '192.0.2.9']"),
        indicator("[ipv4-addr:value = '192.0.2.8'] FOLLOWEDBY [ipv4-addr:value = '192.0.2.7']"),
        indicator("[ipv4-addr:value = '192.0.2.6']", revoked=True),
        indicator("[ipv4-addr:value = '192.0.2.5']", valid_until="2026-01-02T00:00:00Z"),
        version.Malware(name="m", labels=["trojan"], **(
            {} if version is stix2.v20 else {"is_family": False})),
    ])
    file = tmp_path / "bundle.json"
    file.write_text(bundle.serialize())
    got = taken(file)
    assert set(got) == {("ip", "192.0.2.1"), ("domain", "a.invented.example"), ("sha256", SHA256),
                        ("url", "http://invented.example/it's"), ("cidr", "198.51.100.0/24")}
    assert got["cidr", "198.51.100.0/24"]["description"] == "a range"
    assert got["ip", "192.0.2.1"]["threat_type"] == "malware"
    assert reasons(file) == ["expired", "pattern_composite", "pattern_composite"]


def test_events_of_pymisp_are_read(tmp_path):
    event = pymisp.MISPEvent()
    event.info = "invented"
    event.add_tag("tlp:green")
    event.add_attribute("ip-dst|port", "192.0.2.1|8080")
    event.add_attribute("domain|ip", "a.invented.example|192.0.2.2")
    event.add_attribute("filename|sha256", f"x.exe|{SHA256}")
    event.add_attribute("ip-src", "192.0.2.3", to_ids=False)
    event.add_attribute("ip-src", "192.0.2.4").delete()
    event.add_attribute("email-src", "Some.One@Invented.Example")
    event.add_attribute("url", "http://Invented.Example:80/a", to_ids=True, comment="words")
    file = pymisp.MISPObject("file", standalone=False)
    file.add_attribute("md5", "9dd4e461268c8034f5c8564e155c67a6", to_ids=True)
    event.add_object(file)
    path = tmp_path / "event.json"
    path.write_text(json.dumps({"Event": json.loads(event.to_json())}))
    got = taken(path)
    assert set(got) == {
        ("ip", "192.0.2.1"), ("ip", "192.0.2.2"), ("domain", "a.invented.example"),
        ("sha256", SHA256), ("md5", "9dd4e461268c8034f5c8564e155c67a6"),
        ("url", "http://invented.example/a"), ("email", "some.one@invented.example"),
    }
    assert got["ip", "192.0.2.1"]["ports"] == ["8080"]
    assert got["url", "http://invented.example/a"]["description"] == "words"
    assert got["ip", "192.0.2.2"]["tags"] == ["tlp:green"]


def test_explain_says_form_list_and_reason(tmp_path):
    allow = tmp_path / "allow.txt"
    allow.write_text("192.0.2.0/24\n")
    run = haechi("ioc", "explain", "--allow", allow, "hxxp://A[.]invented[.]example/x?y=1",
                 "192.0.2.7:80", "co.uk", status=1)
    url, held, refused = map(json.loads, run.stdout.splitlines())
    assert url["status"] == "good" and url["value"] == "http://a.invented.example/x?y=1"
    assert "a.invented.example/x" in url["forms"]
    assert held["status"] == "held_back" and held["list"] == str(allow) and held["port"] == 80
    assert refused["status"] == "refused" and refused["reason"] == "public_suffix"


def test_wrong_options_and_files_that_are_no_feed_are_told(tmp_path):
    file, log = tmp_path / "feed.txt", tmp_path / "access.log"
    file.write_text("192.0.2.1\n")
    log.write_text('a - - [01/Jan/2026:00:00:00 +0000] "GET / HTTP/1.1" 200 1\n' * 3)
    for option, wrong, said in [
            ("--confidence", "5", "above 0 and up to 1"), ("--confidence", "1.5", "above 0"),
            ("--confidence", "0", "above 0"), ("--confidence", "120%", "above 0"),
            ("--ttl", "soon", "12h"), ("--field", "nonsense", "PART=COLUMN"),
            ("--format", "urlhas", "did you mean 'urlhaus'"), ("--format", "nonsense", "otx, tor, or a")]:
        run = haechi("ioc", "import", "--dry-run", option, wrong, file, status=2)
        assert said in run.stderr and run.stdout == "", (option, wrong, run.stderr)
    for wrong in "5", "1.5":
        assert "above 0" in haechi("ioc", "add", "--confidence", wrong, "192.0.2.1",
                                   status=2).stderr
    for good, confidence in ("1%", 0.01), ("0.5%", 0.005), ("90%", 0.9), ("1", 1), ("0.25", 0.25):
        [ioc] = taken(file, "--confidence", good).values()
        assert ioc["confidence"] == confidence, good
    for how in "--dry-run", "--refused":
        assert "none of its 3 rows" in haechi("ioc", "import", how, log, status=1).stderr


def test_an_export_as_csv_has_as_many_columns_in_each_row(kafka, topic, tmp_path):
    name = topic("iocs", partitions=1, cleanup_policy="compact")
    settings = ["--bootstrap-servers", kafka.address, "--topic", name]
    for source in "one", "two, and more", 'three "3"':
        haechi("ioc", "add", *settings, "--source", source, "192.0.2.1")
    rows = list(csv.DictReader(haechi("ioc", "export", *settings, "--format",
                                      "csv").stdout.splitlines()))
    assert [row["sources"] for row in rows] == ['one;two, and more;three "3"']
    assert None not in rows[0]


def test_the_topic_keeps_what_each_source_says(kafka, topic, tmp_path):
    name = topic("iocs", partitions=2, cleanup_policy="compact")
    config = tmp_path / "haechi.yaml"
    config.write_text(json.dumps({"kafka": {"bootstrap_servers": kafka.address},
                                      "topics": {"iocs": name}}))
    file = tmp_path / "feed.csv"

    def publish(source, rows):
        file.write_text("value,type,threat_type,confidence,is_active\n" + "\n".join(rows) + "\n")
        return haechi("ioc", "import", "--config", config, "--source", source, file).stderr

    def records():
        """The topic's last word on each key."""
        last = {}
        for message in kafka.read(name):
            last[message.key.decode()] = json.loads(message.value) if message.value else None
        return last

    publish("one", ["192.0.2.1,ip,c2,0.5,true", "a.invented.example,domain,phishing,0.9,true"])
    publish("two", ["192.0.2.1,ip,malware,0.8,true"])
    both = records()["ip:192.0.2.1"]
    assert [source["name"] for source in both["sources"]] == ["one", "two"]
    assert both["confidence"] == 0.8 and both["threat_type"] == "malware" and both["is_active"]
    publish("two", ["192.0.2.1,ip,,,false"])
    left = records()["ip:192.0.2.1"]
    assert [source["name"] for source in left["sources"]] == ["one"]
    assert left["confidence"] == 0.5
    publish("one", ["192.0.2.1,ip,,,false", "192.0.2.9,ip,,,false"])
    last = records()
    assert last["ip:192.0.2.1"] is None
    assert "ip:192.0.2.9" not in last
    assert last["domain:a.invented.example"]["sources"][0]["name"] == "one"


def test_an_import_without_its_topic_says_so(kafka, tmp_path):
    file = tmp_path / "feed.txt"
    file.write_text("192.0.2.1\n")
    missing = unique("missing")
    run = haechi("ioc", "import", "--bootstrap-servers", kafka.address, "--topic", missing, file,
                 status=1)
    assert missing in run.stderr


def test_packed_and_windows_files_are_read(tmp_path):
    rows = "indicator,type\n192.0.2.1,IP Address\n"
    packed, wide = tmp_path / "feed.csv.zip", tmp_path / "feed.csv"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("feed.csv", rows)
    wide.write_bytes(rows.encode("utf-16"))
    for file in (packed, wide):
        assert set(taken(file)) == {("ip", "192.0.2.1")}, file
