#!/bin/sh
# make-test-ca.sh DIR SITE...: an authority for tests, with certificates for the broker (localhost,
# 127.0.0.1), for "platform" and for each site. Never use it in the field: its key lies beside it.
set -eu
umask 077
[ $# -ge 1 ] || { echo "usage: $0 DIR SITE..." >&2; exit 2; }
dir=$1
shift
mkdir -p "$dir"
cd "$dir"

new_key() {
    openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1.key" 2>/dev/null
}

# issue NAME PURPOSE ALTERNATIVE-NAMES
issue() {
    new_key "$1"
    printf 'basicConstraints=CA:FALSE\nextendedKeyUsage=%s\nsubjectAltName=%s\n' "$2" "$3" >"$1.ext"
    openssl req -new -key "$1.key" -subj "/CN=$1" -out "$1.csr"
    openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 -sha256 \
        -extfile "$1.ext" -out "$1.pem" 2>/dev/null
    rm "$1.csr" "$1.ext"
}

new_key ca
openssl req -x509 -new -key ca.key -subj "/CN=wimd test authority" -days 30 -sha256 -out ca.pem \
    -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign
issue server serverAuth DNS:localhost,IP:127.0.0.1
for client in platform "$@"; do
    issue "$client" clientAuth "DNS:$client"
done
