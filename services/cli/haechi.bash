# Completion of haechi's commands, options and values for bash.
#
# What there is comes from haechi's own --help, so that it cannot differ from it.

# Words of a section of --help: _haechi_help 'Commands:' COMMAND…
_haechi_help() {
    local section=$1 words='s/^  (-., |    )(--[a-z-]+).*/\2/p'
    shift
    [ "$section" = Options: ] || words='s/^  ([a-z-]+)( .*|$)/\1/p'
    haechi "$@" --help 2>/dev/null | sed -n "/^$section/,/^\$/p" | sed -nE "$words"
}

_haechi_rules() {
    haechi rules list --output json 2>/dev/null | sed -nE 's/^\{"rule_id":"([^"]+)".*/\1/p'
}

_haechi_correlations() {
    haechi correlations list --output json 2>/dev/null | sed -nE 's/^\{"id":"([^"]+)".*/\1/p'
}

_haechi_words() {
    mapfile -t COMPREPLY < <(compgen -W "$1" -- "$current")
}

_haechi() {
    local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
    local -a command=()
    local word below

    # The commands named so far, up to the first option or operand.
    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        below=$(_haechi_help Commands: "${command[@]}")
        grep -qxF -- "$word" <<<"$below" || break
        command+=("$word")
    done

    case "${command[*]} $before" in
    *' --format' | *' -f') [[ ${command[0]} = @(events|alerts) ]] || {
        _haechi_words 'auto json clf syslog plain'
        return
    } ;;
    *' --output' | *' -o') _haechi_words 'auto json table' && return ;;
    *' --min-level' | *' --fail-on' | 'scan -l' | *' tail -l')
        _haechi_words 'low medium high critical' && return
        ;;
    *' --from') _haechi_words 'earliest latest 15m 1h 1d' && return ;;
    'events tail --rule' | 'events tail -r' | 'rules explain explain')
        _haechi_words "$(_haechi_rules)" && return
        ;;
    'alerts tail --rule' | 'alerts tail -r' | 'correlations explain explain')
        _haechi_words "$(_haechi_correlations)" && return
        ;;
    esac

    case $current in
    -*) _haechi_words "$(_haechi_help Options: "${command[@]}")" ;;
    *)
        _haechi_words "$(_haechi_help Commands: "${command[@]}")"
        # Files where no command can stand.
        if [ ${#COMPREPLY[@]} -eq 0 ]; then
            compopt -o default 2>/dev/null
        fi
        ;;
    esac
}

complete -F _haechi haechi
