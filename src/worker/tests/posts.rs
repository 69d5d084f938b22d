//! Schedules become events once for each group and occurrence, whatever happens to the program and the
//! clock; what could not go out is told once.

use std::collections::BTreeMap;
use std::task::Poll;

use jiff::tz::TimeZone;
use proptest::prelude::*;
use tokio::sync::watch;

use super::*;
use crate::decision::{Act, Change, GroupState, MissedPosts, Order, PostDue, Reason, ScheduleOrder};
use crate::rules::{Schedule, Selector};
use crate::store::PostStatus;
use crate::timetable::{Cron, Dialect, Jitter, Missed, Timing};
use crate::worker::posts::Posts;

/// Every day at nine, an hour before the tests begin: the first one is tomorrow's.
const DAILY: &str = "0 9 * * *";
const GROUPS: usize = 5;

fn schedule(id: &str, cron: &str, jitter: SignedDuration, missed: Missed) -> Arc<Schedule> {
    let timing = Timing {
        cron: Cron::parse(cron, Dialect::Unix).expect("a cron"),
        zone: TimeZone::get("Asia/Shanghai").expect("a bundled zone"),
        only: Vec::new(),
        except: Vec::new(),
        from: None,
        to: None,
        calendar: Arc::default(),
    };
    Arc::new(Schedule {
        id: id.into(),
        title: "早安".into(),
        timing: Arc::new(timing),
        groups: Selector { profiles: vec!["dealers".into()], ..Selector::default() },
        post: "greeting-morning".into(),
        jitter: Jitter::within(jitter),
        missed,
        off: false,
        place: "test".into(),
        campaign: None,
    })
}

fn minutes(minutes: i64) -> SignedDuration {
    SignedDuration::from_mins(minutes)
}

fn days(days: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * days)
}

impl House {
    /// A house with these schedules and dealers' groups to post in.
    async fn with(folder: &Path, clock: &Clock, schedules: &[Arc<Schedule>]) -> Self {
        let house = Self::open(folder, clock);
        house.use_schedules(schedules);
        house.found_groups().await;
        house
    }

    /// With one schedule, for which all groups have their turn together and at once.
    async fn daily(folder: &Path) -> Self {
        Self::with(folder, &clock(), &[schedule("daily", DAILY, minutes(0), Missed::Skip)]).await
    }

    async fn found_groups(&self) {
        let now = self.clock.now();
        let found = move |batch: &store::Batch<'_>| {
            (0..GROUPS).try_for_each(|number| {
                let mut group = GroupState::new(GroupId::new(format!("wr{number}")), now);
                group.name = format!("山谷小铺经销商{number}群");
                batch.apply(&Change::Group(group.into()))
            })
        };
        self.intake.write(found).await.expect("written");
    }

    fn use_schedules(&self, schedules: &[Arc<Schedule>]) {
        let mut rules = rules();
        rules.version = schedules.iter().map(|schedule| format!("{schedule:?}")).collect();
        rules.schedules = schedules.iter().map(|one| (one.id.clone(), Arc::clone(one))).collect();
        self.rules.store(Arc::new(rules));
    }

    fn posts(&self) -> Posts {
        Posts {
            reader: self.reader.clone(),
            intake: self.intake.clone(),
            rules: self.rules.clone(),
            clock: self.clock.clone(),
            next: watch::Sender::default(),
            changed: self.bells.rules.subscribe(),
        }
    }

    /// One pass, which is what a loop that is already told to stop does.
    async fn look(&self) {
        let (_stop, stopped) = watch::channel(true);
        self.posts().run(stopped).await;
    }

    /// Occurrence (day and time) → how many groups it came to.
    fn fired(&self) -> BTreeMap<String, usize> {
        let mut fired = BTreeMap::new();
        for record in self.reader.posts(Timestamp::MIN, Timestamp::MAX, None).expect("read") {
            let at = record.occurrence.in_tz("Asia/Shanghai").expect("a bundled zone");
            *fired.entry(at.strftime("%m-%d %H:%M").to_string()).or_default() += 1;
        }
        fired
    }

    fn missed(&self) -> Vec<MissedPosts> {
        let found = self.reader.missed_posts(Timestamp::MIN, Timestamp::MAX).expect("read");
        found.into_iter().map(|found| found.missed).collect()
    }

    /// Codes of what this feature said about every post.
    fn codes(&self) -> Vec<String> {
        let records = self.reader.posts(Timestamp::MIN, Timestamp::MAX, None).expect("read");
        let own = |reason: &Reason| reason.feature == "scheduled_posts";
        records
            .iter()
            .flat_map(|one| &one.reasons)
            .filter(|one| own(one))
            .map(|one| one.code.to_string())
            .collect()
    }

    fn told_to_ops(&self) -> usize {
        let journal = self.reader.journal(0, None, 10_000).expect("read");
        let actions = journal.iter().flat_map(|entry| &entry.actions);
        actions.filter(|action| matches!(action.action.act, Act::Tell { .. })).count()
    }
}

