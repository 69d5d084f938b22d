//! Serving HTTP/1.1: bounded connections, bounded headers, a time limit for headers and idle
//! connections, and a stop that lets requests under way finish.
//!
//! `axum::serve` has none of these limits, so connections are driven by hyper directly; nothing is
//! added to the path of a request.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::http::Request;
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;

/// Connections at the same time; more wait in the listener's backlog. Far above what the platform
/// opens, below the usual limit of open files together with the store's and the outgoing ones.
const MAX_CONNECTIONS: usize = 900;

/// A connection that sends no complete request head for so long is closed, whether it dawdles or
/// idles. Longer than the pause between two callbacks of a lively group.
const HEADER_TIMEOUT: Duration = Duration::from_secs(30);

/// Read buffer of a connection, which also bounds the size of a request head. A callback's head is
/// below 1 KiB (echostr travels in the address).
const MAX_BUFFER: usize = 64 * 1024;

/// How long requests under way may take when the server stops: longer than the platform waits for
/// an answer (5 s), shorter than the 10 s after which container runtimes kill.
const DRAIN_DEADLINE: Duration = Duration::from_secs(8);

/// Pause after the listener itself failed (out of open files): the next attempt would fail, too.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// The limits of time; other ones only in tests.
#[derive(Clone, Copy)]
struct Limits {
    header_timeout: Duration,
    drain_deadline: Duration,
}

const LIMITS: Limits = Limits { header_timeout: HEADER_TIMEOUT, drain_deadline: DRAIN_DEADLINE };

/// Answers requests; a clone of it answers those of one connection.
pub trait Answer: Clone + Send + 'static {
    fn answer(self, request: Request<Incoming>) -> impl Future<Output = Response> + Send;
}

/// Serves until `stop` completes, then takes no more connections, lets requests under way finish
/// and closes what still runs after 8 s. Answers without an end (SSE) should end by themselves
/// when the house stops, or they make every stop take that long.
pub async fn serve(listener: TcpListener, front: impl Answer, stop: impl Future<Output = ()>) {
    serve_within(LIMITS, listener, front, stop).await;
}

async fn serve_within(
    limits: Limits,
    listener: TcpListener,
    front: impl Answer,
    stop: impl Future<Output = ()>,
) {
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let graceful = GracefulShutdown::new();
    let mut connections = JoinSet::new();
    let mut stop = std::pin::pin!(stop);
    loop {
        tokio::select! {
            (stream, place) = next_connection(&listener, &places) => {
                connections.spawn(drive(http(limits), stream, front.clone(), graceful.watcher(), place));
            }
            Some(_) = connections.join_next() => {}
            () = &mut stop => break,
        }
    }
    drop(listener);
    if tokio::time::timeout(limits.drain_deadline, graceful.shutdown()).await.is_err() {
        tracing::warn!(connections = connections.len(), "requests did not end in time, closing them");
    }
}

