#!/usr/bin/env bash
# Runs a fleet on this machine: an aggregator and sensors, each a process of its own, and prints what came of it.
#
#   Examples/fleet.sh [options]
#
#   -n N             sensors; default 6
#   --link WHAT      embedded (default): the aggregator's own broker; nats or mqtt: nats-server or mosquitto is started for the run; or
#                    the URL of a server that is there
#   --data DIR       recordings of the UCI HAR data set: its training people are dealt to the sensors, and versions are judged by its
#                    test people; default: each sensor has a generated user
#   --seconds S      length of the run from when all devices have joined, in which eight minutes of rows are
#                    played, about what each person was recorded for; default 30
#   --slow FACTOR    the first sensor is so many times slower: its rows come more slowly, and it works more slowly on each
#   --kill           the last sensor is killed (SIGKILL) in the middle of the run, and started again; it gets time to come back
#   --barrier        each version waits for every device; default: every so many updates, whoever made them
#   --strategy YAML  how versions are made, in place of that: 'adaptive_tau: { devices: 21, bytes: 8e6 }'
#   --links FILE     plays a link between each device and the server: a trace of lines 't,bit/s', or a scenario (.json)
#   --sensor KEY=V   a value of the sensors' configuration, may be given again: exchange.significance=2
#   --aggregator KEY=V   one of the aggregator's: with aggregate.answers=float32, --sensor answer.where=auto
#                    and --sensor answer.topic=plant/{device}/answer, sensors and aggregator answer together
#   --http ADDRESS   of the aggregator's page
#   --programs DIR   published programs; default: those that `dotnet build -c Release` made
#   --keep DIR       an empty folder for configurations and logs; default: they are removed
#
# Exit codes: 0 all ended well; 1 something did not; 2 wrong command line; 69 a program is missing; 130 interrupted.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
PATH="$PATH:/usr/sbin:/usr/local/sbin"      # where Debian puts servers

# A SIGINT that comes while bash waits for a command substitution is lost; a SIGTERM is not. So a process of its own does the work, and
# this one, which does nothing but wait, hands on either signal as a SIGTERM.
if [ -z "${STREAMLEARN_FLEET_WORKER:-}" ]; then
    interrupted=false worker=''
    trap 'interrupted=true; [ -z "$worker" ] || kill -TERM "$worker" 2> /dev/null || true' INT TERM
    STREAMLEARN_FLEET_WORKER=1 bash "${BASH_SOURCE[0]}" "$@" &
    worker=$!
    ! $interrupted || kill -TERM "$worker" 2> /dev/null || true     # it came before there was a worker
    code=0
    while wait "$worker" || code=$?; kill -0 "$worker" 2> /dev/null; do code=0; done
    ! $interrupted || code=130
    exit "$code"
fi
unset STREAMLEARN_FLEET_WORKER
rows_played=480      # seconds of rows in a run: a shorter one is a faster one, and learns as much

n=6 link=embedded data='' seconds=30 slow='' kill=false barrier=false http='' programs='' keep='' strategy='' links=''
of_sensors=() of_aggregator=()
refuse() { echo "fleet.sh: $1 (see --help)" >&2; exit "${2:-2}"; }
while [ $# -gt 0 ]; do
    case "$1" in
        -h|--help) sed -n '2,/^set/s/^# \{0,1\}//p' "$0" | grep -v '^set'; exit 0 ;;
        --kill) kill=true; shift; continue ;;
        --barrier) barrier=true; shift; continue ;;
        -n|--link|--data|--seconds|--slow|--strategy|--links|--sensor|--aggregator|--http|--programs|--keep)
            [ $# -gt 1 ] || refuse "$1 needs a value" ;;
        *) refuse "unknown option $1" ;;
    esac
    case "$1" in
        -n) n=$2 ;;
        --link) link=$2 ;;
        --data) data=$2 ;;
        --seconds) seconds=$2 ;;
        --slow) slow=$2 ;;
        --strategy) strategy=$2 ;;
        --links) links=$2 ;;
        --sensor) of_sensors+=(--set "$2") ;;
        --aggregator) of_aggregator+=(--set "$2") ;;
        --http) http=$2 ;;
        --programs) programs=$2 ;;
        --keep) keep=$2 ;;
    esac
    shift 2
done
[[ $n =~ ^[1-9][0-9]{0,2}$ ]] || refuse "-n: expected 1 to 999 sensors, got '$n'"
[[ $seconds =~ ^[1-9][0-9]{0,4}$ ]] || refuse "--seconds: expected 1 to 99999, got '$seconds'"
[ -z "$slow" ] || [[ $slow =~ ^[1-9][0-9]*(\.[0-9]+)?$ ]] || refuse "--slow: expected a factor of at least 1, got '$slow'"

