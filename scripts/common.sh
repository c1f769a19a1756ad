# common.sh: what the scripts share; read by them with `.`, never run.
# shellcheck shell=sh
# shellcheck disable=SC2034 # what is unused here is used there

haechi_root=$(cd "$(dirname "$0")/.." && pwd)
haechi_script=$(basename "$0")
# What is downloaded once and used again, outside the tree.
haechi_cache=${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/haechi

say() {
    printf '%s: %s\n' "$haechi_script" "$*" >&2
}

fail() {
    say "$*"
    exit 1
}

usage_error() {
    say "$*; see $0 --help"
    exit 2
}

# The comment at the head of a script is its help: everything from line 2 to the first line that is
# no comment.
show_help() {
    sed -n '2,/^[^#]/{/^#/s/^# \{0,1\}//p;}' "$0"
}

has() {
    command -v "$1" >/dev/null 2>&1
}

# Debian's own Python, which has the venv module of the Debian package, before any other.
system_python() {
    if [ -x /usr/bin/python3 ]; then
        echo /usr/bin/python3
    else
        command -v python3
    fi
}

# Free TCP ports on loopback, as many as asked for, one a line.
free_ports() {
    "$(system_python)" - "$1" <<'PYTHON'
import socket
import sys

sockets = [socket.socket() for _ in range(int(sys.argv[1]))]
for s in sockets:
    s.bind(("127.0.0.1", 0))
    print(s.getsockname()[1])
PYTHON
}

# wait_until SECONDS COMMAND...: tries until it succeeds, or fails when the time is over.
wait_until() {
    tries=$(($1 * 10))
    shift
    until "$@"; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || return 1
        sleep 0.1
    done
}

is_running() {
    [ -s "$1" ] && kill -0 "$(cat "$1")" 2>/dev/null
}

is_stopped() {
    ! is_running "$1"
}

# stop_process PIDFILE: asks it to end, and insists after 20 seconds.
stop_process() {
    is_running "$1" || return 0
    kill "$(cat "$1")" 2>/dev/null || true
    if ! wait_until 20 is_stopped "$1"; then
        kill -9 "$(cat "$1")" 2>/dev/null || true
        wait_until 5 is_stopped "$1" || return 1
    fi
    rm -f "$1"
}

# Brings the jars of a pom into a folder, once; a folder that is there is complete.
maven_fetch() {
    pom=$1 folder=$2
    [ -d "$folder" ] && return 0
    has mvn || fail "Maven is missing: run ./scripts/setup --tests"
    say "downloading $(basename "$folder") (once; kept in $folder)"
    mkdir -p "$(dirname "$folder")"
    part=$(mktemp -d "$folder.XXXXXX")
    if ! mvn -q -B -f "$pom" dependency:copy-dependencies -DoutputDirectory="$part" \
        >"$part.log" 2>&1; then
        tail -20 "$part.log" >&2
        rm -rf "$part"
        fail "could not download the jars that $pom names (whole output: $part.log)"
    fi
    rm -f "$part.log"
    # Two that downloaded at once: the second keeps the first one's.
    mv -T "$part" "$folder" 2>/dev/null || rm -rf "$part"
}
