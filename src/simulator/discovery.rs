//! What clients ask about the server itself: its version, groups and kinds.

use serde_json::{Value, json};

use super::kinds::{CORE, Group, KINDS, Kind};

/// The document at a path outside the objects; `None` when there is none.
pub(super) fn document(path: &[&str]) -> Option<Value> {
    match path {
        ["version"] => Some(version()),
        ["api"] => Some(json!({
            "kind": "APIVersions",
            "versions": [CORE.version],
            "serverAddressByClientCIDRs": [],
        })),
        ["api", version] if *version == CORE.version => Some(resources(CORE)),
        ["apis"] => Some(json!({
            "kind": "APIGroupList",
            "apiVersion": "v1",
            "groups": groups().map(described).collect::<Vec<_>>(),
        })),
        ["apis", name] => groups().find(|group| group.name == *name).map(|group| {
            let mut group = described(group);
            group["kind"] = json!("APIGroup");
            group["apiVersion"] = json!("v1");
            group
        }),
        ["apis", name, version] => {
            groups().find(|group| group.name == *name && group.version == *version).map(resources)
        }
        _ => None,
    }
}

fn version() -> Value {
    json!({
        "major": "1",
        "minor": "36",
        "gitVersion": "v1.36.0-kstate-simulator",
        "gitCommit": "",
        "gitTreeState": "clean",
        "buildDate": "1970-01-01T00:00:00Z",
        "goVersion": "",
        "compiler": "rustc",
        "platform": "linux/amd64",
    })
}

/// The named groups, each once.
fn groups() -> impl Iterator<Item = Group> {
    let mut last = CORE;
    KINDS.iter().map(|kind| kind.group).filter(move |group| std::mem::replace(&mut last, *group) != *group)
}

fn described(group: Group) -> Value {
    let version = json!({"groupVersion": group.to_string(), "version": group.version});
    json!({"name": group.name, "versions": [version], "preferredVersion": version})
}

fn resources(group: Group) -> Value {
    let kinds = KINDS.iter().filter(|kind| kind.group == group);
    json!({
        "kind": "APIResourceList",
        "apiVersion": "v1",
        "groupVersion": group.to_string(),
        "resources": kinds.map(resource).collect::<Vec<_>>(),
    })
}

fn resource(kind: &Kind) -> Value {
    let mut resource = json!({
        "name": kind.plural,
        "singularName": kind.singular(),
        "namespaced": kind.namespaced,
        "kind": kind.name,
        "verbs": ["create", "delete", "get", "list", "update", "watch"],
        "shortNames": kind.short_names,
    });
    if kind.in_all {
        resource["categories"] = json!(["all"]);
    }
    resource
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_group_leads_to_its_kinds() {
        let groups = document(&["apis"]).unwrap();
        let names: Vec<_> = groups["groups"].as_array().unwrap().iter().map(|group| &group["name"]).collect();
        assert_eq!(names.len(), 11);
        assert!(names.contains(&&json!("apps")) && names.contains(&&json!("storage.k8s.io")));
        let apps = document(&["apis", "apps", "v1"]).unwrap();
        assert_eq!(apps["resources"].as_array().unwrap().len(), 4);
        let core = document(&["api", "v1"]).unwrap();
        assert!(core["resources"].as_array().unwrap().iter().any(|resource| resource["kind"] == "Pod"));
        let scaling = document(&["apis", "autoscaling"]).unwrap();
        assert_eq!(scaling["preferredVersion"]["groupVersion"], "autoscaling/v2");
        assert!(document(&["apis", "autoscaling", "v2"]).is_some());
        assert_eq!(document(&["apis", "autoscaling", "v1"]), None);
        assert_eq!(document(&["apis", "example.com"]), None);
        assert_eq!(document(&["apis", "apps"]).unwrap()["name"], "apps");
    }
}
