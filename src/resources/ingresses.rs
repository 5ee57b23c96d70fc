//! Ingresses.

use crate::{
    exposition::{Families, Identity, Samples},
    resource::{Names, Resource},
    wire::{Atom, ObjectMeta},
};

type Family = crate::exposition::Family<Ingress>;

crate::wire! {
    /// `networking.v1.Ingress`, reduced.
    pub struct Ingress {
        /// The object's metadata.
        metadata: ObjectMeta = 1,
        /// What is wanted.
        spec: IngressSpec = 2,
    }

    /// `networking.v1.IngressSpec`, reduced.
    pub struct IngressSpec {
        /// Which hosts have which certificate.
        tls: Vec<IngressTls> = 2,
        /// Where requests go.
        rules: Vec<IngressRule> = 3,
        /// The class, which decides who serves the Ingress.
        ingress_class_name: Option<Atom> = 4,
    }

    /// `networking.v1.IngressTLS`.
    pub struct IngressTls {
        /// The names in the certificate.
        hosts: Vec<Atom> = 1,
        /// The Secret with the certificate.
        secret_name: Box<str> = 2,
    }

    /// `networking.v1.IngressRule`.
    pub struct IngressRule {
        /// Whose requests it is for; empty for all.
        host: Atom = 1,
        /// What happens to them; its fields are the rule's own in JSON.
        #[serde(flatten)]
        value: IngressRuleValue = 2,
    }

    /// `networking.v1.IngressRuleValue`.
    pub struct IngressRuleValue {
        /// Where they go by their path.
        http: HttpIngressRuleValue = 1,
    }

    /// `networking.v1.HTTPIngressRuleValue`.
    pub struct HttpIngressRuleValue {
        /// The paths.
        paths: Vec<HttpIngressPath> = 1,
    }

    /// `networking.v1.HTTPIngressPath`.
    pub struct HttpIngressPath {
        /// The path.
        path: Atom = 1,
        /// Where its requests go.
        backend: IngressBackend = 2,
        /// How the path is compared: `Exact`, `Prefix` or `ImplementationSpecific`.
        path_type: Atom = 3,
    }

    /// `networking.v1.IngressBackend`: one of both.
    pub struct IngressBackend {
        /// Another object of the namespace, which few Ingresses have.
        resource: Option<Box<TypedLocalObjectReference>> = 3,
        /// A Service.
        service: Option<IngressServiceBackend> = 4,
    }

    /// `networking.v1.IngressServiceBackend`.
    pub struct IngressServiceBackend {
        /// The Service's name.
        name: Atom = 1,
        /// The Service's port.
        port: ServiceBackendPort = 2,
    }

    /// `networking.v1.ServiceBackendPort`, reduced.
    pub struct ServiceBackendPort {
        /// Zero where the port is given by its name.
        number: i32 = 2,
    }

    /// `v1.TypedLocalObjectReference`.
    pub struct TypedLocalObjectReference {
        /// Empty for the core group.
        api_group: Atom = 1,
        /// The object's kind.
        kind: Atom = 2,
        /// The object's name.
        name: Atom = 3,
    }
}
crate::local_object!(Ingress);

/// How classes were named before there was a field for it.
const CLASS: &str = "kubernetes.io/ingress.class";

impl Resource for Ingress {
    const NAMES: Names = Names {
        kind: "Ingress",
        plural: "ingresses",
        group: "networking.k8s.io",
        version: "v1",
        namespaced: true,
    };
    const IDENTITY: &'static [Identity<Self>] = &[Identity::NAMESPACE, Identity::name("ingress")];
    const FAMILIES: Families<Self> = FAMILIES;
    const ANNOTATIONS_READ: &'static [&'static str] = &[CLASS];
}

const FAMILIES: Families<Ingress> = &[
    &Family::gauge("kube_ingress_info", "Class of the Ingress, _default where it names none.")
        .stable()
        .labels(["ingressclass"])
        .samples(|ingress, out| out.one([class(ingress)])),
    &Family::annotations("kube_ingress_annotations"),
    &Family::labels("kube_ingress_labels").stable(),
    &Family::created("kube_ingress_created").stable(),
    &Family::resource_version("kube_ingress_metadata_resource_version"),
    &Family::gauge(
        "kube_ingress_path",
        "Paths of the Ingress and the service behind each. A path with another object behind it has the \
         labels resource_api_group, resource_kind and resource_name in place of service_name and service_port.",
    )
    .stable()
    .appears("for each path of each rule")
    .labels(["host", "path", "path_type", "service_name", "service_port"])
    .samples(|ingress, out| {
        for rule in &ingress.spec.rules {
            rule.value.http.paths.iter().for_each(|path| target(&rule.host, path, out));
        }
    }),
    &Family::gauge("kube_ingress_tls", "Hosts of the Ingress and the Secret with the certificate of each.")
        .stable()
        .appears("for each host of each entry of spec.tls")
        .labels(["tls_host", "secret"])
        .samples(|ingress, out| {
            for tls in &ingress.spec.tls {
                for host in &tls.hosts {
                    out.one([host, &tls.secret_name]);
                }
            }
        }),
];

/// The annotation outranks the field, even where it is empty.
fn class(ingress: &Ingress) -> &str {
    let field = || ingress.spec.ingress_class_name.as_deref();
    ingress.metadata.annotations.get(CLASS).or_else(field).unwrap_or("_default")
}

/// The sample of one path. One without a backend, which the server never admits, has no labels for
/// it; kube-state-metrics would end there.
fn target(
    host: &str,
    HttpIngressPath { path, path_type, backend }: &HttpIngressPath,
    out: &mut Samples<'_, 5>,
) {
    if let Some(service) = &backend.service {
        let mut buffer = itoa::Buffer::new();
        out.one([host, path, path_type, &service.name, buffer.format(service.port.number)]);
    } else if let Some(resource) = &backend.resource {
        out.one_named(
            ["host", "path", "path_type", "resource_api_group", "resource_kind", "resource_name"],
            [host, path, path_type, &resource.api_group, &resource.kind, &resource.name],
        );
    } else {
        out.one_named(["host", "path", "path_type"], [host, path, path_type]);
    }
}

#[cfg(test)]
mod tests {
    crate::resource::golden::golden!(super::Ingress, "ingresses");
}
