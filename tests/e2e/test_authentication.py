"""deploy/rules/authentication.yaml: who failed to log in, and from where.

The lines are made up after the sources of each server, of old and new versions; what somebody typed as
a user name tries to look like the rest of the line."""

import json
import re
import subprocess

import pytest
from servers import LIMIT, ROOT, program

RULES = [ROOT / "deploy" / "rules" / name for name in ("authentication.yaml", "logins.yaml")]
V4, V6 = "203.0.113.9", "2001:db8::7"


def events(lines, format="auto"):
    """{index: event}"""
    done = subprocess.run(
        [program("haechi"), "scan", "--no-default-rules", "--rules", RULES[0], "--rules", RULES[1],
         "--format", format, "-"],
        input="\n".join(lines) + "\n", capture_output=True, text=True, timeout=LIMIT)
    assert done.returncode == 0, done.stderr
    found = {}
    for event in map(json.loads, done.stdout.splitlines()):
        at = event["origin"]["offset"] - 1
        assert at not in found, f"two rules on {lines[at]}"
        found[at] = event
    return found


def sshd(text, name="sshd[811]"):
    return f"Feb  3 10:11:12 gate {name}: {text}"


def ways(line):
    """The line, and its message as it comes without RFC 3164's header: alone in JSON, with RFC 5424's."""
    header = re.match(r"Feb  3 10:11:12 \S+ ([^\s:\[]+)(?:\[\d+\])?: ", line)
    if not header:
        return [line] if line[0] == "{" else [line, json.dumps({"message": line})]
    text = line[header.end():]
    long = f"<38>1 2026-02-03T10:11:12.9+09:00 gate {header[1]} 9 - - {text}"
    return [line, json.dumps({"message": text}), json.dumps({"msg": " " + text}), long,
            json.dumps({"message": long})]


def dovecot(text):
    return f"Feb  3 10:11:12 mail dovecot: {text}"


def apache(text, client=f"{V4}:51234", module="auth_basic"):
    return f"[Tue Feb 03 10:11:12.123456 2026] [{module}:error] [pid 812:tid 14] [client {client}] {text}"


def apache22(text, client=V4):
    return f"[Tue Feb 03 10:11:12 2026] [error] [client {client}] {text}"


def nginx(text, client=V4):
    return (f'2026/02/03 10:11:12 [error] 812#0: *9 {text}, client: {client}, server: example.org, '
            'request: "GET / HTTP/1.1", host: "example.org"')


PAM = "authentication failure; logname= uid=0 euid=0 tty=x"
INJECTED = "root from 198.51.100.1 port 22 ssh2 from 198.51.100.2"

