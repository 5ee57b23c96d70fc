# The front door: `just` lists what there is.

_default:
    @just --list

# What must pass before a change lands.
ci:
    .ci/run

# Formatting, lints and all tests that need nothing but Rust.
check:
    cargo fmt --check
    cargo clippy --all-targets --all-features -- -D warnings
    cargo test

# A simulated cluster, exported.
demo *arguments:
    cargo run --release -- demo {{arguments}}

# The tests against a real etcd, kube-apiserver and Prometheus; needs Go.
cluster *filter:
    tests/cluster/components/build.sh
    cargo test --features cluster-tests --test cluster -- --test-threads=1 {{filter}}

# Writes golden files and the pages of metrics-docs/ anew; read the difference.
generate:
    UPDATE_EXPECT=1 cargo test

# Every figure beside its limit.
bench:
    cargo bench --bench figures

# Licences, sources and advisories of all dependencies; needs cargo-deny.
deny:
    cargo deny check

# Random input for the decoders; needs cargo-fuzz and a nightly compiler.
fuzz *arguments:
    cargo +nightly fuzz run decode {{arguments}}
