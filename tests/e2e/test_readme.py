"""README.md alone: every command in it, in its order, as a new user would type it.

The commands run in a folder that holds links to the tree's own, with what the third section installs
first on the path. Only names of things that a test machine lacks are replaced: the broker, the log
files, and root's rights."""

import gzip
import json
import os
import re
import socket
import subprocess
import threading
from pathlib import Path

import pytest
from worker import parse_metrics
from events import fired
from servers import BUILD, LIMIT, ROOT, free_port, program, unique, until

README = (ROOT / "README.md").read_text()
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)
ACCESS = ('203.0.113.9 - - [14/Jan/2026:10:15:07 +0000] "GET /?id=1%20UNION%20SELECT%201 HTTP/1.1" '
          '200 5 "-" "curl/8"\n')
AUTH = ("Jan 14 10:17:05 gate sshd[815]: Failed password for root from 203.0.113.50 port 40005 "
        "ssh2\n")


def blocks(language):
    return [text for name, text in BLOCK.findall(README) if name == language]


def commands(having):
    """The lines of the one block of commands that has this in it."""
    [block] = [text for text in blocks("sh") if having in text]
    return [line.partition(" # ")[0].strip() for line in block.splitlines()]


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The prefix of an installation, made by the README's own last command."""
    prefix = tmp_path_factory.mktemp("installed")
    program("haechi-detector")
    install = commands("cmake --install")[-1]
    assert install == "sudo cmake --install build/release"
    done = subprocess.run(["cmake", "--install", BUILD, "--prefix", prefix], capture_output=True,
                          text=True)
    assert done.returncode == 0, done.stderr
    return prefix


@pytest.fixture
def shell(tmp_path, installed):
    """shell(line): runs it in a folder of its own, and returns its output."""
    for name in ("deploy", "scripts", "docs"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / "build").mkdir()
    (tmp_path / "build" / "release").symlink_to(BUILD)
    (tmp_path / "log").mkdir()
    (tmp_path / "log" / "access.log").write_text(ACCESS)
    (tmp_path / "log" / "auth.log").write_text(AUTH)
    (tmp_path / "log" / "auth.log.1.gz").write_bytes(gzip.compress(AUTH.encode() * 2))

    def start(line, **streams):
        line = (line.replace("/var/log/nginx/", f"{tmp_path}/log/")
                .replace("/var/log/", f"{tmp_path}/log/"))
        return subprocess.Popen(
            ["sh", "-c", f"exec {line}" if "|" not in line else line], cwd=tmp_path, text=True,
            env={"PATH": f"{installed}/bin:{os.environ['PATH']}", "HOME": str(tmp_path)},
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, **streams)

    def run(line, status=0):
        process = start(line)
        out, err = process.communicate(timeout=LIMIT)
        assert process.returncode == status, f"{line}: status {process.returncode}: {out}{err}"
        return out

    run.start = start
    run.folder = tmp_path
    return run


def test_no_command_of_the_readme_is_without_a_test():
    known = [
        "./scripts/demo", "./scripts/test",  # test_demo.py, and what runs this
        *commands("build/release/haechi scan /var"), *commands("zcat"), *commands("cmake --install"),
        *commands("topics create"), *commands("haechi rules list"),
        *commands("haechi correlations list"),
    ]
    found = [line.partition(" # ")[0].strip() for block in blocks("sh")
             for line in block.splitlines()]
    assert sorted(found) == sorted(known)
    for script in ("demo", "test", "setup"):
        assert os.access(ROOT / "scripts" / script, os.X_OK)
    [preset] = [line.split()[-1] for line in found if line.startswith("cmake --preset")]
    presets = json.loads((ROOT / "CMakePresets.json").read_text())["configurePresets"]
    assert preset in [each["name"] for each in presets]


def test_links_lead_somewhere():
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), ROOT / "CONTRIBUTING.md",
             ROOT / "schemas" / "README.md"]
    for page in pages:
        for target in re.findall(r"\]\(([^)]+)\)", page.read_text()):
            path = target.partition("#")[0]
            assert "://" in target or not path or (page.parent / path).exists(), f"{page}: {target}"


def test_scanning_finds_what_is_in_the_logs(shell):
    [line] = commands("build/release/haechi scan /var")
    assert json.loads(shell(line))["rule_id"] == "web_attacks.sql_injection"
    figures, failing = commands("zcat")
    assert json.loads(shell(figures))["lines"] == 3
    assert json.loads(shell(failing, status=3))["threat_level"] == "CRITICAL"


def test_rules_can_be_looked_at_and_tried(shell):
    listing, test, explain = commands("haechi rules list")
    assert len(shell(listing).splitlines()) > 8
    shell(test)
    assert "union" in shell(explain)


