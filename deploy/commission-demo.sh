#!/usr/bin/env bash
# The whole day of a technician, against an invented site: deploy/commission-demo.sh WIMD
#
# WIMD is the binary, or the prefix of an installed package (a folder with usr/bin/wimd in it). A real
# pty, real HTTP and a real mosquitto; no root needed. What it prints is the same in each run: times,
# digests, ports, keys and paths have placeholders. It ends with 1 when a step is not as it should be,
# and when a fault is not found and named within ten seconds. fixtures/commission-demo.txt is its output.
set -euo pipefail

[ $# -eq 1 ] || { echo "usage: deploy/commission-demo.sh WIMD" >&2; exit 2; }
given=$(realpath "$1")
[ ! -d "$given" ] || given=$given/usr/bin/wimd
mosquitto=$(PATH=$PATH:/usr/sbin command -v mosquitto) || { echo "mosquitto is missing" >&2; exit 2; }
export LC_ALL=C.UTF-8 NO_COLOR=1 PATH=/usr/sbin:$PATH

root=$(mktemp -d)
sim=$root/sim config=$root/etc/wimd/wimd.toml state=$root/var/lib/wimd
tls=$root/broker wimd=$root/usr/bin/wimd
# Times faster than real; a fault is given ten real seconds all the same.
speed_up=60 vehicles=40
# The day begins in the morning whatever the hour is here, so that it ends in the same day and month.
day=$(TZ=UTC-8 date -d yesterday +%Y-%m-%d)
daemon= simulator= broker= platform= everything=

end() {
    code=$?
    for pid in $daemon $simulator $broker $platform $everything; do kill "$pid" 2>/dev/null || true; done
    pkill -P $$ 2>/dev/null || true
    wait
    if [ "$code" -ne 0 ]; then
        tail -n 20 "$root"/*.log >&2 || true
    fi
    [ -n "${WIMD_KEEP:-}" ] || rm -rf "$root"
}
trap end EXIT
fail() { echo "FAILED: $*"; exit 1; }

# Puts a placeholder for what differs from run to run.
plain() {
    sed -E \
        -e "s#$root#ROOT#g" \
        -e "s#$camera_port#PORT-C#g; s#$broker_port#PORT-B#g" \
        -e 's/20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:.]+(Z|\+08:00)/YYYY-MM-DDThh:mm:ss/g' \
        -e 's/20[0-9]{2}-[0-9]{2}-[0-9]{2}/YYYY-MM-DD/g; s/20[0-9]{2}-[0-9]{2}([^0-9]|$)/YYYY-MM\1/g' \
        -e 's/^[0-9]{2}-[0-9]{2}  +([0-9])/MM-DD   \1/' \
        -e 's/[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}/MM-DD hh:mm:ss/g' \
        -e 's/JDZ-DEMO-1-[0-9a-f]{8}-/JDZ-DEMO-1-BOOT-/g' \
        -e 's/\b[0-9a-f]{64}\b/DIGEST/g; s/\b[0-9a-f]{16}\b/KEY/g' \
        -e 's/^(ok  |warn|FAIL)  (clock|service)( +)([a-z]+).*/this  \2\3\4  (as this machine has it)/' \
        -e 's/(fdatasync:).*/\1 N/; s/[0-9.]+ ([GMK]iB|B) free/N free/' \
        -e 's/up [0-9a-z ]+$/up N/; s/ \([0-9.]+(ns|µs|us|ms|s)\)$/ (N ms)/' \
        -e 's/  seen .* ago, event .* ago/  seen N ago, event N ago/; s/connected for .*/connected for N/' \
        -e 's/clock off by [-+]?[0-9.]+ ms/clock off by N ms/; s/[0-9]+ days left/N days left/' \
        -e 's/expired [0-9]+ days ago/expired N days ago/' \
        -e 's/verification time .*\)$/…)/' \
        -e 's/for [0-9]+ days \([^)]*\)/for N days/g' \
        -e 's/[0-9]+ good frames, 0 of [0-9]+ bytes/N good frames, 0 of N bytes/' \
        -e 's/sequence [0-9]+, ledger .*/sequence N, ledger N/; s/^[0-9]+ entries wait/N entries wait/' \
        -e 's/[0-9]+ published, [0-9]+ acknowledged/N published, N acknowledged/' \
        -e 's/^[0-9]+ recorded lines, [0-9]+ inputs/N recorded lines, N inputs/' \
        -e 's/^[0-9]+ inputs of the pipeline, [0-9]+ records/N inputs of the pipeline, N records/' \
        -e 's/^[0-9]+ records, sequence 1 to [0-9]+/N records, sequence 1 to N/' \
        -e 's/, record [0-9]+$/, record N/; s#--max-depth=2 /[^ ]*#--max-depth=2 MOUNT#' \
        -e 's/[0-9]+ entries wait/N entries wait/; s/[0-9.]+ [GMK]iB/N MiB/g'
}
part() { printf '\n== %s\n' "$*"; }
tell() { printf '%s\n' "$*" | plain; }
# Runs a command and shows it; its exit code is $1.
show() {
    local wanted=$1 code=0
    shift
    printf '\n$ %s\n' "$*" | plain
    PATH=$root/usr/bin:$PATH "$@" >"$root/out" 2>&1 || code=$?
    page | plain
    [ "$code" -eq "$wanted" ] || fail "exit code $code, not $wanted"
}
# What the machine's own clock and service manager say is no matter of the invented site.
page() { sed -E '/^.{4}  (clock|service) /{n;/^ +-> /d}' "$root/out" | sed -E '/^.{4}  service +watchdog/d; /^([0-9]+ to put right|it works|all [0-9]+ lines)/d'; }
until_true() {
    local seconds=$1 ends=$((SECONDS + $1))
    shift
    until "$@"; do
        [ "$SECONDS" -le "$ends" ] || fail "not within $seconds s: $*"
        sleep 0.1
    done
}
free_port() {
    local port
    while port=$((20000 + RANDOM % 12000)); (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do :; done
    echo "$port"
}
listens() { (: <"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

certificate() { # NAME BEGIN END of the broker, by the authority in $tls
    openssl ca -batch -notext -config "$tls/ca.cnf" -in "$tls/$1.csr" -out "$tls/$1.pem" \
        -startdate "$2" -enddate "$3" -extfile "$tls/names" 2>>"$root/openssl.log"
}
start_broker() { # with this certificate
    cat >"$tls/mosquitto.conf" <<CONF
$([ "$(id -u)" -ne 0 ] || echo user root)
log_dest stderr
max_packet_size 17825792
max_queued_messages 200000
listener $broker_port 127.0.0.1
allow_anonymous true
cafile $tls/ca.pem
certfile $tls/$1.pem
keyfile $tls/$1.key
CONF
    "$mosquitto" -c "$tls/mosquitto.conf" 2>>"$root/broker.log" &
    broker=$!
    until_true 20 listens "$broker_port"
}
stop() { # NAME: the process in that variable
    [ -n "${!1}" ] || return 0
    kill "${!1}" 2>/dev/null || true
    wait "${!1}" || true
    printf -v "$1" %s ''
}
start_simulator() {
    : >"$root/simulator.out"
    "$wimd" simulate --dir "$sim" --broker "mqtts://localhost:$broker_port" --camera-port "$camera_port" \
        "$@" >"$root/simulator.out" 2>>"$root/simulator.log" &
    simulator=$!
    until_true 20 grep -q 'wimd run' "$root/simulator.out"
    read -ra clock <<<"$(grep -o -- '--speed-up .*' "$root/simulator.out" || true)"
}
start_daemon() {
    "$wimd" run --config "$config" "${clock[@]}" 2>>"$root/daemon.log" &
    daemon=$!
    until_true 20 answers
}
ended() { ! kill -0 "$1" 2>/dev/null; }
answers() { "$wimd" status --socket "$root/run/wimd/status.sock" >/dev/null 2>&1; }
records() { "$wimd" records --json --config "$config" 2>/dev/null; }
passages() { [ "$(records | grep -c '"kind":"passage"')" -ge "$1" ]; }

# Whether the doctor, asked as $config says, names this: LEVEL PART CHECK WORDS
finds() { "$wimd" doctor --config "$config" 2>/dev/null >"$root/out"; grep -Eq "^$1  $2 +$3 +$4" "$root/out"; }
working() { finds "ok  " "scale scale-1" port_open ".*working" && finds "ok  " broker publish ".*"; }
# A fault that has just been made: the doctor is asked until it names it, at most ten seconds.
fault() {
    local began=${EPOCHREALTIME/./} took
    until finds FAIL "$1" "$2" "$3"; do
        took=$((${EPOCHREALTIME/./} - began))
        [ "$took" -le 10000000 ] || fail "$1 $2: not found within 10 s"
        sleep 0.1
    done
    took=$((${EPOCHREALTIME/./} - began))
    [ "$took" -le 10000000 ] || fail "$1 $2: found, but after $((took / 1000)) ms"
    grep -E -A1 "^FAIL  $1 +$2 " "$root/out" | plain | tr -s " "
    echo "      found within 10 s"
}
# Nothing to look at but, perhaps, this machine's clock and service manager.
healthy() {
    "$wimd" doctor --config "$config" >"$root/out" 2>/dev/null || true
    [ "$(grep -cE '^(ok  |warn|FAIL)' "$root/out")" -gt 15 ] || return 1
    ! grep -E '^(warn|FAIL)' "$root/out" | grep -E '^.{4}  (clock|service) ' -v | grep -q .
}
# Shows what the doctor has said last, which must be good.
show_healthy() {
    until_true 30 healthy
    printf '\n$ %s\n' "wimd doctor --config $config" | plain
    page | plain
}
# The platform: it hears every record and checks chain and signatures.
start_platform() {
    "$wimd" verify "mqtts://localhost:$broker_port" --site JDZ-DEMO --ca-file "$tls/ca.pem" --key "$key" \
        >"$root/platform" 2>"$root/platform.log" &
    platform=$!
    until_true 20 grep -q listening "$root/platform.log"
    # and one that takes everything else: MQTT 3.1.1 CONNECT and SUBSCRIBE to #, as plain bytes
    { printf '\x10\x0d\0\x04MQTT\x04\x02\0\0\0\x01p\x82\x06\0\x01\0\x01#\0'; exec sleep infinity; } |
        openssl s_client -quiet -connect "localhost:$broker_port" >"$root/everything" 2>>"$root/openssl.log" &
    everything=$!
    until_true 20 test -s "$root/everything"
}

camera_port=$(free_port) broker_port=$(free_port)

part "Install"
install -d "$root/usr/bin" "$root/etc/wimd" "$state" "$root/run/wimd" "$tls" "$sim"
install -m 0755 "$given" "$wimd"
show 0 wimd keygen --out "$root/etc/wimd/signing.key"
key=$(grep -oE '[0-9a-f]{64}|[A-Za-z0-9+/]{43}=' "$root/out" | head -n 1)
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$tls/ca.key" \
    -subj "/CN=authority" -days 3650 -out "$tls/ca.pem" -addext basicConstraints=critical,CA:TRUE \
    -addext keyUsage=critical,keyCertSign,cRLSign 2>>"$root/openssl.log"
printf 'subjectAltName=DNS:localhost,IP:127.0.0.1\n' >"$tls/names"
cat >"$tls/ca.cnf" <<CONF
[ca]
default_ca = it
[it]
database = $tls/index.txt
new_certs_dir = $tls
certificate = $tls/ca.pem
private_key = $tls/ca.key
default_md = sha256
policy = any
rand_serial = yes
unique_subject = no
[any]
commonName = supplied
CONF
: >"$tls/index.txt"
for name in server expired; do
    openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$tls/$name.key" \
        -subj /CN=localhost -out "$tls/$name.csr" 2>>"$root/openssl.log"
done
certificate server 20200101000000Z 20991231000000Z
certificate expired 20200101000000Z 20210101000000Z
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$tls/foreign.key" \
    -subj /CN=localhost -addext subjectAltName=DNS:localhost -addext basicConstraints=critical,CA:FALSE -days 30 -out "$tls/foreign.pem" 2>>"$root/openssl.log"
start_broker server
start_simulator --vehicles "$vehicles" --seed 7 --speed-up "$speed_up" --start "${day}T08:00:00+08:00" --reference --stay
sed -e "s#^dir = .*#dir = \"$state\"#" -e "s#^key_file = .*#key_file = \"$root/etc/wimd/signing.key\"#" \
    -e "s#^socket = .*#socket = \"$root/run/wimd/status.sock\"#" -e 's#^min_free_bytes = .*#min_free_bytes = 1048576#' \
    -e 's#^send_pictures = .*#send_pictures = "on_request"#' \
    -e "/^\[uplink\]/a ca_file = \"$tls/ca.pem\"" "$sim/wimd.toml" >"$config"
show 0 wimd check --config "$config"

part "First traffic, everything in order"
start_platform
start_daemon
"$wimd" calibrate --gross 40120 --axles 6 --plate 赣H12345 --follow --config "$config" >"$root/follow" 2>&1 &
follow=$!
until_true 120 grep -q acknowledged "$root/simulator.out"
tail -n 1 "$root/simulator.out"
read -r weighed _ <<<"$(tail -n 1 "$root/simulator.out")"
until_true 60 passages "$weighed"
# every run was driven, so the screen that shows them as they come has ended by itself
until_true 30 ended "$follow"
wait "$follow" || fail "wimd calibrate --follow"
show_healthy

part "Capture and replay: the same records, byte for byte"
show 0 wimd capture --config "$config" --out "$root/capture"
# an event may come twice: the controller sends again what was not acknowledged in time
ends=$("$wimd" replay --config "$config" --frames "$root/capture" |
    { grep -o 'vehicle [0-9]* ends' || true; } | sort -u | wc -l)
[ "$ends" -eq "$weighed" ] || fail "$ends vehicle ends in the capture"
echo "$ends vehicle ends among its frames"
# what the running daemon has recorded last is on the disk when it has ended
stop daemon
show 0 wimd replay --config "$config" "$state/capture"
# reconciliations are made by the store, from what it has sealed
records | sed -E 's/^\{"proof":\{[^{}]*\},"record":(.*)\}$/\1/' | grep -v '"kind":"reconciliation"' |
    sort >"$root/sealed"
"$wimd" replay --config "$config" --json "$state/capture" | sort >"$root/replayed"
cmp "$root/sealed" "$root/replayed" || fail "a replayed record differs from the sealed one"
[ "$(grep -c '"kind":"passage"' "$root/replayed")" -eq "$weighed" ] || fail "passages are missing"
echo "$weighed passages replayed, every byte as it was sealed"

part "Faults, each found and named within ten seconds"
start_daemon
# a message that was refused while nobody subscribed is offered again after 30 s
until_true 60 working
echo "-- the cable of the scale is pulled"
stop simulator
fault "scale scale-1" port_open ""
echo "-- the broker is down"
stop broker
fault broker tcp ".*refused"
echo "-- the broker shows a certificate that has expired"
start_broker expired
fault broker tls ""
stop broker
echo "-- the broker shows the certificate of another authority"
start_broker foreign
fault broker tls ""
stop broker
stop daemon
cp "$config" "$root/good.toml"
echo "-- the disk is too small for what must stay free on it"
sed -i 's/^min_free_bytes = .*/min_free_bytes = 1000000000000000/' "$config"
fault disk space ""
cp "$root/good.toml" "$config"
echo "-- the controller is set to another baud rate"
days_clock=("${clock[@]}")
start_simulator --vehicles 1 --baud 19200
fault "scale scale-1" line ".*19200"
stop simulator
echo "-- camera front-1 posts to the path of front-2"
clock=("${days_clock[@]}")
start_broker server
start_daemon
"$wimd" simulate camera --dialect isapi --url "http://127.0.0.1:$camera_port/camera/demo-front-lane-2" \
    >"$root/camera.log" 2>&1
fault "camera front-1" last_seen "never seen"
stop daemon

part "Calibrate"
show 0 wimd calibrate --gross 40120 --axles 6 --plate 赣H12345 --config "$config"
show 0 wimd calibrate --gross 40120 --axles 6 --plate 赣H12345 --protocol text --by "Li Wei" --config "$config"
show 0 wimd calibrate --gross 40120 --axles 6 --plate 赣H12345 --apply --by "Li Wei" --config "$config"
[ "$(records | grep -c '"kind":"calibration"')" -eq 1 ] || fail "no calibration in the ledger"
factor() { sed -nE "/^  lane $1: factor /{n;s/.*calibration_factor_permyriad = ([0-9]+) .*/\1/p}" "$root/out"; }
for lane in 1 2; do
    set_factor=$(factor "$lane")
    [ -n "$set_factor" ] || fail "no factor for lane $lane"
    sed -i "/^\[\[lane\]\]/{n;/^number = $lane$/a calibration_factor_permyriad = $set_factor
}" "$config"
done
[ "$(grep -c '^calibration_factor_permyriad' "$config")" -eq 2 ] || fail "the factors are not set"
show 0 wimd check --config "$config"

part "Report"
records >"$root/all.jsonl"
show 0 wimd report --month "${day%-*}" --svg "$root/month.svg" --config "$config"
grep -q '^<svg ' "$root/month.svg" || fail "no chart"

part "Hand over"
clock=("${days_clock[@]}")
start_daemon
kill -INT "$platform"
# it has missed what was sent while the broker was down: its own judgement is no part of this
wait "$platform" || true
platform=
"$wimd" doctor --config "$config" --bundle "$root/site.tar.zst" >"$root/out" 2>&1 || true
tail -n 1 "$root/out" | plain
[ "$(head -c 4 "$root/site.tar.zst" | od -An -tx1)" = " 28 b5 2f fd" ] || fail "the bundle is no zstd"
stop daemon
records >"$root/all.jsonl"
show 0 wimd verify "$root/all.jsonl" --key "$key"
printf '\nthe day is done\n'
