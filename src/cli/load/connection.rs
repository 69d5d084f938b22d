//! One keep-alive HTTP/1.1 connection of the load generator, opened again when it breaks.

use std::net::SocketAddr;
use std::pin::Pin;

use anyhow::Context;
use axum::body::{Body, Bytes, HttpBody};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::http::{Request, header};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// A callback, ready to be sent.
pub struct Callback {
    pub path_and_query: String,
    pub body: Bytes,
}

pub struct Connection {
    target: SocketAddr,
    sender: Option<SendRequest<Body>>,
}

impl Connection {
    pub async fn open(target: SocketAddr) -> anyhow::Result<Self> {
        Ok(Self { target, sender: Some(dial(target).await?) })
    }

    /// Sends one callback and reads the whole answer; gives its status.
    pub async fn send(&mut self, callback: Callback) -> anyhow::Result<u16> {
        let mut sender = match self.sender.take() {
            Some(sender) if !sender.is_closed() => sender,
            _ => dial(self.target).await?,
        };
        sender.ready().await.context("the connection was closed")?;
        let request = Request::post(callback.path_and_query)
            .header(header::HOST, self.target.to_string())
            .body(Body::from(callback.body))?;
        let mut response = sender.send_request(request).await.context("no answer")?;
        let body = response.body_mut();
        while let Some(frame) = std::future::poll_fn(|context| Pin::new(&mut *body).poll_frame(context)).await
        {
            frame.context("the answer broke off")?;
        }
        self.sender = Some(sender);
        Ok(response.status().as_u16())
    }
}

async fn dial(target: SocketAddr) -> anyhow::Result<SendRequest<Body>> {
    let stream = TcpStream::connect(target).await.with_context(|| format!("cannot connect to {target}"))?;
    stream.set_nodelay(true)?;
    let (sender, connection) = handshake(TokioIo::new(stream)).await?;
    // It ends by itself when the sender is dropped or the server closes.
    tokio::spawn(connection);
    Ok(sender)
}
