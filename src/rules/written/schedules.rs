//! `config/schedules/*.toml`

use super::{CronText, DayRuleText, SelectorTable, TimeZoneName};
use crate::files::{At, Day, Duration, Id, SkipOr, Text};
use crate::table;
use crate::timetable::Dialect;

table! {
    /// 排期：什么时候、给哪些群、发哪条话术。
    pub struct SchedulesFile {
        /// 一个排期。
        schedule: Vec<At<ScheduleEntry>>, default = [];
    }
}

table! {
    /// 一个排期。
    pub struct ScheduleEntry {
        /// 排期编号。
        id: Id, required;
        /// 排期的名字，给人看。
        title: Text, required;
        /// 什么时间发，五段依次是 分 时 日 月 星期；"30 8 * * *" 是每天 8:30，"0 20 * * 1" 是每个星期一 20:00。
        cron: CronText, required;
        /// cron 按哪种习惯写。
        dialect: Dialect, default = "unix";
        /// 按哪里的时间；不写就是品牌的时区。
        timezone: TimeZoneName, optional;
        /// 只在这些日子发，对上一个就行；不写就是哪天都行。可以写 "workday" 上班、"weekend" 周末、"holiday" 放假、"makeup" 调休上班、"lunar:正月初一"、"term:冬至"、"2026-12-24"、"2026-12-20..2027-01-03"。
        only: Vec<At<DayRuleText>>, default = [];
        /// 这些日子不发，写法和 only 一样；两边都对上就不发。
        except: Vec<At<DayRuleText>>, default = [];
        /// 从哪天开始。
        from: Day, optional;
        /// 到哪天为止，这天还发。
        to: Day, optional;
        /// 发给哪些群。
        groups: SelectorTable, default = {};
        /// 发哪条话术（话术编号）。
        post: Id, required;
        /// 各个群在这段时间里错开发，每个群每次错开得一样多；要比两次之间的时间短。
        jitter: Duration, default = "0s";
        /// 到点时没能发（机器人停着、断网）怎么办；晚两分钟以内都照发，再晚就看这里："skip" 算了，{ catch_up_within = "30m" } 晚半小时以内补发。
        missed: SkipOr<CatchUpTable>, default = "skip";
        /// 先停用，留着以后再开。
        off: bool, default = false;
    }
}

table! {
    /// 晚了还补发。
    pub struct CatchUpTable {
        /// 晚这么久以内都补发。
        catch_up_within: Duration, required;
    }
}
