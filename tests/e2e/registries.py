"""A schema registry in memory, of which nothing is used but ids and schemas (Confluent's API), which can
go and come back with all that it knew."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from servers import free_port


class Registry:
    def __init__(self):
        self.port = free_port()
        self.schemas = []  # an id is a place, from 1 on
        self.lock = threading.Lock()
        self.server = None

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def start(self):
        registry = self

        class Handler(BaseHTTPRequestHandler):
            def reply(self, status, document):
                body = json.dumps(document).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_POST(self):
                schema = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["schema"]
                with registry.lock:
                    if schema not in registry.schemas:
                        registry.schemas.append(schema)
                    self.reply(200, {"id": registry.schemas.index(schema) + 1})

            def do_GET(self):
                number = int(self.path.rpartition("/")[2])
                if number <= len(registry.schemas):
                    self.reply(200, {"schema": registry.schemas[number - 1]})
                else:
                    self.reply(404, {"error_code": 40403, "message": "Schema not found"})

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def stop(self):
        if self.server:
            self.server.shutdown()
            self.server.server_close()
            self.server = None
