#include "correlator/state_words.h"

/* What is likeliest stands last: it is the nearest. */
#define WORDS                                                                                      \
    "malware_indicators.persistence_mechanisms malware_indicators.suspicious_processes "           \
    "attack.t1547.001 attack.t1059 attack.t1595 network_attacks.port_scan [UFW BLOCK] IN=eth0 "    \
    "OUT= MAC= SRC= DST= LEN= TOS=0x00 PREC=0x00 TTL= ID= DF PROTO=TCP SPT= DPT= WINDOW= SYN "     \
    "web_attacks.lfi_rfi web_attacks.command_injection web_attacks.sql_injection web_attacks.xss " \
    "attack.t1190 <script>alert(1)</script> ../../../../etc/passwd ' UNION SELECT NULL-- ' OR 1=1" \
    " HTTP/1.1\" 404 200 \"GET /index.php?id= POST /wp-login.php Mozilla/5.0 (Windows NT 10.0; "   \
    "Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/ Safari/537.36 "                    \
    "network_attacks.postfix_sasl_failed warning: unknown[]: SASL LOGIN authentication failed: "   \
    "network_attacks.dovecot_failed imap-login: Disconnected (auth failed, 1 attempts): user=<>, " \
    "method=PLAIN, rip=, lip= network_attacks.nginx_basic_failed user \"\" was not found in "      \
    "\"/etc/nginx/.htpasswd\", client: network_attacks.pam_failed pam_unix(sshd:auth): "           \
    "authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost= user=root "               \
    "authentication.login attack.t1078 sshd_accepted Accepted publickey for Accepted password "    \
    "for low_reputation_ip:0. attack.t1110.001 attack.t1110.003 "                                  \
    "network_attacks.sshd_invalid_user "                                                           \
    "Connection closed by authenticating user Invalid user admin from user host target_ip "        \
    "default source_ip 10.0.0. 192.168. network_attacks.brute_force network_attacks.sshd_failed "  \
    "attack.t1110 Failed password for root Failed password for invalid user  from  port  ssh2"

const struct text state_words = {WORDS, sizeof(WORDS) - 1};
