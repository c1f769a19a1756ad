"""`haechi`, the command line, as its users meet it: usage, help, manual pages, completion."""

import os
import re
import subprocess

import pytest
from cli import environment, haechi
from servers import LIMIT, ROOT, need, program

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
    (["alerts", "tail", "--severity", "huge"], "it may be low, medium, high or critical"),
    (["correlations", "check"], "FILE… is missing"),
    (["windows", "show", "mary", "--correlations", "/nosuch"], "/nosuch"),
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


def roff(text):
    text = text.replace("\\", "\\e").replace("…", "...")
    return "\\&" + text if text[:1] in "." + "'" else text


def described(text):
    """What --help says of a command, as its manual has it; empty: no more than its title."""
    body = text.partition("\nOptions:\n")[0].strip().split("\n\n")[2:]
    return "\n.Pp\n".join(roff(" ".join(paragraph.split())) for paragraph in body)


def options_of(text):
    """The options that --help names, as manuals have them."""
    lines = [".Bl -tag -width Ds"]
    part = text.partition("\nOptions:\n")[2].partition("\n\n")[0]
    for letter, name, value, says in re.findall(
            r"^  (?:-(.), |    )--([a-z-]+)(?: (\S+))?((?: .*|\n {20}.*)(?:\n {20}.*)*)", part, re.M):
        says = " ".join(says.split())
        lines += [".It " + (f"Fl {letter} , " if letter else "") + f"Fl -{name}" +
                  (f" Ar {roff(value)}" if value else ""), roff(says[0].upper() + says[1:] + ".")]
    return "\n".join([*lines, ".El\n"])


@pytest.mark.parametrize("page, commands", [
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
def test_manual_says_what_help_says(page, commands):
    path = ROOT / "docs" / "man" / f"{page}.1"
    head, *parts = re.split(r"^(?=\.S[sh] )", path.read_text(), flags=re.M)
    places = [i for i, part in enumerate(parts) if part.startswith(".Ss ")]
    assert len(places) == len(commands)
    for i, command in zip(places, commands):
        text = haechi(*command, "--help").out
        title, rest = parts[i].split("\n", 1)
        says, options = rest.split(".Pp\nThe options are as follows:\n")
        if not says.startswith(described(text)):
            says = described(text) + "\n" + "".join(says.partition(".Pp\n")[1:])
        parts[i] = f"{title}\n{says}.Pp\nThe options are as follows:\n{options_of(text)}"
    wanted = head + "".join(parts)
    if os.environ.get("HAECHI_WRITE_DOCS"):
        path.write_text(wanted)
    assert path.read_text() == wanted, "it differs from --help; HAECHI_WRITE_DOCS=1 writes it anew"


def test_the_first_manual_names_commands_and_options():
    manual = (ROOT / "docs" / "man" / "haechi.1").read_text()
    text = haechi("--help").out
    assert options_of(text) in manual
    names = re.findall(r"^  ([a-z-]+)", text.partition("\nCommands:\n")[2].partition("\n\n")[0], re.M)
    assert sorted(re.findall(r"^\.It Cm ([a-z-]+)$", manual, re.M)) == sorted(names)


@pytest.mark.parametrize("service", ["detector", "correlator", "forwarder", "iocfeed"])
def test_a_workers_manual_names_its_options(service):
    manual = (ROOT / "docs" / "man" / f"haechi-{service}.1").read_text()
    run = subprocess.run([program(f"haechi-{service}"), "--help"], capture_output=True, text=True,
                         timeout=LIMIT)
    assert run.returncode == 0
    assert set(re.findall(r"--[a-z-]+", run.stdout)) == {
        "--" + name for name in re.findall(r"^\.It .*Fl -([a-z-]+)", manual, re.M)}


def offers(*lines):
    """What is offered for the last word of each command line."""
    [bash] = need("bash")
    script = f"""
        PATH={os.path.dirname(program('haechi'))}:$PATH
        source {ROOT}/services/cli/haechi.bash
        offer() {{ COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=(); _haechi; echo "${{COMPREPLY[@]}}"; }}
        {"; ".join("offer haechi " + (line if line[-1] != " " else line + "''") for line in lines)}
    """
    run = subprocess.run([bash, "-c", script], capture_output=True, text=True, env=environment(),
                         timeout=LIMIT, check=True)
    assert run.stderr == ""
    return run.stdout.splitlines()


def test_completion_offers_commands_options_values_and_rules():
    assert offers(" ", "rules l", "scan --fa", "scan --fail-on c", "rules explain web_attacks.x",
                  "events tail -f --no", "correlations explain bru", "alerts tail -l c",
                  "alerts tail -r bur") == [
        "scan rules correlations events alerts ioc windows topics targets deliveries dead-letters "
        "reveal", "list lint", "--fail-on", "critical",
        "web_attacks.xss", "--no-follow", "brute_force", "critical", "burst"]


@pytest.mark.parametrize("words, offered", [
    ("scan --format ", "auto json clf syslog plain"),
    ("scan -f j", "json"),
    ("scan --min-level ", "low medium high critical"),
    ("scan -o ", "auto json table"),
    ("rules explain --format c", "clf"),
    ("ioc export --format ", "json csv stix txt"),
    ("ioc export -f s", "stix"),
    ("ioc import --format ", "json csv txt stix taxii misp misp_rest otx tor"),
    ("ioc import --type ", "ip domain url hash email"),
    ("events tail --level ", "low medium high critical"),
    ("events tail --rule web_attacks.x", "web_attacks.xss"),
    ("events tail --from ", "earliest latest 15m 1h 1d"),
    ("alerts tail --severity h", "high"),
    ("alerts tail -l m", "medium"),
    ("alerts tail --tenant ", ""),
    ("dead-letters list --since ", "earliest latest 15m 1h 1d"),
    ("deliveries -f --de", "--dead"),
    ("ioc check -l --li", "--listed"),
    ("topics create --config ", ""),
])
def test_completion_offers_the_values_that_help_names(words, offered):
    assert offers(words) == [offered]


def test_the_version_is_the_projects():
    version = re.search(r"VERSION (\d+\.\d+\.\d+)", (ROOT / "CMakeLists.txt").read_text())[1]
    assert haechi("--version").out == f"haechi {version}\n"
