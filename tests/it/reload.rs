//! The configuration while it changes.

use crate::process::{Answer, LIMIT, Server, eventually, get, receive, request};
use std::{
    collections::BTreeSet,
    fs,
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    os::unix::fs::symlink,
    path::PathBuf,
};
use tempfile::TempDir;

/// A simulated cluster, an exporter of it, and the file that the exporter follows.
struct Scene {
    exporter: Server,
    _simulator: Server,
    folder: TempDir,
    main: u16,
    telemetry: u16,
}

fn simulator(nodes: &str) -> (Server, String) {
    let flags = ["simulate", "--listen=127.0.0.1:0", nodes, "--pods-per-node=3", "--updates-per-second=0"];
    let simulator = Server::start(&flags);
    let url = format!("http://{}", simulator.printed("http://").trim_end_matches('.'));
    (simulator, url)
}

impl Scene {
    /// Starts with this content of the file, or without a file.
    fn start(content: Option<&str>, flags: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        if let Some(content) = content {
            fs::write(folder.path().join("kstate.yml"), content).unwrap();
        }
        Self::start_in(folder, flags)
    }

    fn start_in(folder: TempDir, flags: &[&str]) -> Self {
        let (simulator, url) = simulator("--nodes=2");
        let file = format!("--config={}", folder.path().join("kstate.yml").display());
        let apiserver = format!("--apiserver={url}");
        let own = [
            &*file,
            &*apiserver,
            "--host=127.0.0.1",
            "--telemetry-host=127.0.0.1",
            "--port=0",
            "--telemetry-port=0",
        ];
        let exporter = Server::start(&[&own[..], flags].concat());
        let (main, telemetry) = exporter.ports();
        let scene = Self { exporter, _simulator: simulator, folder, main, telemetry };
        scene.ready();
        scene
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("kstate.yml")
    }

    fn write(&self, content: &str) {
        fs::write(self.file(), content).unwrap();
    }

    fn ready(&self) {
        eventually("readiness", || (get(self.telemetry, "/readyz").status == 200).then_some(()));
    }

    fn scrape(&self) -> Answer {
        let answer = get(self.main, "/metrics");
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer
    }

    /// The names of all families that have samples.
    fn families(&self) -> BTreeSet<String> {
        let answer = self.scrape();
        let samples = answer.text().lines().filter(|line| !line.starts_with('#'));
        samples.map(|line| line.split(['{', ' ']).next().unwrap().to_owned()).collect()
    }

    fn shows(&self, families: &[&str], not: &[&str]) {
        eventually(&format!("{families:?} without {not:?} in {}", self.exporter.log()), || {
            let there = self.families();
            let has = |family: &&str| there.contains(*family);
            (families.iter().all(has) && !not.iter().any(has)).then_some(())
        });
    }

    fn self_metric(&self, series: &str) -> Option<f64> {
        let answer = get(self.telemetry, "/metrics");
        answer.text().lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' ')?.parse().ok())
    }

    /// A metric of the configuration file.
    fn of_file(&self, metric: &str) -> Option<f64> {
        let file = self.file();
        self.self_metric(&format!(
            "kube_state_metrics_{metric}{{type=\"config\",filename=\"{}\"}}",
            file.display()
        ))
    }

    fn successful(&self, wanted: f64) {
        eventually(&format!("success {wanted} in {}", self.exporter.log()), || {
            (self.of_file("last_config_reload_successful") == Some(wanted)).then_some(())
        });
    }

    fn post(&self) -> Answer {
        request(self.telemetry, "POST", "/-/reload", "")
    }

    fn says(&self, text: &str) {
        eventually(&format!("{text} in {}", self.exporter.log()), || {
            self.exporter.log().contains(text).then_some(())
        });
    }
}

#[test]
fn a_volume_that_swaps_its_links_is_followed_and_what_stays_is_not_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    for (version, content) in [("v1", "resources: {nodes: {}}"), ("v2", "resources: {nodes: {}, pods: {}}")] {
        fs::create_dir(path(version)).unwrap();
        fs::write(path(version).join("kstate.yml"), content).unwrap();
    }
    symlink("v1", path("..data")).unwrap();
    symlink("..data/kstate.yml", path("kstate.yml")).unwrap();
    symlink("v2", path("..data_tmp")).unwrap();
    let scene = Scene::start_in(folder, &[]);
    scene.shows(&["kube_node_info"], &["kube_pod_info"]);
    let (hash, at) =
        (scene.of_file("config_hash"), scene.of_file("last_config_reload_success_timestamp_seconds"));
    assert!(hash.is_some_and(|hash| hash > 0.0) && at.is_some_and(|at| at > 1.7e9), "{hash:?} {at:?}");
    fs::rename(scene.folder.path().join("..data_tmp"), scene.folder.path().join("..data")).unwrap();
    scene.shows(&["kube_node_info", "kube_pod_info"], &[]);
    scene.successful(1.0);
    assert_ne!(scene.of_file("config_hash"), hash);
    assert!(scene.of_file("last_config_reload_success_timestamp_seconds") > at);
    let lists = |kind| {
        scene.self_metric(&format!("kube_state_metrics_list_total{{result=\"success\",resource=\"{kind}\"}}"))
    };
    assert_eq!((lists("*v1.Node"), lists("*v1.Pod")), (Some(1.0), Some(1.0)));
}