/// The next connection, once there is a place for it.
async fn next_connection(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> (TcpStream, OwnedSemaphorePermit) {
    let place = Arc::clone(places).acquire_owned().await.expect("the semaphore is never closed");
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return (stream, place),
            Err(error) if concerns_one_connection(&error) => {}
            Err(error) => {
                tracing::error!(%error, "cannot accept connections");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

fn concerns_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

fn http(limits: Limits) -> http1::Builder {
    let mut http = http1::Builder::new();
    // An answer is one short piece: copied together it costs less than a list of pieces for the kernel.
    http.timer(TokioTimer::new())
        .header_read_timeout(limits.header_timeout)
        .max_buf_size(MAX_BUFFER)
        .writev(false);
    http
}

async fn drive(
    http: http1::Builder,
    stream: TcpStream,
    front: impl Answer,
    watcher: Watcher,
    _place: OwnedSemaphorePermit,
) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY was refused");
    }
    let service = service_fn(move |request| {
        let front = front.clone();
        async { Ok::<_, Infallible>(front.answer(request).await) }
    });
    let connection = http.serve_connection(TokioIo::new(stream), service);
    if let Err(error) = watcher.watch(connection).await {
        tracing::debug!(%error, "connection ended early");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::Router;
    use axum::body::Body;
    use axum::routing::get;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::sync::{Notify, oneshot};
    use tower::Service;

    impl Answer for Router {
        async fn answer(mut self, request: Request<Incoming>) -> Response {
            self.call(request.map(Body::new)).await.unwrap_or_else(|never| match never {})
        }
    }

    struct Running {
        address: std::net::SocketAddr,
        stop: oneshot::Sender<()>,
        server: tokio::task::JoinHandle<()>,
    }

    async fn start(router: Router, limits: Limits) -> Running {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let (stop, stopped) = oneshot::channel();
        let stopped = async {
            let _ = stopped.await;
        };
        let server = tokio::spawn(serve_within(limits, listener, router, stopped));
        Running { address, stop, server }
    }

    async fn ask(address: std::net::SocketAddr) -> TcpStream {
        let mut stream = TcpStream::connect(address).await.expect("connects");
        stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.expect("writes");
        stream
    }

    #[tokio::test]
    async fn a_stop_waits_for_the_request_under_way_and_closes_idle_connections() {
        let (entered, leave) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (inner_entered, inner_leave) = (Arc::clone(&entered), Arc::clone(&leave));
        let handler = async move || {
            inner_entered.notify_one();
            inner_leave.notified().await;
            "finished"
        };
        let running = start(Router::new().route("/", get(handler)), LIMITS).await;
        let mut idle = TcpStream::connect(running.address).await.expect("connects");
        let mut busy = ask(running.address).await;
        entered.notified().await;
        running.stop.send(()).expect("the server runs");
        let mut nothing = Vec::new();
        idle.read_to_end(&mut nothing).await.expect("closed in order");
        assert!(nothing.is_empty());
        assert!(TcpStream::connect(running.address).await.is_err(), "no new connections");
        leave.notify_one();
        let mut answer = String::new();
        busy.read_to_string(&mut answer).await.expect("answered and closed");
        assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("finished"), "{answer}");
        running.server.await.expect("the server ended");
    }

    #[tokio::test]
    async fn a_request_that_never_ends_is_cut_at_the_deadline() {
        let entered = Arc::new(Notify::new());
        let inner = Arc::clone(&entered);
        let handler = async move || {
            inner.notify_one();
            std::future::pending::<()>().await;
        };
        let limits = Limits { drain_deadline: Duration::from_millis(20), ..LIMITS };
        let running = start(Router::new().route("/", get(handler)), limits).await;
        let mut busy = ask(running.address).await;
        entered.notified().await;
        running.stop.send(()).expect("the server runs");
        running.server.await.expect("the server ended");
        let mut nothing = Vec::new();
        let _ = busy.read_to_end(&mut nothing).await;
        assert!(nothing.is_empty());
    }

    #[tokio::test]
    async fn a_head_that_does_not_end_is_not_waited_for() {
        let limits = Limits { header_timeout: Duration::from_millis(20), ..LIMITS };
        let running = start(Router::new(), limits).await;
        let mut dawdler = TcpStream::connect(running.address).await.expect("connects");
        dawdler.write_all(b"GET / HTTP/1.1\r\nhost:").await.expect("writes");
        let mut answer = Vec::new();
        dawdler.read_to_end(&mut answer).await.expect("closed in order");
        drop(running.stop);
        running.server.await.expect("the server ended");
    }

    #[tokio::test]
    async fn a_head_beyond_the_limit_is_refused() {
        let running = start(Router::new(), LIMITS).await;
        let mut stream = TcpStream::connect(running.address).await.expect("connects");
        let mut head = b"GET / HTTP/1.1\r\nlong: ".to_vec();
        head.resize(MAX_BUFFER, b'x'); // no more, or the unread rest would reset the connection
        stream.write_all(&head).await.expect("writes");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.expect("closed in order");
        assert!(answer.starts_with(b"HTTP/1.1 431 "), "{}", String::from_utf8_lossy(&answer));
    }
}