FAILED = [  # line, user, address
    (sshd(f"Failed password for root from {V4} port 22 ssh2"), "root", V4),
    (sshd(f"Failed password for root from {V6} port 22 ssh2", "sshd-session[9]"), "root", V6),
    (sshd(f"Failed password for invalid user  from {V4} port 22 ssh2"), None, V4),
    (sshd(f"Failed password for invalid user a b from {V4} port 22 ssh2"), "a b", V4),
    (sshd(f"Failed password for invalid user {INJECTED} from {V4} port 22 ssh2"), INJECTED, V4),
    (sshd(f"Failed password for mary from {V4} port 22 ssh1: ruser from 198.51.100.1"), "mary", V4),
    (sshd(f"Failed keyboard-interactive/pam for mary from {V4} port 22 ssh2"), "mary", V4),
    (sshd(f"Failed gssapi-with-mic for mary from {V4} port 22 ssh2"), "mary", V4),
    (sshd(f"Failed publickey for invalid user git from {V4} port 22 ssh2: ED25519 SHA256:ab"), "git", V4),
    (sshd(f"message repeated 2 times: [ Failed password for root from {V4} port 22 ssh2]"), "root", V4),
    (sshd(f"error: PAM: Authentication failure for illegal user mary from {V4}"), "mary", V4),
    (sshd(f"error: PAM: User not known to the underlying authentication module for mary from {V4}"),
     "mary", V4),
    (sshd(f"Invalid user {INJECTED} from {V4} port 22"), INJECTED, V4),
    (sshd(f"Invalid user oracle from {V4}"), "oracle", V4),
    (sshd(f"User mary from {V4} not allowed because account is locked"), "mary", V4),
    (sshd("User mary from gate.example not allowed because not listed in AllowUsers"), "mary",
     "gate.example"),
    (sshd(f"error: maximum authentication attempts exceeded for root from {V4} port 2 ssh2 [preauth]"),
     "root", V4),
    (sshd(f"Connection closed by authenticating user root {V6} port 22 [preauth]"), "root", V6),
    (sshd(f"Disconnected from invalid user x 198.51.100.1 port 1 [preauth] {V4} port 22 [preauth]"),
     "x 198.51.100.1 port 1 [preauth]", V4),
    (sshd("Disconnecting invalid user x 198.51.100.1 port 1: Too many authentication failures "
          f"{V4} port 22: Too many authentication failures [preauth]"),
     "x 198.51.100.1 port 1: Too many authentication failures", V4),
    (sshd("Disconnecting: Too many authentication failures for root [preauth]"), "root", None),
    (sshd(f"ROOT LOGIN REFUSED FROM {V4} port 22"), None, V4),
    (sshd(f"refused connect from ::ffff:{V4} (::ffff:{V4})"), None, V4),
    (sshd(f"error: Received disconnect from {V4} port 2:14: No supported authentication methods "
          "available [preauth]"), None, V4),
    (sshd(f"PAM 2 more authentication failures; logname= uid=0 euid=0 tty=ssh ruser= rhost={V4}  "
          "user=root"), "root", V4),

    (sshd(f"Failed unknown for invalid user mary from {V4} port 22 ssh2"), "mary", V4),
    (sshd(f"Failed keyboard-interactive for <invalid username> from {V4} port 22 ssh2"),
     "<invalid username>", V4),
    (sshd(f"[ID 800047 auth.info] Failed password for root from {V4} port 22 ssh2"), "root", V4),
    (f'<38>1 2026-02-03T10:11:12.9+09:00 gate sshd 9 - [a b="[c]"] Failed password for root from {V4} '
     "port 22 ssh2", "root", V4),
    (f" Failed password for root from {V4} port 22 ssh2", "root", V4),
    (f"gate sshd[811]: Failed password for root from {V4} port 22 ssh2", "root", V4),
    (f"<38>1 2026-02-03T10:11:12Z gate sshd 9 - -  Failed password for root from {V4} port 22 ssh2", "root", V4),
    (f"2026-02-03T10:11:12.9Z stdout F Failed password for root from {V4} port 22 ssh2", "root", V4),
    (f"Feb  3 10:11:12 Message forwarded from gate: sshd[811]: Invalid user x from {V4} port 22", "x", V4),
    (f"Feb  3 10:11:12 gate auth|security:info sshd[811]: Invalid user x from {V4} port 22", "x", V4),
    (f"Feb  3 10:11:12 [sshd]: User root from {V4} not allowed because not listed in AllowUsers",
     "root", V4),
    (sshd(f"error: PAM: Permission denied for illegal user a b from {V4}"), "a b", V4),
    (sshd("fatal: Access denied for user mary by PAM account configuration [preauth]"), "mary", None),
    (sshd(f"Received disconnect from {V6} port 2:2: Too many authentication failures [preauth]"), None,
     V6),
    (sshd("cert: Authentication tried for mary with valid certificate but not from a permitted source "
          f"address ({V4})."), "mary", V4),
    (sshd("/etc/ssh/authorized_keys/mary:3: Authentication tried for mary with correct key but not from "
          f"a permitted host (host=a.example, ip={V4}, required=10.0.0.0/8)."), "mary", V4),
    (sshd("Disconnecting invalid user x 203.0.113.9 port 22: Change of username or service not allowed: "
          "(x,ssh-connection) -> (y,ssh-connection) [preauth]"), "x", V4),

    (sshd("pam_unix(login:auth): 2 more authentication failures; logname= uid=0 euid=0 tty=tty1 ruser= "
          "rhost=  user=mary", "login[5]"), "mary", None),
    (sshd("pam_ldap(sshd:auth): Authentication failure; user=mary"), "mary", None),
    (sshd("pam_krb5[9]: authentication fails for 'mary' (mary@EXAMPLE.ORG): Authentication failure"), "mary",
     None),
    (sshd("pam_userdb(vsftpd:auth): user `mary' denied access (incorrect password)", "vsftpd"), "mary",
     None),
    (sshd("pam_listfile(vsftpd:auth): Refused user root for service vsftpd", "vsftpd"), "root", None),
    (sshd(f"pam_access(sshd:account): access denied for user `mary' from `{V4}'"), "mary", V4),
    (sshd(f"FAILED LOGIN (2) on '/dev/pts/1' from '{V4}' FOR 'UNKNOWN', User not known", "login[5]"),
     "UNKNOWN", V4),
    ("node=gate type=USER_AUTH msg=audit(1770113472.1:9): pid=1 uid=0 msg='op=PAM:authentication acct=\"mary\" "
     "exe=\"/usr/bin/su\" hostname=? addr=? terminal=pts/0 res=failed'\x1dUID=\"root\"", "mary", None),
    ("Feb  3 10:11:12 : mary : 3 incorrect password attempts ; HOST=gate ; TTY=pts/0 ; PWD=/ ; USER=root ; "
     "COMMAND=/bin/ls", "mary", None),
    (sshd("pam_sss(sudo:auth): received for user mary: 7 (Authentication failure)", "sudo"), "mary", None),
    (sshd("pam_unix(su:auth): 2 more authentication failures; logname=mary uid=1000 euid=0 tty=pts/0 "
          "ruser=mary rhost=  user=root", "su[9]"), "root", None),

    (sshd(f"pam_unix(sshd:auth): {PAM} ruser= rhost={V4}  user=root"), "root", V4),
    (sshd(f"pam_unix(sshd:auth): {PAM} ruser= rhost={V4} "), None, V4),
    (sshd(f"pam_unix(vsftpd:auth): {PAM} ruser=mary rhost={V4} ", "vsftpd"), "mary", V4),
    (sshd(f"pam_unix(vsftpd:auth): {PAM} ruser=x rhost=198.51.100.1 rhost={V4}  user=mary", "vsftpd"),
     "mary", V4),
    (sshd(f"pam_unix(auth): {PAM} ruser= rhost={V4} user=mary rhost=198.51.100.1", "pop"),
     "mary rhost=198.51.100.1", V4),
    (sshd(f"pam_sss(sshd:auth): {PAM} ruser= rhost={V6} user=mary"), "mary", V6),
    (sshd("pam_tally2(sshd:auth): user mary (1000) tally 5, deny 4"), "mary", None),
    (sshd("pam_winbind(sshd:auth): user 'mary' denied access (incorrect password or invalid membership)"),
     "mary", None),
    (sshd("pam_unix(sudo:auth): auth could not identify password for [mary]", "sudo"), "mary", None),
    (sshd("    mary : 1 incorrect password attempt ; TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/ls",
          "sudo"), "mary", None),
    (sshd("FAILED SU (to root) mary on pts/1", "su[9]"), "root", None),
    (sshd("- pts/1 mary:root", "su[9]"), "root", None),

    (f'Tue Feb  3 10:11:12 2026 [pid 9] [mary] FAIL LOGIN: Client "::ffff:{V4}"', "mary", V4),
    (f'Tue Feb  3 10:11:12 2026 [pid 9] [a b] FAIL LOGIN: Client "{V4}", "User is not in the list."',
     "a b", V4),

    (dovecot(f"imap-login: Disconnected (auth failed, 1 attempts): user=<mary>, method=PLAIN, rip={V4}, "
             "lip=192.0.2.1, TLS"), "mary", V4),
    (dovecot(f"imap-login: Disconnected (auth failed, 1 attempts): method=PLAIN, rip={V6}, "
             "lip=192.0.2.1"), None, V6),
    (dovecot("imap-login: Login aborted: Connection closed (auth failed, 3 attempts in 15 secs) "
             f"(auth_failed): user=<m@example.org>, method=PLAIN, rip={V4}, lip=192.0.2.1, "
             "session=<abc>"), "m@example.org", V4),
    (dovecot("pop3-login: Aborted login (auth failed, 1 attempts in 2 secs): user=<x>, "
             f"rip=198.51.100.1, y>, method=PLAIN, rip={V4}, lip=192.0.2.1"), "x>, rip=198.51.100.1, y", V4),
    (dovecot(f"auth-worker(9): pam(mary,{V4},<abc>): pam_authenticate() failed: Authentication failure "
             "(Password mismatch?)"), "mary", V4),
    (dovecot(f"auth: passwd-file(m@example.org,{V6}): Password mismatch"), "m@example.org", V6),
    (dovecot(f"auth-worker(9): Info: conn unix:auth-worker (pid=1,uid=9): auth-worker<7>: sql(mary,{V4},"
             "<abc>): unknown user (SHA1 of given password: abc)"), "mary", V4),
    (f"Feb  3 10:11:12 auth: Info: ldap(mary,{V4},): invalid credentials", "mary", V4),

    (sshd(f"warning: unknown[{V4}]: SASL LOGIN authentication failed: UGFzc3dvcmQ6", "postfix/smtpd[9]"),
     None, V4),
    (sshd(f"warning: a.example[{V6}]: SASL PLAIN authentication failed: (reason unavailable), "
          "sasl_username=mary@example.org", "postfix/submission/smtpd[9]"), "mary@example.org", V6),
    (sshd(f"warning: a.example[{V4}]: SASL PLAIN authentication failed: (reason unavailable), "
          "sasl_username=(unavailable)", "postfix/smtpd[9]"), None, V4),
    (sshd(f"warning: unknown[{V4}]:4711: SASL CRAM-MD5 authentication failed: Pg==", "postfix/smtpd[9]"),
     None, V4),

    (dovecot(f"auth: passwd-file(a b,{V4},<x>): unknown user"), "a b", V4),
    (dovecot(f"auth(mary,{V4},sasl:login)<AbC>: Info: sql: Password mismatch (given password: a,b)"),
     "mary", V4),
    (f"Feb  3 10:11:12 auth-worker(mary,{V4})<9><AbC>: request [12]: Info: sql: Password mismatch", "mary",
     V4),
    (dovecot(f"auth: checkpassword(mary,{V4},<x>): Login failed (status=1)"), "mary", V4),
    (sshd(f"warning: unknown[{V4}]: SASL GSSAPI authentication failed: generic failure", "postfix/smtpd[9]"),
     None, V4),
    (sshd(f"warning: unknown[{V4}]: SASL LOGIN authentication failed: (reason unavailable), "
          "sasl_username=a b", "postfix/smtpd[9]"), "a b", V4),
    (sshd("do_auth         : auth failure: [user=mary] [service=smtp] [realm=] [mech=pam] [reason=x]",
          "saslauthd[9]"), "mary", None),

    (nginx('user "mary": password mismatch'), "mary", V4),
    (nginx('user "mary" was not found in "/etc/nginx/htpasswd"', V6), "mary", V6),
    (nginx('user "x"y": password mismatch'), 'x"y', V4),

    (apache("AH01617: user mary: authentication failure for \"/\": Password Mismatch"), "mary", V4),
    (apache("AH01618: user a b not found: /", f"{V6}:51234"), "a b", V6),
    (apache("AH01790: user `mary' in realm `private' not found: /", module="auth_digest"), "mary", V4),
    (apache("AH01792: user mary: password mismatch: /", module="auth_digest"), "mary", V4),
    (apache("AH01614: client used wrong authentication scheme: /"), None, V4),
    (apache("AH01631: user mary: authorization failure for \"/\":", module="authz_core"), "mary", V4),
    (apache("AH01630: client denied by server configuration: /srv", module="authz_core"), None, V4),
    (apache22("user mary not found: /"), "mary", V4),
    (apache22("access to / failed, reason: user 'mary' does not meet 'require'ments for user to be allowed access"),
     "mary", V4),
    (apache22("user mary not found: /", "2001:db8::1234"), "mary", "2001:db8::1234"),
    (apache("AH01807: user 'mary': authentication failure for \"/\": Password Mismatch",
            module="auth_form"), "mary", V4),
    (apache22("user mary: authentication failure for \"/\": Password Mismatch", V6), "mary", V6),
    (apache22("Digest: user mary: password mismatch: /"), "mary", V4),
    (apache22("Digest: unknown algorithm `x' received: /"), None, V4),
    (f"<187>1 2026-02-03T10:11:12Z web httpd 22 - - [auth_basic:error] [pid 1] [client {V4}:51234] AH01617: user "
     'mary: authentication failure for "/": Password Mismatch', "mary", V4),
    (f"Feb  3 10:11:12 web httpd[22]: [error] [client {V4}] user mary not found: /", "mary", V4),
    ("<86>1 2026-02-03T10:11:12Z gate sudo 77 - -     mary : 3 incorrect password attempts ; TTY=pts/0 ; PWD=/ ; "
     "USER=root ; COMMAND=/bin/ls", "mary", None),
]

