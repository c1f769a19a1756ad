"""Logs of real servers under real attacks, shipped into Kafka by a real rsyslog."""

import collections
import getpass
import json
import re
import subprocess
import urllib.parse

import pytest

from events import assert_not_doubled, assert_same_identities, events_of, origin_of
from servers import LIMIT, need, until
from shippers import Nginx

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"

# Some of them on purpose near to an attack.
BENIGN = [
    "/", "/index.html?lang=ko", "/products/blue-shoes?page={n}", "/search?q=O%27Brien+{n}",
    "/search?q=rock+%26+roll", "/union/select-committee.html", "/static/app.js?v={n}",
    "/a/../b/{n}.css", "/docs/how-to-drop-a-table-leg", "/search?q=1%3C2", "/profile?name=Alert",
    "/cart?add={n}&qty=1", "/scripts/jquery.min.js", "/search?q=%EB%B3%B4%EC%95%88",
    "/blog/2026/01/cats-and-dogs", "/order/{n}?from=mail&to=home", "/export?format=csv",
]
HOSTILE = [
    ("web_attacks.sql_injection", "/item?id=1%20UNION%20SELECT%20name,pass%20FROM%20users"),
    ("web_attacks.sql_injection", "/item?id=1+or+1=1--"),
    ("web_attacks.sql_injection", "/item?id=1%2520union%2520select%25201"),
    ("web_attacks.sql_injection", "/item?id=1%3Bdrop/**/table/**/users"),
    ("web_attacks.xss", "/search?q=%3Cscript%3Ealert(1)%3C/script%3E"),
    ("web_attacks.xss", "/search?q=%3Cimg+src=x+onerror%3Dalert(1)%3E"),
    ("web_attacks.xss", "/go?to=javascript:location"),
    ("web_attacks.lfi_rfi", "/../../../../etc/passwd"),
    ("web_attacks.lfi_rfi", "/show?file=..%2f..%2f..%2fetc%2fpasswd"),
    ("web_attacks.lfi_rfi", "/show?file=php://filter/convert.base64-encode/resource=index"),
    ("web_attacks.command_injection", "/ping?host=a%7Ccat%20/etc/passwd"),
    ("web_attacks.command_injection", "/ping?host=a%3B%20rm%20-rf%20/tmp/x"),
    ("web_attacks.command_injection", "/ping?host=%24%28id%29"),
]

# What sqlmap sends besides is no attack that the first rules name.
SQL = [re.compile(pattern, re.ASCII | re.IGNORECASE) for pattern in (
    r"union\s+select|select\s+.*\s+from|drop\s+table",
    r"or\s+1\s*=\s*1|and\s+1\s*=\s*1", r"exec\s*\(|execute\s*\(|sp_executesql")]


def numbered(path, n):
    """The request's own number, so that its log is known wherever it turns up."""
    path = path.replace("{n}", str(n))
    return f"{path}{'&' if '?' in path else '?'}request=r{n:05d}"


def number_of(line):
    found = re.search(r"request=(r\d{5})", line)
    return found and found[1]


def ask_with_curl(url, paths):
    [curl] = need("curl")
    lines = [f'url = "{url}{path}"\noutput = "/dev/null"' for path in paths]
    subprocess.run([curl, "--silent", "--path-as-is", "--globoff", "-A", BROWSER, "-K", "-"],
                   input="\n".join(lines), text=True, check=True, timeout=LIMIT)


def ask_with_sqlmap(url, folder):
    [sqlmap] = need("sqlmap")
    subprocess.run([sqlmap, "-u", f"{url}/item?id=1", "--batch", "--disable-coloring",
                    "--output-dir", str(folder), "--level", "1", "--risk", "1",
                    "--technique", "BEU", "--union-cols", "1-5", "--flush-session"],
                   stdin=subprocess.DEVNULL, capture_output=True, timeout=LIMIT,
                   env={"PATH": "/usr/bin:/bin", "HOME": str(folder)})


def decoded(text):
    for _ in range(3):
        text = urllib.parse.unquote_plus(text)
    return text


@pytest.fixture
def nginx(tmp_path):
    server = Nginx(tmp_path / "nginx")
    yield server
    server.stop()


def shipped(kafka, topic, lines):
    """The topic's records, once every line is there: as often as it was written."""
    def all_there():
        records = kafka.read(topic)
        got = collections.Counter(record.value for record in records)
        missing = collections.Counter(lines) - got
        assert not missing, f"{sum(missing.values())} lines not shipped, as {list(missing)[:1]}"
        assert got == collections.Counter(lines), "rsyslog shipped more than was written"
        return records
    return until("rsyslog has shipped all lines", all_there)


