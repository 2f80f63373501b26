#!/usr/bin/env bash
# Writes the public surface of libraries into their PublicAPI.Unshipped.txt, as it is now. Look at the difference before you commit it.
#
#   Tests/surface.sh [FOLDER...]
#
#   FOLDER   of a library, such as Operators/StreamLearn.Learning; default: all libraries
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
case "${1:-}" in -h|--help) sed -n '2,6s/^# \{0,1\}//p' "$0"; exit 0 ;; esac
targets=("$@")
[ $# -gt 0 ] || { set -- "$root"/{Pipelines,Operators,Connectors}/StreamLearn*/; targets=("$root/StreamLearn.sln"); }     # one build for all
export LC_ALL=C

work=$(mktemp -d)
files=()
for folder; do files+=("$(cd "$folder" && pwd)/PublicAPI.Unshipped.txt"); done
trap 'rm -rf "$work"' EXIT
touch "${files[@]}"
tar -cPf "$work/before.tar" "${files[@]}"
trap 'tar -xPf "$work/before.tar"; rm -rf "$work"' EXIT

# What is public and in no file is a warning of the build, which has the line for the file.
for file in "${files[@]}"; do { echo '#nullable enable'; grep '^\*REMOVED\*' "$file" || true; } > "$work/empty"; cp "$work/empty" "$file"; done
for target in "${targets[@]}"; do
    dotnet build "$target" --configuration Release --tl:off --verbosity quiet -p:Checks=true -p:TreatWarningsAsErrors=false \
        > "$work/log" || { grep -F ' error ' "$work/log" | sort -u >&2; exit 1; }
    cat "$work/log" >> "$work/all"
done
for file in "${files[@]}"; do
    grep -F "[$(dirname "$file")/" "$work/all" | sed -n "s/.* RS0016: [^']*'\(.*\)' is not part of the declared public API.*/\1/p" \
        | sort -u >> "$file" || true
done
trap 'rm -rf "$work"' EXIT
