"""Workers before they work: their command lines, and what `--check` finds wrong."""

import subprocess

import pytest

from receivers import make_certificate
from servers import LIMIT, program

WORKERS = ["detector", "correlator", "forwarder", "iocfeed"]


def run(worker, *arguments, stdout=subprocess.PIPE):
    return subprocess.run([program(f"haechi-{worker}"), *map(str, arguments)], stdout=stdout,
                          stderr=subprocess.PIPE, text=True, timeout=LIMIT)


def check(worker, folder, settings, *arguments):
    file = folder / "haechi.yaml"
    file.write_text(settings)
    return run(worker, "-c", file, *arguments, "--check")


@pytest.mark.parametrize("worker", WORKERS)
@pytest.mark.parametrize("arguments, said", [
    (["--confg", "x"], "--confg is not an option; did you mean --config?"),
    (["-x"], "-x is not an option"),
    (["word"], "word is not an option"),
    (["--check=1"], "--check takes no value"),
    (["--config", ""], "--config wants a value"),
    (["--config", "--check"], "--config wants a value"),
    (["-c"], "--config wants a value"),
], ids=lambda value: " ".join(value) if isinstance(value, list) else "")
def test_wrong_usage_is_told_with_what_was_meant(worker, arguments, said):
    done = run(worker, *arguments)
    assert done.returncode == 2
    assert done.stderr == f"haechi-{worker}: {said} (haechi-{worker} --help shows what there is)\n"


@pytest.mark.parametrize("option", ["--help", "-h", "--version", "--print-config"])
def test_output_that_cannot_be_written_is_no_success(option):
    assert run("detector", option).returncode == 0
    with open("/dev/full", "w") as full:
        done = run("detector", option, stdout=full)
    assert done.returncode == 1
    assert "cannot write the output" in done.stderr


def test_a_check_whose_answer_cannot_be_written_is_no_success():
    with open("/dev/full", "w") as full:
        assert run("detector", "--check", stdout=full).returncode == 1


@pytest.mark.parametrize("worker", ["detector", "iocfeed"])
def test_the_files_of_kafka_properties_are_read_by_a_check(worker, tmp_path):
    done = check(worker, tmp_path, "kafka:\n  properties:\n    security.protocol: ssl\n"
                                   "    ssl.ca.location: /nowhere/ca.pem\n")
    assert done.returncode == 2
    assert "kafka.properties.ssl.ca.location is '/nowhere/ca.pem'" in done.stderr


SPLUNK = "forwarder:\n  targets:\n  - {{name: here, type: splunk, url: 'https://x', token: t, " \
         "tls: {{{}}}}}\n"


def test_the_certificates_of_targets_are_read_by_a_check(tmp_path):
    key, certificate = make_certificate(tmp_path)
    good = f"ca_file: {certificate}, certificate_file: {certificate}, key_file: {key}"
    assert check("forwarder", tmp_path, SPLUNK.format(good)).returncode == 0
    for files, said in [
            ("ca_file: /nowhere", "target 'here': tls.ca_file: cannot read /nowhere: No such file"),
            (f"ca_file: {key}", f"tls.ca_file: {key} holds no certificates (PEM)"),
            (f"certificate_file: {key}, key_file: {key}",
             f"tls.certificate_file: {key} holds no certificate (PEM)"),
            (f"certificate_file: {certificate}, key_file: {certificate}",
             f"tls.key_file: {certificate} holds no key (PEM) of that certificate")]:
        done = check("forwarder", tmp_path, SPLUNK.format(files))
        assert done.returncode == 2, files
        assert said in done.stderr, done.stderr


def test_the_kafka_of_a_target_is_checked_too(tmp_path):
    done = check("forwarder", tmp_path,
                 "forwarder:\n  targets:\n  - {name: there, type: kafka, topic: t, brokers: 'b:9092',"
                 " properties: {security.protocol: ssl, ssl.ca.location: /nowhere}}\n")
    assert done.returncode == 2
    assert "target 'there'" in done.stderr and "ssl.ca.location is '/nowhere'" in done.stderr


def test_a_forwarder_without_the_target_it_is_to_run_is_refused_by_a_check(tmp_path):
    done = run("forwarder", "--check")
    assert (done.returncode, done.stderr) == (
        2, "haechi-forwarder: forwarder.targets is empty; it must name at least one target\n")
    assert check("forwarder", tmp_path, SPLUNK.format("")).returncode == 0
    assert check("forwarder", tmp_path, SPLUNK.format(""), "--target", "here").returncode == 0
    done = check("forwarder", tmp_path, SPLUNK.format(""), "--target", "there")
    assert (done.returncode, done.stderr) == (
        2, "haechi-forwarder: forwarder.targets has no target called 'there'\n")
