"""A forwarder with one target, what is sent to it, and what it says of that."""

import json

from servers import until


class Lane:
    """Made by the fixture `lane`."""

    def __init__(self, kafka, forwarder):
        self.kafka, self.forwarder = kafka, forwarder

    def send(self, some):
        """In their order, to one partition."""
        self.kafka.produce(self.forwarder.alerts_topic, [json.dumps(a).encode() for a in some],
                           keys=[a["alert_id"].encode() for a in some], partition=0)

    def receipts(self):
        return self._records(self.forwarder.receipts_topic)

    def statuses(self, some):
        """{id: delivered or dead} of these alerts, once all have a receipt."""
        wanted = {a["alert_id"] for a in some}

        def found():
            said = {r["alert_id"]: r["status"] for r in self.receipts() if r["alert_id"] in wanted}
            return said if len(said) == len(wanted) else None
        return until(f"{len(wanted)} receipts", found)

    def assert_delivered(self, some, why=""):
        assert set(self.statuses(some).values()) == {"delivered"}, why

    def dead(self):
        """The ids of what is in dead letters."""
        return {alert["alert_id"] for alert in self._records(self.forwarder.dead_topic)}

    def await_trouble(self, words):
        """Waits until /readyz shows these words."""
        def shows():
            status, text = self.forwarder.readyz()
            return status == 503 and words in text
        until(f"/readyz shows {words}", shows)

    def await_ready(self):
        until("it is ready", lambda: self.forwarder.readyz()[0] == 200)

    def _records(self, topic):
        return [json.loads(record.value) for record in self.kafka.read(topic)]
