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

# What was compiled once is not compiled again, in this tree or in another.
if has ccache && [ -z "${CMAKE_C_COMPILER_LAUNCHER:-}" ]; then
    export CMAKE_C_COMPILER_LAUNCHER=ccache
    export CCACHE_BASEDIR="$haechi_root" CCACHE_NOHASHDIR=1
fi

# Debian's own Python, which has the venv module of the Debian package, before any other.
system_python() {
    if [ -x /usr/bin/python3 ]; then
        echo /usr/bin/python3
    else
        command -v python3
    fi
}

# The Debian mirror that this machine's own package sources name; comments hold others.
debian_mirror() {
    cat /etc/apt/sources.list.d/*.sources /etc/apt/sources.list.d/*.list /etc/apt/sources.list \
        2>/dev/null | sed -n -e 's|^URIs: *\(http[^ ]*/debian\)/* *$|\1|p' \
        -e 's|^deb .*\(http[^ ]*/debian\)/* [a-z].*|\1|p' | head -1
}

# Free TCP ports on loopback, as many as asked for, one a line.
free_ports() {
    "$(system_python)" "$haechi_root/scripts/free_ports" "$1"
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
    pom=$1 jars_folder=$2
    [ -d "$jars_folder" ] && return 0
    has mvn || fail "Maven is missing: run ./scripts/setup --tests"
    say "downloading $(basename "$jars_folder") (once; kept in $jars_folder)"
    mkdir -p "$(dirname "$jars_folder")"
    part=$(mktemp -d "$jars_folder.XXXXXX")
    if ! mvn -q -B -f "$pom" dependency:copy-dependencies -DoutputDirectory="$part" \
        >"$part.log" 2>&1; then
        tail -20 "$part.log" >&2
        rm -rf "$part"
        fail "could not download the jars that $pom names (whole output: $part.log)"
    fi
    rm -f "$part.log"
    # Two that downloaded at once: the second keeps the first one's.
    mv -T "$part" "$jars_folder" 2>/dev/null || rm -rf "$part"
}

# Where a server for development keeps its data: a folder of this user's own, until the next boot.
temporary_folder() {
    base=${TMPDIR:-/tmp}/haechi-$(id -u)
    [ -d "$base" ] || mkdir -m 700 "$base"
    [ "$(stat -c %u "$base")" = "$(id -u)" ] || fail "$base belongs to somebody else: set TMPDIR"
    echo "$base/$1"
}

# server_arguments NAME "$@": sets $command and $folder for the two scripts that run a server.
server_arguments() {
    command='' folder='' name=$1
    shift
    while [ $# -gt 0 ]; do
        case $1 in
        -h | --help)
            show_help
            exit 0
            ;;
        --dir)
            [ $# -gt 1 ] || usage_error "--dir needs a folder"
            folder=$2
            shift
            ;;
        start | stop | status | env) command=$1 ;;
        *) usage_error "unknown argument '$1'" ;;
        esac
        shift
    done
    [ -n "$command" ] || usage_error "say start, stop, status or env"
    [ -n "$folder" ] || folder=$(temporary_folder "$name")
    mkdir -p "$folder"
    folder=$(cd "$folder" && pwd)
}

# Prints the Python that has what tests/requirements.txt names: a virtual environment in the cache,
# one for each content of that file and version of Python.
test_python() {
    python=$(system_python)
    key=$({ "$python" -V && cat "$haechi_root/tests/requirements.txt"; } | sha256sum | cut -c1-12)
    venv=$haechi_cache/python-$key
    if [ ! -e "$venv/complete" ]; then
        say "making the tests' Python environment (once; kept in $venv)"
        rm -rf "$venv"
        mkdir -p "$haechi_cache"
        "$python" -m venv "$venv" || fail "python3-venv is missing: run ./scripts/setup --tests"
        "$venv/bin/pip" install -q --disable-pip-version-check \
            -r "$haechi_root/tests/requirements.txt" >"$venv/pip.log" 2>&1 || {
            tail -20 "$venv/pip.log" >&2
            fail "the packages of tests/requirements.txt did not install"
        }
        : >"$venv/complete"
    fi
    echo "$venv/bin/python"
}