def listening():
    """A port, and the lines that come to it from whoever connects."""
    server, lines = socket.create_server(("127.0.0.1", 0)), []

    def take():
        while True:
            connection, _ = server.accept()
            lines.extend(connection.makefile("rb"))

    threading.Thread(target=take, daemon=True).start()
    return server.getsockname()[1], lines


def test_the_way_to_ones_own_kafka(shell, kafka, redis):
    """The settings as they stand there, but for names that other tests would use too."""
    create, check, *services, events, alerts = commands("topics create")
    port, received = listening()
    names = {name: unique(name) for name in
             ("nginx-access", "detected-events", "correlated-alerts", "siem-deliveries",
              "dead-letters", "iocs", "compliance-findings")}
    [yaml] = blocks("yaml")
    assert "broker1:9092" in yaml and "nginx-access" in yaml and "body: cef" in yaml
    settings = (yaml.replace("broker1:9092", kafka.address)
                .replace("nginx-access", names["nginx-access"]).replace("^k8s", unique("^none"))
                .replace("host: localhost", f"host: {redis.host}\n  port: {redis.port}")
                .replace("host: siem.example.com", f"host: 127.0.0.1\n      port: {port}\n"
                         "      framing: lf\n      start_at: earliest"))
    for service in ("detector", "forwarder"):
        own = f"{service}:\n  group: {unique('readme')}\n  metrics: {{port: {free_port()}}}\n"
        assert f"{service}:\n" in settings
        settings = settings.replace(f"{service}:\n", own)
    settings += f"correlator:\n  group: {unique('readme')}\n  metrics: {{port: {free_port()}}}\n"
    settings += "topics:\n" + "".join(
        f"  {name.replace('-', '_')}: {full}\n" for name, full in names.items()
        if name != "nginx-access")
    (shell.folder / "haechi.yaml").write_text(settings)
    kafka.create(names["nginx-access"])
    shell(create)
    assert "good" in shell(check)
    started = [shell.start(line) for line in services]
    followers = []
    try:
        [where] = kafka.produce(names["nginx-access"], [ACCESS.strip()])
        until("the alert is at its target", lambda: received)
        assert b"CEF:0|" in received[0] and b"203.0.113.9" in received[0]
        followers = [shell.start(f"{line} --from earliest") for line in (events, alerts)]
        event, alert = (json.loads(follower.stdout.readline()) for follower in followers)
        assert fired([event]) == {(where, "web_attacks.sql_injection")}
        assert alert["event_ids"] == [event["event_id"]]
        *_, show, windows = commands("haechi correlations list")
        assert event["event_id"] in shell(
            f"{show.replace('SEC-…', alert['alert_id'])} --config haechi.yaml")
        assert "203.0.113.9" in shell(
            f"{windows.replace('203.0.113.50', '203.0.113.9')} --config haechi.yaml")
    finally:
        for process in started:
            process.terminate()
        logs = [process.communicate(timeout=LIMIT)[1] for process in started]
        for follower in followers:
            follower.kill()
            follower.communicate()
    assert [process.returncode for process in started] == [0] * len(started), logs


def test_correlations_can_be_looked_at_and_tried(shell):
    listing, explain, scan, *_ = commands("haechi correlations list")
    assert "brute_force" in shell(listing)
    assert "1m, both ends included" in shell(explain)
    with open(shell.folder / "log" / "auth.log", "w") as log:
        for second in range(6):
            log.write(AUTH.replace("10:17:05", f"10:17:{second:02}"))
    assert any("brute_force" in json.loads(line)["rule_id"] for line in shell(scan).splitlines())


def test_what_is_installed_is_complete(installed):
    """Also by what is not in the README: the parts that a distribution would package."""
    want = {f"share/haechi/rules/{rules.name}" for rules in (ROOT / "deploy/rules").glob("*.yaml")}
    want |= {f"share/haechi/schemas/{s.name}" for s in (ROOT / "schemas").glob("*.avsc")}
    want |= {f"share/man/man1/{page.name}" for page in (ROOT / "docs/man").glob("*.1")}
    want |= {f"share/haechi/correlations/{rules.name}"
             for rules in (ROOT / "deploy/correlations").glob("*.yaml")}
    want |= {f"lib/systemd/system/{unit.name}" for unit in (ROOT / "deploy/systemd").glob("*")}
    want |= {"bin/haechi", "bin/haechi-detector", "bin/haechi-correlator",
             "bin/haechi-forwarder", "bin/haechi-iocfeed", "share/doc/haechi/deploy/etc/haechi.yaml",
             "share/haechi/actions.yaml", "share/bash-completion/completions/haechi"}
    assert want <= {str(path.relative_to(installed)) for path in installed.rglob("*")}
    assert_documentation_is_whole(installed / "share/doc/haechi")


