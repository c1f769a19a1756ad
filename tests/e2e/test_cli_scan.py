"""`haechi scan`: what it prints, where, and its exit status."""

import gzip
import json
import os
import pathlib
import re
import select
import subprocess

import pytest
from cli import EVENTS, FOUR, SCAN, SQL, Terminal, environment, found, haechi
from servers import LIMIT, cannot_run, need, program, until


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



def test_a_summary_counts_what_it_does_not_tell_apart(tmp_path):
    file = tmp_path / "many.log"
    file.write_text("".join(
        f'{{"message": "1 UNION SELECT 1", "client_ip": "10.{n >> 16}.{n >> 8 & 255}.{n & 255}"}}\n'
        for n in range(100_003)))
    summary = json.loads(haechi("scan", "--format", "json", "--summary", file).out)
    assert summary["top_sources_not_told_apart"] == 3 and "event_types_not_told_apart" not in summary
    table = haechi("scan", "--format", "json", "--summary", "--output", "table", file).out
    assert re.search(r"\b3  of others than the first 100000, not told apart\n", table)


def test_a_line_of_one_mebibyte_is_read(tmp_path):
    file = tmp_path / "long"
    file.write_text("nmap " + "x" * ((1 << 20) - 5) + "\n")
    assert found(haechi("scan", "--format", "plain", file)) == {(1, "network_attacks.port_scan")}


@pytest.mark.parametrize("words, status", [
    (["--fail-on", "critical"], 3), (["--fail-on", "LOW"], 3), ([], 0),
    (["--fail-on", "critical", "--min-level", "critical"], 3)])
def test_fail_on_sets_the_status(log, words, status):
    haechi("scan", *words, log, status=status)


def test_fail_on_is_about_events_that_are_there(tmp_path):
    (tmp_path / "a").write_text(SCAN + "\n")
    haechi("scan", "--fail-on", "high", tmp_path / "a", status=0)
    haechi("scan", "--fail-on", "medium", "--min-level", "high", tmp_path / "a", status=3)


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
        assert plain[0].startswith("TIME" if width >= 80 else "LEVEL")
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


def test_indicators_of_a_feed_file_are_looked_for(tmp_path):
    feed, log = tmp_path / "level1.netset", tmp_path / "log"
    feed.write_text("# ipv4 hash:net ipset\n10.0.0.0/8\n198.18.0.0/15\n203.0.113.0/24\nwords\n"
                    "words\nwords\nwords\n")
    log.write_text("".join(f"Jan  1 00:00:00 h app: from {address}\n"
                           for address in ("10.1.2.3", "198.18.0.1", "203.0.113.9")))

    def seen(*words):
        events = map(json.loads, haechi("scan", "--iocs", feed, *words, log).out.splitlines())
        return [event["origin"]["offset"] for event in events]

    assert seen() == [3]
    assert seen("--allow-private") == [1, 2, 3]
    feed.write_text("words\n")
    assert "none of its 1 rows is an indicator" in haechi("scan", "--iocs", feed, log, status=2).err


def test_alerts_over_several_logs_of_one_day_are_those_of_one(tmp_path):
    """Failures of one address, of which each of two servers has every other one."""
    servers = [[], []]
    for burst in range(4):
        for n in range(6):
            servers[n % 2].append(
                f"2026-02-03T{6 * burst:02d}:00:{5 * n:02d}Z gate{n % 2} sshd[9]: Failed password for "
                "root from 203.0.113.9 port 22 ssh2\n")
    for n, lines in enumerate(servers):
        (tmp_path / f"{n}.log").write_text("".join(lines))
    (tmp_path / "all.log").write_text("".join(sorted(sum(servers, []))))

    def shown(*names):
        done = haechi("scan", "--alerts", "--output", "json", *(str(tmp_path / n) for n in names))
        assert done.returncode == 0 and not done.stderr, done.stderr
        return [(a["correlation_id"], a["first_seen"], a["event_count"]) for a in
                map(json.loads, done.stdout.splitlines()) if a["correlation_id"]]
    want = shown("all.log")
    assert [count for rule, _, count in want if rule == "brute_force"] == [6] * 4
    assert shown("0.log", "1.log") == shown("1.log", "0.log") == want