fn days_fired<const N: usize>(days: [&str; N]) -> BTreeMap<String, usize> {
    days.into_iter().map(|day| (format!("{day} 09:00"), GROUPS)).collect()
}

#[tokio::test]
async fn every_group_has_its_turn_once_also_across_restarts() {
    let folder = tempfile::tempdir().expect("a folder");
    let clock = clock();
    let daily = [schedule("daily", DAILY, minutes(10), Missed::Skip)];
    let house = House::with(folder.path(), &clock, &daily).await;
    house.look().await;
    assert!(house.fired().is_empty(), "nothing is owed from before the schedule was there");
    house.close().await;
    // 08:59, then every minute of the jitter, each in a program of its own.
    clock.set_offset(clock.offset() + SignedDuration::from_hours(23) - minutes(1));
    for _ in 0..12 {
        clock.set_offset(clock.offset() + minutes(1));
        let house = House::open(folder.path(), &clock);
        house.use_schedules(&daily);
        house.look().await;
        house.look().await;
        let records = house.reader.posts(Timestamp::MIN, Timestamp::MAX, None).expect("read");
        assert!(
            records.iter().all(|one| one.due <= clock.now() && one.due >= one.occurrence),
            "its own moment"
        );
        house.close().await;
    }
    let house = House::open(folder.path(), &clock);
    assert_eq!(house.fired(), days_fired(["11-22"]));
    assert!(
        house.missed().is_empty() && house.codes().iter().all(|code| code == "posted"),
        "{:?}",
        house.codes()
    );
    house.close().await;
}

#[tokio::test]
async fn two_days_asleep_are_one_alert_and_what_may_be_late_still_goes_out() {
    let folder = tempfile::tempdir().expect("a folder");
    let clock = clock();
    let late = Missed::CatchUpWithin(SignedDuration::from_hours(2));
    let schedules =
        [schedule("daily", DAILY, minutes(0), Missed::Skip), schedule("patient", DAILY, minutes(0), late)];
    let house = House::with(folder.path(), &clock, &schedules).await;
    house.look().await;
    house.move_clock(days(2));
    for _ in 0..2 {
        house.look().await;
        // It is ten, an hour too late for one of them.
        assert_eq!(house.fired(), days_fired(["11-23"]));
        let missed = house.missed();
        let missed: Vec<_> = missed.iter().map(|one| (&*one.schedule, one.occurrences, one.groups)).collect();
        assert_eq!(missed, [("daily", 2, 5), ("patient", 1, 5)]);
        assert_eq!(house.told_to_ops(), 1, "one alert for all");
    }
    house.close().await;
}