def test_every_attack_on_a_web_server_and_nothing_else_becomes_an_event(
        kafka, topic, detectors, nginx, rsyslog, tmp_path):
    logs = topic("access")
    detector = detectors(logs, format="auto")
    rsyslog(nginx.log_file, logs)

    benign = [numbered(BENIGN[n % len(BENIGN)], n) for n in range(250)]
    attacks = [(rule, numbered(path, 10000 + n))
               for n, (rule, path) in enumerate(HOSTILE * 10)]
    ask_with_curl(nginx.url, benign[:125])
    ask_with_curl(nginx.url, [path for _, path in attacks])
    ask_with_sqlmap(nginx.url, tmp_path)
    ask_with_curl(nginx.url, benign[125:])

    records = shipped(kafka, logs, nginx.lines())
    kafka.wait_done(detector.group, logs)
    events = events_of(kafka.read(detector.events_topic))
    assert_not_doubled(events)
    assert not kafka.read(detector.dead_topic)

    # By identity: which line, which rule.
    line_at = {record.where: record.value.decode() for record in records}
    got = {(number_of(line_at[origin_of(event)]), event["rule_id"]) for event in events}
    wanted = {(number_of(path), rule) for rule, path in attacks}
    assert not wanted - got, f"lost: {sorted(wanted - got)[:5]}"
    hostile = {number for number, _ in wanted}
    invented = {(number, rule) for number, rule in got if number and number not in hostile}
    assert not invented, f"invented on harmless requests: {sorted(invented)[:5]}"

    by_sqlmap = {where: line for where, line in line_at.items() if '"sqlmap/' in line}
    assert len(by_sqlmap) > 30, "sqlmap asked too little to try anything"
    injected = {where for where, line in by_sqlmap.items()
                if any(pattern.search(decoded(line.split('"')[1])) for pattern in SQL)}
    assert injected, "sqlmap tried no injection that the rules name"
    found = {origin_of(event) for event in events
             if event["rule_id"] == "web_attacks.sql_injection"}
    assert_same_identities(found & injected, injected, "sqlmap's injections")
    assert {event["source_ip"] for event in events} == {"127.0.0.1"}


def test_failed_log_ins_at_a_real_sshd_become_events_with_user_and_address(
        kafka, topic, detectors, sshd, rsyslog):
    logs = topic("auth")
    detector = detectors(logs, format="auto")
    rsyslog(sshd.log_file, logs, tag="sshd[4711]:",
            template="%TIMESTAMP:::date-rfc3339% %HOSTNAME% %syslogtag% %msg%")

    guests = [f"intruder{n:02d}" for n in range(12)]
    me = getpass.getuser()
    for guest in guests:
        assert not sshd.log_in(guest, password="letmein")
    assert not sshd.log_in(me, password="wrong")
    accepted = sshd.log_in(me)
    sshd.stop()

    lines = [line for line in sshd.text().splitlines() if line]
    until("rsyslog has shipped sshd's lines", lambda: len(kafka.read(logs)) >= len(lines))
    kafka.wait_done(detector.group, logs)
    line_at = {record.where: record.value.decode() for record in kafka.read(logs)}
    events = events_of(kafka.read(detector.events_topic))
    assert_not_doubled(events)

    failed = {(event["user"], event["source_ip"]) for event in events
              if "Failed password for" in line_at[origin_of(event)]
              and event["event_type"] == "network_attacks.brute_force"}
    assert_same_identities(failed, {(user, "127.0.0.1") for user in guests + [me]}, "failed log-ins")
    harmless = [line_at[origin_of(event)] for event in events
                if event["event_type"] == "network_attacks.brute_force"
                and re.search("Accepted|Server listening|Connection closed by (?!invalid|authenticating)",
                             line_at[origin_of(event)])]
    assert not harmless, f"invented on harmless lines: {harmless[:3]}"
    if accepted:
        assert any("Accepted publickey" in line for line in line_at.values())


def test_rsyslogs_own_json_needs_no_mapping(kafka, topic, detectors, nginx, rsyslog):
    logs = topic("json")
    detector = detectors(logs, format="json")
    rsyslog(nginx.log_file, logs, template="%jsonmesg%")
    ask_with_curl(nginx.url, ["/item?id=1%20UNION%20SELECT%201", "/harmless"])

    until("rsyslog has shipped the lines", lambda: len(kafka.read(logs)) >= len(nginx.lines()))
    kafka.wait_done(detector.group, logs)
    [event] = events_of(kafka.read(detector.events_topic))
    assert event["rule_id"] == "web_attacks.sql_injection"
    assert "UNION%20SELECT" in json.loads(event["raw_log"])["msg"]
