//! What happens of itself in a week: who says what, who comes and who goes. All of it is invented.
//!
//! The same in every week, but for the newcomers, who are others each time.

use jiff::Timestamp;

use crate::sim::content::Content;
use crate::sim::people::{self, Newcomer};
use crate::sim::refusal::Refusal;
use crate::sim::world::group::JoinScene;
use crate::sim::world::week::Week;
use crate::sim::world::{CHAOYANG, DEALERS, Step};

const CHEN: Who = Who::Known("wm-chen.ayi");
const LIU: Who = Who::Known("wm-liu.shu");
const ZHOU: Who = Who::Known("wm-zhou.jie");
const HE: Who = Who::Known("wm-he.xiaoyu");
const ZHAO: Who = Who::Known("zhao.lei");
const SUN: Who = Who::Known("sun.qian");
/// Who comes to advertise.
const WU: Who = Who::Known("wu.ming");
const PASSER_BY: Who = Who::Known("wm-passer.by");

/// Newcomers of one week.
const GUESTS: usize = 3;
/// After three weeks the names come again; the people are others.
const GUEST_NAMES: [&str; 9] = ["李婷", "周涛", "孙悦", "何强", "郑洁", "冯磊", "谢雯", "邓凡", "田甜"];

#[derive(Clone, Copy, Debug, PartialEq)]
enum Who {
    Known(&'static str),
    /// A newcomer, by number.
    Guest(usize),
}

#[derive(Clone, Copy, Debug)]
enum What {
    Says(&'static str),
    /// Scans the code that hangs in the store.
    Joins,
    Leaves,
}

use What::{Joins, Leaves, Says};

/// One deed: on which whole day, at which time, in which group.
#[derive(Clone, Copy, Debug)]
pub struct Deed {
    day: i64,
    at: (i8, i8),
    group: &'static str,
    who: Who,
    what: What,
}

const fn store(day: i64, hour: i8, minute: i8, who: Who, what: What) -> Deed {
    Deed { day, at: (hour, minute), group: CHAOYANG, who, what }
}

const fn dealers(day: i64, hour: i8, minute: i8, who: Who, what: What) -> Deed {
    Deed { day, at: (hour, minute), group: DEALERS, who, what }
}

const WEEK: [Deed; 38] = [
    store(0, 9, 16, CHEN, Says("来啦来啦，我家我做饭，爱吃甜口")),
    store(0, 9, 21, ZHOU, Says("我家他掌勺，口味重一点")),
    dealers(0, 10, 5, ZHAO, Says("下周的货单我晚上发给大家")),
    store(0, 10, 40, HE, Joins),
    store(0, 12, 20, LIU, Says("土鸡蛋多少钱一盒？")),
    store(0, 12, 31, HE, Says("我也想问这个")),
    store(0, 19, 46, ZHOU, Says("规矩清清楚楚的，挺好")),
    store(1, 8, 52, CHEN, Says("早！")),
    store(1, 11, 2, Who::Guest(0), Joins),
    store(1, 11, 2, Who::Guest(1), Joins),
    store(1, 11, 9, Who::Guest(0), Says("大家好，我住三号楼")),
    dealers(1, 15, 0, WU, Joins),
    dealers(1, 15, 6, WU, Says("兼职日结300元，在家刷单轻松赚，加微信 rijie_8866")),
    store(1, 17, 5, ZHOU, Says("今晚打卤面，正愁配什么菜")),
    store(1, 17, 18, Who::Guest(1), Says("拍个黄瓜就行")),
    dealers(2, 10, 10, WU, Says("刷单返利，一单一结，加微信 rijie_8866")),
    dealers(2, 10, 14, SUN, Says("清静了")),
    store(2, 15, 24, LIU, Says("想喝鸡汤，家里没鸡了")),
    store(2, 15, 31, CHEN, Says("加点红枣一起炖，香")),
    store(2, 20, 10, PASSER_BY, Joins),
    store(2, 20, 22, PASSER_BY, Says("兼 职 日 结，手机就能做，想赚钱加薇❤️ rijie8866")),
    store(3, 10, 48, CHEN, Says("这个鸡蛋怎么买？能送到家吗")),
    store(3, 10, 55, LIU, Says("我要两盒")),
    store(3, 16, 15, HE, Says("昨天买的鸡蛋真香，蛋黄特别黄")),
    dealers(3, 16, 40, SUN, Says("明天到货吗？")),
    store(3, 18, 2, PASSER_BY, Says("兼职日结300元，在家刷单轻松赚，加微信 rijie_8866")),
    store(4, 9, 12, Who::Guest(0), Says("今天店里有排骨吗")),
    store(4, 12, 40, ZHOU, Says("中午的番茄炒蛋，孩子吃了两碗饭")),
    store(4, 21, 15, LIU, Says("大家晚安")),
    store(5, 9, 30, Who::Guest(1), Leaves),
    store(5, 10, 20, CHEN, Says("周末店里几点开门？")),
    store(5, 18, 52, HE, Says("今晚排骨炖土豆，多放了点八角")),
    store(5, 18, 58, ZHOU, Says("看饿了")),
    store(5, 22, 40, Who::Guest(2), Joins),
    store(6, 9, 5, Who::Guest(2), Says("昨晚刚进群，大家好")),
    store(6, 10, 22, CHEN, Says("品鉴会几点开始呀？带孩子来行吗")),
    store(6, 10, 30, LIU, Says("算我一个")),
    store(6, 20, 25, LIU, Says("这一周吃得挺好，谢谢店长")),
];

/// What happens after `before`, up to `now`.
pub fn between(week: &Week, before: Timestamp, now: Timestamp) -> impl Iterator<Item = &'static Deed> {
    WEEK.iter().filter(move |deed| {
        let moment = week.moment(deed.day, deed.at.0, deed.at.1);
        moment.is_some_and(|moment| before < moment && moment <= now)
    })
}

impl Deed {
    /// What cannot be done any more, because a tester removed somebody or closed the group, is left out.
    pub fn happen(&self, step: &mut Step<'_>, week: &Week) {
        if let Err(why) = self.carry_out(step, week) {
            tracing::debug!(deed = ?self, %why, "a deed of the week is left out");
        }
    }

