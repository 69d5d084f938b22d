//! `config/playbooks/*.toml`

use crate::choices;
use crate::files::{At, ClockTime, Day, Duration, Id, Misspelled, Shape, SkipOr, Spelled, Text, Whole};
use crate::rules::{PlaybookStop, StepCondition, StepRole};
use crate::table;

use super::{CatchUpTable, SelectorTable};

table! {
    /// 剧本：按顺序、按时间说的话术，各人有各人的词。一个文件一个剧本。
    pub struct PlaybookFile {
        /// 这个剧本。
        playbook: PlaybookTable, required;
    }
}

table! {
    /// 一个剧本。
    pub struct PlaybookTable {
        /// 剧本编号；走过哪几步按它记，定了就别再改。
        id: Id, required;
        /// 剧本的名字，给人看。
        title: Text, required;
        /// 先停一停：正在走的也停下，去掉以后接着走，停的时候错过的不补。
        off: bool, default = false;
        /// 从哪天数起。
        anchor: AnchorName, required;
        /// anchor 是 "date" 时，活动在哪几天。
        dates: Vec<At<Day>>, default = [];
        /// anchor 是 "campaign" 时，跟着哪个活动（campaigns/ 里的活动编号）。
        campaign: Id, optional;
        /// 给哪些群；写了几样就要都对上，不写就是所有的群。
        groups: SelectorTable, default = {};
        /// 群里发生了这样的事，后面的就不再说了。
        stop: Vec<At<PlaybookStop>>, default = [];
        /// 到点时没能说（机器人停着、断网）怎么办；晚两分钟以内都照说，再晚就看这里。
        missed: SkipOr<CatchUpTable>, default = { catch_up_within = "2h" };
        /// 一步一步写。
        step: Vec<At<PlaybookStepEntry>>, required;
    }
}

table! {
    /// 剧本里的一步。
    pub struct PlaybookStepEntry {
        /// 这一步的编号；不写就用第几天和钟点。写了的，改时间也不会再说一遍。
        id: Id, optional;
        /// 第几天：anchor 是 "date"、"campaign" 时，0 是当天，-1 是前一天；其他的从 1 数起。
        day: Whole<-366, 366>, required;
        /// 几点。
        at: ClockTime, required;
        /// 谁来说。
        role: StepRole, default = "bot";
        /// 话术编号。
        script: Id, required;
        /// 这样的时候才说："quiet-for 20m" 这么久没有成员说话，"asked" 上一步以后有成员提问，"not-asked" 没有人问。
        when: ConditionText, optional;
        /// when 一时不成立的话，到点以后等它多久；不写就只看那一下。
        within: Duration, default = "0s";
    }
}

/// What days are counted from, without the days themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnchorName {
    GroupCreated,
    Joined,
    Date,
    Campaign,
}

choices! { AnchorName {
    GroupCreated = "group-created", "建群：第 1 天是建群那天";
    Joined = "joined", "进群：第 1 天是进群那天，同一天进来的人一起走";
    Date = "date", "日子：第 0 天是 dates 里的那天";
    Campaign = "campaign", "活动：第 0 天是活动的 day（没有写就是 to）";
} }

choices! { StepRole {
    Bot = "bot", "机器人说，它不能说的群请群主说";
    Staff = "staff", "发卡片给群主（没有就是店长），由他来说";
    Kol = "kol", "发卡片给意见领袖；收不到卡片的，请群主转给他";
} }

choices! { PlaybookStop {
    StaffSpoke = "staff-spoke", "店里的人自己说了话（照着话术说的不算）";
} }

/// When a step is said: `"quiet-for 20m"`, `"asked"`, `"not-asked"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConditionText(pub StepCondition);

const QUIET_FOR: &str = "quiet-for ";

impl Spelled for ConditionText {
    const SHAPE: Shape = Shape::Special { chinese: "条件", example: "quiet-for 20m" };
    const PATTERN: Option<&'static str> = Some("^(asked|not-asked|quiet-for [0-9]+[smhd])$");

    fn parse(text: &str) -> Result<Self, Misspelled> {
        match text {
            "asked" => return Ok(Self(StepCondition::Asked)),
            "not-asked" => return Ok(Self(StepCondition::NotAsked)),
            _ => {}
        }
        let Some(quiet) = text.strip_prefix(QUIET_FOR) else {
            let hint =
                "可以写：\"quiet-for 20m\" 这么久没有成员说话、\"asked\" 有成员提问、\"not-asked\" 没有人问";
            return Err(Misspelled::new("bad-condition", format!("条件 {text:?} 看不懂"), hint));
        };
        Duration::parse(quiet).map(|Duration(quiet)| Self(StepCondition::QuietFor(quiet)))
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    #[test]
    fn reads_conditions() {
        let read = |text: &str| ConditionText::parse(text).map(|condition| condition.0);
        assert_eq!(read("asked"), Ok(StepCondition::Asked));
        assert_eq!(read("not-asked"), Ok(StepCondition::NotAsked));
        assert_eq!(read("quiet-for 20m"), Ok(StepCondition::QuietFor(SignedDuration::from_mins(20))));
        assert_eq!(read("quiet").expect_err("no condition").code, "bad-condition");
        assert_eq!(read("quiet-for 20分钟").expect_err("no duration").code, "bad-duration");
    }
}