#[tokio::test]
async fn a_turn_that_is_decided_about_too_late_is_not_posted() {
    let folder = tempfile::tempdir().expect("a folder");
    let house = House::daily(folder.path()).await;
    // The event waited for the lane longer than its post is good for.
    let moment = house.clock.now() - days(1);
    let due = PostDue { schedule: "daily".into(), occurrence: moment };
    house.intake.submit(due.event(GroupId::from("wr0"), moment), |_| Ok(())).await.expect("decided");
    assert_eq!(house.codes(), ["missed"]);
    assert_eq!(house.reader.outbox_open().expect("read"), 0, "nothing goes out");
    house.close().await;
}

#[tokio::test]
async fn what_no_group_was_to_hear_is_not_missed() {
    let folder = tempfile::tempdir().expect("a folder");
    let daily = schedule("daily", DAILY, minutes(0), Missed::Skip);
    let groups = Selector { profiles: vec!["moms".into()], ..Selector::default() };
    let house =
        House::with(folder.path(), &clock(), &[Arc::new(Schedule { groups, ..Schedule::clone(&daily) })])
            .await;
    house.look().await;
    let begun = house.reader.schedule_marks().expect("read")["daily"];
    house.move_clock(days(2));
    house.look().await;
    assert!(house.missed().is_empty(), "nobody is told of nothing");
    assert!(house.reader.schedule_marks().expect("read")["daily"] > begun, "it is gone through all the same");
    house.close().await;
}

#[tokio::test]
async fn a_year_of_every_minute_is_counted_and_passed_over() {
    let folder = tempfile::tempdir().expect("a folder");
    let house =
        House::with(folder.path(), &clock(), &[schedule("minutely", "* * * * *", minutes(0), Missed::Skip)])
            .await;
    house.look().await;
    house.move_clock(days(365));
    house.look().await;
    // The last two minutes are in time whatever the schedule says: two occurrences, or three on the dot.
    let fired = house.fired();
    assert!((2..=3).contains(&fired.len()) && fired.values().all(|count| *count == GROUPS), "{fired:?}");
    let [missed] = house.missed().try_into().expect("one");
    assert!(
        missed.occurrences >= 1_000 && house.clock.now().duration_since(missed.last) < minutes(5),
        "{missed:?}"
    );
    house.close().await;
}

#[tokio::test]
async fn a_clock_that_is_moved_fires_nothing_twice_and_does_not_stand_still() {
    let folder = tempfile::tempdir().expect("a folder");
    let house = House::daily(folder.path()).await;
    house.look().await;
    house.move_clock(SignedDuration::from_hours(23));
    house.look().await;
    house.move_clock(-SignedDuration::from_hours(1));
    house.look().await;
    house.move_clock(SignedDuration::from_hours(1));
    house.look().await;
    assert_eq!(house.fired(), days_fired(["11-22"]), "set back an hour and on again");
    house.move_clock(days(365));
    house.look().await;
    house.move_clock(-days(365));
    house.look().await;
    house.move_clock(days(1));
    house.look().await;
    assert_eq!(
        house.fired().get("11-23 09:00"),
        Some(&GROUPS),
        "a year ahead and back: the next day is the next day"
    );
    house.close().await;
}

#[tokio::test]
async fn a_schedule_that_is_edited_while_it_fires_goes_by_the_new_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let spread = |cron| schedule("daily", cron, SignedDuration::from_hours(1), Missed::Skip);
    let house = House::with(folder.path(), &clock(), &[spread(DAILY)]).await;
    house.look().await;
    house.move_clock(SignedDuration::from_hours(23) + minutes(30));
    // Half of the groups had their turn in small steps.
    house.move_clock(-minutes(30));
    for _ in 0..30 {
        house.move_clock(minutes(1));
        house.look().await;
    }
    let before = house.fired().get("11-22 09:00").copied().unwrap_or_default();
    assert!((1..GROUPS).contains(&before), "{before} of {GROUPS}: the test needs some on each side");
    house.use_schedules(&[spread("0 10 * * *")]);
    for _ in 0..100 {
        house.move_clock(minutes(1));
        house.look().await;
    }
    let expected = [("11-22 09:00".to_owned(), before), ("11-22 10:00".to_owned(), GROUPS)];
    assert_eq!(
        house.fired(),
        BTreeMap::from(expected),
        "the new moment for all, the old one for nobody else"
    );
    assert!(house.missed().is_empty());
    house.close().await;
}

