"""Servers of feeds that others have written: medallion, the reference server of TAXII 2.1, and nginx."""

import grp
import json
import os
import pathlib
import pwd
import shutil
import sys

import requests

from servers import LIMIT, free_port, need, unique, until
from shippers import Program

TAXII = "application/taxii+json;version=2.1"
USER, PASSWORD = "haechi", "secret"

NGINX = """
daemon off;
user {user} {group};
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{
    log_format asked '$uri $status $body_bytes_sent "$http_if_none_match" "$http_user_agent"';
    access_log {folder}/access.log asked;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    gzip on;
    gzip_types text/plain application/json;
    gzip_min_length 100;
    server {{
        listen 127.0.0.1:{port};
        root {folder}/files;
        default_type text/plain;
        location / {{ }}
        location /slow/ {{ alias {folder}/files/; limit_rate 1; gzip off; }}
        location /closed {{ return 444; }}
        location /error {{ return 503; }}
        location /key {{ return 403; }}
        location /portal {{ default_type text/html; return 200 "<html>Please log in</html>"; }}
        location /moved/ {{ rewrite ^/moved/(.*)$ /$1 permanent; }}
        location /round {{ return 302 /round; }}
    }}
}}
"""


class FeedNginx(Program):
    """Serves the files of `files`, as they are, slowly, or not at all."""

    def __init__(self, folder):
        [nginx] = need("nginx")
        folder.mkdir()
        self.port = free_port()
        self.files = folder / "files"
        self.files.mkdir()
        settings = folder / "nginx.conf"
        # Its workers must be able to read what only this user can.
        user = pwd.getpwuid(os.getuid())
        settings.write_text(NGINX.format(folder=folder, port=self.port, user=user.pw_name,
                                         group=grp.getgrgid(user.pw_gid).gr_name))
        super().__init__(folder, nginx, "-p", str(folder), "-c", str(settings),
                         "-e", str(folder / "start.log"))
        until("nginx answers", lambda: requests.get(self.url("error"), timeout=LIMIT).status_code)

    def url(self, path):
        return f"http://127.0.0.1:{self.port}/{path}"

    def put(self, name, text):
        """The whole file at once, as those do who publish feeds."""
        new = self.files / unique(".new")
        new.write_bytes(text if isinstance(text, bytes) else text.encode())
        (self.files / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.move(new, self.files / name)

    def asked(self, path):
        """(status, bytes, If-None-Match, user agent) of each request for it."""
        lines = (self.folder / "access.log").read_text().splitlines()
        words = [line.split(" ", 3) for line in lines if line.startswith(f"/{path} ")]
        return [(int(status), int(size), *rest.strip('"').split('" "'))
                for _, status, size, rest in words]


class Medallion(Program):
    """Two API roots; the first has a collection that may be read and one that may not. Pages hold
    two objects."""

    readable, hidden, other = (f"91a7b528-80eb-42ed-a74d-c6fbd5a2611{i}" for i in range(3))

    def __init__(self, folder):
        folder.mkdir()
        self.port = free_port()
        settings = folder / "medallion.json"
        data = folder / "data.json"
        data.write_text(json.dumps(self._data()))
        settings.write_text(json.dumps({
            "backend": {"module": "medallion.backends.memory_backend",
                        "module_class": "MemoryBackend", "filename": str(data)},
            "users": {USER: PASSWORD},
            "taxii": {"max_page_size": 2}}))
        super().__init__(folder, pathlib.Path(sys.executable).parent / "medallion",
                         "--host", "127.0.0.1", "--port", str(self.port), str(settings))
        until("medallion answers", lambda: self._get("taxii2/").ok)

    def _data(self):
        def collection(id, title, can_read):
            return {"id": id, "title": title, "can_read": can_read, "can_write": True,
                    "media_types": ["application/stix+json;version=2.1"],
                    "objects": [], "manifest": []}

        def root(title, *collections):
            return {"information": {"title": title, "max_content_length": 9765625,
                                    "versions": [TAXII]},
                    "status": [], "collections": list(collections)}

        return {
            "/discovery": {"title": "a server", "default": self.url("first/"),
                           "api_roots": [self.url("first/"), "/second/"]},
            "first": root("first", collection(self.readable, "readable", True),
                          collection(self.hidden, "hidden", False)),
            "second": root("second", collection(self.other, "other", True))}

    def url(self, path):
        return f"http://127.0.0.1:{self.port}/{path}"

    def _get(self, path):
        return requests.get(self.url(path), auth=(USER, PASSWORD), headers={"Accept": TAXII},
                            timeout=LIMIT)

    def add(self, root, collection, *objects):
        """Adds stix2 objects, as a publisher does."""
        answer = requests.post(
            self.url(f"{root}/collections/{collection}/objects/"), auth=(USER, PASSWORD),
            headers={"Accept": TAXII, "Content-Type": TAXII}, timeout=LIMIT,
            data=json.dumps({"objects": [json.loads(each.serialize()) for each in objects]}))
        assert answer.status_code == 202, answer.text
