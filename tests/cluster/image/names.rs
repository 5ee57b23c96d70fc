//! A name server that knows one name.

use std::{
    net::{Ipv4Addr, UdpSocket},
    thread,
    time::Duration,
};

/// Where it listens: the C library asks port 53 only, and this address of the loopback interface is
/// hardly anybody's.
pub(super) const ADDRESS: Ipv4Addr = Ipv4Addr::new(127, 53, 53, 53);

/// The length of a message's header.
const HEADER: usize = 12;
/// Types of records.
const A: [u8; 2] = [0, 1];

/// A server, which ends with its last question after this was dropped.
pub(super) struct NameServer {
    socket: UdpSocket,
}

impl NameServer {
    /// Answers the address of this machine to questions for a name, and to all others that there is
    /// no such name.
    pub(super) fn start(name: &'static str) -> Self {
        let socket = UdpSocket::bind((ADDRESS, 53))
            .unwrap_or_else(|error| panic!("{ADDRESS}:53 can't be had, which takes root: {error}"));
        let server = socket.try_clone().unwrap();
        thread::spawn(move || {
            let mut buffer = [0; 512];
            while let Ok((length, client)) = server.recv_from(&mut buffer) {
                if length <= HEADER {
                    return;
                }
                let answer = answer(&buffer[..length], name);
                server.send_to(&answer, client).unwrap();
            }
        });
        Self { socket }
    }
}

impl Drop for NameServer {
    fn drop(&mut self) {
        // Ends the thread, and with it the last handle of the port.
        let _ = self.socket.send_to(&[], (ADDRESS, 53));
        thread::sleep(Duration::from_millis(10));
    }
}

/// The answer to a message with one question (RFC 1035, section 4).
fn answer(question: &[u8], name: &str) -> Vec<u8> {
    let mut rest = &question[HEADER..];
    let mut labels: Vec<String> = Vec::new();
    while rest[0] > 0 {
        let (label, further) = rest[1..].split_at(rest[0].into());
        labels.push(String::from_utf8(label.to_vec()).unwrap());
        rest = further;
    }
    let kind = &rest[1..3];
    let asked = &question[HEADER..question.len() - rest.len() + 5];
    let known = labels.join(".") == name;
    let found = known && kind == A;

    let mut answer = question[..2].to_vec();
    // An answer with authority, to a question that may be passed on; with "no such name".
    answer.extend([0x85, if known { 0x80 } else { 0x83 }]);
    answer.extend([0, 1, 0, u8::from(found), 0, 0, 0, 0]);
    answer.extend(asked);
    if found {
        // The name of the question, in the class of the internet, for five seconds.
        answer.extend([0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 5, 0, 4]);
        answer.extend(Ipv4Addr::LOCALHOST.octets());
    }
    answer
}
