"""`haechi`, the command line, as its users meet it: what it prints, where, and its exit status."""

import fcntl
import gzip
import json
import os
import pathlib
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time

import pytest
from events import fired
from servers import LIMIT, ROOT, cannot_run, need, program, until

BENIGN = '10.0.0.1 - - [07/Oct/2025:13:55:36 +0000] "GET /index.html HTTP/1.1" 200 512 "-" "Mozilla/5.0"'
SQL = '45.95.168.7 - - [07/Oct/2025:13:55:37 +0000] "GET /?id=1%20union%20select%201 HTTP/1.1" 200 5 "-" "sqlmap/1.7"'
XSS = '1.2.3.4 - - [07/Oct/2025:13:55:38 +0000] "GET /?q=%3Cscript%3Ealert(1) HTTP/1.1" 200 5 "-" "Mozilla/5.0"'
SCAN = "Oct  7 13:55:39 gate kernel: nmap seen"
FOUR = "\n".join([BENIGN, SQL, XSS, SCAN]) + "\n"
EVENTS = {(2, "web_attacks.sql_injection"), (3, "web_attacks.xss"), (4, "network_attacks.port_scan")}

COMMANDS = [[], ["scan"], ["rules"], ["rules", "list"], ["rules", "check"], ["rules", "test"],
            ["rules", "explain"], ["rules", "lint"], ["correlations"], ["correlations", "list"],
            ["correlations", "check"], ["correlations", "test"], ["correlations", "explain"],
            ["events"], ["events", "tail"], ["alerts"], ["alerts", "tail"], ["alerts", "show"],
            ["windows"], ["windows", "show"], ["topics"],
            ["topics", "create"], ["targets"], ["targets", "list"], ["targets", "test"],
            ["deliveries"], ["dead-letters"], ["dead-letters", "list"], ["dead-letters", "show"],
            ["dead-letters", "replay"], ["reveal"], ["ioc"], ["ioc", "import"], ["ioc", "explain"],
            ["ioc", "check"], ["ioc", "add"], ["ioc", "remove"], ["ioc", "export"],
            ["ioc", "stats"], ["ioc", "feeds"], ["ioc", "feeds", "list"],
            ["ioc", "feeds", "refresh"], ["ioc", "feeds", "test"], ["ioc", "feeds", "forget"]]


def environment(**more):
    kept = {name: value for name, value in os.environ.items()
            if not name.startswith("HAECHI_") and name not in ("NO_COLOR", "COLUMNS")}
    return {**kept, "TERM": "xterm", **more}


def haechi(*words, stdin="", status=0, **env):
    """Runs it with pipes for all streams, and holds it to its exit status."""
    done = subprocess.run([program("haechi"), *map(str, words)], env=environment(**env),
                          input=stdin if isinstance(stdin, bytes) else stdin.encode(),
                          capture_output=True, timeout=LIMIT)
    assert done.returncode == status, f"{words}: status {done.returncode}: {done.stderr.decode()}"
    done.out = done.stdout.decode()
    done.err = done.stderr.decode()
    return done


def found(run):
    return {(event["origin"]["offset"], event["rule_id"])
            for event in map(json.loads, run.out.splitlines())}


@pytest.fixture
def log(tmp_path):
    file = tmp_path / "access.log"
    file.write_text(FOUR)
    return file


class Terminal:
    """The program on a terminal of its own; `text` is all that it wrote there."""

    def __init__(self, words, width=100, stdin=None, **env):
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, width, 0, 0))
        self.process = subprocess.Popen([program("haechi"), *map(str, words)], stdout=slave,
                                        stderr=slave, stdin=stdin or slave, env=environment(**env))
        os.close(slave)
        self.text = ""

    def read(self, limit=0.1):
        if select.select([self.master], [], [], limit)[0]:
            try:
                self.text += os.read(self.master, 65536).decode()
            except OSError:  # the program has ended
                return False
        return True

    def finish(self):
        end = time.monotonic() + LIMIT
        while self.read() and time.monotonic() < end:
            pass
        os.close(self.master)
        return self.process.wait(timeout=LIMIT)


# -- wrong usage, help