ORDINARY = [
    sshd(f"Accepted password for mary from {V4} port 22 ssh2"),
    sshd(f"Accepted publickey for mary from {V4} port 22 ssh2: ED25519 SHA256:ab"),
    sshd(f"Failed publickey for mary from {V4} port 22 ssh2: ED25519 SHA256:ab"),
    sshd(f"Connection from {V4} port 22 on 192.0.2.1 port 22 rdomain \"\""),
    sshd(f"Connection closed by {V4} port 22"),
    sshd(f"Received disconnect from {V4} port 22:11: disconnected by user"),
    sshd(f"Disconnected from user mary {V4} port 22"),
    sshd("pam_unix(sshd:session): session opened for user mary(uid=1000) by (uid=0)"),
    sshd("pam_unix(sshd:session): session closed for user mary"),
    sshd("pam_unix(cron:session): session opened for user root by (uid=0)", "CRON[9]"),
    sshd("    mary : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/ls", "sudo"),
    sshd("(to root) mary on pts/1", "su[9]"),
    sshd("+ pts/1 mary:root", "su[9]"),
    sshd("Successful su for root by mary", "su[9]"),
    f'Tue Feb  3 10:11:12 2026 [pid 9] [mary] OK LOGIN: Client "{V4}"',
    f'Tue Feb  3 10:11:12 2026 [pid 9] CONNECT: Client "{V4}"',
    dovecot(f"imap-login: Login: user=<mary>, method=PLAIN, rip={V4}, lip=192.0.2.1, mpid=9, TLS"),
    dovecot(f"imap-login: Disconnected (no auth attempts in 0 secs): user=<>, rip={V4}, lip=192.0.2.1"),
    dovecot("imap(mary)<9><abc>: Disconnected: Logged out in=9 out=9"),
    sshd(f"9A: client=a.example[{V4}], sasl_method=PLAIN, sasl_username=mary", "postfix/smtpd[9]"),
    sshd(f"disconnect from unknown[{V4}] ehlo=1 auth=1 quit=1 commands=3", "postfix/smtpd[9]"),
    sshd(f"9A: SASL authentication failed; server mail.example[{V4}] said: 535", "postfix/smtp[9]"),
    nginx("no user/password was provided for basic authentication"),
    nginx('open() "/srv/favicon.ico" failed (2: No such file or directory)'),
    apache22("File does not exist: /srv/favicon.ico"),
    apache("AH00126: Invalid URI in request GET /private", module="core"),
    apache("user bob not found in database", module="php"),
    apache("user bob not found: /", module="php"),
    apache("user bob not found: /", module=""),
    sshd("Failed request for block 7 from peer9", "sync[9]"),
    sshd("Started Session 9 of user mary.", "systemd[1]"),
    sshd("user mary not found in the address book", "app[9]"),
]

