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

# The name of an option's value (FORMAT), and on a second line what is said of it; nothing where it
# has none: _haechi_value OPTION COMMAND…
_haechi_value() {
    local option=$1
    shift
    haechi "$@" --help 2>/dev/null | sed -n '/^Options:/,/^$/p' | awk -v option="$option" '
        /^  (-., |    )--/ {
            match($0, /--[a-z-]+( [^ ]+)?/)
            split(substr($0, RSTART, RLENGTH), long, " ")
            is_it = (long[1] == option || substr($0, 3, 2) == option) && long[2] != ""
            if (is_it)
                print long[2]
            sub(/.*--[a-z-]+( [^ ]+)?/, "")
        }
        is_it { sub(/^ +/, ""); text = text " " $0 }
        END { print text }'
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
    local word below value text

    # The commands named so far, up to the first option or operand.
    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        below=$(_haechi_help Commands: "${command[@]}")
        grep -qxF -- "$word" <<<"$below" || break
        command+=("$word")
    done

    case "${command[*]} $before" in
    'rules explain explain') _haechi_words "$(_haechi_rules)" && return ;;
    'correlations explain explain') _haechi_words "$(_haechi_correlations)" && return ;;
    *' -'*)
        { read -r value && read -r text; } < <(_haechi_value "$before" "${command[@]}")
        case "${command[0]} $value" in
        *' ') ;; # it takes none: what follows is as good as anywhere
        'events RULE') _haechi_words "$(_haechi_rules)" && return ;;
        'alerts RULE') _haechi_words "$(_haechi_correlations)" && return ;;
        *' WHERE') _haechi_words 'earliest latest 15m 1h 1d' && return ;;
        *' FILE'* | *' PATH') compopt -o default 2>/dev/null; return ;;
        # What it may be stands at the end: "…: auto, json, table".
        *) _haechi_words "$(sed -nE 's/.*: (([a-z0-9_]+, )+[a-z0-9_]+)$/\1/p' <<<"$text" | tr -d ,)" && return ;;
        esac
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
