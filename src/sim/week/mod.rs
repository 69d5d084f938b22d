//! A week of the example corp in about a minute.
//!
//! The clock goes on from minute to minute, people live their days ([`deeds`]) and do what the bot asks of
//! them ([`habits`]). Before the next minute the bot has done everything that was due, so each thing happens at
//! its moment as in a real week; only nobody waits for it.

mod deeds;
mod habits;

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;
use tokio::time::Instant;

use self::habits::Habits;
use super::refusal::Refusal;
use super::world::week::{WHOLE_DAYS, Week};
use super::world::{CHAOYANG, Change, Playing, World, in_china};

/// Whether a bot has done everything that is due at this moment; why nobody can tell. It may block.
pub type AtRest = Arc<dyn Fn(Timestamp) -> Result<bool, String> + Send + Sync>;

const STEP: SignedDuration = SignedDuration::from_mins(1);
/// From here on to [`NIGHT`] a minute is worth looking at.
const MORNING: i8 = 7;
const NIGHT: i8 = 22;
/// At night the clock goes so many times faster.
const NIGHT_FASTER: u32 = 6;
/// A bot that still is not done then is not waited for: it may never be.
const SETTLES_WITHIN: Duration = Duration::from_secs(2);
/// What is behind its time by more than this stays behind.
const MADE_UP: Duration = Duration::from_secs(1);
/// Between two questions whether the bot is done.
const LOOK_AGAIN: Duration = Duration::from_millis(1);

/// The task that plays weeks, one at a time.
pub struct Player {
    world: World,
    at_rest: AtRest,
}

impl Player {
    pub fn new(world: World, at_rest: AtRest) -> Self {
        Self { world, at_rest }
    }