def accepted(user="mary", client=V4, text="password"):
    return f"Accepted {text} for {user} from {client} port 22 ssh2"


LOG_INS = [  # line, user, address
    (sshd(accepted()), "mary", V4),
    (sshd(accepted("EXAMPLE\\mary ann", V6), "sshd-session[811]"), "EXAMPLE\\mary ann", V6),
    (sshd(accepted(), "/usr/sbin/sshd[811]"), "mary", V4),
    (sshd(accepted()).replace("gate", "sshd-gate"), "mary", V4),
    (sshd(accepted(text="publickey") + f": ED25519-CERT SHA256:a ID x from {V6} port 1 ssh2 (serial 0) CA RSA b"),
     "mary", V4),
    (sshd(f"message repeated 2 times: [ {accepted()}]"), "mary", V4),
    (f"2026-02-03T10:11:12.123456+09:00 gate sshd[811]: {accepted()}", "mary", V4),
    (f"2026-02-03T10:11:12.123Z {accepted()}", "mary", V4),
    (f"<38>Feb  3 10:11:12 gate auth.info sshd[811]: {accepted()}", "mary", V4),
    (f"<38>1 2026-02-03T10:11:12Z gate sshd 9 - -  {accepted()}", "mary", V4),
    (f"Feb  3 10:11:12 gate [sshd]: {accepted()}", "mary", V4),
    (f'<38>1 2026-02-03T10:11:12Z gate sshd 9 - [a b="]c"] \ufeff{accepted()}', "mary", V4),
    (json.dumps({"appname": "sshd", "message": accepted(), "source_ip": "10.0.0.5", "source_type": "syslog"}),
     "mary", V4),
    (sshd("pam_unix(login:session): session opened for user mary(uid=1000) by LOGIN(uid=0)", "login[5]"), "mary",
     None),
    (sshd("pam_unix(gdm-password:session): session opened for user mary(uid=1000) by mary(uid=0)",
          "gdm-password][5]"), "mary", None),
    (dovecot(f"imap-login: Login: user=<mary>, method=PLAIN, rip={V6}, lip=192.0.2.1, mpid=9, TLS"), "mary", V6),
    (dovecot(f"imap-login: Logged in: user=<mary>, method=PLAIN, rip={V4}, lip=192.0.2.1, TLS, session=<a>"),
     "mary", V4),
]

