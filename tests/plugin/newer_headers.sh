#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Compiles the dissector against the headers of newer Wireshark releases, without linking: those of
# the Debian suites given, fetched from the mirror that this machine's apt uses. Nothing is
# installed.
#
#     newer_headers.sh SUITE...
set -euo pipefail
cd "$(dirname "$0")/../.."

mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' |
    grep -v security | sort -u | head -n 1)
[[ $mirror ]] || {
    echo "apt knows no mirror of Debian" >&2
    exit 1
}

# fetch SUITE FOLDER: unpacks the suite's Wireshark headers into FOLDER.
fetch() {
    local suite=$1 folder=$2
    mkdir -p "$folder"/lists/partial "$folder"/cache/archives/partial "$folder"/packages
    echo "deb $mirror $suite main" >"$folder"/sources.list
    local options=(
        -o "Dir::Etc::sourcelist=$folder/sources.list" -o Dir::Etc::sourceparts=/nonexistent
        -o "Dir::State::lists=$folder/lists" -o "Dir::Cache=$folder/cache"
        -o Acquire::Check-Valid-Until=false -o APT::Sandbox::User=root -qq
    )
    apt-get "${options[@]}" update
    (cd "$folder"/packages && apt-get "${options[@]}" download \
        libwireshark-dev libwiretap-dev libwsutil-dev)
    local package
    for package in "$folder"/packages/*.deb; do
        dpkg -x "$package" "$folder"
    done
}

for suite; do
    folder=$(mktemp -d)
    trap 'rm -rf "$folder"' EXIT
    fetch "$suite" "$folder"
    headers=$folder/usr/include/wireshark
    version=$(sed -n 's/^#define VERSION "\(.*\)"/\1/p;s/.*WIRESHARK_VERSION_M[AI][A-Z]* \(.*\)/\1/p' \
        "$headers"/ws_version.h | paste -sd.)
    for source in plugin/*.c; do
        cc -std=c11 -D_GNU_SOURCE -DUMTRACE_VERSION='"check"' -fsyntax-only -Wall -Wextra -Werror \
            -I. -isystem "$headers" $(pkg-config --cflags glib-2.0) "$source"
    done
    echo "$suite: Wireshark $version: $(ls plugin/*.c | wc -l) files compile"
    rm -rf "$folder"
done
