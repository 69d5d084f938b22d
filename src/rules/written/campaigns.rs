//! `config/campaigns/*.toml`

use super::{CatchUpTable, CronText, DayRuleText, SelectorTable, TimeZoneName};
use crate::files::{At, ClockTime, Day, Duration, Id, SkipOr, Text, Whole};
use crate::table;

table! {
    /// 活动：一件事分几次说，先请人看过再发，卖完了就停。
    pub struct CampaignsFile {
        /// 一个活动。
        campaign: Vec<At<CampaignEntry>>, default = [];
    }
}

table! {
    /// 一个活动。
    pub struct CampaignEntry {
        /// 活动编号；话术里写 {{ campaign("编号").days_left }} 就是它。
        id: Id, required;
        /// 活动的名字，给人看。
        title: Text, required;
        /// 从哪天开始。
        from: Day, optional;
        /// 到哪天为止，这天还发，过后一条也不发。
        to: Day, optional;
        /// 倒计时数到哪天；不写就是 to。
        day: Day, optional;
        /// 卖的是哪种商品（prices.toml 里的编号）：店里的人私聊应用“售罄 商品名”，后面的就不发了。不写也可以说“售罄 活动名”。
        product: Id, optional;
        /// 第一条发出去以前要谁同意；不写就不用问。
        approval: ApprovalTable, optional;
        /// 给哪些群。
        groups: SelectorTable, default = {};
        /// 按哪里的时间；不写就是品牌的时区。
        timezone: TimeZoneName, optional;
        /// 各个群在这段时间里错开发。
        jitter: Duration, default = "0s";
        /// 到点时没能发（机器人停着、断网）怎么办，和排期里一样。
        missed: SkipOr<CatchUpTable>, default = "skip";
        /// 先停用，留着以后再开。
        off: bool, default = false;
        /// 一步一步写。
        step: Vec<At<CampaignStepEntry>>, required;
    }
}

table! {
    /// 谁来同意。
    pub struct ApprovalTable {
        /// "ops" 是运营（zhanggui.toml 里 [brand] 的 ops），或者组织里的一处（org.toml 里的节点编号）；那里的人谁同意都行。
        by: Id, required;
        /// 第一条发出去以前多久去问。
        ask_before: Duration, default = "24h";
    }
}

table! {
    /// 活动里的一步：什么时候发哪条话术。时间写法三选一：cron；on 加 at；days_before 加 at。
    pub struct CampaignStepEntry {
        /// 这一步的编号；活动编号、横线、它合起来就是排期的编号。
        id: Id, required;
        /// 这一步的名字，给人看。
        title: Text, required;
        /// 每逢什么时间发，写法和排期一样，例如 "0 10 * * 1" 是每个星期一 10:00。
        cron: CronText, optional;
        /// 写了 cron 时，只在这些日子发。
        only: Vec<At<DayRuleText>>, default = [];
        /// 写了 cron 时，这些日子不发。
        except: Vec<At<DayRuleText>>, default = [];
        /// 就在这几天发。
        on: Vec<At<Day>>, default = [];
        /// 离 day 还有几天的时候发，例如 [7, 3, 1]，0 是当天。
        days_before: Vec<At<Whole<0, 366>>>, default = [];
        /// 几点，和 on、days_before 一起写。
        at: ClockTime, optional;
        /// 发哪条话术（话术编号）。
        post: Id, required;
        /// 这一步只给哪些群；不写就照活动的。
        groups: SelectorTable, optional;
        /// 这一步先停用。
        off: bool, default = false;
    }
}
