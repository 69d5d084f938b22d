//! `config/profiles/*.toml`

use crate::files::{At, Duration, HoursOfDay, Id, Number, OffOr, Text, Whole};
use crate::perception::SignalName;
use crate::rules::{BlacklistScope, Role, RungAct};
use crate::table;

use super::Domain;

table! {
    /// 一套群规（群画像）。
    pub struct ProfileFile {
        /// 群规的名字，给人看。
        name: Text, required;
        /// 在哪套群规的基础上改；没写的都跟它一样。
        extends: Id, optional;
        /// 欢迎新人。
        welcome: WelcomeTable, default = {};
        /// 管理广告和刷屏。
        moderation: ModerationTable, default = {};
        /// 请人做的待办。
        staff_tasks: StaffTasksTable, default = {};
        /// 成员（不是店员）在群里能问什么。
        answers: AnswersTable, default = {};
    }
}

table! {
    /// 成员（不是店员）在群里能问什么。
    pub struct AnswersTable {
        /// 用哪些话术回答；成员发的话和话术的关键词一样，就在群里回答。
        scripts: Vec<At<Id>>, default = [];
        /// 同一条回答隔这么久才说第二次。
        cooldown: Duration, default = "5m";
    }
}

table! {
    /// 欢迎新人。
    pub struct WelcomeTable {
        /// 关掉欢迎。
        off: bool, default = false;
        /// 这段时间里进群的人合在一条欢迎里。
        window: Duration, default = "30s";
        /// 欢迎用的话术编号；不写就不说话。
        script: Id, optional;
        /// 安静时段，攒到结束再欢迎；"off" 是不安静。
        quiet: OffOr<HoursOfDay>, default = "off";
        /// 这么久以内退了又来的，不再欢迎。
        repeat_after: Duration, default = "7d";
        /// 一条欢迎最多点名几个人。
        mention_at_most: Whole<0, 50>, default = 10;
    }
}

table! {
    /// 管理广告和刷屏。
    pub struct ModerationTable {
        /// 关掉管理。
        off: bool, default = false;
        /// 只判断和记录，什么也不做。
        shadow: bool, default = false;
        /// 不管这些人。
        exempt: Vec<At<Role>>, default = ["owner", "staff", "ops", "kol"];
        /// 品牌自己的域名，发这些链接不算广告。
        allow_links: Vec<At<Domain>>, default = [];
        /// 品牌自己的电话、微信号、QQ 号。
        allow_contacts: Vec<At<Text>>, default = [];
        /// 管哪几类用语（lexicons/）。
        categories: Vec<At<SignalName>>, default = ["ad", "contact", "fraud", "gambling", "adult"];
        /// 一条消息的各种迹象加起来到多少算广告。
        act_at: Number<10>, default = 1.0;
        /// 怎样算刷屏；"off" 是不管。
        flood: OffOr<FloodTable>, default = "off";
        /// 刷屏被提醒时群里听到的话术；不写就用阶梯里的。
        flood_script: Id, optional;
        /// 违规记录多久以后不再算。
        strikes_expire: Duration, default = "30d";
        /// 第几次违规做什么；超过最后一级的，按最后一级。
        ladder: Vec<At<RungEntry>>, default = [];
    }
}

table! {
    /// 怎样算刷屏。
    pub struct FloodTable {
        /// 这段时间里发了超过几条。
        messages: Whole<1, 1000>, default = 8;
        /// 或者同样的话发到几遍。
        repeats: Whole<2, 1000>, default = 3;
        /// 这段时间有多长。
        within: Duration, default = "30s";
    }
}

table! {
    /// 违规的一级。
    pub struct RungEntry {
        /// 第几次违规。
        strike: Whole<1, 100>, required;
        /// 做什么。
        acts as "do": Vec<At<RungAct>>, required;
        /// 在群里说的话术编号。
        script: Id, optional;
        /// 怎样拉黑。
        blacklist: BlacklistTable, optional;
    }
}

table! {
    /// 怎样拉黑。
    pub struct BlacklistTable {
        /// 范围。
        scope: BlacklistScope, default = "group";
        /// 多久；不写就是一直。
        lasts: Duration, optional;
    }
}

table! {
    /// 请人做的待办。
    pub struct StaffTasksTable {
        /// 多久没处理就提醒一次。
        remind_after: Duration, default = "30m";
        /// 多久没处理就交给运营。
        escalate_after: Duration, default = "2h";
        /// 多久没处理就作废。
        expire_after: Duration, default = "24h";
        /// 这段时间不提醒人；"off" 是随时提醒。
        quiet: OffOr<HoursOfDay>, default = "off";
    }
}