# What others typed, in lines of other programs.
WEB = '198.51.100.1 - - [03/Feb/2026:10:11:12 +0000] "GET / HTTP/1.1" 200 5 "-" "{}"'
FORGED = [WEB.format(text) for text in (
    sshd(f"Failed password for root from {V4} port 22 ssh2"),
    sshd(f"User mary from {V4} not allowed because account is locked"),
    sshd(f"ROOT LOGIN REFUSED FROM {V4}"),
    sshd(f"Received disconnect from {V4}: 3: Auth fail"),
    sshd(f"Disconnecting invalid user x {V4} port 22: Too many authentication failures"),
    sshd(f"pam_unix(sshd:auth): {PAM} ruser= rhost={V4}  user=root x"),
    dovecot(f"imap-login: Disconnected (auth failed, 1 attempts): user=<x>, rip={V4}, lip=192.0.2.1"),
    dovecot(f"auth: pam(mary,{V4}): unknown user"),
    sshd(f"warning: unknown[{V4}]: SASL LOGIN authentication failed: x", "postfix/smtpd[9]"),
    apache("AH01618: user mary not found: /"),
)] + [
    nginx('open() "/x" failed (2: No such file or directory), client: 198.51.100.1, server: '
          f'example.org, request: "GET /*9 user "x": password mismatch, client: {V4}, server: x'),
    apache22(f"File does not exist: /x, referer: [client {V4}] user mary not found: /",
             "198.51.100.1"),
]


