"""`haechi targets test` shows what is sent and what comes back, whichever way a target takes."""

import json
import socket
import threading

import pytest
from cli import haechi
from receivers import HecStub


def tried(tmp_path, target, status=0):
    config = tmp_path / "haechi.yaml"
    config.write_text(json.dumps({"forwarder": {"targets": [{"name": "siem", **target}]}}))
    lines = haechi("targets", "test", "siem", "-c", config, status=status).out.splitlines()
    return ([line[2:] for line in lines if line[:2] == "> "],
            [line[2:] for line in lines if line[:2] == "< "])


@pytest.mark.parametrize("kind, start", [("qradar", "LEEF:2.0|"), ("arcsight", "CEF:0|"),
                                         ("syslog", "{")])
def test_a_record_is_shown_as_it_travels(tmp_path, kind, start):
    got = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        def take():
            connection, _ = server.accept()
            while part := connection.recv(65536):
                got.append(part)
        taker = threading.Thread(target=take)
        taker.start()
        port = server.getsockname()[1]
        sent, said = tried(tmp_path, {"type": kind, "host": "127.0.0.1", "port": port,
                                      "transport": "tcp"})
        taker.join()
    assert sent[0] == f"by TCP to 127.0.0.1, port {port}"
    [record] = sent[1:]
    assert "<13>" in record.split(start)[0] and start in record and "Haechi test alert" in record
    assert b"Haechi test alert" in b"".join(got)
    assert ": delivered" in said[0] and len(said) == 1


def test_a_packed_body_is_shown_unpacked_and_the_reply_too(tmp_path):
    with HecStub() as stub:
        sent, said = tried(tmp_path, {"type": "splunk", "url": stub.url, "token": stub.token})
        assert sent[0].startswith("POST " + stub.url) and "Content-Encoding: gzip" in sent
        assert json.loads(sent[-1])["event"]["title"] == "Haechi test alert"
        assert said[0].endswith(": delivered, HTTP 200") and json.loads(said[1])["code"] == 0
        assert stub.token not in "".join(sent + said)
        stub.token = "another"
        sent, said = tried(tmp_path, {"type": "splunk", "url": stub.url, "token": "t0ken"}, status=1)
        assert "HTTP 40" in said[0] and "nvalid token" in said[0] and len(said) == 1
