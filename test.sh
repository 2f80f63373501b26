#!/usr/bin/env bash
# Builds StreamLearn and runs all its tests.
#
#   ./test.sh [--long] [--no-skips] [filter]
#
#   --long       long tests too, and the long form of others (sets STREAMLEARN_LONG=1)
#   --no-skips   a skipped test counts as a failed one
#   filter       passed on to `dotnet test --filter`, e.g. FullyQualifiedName~Standardize
#
# The first restore fetches libtorch (128 MB, 600 on disk) for the tests of StreamLearn.Torch, and keeps it with other packages.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

no_skips=false
patience=20m    # for the tests of a project: then one hangs
filter=
while [ $# -gt 0 ]; do
    case "$1" in
        --long) export STREAMLEARN_LONG=1 patience=4h ;;
        --no-skips) no_skips=true ;;
        -h|--help) sed -n '2,10s/^# \{0,1\}//p' "$0"; exit 0 ;;
        -*) echo "test.sh: unknown option $1" >&2; exit 2 ;;
        *)
            [ -z "$filter" ] || { echo "test.sh: one filter at most, got a second: $1" >&2; exit 2; }
            filter=$1 ;;
    esac
    shift
done

# Makes sure of a command, installing the Debian package that has it where that can be done.
need() {
    local PATH="$PATH:/usr/sbin:/usr/local/sbin"    # where Debian puts servers
    command -v "$1" > /dev/null && return
    [ "$(id -u)" -eq 0 ] && command -v apt-get > /dev/null || return
    echo "test.sh: installing $2" >&2
    apt-get update -qq > /dev/null && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "$2" > /dev/null
    command -v "$1" > /dev/null
}

command -v dotnet > /dev/null || { echo "test.sh: the .NET SDK is missing (see global.json for its version)" >&2; exit 2; }
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
# Programs of tests live for seconds: taking profiles of them is a fifth of their time, and is never used; nor is better code for what is
# called less than 512 times.
export DOTNET_TieredPGO=0 DOTNET_TC_CallCountThreshold=200      # hexadecimal
# Of two cores that all are busy, a collector of its own in the background takes more than it gives.
export DOTNET_gcConcurrent=0

restore=(dotnet restore StreamLearn.sln)
if [ -f Pipelines/StreamLearn/packages.lock.json ]; then
    restore+=(--locked-mode)
fi
build=(dotnet build StreamLearn.sln --configuration Release --no-restore --tl:off)
if [ "${UseSharedCompilation:-}" = false ]; then
    # The machine wants no compiler to stay behind. One for this build alone takes two thirds of the time of one for each project.
    build+=(-p:UseSharedCompilation=true)
    trap 'dotnet build-server shutdown --vbcscompiler > /dev/null' EXIT
fi
# Machine code in the assemblies of programs saves a fifth of the time: those of tests start by the hundred, and compiling at their start
# is most of their time. Its compiler is a package of 38 MB; without it, tests only take longer.
precompiled=(-p:Precompiled=true)
if ! "${restore[@]}" "${precompiled[@]}"; then
    echo "test.sh: restoring again, without machine code in assemblies" >&2
    precompiled=()