#[test]
fn a_bad_file_changes_nothing_until_it_is_good_again() {
    let scene = Scene::start(Some("resources: {nodes: {}}"), &["--enable-lifecycle", "--strict-config"]);
    let hash = scene.of_file("config_hash");
    let file = scene.file().display().to_string();
    for (content, named) in [
        ("# more\nresources: {pod: {}}", ":2: resources: has no kind \"pod\""),
        ("resources: {pods: {}}\nprot: 1", ":2: prot: the key is unknown; did you mean port?"),
        ("resources: [", ":1: "),
        ("port: 99999", ":1: port: "),
        ("\n\nkubeconfig: /nowhere/config", ":3: kubeconfig: /nowhere/config: "),
        ("shard: 3", ":1: shard: 3 is none of --total-shards=1"),
        ("", ": the configuration file has become empty"),
    ] {
        scene.write("resources: {nodes: {}}");
        scene.successful(1.0);
        scene.write(content);
        let answer = scene.post();
        assert_eq!(answer.status, 500, "{content}: {}", answer.text());
        // Nor does it count when it is read once more.
        assert_eq!(scene.post().status, 500, "{content}");
        let said = answer.text();
        assert!(
            said.starts_with(&format!("{file}{named}")) && said.lines().count() == 1,
            "{content}: {said}"
        );
        assert_eq!(scene.of_file("last_config_reload_successful"), Some(0.0), "{content}");
        assert_eq!(scene.of_file("config_hash"), hash, "{content}");
        scene.says(&format!("{file}{named}").replace('"', "\\\""));
        assert!(scene.families().contains("kube_node_info") && !scene.families().contains("kube_pod_info"));
    }
    fs::remove_file(scene.file()).unwrap();
    scene.write("resources: {nodes: {}}");
    scene.successful(1.0);
    fs::remove_file(scene.file()).unwrap();
    scene.successful(0.0);
    scene.write("resources: {pods: {}}");
    scene.shows(&["kube_pod_info"], &["kube_node_info"]);
    scene.successful(1.0);
}

#[test]
fn a_removed_key_goes_back_to_its_flag() {
    let scene = Scene::start(
        Some(
            "resources: {pods: {}}\nmetric_denylist: {kube_pod_info: {}}\nexternal_labels: {cluster: file}\n",
        ),
        &["--resources=nodes", "--external-labels=cluster=flag"],
    );
    scene.shows(&["kube_pod_created"], &["kube_pod_info", "kube_node_info"]);
    assert!(scene.scrape().text().contains("cluster=\"file\""));
    scene.write("resources: {pods: {}}\n");
    scene.shows(&["kube_pod_created", "kube_pod_info"], &[]);
    assert!(scene.scrape().text().contains("cluster=\"flag\""));
    scene.write("{}");
    scene.shows(&["kube_node_info"], &["kube_pod_info"]);
}

#[test]
fn what_is_asked_for_is_in_force_when_it_is_answered() {
    let mut scene = Scene::start(Some("resources: {nodes: {}}"), &["--enable-lifecycle"]);
    for (pattern, shown) in [
        ("^kube_node_(inf.{0,2}|created)$", true),
        ("^kube_node_creat.{1,2}$", false),
        ("^kube_node_.{4,4}$", true),
    ] {
        scene.write(&format!("resources: {{nodes: {{}}}}\nmetric_allowlist: {{'{pattern}': {{}}}}"));
        let answer = scene.post();
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(scene.families().contains("kube_node_info"), shown, "{pattern}");
    }
    assert_eq!(request(scene.telemetry, "PUT", "/-/reload", "").status, 200);
    assert_eq!(get(scene.telemetry, "/-/reload").status, 405);

    // Nothing has changed, but it is asked for.
    let times = |scene: &Scene| scene.exporter.log().matches("The configuration was read again").count();
    let before = times(&scene);
    scene.exporter.signal("HUP");
    eventually("a reload by a signal", || (times(&scene) > before).then_some(()));

    scene.write("enable_lifecycle: false");
    assert_eq!(scene.post().status, 200);
    let answer = scene.post();
    assert_eq!(
        (answer.status, answer.text().contains("--enable-lifecycle")),
        (403, true),
        "{}",
        answer.text()
    );
    scene.exporter.signal("TERM");
    assert_eq!(scene.exporter.exit_code(), 0);
}

#[test]
fn a_file_may_come_later_where_that_is_allowed() {
    let scene = Scene::start(None, &["--continue-without-config", "--resources=nodes"]);
    assert_eq!(scene.of_file("last_config_reload_successful"), Some(0.0));
    scene.write("resources: {pods: ");
    scene.says(&format!("{}:1: ", scene.file().display()));
    scene.shows(&["kube_node_info"], &["kube_pod_info"]);
    scene.write("resources: {pods: {}}");
    scene.shows(&["kube_pod_info"], &["kube_node_info"]);
    scene.successful(1.0);
    assert_eq!(scene.post().status, 403);
}

