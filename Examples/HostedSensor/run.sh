#!/usr/bin/env bash
# Packs StreamLearn into a folder, builds this sample against those packages, and runs it.
#
#   Examples/HostedSensor/run.sh [--seconds N]
#
# Without --seconds it runs until Ctrl-C or SIGTERM.
set -euo pipefail
sample=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$sample/../.." && pwd)
packages=$root/artifacts/package/release
work=$root/artifacts/hosted-sensor
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1

case "${1:-}" in
    ''|--seconds) ;;
    -h|--help) sed -n '2,7s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) echo "run.sh: unknown option $1" >&2; exit 2 ;;
esac

rm -rf "$work" "$packages"      # changes that are not committed leave the version as it is
dotnet pack "$root/StreamLearn.sln" --configuration Release --output "$packages" --verbosity quiet
dotnet build "$sample" --configuration Release --verbosity quiet "-p:StreamLearnPackages=$packages" "-p:ArtifactsPath=$work"
exec dotnet "$work/bin/HostedSensor/release/HostedSensor.dll" "$@"