# What somebody may type to blame another, in place of a name.
E4 = "198.51.100.66"
NAMES = [
    f"root from {E4} port 22 ssh2", f"x from {E4}", f"x from {E4} port 22 ssh1: ruser y",
    f"x from {E4} port 22 ssh2: RSA SHA256:abc", f"Failed password for root from {E4} port 22 ssh2",
    f"sshd[1]: Failed password for root from {E4} port 22 ssh2", f"x from {E4} not allowed because y",
    f"x {E4} port 1 [preauth]", f"x {E4} port 2: Too many authentication failures", f"x rhost={E4}",
    f"x rhost={E4}  user=root", f"x,{E4}): unknown user", f"x>, rip={E4}, y", f"x] FAIL LOGIN: Client \"{E4}\"",
    f"[{E4}]: SASL LOGIN authentication failed: x", f"x\": password mismatch, client: {E4}, server: y",
    f"x: authentication failure for \"/\": Password Mismatch [client {E4}] user y",
    f"x [client {E4}] AH01618: user z not found: /", f"x addr={E4} res=failed",
    f"x: pam_access(sshd:account): access denied for user 'root' from '{E4}'",
    f"x: Aborted login (auth failed, 1 attempts): user=<root>, method=PLAIN, rip={E4},",
    f"x (auth failed, 1 attempts): user=<root>, method=PLAIN, rip={E4},",
    f'x: *1 user "root": password mismatch, client: {E4}, server: , request: "',
    f'error] *1 user "root": password mismatch, client: {E4}, server: , request: "',
    f"x: [client {E4}:1] user root not found: /", f"[client {E4}:1] user root not found: /",
    f"client {E4}:1] user root not found: /", f"error] [client {E4}:1] user root not found: /",
    f"x: Invalid user root from {E4} port 22", f"x: Accepted password for root from {E4} port 22 ssh2",
    f"sshd: Accepted password for root from {E4} port 22 ssh2", "sshd[1]: ",
    "pam_unix(login:session): session opened for user root(uid=0)",
    f"sshd[1]: Accepted password for root from {E4} port 22 ssh2", f"x[1]: Invalid user root from {E4} port 22",
    f"sshd[1]: Received disconnect from {E4}: 3: Auth fail",
    f"imap-login: Login: user=<root>, method=PLAIN, rip={E4}, lip={E4}",
    f"x: warning: unknown[{E4}]: SASL LOGIN authentication failed: x", "x : 3 incorrect password attempts ; ",
    f"x from {E4} port 1 ssh2: RSA SHA256:a ID x (serial 1) CA RSA SHA256:b",
    f"Feb  3 10:11:12 gate sshd[1]: Invalid user root from {E4} port 22",
    f"<38>1 2026-02-03T10:11:12Z gate sshd 1 - - Invalid user root from {E4} port 22",
]
NAMELESS = [name for name in NAMES if ":" not in name]  # HTTP hands none over that holds a colon


