//! Limits of size and time, over real connections.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::*;

const HEAD: &str =
    "POST /callback/wecom/assistant?msg_signature=s&timestamp=1&nonce=n HTTP/1.1\r\nhost: x\r\n";

/// A served house that waits so long for bodies; it ends with the test's runtime.
async fn served(body_timeout: Duration) -> SocketAddr {
    let house = House::with(1_700_000_000, |edge| edge.body_timeout = body_timeout);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(server::serve(listener, house.front, std::future::pending()));
    address
}

/// Sends all bytes while reading; gives what was answered until the server closed.
async fn exchange(address: SocketAddr, bytes: Vec<u8>) -> String {
    let (mut reader, mut writer) = TcpStream::connect(address).await.unwrap().into_split();
    let writing = tokio::spawn(async move {
        let written = writer.write_all(&bytes).await;
        (writer, written)
    });
    let mut answer = Vec::new();
    let _ = reader.read_to_end(&mut answer).await;
    drop(writing.await);
    String::from_utf8(answer).unwrap()
}

fn chunked(chunks: usize, size: usize) -> Vec<u8> {
    let mut bytes = format!("{HEAD}transfer-encoding: chunked\r\n\r\n").into_bytes();
    for _ in 0..chunks {
        bytes.extend(format!("{size:x}\r\n").bytes());
        bytes.extend(std::iter::repeat_n(b'x', size));
        bytes.extend(b"\r\n");
    }
    bytes.extend(b"0\r\n\r\n");
    bytes
}

#[tokio::test]
async fn a_body_that_does_not_come_is_given_up_with_408() {
    let address = served(Duration::from_millis(20)).await;
    for body in ["content-length: 100\r\n\r\nbegin", "transfer-encoding: chunked\r\n\r\n5\r\nbegin\r\n"] {
        let answer = exchange(address, format!("{HEAD}{body}").into_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 408 ") && answer.ends_with("body_too_slow"), "{answer}");
    }
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_with_413() {
    let address = served(body::BODY_TIMEOUT).await;
    let mut stated = format!("{HEAD}content-length: {}\r\n\r\n", MAX_BODY + 1).into_bytes();
    stated.extend(std::iter::repeat_n(b'x', MAX_BODY + 1));
    let announced = format!("{HEAD}content-length: 99999999999\r\n\r\n").into_bytes();
    for bytes in [stated, announced, chunked(17, 64 * 1024), chunked(2, MAX_BODY)] {
        let answer = exchange(address, bytes).await;
        assert!(answer.starts_with("HTTP/1.1 413 ") && answer.ends_with("body_too_large"), "{answer}");
    }
}

#[tokio::test]
async fn a_body_within_the_limit_is_read_in_any_framing() {
    let address = served(body::BODY_TIMEOUT).await;
    for bytes in [
        chunked(16, 64 * 1024),
        format!("{HEAD}connection: close\r\ncontent-length: 5\r\n\r\nxxxxx").into_bytes(),
    ] {
        let answer = exchange(address, bytes).await;
        assert!(answer.starts_with("HTTP/1.1 400 ") && answer.ends_with("broken_body"), "{answer}");
    }
}

#[tokio::test]
async fn a_connection_serves_many_callbacks() {
    let address = served(body::BODY_TIMEOUT).await;
    let mut bytes = Vec::new();
    for _ in 0..3 {
        bytes.extend(b"GET /ready HTTP/1.1\r\nhost: x\r\n\r\n");
    }
    bytes.extend(b"GET /ready HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    assert_eq!(exchange(address, bytes).await.matches("HTTP/1.1 503 ").count(), 4);
}
