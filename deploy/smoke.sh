#!/usr/bin/env bash
# Proves that an installed package works: deploy/smoke.sh PACKAGE.deb [ROOT]
#
# Installs it into a clean Debian (made by mmdebstrap; ROOT keeps it for the next time), plays the day
# of a technician with what is installed, runs it as the service user in the unit's environment, sees
# vehicles through, upgrades, removes and purges it.
# Runs as root in a mount namespace of its own; nothing of this machine is touched. Exit code 77: this
# machine does not allow that.
set -euo pipefail

[ $# -ge 1 ] || { echo "usage: deploy/smoke.sh PACKAGE.deb [ROOT]" >&2; exit 2; }
if [ -z "${WIMD_SMOKE_INSIDE:-}" ]; then
    if ! unshare --mount --pid --fork --mount-proc true 2>/dev/null; then
        echo "smoke: skipped: no mount namespace can be made here (run it as root)" >&2
        exit 77
    fi
    export WIMD_SMOKE_INSIDE=1
    exec unshare --mount --pid --fork --mount-proc --kill-child "$0" "$@"
fi

package=$(realpath "$1")
cd "$(dirname "$0")/.."
root=${2:-$(mktemp -d)}
suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
work=$(mktemp -d)
port=$((20000 + RANDOM % 20000))

say() { echo "smoke: $*"; }
fail() {
    echo "smoke: FAILED: $*" >&2
    tail -n 30 "$work"/daemon.log "$work"/journal 2>/dev/null | cat -v >&2
    exit 1
}
inside() { chroot "$root" "$@"; }
# As the unit starts it: its user and groups, no capability, its folders and its mask, nothing else.
service=(chroot "$root" setpriv --reuid wimd --regid wimd --init-groups --no-new-privs
    --bounding-set=-all --inh-caps=-all
    env -i PATH=/usr/bin:/bin LANG=C.UTF-8 USER=wimd HOME=/var/lib/wimd
    STATE_DIRECTORY=/var/lib/wimd RUNTIME_DIRECTORY=/run/wimd CONFIGURATION_DIRECTORY=/etc/wimd
    sh -c 'umask 0027; exec "$@"' sh)
# The unit's folders in /run, which systemd makes before the start.
runtime_folder() { inside install -d -m 0750 -o wimd -g wimd /run/wimd; }

start_daemon() {
    runtime_folder
    : >"$work/daemon.log"
    # systemd names the stream that it has given as standard error; then the journal takes fields
    "${service[@]}" env WIMD_LOG=debug,sled=warn JOURNAL_STREAM="$(stat -c %d:%i "$work/daemon.log")" \
        wimd run --config /etc/wimd/wimd.toml 2>>"$work/daemon.log" &
    daemon=$!
    for _ in $(seq 300); do
        "${service[@]}" wimd status --socket /run/wimd/status.sock >/dev/null 2>&1 && return
        kill -0 "$daemon" 2>/dev/null || fail "the daemon ended at its start"
        sleep 0.1
    done
    fail "the daemon does not answer"
}
stop_daemon() {
    kill -TERM "$daemon"
    wait "$daemon" || fail "the daemon did not end in order"
}
passages() {
    "${service[@]}" wimd records --json --config /etc/wimd/wimd.toml | grep -c '"kind":"passage"' || true
}

if [ ! -e "$root/etc/debian_version" ]; then
    say "a clean $suite in $root"
    # beside systemd what the day of a technician needs: a broker, an authority, and pkill
    mmdebstrap --quiet --mode=root --variant=minbase --include=systemd,mosquitto,openssl,procps "$suite" "$root" \
        $(find /etc/apt -name '*.sources' -o -name '*.list' | sort)
fi
mount -t proc proc "$root/proc"
mount -t tmpfs tmpfs "$root/run"
mount -t tmpfs tmpfs "$root/tmp"
mkdir -p "$root/dev/pts"
mount -t devpts -o newinstance,ptmxmode=0666,mode=0620 devpts "$root/dev/pts"
ln -sf pts/ptmx "$root/dev/ptmx"
[ -e "$root/etc/hosts" ] || echo "127.0.0.1 localhost" >"$root/etc/hosts"

# In the place of the journal: whatever is sent to it, one after the other.
journal() {
    install -d "$root/run/systemd/journal"
    python3 -c '
import os, socket, sys
line = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
line.bind(sys.argv[1])
os.chmod(sys.argv[1], 0o666)
out = open(sys.argv[2], "ab", 0)
while True:
    out.write(line.recv(1 << 18) + b"\n")
' "$root/run/systemd/journal/socket" "$work/journal" &
    for _ in $(seq 100); do [ ! -S "$root/run/systemd/journal/socket" ] || return 0; sleep 0.1; done
    fail "python3 does not listen"
}

say "install"
cp "$package" "$root/tmp/wimd.deb"
inside dpkg -i /tmp/wimd.deb >"$work/install.log" || { cat "$work/install.log"; fail "dpkg -i"; }
for file in /usr/bin/wimd /usr/lib/systemd/system/wimd.service /usr/lib/sysusers.d/wimd.conf \
    /usr/lib/tmpfiles.d/wimd.conf /usr/lib/udev/rules.d/60-wimd-scale.rules \
    /usr/share/bash-completion/completions/wimd /usr/share/zsh/vendor-completions/_wimd \
    /usr/share/fish/vendor_completions.d/wimd.fish /usr/share/man/man1/wimd.1.gz \
    /usr/share/doc/wimd/wimd.toml /etc/wimd/wimd.toml /etc/wimd/signing.key; do
    [ -e "$root$file" ] || fail "$file is not there"
done
[ "$(stat -c %a:%U "$root/etc/wimd/signing.key")" = "600:$(stat -c %U "$root/var/lib/wimd")" ] ||
    fail "the key may be read by others"
inside id -nG wimd | grep -qw dialout || fail "wimd may not open serial ports"
inside systemd-analyze verify /usr/lib/systemd/system/wimd.service 2>&1 | tee "$work/verify.log"
[ ! -s "$work/verify.log" ] || fail "systemd-analyze verify has something to say"
inside systemd-analyze security --offline=true --threshold=20 --no-pager \
    /usr/lib/systemd/system/wimd.service | tail -n 1

say "the day of a technician"
install -m 0755 deploy/commission-demo.sh "$root/tmp/"
inside timeout 600 /tmp/commission-demo.sh / >"$work/day.txt" 2>"$work/day.log" ||
    { tail -n 20 "$work/day.txt" "$work/day.log" >&2; fail "the day does not end well"; }
diff fixtures/commission-demo.txt "$work/day.txt" >&2 || fail "the day reads otherwise than it is written down"

say "vehicles"
# the simulator writes a configuration that fits; state, key and socket are those of the package
inside install -d -m 0750 -o wimd -g wimd /tmp/sim
"${service[@]}" wimd simulate --dir /tmp/sim --vehicles 2 --camera-port "$port" >"$work/simulate.log" 2>&1 &
simulator=$!
for _ in $(seq 100); do [ ! -s "$root/tmp/sim/wimd.toml" ] || break; sleep 0.1; done
sed -e 's#^dir = .*#dir = "/var/lib/wimd"#' -e 's#^key_file = .*#key_file = "/etc/wimd/signing.key"#' \
    -e 's#^socket = .*#socket = "/run/wimd/status.sock"#' \
    "$root/tmp/sim/wimd.toml" >"$root/etc/wimd/wimd.toml"
"${service[@]}" wimd check --config /etc/wimd/wimd.toml || fail "the configuration is not good"
journal
start_daemon
wait "$simulator" || { cat "$work/simulate.log"; fail "the simulator"; }
# a vehicle waits some seconds for its plates before it is sealed
for _ in $(seq 60); do [ "$(passages)" -lt 2 ] || break; sleep 0.5; done
stop_daemon
seen=$(passages)
[ "$seen" -ge 2 ] || fail "2 vehicles crossed, $seen are in the ledger"
for field in WIMD_PASSAGE WIMD_LANE WIMD_CAMERA; do
    grep -qa "^$field" "$work/journal" || fail "the journal got no field $field"
done
say "$seen vehicles in the ledger; the journal knows them by passage, lane and camera"

say "upgrade"
key=$(sha256sum <"$root/etc/wimd/signing.key")
dpkg-deb -R "$package" "$work/next"
sed -i 's/^Version: .*/&+smoke1/' "$work/next/DEBIAN/control"
dpkg-deb --root-owner-group -b "$work/next" "$root/tmp/next.deb" >/dev/null
inside dpkg -i /tmp/next.deb >/dev/null
grep -q /run/wimd/status.sock "$root/etc/wimd/wimd.toml" || fail "the configuration was replaced"
[ "$key" = "$(sha256sum <"$root/etc/wimd/signing.key")" ] || fail "the key was replaced"
[ "$(passages)" = "$seen" ] || fail "records were lost"
start_daemon
stop_daemon

say "remove"
inside dpkg -r wimd >/dev/null
[ ! -e "$root/usr/bin/wimd" ] || fail "the binary is still there"
[ -e "$root/etc/wimd/wimd.toml" ] && [ -d "$root/var/lib/wimd/db" -o -n "$(ls "$root/var/lib/wimd")" ] ||
    fail "removing deleted state or configuration"

say "purge"
inside dpkg -P wimd >"$work/purge.log"
grep -q "purging deletes every record, picture and key" "$work/purge.log" || fail "it does not say what it deletes"
[ ! -e "$root/etc/wimd" ] && [ ! -e "$root/var/lib/wimd" ] || fail "purging left something"
say "good"
