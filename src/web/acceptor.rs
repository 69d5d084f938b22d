//! What the edge needs of the house behind it.

use std::pin::Pin;

use crate::decision::Event;
use crate::perception::Signals;
use crate::store::Course;
pub use crate::store::{Accepted, Refused};

/// Takes events in and remembers how far an archive was read. The application joins the intake and
/// the store to one; tests use memory.
pub trait Acceptor: Send + Sync + 'static {
    /// Completes when the event is durable and decided, or was so before. Events of one caller are
    /// taken in the order in which the futures are first polled.
    fn accept(
        &self,
        event: Event,
        signals: Signals,
    ) -> impl Future<Output = Result<Accepted, Refused>> + Send;

    /// The archive sequence number up to which everything of this corp is durable; 0 at first.
    fn archive_cursor(&self, corp: &str) -> impl Future<Output = Result<u64, Refused>> + Send;

    /// Lets another course hold from now on, durably.
    fn set_course(&self, course: Course) -> impl Future<Output = Result<(), Refused>> + Send;

    /// Sets [`Self::archive_cursor`], durably.
    fn set_archive_cursor(&self, corp: &str, seq: u64) -> impl Future<Output = Result<(), Refused>> + Send;
}

/// Runs all futures at once and gives their outputs in order. First polls happen in order, too,
/// which is what keeps the order of events.
pub(super) async fn join_in_order<F: Future>(futures: impl IntoIterator<Item = F>) -> Vec<F::Output> {
    let mut running: Vec<_> = futures.into_iter().map(Running::new).collect();
    std::future::poll_fn(|context| {
        let mut pending = false;
        for future in &mut running {
            pending |= !future.advance(context);
        }
        if pending { std::task::Poll::Pending } else { std::task::Poll::Ready(()) }
    })
    .await;
    running.into_iter().filter_map(|future| future.output).collect()
}

struct Running<F: Future> {
    future: Pin<Box<F>>,
    output: Option<F::Output>,
}

impl<F: Future> Running<F> {
    fn new(future: F) -> Self {
        Self { future: Box::pin(future), output: None }
    }

    /// Whether the future has completed.
    fn advance(&mut self, context: &mut std::task::Context<'_>) -> bool {
        if self.output.is_none()
            && let std::task::Poll::Ready(output) = self.future.as_mut().poll(context)
        {
            self.output = Some(output);
        }
        self.output.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;

    #[tokio::test]
    async fn first_polls_and_outputs_keep_the_order() {
        let polled = RefCell::new(Vec::new());
        let polled = &polled;
        let outputs = join_in_order((0..50).map(|number| async move {
            polled.borrow_mut().push(number);
            for _ in 0..(50 - number) % 7 {
                tokio::task::yield_now().await;
            }
            number
        }))
        .await;
        assert_eq!(outputs, (0..50).collect::<Vec<_>>());
        assert_eq!(*polled.borrow(), outputs);
    }
}
