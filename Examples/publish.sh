#!/usr/bin/env bash
# Publishes streamlearn-sensor and streamlearn-aggregator as programs of one file that need no .NET on the machine, and tries each out.
#
#   Examples/publish.sh [-o DIR] [-r RID] [--no-aot] [--no-run]
#
#   -o DIR     where the programs go; default artifacts/programs
#   -r RID     the system they are for, such as linux-arm64; default: this one
#   --no-aot   no sensor by Native AOT (it needs gcc or clang, and zlib1g-dev)
#   --no-run   do not try them out, as programs for another system cannot be
#
# Makes DIR/streamlearn-sensor, DIR/streamlearn-aggregator, and DIR/aot/streamlearn-sensor: the same sensor as machine code, which starts
# at once and takes less memory. Folders and lock files of the ordinary build stay as they are.
#
# Exit codes: 0 all were made and work; 1 one was not or does not; 2 wrong command line. What is skipped is said.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
PATH="$PATH:/usr/sbin:/usr/local/sbin"      # where Debian puts servers
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1

out=$root/artifacts/programs aot=true run=true rid=
refuse() { echo "publish.sh: $1 (see --help)" >&2; exit 2; }
while [ $# -gt 0 ]; do
    case "$1" in
        -h|--help) sed -n '2,/^set/s/^# \{0,1\}//p' "$0" | grep -v '^set'; exit 0 ;;
        --no-aot) aot=false; shift ;;
        --no-run) run=false; shift ;;
        -o|-r)
            [ $# -gt 1 ] || refuse "$1 needs a value"
            if [ "$1" = -o ]; then out=$2; else rid=$2; fi
            shift 2 ;;
        *) refuse "unknown option $1" ;;
    esac
done
command -v dotnet > /dev/null || { echo "publish.sh: the .NET SDK is missing (see global.json for its version)" >&2; exit 1; }
here=$(dotnet --info | sed -n 's/^ *RID: *//p' | head -n 1)
rid=${rid:-$here}
mkdir -p "$out"
out=$(cd "$out" && pwd)
work=$(mktemp -d)
trap 'kill $(jobs -p) 2> /dev/null || true; rm -rf "$work"' EXIT
status=0
declare -a skipped=()

# Publishes a project, in folders of its own; what it says is shown only if it fails.
publish() {
    local project=$1 program=$2 to=$3 began=$SECONDS
    shift 3
    echo "publishing $program for $rid ($to): some minutes ..."
    dotnet publish "$root/Pipelines/$project" --configuration Release --runtime "$rid" --self-contained --tl:off --verbosity quiet \
        --artifacts-path "$work/build" --output "$work/$to" -p:RestorePackagesWithLockFile=false \
        -p:NuGetLockFilePath=none.lock.json "$@" > "$work/log" 2>&1 &
    while sleep 1; kill -0 $! 2> /dev/null; do
        [ $(((SECONDS - began) % 20)) -ne 0 ] || echo "  ... $((SECONDS - began)) s"
    done
    if ! wait $!; then
        grep -E 'error|warning' "$work/log" | sort -u | head -n 20 >&2 || tail -n 20 "$work/log" >&2
        return 1
    fi
    if grep -E 'warning' "$work/log" >&2; then echo "publish.sh: warnings: see above" >&2; return 1; fi
    echo "  done in $((SECONDS - began)) s"
}

# Copies a program that was published to where it is wanted, and says how large it is.
deliver() {
    mkdir -p "$(dirname "$2")"
    cp "$1" "$2"
    awk -v bytes="$(stat -c %s "$2")" -v name="${2#"$out"/}" 'BEGIN { printf "  %s: %.1f MiB\n", name, bytes / 1048576 }'
}

trimmed=(-p:PublishTrimmed=true -p:PublishSingleFile=true)
for project in Sensor Aggregator; do
    program=streamlearn-${project,,}
    publish "$project" "$program" trimmed "${trimmed[@]}" || { echo "publish.sh: no $program" >&2; exit 1; }
    deliver "$work/trimmed/$program" "$out/$program"
