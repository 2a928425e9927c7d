#!/usr/bin/env bash
# Makes the Debian package: deploy/package.sh [release|dev]. Its path is the last line that is printed.
# release builds the binary; dev takes the one that `cargo test` has left.
# cargo-deb is taken from the PATH, or built once into target/tools.
set -euo pipefail
cd "$(dirname "$0")/.."

profile=${1:-release}
how=()
case $profile in
release)
    folder=release
    cargo build --release >&2
    ;;
dev)
    # what the tests have run, under the name of a profile that cargo-deb packs; not built again
    folder=debug
    profile=tested
    mkdir -p target/tested
    ln -f target/debug/wimd target/tested/wimd
    how=(--fast)
    ;;
*)
    echo "usage: deploy/package.sh [release|dev]" >&2
    exit 2
    ;;
esac

export PATH="$PATH:$PWD/target/tools/bin"
if ! command -v cargo-deb >/dev/null; then
    # unoptimised: it runs once, and is built in half the time
    cargo install cargo-deb --locked --debug --version 3.8.0 --root target/tools >&2
fi
"target/$folder/wimd" man --dir target/package >&2
cargo deb --no-build --strip "${how[@]}" --profile "$profile" --output target/debian/ >&2
ls -t target/debian/wimd_*.deb | head -n 1
