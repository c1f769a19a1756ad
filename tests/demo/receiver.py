"""receiver: takes alerts by HTTP, for the demo.

    receiver.py PORT FILE

Each event of {"events": [...]} becomes a line of FILE before 200 is answered."""

import json
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer


class Receiver(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with open(sys.argv[2], "a") as file:
            for event in json.loads(body)["events"]:
                print(json.dumps(event, ensure_ascii=False), file=file)
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


HTTPServer(("127.0.0.1", int(sys.argv[1])), Receiver).serve_forever()
