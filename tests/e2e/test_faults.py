"""Every kind of HTTP target behind a line that fails: by identity, all alerts arrive, none is dead for
it, and there are doubles only where the target has no id to refuse them."""

import json
import re
from collections import Counter

import pytest
from receivers import HecStub, PagerDutyStub, SentinelStub, SlackStub, Stub
from test_bulk import BulkStub
from test_targets import alerts, ids

FAULTS = [Stub.RESET, Stub.NEVER, Stub.DRIP]


class Taker(Stub):
    """Keeps the ids of what comes, line by line or item by item: a line may hold its id twice."""

    def __init__(self):
        super().__init__()
        self.got = []

    def answer(self, request):
        text = request.body.decode()
        parts = [json.dumps(event) for event in json.loads(text)["events"]] if '{"events"' in text \
            else text.rstrip("\n").split("\n")
        self.got += [re.search(r"SEC-[0-9a-f]{32}", part)[0] for part in parts]
        return 200, b"", {}


def of_splunk(stub):
    return [event["fields"]["alert_id"] for event in stub.events()]


def of_slack(stub):
    return re.findall(r"SEC-[0-9a-f]{32}", json.dumps(stub.messages))


KINDS = {
    "splunk": (HecStub, {"token": "t0ken"}, of_splunk),
    "sentinel": (SentinelStub, {"rule_id": "dcr-00ff", "tenant_id": "t", "client_id": "c",
                                "client_secret": "s3cret"},
                 lambda stub: [row["AlertId"] for row in stub.rows]),
    "elasticsearch": (BulkStub, {}, lambda stub: [i[:36] for i in stub.documents]),
    "pagerduty": (PagerDutyStub, {"routing_key": "r0uting"}, lambda stub: list(stub.alerts)),
    "slack": (SlackStub, {"max_rate": 5}, of_slack),
    "http": (Taker, {}, lambda stub: stub.got),
    "webhook": (Taker, {"type": "http", "mode": "webhook", "secret": "whsec_" + "c2VjcmV0" * 4},
                lambda stub: [r.headers["webhook-id"][:36] for r in stub.requests]),
    "qradar": (Taker, {"transport": "http"}, lambda stub: stub.got),
    "arcsight": (Taker, {"transport": "http", "form": "json"}, lambda stub: stub.got),
}
REFUSE_DOUBLES = {"elasticsearch", "pagerduty"}


@pytest.mark.parametrize("kind", KINDS)
def test_faults_of_the_line_cost_no_alert(lane, kind, record_property):
    make, options, got = KINDS[kind]
    some = alerts(12)
    with make() as stub:
        address = {"endpoint": stub.url, "authority": stub.url} if kind == "sentinel" else \
            {"url": stub.url}
        stub.faults += FAULTS
        stub.early_faults += FAULTS
        one = lane({"type": kind, "timeout": "500ms", "max_events": 4, **address, **options})
        one.send(some)
        one.assert_delivered(some)
        held = Counter(got(stub))
        assert set(held) == set(ids(some))
        assert stub.faults == [] and one.dead() == set()
        doubles = held.total() - len(held)
        record_property("doubles", doubles)
        print(f"{kind}: {doubles} doubles of {len(some)} alerts and {len(FAULTS)} faults")
        assert doubles == 0 or kind not in REFUSE_DOUBLES
