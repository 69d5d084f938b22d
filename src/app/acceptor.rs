//! Joins the edge to the lane and the store.

use crate::clock::Clock;
use crate::decision::Event;
use crate::perception::Signals;
use crate::store::{Accepted, Course, Reader, Refused};
use crate::web::Acceptor;
use crate::worker::Intake;
use crate::worker::intake::Bells;

/// The house behind the edge.
#[derive(Debug)]
pub struct Door {
    pub intake: Intake,
    pub reader: Reader,
    pub clock: Clock,
    pub bells: Bells,
}

impl Acceptor for Door {
    async fn accept(&self, event: Event, signals: Signals) -> Result<Accepted, Refused> {
        self.intake.accept(event, signals).await
    }

    async fn set_course(&self, course: Course) -> Result<(), Refused> {
        let now = self.clock.now();
        self.intake.write(move |batch| batch.add_course(&course, now)).await?;
        self.bells.verdicts.notify_one();
        Ok(())
    }

    async fn archive_cursor(&self, corp: &str) -> Result<u64, Refused> {
        let (reader, corp) = (self.reader.clone(), corp.to_owned());
        match tokio::task::spawn_blocking(move || reader.archive_cursor(&corp)).await {
            Ok(Ok(seq)) => Ok(seq),
            Ok(Err(error)) => {
                tracing::error!(%error, "the archive's cursor could not be read");
                Err(Refused::Storage)
            }
            Err(_) => Err(Refused::Stopping),
        }
    }

    async fn set_archive_cursor(&self, corp: &str, seq: u64) -> Result<(), Refused> {
        let corp = corp.to_owned();
        self.intake.write(move |batch| batch.set_archive_cursor(&corp, seq)).await
    }
}