def typed(name):
    """Lines of those programs, for somebody who comes from V4 and calls himself so."""
    ftp = f"logname= uid=0 euid=0 tty=ftp ruser={name} rhost={V4} "
    return [
        sshd(f"Failed password for invalid user {name} from {V4} port 50412 ssh2"),
        sshd(f"Failed publickey for invalid user {name} from {V4} port 50412 ssh2: RSA SHA256:x"),
        sshd(f"message repeated 2 times: [ Failed password for invalid user {name} from {V4} port 1 ssh2]"),
        sshd(f"Invalid user {name} from {V4} port 50412"),
        sshd(f"error: PAM: Authentication failure for illegal user {name} from {V4}"),
        sshd(f"error: maximum authentication attempts exceeded for invalid user {name} from {V4} port 1 ssh2 "
             "[preauth]"),
        sshd(f"Connection closed by invalid user {name} {V4} port 50412 [preauth]"),
        sshd(f"Disconnecting invalid user {name} {V4} port 50412: Too many authentication failures [preauth]"),
        sshd(f"User {name} from {V4} not allowed because not listed in AllowUsers"),
        sshd(f"pam_unix(vsftpd:auth): authentication failure; {ftp}", "vsftpd"),
        sshd(f"pam_unix(vsftpd:auth): authentication failure; {ftp} user=mary", "vsftpd"),
        f'Tue Feb  3 10:11:12 2026 [pid 9] [{name}] FAIL LOGIN: Client "{V4}"',
        dovecot(f"imap-login: Disconnected (auth failed, 1 attempts): user=<{name}>, method=PLAIN, "
                f"rip={V4}, lip=192.0.2.1, TLS"),
        sshd(f"warning: unknown[{V4}]: SASL LOGIN authentication failed: (reason unavailable), "
             f"sasl_username={name}", "postfix/smtpd[9]"),
        apache(f"AH01618: user {name} not found: /"),
    ] + ([nginx(f'user "{name}": password mismatch')] if name in NAMELESS else [])


