"""Feeds from servers that others have written."""

import gzip
import json
import subprocess

import pymisp
import pytest
import stix2

from feed_peers import PASSWORD, USER, FeedNginx, Medallion
from iocfeed import held, iocs_of, published, wait_contact
from servers import LIMIT, program, until


@pytest.fixture
def medallion(tmp_path):
    server = Medallion(tmp_path / "medallion")
    yield server
    server.stop()


@pytest.fixture
def nginx(tmp_path):
    server = FeedNginx(tmp_path / "nginx")
    yield server
    server.stop()


def indicator(value, **more):
    path = "domain-name:value" if value[-1].isalpha() else "ipv4-addr:value"
    return stix2.v21.Indicator(pattern=f"[{path} = '{value}']", pattern_type="stix",
                               valid_from="2026-01-01T00:00:00Z", **more)


def has(kafka, iocfeeds, *keys):
    def check():
        found = set(iocs_of(kafka.read(iocfeeds.topic)))
        assert found == set(keys)
        return True
    until(f"the topic has {keys}", check)


def feed_test(settings, name, status=0):
    """`haechi ioc feeds test`: iocfeed's own way to read a feed, with nothing written."""
    done = subprocess.run([program("haechi"), "ioc", "feeds", "test", "--alone", "--config",
                           settings, name],
                          capture_output=True, text=True, timeout=LIMIT)
    assert done.returncode == status, f"{name}: {done.returncode}: {done.stderr}"
    return done


def test_a_taxii_server_is_read_from_its_discovery_on_and_then_what_was_added(
        kafka, iocfeeds, medallion):
    old = indicator("203.0.113.1")
    medallion.add("first", medallion.readable, old,
                  *(indicator(f"203.0.113.{i}") for i in range(2, 6)))
    medallion.add("first", medallion.hidden, indicator("203.0.113.66"))
    medallion.add("second", medallion.other, indicator("other.example"),
                  stix2.v21.Malware(name="m", is_family=False))
    iocfeed = iocfeeds(medallion.url("taxii2/"), format="taxii",
                       auth={"user": USER, "password": PASSWORD})
    until("the feed is published", lambda: held(iocfeed) == 6)
    first = [f"ip:203.0.113.{i}" for i in range(1, 6)]
    has(kafka, iocfeeds, "domain:other.example", *first)
    assert "next=" in medallion.text()

    medallion.add("first", medallion.readable, old.new_version(revoked=True))
    medallion.add("second", medallion.other, indicator("203.0.113.9"))
    has(kafka, iocfeeds, "domain:other.example", "ip:203.0.113.9", *first[1:])
    assert "added_after=" in medallion.text()


def test_a_wrong_password_and_a_wrong_place_are_told(tmp_path, medallion):
    settings = tmp_path / "haechi.yaml"
    wrong = {
        "password": ("taxii2/", {"user": USER, "password": "x"}, "key or password"),
        "none": ("taxii2/", {}, "key or password"),
        "place": ("first/collections/x/", {"user": USER, "password": PASSWORD}, "not found"),
    }
    settings.write_text(json.dumps({"iocfeed": {"feeds": [
        {"name": name, "format": "taxii", "url": medallion.url(path), "auth": auth}
        for name, (path, auth, _) in wrong.items()]}}))
    for name, (_, _, text) in wrong.items():
        assert text in feed_test(settings, name, status=1).stderr


def test_nginx_is_asked_for_what_is_new_only(kafka, iocfeeds, nginx):
    lines = [f"host-{i}.bad.example" for i in range(5000)]
    nginx.put("list.txt", "\n".join(lines))
    iocfeed = iocfeeds(nginx.url("list.txt"), user_agent="haechi/tests")
    until("the feed is published", lambda: held(iocfeed) == 5000)
    wait_contact(iocfeed)
    (status, size, match, agent), (again, nothing, tag, _) = nginx.asked("list.txt")[:2]
    assert (status, match, agent) == (200, "-", "haechi/tests")
    assert size < len("\n".join(lines)) / 2, "it came as gzip"
    assert again == 304 and nothing == 0 and tag.startswith('W/'), "its ETag, weak as gzip makes it"

    nginx.put("list.txt", "\n".join(lines[1:] + ["new.example"]))
    until("the change is published", lambda: published(iocfeed) == 2)
    assert iocfeed.log("feed_published")[-1]["added"] == 1
    assert iocfeed.log("feed_published")[-1]["removed"] == 1
    found = iocs_of(kafka.read(iocfeeds.topic))
    assert "domain:new.example" in found and "domain:host-0.bad.example" not in found