if [ -n "$links" ]; then
    [ -f "$links" ] || refuse "--links: no file $links"
    links=$(cd "$(dirname "$links")" && pwd)/$(basename "$links")
    of_sensors+=(--set "link.played='${links//\'/\'\'}'")
fi

# The program of a project, published or built.
program() {
    local found
    if [ -n "$programs" ]; then found=$programs/$2; else found=$root/artifacts/bin/$1/release/$2; fi
    [ -x "$found" ] || refuse "no program $found: dotnet build -c Release Pipelines/$1, or Examples/publish.sh" 69
    echo "$found"
}
sensor=$(program Sensor streamlearn-sensor)
aggregator=$(program Aggregator streamlearn-aggregator)

work='' server='' edge='' interrupted=false
declare -a pids=() exits=() people=()

alive() { [ -n "$1" ] && kill -0 "$1" 2> /dev/null; }
any_alive() {
    local pid
    for pid in "$@"; do if alive "$pid"; then return; fi; done
    return 1
}

# Ends processes in order, and after the time that a program may drain at once.
stop() {
    local pid tries
    for pid in "$@"; do if alive "$pid"; then kill -TERM "$pid" 2> /dev/null || true; fi; done
    for pid in "$@"; do
        for tries in $(seq 150); do
            alive "$pid" || break
            sleep 0.1
        done
        if alive "$pid"; then kill -KILL "$pid" 2> /dev/null || true; fi
    done
}

leave() {
    local code=$?
    trap '' INT TERM
    # all that was started: an interruption may have come before a process id was kept
    local job
    for job in $(jobs -p); do
        if [ "$job" != "$edge" ] && [ "$job" != "$server" ]; then pids+=("$job"); fi
    done
    stop "${pids[@]}" "$edge"
    stop "$server"
    wait 2> /dev/null || true
    [ -n "$keep" ] || [ -z "$work" ] || rm -rf "$work"
    $interrupted && code=130
    exit "$code"
}
trap leave EXIT
trap 'interrupted=true; exit 130' INT TERM

if [ -n "$keep" ]; then
    mkdir -p "$keep"
    [ -z "$(ls -A "$keep")" ] || refuse "--keep: $keep is not empty"
    work=$(cd "$keep" && pwd)
else
    work=$(mktemp -d)
fi

# A port of the loopback interface that nobody listens on.
free_port() {
    local port
    for _ in $(seq 50); do
        port=$((20000 + RANDOM % 12000))
        (exec 3<> "/dev/tcp/127.0.0.1/$port") 2> /dev/null || { echo "$port"; return; }
    done
    refuse "no free port" 69
}

await_port() {
    for _ in $(seq 100); do
        (exec 3<> "/dev/tcp/127.0.0.1/$1") 2> /dev/null && return
        alive "$server" || break
        sleep 0.1
    done
    cat "$work/server.log" >&2
    refuse "the server does not start" 69
}

case "$link" in
    nats)
        command -v nats-server > /dev/null || refuse "nats-server is missing: apt-get install nats-server" 69
        port=$(free_port)
        nats-server -a 127.0.0.1 -p "$port" -js -sd "$work/jetstream" > "$work/server.log" 2>&1 < /dev/null &
        server=$! url=nats://127.0.0.1:$port
        await_port "$port" ;;
    mqtt)
        command -v mosquitto > /dev/null || refuse "mosquitto is missing: apt-get install mosquitto" 69
        port=$(free_port)
        printf '%s\n' "listener $port 127.0.0.1" 'allow_anonymous true' 'max_queued_messages 0' > "$work/mosquitto.conf"
        mosquitto -c "$work/mosquitto.conf" > "$work/server.log" 2>&1 < /dev/null &
        server=$! url=mqtt://127.0.0.1:$port
        await_port "$port" ;;
    embedded)
        port=$(free_port)
        url=mqtt://127.0.0.1:$port ;;
    *://*) url=$link ;;
    *) refuse "--link: expected embedded, nats, mqtt or a URL, got '$link'" ;;
esac

