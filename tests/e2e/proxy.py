"""An HTTP proxy that wants to know who asks."""

import base64
import select
import socket
import threading
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit


class Proxy:
    """Forwards POSTs, and makes tunnels (CONNECT); every name is this machine to it. `asked` has the
    method and the target of each request that it let through, `refused` how many it did not."""

    def __init__(self, user="haechi", password="s3cret"):
        self.credentials = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
        self.asked, self.refused = [], 0
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def may(self):
                if self.headers.get("Proxy-Authorization") == proxy.credentials:
                    proxy.asked.append((self.command, self.path))
                    return True
                proxy.refused += 1
                self.send_response(407)
                self.send_header("Proxy-Authenticate", 'Basic realm="way out"')
                self.send_header("Content-Length", "0")
                self.end_headers()
                return False

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if not self.may():
                    return
                url = urlsplit(self.path)
                headers = {name: value for name, value in self.headers.items()
                           if not name.lower().startswith("proxy-")}
                onward = HTTPConnection("127.0.0.1", url.port)
                onward.request("POST", url.path, body, headers)
                answer = onward.getresponse()
                text = answer.read()
                self.send_response(answer.status)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)
                onward.close()

            def do_CONNECT(self):
                if not self.may():
                    return
                port = int(self.path.rsplit(":", 1)[1])
                with socket.create_connection(("127.0.0.1", port)) as onward:
                    self.send_response(200)
                    self.end_headers()
                    self.close_connection = True
                    pump(self.connection, onward)

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_port}"

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


def pump(one, other):
    """Bytes both ways, until one of them ends."""
    while True:
        for ready in select.select([one, other], [], [])[0]:
            data = ready.recv(65536)
            if not data:
                return
            (other if ready is one else one).sendall(data)
