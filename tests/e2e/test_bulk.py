"""The forwarder and what `_bulk` may answer that a real OpenSearch does not on demand (that one is in
test_receivers.py). The receiver is a stub by Elastic's page of the bulk operation: an item for each
action, in their order, with a status of its own."""

import json
from collections import Counter

import pytest
from receivers import Stub
from test_targets import alerts

FULL = {"type": "cluster_block_exception", "reason": "index blocked by: [TOO_MANY_REQUESTS/12/disk usage "
        "exceeded flood-stage watermark, index has read-only-allow-delete block]"}
BUSY = {"type": "es_rejected_execution_exception", "reason": "rejected execution of coordinating operation"}


class BulkStub(Stub):
    """say(identity, attempt) gives the (status, error) of an item, None to store it; refuse(body) a
    reply in the place of items."""

    def __init__(self):
        super().__init__()
        self.documents, self.attempts = {}, Counter()
        self.say = lambda identity, attempt: None
        self.refuse = lambda lines: None

    def answer(self, request):
        if request.method != "POST" or request.path != "/haechi-alerts/_bulk" or \
                request.headers["content-type"] != "application/x-ndjson":
            return 404, {"error": {"type": "index_not_found_exception"}, "status": 404}, {}
        if not request.body.endswith(b"\n"):
            return 400, {"error": {"type": "illegal_argument_exception", "reason":
                         "The bulk request must be terminated by a newline [\\n]"}}, {}
        lines = request.body.decode().split("\n")[:-1]
        refusal = self.refuse(lines)
        if refusal:
            return refusal
        items = [self.item(json.loads(action), json.loads(document))
                 for action, document in zip(lines[::2], lines[1::2], strict=True)]
        return 200, {"errors": any("error" in i["create"] for i in items), "items": items}, {}

    def item(self, action, document):
        identity = action["create"]["_id"]  # data streams take no other
        assert document["@timestamp"]
        self.attempts[identity] += 1
        said = self.say(identity, self.attempts[identity])
        if identity in self.documents:
            said = 409, {"type": "version_conflict_engine_exception", "reason": "already exists"}
        if said:
            return {"create": {"_id": identity, "status": said[0], "error": said[1]}}
        self.documents[identity] = document
        return {"create": {"_id": identity, "status": 201, "result": "created"}}


@pytest.fixture
def bulk(lane):
    with BulkStub() as stub:
        yield stub, lane({"type": "elasticsearch", "url": stub.url})


def identities(some):
    return {f"{a['alert_id']}-{a['revision']}" for a in some}


def test_each_item_of_a_mixed_reply_goes_its_own_way(bulk):
    stub, lane = bulk
    some = alerts(50)
    guilty = {a["alert_id"] for a in some[::10]}
    passing = [(429, BUSY), (503, {"type": "unavailable_shards_exception"}), (403, FULL), (429, FULL)]

    def say(identity, attempt):
        number = int(identity[4:36], 16)
        if identity[:36] in guilty:
            return 400, {"type": "document_parsing_exception", "reason": "failed to parse"}
        return passing[number % 4] if number % 3 and attempt < 3 else None

    stub.say = say
    lane.send(some)
    status = lane.statuses(some)
    assert {a for a, s in status.items() if s == "dead"} == guilty == lane.dead()
    assert set(stub.documents) == {i for i in identities(some) if i[:36] not in guilty}
    # What was taken at first was not sent again, and no guilty one was before it was dead.
    assert all(stub.attempts[i] == 1 for i in stub.documents if not int(i[4:36], 16) % 3)


def test_a_cluster_that_is_busy_or_full_is_waited_for(bulk):
    stub, lane = bulk
    some = alerts(20)
    refusals = 2 * [(429, {"error": BUSY, "status": 429}, {}), (503, b"<html>", {}), (502, b"", {}),
                    (504, b"", {}), (403, {"error": FULL, "status": 403}, {})]
    stub.refuse = lambda lines: refusals.pop() if refusals else None
    lane.send(some)
    lane.assert_delivered(some)
    assert set(stub.documents) == identities(some) and lane.dead() == set()


OF_THE_INDEX = [
    (403, {"type": "security_exception", "reason": "action is unauthorized"}),
    (404, {"type": "index_not_found_exception", "reason": "no such index"}),
    (400, {"type": "index_closed_exception", "reason": "closed"}),
    (400, {"type": "validation_exception", "reason": "Validation Failed: 1: this action would add [2] "
           "shards, but this cluster currently has [1000]/[1000] maximum normal shards open;"})]


def test_what_every_document_would_be_refused_for_holds_the_lane(bulk):
    stub, lane = bulk
    some = alerts(5 * len(OF_THE_INDEX))
    for n, refused in enumerate(OF_THE_INDEX):
        stub.say = lambda identity, attempt: refused
        lane.send(some[5 * n:5 * n + 5])
        lane.await_trouble(refused[1]["type"])
        assert len(stub.documents) == 5 * n, refused
        stub.say = lambda identity, attempt: None
        lane.assert_delivered(some[:5 * n + 5], refused)
        lane.await_ready()
    assert set(stub.documents) == identities(some) and lane.dead() == set()


def test_a_wrong_key_holds_the_lane_and_a_log_in_page_is_no_success(bulk):
    stub, lane = bulk
    some = alerts(10)
    for reply, words in [((401, b"{}", {}), "HTTP 401"), ((200, b"<html>log in</html>", {}), "_bulk")]:
        stub.refuse = lambda lines, reply=reply: reply
        lane.send(some[:5])
        lane.await_trouble(words)
        assert lane.dead() == set() and stub.documents == {}
    stub.refuse = lambda lines: None
    lane.send(some[5:])
    lane.assert_delivered(some)
    assert set(stub.documents) == identities(some)


def test_a_bulk_that_is_too_large_is_halved(bulk):
    stub, lane = bulk
    some = alerts(20)
    stub.refuse = lambda lines: (413, b"", {}) if len(lines) > 2 * 3 else None
    lane.send(some)
    lane.assert_delivered(some)
    assert set(stub.documents) == identities(some) and lane.dead() == set()
