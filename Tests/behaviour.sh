#!/usr/bin/env bash
# Records what the programs do: a line for each of about forty runs, with its exit code and hashes of what it printed and wrote.
# Two builds behave alike where their lines are equal. Times, folders and versions are left out before hashing.
#
#   Tests/behaviour.sh [--bin FOLDER] [--keep FOLDER] > lines
#
#   --bin   the folder with the built Tool, Sensor and Aggregator; default artifacts/bin
#   --keep  a folder for what the runs printed and wrote, to look for differences in
#
# Example: two commits, each built in a clone of its own
#   diff <(old/Tests/behaviour.sh) <(new/Tests/behaviour.sh)
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export LC_ALL=C DOTNET_TieredPGO=0 COLUMNS=150 NO_COLOR=1
bin=$PWD/artifacts/bin keep=
while (($#)); do
    case "$1" in
        --bin) bin=$(realpath "$2"); shift 2 ;;
        --keep) mkdir -p "$2"; keep=$(realpath "$2"); shift 2 ;;
        -h|--help) sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//p}' "$0"; exit 0 ;;
        *) echo "behaviour.sh: unknown argument $1" >&2; exit 2 ;;
    esac
done
work=${keep:-$(mktemp -d)}; [ -n "$keep" ] || trap 'rm -rf "$work"' EXIT
shared=$(realpath -m "$PWD/../shared")
built() { local f=$bin/$1/release/$2.dll; [ -f "$f" ] || f=$bin/$1/$2.dll; echo "dotnet $f"; }
S="$(built Tool streamlearn-tool)" D="$(built Sensor streamlearn-sensor)" A="$(built Aggregator streamlearn-aggregator)"

# Rows of 17 people who walk, run and rest at 25 Hz; a pump whose temperature follows its load; and its normal state alone.
mkdir -p "$work/in/people" "$work/in/pump"
for p in {01..17}; do
    awk -v p="$p" 'BEGIN { srand(p); print "time,ax,ay,az,activity"; split("rest walk run", c, " ")
        for (i = 0; i < 1500; i++) { k = int(i / 250) % 3; f = (1 + k) * (1 + p / 100)
            printf "%.2f,%.4f,%.4f,%.4f,%s\n", i / 25, k * sin(f * i / 4) + rand() / 2, k * cos(f * i / 5) + rand() / 2, rand(), c[k + 1] } }' \
        > "$work/in/people/p$p.csv"
done
for p in 1 2 3 4 5 6; do
    awk -v p="$p" 'BEGIN { srand(100 + p); print "time,load,speed,temperature"
        for (i = 0; i < 1200; i++) { l = 50 + 20 * sin(i / 40 + p); t += (l - t) / 30
            printf "%d,%.3f,%.3f,%.3f\n", i, l + rand(), 3 * l + rand(), 20 + t + rand() / 4 } }' > "$work/in/pump/m$p.csv"
done
awk 'NR == 1 || NR < 900' "$work/in/pump/m1.csv" > "$work/in/normal.csv"
awk -F, -v OFS=, 'NR > 700 && NR < 760 { $2 += 90 } { print }' "$work/in/pump/m2.csv" > "$work/in/odd.csv"

# What changes from run to run: seconds, rates, folders, the version and the date.
plain() {
    sed -E "s#$work##g; s#$shared#shared#g; s/\x1b\[[0-9;]*m//g; s/0\.1\.0-[A-Za-z0-9.+-]*/VERSION/g
        s/[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:.]+Z?/WHEN/g; s/[0-9.,]+ ?(ms|us|µs|s|min|KiB|MiB|GiB)\b/N/g; s/[0-9.]+ of the time/N of the time/g; s/ +/ /g"
}
hash() { sha256sum | cut -c1-12; }

# run NAME COMMAND…: in a folder of its own; out is its output, and the files in it what it wrote.
run() {
    local name=$1; shift; mkdir -p "$work/$name"
    (cd "$work/$name" && timeout 300 bash -c "$*" > out.txt 2> err.txt < /dev/null); local code=$?
    local line="$name exit=$code out=$(cat "$work/$name"/{out,err}.txt | plain | grep -vE 'mode=|took|seconds|rows/s|fitting|learn(ed|ing) in' | hash)"
    while read -r f; do
        case "$f" in
            *.safetensors|*.h|*.onnx) line+=" ${f#./}=$(hash < "$work/$name/$f")" ;;
            *result.json) line+=" ${f#./}=$(grep -vE '"[a-z_]*(seconds|time_fraction|wall|elapsed|version|command|date|memory|cpu|machine|started|out|events)[a-z_]*":' \
                "$work/$name/$f" | plain | hash)" ;;
            *answers.csv|*alerts.jsonl|*.yaml) line+=" ${f#./}=$(plain < "$work/$name/$f" | hash)" ;;
        esac
    done < <(cd "$work/$name" && find . -type f | sort)
    echo "$line"
}

