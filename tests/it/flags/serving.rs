//! Where the metrics are served, to whom, and for how long.

use super::{
    Flag,
    effects::{config, exporter, file, sets},
};
use crate::process::{get, request};
use std::{
    net::{Ipv4Addr, Ipv6Addr, TcpListener},
    time::Duration,
};

pub(super) const FLAGS: &[Flag] = &[
    Flag {
        name: "--host",
        effect: || {
            sets(
                "--host=[::1]",
                |c| c.serving.main.0,
                [Ipv6Addr::UNSPECIFIED, Ipv6Addr::LOCALHOST].map(Into::into),
            );
            let exporter = exporter("--host=127.0.0.2");
            assert!(exporter.server.printed("Listening. main=").starts_with("127.0.0.2:"));
        },
        refused: &["--host=no_host!", "--host=example.org", "--host=10.0.0.256", "--host=127.0.0.1:80"],
    },
    Flag {
        name: "--port",
        effect: || {
            sets("--port=0x1f91", |c| c.serving.main.1, [8080, 8081]);
            let port = free_port();
            assert_eq!(exporter(&format!("--port={port}")).main, port);
        },
        refused: &["--port=eighty", "--port=65536", "--port=-1", "--port=", "--port 80.5", "--port"],
    },
    Flag {
        name: "--web.listen-address",
        effect: || {
            let port = free_port();
            let typed = format!("--web.listen-address=:1 --web.listen-address=127.0.0.2:{port}");
            let main = config(&typed).serving.main;
            assert_eq!(main, (Ipv4Addr::new(127, 0, 0, 2).into(), port));
            assert_eq!(config("--web.listen-address :9100 --port=8080").serving.main.1, 9100);
        },
        refused: &[
            "--web.listen-address=9100",
            "--web.listen-address=:http",
            "--web.listen-address=:9100 --port=9101",
            "--web.listen-address=:9100 --port=8080 --host=127.0.0.1",
            "--web.listen-address=vsock://:9100",
        ],
    },
    Flag {
        name: "--telemetry-host",
        effect: || {
            sets(
                "--telemetry-host=localhost",
                |c| c.serving.telemetry.0,
                [Ipv6Addr::UNSPECIFIED.into(), Ipv4Addr::LOCALHOST.into()],
            );
            sets("--telemetry-host=", |c| c.serving.telemetry.0, [Ipv6Addr::UNSPECIFIED; 2].map(Into::into));
        },
        refused: &["--telemetry-host=a.b", "--telemetry-host=[::1", "--telemetry-host=127.1.1"],
    },
    Flag {
        name: "--telemetry-port",
        effect: || {
            sets("--telemetry-port=9091", |c| c.serving.telemetry.1, [8081, 9091]);
            let port = free_port();
            assert_eq!(exporter(&format!("--telemetry-port={port}")).telemetry, port);
        },
        refused: &["--telemetry-port=http", "--telemetry-port=99999"],
    },
    Flag {
        name: "--tls-config",
        effect: || web_config("--tls-config"),
        refused: &["--tls-config=MISSING", "--tls-config=BROKEN", "--tls-config"],
    },
    Flag {
        name: "--web.config.file",
        effect: || web_config("--web.config.file"),
        // What is said then names the flag that it stands for.
        refused: &[],
    },
    Flag {
        name: "--auth-filter",
        effect: || {
            let exporter = exporter("--auth-filter");
            assert_eq!(get(exporter.main, "/metrics").status, 401);
            assert_eq!(get(exporter.telemetry, "/metrics").status, 401);
            sets("--auth-filter=T", |c| c.auth_filter, [false, true]);
        },
        refused: &["--auth-filter=maybe", "--auth-filter="],
    },
    Flag {
        name: "--enable-gzip-encoding",
        effect: || {
            for (flag, encoding) in
                [("", "gzip"), ("--enable-gzip-encoding", "gzip"), ("--enable-gzip-encoding=f", "")]
            {
                let answer = request(exporter(flag).main, "GET", "/metrics", "Accept-Encoding: gzip\r\n");
                assert_eq!(answer.header("content-encoding"), encoding, "{flag}");
            }
        },
        refused: &["--enable-gzip-encoding=maybe"],
    },
    Flag {
        name: "--gzip-cache-size",
        effect: || {
            sets("--gzip-cache-size=3Mi", |c| c.serving.gzip_cache, [256 << 20, 3 << 20]);
            for (flag, kept) in [("--gzip-cache-size=1Mi", true), ("--gzip-cache-size=0", false)] {
                let exporter = exporter(flag);
                assert_eq!(
                    request(exporter.main, "GET", "/metrics", "Accept-Encoding: gzip\r\n").status,
                    200
                );
                let bytes = exporter.self_metric("kstate_gzip_cache_bytes");
                assert_eq!(bytes.is_some_and(|bytes| bytes != "0"), kept, "{flag}");
            }
        },
        refused: &["--gzip-cache-size=much", "--gzip-cache-size=-1", "--gzip-cache-size=1.5Mi"],
    },
    Flag {
        name: "--max-concurrent-scrapes",
        effect: || sets("--max-concurrent-scrapes=3", |c| c.serving.max_scrapes, [16, 3]),
        refused: &["--max-concurrent-scrapes=0", "--max-concurrent-scrapes=65536"],
    },
    Flag {
        name: "--threads",
        effect: || {
            sets("--threads=3", |c| c.serving.threads, [None, Some(3)]);
            let named = |threads| {
                let exporter = exporter(&format!("--threads={threads}"));
                let tasks = std::fs::read_dir(format!("/proc/{}/task", exporter.server.id())).unwrap();
                let names =
                    tasks.map(|task| std::fs::read_to_string(task.unwrap().path().join("comm")).unwrap());
                names.filter(|name| name.starts_with("tokio")).count()
            };
            assert!(named(12) >= 12 && named(1) < 12);
        },
        refused: &["--threads=0", "--threads=many", "--threads=1025"],
    },
    Flag {
        name: "--server-read-timeout",
        effect: || sets("--server-read-timeout=1m30s", |c| c.serving.limits.read, seconds(60, 90)),
        refused: &["--server-read-timeout=30", "--server-read-timeout=1d", "--server-read-timeout=-1s"],
    },
    Flag {
        name: "--server-write-timeout",
        effect: || sets("--server-write-timeout=.5m", |c| c.serving.limits.write, seconds(60, 30)),
        refused: &["--server-write-timeout=long", "--server-write-timeout=1m-30s"],
    },
    Flag {
        name: "--server-idle-timeout",
        effect: || sets("--server-idle-timeout=0", |c| c.serving.limits.idle, seconds(300, 0)),
        refused: &["--server-idle-timeout=", "--server-idle-timeout=PT1M"],
    },
    Flag {
        name: "--server-read-header-timeout",
        effect: || sets("--server-read-header-timeout=2s", |c| c.serving.limits.read_header, seconds(5, 2)),
        refused: &["--server-read-header-timeout=5", "--server-read-header-timeout=5sec"],
    },
];

fn seconds(without: u64, with: u64) -> [Duration; 2] {
    [without, with].map(Duration::from_secs)
}

/// A port that was free a moment ago.
fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}

fn web_config(flag: &str) {
    let (_folder, path) = file("http_server_config: {headers: {X-Frame-Options: deny}}\n");
    let exporter = exporter(&format!("{flag}={path}"));
    for port in [exporter.main, exporter.telemetry] {
        assert_eq!(get(port, "/").header("x-frame-options"), "deny");
    }
}