def test_what_nginx_answers_is_taken_or_refused(tmp_path, nginx):
    rows = "".join(f"45.18.0.{i}\n" for i in range(1, 201))
    nginx.put("list.txt", rows)
    nginx.put("list.txt.gz", gzip.compress(rows.encode()))
    nginx.put("members.gz", gzip.compress(rows[:1000].encode()) + gzip.compress(rows[1000:].encode())
              + bytes(100))
    nginx.put("half.gz", gzip.compress(rows.encode())[:300])
    nginx.put("zeros.gz", gzip.compress(b"45.18.0.1\n" * 1000000))
    nginx.put("large.txt", "45.18.0.1\n" * 10000)
    nginx.put("list.html", rows)  # by a script that says nothing else of its list
    nginx.put("page.html", rows + "<a href='/login'>Log in to see more</a>\n")
    settings = tmp_path / "haechi.yaml"
    good = ["list.txt", "list.txt.gz", "members.gz", "moved/list.txt", "list.html"]
    bad = {
        "half.gz": "cut off or damaged",
        "zeros.gz": "max_unpacked_bytes",
        "large.txt": "max_unpacked_bytes",
        "slow/list.txt": "timed out",
        "closed": "mpty reply",
        "error": "503",
        "nowhere": "404",
        "key": "key or password",
        "portal": "web page",
        "page.html": "web page",
        "round": "redirects",
    }
    settings.write_text(json.dumps({"iocfeed": {"feeds": [
        {"name": path, "format": "txt", "url": nginx.url(path), "timeout": "2s",
         "max_unpacked_bytes": 50000} for path in [*good, *bad]]}}))
    for path in good:
        assert json.loads(feed_test(settings, path).stdout)["iocs"] == 200, path
    for path, text in bad.items():
        assert text in feed_test(settings, path, status=1).stderr, path


def test_a_misp_directory_is_read_again_where_it_changed(kafka, iocfeeds, nginx):
    def event(*values):
        made = pymisp.MISPEvent()
        made.info, made.date, made.distribution = "invented", "2026-01-01", 3
        made.threat_level_id, made.analysis = 1, 2
        made.Orgc = pymisp.MISPOrganisation()
        made.Orgc.from_dict(name="o", uuid="55f6ea65-aa10-4c5a-bf01-4f84950d210f")
        made.timestamp = 1700000000
        for value in values:
            made.add_attribute("ip-dst", value, to_ids=True)
        return made

    def serve(*events):
        manifest = {}
        for each in events:
            nginx.put(f"misp/{each.uuid}.json", json.dumps(each.to_feed()))
            manifest |= each.manifest
        nginx.put("misp/manifest.json", json.dumps(manifest))

    one, two = event("203.0.113.1", "203.0.113.2"), event("203.0.113.3")
    serve(one, two)
    iocfeed = iocfeeds(nginx.url("misp/"), format="misp")
    has(kafka, iocfeeds, "ip:203.0.113.1", "ip:203.0.113.2", "ip:203.0.113.3")
    before = len(nginx.asked(f"misp/{two.uuid}.json"))

    one.attributes[0].to_ids = False
    one.add_attribute("domain", "new.example", to_ids=True)
    one.timestamp = 1700000001
    serve(one, two)
    has(kafka, iocfeeds, "domain:new.example", "ip:203.0.113.2", "ip:203.0.113.3")
    wait_contact(iocfeed)
    assert len(nginx.asked(f"misp/{two.uuid}.json")) == before
