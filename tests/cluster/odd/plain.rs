//! Small kinds: data, accounts, leases and requests for certificates.

use super::{
    dice::{Dice, thin, with},
    metadata::{free_name, metadata, name, namespaced},
};
use serde_json::{Value, json};

/// A request that any key may sign, and a certificate, as PEM in base64. openssl made them; the
/// certificate's length makes it possible to repeat it.
const REQUEST: &str = include_str!("testdata/request.pem.base64");
const CERTIFICATE: &str = include_str!("testdata/certificate.pem.base64");

pub(super) fn config_map(index: usize, dice: &mut Dice) -> Value {
    let name = name(index, dice);
    let optional = json!({
        "data": { "a.b_C-d": dice.text(), "empty": "" },
        "binaryData": { "bytes": "AAECAw==" },
        "immutable": dice.coin(),
    });
    let object = json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": namespaced(&name, dice) });
    with(thin(optional, dice), object)
}

pub(super) fn secret(index: usize, dice: &mut Dice) -> Value {
    let name = name(index, dice);
    let mut metadata = namespaced(&name, dice);
    let free = json!({ "a": "AAECAw==", "b": "" });
    let (kind, data) = match dice.below(8) {
        0 => ("", free),
        1 => ("kubernetes.io/tls", json!({ "tls.crt": "", "tls.key": "" })),
        2 => ("kubernetes.io/basic-auth", json!({ "username": "YQ==", "password": "" })),
        3 => ("kubernetes.io/ssh-auth", json!({ "ssh-privatekey": "YQ==" })),
        4 => ("kubernetes.io/dockerconfigjson", json!({ ".dockerconfigjson": "e30=" })),
        5 => {
            metadata["annotations"]["kubernetes.io/service-account.name"] = json!("default");
            ("kubernetes.io/service-account-token", free)
        }
        6 => ("odd \"type\" \\ ü\nof two lines", free),
        _ => ("helm.sh/release.v1", free),
    };
    let object = json!({ "apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": data });
    with(thin(json!({ "immutable": dice.coin() }), dice), with(object, json!({ "type": kind })))
}

pub(super) fn service_account(index: usize, dice: &mut Dice) -> Value {
    let name = name(index, dice);
    let optional = json!({
        "secrets": dice.list(0, |dice, _| thin(json!({ "name": dice.pick(&["same", "", "ü \"x\""]), "namespace": "x" }), dice)),
        "imagePullSecrets": dice.list(0, |dice, _| json!({ "name": dice.pick(&["same", "", "ü \"x\""]) })),
        "automountServiceAccountToken": dice.coin(),
    });
    let object = json!({ "apiVersion": "v1", "kind": "ServiceAccount", "metadata": namespaced(&name, dice) });
    with(thin(optional, dice), object)
}

pub(super) fn lease(index: usize, dice: &mut Dice) -> Value {
    let name = name(index, dice);
    let optional = json!({
        "holderIdentity": dice.some_text(),
        "leaseDurationSeconds": dice.pick(&[1, 15, i32::MAX]),
        "acquireTime": dice.micro_time(),
        "renewTime": dice.micro_time(),
        "leaseTransitions": dice.count(),
        "strategy": "OldestEmulationVersion",
    });
    json!({
        "apiVersion": "coordination.k8s.io/v1",
        "kind": "Lease",
        "metadata": namespaced(&name, dice),
        "spec": thin(optional, dice),
    })
}

pub(super) fn certificate_request(index: usize, dice: &mut Dice) -> Value {
    let name = free_name(index, dice);
    let usages = dice.pick(&[vec!["digital signature"], vec!["client auth", "key encipherment"]]);
    let expiration = json!({ "expirationSeconds": dice.pick(&[600, 86_400, i32::MAX]) });
    let signer =
        dice.pick(&["example.com/odd", "kubernetes.io/kube-apiserver-client", "a.b-c.example.com/d-e.f"]);
    let spec = json!({ "request": REQUEST.trim(), "signerName": signer, "usages": usages });
    let mut object = json!({
        "apiVersion": "certificates.k8s.io/v1",
        "kind": "CertificateSigningRequest",
        "metadata": metadata(&name, dice),
        "spec": with(thin(expiration, dice), spec),
    });
    if dice.percent(80) {
        let mut conditions = Vec::new();
        let decision = dice.pick(&["", "Approved", "Denied"]);
        for kind in [decision, dice.pick(&["", "Failed"]), dice.pick(&["", "example.com/Odd"])] {
            if !kind.is_empty() {
                let status = if kind.contains('/') { dice.truth() } else { "True" };
                let parts =
                    json!({ "reason": dice.text(), "message": dice.text(), "lastUpdateTime": dice.time() });
                conditions.push(with(thin(parts, dice), json!({ "type": kind, "status": status })));
            }
        }
        object["status"] = json!({ "conditions": conditions });
        if dice.coin() {
            object["status"]["certificate"] = json!(CERTIFICATE.trim().repeat(1 + dice.below(3)));
        }
    }
    object
}