#[tokio::test]
async fn a_paused_schedule_posts_nothing_and_takes_back_what_waits() {
    let folder = tempfile::tempdir().expect("a folder");
    let house = House::daily(folder.path()).await;
    house.look().await;
    house.move_clock(SignedDuration::from_hours(23));
    house.look().await;
    let order = |key: &str, order| Event {
        ear: Ear::Operator,
        from: Some(MemberId::from("lin.yun")),
        kind: EventKind::ScheduleOrdered(ScheduleOrder { schedule: "daily".into(), order }),
        ..event(key)
    };
    assert_eq!(house.reader.outbox_open().expect("read"), GROUPS as u64);
    house.hear(order("pause", Order::Pause)).await.expect("accepted");
    assert_eq!(house.reader.outbox_open().expect("read"), 0, "taken back");
    house.move_clock(days(1));
    house.look().await;
    house.hear(order("resume", Order::Resume)).await.expect("accepted");
    house.move_clock(days(1));
    house.look().await;
    let codes = |code: &str| house.codes().iter().filter(|one| *one == code).count();
    assert_eq!((codes("posted"), codes("paused")), (2 * GROUPS, GROUPS));
    assert_eq!(house.reader.outbox_open().expect("read"), GROUPS as u64);
    house.close().await;
}

#[tokio::test]
async fn in_quiet_hours_a_post_waits_as_long_as_it_may_be_late() {
    let folder = tempfile::tempdir().expect("a folder");
    let early = "30 7 * * *";
    let patient = Missed::CatchUpWithin(SignedDuration::from_hours(1));
    let schedules = [
        schedule("impatient", early, minutes(0), Missed::Skip),
        schedule("patient", early, minutes(0), patient),
    ];
    let house = House::with(folder.path(), &clock(), &schedules).await;
    house.look().await;
    house.move_clock(SignedDuration::from_hours(21) + minutes(30));
    house.look().await;
    house.tick().await;
    let codes = |code: &str| house.codes().iter().filter(|one| *one == code).count();
    assert_eq!((codes("quiet"), codes(PostDue::POSTPONED)), (GROUPS, GROUPS));
    let waiting = || {
        let records = house.reader.posts(Timestamp::MIN, Timestamp::MAX, Some("patient")).expect("read");
        records.iter().filter(|record| *record.outcome() == PostStatus::Waiting).count()
    };
    assert_eq!(waiting(), GROUPS, "what goes out later is not given up");
    assert_eq!(house.reader.outbox_open().expect("read"), 0);
    house.move_clock(minutes(31));
    house.tick().await;
    let records = house.reader.posts(Timestamp::MIN, Timestamp::MAX, None).expect("read");
    for record in &records {
        let waited = record.schedule == "patient";
        let expected = if waited { "waiting" } else { "not_posted" };
        assert_eq!(record.outcome().name(), expected, "{record:#?}");
    }
    assert_eq!((records.len(), house.reader.outbox_open().expect("read")), (2 * GROUPS, GROUPS as u64));
    house.close().await;
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, ..ProptestConfig::default() })]

    /// The program is ended at any moment and started again, over and over, while a schedule fires every minute.
    #[test]
    fn no_turn_is_lost_or_had_twice_however_often_the_program_ends(
        steps in proptest::collection::vec((0_i64..90, 0_u64..400), 1..12)
    ) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let folder = tempfile::tempdir().expect("a folder");
            let clock = clock();
            let patient = Missed::CatchUpWithin(SignedDuration::from_hours(9));
            let often = [schedule("often", "* * * * *", SignedDuration::from_secs(30), patient)];
            let house = House::with(folder.path(), &clock, &often).await;
            house.look().await;
            house.close().await;
            let began = clock.now();
            for (seconds, micros) in steps {
                clock.set_offset(clock.offset() + SignedDuration::from_secs(seconds));
                let house = House::open(folder.path(), &clock);
                house.use_schedules(&often);
                // Dropped in the middle of whatever it does.
                let (_stop, stopped) = watch::channel(true);
                let _ = tokio::time::timeout(Duration::from_micros(micros), house.posts().run(stopped)).await;
                house.close().await;
            }
            clock.set_offset(clock.offset() + minutes(2));
            let house = House::open(folder.path(), &clock);
            house.use_schedules(&often);
            house.look().await;
            let turns = often[0].timing.between(began, clock.now()).count();
            let fired = house.fired();
            let late = |count: &usize| *count < GROUPS;
            prop_assert!(fired.len() + 1 >= turns, "{fired:?}");
            // Only the minute that is not over may be waited for.
            prop_assert!(fired.values().rev().skip(1).all(|count| !late(count)), "{fired:?}");
            prop_assert!(fired.values().all(|count| *count <= GROUPS), "{fired:?}");
            house.close().await;
            Ok(())
        })?;
    }
}

