//! A bot's groups on disk, and a clock that is moved by hand.

use std::path::Path;

use jiff::Timestamp;
use zhanggui::clock::Clock;
use zhanggui::decision::{Change, GroupId, GroupState};
use zhanggui::store::Batch;
use zhanggui::worker::Intake;

/// Groups written in one transaction.
const AT_ONCE: usize = 1_000;

/// Below `target/`, not in a `/tmp` that may be memory: there fsync is free.
pub fn folder_on_disk() -> tempfile::TempDir {
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("target");
    std::fs::create_dir_all(&target).expect("a folder");
    tempfile::tempdir_in(target).expect("a folder")
}

/// Dealers' groups of the example brand, in which the app posts by itself.
pub async fn found(intake: &Intake, groups: usize, now: Timestamp) {
    for first in (0..groups).step_by(AT_ONCE) {
        let found = move |batch: &Batch<'_>| {
            (first..(first + AT_ONCE).min(groups)).try_for_each(|number| {
                let mut group =
                    GroupState::new(GroupId::new(format!("wrOgQhDgAAMYQiS5ol9G{number:06}")), now);
                group.name = format!("山谷小铺经销商{number}群");
                batch.apply(&Change::Group(group.into()))
            })
        };
        intake.write(found).await.expect("written");
    }
}

/// The clock shows this moment, and goes on from there.
pub fn show(clock: &Clock, moment: Timestamp) {
    clock.set_offset(moment.duration_since(Clock::system().now()));
}
