"""The systemd units: they are what systemd takes, and fit the programs and their settings."""

import re
import shutil
import subprocess

import pytest

from servers import LIMIT, ROOT, program

UNITS = sorted((ROOT / "deploy" / "systemd").glob("*.service"))


def keys(unit):
    return [tuple(line.split("=", 1)) for line in unit.read_text().splitlines()
            if "=" in line and line[0].isalpha()]


def test_each_worker_has_a_unit_and_all_are_confined_alike():
    assert [unit.stem for unit in UNITS] == [
        f"haechi-{name}" for name in ("correlator", "detector", "forwarder", "iocfeed")]
    own = {"Description", "Documentation", "ExecStartPre", "ExecStart", "ExecReload",
           "LogsDirectory", "LimitNOFILE"}
    [one] = {tuple(pair for pair in keys(unit) if pair[0] not in own) for unit in UNITS}
    assert ("DynamicUser", "yes") in one and ("ProtectSystem", "strict") in one


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_a_unit_fits_its_program(unit):
    run = subprocess.run([program(unit.stem), "--help"], capture_output=True, text=True, timeout=LIMIT)
    pairs = keys(unit)
    settings = subprocess.run([program(unit.stem), "--print-config"], capture_output=True, text=True,
                              env={"HAECHI_CONFIG": ""}, timeout=LIMIT).stdout
    [shutdown] = {int(seconds) for seconds in re.findall(r"timeout: \"?(\d+)s", settings[
        settings.index("shutdown"):])[:1]}
    assert int(dict(pairs)["TimeoutStopSec"].removesuffix("s")) > shutdown
    assert dict(pairs)["ExecStart"] == unit.stem
    reloads = [value for key, value in pairs if key == "ExecReload"]
    assert reloads == ([f"{unit.stem} --check", "kill -HUP $MAINPID"] if "SIGHUP" in run.stdout else [])


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not here")
@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_systemd_takes_a_unit(unit, tmp_path):
    copy = tmp_path / unit.name
    copy.write_text(re.sub(r"=(haechi-\w+)", lambda name: f"={program(name[1])}", unit.read_text()))
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", copy], capture_output=True,
                          text=True, timeout=LIMIT)
    assert done.returncode == 0 and str(copy.name) not in done.stderr, done.stderr
