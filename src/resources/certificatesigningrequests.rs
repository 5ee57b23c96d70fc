//! `CertificateSigningRequests`.

use crate::{
    exposition::{Families, Identity},
    resource::{Names, Resource},
    wire::{Atom, BytesLength, ObjectMeta, Shared},
};

type Family = crate::exposition::Family<CertificateSigningRequest>;

crate::wire! {
    /// `certificates.v1.CertificateSigningRequest`, reduced.
    pub struct CertificateSigningRequest {
        /// The object's metadata.
        metadata: ObjectMeta = 1,
        /// What is wanted.
        spec: CertificateSigningRequestSpec = 2,
        /// What was decided and issued.
        status: CertificateSigningRequestStatus = 3,
    }

    /// `certificates.v1.CertificateSigningRequestSpec`, reduced.
    pub struct CertificateSigningRequestSpec {
        /// Who is asked, such as `kubernetes.io/kubelet-serving`.
        signer_name: Atom = 7,
    }

    /// `certificates.v1.CertificateSigningRequestStatus`, reduced.
    pub struct CertificateSigningRequestStatus {
        /// Requests that were decided alike have the same.
        conditions: Shared<CertificateSigningRequestCondition> = 1,
        /// PEM blocks; empty until the certificate is issued.
        certificate: BytesLength = 2,
    }

    /// `certificates.v1.CertificateSigningRequestCondition`, reduced.
    pub struct CertificateSigningRequestCondition {
        /// `Approved`, `Denied` or `Failed`.
        r#type: Atom = 1,
    }
}
crate::local_object!(CertificateSigningRequest);
crate::pooled!(CertificateSigningRequestCondition);

impl Resource for CertificateSigningRequest {
    const NAMES: Names = Names {
        kind: "CertificateSigningRequest",
        plural: "certificatesigningrequests",
        group: "certificates.k8s.io",
        version: "v1",
        namespaced: false,
    };
    const IDENTITY: &'static [Identity<Self>] = &[
        Identity::name("certificatesigningrequest"),
        Identity { name: "signer_name", value: |request, out| out.push_str(&request.spec.signer_name) },
    ];
    const FAMILIES: Families<Self> = FAMILIES;
}

const FAMILIES: Families<CertificateSigningRequest> = &[
    &Family::annotations("kube_certificatesigningrequest_annotations"),
    &Family::labels("kube_certificatesigningrequest_labels").stable(),
    &Family::created("kube_certificatesigningrequest_created").stable(),
    &Family::gauge(
        "kube_certificatesigningrequest_condition",
        "Number of conditions of each type that the CertificateSigningRequest has, whatever their status.",
    )
    .stable()
    .labels(["condition"])
    .samples(|request, out| {
        for (label, r#type) in [("approved", "Approved"), ("denied", "Denied"), ("failed", "Failed")] {
            let conditions = request.status.conditions.iter();
            out.push([label], conditions.filter(|condition| condition.r#type == r#type).count());
        }
    }),
    &Family::gauge(
        "kube_certificatesigningrequest_cert_length",
        "Bytes of the issued certificate; 0 until it is issued.",
    )
    .stable()
    .samples(|request, out| out.value(request.status.certificate)),
];

#[cfg(test)]
mod tests {
    crate::resource::golden::golden!(super::CertificateSigningRequest, "certificatesigningrequests");
}
