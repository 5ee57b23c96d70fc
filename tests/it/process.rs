//! The `kstate` command as its own process, and a small HTTP client that shows what is sent.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    process::{Child, Command, Output, Stdio},
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

/// How long anything may take before a test gives up.
pub(crate) const LIMIT: Duration = Duration::from_secs(30);

/// The command with these arguments, not started yet.
pub(crate) fn kstate(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kstate"));
    command.args(arguments).env_remove("RUST_LOG").env_remove("KUBECONFIG").stdin(Stdio::null());
    command
}

/// Runs the command to its end.
pub(crate) fn run(arguments: &[&str], input: &[u8]) -> Output {
    let mut child = kstate(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_owned();
    let writer = thread::spawn(move || {
        // A command that ends early doesn't read everything.
        let _ = stdin.write_all(&input);
    });
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    output
}

/// What a command wrote to standard error.
pub(crate) fn errors(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// A running server. It is killed when it is dropped.
pub(crate) struct Server {
    child: Child,
    log: Arc<Mutex<String>>,
}

impl Server {
    /// Starts the command; what it prints is kept.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let mut child = kstate(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let log = Arc::new(Mutex::new(String::new()));
        let streams: [Box<dyn std::io::Read + Send>; 2] =
            [Box::new(child.stdout.take().unwrap()), Box::new(child.stderr.take().unwrap())];
        for stream in streams {
            let log = Arc::clone(&log);
            thread::spawn(move || {
                for line in BufReader::new(stream).lines().map_while(Result::ok) {
                    *log.lock().unwrap() += &(line + "\n");
                }
            });
        }
        Self { child, log }
    }

    /// Everything printed so far, both streams together.
    pub(crate) fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// Waits until a word was printed that begins so, and returns what follows it.
    pub(crate) fn printed(&self, beginning: &str) -> String {
        eventually(&format!("{beginning:?} in {}", self.log()), || {
            let log = self.log();
            let (line, _) = log.rsplit_once('\n')?;
            let rest = &line[line.find(beginning)? + beginning.len()..];
            rest.split_whitespace().next().map(str::to_owned)
        })
    }

    /// The number of the process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// The ports of the cluster's and the exporter's own metrics, from the log.
    pub(crate) fn ports(&self) -> (u16, u16) {
        let port = |name: &str| self.printed(name).rsplit_once(':').unwrap().1.parse().unwrap();
        (port("Listening. main="), port(" telemetry="))
    }

    /// Sends a signal by its name, such as `TERM`.
    pub(crate) fn signal(&self, name: &str) {
        let status = Command::new("kill").args([&format!("-{name}"), &self.child.id().to_string()]).status();
        assert!(status.unwrap().success());
    }

    /// Waits for the end and returns the exit code.
    pub(crate) fn exit_code(&mut self) -> i32 {
        eventually(&format!("the end of a process that said {}", self.log()), || {
            self.child.try_wait().unwrap()
        })
        .code()
        .unwrap_or(-1)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Tries again and again until there is an answer.
pub(crate) fn eventually<T>(what: &str, attempt: impl FnMut() -> Option<T>) -> T {
    let mut attempt = attempt;
    let start = Instant::now();
    loop {
        if let Some(answer) = attempt() {
            return answer;
        }
        assert!(start.elapsed() < LIMIT, "nothing came of {what}");
        thread::sleep(Duration::from_millis(10));
    }
}

/// An HTTP answer.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// The value of a header, empty where it is missing.
    pub(crate) fn header(&self, name: &str) -> &str {
        let line =
            self.head.lines().find(|l| l.len() > name.len() && l[..name.len()].eq_ignore_ascii_case(name));
        line.map_or("", |line| line[name.len() + 1..].trim())
    }

    /// The body as text.
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }
}

/// Sends a request without reading the answer.
pub(crate) fn send(port: u16, method: &str, path: &str, headers: &str) -> TcpStream {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(LIMIT)).unwrap();
    write!(stream, "{method} {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n{headers}\r\n").unwrap();
    stream
}

/// Reads an answer to its end.
pub(crate) fn receive(mut stream: TcpStream) -> Answer {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    answer(&bytes)
}

/// All bytes of an answer, understood.
pub(crate) fn answer(bytes: &[u8]) -> Answer {
    let end = bytes.windows(4).position(|w| w == b"\r\n\r\n").expect("a head");
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let mut body = bytes[end + 4..].to_vec();
    if head.to_ascii_lowercase().contains("transfer-encoding: chunked") && !body.is_empty() {
        body = unchunked(&body);
    }
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Answer { status, head, body }
}

/// Sends a request and reads the answer.
pub(crate) fn request(port: u16, method: &str, path: &str, headers: &str) -> Answer {
    receive(send(port, method, path, headers))
}

/// A plain GET.
pub(crate) fn get(port: u16, path: &str) -> Answer {
    request(port, "GET", path, "")
}

fn unchunked(mut chunked: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    loop {
        let end = chunked.windows(2).position(|w| w == b"\r\n").expect("the size of a chunk");
        let size = usize::from_str_radix(std::str::from_utf8(&chunked[..end]).unwrap(), 16).unwrap();
        if size == 0 {
            return body;
        }
        body.extend_from_slice(&chunked[end + 2..end + 2 + size]);
        chunked = &chunked[end + 2 + size + 2..];
    }
}
