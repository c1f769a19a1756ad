"""The forwarder with PagerDuty and Slack: stubs by their documentation (receivers.py names the pages)."""

import json
import time

import pytest
from receivers import PagerDutyStub, SlackStub
from test_targets import HOSTILE, alert, alerts, ids


def test_each_alert_is_a_page_within_pagerdutys_bounds(lane):
    some = [alert(n, (HOSTILE[n % len(HOSTILE)] * 400)[:3000]) for n in range(24)]
    with PagerDutyStub() as pagerduty:
        one = lane({"type": "pagerduty", "url": pagerduty.url, "routing_key": "r0uting"})
        one.send(some)
        one.assert_delivered(some)
        assert set(pagerduty.alerts) == set(ids(some))
        for request in pagerduty.requests:
            event = request.json()
            assert len(event["dedup_key"]) <= 255 and 0 < len(event["payload"]["summary"]) <= 1024
            assert event["payload"]["severity"] in ("critical", "error", "warning", "info")
            assert event["payload"]["custom_details"]["alert_id"] == event["dedup_key"]


def test_pagerduty_out_of_breath_is_waited_for_and_a_wrong_key_holds(lane):
    some = alerts(6)
    with PagerDutyStub(key="another") as pagerduty:
        one = lane({"type": "pagerduty", "url": pagerduty.url, "routing_key": "r0uting"})
        one.send(some[:3])
        one.await_trouble("Invalid routing key")
        assert "r0uting" not in one.forwarder.readyz()[1] and one.dead() == set()
        pagerduty.key = "r0uting"
        one.assert_delivered(some[:3])
        answer, replies = pagerduty.answer, [(429, b"", {"Retry-After": "1"}), (500, b"", {}),
                                             (502, b"<html>", {})]
        pagerduty.answer = lambda request: replies.pop() if replies else answer(request)
        one.send(some[3:])
        one.assert_delivered(some)
        assert set(pagerduty.alerts) == set(ids(some)) and one.dead() == set()


def test_an_event_that_pagerduty_never_takes_is_dead_alone(lane):
    some = alerts(5)
    guilty = some[2]["alert_id"]
    with PagerDutyStub() as pagerduty:
        answer = pagerduty.answer
        pagerduty.answer = lambda request: (
            (400, {"status": "invalid event", "errors": ["'payload.timestamp' is invalid"]}, {})
            if request.json()["dedup_key"] == guilty else answer(request))
        one = lane({"type": "pagerduty", "url": pagerduty.url, "routing_key": "r0uting"})
        one.send(some)
        status = one.statuses(some)
        assert {a for a, s in status.items() if s == "dead"} == {guilty} == one.dead()
        assert set(pagerduty.alerts) == set(ids(some)) - {guilty}


def test_slack_gets_a_message_a_second_with_all_alerts_in_it(lane):
    # What an attacker may write into every field at once, so that a section is as long as it gets.
    long = ["&" * 3000, "<!channel>" * 300, "한" * 3000]
    some = [alert(n, long[n % 3], source_ip=long[n % 3], target_ip=long[n % 3], host=long[n % 3])
            for n in range(25)]
    with SlackStub() as slack:
        answer, at = slack.answer, []

        def timed(request):
            at.append(time.monotonic())
            return answer(request)
        slack.answer = timed
        one = lane({"type": "slack", "url": slack.url})
        began = time.monotonic()
        one.send(some)
        one.assert_delivered(some)
        told = json.dumps(slack.messages)
        assert all(told.count(i) == 1 for i in ids(some))
        assert all(len(message["blocks"]) <= 10 for message in slack.messages)
        # Each may have been on its way for long, but none came before its time.
        assert len(at) > 2 and all(moment - began > 0.99 * n for n, moment in enumerate(at))
        assert one.dead() == set()


@pytest.mark.parametrize("status,words", [(403, b"action_prohibited"), (404, b"no_service"),
                                          (410, b"channel_is_archived")])
def test_a_channel_that_is_gone_holds_the_lane(lane, status, words):
    some = alerts(3)
    with SlackStub() as slack:
        answer = slack.answer
        slack.answer = lambda request: (status, words, {})
        one = lane({"type": "slack", "url": slack.url})
        one.send(some)
        one.await_trouble(words.decode())
        slack.answer = answer
        one.assert_delivered(some)
        assert one.dead() == set()
