#!/usr/bin/env bash
# Builds the image for this machine's platform into a folder, an OCI layout. Needs Rust, a C
# compiler with the static C library, and Python.
#
#   build.sh FOLDER [FLAG…]     flags are layout.py's
set -euo pipefail

folder=$(realpath -m "${1:?where to?}")
shift
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

target=$(uname -m)-unknown-linux-gnu
linking=()
case $target in
x86_64-*)
    platform=amd64
    # Equal functions of several types become one, and relocations take bits; both save a megabyte.
    # The linker that Rust brings for this target can do it.
    linking=(-C link-arg=-Wl,--icf=all -C link-arg=-Wl,-z,pack-relative-relocs)
    ;;
aarch64-*) platform=arm64 ;;
*) echo "build.sh: there is no image for $target" >&2 && exit 1 ;;
esac

# What cargo tells a test that calls this would have build scripts run anew.
for name in "${!CARGO_MANIFEST_@}" "${!CARGO_PKG_@}"; do
    unset "$name"
done

# Named for the target, so that build scripts and procedural macros are linked as ever.
upper=${target^^}
export "CARGO_TARGET_${upper//-/_}_RUSTFLAGS=-C target-feature=+crt-static"
cargo rustc --quiet --locked --profile image --bin kstate --target "$target" -- "${linking[@]}"

python3 deploy/image/layout.py "$folder" "$platform=${CARGO_TARGET_DIR:-target}/$target/image/kstate" "$@"
