# SPDX-License-Identifier: GPL-2.0-or-later
# What over-slurm and over-ssh share: the list of capture sets, and which of them have no lines yet.
# The list is a text file, a set a line: its name, then its captures, with a tab before each. Empty
# lines and those that begin with # are passed over; a set's number is its line in the file.

die() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 2
}

# sets_check SETS: every set has a name of its own that can be a file's, and captures.
sets_check() {
    local name captures number=0
    local -A seen=()
    [[ -r $1 ]] || die "$1 cannot be read"
    while IFS=$'\t' read -r name captures; do
        number=$((number + 1))
        [[ $name && $name != '#'* ]] || continue
        [[ $name =~ ^[A-Za-z0-9_][A-Za-z0-9._-]*$ ]] || die "$1:$number: a set is named by A-Z a-z 0-9 . _ -"
        [[ $captures ]] || die "$1:$number: set $name has no captures (a tab stands before each)"
        [[ ! ${seen[$name]-} ]] || die "$1:$number: set $name stands at line ${seen[$name]} already"
        seen[$name]=$number
    done <"$1"
    ((${#seen[@]})) || die "$1 names no set"
}

# sets_to_do SETS LINES: the numbers of the sets whose lines are not complete, one a line.
sets_to_do() {
    local name captures number=0
    while IFS=$'\t' read -r name captures; do
        number=$((number + 1))
        [[ $name && $name != '#'* ]] || continue
        [[ -e $2/$name.ndjson ]] || printf '%s\n' "$number"
    done <"$1"
}

# options_split OPTION... [-- OPTION...]: those before -- are the map step's, those behind the reduce step's.
options_split() {
    map_options=() reduce_options=()
    while (($#)) && [[ $1 != -- ]]; do
        map_options+=("$1")
        shift
    done
    (($#)) && reduce_options=("${@:2}")
    return 0
}