# The people of recordings who are not test people, in either layout.
people_of() {
    local folder=$1
    [ ! -d "$1/RawData" ] || folder=$1/RawData
    if [ -f "$folder/raw_experiments.csv" ]; then tail -n +2 "$folder/raw_experiments.csv" | cut -d, -f2
    else find "$folder" -maxdepth 1 -name 'acc_exp*_user*.txt' | sed 's/.*_user0*\([0-9]*\)\.txt/\1/'; fi |
        sort -nu | grep -vxE '2|4|9|10|12|13|18|20|24' || true
}
for ((i = 0; i < n; i++)); do people[i]=$((i + 1)); done
if [ -n "$data" ]; then
    [ -d "$data" ] || refuse "--data: no folder $data"
    data=$(cd "$data" && pwd)
    mapfile -t all < <(people_of "$data")
    [ "${#all[@]}" -ge "$n" ] || refuse "--data: ${#all[@]} training people in $data for $n sensors"
    for ((i = 0; i < ${#all[@]}; i++)); do
        if [ "$i" -lt "$n" ]; then people[i]=${all[i]}; else people[i % n]+=", ${all[i]}"; fi
    done
fi

# The samples of the programs, with what this run changes.
speed=$((rows_played / seconds))
[ "$speed" -ge 1 ] || speed=1
"$sensor" config init > "$work/sensor.yaml"
"$aggregator" config init > "$work/aggregator.yaml"
if [ "$link" = embedded ]; then sed -i "s/^  listen: 127.0.0.1:1883/  listen: 127.0.0.1:$port/" "$work/aggregator.yaml"
else sed -i '/^broker:/,/^  listen:/d' "$work/aggregator.yaml"; fi
devices=$(IFS=,; tr ',' '\n' <<< "${people[*]}" | wc -l)
printf '%s\n' "fleet: run-$$" 'link:' "  url: $url" "state: '${work//\'/\'\'}/state'" > "$work/run.yaml"
in_fleet=(-c "$work/run.yaml")
$barrier && mode=barrier rule="fedavg: { devices: $devices }" || { mode=async; rule="fedbuff: { updates: $((devices < 10 ? devices : 10)) }"; }
[ -z "$strategy" ] || rule=$strategy
[[ $rule != adaptive_tau* ]] || mode=barrier       # from the first step on, as later versions ask for
sed -i "s/^ *fedbuff: .*/    ${rule//\//\\/}/" "$work/aggregator.yaml"
for ((i = 0; i < n; i++)); do
    pace=$speed
    if [ "$i" -eq 0 ] && [ -n "$slow" ]; then pace=$(awk "BEGIN { printf \"%.3f\", $speed / $slow }"); fi
    if [ -n "$data" ]; then
        source="recordings: { folder: '${data//\//\\/}', people: [${people[i]}], speed: $pace }"
    else
        source="generator: { users: [${people[i]}], length: 24h, speed: $pace }"
    fi
    sed "/^source:/,/^pipeline:/c\\source: { $source }\npipeline:" "$work/sensor.yaml" > "$work/sensor-$((i + 1)).yaml"
done

state_of() { echo "'${work//\'/\'\'}/state/sensor-$(($1 + 1))'"; }      # each program has a state folder of its own

start_sensor() {
    local extra=(--set "exchange.mode=$mode" --set "state=$(state_of "$1")" "${of_sensors[@]}")
    if [ "$1" -eq 0 ] && [ -n "$slow" ]; then extra+=(--slow "$slow"); fi
    "$sensor" run -c "$work/sensor-$(($1 + 1)).yaml" "${in_fleet[@]}" "${extra[@]}" \
        >> "$work/sensor-$(($1 + 1)).log" 2>&1 < /dev/null &
    pids[$1]=$!
}

extra=()
[ -z "$data" ] || extra+=(--evaluate "$data")
[ -z "$http" ] || extra+=(--http "$http")
"$aggregator" run -c "$work/aggregator.yaml" --set "aggregate.switchable=[]" "${in_fleet[@]}" "${extra[@]}" \
    "${of_aggregator[@]}" > "$work/aggregator.log" 2>&1 < /dev/null &
edge=$!
echo "fleet of $devices devices in $n sensors at $url, for $seconds s$([ -z "$http" ] || echo ", page at $http")"
for ((i = 0; i < n; i++)); do start_sensor "$i"; done

# What a program wrote last of a number; nothing where it has not come to open its log.
value() { [ ! -e "$1" ] || sed -n "s/.*\b$2=\([0-9.]*\).*/\1/p" "$1" | tail -n 1; }
log_of() { echo "$work/sensor-$(($1 + 1)).log"; }

# Waits for the devices to join; those of a sensor that has ended do not.
for ((tries = 0; tries < 300; tries++)); do
    joined=$(value "$work/aggregator.log" devices)
    [ "${joined:-0}" -lt "$devices" ] && alive "$edge" || break
    any_alive "${pids[@]}" || break
    sleep 0.2
done
if [ "${joined:-0}" -ge "$devices" ]; then echo "all devices have joined"
else echo "fleet.sh: ${joined:-0} of $devices devices have joined; going on without the others" >&2; fi
began=$SECONDS began_ns=$(date +%s%N) before=$(value "$work/aggregator.log" updates)
killed=false
while [ $((SECONDS - began)) -lt "$seconds" ]; do
    any_alive "${pids[@]}" || break
    if ! alive "$edge"; then echo "fleet.sh: the aggregator has ended" >&2; break; fi
    if $kill && ! $killed && [ $((SECONDS - began)) -ge $((seconds / 2)) ]; then
        killed=true last=$((n - 1))
        echo "killing sensor $n, and starting it again"
        if kill -KILL "${pids[last]}" 2> /dev/null; then
            { wait "${pids[last]}" || true; } 2> /dev/null
            exits[last]='killed,'
        fi
        sent=$(value "$(log_of "$last")" updates)
        start_sensor "$last"
        for ((tries = 0; tries < 300; tries++)); do     # a busy machine takes a while to start a program
            sleep 0.2
            now=$(value "$(log_of "$last")" updates)
            [ "${now:-0}" -le "${sent:-0}" ] && alive "${pids[last]}" || break
        done
    fi
    sleep 0.2
done
after=$(value "$work/aggregator.log" updates)
rate=$(awk "BEGIN { printf \"%.1f\", (${after:-0} - ${before:-0}) * 1e9 / ($(date +%s%N) - $began_ns) }")
stop "${pids[@]}"

status=0 made=0
printf '%-10s %8s %9s %9s %9s  %s\n' sensor devices rows windows updates exit
for ((i = 0; i < n; i++)); do
    code=0
    { wait "${pids[i]}" || code=$?; } 2> /dev/null
    [ "$code" -eq 0 ] || { status=1; grep -h '^streamlearn' "$(log_of "$i")" | tail -n 3 >&2 || true; }
    note=''
    if [ "$i" -eq 0 ] && [ -n "$slow" ]; then note="  (${slow}x slower)"; fi
    log=$(log_of "$i") of_sensor=$(value "$(log_of "$i")" updates)
    made=$((made + ${of_sensor:-0}))
    printf '%-10s %8s %9s %9s %9s  %s\n' "$((i + 1))" "$(value "$log" devices)" "$(value "$log" rows)" "$(value "$log" windows)" \
        "$of_sensor" "${exits[i]:+${exits[i]} }$code$note"
done
stop "$edge"
code=0
{ wait "$edge" || code=$?; } 2> /dev/null
log=$work/aggregator.log
[ "$code" -eq 0 ] || { status=1; grep -h '^streamlearn' "$log" | tail -n 3 >&2 || true; }
updates=$(value "$log" updates)
printf '%-10s %8s %9s %9s %9s  %s\n' '' version updates accuracy updates/s exit
accuracy=$(value "$log" accuracy)
printf '%-10s %8s %9s %9s %9s  %s\n' aggregator "$(value "$log" version)" "${updates:-0}" "${accuracy:--}" "$rate" "$code"

# What the status of a program says: a number, or a list of them.
of_status() { tr -d ' \n' < "$work/state/$1/status.json" | sed -n "s/.*\"$2\":\(\[[^]]*\]\|[0-9]*\).*/\1/p"; }
for ((i = 1; i <= n; i++)); do
    own=sensor-$i
    answers=$(of_status "$own" answers 2> /dev/null) cuts=$(of_status "$own" cuts 2> /dev/null)
    [ -z "$answers" ] || echo "answers of sensor $i: $answers$([ -z "$cuts" ] \
        || echo ", $(of_status "$own" answers_by_aggregator) of them by the aggregator;" \
            "$(of_status "$own" cut_moves) moves of the cut, which leaves $cuts layers to the device")"
done

open=$((made - devices - ${updates:-0}))      # the first message of a device only says what rows it has
[ "$open" -le 0 ] || echo "updates on the way, or in a round that was not complete: $open; a start from the same state goes on with them"
megabytes() { of_status "run-$$/aggregator" "$1" | awk '{ printf "%.2f", $1 / 1e6 }'; }
echo "messages: $(megabytes bytesIn) MB up to the aggregator, $(megabytes bytesOut) MB down, all of the fleet's"
"$aggregator" devices show -c "$work/aggregator.yaml" "${in_fleet[@]}" 2> /dev/null || true      # it has ended: that is its exit code
[ -n "$accuracy" ] || [ -n "$data" ] || echo "accuracy of versions needs --data: recordings of people whom no sensor learns from"
if [ -n "$keep" ]; then
    echo "logs, configurations and states are in $work; the same fleet goes on$([ "$link" = embedded ] || echo ", with a server at $url"), by"
    echo "  $aggregator run -c $work/aggregator.yaml -c $work/run.yaml --set aggregate.switchable=[]"
    echo "  $sensor run -c $work/sensor-1.yaml -c $work/run.yaml --set exchange.mode=$mode --set state=$work/state/sensor-1"
else echo "--keep DIR keeps logs, configurations and states; --help shows more"; fi
joined=$(value "$log" devices)
[ "${joined:-0}" -ge "$devices" ] || { echo "fleet.sh: only ${joined:-0} of $devices devices have joined" >&2; status=1; }
[ "${updates:-0}" -gt 0 ] || { echo "fleet.sh: no update was applied" >&2; status=1; }
exit "$status"
