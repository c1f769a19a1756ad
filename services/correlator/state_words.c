#include "correlator/state_words.h"

/* As they stand in states: a text behind its kind and length (pack.c), a payload with bytes in the
 * place of its event's fields (payload_state.c). */
#define USER "\xf8"
#define SOURCE "\xf9"

/* What is likeliest stands last: it is the nearest. */
#define WORDS                                                                                      \
    "malware_indicators.persistence_mechanisms malware_indicators.suspicious_processes "           \
    "attack.t1547.001 attack.t1059 attack.t1595 network_attacks.port_scan [UFW BLOCK] IN=eth0 "    \
    "OUT= MAC= SRC=" SOURCE " DST=\xfa LEN= TOS=0x00 PREC=0x00 TTL= ID= DF PROTO=TCP SPT= DPT= "   \
    "WINDOW= SYN "                                                                                 \
    "web_attacks.lfi_rfi web_attacks.command_injection web_attacks.sql_injection web_attacks.xss " \
    "attack.t1190 <script>alert(1)</script> ../../../../etc/passwd ' UNION SELECT NULL-- ' OR 1=1" \
    " HTTP/1.1\" 404 200 \"GET /index.php?id= POST /wp-login.php Mozilla/5.0 (Windows NT 10.0; "   \
    "Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/ Safari/537.36 "                    \
    "network_attacks.postfix_sasl_failed warning: unknown[" SOURCE "]: SASL LOGIN authentication " \
    "failed: network_attacks.dovecot_failed imap-login: Disconnected (auth failed, 1 attempts): "  \
    "user=<" USER ">, method=PLAIN, rip=" SOURCE ", lip= network_attacks.nginx_basic_failed user " \
    "\"" USER "\" was not found in \"/etc/nginx/.htpasswd\", client: " SOURCE                      \
    " network_attacks.pam_failed pam_unix(sshd:auth): authentication failure; logname= uid=0 "     \
    "euid=0 tty=ssh ruser= rhost=" SOURCE " user=root user=" USER                                  \
    " authentication.login attack.t1078 sshd_accepted Accepted publickey for Accepted password "   \
    "for " USER " from " SOURCE " port low_reputation_ip:0. attack.t1110.001 attack.t1110.003 "    \
    "network_attacks.sshd_invalid_user Connection closed by authenticating user Invalid user "     \
    "admin from user\x18"                                                                          \
    "192.168.host\x0ftarget_ip\x15"                                                                \
    "default\x01\x1bsource_ip\x18"                                                                 \
    "10.0.0."                                                                                      \
    "Failed password for " USER " from " SOURCE " port fQnetwork_attacks.brute_force\x01\xfb\x2a"  \
    "\x31\x15user1\x08Qnetwork_attacks.sshd_failed\x0e\x0fweb-1\x01\x00\x39"                       \
    "Failed password for invalid user " USER " from " SOURCE " port 5 ssh2\xbd\x05\x01\x01\x24"    \
    "attack.t1110\x03"

const struct text state_words = {WORDS, sizeof(WORDS) - 1};