#[test]
fn ports_and_what_they_serve_follow() {
    let mut scene = Scene::start(Some("resources: {nodes: {}}"), &["--enable-lifecycle"]);
    let base = "resources: {nodes: {}}\n";
    let encoding = |answer: &Answer| answer.header("content-encoding").to_owned();
    let scrape = |stream: &mut TcpStream| {
        write!(stream, "GET /metrics HTTP/1.1\r\nHost: test\r\nAccept-Encoding: gzip\r\n\r\n").unwrap();
    };
    assert_eq!(encoding(&request(scene.main, "GET", "/metrics", "Accept-Encoding: gzip\r\n")), "gzip");
    let mut early = TcpStream::connect(("127.0.0.1", scene.main)).unwrap();
    let mut idle = TcpStream::connect(("127.0.0.1", scene.main)).unwrap();
    idle.set_read_timeout(Some(LIMIT)).unwrap();
    scrape(&mut idle);
    let mut first = [0];
    assert_eq!(idle.read(&mut first).unwrap(), 1);
    scene.write(&format!(
        "{base}enable_gzip_encoding: false\nmax_concurrent_scrapes: 2\nserver_idle_timeout: 1m"
    ));
    assert_eq!(scene.post().status, 200);
    assert_eq!(encoding(&request(scene.main, "GET", "/metrics", "Accept-Encoding: gzip\r\n")), "");
    // Who has not asked yet is answered, and then it ends, as all connections of before do.
    scrape(&mut early);
    early.set_read_timeout(Some(LIMIT)).unwrap();
    assert_eq!(receive(early).status, 200);
    idle.read_to_end(&mut Vec::new()).unwrap();

    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    scene.write(&format!("{base}port: {port}"));
    let answer = scene.post();
    let named = format!("{}:2: port: can't listen on 127.0.0.1:{port}", scene.file().display());
    assert!(answer.status == 500 && answer.text().starts_with(&named), "{}", answer.text());
    scene.scrape();
    drop(taken);
    assert_eq!(scene.post().status, 200);
    let before = std::mem::replace(&mut scene.main, port);
    scene.scrape();
    eventually("the end of the old port", || {
        TcpStream::connect(("127.0.0.1", before)).is_err().then_some(())
    });

    // A host can't be bound beside another one on the same port.
    scene.write(&format!("{base}port: {port}\nhost: '::'"));
    assert_eq!(scene.post().status, 200);
    scene.says(&format!("{}:3: host: :: takes a restart", scene.file().display()));
    scene.scrape();

    let users = scene.folder.path().join("web.yml");
    let hash = bcrypt::hash("secret", 4).unwrap();
    fs::write(&users, format!("basic_auth_users: {{alice: '{hash}'}}")).unwrap();
    scene.write(&format!("{base}port: {port}\ntls_config: {}", users.display()));
    assert_eq!(scene.post().status, 200);
    assert_eq!(get(scene.main, "/metrics").status, 401);
    assert_eq!(scene.post().status, 401);
    scene.write(&format!("{base}port: {port}"));
    eventually("access for all", || (get(scene.main, "/metrics").status == 200).then_some(()));

    scene.write(&format!("{base}port: {port}\nauth_filter: true"));
    eventually("access for some", || (get(scene.main, "/metrics").status == 401).then_some(()));
    assert_eq!(scene.post().status, 401);
    assert_eq!(get(scene.telemetry, "/readyz").status, 200);
}

#[test]
fn budgets_follow() {
    let scene = Scene::start(Some("resources: {nodes: {}}"), &["--enable-lifecycle"]);
    let all = scene.families();
    scene.write("resources: {nodes: {}}\nseries_budget: {nodes: 20}");
    assert_eq!(scene.post().status, 200);
    assert!(scene.families().len() < all.len());
    eventually("a metric of the budget", || {
        (scene.self_metric("kstate_series_budget{resource=\"nodes\"}") == Some(20.0)).then_some(())
    });
    scene.write("resources: {nodes: {}}");
    assert_eq!(scene.post().status, 200);
    assert_eq!(scene.families(), all);
    eventually("no metric of a budget", || {
        scene.self_metric("kstate_series_budget{resource=\"nodes\"}").is_none().then_some(())
    });
}

#[test]
fn another_cluster_replaces_the_one_before_as_a_whole() {
    let scene = Scene::start(Some("resources: {nodes: {}}"), &["--enable-lifecycle"]);
    let nodes = || scene.scrape().text().lines().filter(|line| line.starts_with("kube_node_info{")).count();
    assert_eq!(nodes(), 2);
    let (_other, url) = simulator("--nodes=5");
    scene.write(&format!("resources: {{nodes: {{}}}}\napiserver: {url}"));
    assert_eq!(scene.post().status, 200);
    eventually("the nodes of the other cluster", || match nodes() {
        2 => None,
        5 => Some(()),
        other => panic!("{other} nodes are of neither cluster"),
    });
    scene.write("resources: {nodes: {}}");
    eventually("the nodes of the first cluster", || (nodes() == 2).then_some(()));
}