@pytest.mark.parametrize("words, says", [
    ([], "Usage: haechi COMMAND"),
    (["scna"], "did you mean scan?"),
    (["rules", "chekc", "x"], "did you mean check?"),
    (["scan"], "FILE… is missing"),
    (["scan", "--fial-on", "high", "x"], "did you mean --fail-on?"),
    (["scan", "--fail-on", "huge", "x"], "it may be low, medium, high or critical"),
    (["scan", "--rules"], "--rules wants a value: --rules PATH"),
    (["scan", "--timezone", "Mars/Olympus", "-"], "Mars/Olympus"),
    (["scan", "--logsource", "web", "-"], "it may be product="),
    (["topics", "create", "--partitions", "0"], "from 1 to 10000"),
    (["topics", "create", "extra"], "takes none"),
    (["topics", "create", "--config", "/nonexistent.yaml"], "/nonexistent.yaml"),
    (["events", "tail", "--from", "yesterday"], "it may be earliest, latest"),
    (["alerts", "tail", "--min-level", "huge"], "it may be low, medium, high or critical"),
    (["correlations", "check"], "FILE… is missing"),
])
def test_wrong_usage_says_what_would_be_right(words, says):
    run = haechi(*words, status=2)
    assert says in run.err and run.out == ""
    assert words == [] or run.err.startswith("haechi") and run.err.count("\n") == 1


@pytest.mark.parametrize("command", COMMANDS, ids=lambda c: " ".join(c) or "haechi")
def test_every_command_has_help_that_fits_a_terminal(command):
    text = haechi(*command, "--help").out
    assert text.startswith("Usage: haechi" + "".join(" " + word for word in command))
    assert haechi("help", *command).out == text
    assert max(map(len, text.splitlines())) <= 100
    assert "\nExamples:\n" in text


def options_of(text):
    return set(re.findall(r"^  (?:-., |    )(--[a-z-]+)", text, re.M))


@pytest.mark.parametrize("page, commands", [
    ("haechi", [[]]),
    ("haechi-scan", [["scan"]]),
    ("haechi-rules", [c for c in COMMANDS if c[:1] == ["rules"] and len(c) == 2]),
    ("haechi-correlations", [c for c in COMMANDS if c[:1] == ["correlations"] and len(c) == 2]),
    ("haechi-events", [["events", "tail"]]),
    ("haechi-alerts", [["alerts", "tail"], ["alerts", "show"]]),
    ("haechi-windows", [["windows", "show"]]),
    ("haechi-topics", [["topics", "create"]]),
    ("haechi-ioc", [c for c in COMMANDS if c[:1] == ["ioc"] and c[1:] not in ([], ["feeds"])]),
    ("haechi-targets", [["targets", "list"], ["targets", "test"]]),
    ("haechi-deliveries", [["deliveries"]]),
    ("haechi-dead-letters", [c for c in COMMANDS if c[:1] == ["dead-letters"] and len(c) == 2]),
    ("haechi-reveal", [["reveal"]]),
])
def test_manual_and_help_name_the_same_options(page, commands):
    manual = (ROOT / "docs" / "man" / f"{page}.1").read_text()
    parts = re.split(r"^\.Ss ", manual, flags=re.M)
    parts = parts[1:] if len(parts) > 1 else parts
    assert len(parts) == len(commands)
    for part, command in zip(parts, commands):
        items = re.findall(r"^\.It .*Fl -([a-z-]+)", part, re.M)
        assert {"--" + item for item in items} == options_of(haechi(*command, "--help").out), command


@pytest.mark.parametrize("service", ["detector", "correlator", "forwarder", "iocfeed"])
def test_a_workers_manual_names_its_options(service):
    manual = (ROOT / "docs" / "man" / f"haechi-{service}.1").read_text()
    run = subprocess.run([program(f"haechi-{service}"), "--help"], capture_output=True, text=True,
                         timeout=LIMIT)
    assert run.returncode == 0
    assert set(re.findall(r"--[a-z-]+", run.stdout)) == {
        "--" + name for name in re.findall(r"^\.It Fl -([a-z-]+)", manual, re.M)}


def test_completion_offers_commands_options_values_and_rules():
    [bash] = need("bash")
    script = f"""
        PATH={os.path.dirname(program('haechi'))}:$PATH
        source {ROOT}/services/cli/haechi.bash
        offer() {{ COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=(); _haechi; echo "${{COMPREPLY[@]}}"; }}
        offer haechi ''; offer haechi rules l; offer haechi scan --fa; offer haechi scan --fail-on c
        offer haechi rules explain web_attacks.x; offer haechi events tail -f --no
        offer haechi correlations explain bru; offer haechi alerts tail -l c; offer haechi alerts tail -r bur
    """
    run = subprocess.run([bash, "-c", script], capture_output=True, text=True, env=environment(),
                         timeout=LIMIT, check=True)
    assert run.stdout.splitlines() == [
        "scan rules correlations events alerts ioc windows topics targets deliveries dead-letters "
        "reveal", "list lint", "--fail-on", "critical",
        "web_attacks.xss", "--no-follow", "brute_force", "critical", "burst"]
    assert run.stderr == ""