def written(text):
    """Lines in which programs hold what somebody wrote, and which are no failures."""
    return [
        WEB.format(text.replace('"', '\\x22')),
        f'{V4} - - [03/Feb/2026:10:11:12 +0000] "GET /{text} HTTP/1.1" 404 5 "-" "-"',
        nginx(f'open() "/srv/{text}" failed (2: No such file or directory)'),
        apache(f"AH00128: File does not exist: /srv/{text}", module="core"),
        apache(f"AH00128: File does not exist: /srv/x, referer: {text}", module="core"),
        sshd(f"9A1: warning: header Subject: {text} from unknown[{V4}]; from=<a@b> to=<c@d>",
             "postfix/cleanup[9]"),
        sshd(f"gate (client.example[{V4}]) - USER {text} (Login failed): No such user found", "proftpd[9]"),
        sshd(f"USER {text}: no such user found from client.example [{V4}] to 192.0.2.1:21", "proftpd[9]"),
        sshd(f"    mary : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/echo {text}", "sudo"),
        json.dumps({"message": "GET / HTTP/1.1", "user_agent": text, "client_ip": V4}),
    ]


@pytest.fixture(scope="module")
def failures():
    return events([line for line, _, _ in FAILED])


@pytest.mark.parametrize("i", range(len(FAILED)), ids=lambda i: FAILED[i][0][:70])
def test_a_failure_names_user_and_address(failures, i):
    line, user, address = FAILED[i]
    assert i in failures, line
    event = failures[i]
    assert (event["user"], event["source_ip"]) == (user, address), line
    assert (event["event_type"], event["threat_level"]) == ("network_attacks.brute_force", "MEDIUM")


def test_a_failure_is_the_same_without_its_header():
    """Of those that need no other program's name."""
    plain = [(way, user, address) for line, user, address in FAILED if " gate sshd[811]: " in line
             for way in ways(line)]
    found = events([line for line, _, _ in plain])
    assert [(line, found[at]["user"], found[at]["source_ip"]) if at in found else line
            for at, (line, _, _) in enumerate(plain)] == plain


def test_a_log_in_names_user_and_address():
    every = [(way, user, address) for line, user, address in LOG_INS for way in ways(line)]
    found = events([line for line, _, _ in every])
    assert [(line, found[at]["user"], found[at]["source_ip"]) if at in found else line
            for at, (line, _, _) in enumerate(every)] == every
    assert {event["event_type"] for event in found.values()} == {"authentication.login"}


def test_ordinary_lines_are_no_failures():
    lines = [way for line in ORDINARY for way in ways(line)]
    assert {lines[at]: event["rule_id"] for at, event in events(lines).items()
            if event["event_type"] != "authentication.login"} == {}


def test_nobody_else_is_blamed_by_what_somebody_typed():
    assert {FORGED[at]: event["rule_id"] for at, event in events(FORGED).items()} == {}


def test_who_types_the_end_of_a_line_as_his_name_is_blamed_himself():
    lines = [way for name in NAMES for line in typed(name) for way in ways(line)]
    found = events(lines)
    assert {at for at in range(len(lines)) if at not in found} == set(), "missed"
    assert {lines[at]: event["source_ip"] for at, event in found.items()
            if event["source_ip"] != V4 or event["event_type"] != "network_attacks.brute_force"} == {}


def test_what_is_written_into_other_programs_lines_is_no_failure():
    wholes = [line for line, _, _ in FAILED if not line.startswith("{")]
    lines = [way for text in NAMES + wholes for line in written(text) for way in ways(line)]
    assert {lines[at]: event["rule_id"] for at, event in events(lines).items()} == {}
