"""A real sshd attacked by a real hydra, through rsyslog, Kafka, detector and correlator."""

import datetime
import getpass
import subprocess

import alerts
from servers import LIMIT, need, until


def moment(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def test_guessing_passwords_and_then_a_log_in_are_one_alert_each(
        kafka, topic, detectors, correlators, sshd, rsyslog, tmp_path):
    [hydra] = need("hydra")
    logs, me = topic("auth"), getpass.getuser()
    correlator = correlators(settle="1s", update_every="1s")
    detector = detectors(logs, format="auto", settings={
        "topics": {"detected_events": correlator.events_topic}})
    rsyslog(sshd.log_file, logs, tag="sshd[4711]:",
            template="%TIMESTAMP:::date-rfc3339% %HOSTNAME% %syslogtag% %msg%")
    passwords = tmp_path / "passwords"
    passwords.write_text("".join(f"guess{n}\n" for n in range(7)))
    began = datetime.datetime.now().timestamp()
    subprocess.run([hydra, "-I", "-t", "1", "-l", me, "-P", passwords,
                    f"ssh://127.0.0.1:{sshd.port}"],
                   capture_output=True, timeout=LIMIT, cwd=tmp_path)
    assert sshd.log_in(me), sshd.text()[-2000:]
    ended = datetime.datetime.now().timestamp() + 1

    def both():
        kafka.wait_done(detector.group, logs)
        kafka.wait_done(correlator.group, correlator.events_topic)
        opened = [a for a in alerts.alerts_of(kafka, correlator) if a["revision"] == 0]
        rules = sorted(a["rule_id"] for a in opened)
        assert rules == ["brute_force", "success_after_brute_force"], rules
        return {a["rule_id"]: a for a in opened}

    found = until("one alert of each", both)
    for alert in found.values():
        assert alert["source_ip"] == "127.0.0.1" and alert["user"] == me
        assert began - 1 <= moment(alert["first_seen"]) <= moment(alert["last_seen"]) <= ended
    assert found["brute_force"]["event_count"] >= 5
    assert found["success_after_brute_force"]["severity"] == "CRITICAL"
