//! Lines and nudges in a customer group: its owner confirms them as mass sends, as long as the group takes any.

use jiff::ToSpan;
use jiff::civil::Date;
use proptest::collection::vec;
use proptest::prelude::*;

use super::{HEAD, PROFILE, SCRIPTS, how, step, three};
use crate::decision::rehearsal::{GROUP, OWNER, Rehearsal};
use crate::decision::{EventKind, GroupId, GroupKind, PostEnding, PostName, PostOutcome, StepEnd};
use crate::rules::SendBudget;

const GROUPS: &str = r#"
[[group]]
match = { name = "*" }
profile = "shop"
ears = ["archive", "events"]
hands = ["mass-send", "staff-task"]
"#;

/// A customer group of 21 November, 8:00.
fn customers(playbook: &str, profile: &str, budget: SendBudget) -> Rehearsal {
    let files = [
        ("config/profiles/shop.toml", profile),
        ("config/groups/a.toml", GROUPS),
        ("bot-scripts/event/a.toml", SCRIPTS),
        ("config/playbooks/p.toml", playbook),
    ];
    let mut group = Rehearsal::new(&files, "2026-11-21 08:00");
    group.rules.send_budget = budget;
    group.memory.groups.get_mut(&GroupId::from(GROUP)).expect("the group").kind = GroupKind::Customer;
    group
}

#[test]
fn the_owner_confirms_each_line_of_the_bot() {
    let mut group = customers(&three(), PROFILE, SendBudget::Monthly);
    group.until("2026-12-31 00:00");
    let expected =
        ["11-21 09:00 wang.min群发：一", "11-22 09:00 wang.min群发：二", "11-22 20:00 wang.min群发：三"];
    assert_eq!(group.said, expected);
    let post = "playbook:p@2026-11-21/d1-0900".to_owned();
    assert_eq!(how(&group, "d1-0900"), StepEnd::ToOwner { post });
}

#[test]
fn staff_get_their_lines_as_cards_all_the_same() {
    let playbook = format!("{HEAD}{}", step(1, "09:00", "role = \"staff\"\nscript = \"one\""));
    let mut group = customers(&playbook, PROFILE, SendBudget::Monthly);
    group.until("2026-11-21 09:30");
    assert_eq!(group.said, ["11-21 09:00 wang.min：一"]);
}

#[test]
fn what_the_group_does_not_take_any_more_is_a_card() {
    let mut group = customers(&three(), PROFILE, SendBudget::Daily);
    group.until("2026-11-22 20:30");
    let expected =
        ["11-21 09:00 wang.min群发：一", "11-22 09:00 wang.min群发：二", "11-22 20:00 wang.min：三"];
    assert_eq!(group.said, expected);
    let StepEnd::Asked { tasks } = how(&group, "d2-2000") else { panic!("no card") };
    assert!(group.memory.tasks.contains_key(&tasks[0]), "the run knows its task");
}

#[test]
fn a_line_that_quiet_hours_postponed_may_be_confirmed_the_whole_next_day() {
    let playbook = format!("{HEAD}{}", step(1, "22:30", "script = \"one\""));
    let mut group = customers(&playbook, PROFILE, SendBudget::Monthly);
    group.until("2026-11-22 09:00");
    assert_eq!(group.said, ["11-22 08:00 wang.min群发：一"]);
    let sent = &group.group().mass_sent;
    assert_eq!(sent.on.values().collect::<Vec<_>>(), [&Date::constant(2026, 11, 22)]);
}

/// The days on which the owner was asked, by what was said.
fn asked_on(said: &[String]) -> Vec<Date> {
    let mass_sends = said.iter().filter(|line| line.contains("群发"));
    let day = |line: &String| {
        let year = if line.starts_with("11") || line.starts_with("12") { 2026 } else { 2027 };
        format!("{year}-{}", &line[..5]).parse().expect("a day")
    };
    mass_sends.map(day).collect()
}

/// By hand: whether no month, no seven days, no day holds more than it may.
fn holds(sent: &[Date], budget: SendBudget) -> bool {
    sent.iter().all(|first| {
        let together = |other: &&Date| match budget {
            SendBudget::Monthly => (other.year(), other.month()) == (first.year(), first.month()),
            SendBudget::Weekly => (0..7).any(|ahead| first.saturating_add(ahead.days()) == **other),
            SendBudget::Daily => *other == first,
        };
        let most = match budget {
            SendBudget::Monthly => first.days_in_month() as usize,
            SendBudget::Weekly => 7,
            SendBudget::Daily => 1,
        };
        sent.iter().filter(together).count() <= most
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    /// Lines on many days, nudges of a quiet group, owners who confirm and owners who do not.
    #[test]
    fn whatever_is_planned_no_group_is_sent_more_than_it_takes(
        which in 0_usize..3,
        lines in vec((1_i16..50, 9_i8..20, 0_i8..60), 1..60),
        nudges in 0_usize..4,
        confirmed in vec(any::<bool>(), 60),
    ) {
        let budget = [SendBudget::Monthly, SendBudget::Weekly, SendBudget::Daily][which];
        let steps = lines.iter().enumerate().map(|(number, (day, hour, minute))| {
            step(*day, &format!("{hour:02}:{minute:02}"), &format!("id = \"s{number}\"\nscript = \"one\""))
        });
        let playbook = format!("{HEAD}{}", steps.collect::<String>());
        let nudge = format!(
            "[nudge]\nscripts = [\"three\"]\nquiet_for = \"2h\"\nhours = \"09:00-21:00\"\nat_most = {}\n",
            nudges.max(1)
        );
        let profile = if nudges == 0 { PROFILE.to_owned() } else { format!("{PROFILE}{nudge}") };
        let mut group = customers(&playbook, &profile, budget);
        let (mut sent, mut day) = (Vec::new(), Date::constant(2026, 11, 21));
        for confirmed in confirmed {
            let before = group.said.len();
            group.until(&format!("{day} 23:59"));
            let asked = asked_on(&group.said[before..]);
            prop_assert!(asked.iter().all(|on| *on == day));
            let promised = group.group().mass_sent.on.clone();
            for (id, _) in promised.into_iter().filter(|(_, on)| *on == day) {
                let post = PostName { id, ..PostName::default() };
                let outcome = if confirmed { PostOutcome::Sent } else { PostOutcome::TooLate };
                let ending = PostEnding { post, owner: OWNER.into(), outcome, again: None };
                group.hear(None, EventKind::PostEnded(Box::new(ending)));
            }
            sent.extend(asked.into_iter().filter(|_| confirmed));
            prop_assert!(holds(&sent, budget), "{sent:?}");
            day = day.saturating_add(1.day());
        }
        // A card that nobody has tapped comes to ops, too.
        let said = group.said.iter().filter(|line| line.contains(OWNER) && line.ends_with('一')).count();
        prop_assert_eq!(said, lines.len(), "what is no mass send is a card: {:?}", group.said);
        let first = Date::constant(2026, 11, 21);
        let planned: Vec<Date> =
            lines.iter().map(|(day, ..)| first.saturating_add(i32::from(day - 1).days())).collect();
        if holds(&planned, budget) {
            let card = group.said.iter().find(|line| line.ends_with("：一") && !line.contains("群发"));
            prop_assert_eq!(card, None, "nudges make way");
        }
    }
}