def test_the_version_is_the_projects():
    version = re.search(r"VERSION (\d+\.\d+\.\d+)", (ROOT / "CMakeLists.txt").read_text())[1]
    assert haechi("--version").out == f"haechi {version}\n"


# -- scan

def test_piped_output_is_json_lines(log):
    run = haechi("scan", log)
    assert found(run) == EVENTS and run.err == ""
    assert len({json.loads(line)["event_id"] for line in run.out.splitlines()}) == 3


def test_the_same_lines_give_the_same_ids(log):
    ids = [[json.loads(line)["event_id"] for line in haechi("scan", log).out.splitlines()]
           for _ in range(2)]
    assert ids[0] == ids[1]


def test_compression_is_known_by_content(tmp_path):
    [zstd] = need("zstd")
    half = len(SQL) // 2
    lines = FOUR.encode()
    contents = {
        "plain.gz": lines,
        "gzip.txt": gzip.compress(lines),
        "two-members": gzip.compress(lines[:half]) + gzip.compress(lines[half:]),
        "padded": gzip.compress(lines) + bytes(1000),
        "zstd.log": subprocess.run([zstd, "-c"], input=lines, capture_output=True, check=True).stdout,
        "two-frames": b"".join(subprocess.run([zstd, "-c"], input=part, capture_output=True,
                                              check=True).stdout
                               for part in (lines[:half], lines[half:])),
        "marked": b"\xef\xbb\xbf" + lines,
        "dos": lines.replace(b"\n", b"\r\n"),
        "no-end": lines[:-1],
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
        run = haechi("scan", tmp_path / name)
        assert (found(run), run.err) == (EVENTS, ""), name
        run = haechi("scan", "-", stdin=content)
        assert (found(run), run.err) == (EVENTS, ""), f"{name} by pipe"


@pytest.mark.parametrize("packer", ["gzip", "zstd"])
def test_a_truncated_file_is_an_error_after_what_came_before_it(tmp_path, packer):
    [pack] = need(packer)
    # Lines that do not compress, so that half of the file is about half of the lines.
    lines = [f"{os.urandom(40).hex()} nmap" for _ in range(5000)]
    whole = subprocess.run([pack, "-c"], input="\n".join(lines).encode(), capture_output=True,
                           check=True).stdout
    file = tmp_path / "cut"
    file.write_bytes(whole[:len(whole) * 2 // 3])
    run = haechi("scan", "--format", "plain", file, status=1)
    assert "cut: the file is truncated" in run.err and run.err.count("\n") == 1
    numbers = sorted(number for number, _ in found(run))
    assert 1000 < len(numbers) < 5000 and numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize("packer", ["gzip", "zstd"])
def test_a_damaged_file_is_an_error(tmp_path, packer):
    [pack] = need(packer)
    whole = bytearray(subprocess.run([pack, "-c"], input=FOUR.encode() * 50, capture_output=True,
                                     check=True).stdout)
    whole[len(whole) // 2] ^= 0xFF
    file = tmp_path / "damaged"
    file.write_bytes(whole)
    assert "damaged" in haechi("scan", file, status=1).err


def test_what_cannot_be_read_does_not_hide_the_rest(tmp_path, log):
    run = haechi("scan", tmp_path / "missing.log", tmp_path, log, status=1)
    assert found(run) == EVENTS
    missing, folder = run.err.splitlines()
    assert "missing.log: cannot be opened: No such file" in missing
    assert "Is a directory" in folder


def test_utf16_is_named(tmp_path):
    (tmp_path / "windows.log").write_text(FOUR, encoding="utf-16")
    assert "is UTF-16" in haechi("scan", tmp_path / "windows.log", status=1).err


def test_lines_over_the_limit_and_undecodable_ones_are_told_and_counted(tmp_path):
    file = tmp_path / "app.json"
    long = json.dumps({"message": "nmap " + "x" * (1 << 20)})
    file.write_text("\n".join(['{"message":"nmap"}', "no json", long, "no json either", "",
                               '{"message":"nmap"}']) + "\n")
    run = haechi("scan", "--format", "json", file)
    assert {number for number, _ in found(run)} == {1, 6}
    undecodable, long = run.err.splitlines()
    assert "2 lines could not be decoded; the first is line 2: " in undecodable
    assert "1 line longer than 1 MiB passed over; the first is line 3" in long
    summary = json.loads(haechi("scan", "--format", "json", "--summary", file).out)
    assert [summary[name] for name in ("lines", "matched", "undecodable", "too_long", "events")] == [
        6, 2, 2, 1, 2]


def test_a_line_of_one_mebibyte_is_read(tmp_path):
    file = tmp_path / "long"
    file.write_text("nmap " + "x" * ((1 << 20) - 5) + "\n")
    assert found(haechi("scan", "--format", "plain", file)) == {(1, "network_attacks.port_scan")}


@pytest.mark.parametrize("words, status", [
    (["--fail-on", "critical"], 1), (["--fail-on", "LOW"], 1), ([], 0),
    (["--fail-on", "critical", "--min-level", "critical"], 1)])
def test_fail_on_sets_the_status(log, words, status):
    haechi("scan", *words, log, status=status)


def test_fail_on_is_about_events_that_are_there(tmp_path):
    (tmp_path / "a").write_text(SCAN + "\n")
    haechi("scan", "--fail-on", "high", tmp_path / "a", status=0)
    haechi("scan", "--fail-on", "medium", "--min-level", "high", tmp_path / "a", status=1)


def test_min_level_and_rules_choose(log, tmp_path):
    assert found(haechi("scan", "--min-level", "critical", log)) == {
        (2, "web_attacks.sql_injection")}
    rule = tmp_path / "own.yaml"
    rule.write_text("category: own\nrules:\n  - {id: index, title: Index, threat_level: LOW, "
                    "confidence: 0.5, patterns: ['index[.]html']}\n")
    assert found(haechi("scan", "--rules", rule, log)) == EVENTS | {(1, "own.index")}
    assert found(haechi("scan", "--no-default-rules", "--rules", tmp_path, log)) == {(1, "own.index")}
    assert found(haechi("scan", log, HAECHI_RULES=str(rule))) == {(1, "own.index")}


def test_rules_that_do_not_load_stop_the_scan(log, tmp_path):
    rule = tmp_path / "bad.yaml"
    rule.write_text("category: own\nrules:\n  - {id: x, title: X, threat_level: HUGE, "
                    "confidence: 0.5, patterns: [x]}\n")
    run = haechi("scan", "--rules", rule, log, status=2)
    assert run.out == "" and "bad.yaml:3" in run.err and "HUGE" in run.err


def test_logsource_reaches_the_rules(log, tmp_path):
    rule = tmp_path / "own.yaml"
    rule.write_text("category: own\nrules:\n  - {id: w, title: W, threat_level: LOW, confidence: 0.5,"
                    " patterns: ['index[.]html'], where: {logsource: {category: webserver}}}\n")
    words = ["scan", "--no-default-rules", "--rules", rule, log]
    assert found(haechi(*words)) == set()
    assert found(haechi(*words, "--logsource", "category=webserver")) == {(1, "own.w")}


def test_events_of_one_address_in_five_minutes_raise_the_risk(tmp_path):
    file = tmp_path / "burst"
    # A Tuesday noon: more than 10 events are the only risk there is.
    lines = [SQL.replace("13:55:37", f"12:00:{second:02}") for second in range(15)]
    file.write_text("\n".join(lines) + "\n" + SQL.replace("13:55:37", "12:05:30") + "\n")
    contexts = [json.loads(line)["context"] for line in haechi("scan", file).out.splitlines()]
    assert [c["recent_events"] for c in contexts] == [*range(15), 0]
    assert [c["timing_risk"] for c in contexts] == [0] * 11 + [0.3] * 4 + [0]


def test_the_zone_of_logs_that_name_none_is_an_option(tmp_path):
    file = tmp_path / "a"
    file.write_text("2025-10-07 13:55:36 nmap\n")
    json_log = json.dumps({"time": "2025-10-07T13:55:36", "message": "nmap"}) + "\n"
    for words, hour in (([], 13), (["--timezone", "Asia/Seoul"], 4)):
        [line] = haechi("scan", "--format", "json", *words, "-", stdin=json_log).out.splitlines()
        assert json.loads(line)["timestamp"] == f"2025-10-07T{hour:02}:55:36.000Z"


def test_hostile_bytes_never_reach_a_terminal(tmp_path):
    file = tmp_path / "hostile\x1b[2J.log"
    hostile = b"nmap \x1b]0;owned\x07 \x9b31m \xc2\x9b31m \x00 \xff \x7f \xe2\x80\xae \r x"
    file.write_bytes(hostile + b"\n" + b"{\"a\":" * 100 + b"\n")
    for words in (["--output", "table"], ["--output", "json"], ["--format", "json"]):
        terminal = Terminal(["scan", *words, file])
        terminal.finish()
        shown = re.sub(r"\x1b\[[0-9;]*m", "", terminal.text)
        bad = re.findall(r"[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\u202e]", shown)
        assert not bad, (words, bad, shown)


def test_a_terminal_gets_a_table_as_wide_as_it_is(log):
    for width in (60, 80, 100, 160):
        terminal = Terminal(["scan", log], width=width)
        assert terminal.finish() == 0
        plain = re.sub(r"\x1b\[[0-9;]*[mK]", "", terminal.text).splitlines()
        assert plain[0].startswith("TIME")
        assert width < 80 or "web_attacks.xss" in plain[2] or " xss " in plain[2]
        assert [len(plain), plain[4].split()[:5]] == [5, ["3", "events", "on", "3", "of"]]
        assert max(map(len, plain)) <= width
    assert "\x1b[1;31mCRITICAL\x1b[0m" in terminal.text


@pytest.mark.parametrize("env", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_colour_can_be_refused(log, env):
    terminal = Terminal(["scan", log], **env)
    terminal.finish()
    assert "CRITICAL" in terminal.text and "\x1b[" not in terminal.text


def test_long_work_shows_a_bar_that_goes_away():
    """Fed through a pipe that stays open, so that how long it takes is the test's to say."""
    reader, writer = os.pipe()
    terminal = Terminal(["scan", "--format", "plain", "-"], width=80, stdin=reader)
    os.close(reader)

    def bar_is_there():
        os.write(writer, b"a benign line\n" * 100)
        terminal.read()
        return "lines/s" in terminal.text
    until("the bar is drawn", bar_is_there)
    os.write(writer, b"nmap\n")
    os.close(writer)
    assert terminal.finish() == 0
    # Taken away before the row, and not drawn over it.
    assert re.search(r"lines/s[^\n]*\r\x1b\[K[^\n]*TIME \(UTC\)", terminal.text)
    assert "1 event on 1 of " in terminal.text.splitlines()[-1]


def test_events_from_a_pipe_are_shown_while_it_is_open():
    process = subprocess.Popen([program("haechi"), "scan", "-"], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, env=environment())
    process.stdin.write(SQL.encode() + b"\n")
    process.stdin.flush()
    assert select.select([process.stdout], [], [], LIMIT)[0], "nothing came while the pipe was open"
    assert json.loads(process.stdout.readline())["rule_id"] == "web_attacks.sql_injection"
    process.stdin.close()
    assert process.wait(timeout=LIMIT) == 0


def test_a_full_disk_is_an_error(log):
    if not pathlib.Path("/dev/full").exists():
        cannot_run("/dev/full is missing", machine=True)
    with open("/dev/full", "w") as full:
        run = subprocess.run([program("haechi"), "scan", log], stdout=full, stderr=subprocess.PIPE,
                             env=environment(), timeout=LIMIT)
    assert run.returncode == 1 and b"No space left on device" in run.stderr


# -- rules

def test_rules_are_listed_for_programs_and_people():
    rules = [json.loads(line) for line in haechi("rules", "list").out.splitlines()]
    assert {"web_attacks.xss", "malware_indicators.persistence_mechanisms"} <= {
        rule["rule_id"] for rule in rules}
    table = haechi("rules", "list", "--output", "table").out.splitlines()
    assert len(table) == len(rules) + 1 and table[0].startswith("RULE ")


def test_the_built_in_rules_are_good():
    haechi("rules", "check", ROOT / "deploy" / "rules")
    assert ", 0 failed" in haechi("rules", "test").out
    haechi("rules", "lint")


def test_mistakes_in_rules_are_all_told(tmp_path):
    good, bad, worse = tmp_path / "good.yaml", tmp_path / "bad.yaml", tmp_path / "worse.yaml"
    rule = ("category: own\nrules:\n  - {{id: x, title: X, threat_level: LOW, confidence: 0.5, "
            "patterns: ['{}'], tests: [{{log: abc, match: {}}}]}}\n")
    good.write_text(rule.format("abc", "true"))
    bad.write_text(rule.format("abc", "false"))
    worse.write_text(rule.format("a(b", "true"))
    run = haechi("rules", "check", bad, good, worse, status=1)
    assert "good.yaml: good" in run.out
    assert [name in line for name, line in zip(("bad.yaml:", "worse.yaml:"), run.err.splitlines())] \
        == [True, True]
    run = haechi("rules", "test", bad, status=1)
    assert "should not match, but does" in run.err and run.out == "0 tests passed, 1 failed\n"
    assert haechi("rules", "test", good).out == "1 tests passed, 0 failed\n"
    run = haechi("rules", "lint", "--no-default-rules", "--rules", good, status=1)
    assert "no test shows a similar log that it leaves alone" in run.err


def test_explain_says_why_and_why_not(tmp_path):
    run = haechi("rules", "explain", "web_attacks.xss", "GET /?q=%3Cscript%3Ealert%281)")
    assert "GET /?q=<script>alert(1)" in run.out and "It fires: message matches" in run.out
    run = haechi("rules", "explain", "web_attacks.xss", "GET /scripts/", status=1)
    assert "It does not fire." in run.out
    assert "decodes     url, html, escapes" in haechi("rules", "explain", "web_attacks.xss").out
    assert "did you mean web_attacks.xss?" in haechi("rules", "explain", "web_attacks.xs",
                                                     status=1).err
    assert "It fires" in haechi("rules", "explain", "web_attacks.xss", "-", stdin=XSS + "\n").out
    file = tmp_path / "own.yaml"
    file.write_text("category: own\nrules:\n  - {id: x, title: X, threat_level: LOW, confidence: 0.5, "
                    "patterns: [abc], unless: [good], where: {logsource: {product: linux}}}\n")
    words = ["rules", "explain", "--rules", file, "own.x"]
    run = haechi(*words, "abc good", "--logsource", "product=linux", status=1)
    assert "pattern 1: found" in run.out and "unless 1: found" in run.out
    run = haechi(*words, "abc", status=1)
    assert "product is linux; of this one it is not said" in run.out
    haechi(*words, "abc", "--logsource", "product=linux")


def test_explain_agrees_with_scan(log):
    rules = [json.loads(line)["rule_id"] for line in haechi("rules", "list").out.splitlines()]
    explained = set()
    for number, line in enumerate(FOUR.splitlines(), 1):
        for rule in rules:
            run = subprocess.run([program("haechi"), "rules", "explain", rule, line],
                                 capture_output=True, text=True, env=environment(), timeout=LIMIT)
            if run.returncode == 0:
                explained.add((number, rule))
    assert explained == found(haechi("scan", log))


# -- correlations

def test_correlations_are_listed_for_programs_and_people():
    rules = [json.loads(line) for line in haechi("correlations", "list").out.splitlines()]
    assert {"brute_force", "success_after_brute_force", "burst"} <= {rule["id"] for rule in rules}
    table = haechi("correlations", "list", "--output", "table").out.splitlines()
    assert len(table) == len(rules) + 1 and table[0].startswith("CORRELATION ")
    assert haechi("correlations", "list", "--no-default-correlations").out == ""


def test_the_built_in_correlations_are_good():
    haechi("correlations", "check", ROOT / "deploy" / "correlations")
    assert ", 0 failed" in haechi("correlations", "test").out


OWN = """id: own
title: Own
correlation: {{type: event_count, rules: [a.b], timespan: 1m, condition: {{gte: {least}}}}}
tests:
  - {{events: [{{at: 0, event_type: a.b, repeat: 2}}], alerts: [{{count: 2}}]}}
"""


def test_mistakes_in_correlations_are_all_told(tmp_path):
    good, bad, worse = (tmp_path / name for name in ("good.yaml", "bad.yaml", "worse.yaml"))
    good.write_text(OWN.format(least=2))
    bad.write_text(OWN.format(least=3))
    worse.write_text(OWN.format(least=20001))
    run = haechi("correlations", "check", good, bad, worse, status=1)
    assert run.err.count("\n") == 1 and f"{worse}:3: rule 'own'" in run.err and "20001" in run.err
    assert run.out.count("good;") == 2
    assert haechi("correlations", "test", good).out == "1 tests passed, 0 failed\n"
    run = haechi("correlations", "test", bad, status=1)
    assert f"{bad}:5: rule 'own': this alert did not come" in run.err
    assert haechi("correlations", "list", HAECHI_CORRELATIONS=str(good)).out.count("\n") == 1


def test_the_examples_of_the_documentation_load_and_come_out(tmp_path):
    pages = [ROOT / "docs" / "correlation-rules.md", ROOT / "docs" / "correlations.md"]
    examples = re.findall(r"```yaml\n(.*?)```", "".join(page.read_text() for page in pages), re.S)
    assert len(examples) >= 3
    for number, text in enumerate(examples):
        file = tmp_path / f"{number}.yaml"
        file.write_text(text)
        assert ", 0 failed" in haechi("correlations", "test", file).out
    named = set(re.findall(r"^## ([a-z_]+(?:, [a-z_]+)*):", pages[1].read_text(), re.M))
    rules = {json.loads(line)["id"] for line in haechi("correlations", "list").out.splitlines()}
    assert {rule for names in named for rule in names.split(", ")} == rules


def test_a_correlation_is_explained():
    text = haechi("correlations", "explain", "success_after_brute_force").out
    assert "brute_force holds: >= 5 events within 1m" in text and "both ends included" in text
    assert "did you mean burst?" in haechi("correlations", "explain", "brust", status=1).err


# -- Kafka

def test_topics_are_made_once_and_differences_told(own_kafka, tmp_path):
    config = tmp_path / "haechi.yaml"
    config.write_text(json.dumps({"kafka": {"bootstrap_servers": own_kafka.address}}))

    def create(*words, status=0):
        lines = haechi("topics", "create", "--config", config, *words, status=status).out
        return {row["topic"]: row for row in map(json.loads, lines.splitlines())}

    planned = create("--dry-run")
    assert {row["status"] for row in planned.values()} == {"would be created"}
    assert not set(planned) & set(own_kafka.admin.list_topics(timeout=LIMIT).topics)
    made = create()
    assert {row["status"] for row in made.values()} == {"created"} and set(made) == set(planned)
    until("all topics are there",
          lambda: set(made) <= set(own_kafka.admin.list_topics(timeout=LIMIT).topics))
    assert {row["status"] for row in create().values()} == {"exists"}
    changed = create("--partitions", 3)
    assert changed["detected-events"]["details"] == "partitions: 12, not 3"
    assert changed["detected-events"]["status"] == "differs"
    assert changed["compliance-findings"]["status"] == "exists"

    from confluent_kafka.admin import ConfigResource, ResourceType
    wanted = {"iocs": ("cleanup.policy", "compact"), "dead-letters": ("max.message.bytes", "4194304")}
    asked = [ConfigResource(ResourceType.TOPIC, name) for name in wanted]
    for resource, answer in own_kafka.admin.describe_configs(asked).items():
        name, value = wanted[resource.name]
        assert answer.result()[name].value == value


def test_a_topic_that_cannot_be_made_fails(own_kafka):
    run = haechi("topics", "create", "-b", own_kafka.address, "--replication", 3, status=1)
    rows = [json.loads(line) for line in run.out.splitlines()]
    assert {row["status"] for row in rows} == {"failed"}
    assert all("eplication" in row["details"] for row in rows)


def test_no_broker_is_told():
    for words in (["topics", "create"], ["events", "tail"], ["alerts", "tail"]):
        run = haechi(*words, "-b", "127.0.0.1:1", status=1)
        assert "127.0.0.1:1" in run.err and "refused" in run.err and run.err.count("\n") == 1


def test_a_cluster_without_a_controller_is_told_at_once():
    """librdkafka's mock cluster names a controller that is none of its brokers."""
    from confluent_kafka import Producer
    mock = Producer({"test.mock.num.brokers": 1})
    [broker] = mock.list_topics(timeout=LIMIT).brokers.values()
    run = haechi("topics", "create", "-b", f"{broker.host}:{broker.port}", status=1)
    assert "none of its brokers is the controller" in run.err and run.err.count("\n") == 1


def test_events_are_shown_once_and_chosen(kafka, topic, log):
    events = topic("events", partitions=3)
    lines = haechi("scan", log).out.splitlines()
    kafka.produce(events, [*lines, "junk"])
    words = ["events", "tail", "-b", kafka.address, "--topic", events, "--no-follow"]
    run = haechi(*words)
    assert sorted(run.out.splitlines()) == sorted(lines)
    assert "passed over: not JSON" in run.err
    chosen = haechi(*words, "--min-level", "critical", "--rule", "web_attacks.sql_injection",
                    "--rule", "web_attacks.xss")
    assert found(chosen) == {(2, "web_attacks.sql_injection")}
    assert len(haechi(*words, "--count", 1).out.splitlines()) == 1
    assert haechi(*words, "--from", "latest").out == ""
    assert len(haechi(*words, "--from", "1h").out.splitlines()) == 3
    assert haechi(*words, "--from", "2100-01-01T00:00:00Z").out == ""
    assert "there is no topic" in haechi(*words, "--topic", "no-such-topic", status=1).err


def topics_of_groups(kafka, known):
    """What groups read that are not among the known: other tests have some too."""
    fresh = {g.group_id for g in kafka.admin.list_consumer_groups().result().valid} - known
    if not fresh:
        return set()
    return {place.topic for described in kafka.admin.describe_consumer_groups(sorted(fresh)).values()
            for member in described.result(LIMIT).members
            for place in member.assignment.topic_partitions}


def test_tail_follows_without_a_group_until_interrupted(kafka, topic, log):
    events = topic("events")
    groups = {group.group_id for group in kafka.admin.list_consumer_groups().result().valid}
    process = subprocess.Popen([program("haechi"), "events", "tail", "-b", kafka.address, "--topic",
                                events, "--from", "earliest"], stdout=subprocess.PIPE,
                               env=environment())
    for line in haechi("scan", log).out.splitlines():
        kafka.produce(events, [line])
        assert select.select([process.stdout], [], [], LIMIT)[0], "nothing came"
        assert process.stdout.readline().decode() == line + "\n"
    assert events not in topics_of_groups(kafka, groups)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=LIMIT) == 0
    assert fired([json.loads(line) for line in haechi("scan", log).out.splitlines()])


# -- alerts

def alert(number, revision, **more):
    digits = f"{number:032x}"
    return {"alert_id": f"SEC-{digits}", "revision": revision, "timestamp": "2026-01-01T00:00:00.000Z",
            "severity": "HIGH", "title": f"Alert {number}", "rule_id": "brute_force",
            "event_count": 5 + revision, "count_exact": True, "tenant": "default",
            "status": ["new", "update", "resolved"][revision], "group": {"source_ip": "192.0.2.7"},
            "first_seen": f"2026-01-01T00:0{number}:00.000Z",
            "last_seen": f"2026-01-01T00:0{number}:{revision}0.000Z", **more}


def test_alerts_are_shown_chosen_and_folded(kafka, topic):
    alerts = topic("alerts", partitions=3)
    rows = [alert(2, 0), alert(1, 0, rule_id="event:web_attacks.xss", severity="MEDIUM"), alert(2, 1),
            alert(3, 0, tenant="acme"), alert(2, 2), alert(2, 1)]
    kafka.produce(alerts, [*map(json.dumps, rows), "junk"])
    words = ["alerts", "tail", "-b", kafka.address, "--topic", alerts]

    def shown(*more):
        return sorted((int(row["alert_id"][4:], 16), row["revision"])
                      for row in map(json.loads, haechi(*words, *more).out.splitlines()))

    assert shown("--no-follow") == [(1, 0), (2, 0), (2, 1), (2, 1), (2, 2), (3, 0)]
    assert shown("--latest") == [(1, 0), (2, 2), (3, 0)]
    assert shown("--latest", "--min-level", "high") == [(2, 2), (3, 0)]
    assert shown("--latest", "--tenant", "acme") == [(3, 0)]
    assert shown("--latest", "--rule", "web_attacks.xss") == [(1, 0)]
    assert shown("--latest", "--rule", "event:web_attacks.xss", "--count", "1") == [(1, 0)]
    assert shown("--latest", "--count", "2") == [(2, 2), (3, 0)]
    assert shown("--latest", "--from", "latest") == []
    table = haechi(*words, "--latest", "--output", "table")
    assert re.search(r"resolved +7 +192.0.2.7 +Alert 2", table.out) and "update" not in table.out
    assert "passed over: not JSON" in table.err
