#!/usr/bin/env bash
# Builds the real components of the cluster tests from Go modules, once, into a
# folder outside the checkout, and prints that folder.
#
#   build.sh [COMPONENT…]     etcd kube-apiserver kube-controller-manager kubectl kwok promtool prometheus
#                             readers requests helm jsonnet jsonnetfmt crane actionlint
#                             custom-resource-definitions (all by default)
#
# KSTATE_CACHE names the folder (default: ~/.cache/kstate). A component is built
# again when its recipe or its versions change.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
bin=${KSTATE_CACHE:-$HOME/.cache/kstate}/components
mkdir -p "$bin"

KUBERNETES=${KSTATE_KUBERNETES:-v1.36.3}
STAGING=v0${KUBERNETES#v1}
ETCD=v3.7.3
PROMETHEUS=v0.314.0
READERS=$PROMETHEUS-$(sha256sum "$here/readers.go" | cut -c 1-12)
# The release whose rule ours is, whichever the API server's.
SCHEDULER=v0.36.3
REQUESTS=$SCHEDULER-$(sha256sum "$here/requests.go" | cut -c 1-12)
HELM=v4.3.1
OPERATOR=v0.85.0
AUTOSCALER=v1.8.1
JSONNET=v0.22.0
CRANE=v0.22.1
KWOK=v0.8.0
ACTIONLINT=v1.7.12

# The modules that k8s.io/kubernetes keeps in its own tree.
staging="api apiextensions-apiserver apimachinery apiserver cli-runtime client-go cloud-provider
cluster-bootstrap code-generator component-base component-helpers controller-manager cri-api cri-client
cri-streaming csi-translation-lib dynamic-resource-allocation endpointslice externaljwt kms
kube-aggregator kube-controller-manager kube-proxy kube-scheduler kubectl kubelet metrics mount-utils
pod-security-admission sample-apiserver sample-cli-plugin sample-controller streaming"

# module DIR: writes go.mod for the given module path with its replacements and tidies it.
fresh_module() {
    rm -rf "$1" && mkdir -p "$1" && cd "$1"
    go mod init kstate.test/components >/dev/null 2>&1
}

kubernetes() {
    local work=$bin/.src/kubernetes-$KUBERNETES flags
    if [ ! -f "$work/go.sum" ]; then
        fresh_module "$work"
        for name in $staging; do
            # A module that this release doesn't have yet is left out.
            if go mod download "k8s.io/$name@$STAGING" >/dev/null 2>&1; then
                go mod edit -replace "k8s.io/$name=k8s.io/$name@$STAGING"
            fi
        done
        for name in kube-apiserver kube-controller-manager kubectl; do
            go get -tool "k8s.io/kubernetes/cmd/$name@$KUBERNETES" >&2
        done
    fi
    cd "$work"
    local minor=${KUBERNETES#v1.}
    flags="-s -w -X k8s.io/component-base/version.gitVersion=$KUBERNETES -X k8s.io/component-base/version.gitMajor=1 -X k8s.io/component-base/version.gitMinor=${minor%%.*}"
    CGO_ENABLED=0 go build -ldflags "$flags" -o "$2" "k8s.io/kubernetes/cmd/$1" >&2
}

etcd() {
    local work=$bin/.src/etcd-$ETCD
    fresh_module "$work"
    cat >main.go <<'GO'
package main

import (
	"os"

	"go.etcd.io/etcd/server/v3/etcdmain"
)

func main() { etcdmain.Main(os.Args) }
GO
    go get "go.etcd.io/etcd/server/v3@$ETCD" >&2
    go mod tidy >&2
    CGO_ENABLED=0 go build -ldflags "-s -w" -o "$2" . >&2
}

# Prints the path of the go.mod of Prometheus.
prometheus_module() {
    go mod download -json "github.com/prometheus/prometheus@$PROMETHEUS" | sed -n 's/.*"GoMod": "\(.*\)".*/\1/p'
}

prometheus() {
    local work=$bin/.src/prometheus-$PROMETHEUS source
    if [ ! -f "$work/go.sum" ]; then
        fresh_module "$work"
        source=$(prometheus_module)
        # The replacements count only in the main module, so they are repeated here.
        go mod edit -json "$source" | python3 -c '
import json, sys
for r in json.load(sys.stdin).get("Replace") or []:
    old, new = r["Old"], r["New"]
    if not new["Path"].startswith("."):
        at = lambda m: m["Path"] + ("@" + m["Version"] if m.get("Version") else "")
        print(at(old) + "=" + at(new))' | while read -r line; do go mod edit -replace "$line"; done
        go get -tool "github.com/prometheus/prometheus/cmd/prometheus@$PROMETHEUS" >&2
        go get -tool "github.com/prometheus/prometheus/cmd/promtool@$PROMETHEUS" >&2
    fi
    cd "$work"
    CGO_ENABLED=0 go build -ldflags "-s -w" -o "$2" "github.com/prometheus/prometheus/cmd/$1" >&2
}

readers() {
    local work=$bin/.src/readers-$READERS library=github.com/klauspost/compress
    fresh_module "$work"
    cp "$here/readers.go" main.go
    # The release of the library that Prometheus has.
    go get "$(sed -n "s|^\t\($library\) \(v[^ ]*\).*|\1@\2|p" "$(prometheus_module)")" >&2
    CGO_ENABLED=0 go build -ldflags "-s -w" -o "$2" . >&2
}

requests() {
    local work=$bin/.src/requests-$REQUESTS
    fresh_module "$work"
    cp "$here/requests.go" main.go
    go get "k8s.io/component-helpers@$SCHEDULER" "k8s.io/api@$SCHEDULER" >&2
    CGO_ENABLED=0 go build -ldflags "-s -w" -o "$2" . >&2
}

helm() {
    tool "helm.sh/helm/v4/cmd/helm@$HELM" "$2"
}

# Those of the Prometheus operator and the vertical pod autoscaler that manifests use, in one file.
definitions() {
    local operator autoscaler
    operator=$(folder "github.com/prometheus-operator/prometheus-operator@$OPERATOR")
    autoscaler=$(folder "k8s.io/autoscaler/vertical-pod-autoscaler@$AUTOSCALER")
    for name in prometheusrules scrapeconfigs servicemonitors; do
        cat "$operator/example/prometheus-operator-crd/monitoring.coreos.com_$name.yaml"
    done >"$2"
    cat "$autoscaler/deploy/vpa-v1-crd-gen.yaml" >>"$2"
}

# folder MODULE@VERSION: downloads a module and prints where it lies.
folder() {
    go mod download -json "$1" | sed -n 's/.*"Dir": "\(.*\)".*/\1/p'
}

jsonnet() {
    tool "github.com/google/go-jsonnet/cmd/$1@$JSONNET" "$2"
}

crane() {
    tool "github.com/google/go-containerregistry/cmd/crane@$CRANE" "$2"
}

kwok() {
    tool "sigs.k8s.io/kwok/cmd/kwok@$KWOK" "$2"
}

actionlint() {
    tool "github.com/rhysd/actionlint/cmd/actionlint@$ACTIONLINT" "$2"
}

# tool PACKAGE@VERSION FILE: a command whose module can be built as it is.
tool() {
    local package=${1%@*} work
    work=$bin/.src/$(basename "$package")-${1#*@}
    if [ ! -f "$work/go.sum" ]; then
        fresh_module "$work"
        go get -tool "$1" >&2
    fi
    cd "$work"
    CGO_ENABLED=0 go build -ldflags "-s -w" -o "$2" "$package" >&2
}

[ $# -gt 0 ] || set -- etcd kube-apiserver kube-controller-manager kubectl kwok promtool prometheus readers \
    requests helm jsonnet jsonnetfmt crane actionlint custom-resource-definitions
for name; do
    case $name in
    kube-apiserver | kube-controller-manager | kubectl) recipe=kubernetes version=$KUBERNETES ;;
    etcd) recipe=etcd version=$ETCD ;;
    prometheus | promtool) recipe=prometheus version=$PROMETHEUS ;;
    readers) recipe=readers version=$READERS ;;
    requests) recipe=requests version=$REQUESTS ;;
    helm) recipe=helm version=$HELM ;;
    custom-resource-definitions) recipe=definitions version=$OPERATOR-$AUTOSCALER ;;
    actionlint) recipe=actionlint version=$ACTIONLINT ;;
    jsonnet | jsonnetfmt) recipe=jsonnet version=$JSONNET ;;
    crane) recipe=crane version=$CRANE ;;
    kwok) recipe=kwok version=$KWOK ;;
    *) echo "build.sh: there is no component \"$name\"" >&2 && exit 2 ;;
    esac
    target=$bin/$name-$version
    if [ ! -e "$target" ]; then
        echo "build.sh: building $name $version" >&2
        (GOFLAGS=-mod=mod "$recipe" "$name" "$target.part") && mv "$target.part" "$target"
    fi
    ln -sf "$name-$version" "$bin/$name"
done
echo "$bin"
