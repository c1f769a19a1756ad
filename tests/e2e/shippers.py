"""Real writers and shippers of logs, on loopback and free ports, as this user."""

import os
import shutil
import signal
import subprocess

import requests

from servers import LIMIT, free_port, need, until

NGINX = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{
    access_log {folder}/access.log combined;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port};
        default_type text/html;
        location / {{ return 200 "<html><body>nothing to see</body></html>"; }}
    }}
}}
"""

RSYSLOG = """
global(workDirectory="{folder}" maxMessageSize="64k")
module(load="imfile" mode="inotify")
module(load="omkafka")
template(name="line" type="string" string="{template}")
input(type="imfile" file="{file}" tag="{tag}" ruleset="ship" freshStartTail="off"
      facility="authpriv" severity="info" persistStateInterval="1")
ruleset(name="ship") {{
    action(type="omkafka" broker=["{broker}"] topic="{topic}" template="line"
           partitions.auto="on" resubmitOnFailure="on" keepFailedMessages="on"
           failedMsgFile="{folder}/failed" confParam=["queue.buffering.max.ms=5"]
           action.resumeRetryCount="-1")
}}
"""

SSHD = """
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host_key
PidFile none
AuthorizedKeysFile {folder}/authorized_keys
StrictModes no
PermitRootLogin yes
UsePAM no
PasswordAuthentication yes
KbdInteractiveAuthentication no
MaxStartups 100
LogLevel INFO
"""


class Program:
    """A process that ends with its test."""

    def __init__(self, folder, *command, **more):
        self.folder = folder
        self.output = open(folder / "output", "ab")
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=self.output,
                                        stderr=subprocess.STDOUT, **more)

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(10)
        self.output.close()

    def text(self):
        return (self.folder / "output").read_text(errors="replace")


class Nginx(Program):
    def __init__(self, folder):
        [nginx] = need("nginx")
        folder.mkdir()
        self.port = free_port()
        self.log_file = folder / "access.log"
        settings = folder / "nginx.conf"
        settings.write_text(NGINX.format(folder=folder, port=self.port))
        super().__init__(folder, nginx, "-p", str(folder), "-c", str(settings),
                         "-e", str(folder / "start.log"))
        until("nginx answers", lambda: requests.get(self.url + "/", timeout=LIMIT).ok)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def lines(self):
        return self.log_file.read_bytes().splitlines()


class Rsyslog(Program):
    """Ships one file, line by line, into a topic."""

    def __init__(self, folder, file, topic, broker, template="%msg%", tag="shipped"):
        [rsyslogd] = need("rsyslogd")
        folder.mkdir()
        settings = folder / "rsyslog.conf"
        settings.write_text(RSYSLOG.format(folder=folder, file=file, topic=topic, broker=broker,
                                           template=template, tag=tag))
        super().__init__(folder, rsyslogd, "-n", "-f", str(settings),
                         "-i", str(folder / "rsyslog.pid"))


class Sshd(Program):
    """An OpenSSH server that nobody can log in to by password, and by one key only."""

    def __init__(self, folder):
        sshd, keygen, self.ssh = need("sshd", "ssh-keygen", "ssh")
        folder.mkdir()
        self.port = free_port()
        self.log_file = folder / "output"
        for name in ("host_key", "user_key"):
            subprocess.run([keygen, "-q", "-t", "ed25519", "-N", "", "-f", folder / name],
                           check=True)
        shutil.copy(folder / "user_key.pub", folder / "authorized_keys")
        settings = folder / "sshd_config"
        settings.write_text(SSHD.format(folder=folder, port=self.port))
        if os.getuid() == 0:
            # Debian's sshd wants this folder, which its service would have made.
            os.makedirs("/run/sshd", mode=0o755, exist_ok=True)
        super().__init__(folder, sshd, "-D", "-e", "-f", str(settings))
        until("sshd listens", lambda: "Server listening" in self.text())

    def log_in(self, user, password=None):
        """Tries a password, or the one key that is let in; True if it was."""
        askpass = self.folder / "askpass"
        askpass.write_text(f"#!/bin/sh\necho '{password}'\n")
        askpass.chmod(0o755)
        how = (["-o", "PreferredAuthentications=password", "-o", "NumberOfPasswordPrompts=1"]
               if password else ["-i", str(self.folder / "user_key"),
                                 "-o", "PreferredAuthentications=publickey"])
        done = subprocess.run(
            [self.ssh, "-F", "none", "-o", "StrictHostKeyChecking=no",
             "-o", "UserKnownHostsFile=/dev/null", "-o", "IdentitiesOnly=yes",
             "-o", "LogLevel=ERROR", *how, "-p", str(self.port), f"{user}@127.0.0.1", "true"],
            env={**os.environ, "SSH_ASKPASS": str(askpass), "SSH_ASKPASS_REQUIRE": "force",
                 "DISPLAY": ":none"},
            stdin=subprocess.DEVNULL, capture_output=True, timeout=LIMIT)
        return done.returncode == 0
