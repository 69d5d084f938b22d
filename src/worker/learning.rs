//! Keeps what the bot has learned up to date: after every verdict, and after a restart.

use std::collections::HashMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use tokio::sync::{Notify, watch};

use crate::decision::{EventKey, Verdict};
use crate::perception::classifier::Model;
use crate::perception::learned::{Learned, TEXTS_AT_MOST};
use crate::store::{Course, Reader, StoreError};

/// What was learned, for everybody who perceives or decides; swapped as a whole.
pub type Shared = Arc<ArcSwap<Learned>>;

/// Learns from the verdicts in the store.
#[derive(Debug)]
pub struct Learning {
    reader: Reader,
    learned: Shared,
    /// The number of the last verdict that was learned from.
    after: i64,
    /// The course that was followed.
    version: i64,
}

/// What these numbered verdicts teach by this course.
pub fn by_course(base: Option<Arc<Model>>, course: &Course, verdicts: &[(i64, Verdict)]) -> Learned {
    let counted = || verdicts.iter().filter(|(number, _)| course.counts(*number));
    // A later verdict takes the place of an earlier one, also of one that was settled.
    let latest: HashMap<&EventKey, i64> =
        counted().map(|(number, verdict)| (&verdict.message, *number)).collect();
    let lessons = |settled: bool| {
        let chosen = counted().filter(move |(number, _)| (*number <= course.settled_to) == settled);
        let last = chosen.filter(|(number, verdict)| latest.get(&verdict.message) == Some(number));
        last.map(|(_, verdict)| verdict.lesson()).collect::<Vec<_>>()
    };
    let mut learned = Learned::settled(base, &lessons(true));
    learned.teach_all(lessons(false));
    learned
}

impl Learning {
    /// Learns from the verdicts that are there; whatever `learned` held is replaced, but for its model.
    pub fn start(reader: Reader, learned: Shared) -> Result<Self, StoreError> {
        let mut learning = Self { reader, learned, after: 0, version: 0 };
        learning.begin_anew()?;
        Ok(learning)
    }

    /// Runs until `stop` becomes true. `bell` is rung when a verdict was committed.
    pub async fn run(mut self, bell: Arc<Notify>, mut stop: watch::Receiver<bool>) {
        loop {
            tokio::select! {
                () = bell.notified() => {}
                _ = stop.wait_for(|stop| *stop) => return,
            }
            let caught_up = tokio::task::spawn_blocking(move || {
                let result = self.catch_up();
                (self, result)
            });
            // A panic is a mistake of ours; the program ends with it as it would without the thread.
            let (learning, result) =
                caught_up.await.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()));
            if let Err(error) = result {
                tracing::error!(%error, "verdicts could not be read; learned from with the next one");
            }
            self = learning;
        }
    }

    fn catch_up(&mut self) -> Result<(), StoreError> {
        if self.reader.course()?.0 != self.version {
            return self.begin_anew();
        }
        let news = self.reader.verdicts(self.after, TEXTS_AT_MOST)?;
        let Some(last) = news.last().map(|(number, _)| *number) else { return Ok(()) };
        if self.reader.any_verdict_again(self.after)? {
            return self.begin_anew();
        }
        let mut learned = Learned::clone(&self.learned.load());
        learned.teach_all(news.iter().map(|(_, verdict)| verdict.lesson()));
        self.put(learned, last);
        Ok(())
    }

    /// From all verdicts, as far as they are remembered: a later one may have replaced an earlier one.
    fn begin_anew(&mut self) -> Result<(), StoreError> {
        let (version, course) = self.reader.course()?;
        let verdicts = self.reader.latest_verdicts(TEXTS_AT_MOST)?;
        let last = verdicts.last().map_or(0, |(number, _)| *number);
        let learned = by_course(self.learned.load().base().cloned(), &course, &verdicts);
        self.version = version;
        self.put(learned, last);
        Ok(())
    }

    fn put(&mut self, learned: Learned, last: i64) {
        self.after = last;
        tracing::info!(texts = learned.len(), "learned from verdicts");
        self.learned.store(Arc::new(learned));
    }
}
