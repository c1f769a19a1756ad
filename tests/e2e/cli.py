"""What the tests of `haechi`, the command line, share: how it is run, logs and what is found in them."""

import fcntl
import json
import os
import pty
import select
import struct
import subprocess
import termios
import time

from servers import LIMIT, program

BENIGN = '10.0.0.1 - - [07/Oct/2025:13:55:36 +0000] "GET /index.html HTTP/1.1" 200 512 "-" "Mozilla/5.0"'
SQL = '45.95.168.7 - - [07/Oct/2025:13:55:37 +0000] "GET /?id=1%20union%20select%201 HTTP/1.1" 200 5 "-" "sqlmap/1.7"'
XSS = '1.2.3.4 - - [07/Oct/2025:13:55:38 +0000] "GET /?q=%3Cscript%3Ealert(1) HTTP/1.1" 200 5 "-" "Mozilla/5.0"'
SCAN = "Oct  7 13:55:39 gate kernel: nmap seen"
FOUR = "\n".join([BENIGN, SQL, XSS, SCAN]) + "\n"
EVENTS = {(2, "web_attacks.sql_injection"), (3, "web_attacks.xss"), (4, "network_attacks.port_scan")}


def environment(**more):
    kept = {name: value for name, value in os.environ.items()
            if not name.startswith("HAECHI_") and name not in ("NO_COLOR", "COLUMNS")}
    return {**kept, "TERM": "xterm", **more}


def haechi(*words, stdin="", status=0, **env):
    """Runs it with pipes for all streams, and holds it to its exit status."""
    done = subprocess.run([program("haechi"), *map(str, words)], env=environment(**env),
                          input=stdin if isinstance(stdin, bytes) else stdin.encode(),
                          capture_output=True, timeout=LIMIT)
    assert done.returncode == status, f"{words}: status {done.returncode}: {done.stderr.decode()}"
    done.out = done.stdout.decode(errors="replace")
    done.err = done.stderr.decode()
    return done


def found(run):
    return {(event["origin"]["offset"], event["rule_id"])
            for event in map(json.loads, run.out.splitlines())}


class Terminal:
    """The program on a terminal of its own; `text` is all that it wrote there."""

    def __init__(self, words, width=100, stdin=None, **env):
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, width, 0, 0))
        self.process = subprocess.Popen([program("haechi"), *map(str, words)], stdout=slave,
                                        stderr=slave, stdin=stdin or slave, env=environment(**env))
        os.close(slave)
        self.text = ""

    def read(self, limit=0.1):
        if select.select([self.master], [], [], limit)[0]:
            try:
                self.text += os.read(self.master, 65536).decode()
            except OSError:  # the program has ended
                return False
        return True

    def finish(self):
        end = time.monotonic() + LIMIT
        while self.read() and time.monotonic() < end:
            pass
        os.close(self.master)
        return self.process.wait(timeout=LIMIT)
