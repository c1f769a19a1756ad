"""The built-in rules find what the table of patterns that they come from finds, log by log.

That table (tests/data/first_rules.json) is evaluated here with Python's own `re`, for which it was written;
`haechi scan` reads the same logs with the rule files of deploy/rules. With decoding off the sets of
event types must be equal.
"""

import json
import pathlib
import random
import re
import subprocess

import pytest

from servers import LIMIT, program

ROOT = pathlib.Path(__file__).parents[2]
TABLE = json.loads((ROOT / "tests/data/first_rules.json").read_text())
COUNT = 4000

# Logs that the table was written for.
EXAMPLES = [
    "GET /login?user=admin' OR '1'='1",
    "SELECT * FROM users WHERE id=1 UNION SELECT password FROM admin",
    "<script>alert('xss')</script>",
    "../../../etc/passwd",
    "; rm -rf /",
    "nmap scan detected",
    "failed login attempt for root",
    "powershell.exe -enc SQBFAFgA",
    "schtasks /create /tn evil",
    "GET /index.html HTTP/1.1",
]

# What the patterns are made of, so that logs often nearly match.
WORDS = """union select from drop table or and 1 1=1 ' = ; exec execute ( ) sp_executesql <script
    </script> > < javascript: vbscript: onload onclick onerror onmouseover alert confirm prompt eval
    ../ ..\\ .. %2f ..%2f %2e%2e%5c php:// file:// data:// expect:// rm del format shutdown ` $( | cat
    type more less head tail && net user port scan nmap masscan zmap connection refused timeout multiple
    failed login authentication invalid password attempts too many powershell -enc -e SQBF+/= cmd.exe
    cmdXexe echo copy system32 certutil -decode bitsadmin transfer schtasks create at 12: reg add run
    startup folder autorun winlogon GET /index.html HTTP/1.1 200 https://example.com admin""".split()
BLANKS = ["", " ", " ", " ", "  ", "\t", "\v", "\f", "\r", "\n", "\x1c", "\x85", "\0"]


def ascii_only(text):
    return text.encode("ascii", "ignore").decode()


def random_case(rng, word):
    return "".join(rng.choice([c.lower(), c.upper()]) for c in word) if rng.random() < 0.3 else word


def near_miss(rng):
    """The text of some pattern with its syntax taken for what it may stand for."""
    attacks = rng.choice(list(TABLE.values()))
    pattern = rng.choice(rng.choice(list(attacks.values()))["patterns"])
    text = rng.choice(pattern.replace("(?i)", "").strip("()").split("|"))
    text = text.replace("\\s+", rng.choice(BLANKS)).replace("\\s*", rng.choice(BLANKS))
    text = text.replace("\\d+", "22").replace(".*?", rng.choice(["", "x", "\n"]))
    text = text.replace(".*", rng.choice(["", " x ", "\n"]))
    return random_case(rng, re.sub(r"\\(.)", r"\1", text))


def made_log(rng):
    if rng.random() < 0.4:
        return "x " + near_miss(rng) + rng.choice(["", " y", "multiple", "("])
    words = (random_case(rng, rng.choice(WORDS)) + rng.choice(BLANKS)
             for _ in range(rng.randint(1, 14)))
    return "".join(words)


def logs():
    rng = random.Random(20261124)
    made = EXAMPLES + [ascii_only(made_log(rng)) for _ in range(COUNT)]
    return [text for text in made if text]


def by_table(message):
    return {
        f"{category}.{attack}"
        for category, attacks in TABLE.items()
        for attack, rule in attacks.items()
        if any(re.search(pattern, message, re.ASCII) for pattern in rule["patterns"])
    }


def by_scan(messages, rules, folder):
    """Event types by log, as `haechi scan` finds them."""
    path = folder / "logs.json"
    path.write_text("".join(
        json.dumps({"host": f"log-{i}", "message": text}) + "\n" for i, text in enumerate(messages)))
    options = [word for file in rules for word in ("--rules", file)]
    done = subprocess.run(
        [program("haechi"), "scan", "--format", "json", "--output", "json", "--no-default-rules",
         *options, path], capture_output=True, text=True, timeout=LIMIT)
    assert done.returncode == 0, done.stderr
    found = [set() for _ in messages]
    for line in done.stdout.splitlines():
        event = json.loads(line)
        if "event_type" in event:
            found[int(event["host"].removeprefix("log-"))].add(event["event_type"])
    return found


def undecoded(folder):
    """An overlay that switches decoding off."""
    path = folder / "undecoded.json"
    path.write_text(json.dumps([
        {"category": category, "rules": [{"id": attack, "decode": []} for attack in attacks]}
        for category, attacks in TABLE.items()]))
    return path


@pytest.mark.parametrize("rules", [
    pytest.param(ROOT / "deploy/rules/builtin.yaml", id="builtin"),
    pytest.param(ROOT / "tests/data/first_rules.json", id="older-form"),
])
def test_event_types_are_those_of_the_table(rules, tmp_path):
    messages = logs()
    want = [by_table(text) for text in messages]
    got = by_scan(messages, [rules, undecoded(tmp_path)], tmp_path)

    # The logs are worth something only if each type is found, and many logs are of none.
    assert len(set().union(*want)) == 8
    assert sum(not types for types in want) > len(messages) // 10
    wrong = [(text, w, g) for text, w, g in zip(messages, want, got) if w != g]
    assert not wrong, f"{len(wrong)} of {len(messages)} logs differ, as {wrong[0]!r}"