    /// Plays what is begun, until `stop` turns true.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        self.world.set_playing(Playing::Stopped);
        tokio::select! {
            () = self.play_all() => {}
            _ = stop.wait_for(|stop| *stop) => {}
        }
    }

    async fn play_all(&self) {
        let mut playing = self.world.playing();
        let mut people = Habits::default();
        loop {
            let Ok(order) = playing.wait_for(|order| order.is_on()).await.map(|order| *order) else { return };
            self.play(order, &mut people).await;
            self.world.played(order);
        }
    }

    /// Plays this order until its week is over or somebody stops it, even if the next is begun at once.
    async fn play(&self, order: Playing, people: &mut Habits) {
        let Playing::On { week, takes } = order else { return };
        let begun = self.world.read(|state| state.week.clone().filter(|begun| begun.n == week));
        let Some(week) = begun else { return };
        let by_day = by_day(takes);
        let mut playing = self.world.playing();
        let mut next = Instant::now();
        while self.world.clock().now() < week.until {
            let now = self.forward(&week, people);
            self.settle().await;
            next += if is_day(now) { by_day } else { by_day / NIGHT_FASTER };
            if tokio::time::timeout_at(next, playing.wait_for(|now| *now != order)).await.is_ok() {
                return;
            }
            // What the nights cost too much the days make up for; of more, the eye would see a jump.
            next = next.max(Instant::now().checked_sub(MADE_UP).unwrap_or(next));
        }
    }

    /// Goes on to the next whole minute, and lets people do what they do then.
    fn forward(&self, week: &Week, people: &mut Habits) -> Timestamp {
        let before = self.world.clock().now();
        let whole = before.as_second().div_euclid(STEP.as_secs()) * STEP.as_secs();
        let next = Timestamp::from_second(whole).unwrap_or(before).saturating_add(STEP).unwrap_or(before);
        self.world.set_clock(next);
        self.world.step(|step| {
            let now = step.now();
            deeds::between(week, before, now).for_each(|deed| deed.happen(step, week));
            people.follow(step, week);
        });
        self.world.clock().now()
    }

    /// Waits until the bot has heard everything and done everything that is due by then.
    async fn settle(&self) {
        let give_up = Instant::now() + SETTLES_WITHIN;
        while Instant::now() < give_up {
            // What the bot decided upon just now is due just now, not at the minute's beginning.
            let now = self.world.clock().now();
            if self.world.read(|state| state.waiting_callbacks() == 0 && !state.archive_is_behind(now)) {
                let at_rest = Arc::clone(&self.at_rest);
                match tokio::task::spawn_blocking(move || at_rest(now)).await {
                    Ok(Ok(true)) => return,
                    Ok(Ok(false)) => {}
                    unknown => {
                        tracing::warn!(
                            ?unknown,
                            "nobody can tell whether the bot is at rest; the week goes on"
                        );
                        return;
                    }
                }
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
        tracing::warn!("the bot is not done with this minute; the week goes on");
    }
}

fn is_day(now: Timestamp) -> bool {
    (MORNING..NIGHT).contains(&in_china(now).hour())
}

/// How long a minute of the day takes in a week that takes so long.
fn by_day(takes: Duration) -> Duration {
    let day = u32::try_from(i64::from(NIGHT - MORNING) * 60).unwrap_or(u32::MAX);
    let night = (24 * 60 - day) / NIGHT_FASTER;
    takes / (u32::try_from(WHOLE_DAYS).unwrap_or(u32::MAX) * (day + night))
}

/// Begins a week of the store's group, if it can be played here and none is being played.
pub fn begin(world: &World, takes: Duration) -> Result<Week, Refusal> {
    let playing = world.playing();
    world.step(|step| {
        match *playing.borrow() {
            Playing::Stopped => {}
            Playing::On { .. } => return Err(Refusal::Conflict("正在放一周；先停下，再放新的".into())),
            Playing::Impossible => {
                let why = "这里没有机器人跟着同一只钟走，放不了一周；请用 zhanggui demo";
                return Err(Refusal::Conflict(why.into()));
            }
        }
        if !step.state().groups.contains_key(CHAOYANG) {
            return Err(Refusal::Missing("门店的客户群已经不在了，没有群可以放一周".into()));
        }
        let n = step.state().week.as_ref().map_or(0, |week| week.n + 1);
        let week = Week::new(n, CHAOYANG, step.now());
        step.make(Change::WeekBegun(week.clone()));
        // Inside of the step: whoever asks at the same time finds it begun, and the player finds the week.
        world.set_playing(Playing::On { week: n, takes });
        Ok(week)
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::clock::Clock;

    #[test]
    fn a_week_takes_as_long_as_was_asked() {
        let minute = by_day(Duration::from_secs(60));
        let day = minute * 15 * 60 + minute / NIGHT_FASTER * 9 * 60;
        let off = (day * 7).abs_diff(Duration::from_secs(60));
        assert!(off < Duration::from_millis(10), "{off:?}");
    }

    /// The second click on 停下 and 放一周 comes before the player has looked up from its minute.
    #[tokio::test]
    async fn a_week_begun_right_after_the_last_was_stopped_is_played_at_its_own_pace() {
        /// A minute takes longer than the test.
        const SLOW: Duration = Duration::from_secs(7 * 24 * 3600);
        const FAST: Duration = Duration::from_secs(1);
        let world = World::demo(Clock::system());
        let (saw, mut seen) = tokio::sync::mpsc::unbounded_channel();
        let at_rest: AtRest = Arc::new({
            let (world, first) = (world.clone(), Mutex::new(true));
            move |_| {
                saw.send(*world.playing().borrow()).unwrap();
                if std::mem::take(&mut *first.lock().unwrap()) {
                    world.stop_playing();
                    begin(&world, FAST).unwrap();
                }
                Ok(true)
            }
        });
        let (stop, stopped) = watch::channel(false);
        let player = tokio::spawn(Player::new(world.clone(), at_rest).run(stopped));
        world.playing().wait_for(|playing| *playing == Playing::Stopped).await.unwrap();
        begin(&world, SLOW).unwrap();

        let (slow, fast) = (Playing::On { week: 0, takes: SLOW }, Playing::On { week: 1, takes: FAST });
        for expected in [slow, fast, fast] {
            let playing = tokio::time::timeout(by_day(SLOW) / 2, seen.recv()).await;
            assert_eq!(playing, Ok(Some(expected)));
        }
        stop.send_replace(true);
        player.await.unwrap();
    }
}