people="--csv '../in/people/*.csv' --label activity --device file"
pump="--csv '../in/pump/*.csv' --target temperature --device file"
run look-people "$S look --csv '../in/people/*.csv' --label activity"
run look-pump "$S look --csv '../in/pump/*.csv'"
run look-nothing "$S look --csv '../none/*.csv'"
run fit-linear "$S fit $people --model linear --alone"
run fit-rocket "$S fit $people --model rocket --alone"
run fit-auto "$S fit $people --alone"
run fit-bound "$S fit $people --model linear --alone --bound 0.9"
run fit-rows "$S fit $people --model linear --window row --alone"
run fit-channels "$S fit $people --model linear --alone --channels ax,ay --unseen p02,p05"
run fit-fleet "$S fit $people --model linear --fleet --mode async --seconds 20"
run fit-fleet-conv "$S fit $people --model conv --fleet --mode barrier --seconds 20"
run fit-fleet-bound "$S fit $people --model linear --fleet --mode async --seconds 20 --bound 0.9"
run fit-value "$S fit $pump --model linear"
run fit-value-lags "$S fit $pump --model lags --ahead 20"
run fit-value-fleet "$S fit $pump --model linear --fleet --mode async --seconds 20"
run fit-generated "$S fit --devices 6 --mode async --seconds 20"
run fit-both "$S fit --devices 6 --seconds 20 --seeds 2"
run fit-explain "$S fit --devices 6 --explain"
run fit-graph "$S fit --devices 3 --graph mermaid"
run fit-nothing "$S fit --csv '../none/*.csv' --label activity"
run fit-unknown "$S fit $people --modle linear"
run fit-missing-label "$S fit --csv '../in/people/*.csv' --label nothing --alone"
run answer "$S answer $work/fit-linear/out/model.safetensors --csv '../in/people/p03.csv' > answers.csv"
run answer-bound "$S answer $work/fit-bound/out/model.safetensors --csv '../in/people/p0*.csv' > answers.csv"
run answer-value "$S answer $work/fit-value/out/model.safetensors --csv '../in/pump/m3.csv' > answers.csv"
run answer-other "$S answer $work/fit-value/out/model.safetensors --csv '../in/people/p03.csv' > answers.csv"
run watch "$S watch --csv ../in/odd.csv --usual ../in/normal.csv > alerts.jsonl"
run watch-one "$S watch --csv ../in/odd.csv > alerts.jsonl"
run compress "$S compress $work/fit-linear/out/model.safetensors --csv '../in/people/*.csv' --label activity --save --out small > table.txt"
run export "$S export $work/fit-linear/out/model.safetensors --onnx model.onnx; $S export $work/fit-linear/out/model.safetensors --c model.h"
run explain "$S explain $work/fit-linear/out/model.safetensors; $S explain --memory $work/fit-linear/out/model.safetensors"
run config-init "$D config init > sensor.yaml; $D check -c sensor.yaml"
run config-init-csv "$D config init $people --no-measure > sensor.yaml; $D check -c sensor.yaml"
run config-init-watch "$D config init --csv ../in/normal.csv --watch --no-measure > sensor.yaml; $D check -c sensor.yaml"
run config-aggregator "$A config init > aggregator.yaml; $A check -c aggregator.yaml"
run config-model-of "$A config init --model-of $work/config-init-csv/sensor.yaml > aggregator.yaml; $A check -c aggregator.yaml"
run sensor-once "$D once -c $work/config-init-csv/sensor.yaml --rows 5"
run sensor-refused "$D check -c $work/config-init-csv/sensor.yaml --set learn.bacth=3"
run aggregator-refused "$A check -c $work/config-aggregator/aggregator.yaml --set aggregate.nothing=1"
if [ -d "$shared/data/har" ]; then run har "$S fit --data $shared/data/har --model linear --alone"; fi
for c in 05-comment-preamble/scope.csv:state 12-stray-1970-stamps/esp.csv:activity 28-sentinels/m200.csv:activity 18-slow-channel/slow.csv:state; do
    f=$shared/cases/${c%:*}; [ ! -f "$f" ] || run "case-${c%%/*}" "$S look --csv $f; $S fit --csv $f --label ${c#*:} --model linear --alone"
done
for f in "$shared"/cases4/{50-annotated-csv/export,53-header-at-each-start/added,55-thousands/de,71-device-without-values/radio,72-rows-on-change/history,77-rows-of-another-width/comma_at_end}.csv; do
    [ ! -f "$f" ] || run "case-$(basename "$(dirname "$f")")" "$S look --csv $f"
done