fi
if { [ ${#precompiled[@]} -eq 0 ] && ! "${restore[@]}"; } || ! "${build[@]}" "${precompiled[@]}"; then
    echo
    echo "Not run: all tests, because the solution does not build. Counted as one failure."
    echo "0 passed, 1 failed"
    exit 1
fi

# Puts machine code into the assemblies of programs and of the test runner, wherever the build has copied them. Tests themselves run once:
# there it takes more than it saves.
precompile() {
    local source=$made/il/$1.dll
    [ -e "$made/$1.dll" ] || timeout 60 "$compiler" --parallelism 1 "$source" -o "$made/$1.dll" -O -r "$made/il/*.dll" \
        -r 'artifacts/bin/Sensor.Tests/release/*.dll' -r 'artifacts/bin/StreamLearn.Torch.Tests/release/*.dll' \
        -r "$frameworks/Microsoft.NETCore.App/$version/*.dll" -r "$frameworks/Microsoft.AspNetCore.App/$version/*.dll" \
        > "$made/$1.log" 2>&1 || cp "$source" "$made/$1.dll"
}
if [ ${#precompiled[@]} -gt 0 ]; then
    compiler=$(dotnet msbuild Pipelines/StreamLearn/StreamLearn.csproj -getProperty:Precompiler "${precompiled[@]}")
    version=$(basename "$(dirname "$(dirname "$compiler")")")
    frameworks=$(dirname "$(readlink -f "$(command -v dotnet)")")/shared
    made=artifacts/obj/precompiled
    mkdir -p "$made/il"
    names=(xunit.v3.{assert,common,core,runner.common,runner.inproc.console})
    for path in artifacts/obj/*/release/*.dll; do
        name=$(basename "$path" .dll)
        case $name in *.Tests | Benchmarks) ;; *) names+=("$name") ;; esac
    done
    for name in "${names[@]}"; do
        for path in artifacts/bin/*/release/"$name".dll; do
            cmp -s "$path" "$made/$name.dll" && continue
            cmp -s "$path" "$made/il/$name.dll" || rm -f "$made/$name.dll"      # it is another one since
            cp "$path" "$made/il"
            break
        done
    done
    export -f precompile
    export compiler frameworks made version
    printf '%s\n' "${names[@]}" | xargs -P 2 -I{} bash -c 'precompile {}'
    for name in "${names[@]}"; do
        for path in artifacts/bin/*/release/"$name".dll; do cp "$made/$name.dll" "$path"; done
    done
fi

results="$PWD/artifacts/test-results"
rm -rf "$results"
mkdir -p "$results"
# Tests that need one of these skip where it is missing, and say so.
missing=()
[ -n "${STREAMLEARN_CHROMIUM:-}" ] || need chromium chromium || missing+=(chromium)
[ -n "${STREAMLEARN_MOSQUITTO:-}" ] || need mosquitto mosquitto || missing+=(mosquitto)
[ -n "${STREAMLEARN_GCC:-}" ] || need gcc build-essential || missing+=(gcc)     # gcc alone has no headers of C
[ -n "${STREAMLEARN_NATS_SERVER:-}" ] || need nats-server nats-server || missing+=(nats-server)
# Long tests compare with models of scikit-learn.
if [ "${STREAMLEARN_LONG:-}" = 1 ] && ! python3 -c "import sklearn" 2> /dev/null; then
    need python3-sklearn python3-sklearn || true        # a library: there is no command to look for
fi
# Runs the tests of a project. `dotnet test` would take three seconds of a core more for each.
run_project() {
    local status=0
    timeout --kill-after=10s "$patience" "artifacts/bin/$1/release/$1" -noLogo -noColor -longRunning 300 -result-trx "$results/$1.trx" \
        > "$results/$1.log" 2>&1 || status=$?
    grep -a ' Total: ' "$results/$1.log" || { tail -n 20 "$results/$1.log"; echo "$1 ended with $status."; }
    return "$status"
}

status=0
# A shell that runs this in its background lets it ignore SIGINT, and so would all programs that tests start and interrupt. Three
# projects at once: tests wait for some of their time, and with more, deadlines of servers pass.
if [ -n "$filter" ]; then
    env --default-signal=INT dotnet test StreamLearn.sln --configuration Release --no-build --tl:off "-p:TestResultsFolder=$results" \
        -maxcpucount:3 --blame-hang --blame-hang-timeout "$patience" --blame-hang-dump-type none --filter "$filter" || status=$?
    # A program of tests that was given up because one hangs is still there.
    pkill -KILL -f "^$PWD/artifacts/bin/[^/]*/release/[^/]*Tests " || true
else
    export -f run_project
    export results patience
    # The longest first: no core idles at the end.
    printf '%s\n' Acceptance.Tests Sensor.Tests Tool.Tests StreamLearn.{Nats,Fleets,Mqtt}.Tests Examples.Tests \
        StreamLearn.{Models,Torch}.Tests Tests/*.Tests \
        | sed 's|^Tests/||' | awk '!seen[$0]++' \
        | env --default-signal=INT xargs -P 3 -I{} bash -c 'run_project {}' || status=$?
fi

# Totals from the result files: one per test project, so none is counted twice and none is missed.
passed=0 failed=0 skipped=0 left=0
shopt -s nullglob
for file in "$results"/*.trx; do
    counters=$(grep -o '<Counters [^>]*>' "$file" || true)
    value() { sed -n "s/.* $1=\"\([0-9]*\)\".*/\1/p" <<< "$counters"; }
    total=$(value total) ran=$(value executed) good=$(value passed) long=$(value notRunnable)
    passed=$((passed + ${good:-0}))
    failed=$((failed + ${ran:-0} - ${good:-0}))
    left=$((left + ${long:-0}))
    skipped=$((skipped + ${total:-0} - ${ran:-0} - ${long:-0}))
done

echo
if [ "${STREAMLEARN_LONG:-}" != 1 ]; then
    echo "Not run: $left long tests, and the long form of those that have one (./test.sh --long)."
fi
for program in "${missing[@]}"; do
    variable=STREAMLEARN_$(tr a-z- A-Z_ <<< "$program")
    echo "Missing: $program; tests that need it are skipped (apt-get install -y $program, or set $variable to the program)."
done
if [ -n "$filter" ]; then
    echo "Not run: tests that do not match the filter $filter."
fi
if [ "$skipped" -gt 0 ]; then
    echo "Skipped tests:"
    grep -ho '<UnitTestResult [^>]*outcome="NotExecuted"[^>]*>' "$results"/*.trx | sed 's/.* testName="\([^"]*\)".*/  \1/' | sort
    if $no_skips; then
        echo "A skipped test counts as failed here."
        failed=$((failed + skipped)) skipped=0
    fi
fi
if grep -qs 'outcome="Failed"' "$results"/*.trx; then
    # Again at the end, where they are found: other tests ran on for minutes and printed after them.
    echo "Failed tests:"
    sed 's/></>\n</g; s/&#xA;/\n/g' "$results"/*.trx | awk '
        /<UnitTestResult .*outcome="Failed"/ { name = $0; sub(/.* testName="/, "", name); sub(/".*/, "", name); print "  " name; left = 8 }
        /<Message>/ { message = left > 0 }
        message { sub(/^ *<Message>/, ""); last = sub(/<\/Message>.*/, ""); if (left-- > 0) print "    " $0; if (last) message = left = 0 }'
fi
if [ "$status" -ne 0 ] && [ "$failed" -eq 0 ]; then
    echo "The test run ended with exit code $status though no test failed: see above. Counted as one failure."
    failed=1
fi
if [ $((passed + failed)) -eq 0 ]; then
    echo "No test ran. Counted as one failure."
    failed=1
fi

summary="$passed passed, $failed failed"
if [ "$skipped" -gt 0 ]; then
    summary+=", $skipped skipped"
fi
echo "$summary"
[ "$failed" -eq 0 ]
