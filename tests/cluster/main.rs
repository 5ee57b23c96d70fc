//! Tests against a real etcd and kube-apiserver, built from Go modules.
