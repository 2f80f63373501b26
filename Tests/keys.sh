#!/usr/bin/env bash
# Writes the tables of keys into docs/reference/configuration.md, as the programs list them. Look at the difference before you commit it.
#
#   Tests/keys.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
case "${1:-}" in -h|--help) sed -n '2,4s/^# \{0,1\}//p' "$0"; exit 0 ;; esac
STREAMLEARN_WRITE_PAGES=1 dotnet test Tests/Sensor.Tests --configuration Release \
    --filter FullyQualifiedName~Tables_on_the_page_are_what_the_programs_list > /dev/null || true     # it fails where it wrote
git diff --stat -- docs/reference/configuration.md
