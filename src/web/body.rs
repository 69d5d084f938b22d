//! Reading a request's body within limits of size and time.

use std::pin::Pin;
use std::time::Duration;

use axum::body::{Bytes, HttpBody};

use super::refusal::Refusal;

/// Largest body: the platform's callbacks are a few KiB, an archive batch is cut by its puller.
pub const MAX_BODY: usize = 1024 * 1024;

/// How long a whole body may take. The platform itself gives up after 5 s (wecom-receive.md §1.3).
pub const BODY_TIMEOUT: Duration = Duration::from_secs(5);

/// Bytes beyond the limit that are still read and thrown away, so that an honest sender has
/// finished writing and reads the 413 instead of a reset connection.
const DISCARDED: usize = 7 * MAX_BODY;

/// Reads the body, or says which limit it broke; `timeout` is [`BODY_TIMEOUT`] but in tests.
pub async fn read(body: impl HttpBody<Data = Bytes> + Unpin, timeout: Duration) -> Result<Bytes, Refusal> {
    match tokio::time::timeout(timeout, collect(body)).await {
        Ok(bytes) => bytes,
        Err(_) => Err(Refusal::BodyTooSlow),
    }
}

async fn collect(mut body: impl HttpBody<Data = Bytes> + Unpin) -> Result<Bytes, Refusal> {
    if body.size_hint().lower() > (MAX_BODY + DISCARDED) as u64 {
        return Err(Refusal::BodyTooLarge);
    }
    let first = next_piece(&mut body).await?.unwrap_or_default();
    if body.is_end_stream() && first.len() <= MAX_BODY {
        return Ok(first);
    }
    let mut whole = Vec::from(first);
    let mut seen = whole.len();
    while let Some(piece) = next_piece(&mut body).await? {
        seen += piece.len();
        if seen > MAX_BODY + DISCARDED {
            return Err(Refusal::BodyTooLarge);
        }
        if seen <= MAX_BODY {
            whole.extend_from_slice(&piece);
        }
    }
    if seen > MAX_BODY { Err(Refusal::BodyTooLarge) } else { Ok(whole.into()) }
}

/// The next piece of data; `None` at the end. Trailers are ignored.
async fn next_piece(body: &mut (impl HttpBody<Data = Bytes> + Unpin)) -> Result<Option<Bytes>, Refusal> {
    loop {
        let frame = std::future::poll_fn(|context| Pin::new(&mut *body).poll_frame(context)).await;
        match frame {
            None => return Ok(None),
            Some(Err(_)) => return Err(Refusal::BrokenBody),
            Some(Ok(frame)) => {
                if let Ok(data) = frame.into_data() {
                    return Ok(Some(data));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;
    use std::convert::Infallible;

    async fn read(body: Body) -> Result<Bytes, Refusal> {
        super::read(body, BODY_TIMEOUT).await
    }

    fn pieces(sizes: Vec<usize>) -> Body {
        let pieces = sizes.into_iter().map(|size| Ok::<_, Infallible>(Bytes::from(vec![b'x'; size])));
        Body::from_stream(tokio_stream::iter(pieces))
    }

    #[tokio::test]
    async fn the_limit_itself_is_allowed_in_one_piece_or_many() {
        assert_eq!(read(Body::empty()).await, Ok(Bytes::new()));
        assert_eq!(read(pieces(vec![MAX_BODY])).await.map(|body| body.len()), Ok(MAX_BODY));
        assert_eq!(read(pieces(vec![1, 0, MAX_BODY - 1])).await.map(|body| body.len()), Ok(MAX_BODY));
    }

    #[tokio::test]
    async fn more_is_refused_with_or_without_a_stated_length() {
        let stated = Body::from(vec![b'x'; MAX_BODY + 1]);
        assert_eq!(read(stated).await, Err(Refusal::BodyTooLarge));
        assert_eq!(read(pieces(vec![MAX_BODY + 1])).await, Err(Refusal::BodyTooLarge));
        assert_eq!(read(pieces(vec![MAX_BODY; 100])).await, Err(Refusal::BodyTooLarge));
    }

    #[tokio::test]
    async fn a_body_that_stalls_is_given_up() {
        let stalled = Body::from_stream(tokio_stream::pending::<Result<Bytes, Infallible>>());
        assert_eq!(super::read(stalled, Duration::from_millis(1)).await, Err(Refusal::BodyTooSlow));
    }

    #[tokio::test]
    async fn a_broken_connection_is_a_broken_body() {
        let broken = tokio_stream::iter([Err::<Bytes, _>(std::io::Error::other("reset"))]);
        assert_eq!(read(Body::from_stream(broken)).await, Err(Refusal::BrokenBody));
    }
}
