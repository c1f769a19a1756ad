"""`haechi rules` and `haechi correlations`."""

import json
import re
import subprocess

from cli import FOUR, XSS, environment, found, haechi
from servers import LIMIT, ROOT, program


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
    worse.write_text("category: own\nrules:\n  - {id: x, threat_level: HUGE, patterns: ['a(b']}\n"
                     "  - {id: y, threat_level: LOW, patterns: ['a*'], lable: x}\n")
    run = haechi("rules", "check", worse, status=1)
    assert run.err.count("worse.yaml:3: rule 'own.x'") == 2
    assert run.err.count("worse.yaml:4: rule 'own.y'") == 2
    run = haechi("rules", "test", bad, status=1)
    assert "should not match, but does" in run.err and run.out == "0 tests passed, 1 failed\n"
    assert haechi("rules", "test", good).out == "1 tests passed, 0 failed\n"
    run = haechi("rules", "lint", "--no-default-rules", "--rules", good, status=1)
    assert "no test shows a similar log that it leaves alone" in run.err


def test_a_place_without_rules_or_tests_is_no_success(tmp_path):
    folder, empty, bare = tmp_path / "rules", tmp_path / "empty.yaml", tmp_path / "bare.yaml"
    (folder / "sub").mkdir(parents=True)
    rule = "category: own\nrules: [{id: x, threat_level: LOW, patterns: [abc]}]\n"
    (folder / "sub" / "mine.yaml").write_text(rule)
    empty.write_text("")
    bare.write_text(rule)
    for command in ("check", "test"):
        for path, said in ((folder, "holds no rule files (.yaml, .yml, .json); subfolders are not read"),
                           (empty, "holds no rule")):
            run = haechi("rules", command, path, status=1)
            assert f"{path}: {said}\n" in run.err and "good" not in run.out
    run = haechi("rules", "test", bare, status=1)
    assert f"{bare}: no rule there has a test that could be run" in run.err
    haechi("rules", "check", bare)


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
    assert run.out.count("good\n") == 2
    assert haechi("correlations", "test", good).out == "1 tests passed, 0 failed\n"
    run = haechi("correlations", "test", bad, status=1)
    assert f"{bad}:5: rule 'own': this alert did not come" in run.err
    assert haechi("correlations", "list", HAECHI_CORRELATIONS=str(good)).out.count("\n") == 1


def test_correlation_files_are_checked_together_and_all_their_rules(tmp_path):
    count, outer, two = (tmp_path / name for name in ("count.yaml", "outer.yaml", "two.yaml"))
    count.write_text(OWN.format(least=2))
    outer.write_text("{id: outer, title: T, correlation: {type: temporal, rules: [own, a.b], "
                     "timespan: 1m}}\n")
    two.write_text("- {id: one, title: T, mode: loud}\n- {id: two, title: T}\n"
                   "- {id: own, title: T, mode: alert}\n")
    out = haechi("correlations", "check", count, outer).out
    assert out.count("good\n") == 2 and "in force with them" in out
    run = haechi("correlations", "check", outer, status=1)
    assert f"{outer}:1: rule 'outer': rules names 'own'" in run.err
    run = haechi("correlations", "check", count, two, status=1)
    assert run.err.count("\n") == 2 and f"{two}:1: rule 'one'" in run.err
    assert f"{two}:2: rule 'two'" in run.err


def test_a_name_near_that_of_a_rule_is_noted(tmp_path):
    own = tmp_path / "own.yaml"
    rule = OWN.format(least=2)
    own.write_text(rule.replace("[a.b]", "[web_atacks.xss, web_attacks.xss, mine.own, web_atacks.*]"))
    noted = [line for line in haechi("correlations", "check", own).out.splitlines() if "mean" in line]
    assert noted == [f"{own}:1: rule 'own': no built-in rule makes 'web_atacks.xss'; did you mean "
                     "'web_attacks.xss'?"]


def test_correlation_files_without_a_rule_or_test_are_no_success(tmp_path):
    folder, empty, untested = tmp_path / "folder", tmp_path / "empty.yaml", tmp_path / "own.yaml"
    folder.mkdir()
    empty.write_text("# nothing\n")
    untested.write_text(OWN.format(least=2).partition("tests:")[0])
    for path in (folder, empty, "/dev/null"):
        assert "holds no rule" in haechi("correlations", "check", path, status=1).err
    assert "no rule there has a test" in haechi("correlations", "test", untested, status=1).err
    # What changes a built-in rule is what that rule's tests are for.
    untested.write_text("{id: burst, mode: alert}\n")
    assert not haechi("correlations", "test", untested).out.startswith("0 tests")


def test_the_examples_of_the_documentation_load_and_come_out(tmp_path):
    pages = [ROOT / "docs" / "correlation-rules.md", ROOT / "docs" / "correlations.md"]
    examples = re.findall(r"```yaml\n(.*?)```", "".join(page.read_text() for page in pages), re.S)
    assert len(examples) >= 3
    for number, text in enumerate(examples):
        file = tmp_path / f"{number}.yaml"
        file.write_text(text)
        haechi("correlations", "check", file)
        if "tests:" in text:
            assert ", 0 failed" in haechi("correlations", "test", file).out
    named = set(re.findall(r"^## ([a-z_]+(?:, [a-z_]+)*):", pages[1].read_text(), re.M))
    rules = {json.loads(line)["id"] for line in haechi("correlations", "list").out.splitlines()}
    assert {rule for names in named for rule in names.split(", ")} == rules


def test_what_a_correlation_is_without_is_explained(tmp_path):
    rules = tmp_path / "own.yaml"
    rules.write_text(
        "- {id: many, title: T, correlation: {type: event_count, rules: [a.b], group-by: [ip], "
        "aliases: {ip: {a.b: target_ip}}, timespan: 1m, condition: {gte: 5}}}\n"
        "- {id: outer, title: T, generate: false, correlation: {type: temporal, rules: [many, "
        "c.d], group-by: [ip], aliases: {ip: {c.d: source_ip}}, timespan: 1m}}\n")
    text = haechi("correlations", "explain", "many", "--correlations", rules).out
    assert "mode off" in text and "ip is target_ip of a.b" in text
    assert "none of its own: outer names it and says generate: false" in text
    text = haechi("correlations", "explain", "outer", "--correlations", rules).out
    assert "ip is source_ip of c.d" in text and "none of its own" not in text


def test_a_correlation_is_explained():
    text = haechi("correlations", "explain", "success_after_brute_force").out
    assert "brute_force holds: >= 5 events within 1m" in text and "both ends included" in text
    assert "did you mean burst?" in haechi("correlations", "explain", "brust", status=1).err
