//! `kstate render`: files in, exposition out.

use crate::process::{errors, run};
use std::fmt::Write as _;

fn namespaces(names: std::ops::Range<usize>) -> String {
    let mut yaml = String::new();
    for name in names {
        let _ = writeln!(
            yaml,
            "---\napiVersion: v1\nkind: Namespace\nmetadata: {{name: n{name}}}\nstatus: {{phase: Active}}"
        );
    }
    yaml
}

#[test]
fn one_bad_document_among_a_hundred_costs_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("dump.yaml");
    let bad = "---\napiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: 7}\n";
    std::fs::write(&file, namespaces(0..50) + bad + &namespaces(50..99)).unwrap();
    let output = run(&["render", file.to_str().unwrap()], b"");
    let (text, errors) = (String::from_utf8(output.stdout.clone()).unwrap(), errors(&output));
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(text.matches("phase=\"Active\"} 1").count(), 99);
    assert_eq!(errors.lines().count(), 1, "{errors}");
    assert!(errors.contains("dump.yaml, document 51 (line 252): Pod: "), "{errors}");
}

#[test]
fn kinds_without_metrics_are_counted() {
    let json = r#"{"kind": "List", "apiVersion": "v1", "items": [
        {"kind": "Event", "apiVersion": "v1"}, {"kind": "Event", "apiVersion": "v1"},
        {"kind": "Deployment", "apiVersion": "apps/v1beta1", "metadata": {"name": "old"}},
        {"kind": "Namespace", "apiVersion": "v1", "metadata": {"name": "n"}}]}"#;
    let output = run(&["render", "-"], json.as_bytes());
    let errors = errors(&output);
    assert!(output.status.success(), "{errors}");
    assert!(
        errors.contains("2 of the kind Event (v1)")
            && errors.contains("1 of the kind Deployment (apps/v1beta1)")
    );
    assert_eq!(errors.lines().count(), 2, "{errors}");
    assert!(
        String::from_utf8(output.stdout).unwrap().contains("kube_namespace_status_phase{namespace=\"n\"")
    );
}

#[test]
fn flags_select_and_shape_as_the_servers_do() {
    let pod = |namespace: &str| {
        format!(
            "---\napiVersion: v1\nkind: Pod\nmetadata: {{name: p, namespace: {namespace}}}\nspec: {{nodeName: x}}\n"
        )
    };
    let yaml = namespaces(0..2) + &pod("a") + &pod("b");
    let render = |flags: &[&str]| {
        let output = run(&[&["render"], flags, &["-"]].concat(), yaml.as_bytes());
        assert!(output.status.success(), "{}", errors(&output));
        String::from_utf8(output.stdout).unwrap()
    };
    let all = render(&[]);
    assert_eq!(all.matches("\nkube_pod_info{").count(), 2, "objects without UID are told apart by name");
    let pods = render(&["--resources=pods"]);
    assert!(pods.contains("kube_pod_info{") && !pods.contains("kube_namespace_"));
    // Namespaces themselves belong to the cluster, not to a namespace.
    let one = render(&["--namespaces=b"]);
    assert!(one.contains("kube_pod_info{namespace=\"b\"") && !one.contains("kube_pod_info{namespace=\"a\""));
    assert!(one.contains("kube_namespace_status_phase{namespace=\"n1\""));
    // A list has no more than so many objects, and there is one for each namespace that is named.
    let limited = |flags: &[&str]| {
        let text = render(&[&["--object-limit=1"], flags].concat());
        (text.matches("\nkube_pod_info{").count(), text.matches("phase=\"Active\"} 1").count())
    };
    assert_eq!((limited(&[]), limited(&["--namespaces=a,b"])), ((1, 1), (2, 1)));
    assert_eq!(limited(&["--namespaces=b"]), (1, 1), "what is not selected doesn't count");
    assert_eq!(render(&["--openmetrics"]), all.clone() + "# EOF\n");
    assert_eq!(render(&["--openmetrics=false"]), all);
}