/// The machine was asleep, and the program ends at any step of its waking: what cannot be posted any more is told all
/// the same, although the schedule may have gone on with what can.
#[tokio::test]
async fn what_was_missed_is_told_even_if_the_program_ends_on_the_way() {
    let often = [schedule("often", "* * * * *", minutes(0), Missed::CatchUpWithin(minutes(2)))];
    let (mut steps, mut whole) = (0, false);
    while !whole {
        let (folder, clock) = (tempfile::tempdir().expect("a folder"), clock());
        let house = House::with(folder.path(), &clock, &often).await;
        house.look().await;
        let began = clock.now();
        clock.set_offset(clock.offset() + minutes(30));
        whole = ended_after(steps, house.posts()).await;
        house.close().await;

        let house = House::open(folder.path(), &clock);
        house.use_schedules(&often);
        house.look().await;
        let told: usize = house.missed().iter().map(|one| one.occurrences as usize).sum();
        let (fired, turns) = (house.fired(), often[0].timing.between(began, clock.now()).count());
        assert_eq!(told + fired.len(), turns, "ended after {steps} steps: {told} told, {fired:?} fired");
        house.close().await;
        steps += 1;
    }
}

/// Whether it was done before it was dropped, after so many steps.
async fn ended_after(steps: usize, posts: Posts) -> bool {
    let mut round = std::pin::pin!(posts.round(None));
    let mut taken = 0;
    std::future::poll_fn(|context| {
        if taken == steps {
            return Poll::Ready(false);
        }
        taken += 1;
        round.as_mut().poll(context).map(|done| done.is_ok())
    })
    .await
}

/// Not a benchmark: the figures are in `benches/`. Here a reply finds its way past thousands of posts.
#[tokio::test]
async fn a_reply_does_not_wait_behind_what_schedules_post() {
    let folder = tempfile::tempdir().expect("a folder");
    let house = House::daily(folder.path()).await;
    house.look().await;
    house.move_clock(SignedDuration::from_hours(23));
    house.look().await;
    house.hear(asked("help", "帮助")).await.expect("accepted");
    house.hear(asked("said", "早安")).await.expect("accepted");
    let now = house.clock.now();
    let replies = house.reader.due_rows(store::Rank::Reply, now, 10).expect("read");
    let posts = house.reader.due_rows(store::Rank::Scheduled, now, 10).expect("read");
    assert!(replies.iter().all(|row| !matches!(row.action.act, Act::Post { .. })), "{replies:?}");
    assert!(
        posts.len() == GROUPS && posts.iter().all(|row| matches!(row.action.act, Act::Post { .. })),
        "{posts:?}"
    );
    house.close().await;
}