done

# Without AVX2 and FMA, which processors have had since 2013 to 2015, its arithmetic would be emulated: many times slower.
case "$rid" in *-x64) instructions=(-p:IlcInstructionSet=x86-64-v3) ;; *) instructions=() ;; esac
linker=$(command -v clang || command -v gcc || true)
if ! $aot; then skipped+=("the sensor by Native AOT: --no-aot")
elif [ -z "$linker" ]; then skipped+=("the sensor by Native AOT: neither clang nor gcc is there (apt-get install gcc zlib1g-dev)")
elif [ "$rid" != "$here" ]; then skipped+=("the sensor by Native AOT: made on $rid alone, this is $here")
elif publish Sensor streamlearn-sensor aot -p:PublishAot=true "-p:CppCompilerAndLinker=$(basename "$linker")" \
    "${instructions[@]}"; then
    deliver "$work/aot/streamlearn-sensor" "$out/aot/streamlearn-sensor"
else
    echo "publish.sh: no sensor by Native AOT: see above" >&2
    status=1
fi

# Tries a program out: what it says of itself, and whether it takes its own configuration.
try_out() {
    "$1" --version > "$work/said" && "$1" --help >> "$work/said" && "$1" config init > "$work/config.yaml" \
        && "$1" check -c "$work/config.yaml" > "$work/said" && grep -q '^good: ' "$work/said" && return
    echo "publish.sh: ${1#"$out"/} does not work: $(tail -n 1 "$work/said")" >&2
    status=1
}

# Sensors and an aggregator, until the sensors' rows end; a page that is asked for has to be served.
try_fleet() {
    local programs=$1 link=${3:-embedded} page=() answer='' port=0 fleet code=0
    if "$out/streamlearn-aggregator" run --help | grep -q -e --http; then
        port=$((33000 + RANDOM % 20000))
        page=(--http "127.0.0.1:$port")
    fi
    echo "trying out a fleet of ${2} ..."
    "$root/Examples/fleet.sh" -n 2 --seconds 8 --link "$link" --programs "$programs" "${page[@]}" > "$work/fleet" 2>&1 &
    fleet=$!
    if [ "$port" -gt 0 ]; then
        for _ in $(seq 70); do
            sleep 0.1
            answer=$({ exec 3<> "/dev/tcp/127.0.0.1/$port" && printf 'GET / HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n' >&3 && head -n 1 <&3; } 2> /dev/null || true)
            [[ $answer != *' 200 '* ]] || break
        done
        [[ $answer == *' 200 '* ]] || { echo "publish.sh: the aggregator serves no page: '${answer%$'\r'}'" >&2; status=1; }
    fi
    wait "$fleet" || code=$?
    sed 's/^/  /' "$work/fleet"
    [ "$code" -eq 0 ] || { echo "publish.sh: the fleet of $2 ended with $code" >&2; status=1; }
}

if ! $run; then skipped+=("trying them out: --no-run")
elif [ "$rid" != "$here" ]; then skipped+=("trying them out: they are for $rid, this is $here")
else
    try_out "$out/streamlearn-sensor"
    try_out "$out/streamlearn-aggregator"
    [ ! -x "$out/aot/streamlearn-sensor" ] || try_out "$out/aot/streamlearn-sensor"
    try_fleet "$out" "trimmed programs"
    if command -v nats-server > /dev/null; then try_fleet "$out" "trimmed programs over nats-server" nats
    else skipped+=("a fleet of them over NATS: nats-server is missing (apt-get install nats-server)"); fi
    if [ -x "$out/aot/streamlearn-sensor" ]; then
        mkdir -p "$work/mixed"
        ln -s "$out/aot/streamlearn-sensor" "$out/streamlearn-aggregator" "$work/mixed"
        try_fleet "$work/mixed" "sensors by Native AOT"
    fi
fi

for reason in "${skipped[@]}"; do echo "skipped: $reason"; done
[ "$status" -eq 0 ] && echo "programs are in $out"
exit "$status"