    fn carry_out(&self, step: &mut Step<'_>, week: &Week) -> Result<(), Refusal> {
        let (id, name) = self.who.in_week(week.n);
        match self.what {
            Says(text) => {
                people::say(step, self.group, &id, Content::read("text", text.into())?, false)?;
            }
            Joins => {
                let newcomer = Newcomer { id, name, scene: JoinScene::QrCode, invitor: None };
                people::join(step, self.group, newcomer)?;
            }
            Leaves => people::leave(step, self.group, &id, true)?,
        }
        Ok(())
    }
}

impl Who {
    /// Id, and the name that a newcomer needs.
    fn in_week(self, n: u64) -> (String, Option<String>) {
        match self {
            Self::Known(id) => (id.to_owned(), None),
            Self::Guest(guest) => {
                let nth = usize::try_from(n).unwrap_or_default() * GUESTS + guest;
                let name = GUEST_NAMES[nth % GUEST_NAMES.len()];
                (format!("wm-guest-{n}-{guest}"), Some(name.to_owned()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::sim::world::World;

    #[test]
    fn deeds_stand_in_the_order_of_their_moments() {
        assert!(WEEK.is_sorted_by_key(|deed| (deed.day, deed.at)));
        assert!(WEEK.iter().all(|deed| !matches!(deed.who, Who::Guest(guest) if guest >= GUESTS)));
    }

    #[test]
    fn every_minute_finds_its_deeds_once() {
        let from = "2026-11-22T17:40:00+08:00".parse().unwrap();
        let week = Week::new(0, CHAOYANG, from);
        let mut seen = 0;
        let mut before = from;
        while before < week.until {
            let now = before + jiff::SignedDuration::from_mins(1);
            seen += between(&week, before, now).count();
            before = now;
        }
        assert_eq!(seen, WEEK.len());
    }

    #[test]
    fn in_the_example_corp_all_of_it_can_be_done_week_after_week() {
        let world = World::demo(Clock::system());
        for n in 0..3 {
            let week = Week::new(n, CHAOYANG, world.clock().now());
            for deed in &WEEK {
                let done = world.step(|step| deed.carry_out(step, &week));
                // Whoever came in an earlier week is still there, or was not removed by anybody here.
                let again = n > 0 && matches!((deed.who, deed.what), (Who::Known(_), Joins));
                assert_eq!(done.is_err(), again, "week {n}: {deed:?} {done:?}");
            }
        }
    }
}
