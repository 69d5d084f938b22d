//! `config/profiles/*.toml`

use crate::files::{At, Duration, HoursOfDay, Id, Money, Number, OffOr, Text, Whole};
use crate::perception::SignalName;
use crate::rules::{BlacklistScope, ModerationRule, Role, RungAct, WelcomeStop};
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
        /// 机器人自己开口的话：排期、剧本和暖场。
        posts: PostsTable, default = {};
        /// 冷场时暖场。
        nudge: NudgeTable, default = {};
    }
}

table! {
    /// 机器人自己开口的话：排期、剧本和暖场。
    pub struct PostsTable {
        /// 安静时段，到点也不说；允许晚一些的，攒到安静结束再说，不允许的就不说了；"off" 是不安静。
        quiet: OffOr<HoursOfDay>, default = "off";
    }
}

table! {
    /// 冷场时暖场：很久没有成员说话，就说一句；要听得到群里的每条消息才有用。
    pub struct NudgeTable {
        /// 轮着说哪些话术；不写就不说。
        scripts: Vec<At<Id>>, default = [];
        /// 多久没有成员说话算冷场，只算醒着的时间。
        quiet_for: Duration, default = "4h";
        /// 大家醒着、愿意聊的时段。
        hours: HoursOfDay, default = "09:00-21:00";
        /// 一天最多说几次。
        at_most: Whole<1, 10>, default = 1;
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
        /// 欢迎以后过一阵再说的话，一步一步写，先说的写前面。
        step: Vec<At<WelcomeStepEntry>>, default = [];
        /// 从某个进群码来的人，换一条欢迎话术。
        by_join_code: Vec<At<JoinCodeEntry>>, default = [];
    }
}

table! {
    /// 欢迎以后过一阵再说的一句；对一起欢迎过的人说一次。
    pub struct WelcomeStepEntry {
        /// 欢迎以后多久。
        after: Duration, required;
        /// 进群以后这样了的人，不再说给他听；退了群的和被提醒过的，写不写都不说。
        unless: Vec<At<WelcomeStop>>, default = ["spoke", "left"];
        /// 话术编号。
        script: Id, required;
    }
}

table! {
    /// 从某个进群码来的人，换一条欢迎话术。
    pub struct JoinCodeEntry {
        /// 进群码的 state，就是做码时写的那个记号。
        state: Text, required;
        /// 欢迎用的话术编号。
        script: Id, required;
    }
}

table! {
    /// 管理广告和刷屏。
    pub struct ModerationTable {
        /// 关掉管理。
        off: bool, default = false;
        /// 只判断和记录，什么也不做。
        shadow: bool, default = false;
        /// 只有这几条规则只判断和记录，别的照做。
        shadow_rules: Vec<At<ModerationRule>>, default = [];
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
        /// 加起来到多少就请人看一眼，群里什么也听不到；不能比 act_at 大。
        ask_at: Number<10>, default = 0.5;
        /// 进群比这久的人和信得过的人，要有两种不同的迹象才处理，只有一种就请人看；"off" 是一种就够。
        second_signal_after: OffOr<Duration>, default = "7d";
        /// 怎样算信得过；"off" 是没有谁信得过。
        trust: OffOr<TrustTable>, default = "off";
        /// 怎样算一伙人进来闹；"off" 是不管。
        raid: OffOr<RaidTable>, default = "off";
        /// 怎样算同一段话群发；"off" 是不管。
        spread: OffOr<SpreadTable>, default = "off";
        /// 这些时段可以发广告；诈骗、赌博、色情什么时候都不行。
        ad_hours: Vec<At<HoursOfDay>>, default = [];
        /// 新人的名字、改了的名字也看；名字像广告就请人看一眼。
        names: bool, default = false;
        /// 提醒别人当心时说的话；引用广告来提醒大家的人不会被移出，最多请人看一眼。
        warning_words: Vec<At<Text>>, default = [];
        /// 误判以后道歉的话术；不写就不说话。
        apology_script: Id, optional;
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
    /// 怎样算信得过。
    pub struct TrustTable {
        /// 有几天说过话，而且没出过问题。
        days: Whole<1, 365>, default = 3;
        /// 多久没说话就不再算。
        expires: Duration, default = "90d";
    }
}

table! {
    /// 怎样算一伙人进来闹；闹的时候，新人的消息到了 ask_at 就处理。
    pub struct RaidTable {
        /// 几个新人的消息可疑。
        newcomers: Whole<2, 100>, default = 3;
        /// 在多长时间里。
        within: Duration, default = "10m";
        /// 进群多久以内算新人。
        joined_within: Duration, default = "1d";
        /// 从最后一个起，严多久。
        lasts: Duration, default = "1h";
    }
}

table! {
    /// 怎样算同一段话群发：几个群里的生人发了一样的话。
    pub struct SpreadTable {
        /// 品牌的几个群。
        groups: Whole<2, 100>, default = 3;
        /// 在多长时间里，最多一天。
        within: Duration, default = "1h";
        /// 少于这么多个字的话谁都会说，不算。
        letters_at_least: Whole<1, 1000>, default = 12;
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
        /// 罚什么样的红包。
        fine: FineTable, optional;
        /// 禁言多久；不写就由办的人定。
        mute: Duration, optional;
    }
}

table! {
    /// 罚的红包：请人去收，机器人不经手钱。
    pub struct FineTable {
        /// 分成几个。
        shares: Whole<1, 500>, default = 10;
        /// 一共多少钱。
        sum: Money, required;
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