ELSEWHERE = ("deploy/rules", "deploy/correlations", "deploy/actions.yaml",  # in share/haechi
             "deploy/systemd",  # where systemd looks
             "tests/")  # for those who have the tree


def assert_documentation_is_whole(folder):
    """Every page is there, and what pages link to or programs, settings and rules name."""
    pages = [page.relative_to(folder) for page in folder.rglob("*.md")]
    assert {Path("README.md"), Path("SECURITY.md"), Path("docs/rules.md")} <= set(pages)
    assert {page.relative_to(ROOT) for page in (ROOT / "docs").rglob("*.md")} <= set(pages)
    named = set()
    for page in pages:
        for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", (folder / page).read_text()):
            named.add(os.path.normpath(page.parent / link))
    for file in [*(ROOT / "services").rglob("*.c"), *(ROOT / "deploy").rglob("*.yaml"),
                 *(ROOT / "docs/targets").glob("*.md")]:
        named |= set(re.findall(r"(?<!/)\b(?:docs|deploy)/[\w/.-]*\w", file.read_text()))
    missing = {name for name in named
               if not name.startswith(ELSEWHERE) and not (folder / name).exists()}
    assert not missing, missing


def test_installed_programs_find_their_rules_wherever_they_are(installed, tmp_path):
    moved = tmp_path / "elsewhere"
    installed.rename(moved)
    try:
        done = subprocess.run([moved / "bin/haechi", "scan", "-"], input=ACCESS + AUTH, text=True,
                              capture_output=True, cwd="/")
        assert {json.loads(line)["rule_id"] for line in done.stdout.splitlines()} == {
            "web_attacks.sql_injection", "network_attacks.sshd_failed"}, done.stderr
        done = subprocess.run([moved / "bin/haechi-detector", "--check"], text=True, cwd="/",
                              capture_output=True, env={"HAECHI_CONFIG": ""})
        assert done.returncode == 0, done.stderr
    finally:
        moved.rename(installed)


def test_the_metrics_of_the_readme_are_there(kafka, topic, detectors):
    logs = topic("logs")
    detector = detectors(logs, format="json")
    kafka.produce(logs, ['{"message": "1 UNION SELECT 1"}', "{"])
    kafka.wait_done(detector.group, logs)
    samples = parse_metrics(detector.metrics_text())
    rows = re.findall(r"^\| `(haechi_\w+)(?:\{([\w,]+)\})?` \|", README, re.M)
    assert len(rows) > 5
    for name, labels in rows:
        wanted = set(labels.split(",")) - {""}
        assert any(name == got and wanted == set(pairs) for got, pairs, _ in samples), name


def test_the_page_on_rules_shows_rules_that_work(installed, tmp_path):
    page = (ROOT / "docs" / "rules.md").read_text()
    found = BLOCK.findall(page)
    [yaml] = [text for name, text in found if name == "yaml"]
    [lines] = [text for name, text in found if name == "sh"]
    (tmp_path / "my-rules.yaml").write_text(yaml)
    (tmp_path / "access.log").write_text(ACCESS)
    for line in lines.splitlines():
        words = line.replace("/var/log/nginx/", "").split()
        done = subprocess.run([installed / "bin" / words[0], *words[1:]], cwd=tmp_path, text=True,
                              capture_output=True)
        assert done.returncode == 0, f"{line}: {done.stdout}{done.stderr}"
    keys = re.findall(r'^    \{"(\w+)", \w+, \w+\}',
                      (ROOT / "services/detector/rule_keys.c").read_text(), re.M)
    rows = "".join(re.findall(r"^\| (`.*?) \|", page, re.M))
    assert len(keys) > 10 and set(keys) == set(re.findall(r"`(\w+)`", rows))


def test_the_page_on_logs_names_the_fields_that_are_read():
    source = (ROOT / "services/detector/json_fields.c").read_text()
    want = {}
    for field, path, text in re.findall(r'\{ENTRY_(\w+), "([^"]+)", (true|false)\}', source):
        want.setdefault(field.lower(), []).append((path, " (a text)" if text == "true" else ""))
    rows = re.findall(r"^\| (\w+) \| (`.*) \|$", (ROOT / "docs" / "logs.md").read_text(), re.M)
    got = {field: re.findall(r"`([^`]+)`( \(a text\))?", names) for field, names in rows}
    assert len(want) > 5 and got == want
