# SPDX-License-Identifier: GPL-2.0-or-later
# Completion of umtrace for bash: options, their words, files and interfaces.

_umtrace() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
    COMPREPLY=()
    # --view=WHAT comes as three words
    [[ $word == '=' ]] && word=''
    [[ $before == '=' ]] && before=${COMP_WORDS[COMP_CWORD - 2]}

    local words='' limits='flows= pending= pending-total= fragments= head= body= requests= memory=
        inflate= inflate-ratio= xml-depth= xml-text= h2-streams= tunnels= calls= findings='
    case $before in
    -V | --view) words='calls messages http streams summary' ;;
    -F | --format) words='text json ndjson csv html' ;;
    --fail-on) words='error warning note' ;;
    --color) words='auto always never' ;;
    --limit)
        words=$limits
        compopt -o nospace
        ;;
    -i | --interface) words="any $(command ls /sys/class/net 2>/dev/null)" ;;
    -o | --output | -k | --keylog | --tls-key | --extract)
        compopt -o default
        return
        ;;
    -c | --call | -f | --filter | --since | --until | --slow | --stuck-after | --poll-gap)
        return
        ;;
    *)
        if [[ $word != -* ]]; then
            compopt -o default
            return
        fi
        words='--view --format --output --call --since --until --filter --keylog --tls-key
            --interface --follow --from-messages --extract --redact --slow --stuck-after
            --poll-gap --limit --fail-on --quiet --verbose --progress --local --color --help
            --version -V -F -o -c -f -k -i -q -v -h'
        ;;
    esac
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}

complete -F _umtrace umtrace
