//! `**/*.story.toml`: what must happen, told beside the rules that make it happen.

use crate::choices;
use crate::files::{Ago, AnyText, At, ClockTime, Duration, Id, Map, Moment, OneOrMore, Text, Whole};
use crate::rules::GroupEar;
use crate::table;

use super::HandName;

table! {
    /// 故事：先发生什么，机器人该做什么。
    pub struct StoriesFile {
        /// 一个故事写 [story]；几个故事就写几次 [[story]]，各自的经过写成 [[story.step]]。
        story: OneOrMore<StoryEntry>, required;
        /// 只有一个 [story] 时，它的经过，一步一步写。
        step: Vec<At<StepEntry>>, default = [];
    }
}

table! {
    /// 一个故事。
    pub struct StoryEntry {
        /// 故事的名字：一句话说清它保证什么。
        title: Text, required;
        /// 群规编号：故事发生在按这套群规管的群里。
        profile: Id, required;
        /// 从什么时候开始；不写时差就是品牌的时区。
        starts: Moment, required;
        /// 群属于哪家门店（stores.toml）；不写就不属于哪一家。
        store: Id, optional;
        /// 什么群。
        kind: StoryGroup, default = "internal";
        /// 靠什么听到；不写的话，内部群是 group-robot，客户群是 archive 和 events。
        ears: Vec<At<GroupEar>>, optional;
        /// 靠什么做事；不写的话，内部群是 appchat 和 staff-task，客户群是 staff-task。
        hands: Vec<At<HandName>>, optional;
        /// 一开始就在群里的人；店员不用写，直接用他的账号。
        members: Vec<At<StoryMember>>, default = [];
        /// 故事里照常走的排期（排期编号）；不写就一个也不走。
        schedules: Vec<At<Id>>, default = [];
        /// 群是多久以前建的；不写就不知道。
        created: Ago, optional;
        /// 群里走哪些剧本（playbooks/ 里的编号）；不写就一个也不走。
        playbooks: Vec<At<Id>>, default = [];
        /// 平台不让机器人移人的原因；写了就每次都移不成。
        removals_fail: Text, optional;
        /// 经过，一步一步写。
        step: Vec<At<StepEntry>>, default = [];
    }
}

table! {
    /// 一开始就在群里的一个人。
    pub struct StoryMember {
        /// 名字，故事里就这么叫他。
        name: Text, required;
        /// 是群里的什么人。
        role: StoryRole, default = "member";
        /// 多久以前进的群。
        joined: Ago, default = "2d ago";
    }
}

table! {
    /// 一步：发生一件事（或只是过了一会儿），机器人该做什么。
    pub struct StepEntry {
        /// 离上一步多久。
        after: Duration, default = "0s";
        /// 到这个钟点才发生；和 after 一起写，就是过了那么久以后的第一个这个钟点。
        at: ClockTime, optional;
        /// 谁。
        from: Text, optional;
        /// 在群里说的话。
        says: Text, optional;
        /// 私聊应用说的话。
        asks: Text, optional;
        /// 在群里 @ 机器人说的话；可以是空的 ""。
        mentions_robot: AnyText, optional;
        /// 这些人进群。
        joins: Vec<At<Text>>, optional;
        /// 这些人是扫哪个进群码进来的，写它的记号（state）；和 joins 一起写。
        by_code: Text, optional;
        /// 这些人退群。
        leaves: Vec<At<Text>>, optional;
        /// 点最近一张卡片上的按钮。
        taps: CardButton, optional;
        /// 开始这次传达（cascades/），写它的编号；from 是谁让开始的，可以不写。
        starts_cascade: Id, optional;
        /// 取消这次传达。
        cancels_cascade: Id, optional;
        /// 平台没做成机器人刚做的最后一件事；写原因。
        fails: Text, optional;
        /// 机器人该做的事，按先后；不写就是什么也不该做。
        expect: Vec<At<ExpectEntry>>, default = [];
        /// 处理记录里必须有的判断，写成 "moderation/ad" 这样。
        because: Vec<At<Text>>, default = [];
        /// 请店员发一条朋友圈，像 zhanggui moment send；from 是谁让发的，可以不写。
        sends_moment: StoryMoment, optional;
        /// 取消这条朋友圈，写它的名字。
        cancels_moment: Id, optional;
        /// 这些人把请他们发的朋友圈发了出去。
        publishes: Vec<At<Text>>, optional;
        /// 客户给他们的朋友圈点的赞、写的评论，一共多少。
        liked: Vec<At<StoryEcho>>, optional;
    }
}

table! {
    /// 机器人该做的一件事。文字只用小写字母、数字和横线写的，当作话术编号；其他的，要在说的话里找得到。
    pub struct ExpectEntry {
        /// 在群里说。
        post: Text, optional;
        /// 把这个人移出群。
        remove: Text, optional;
        /// 私聊一个人说。
        tell: Text, optional;
        /// 当场回答。
        answer: Text, optional;
        /// 发一张待办卡，标题里有这段文字。
        card: Text, optional;
        /// 把点过的卡片改成这样。
        card_says: Text, optional;
        /// 说话时点了谁的名，按先后；没点谁写 []。
        mentions: Vec<At<Text>>, optional;
        /// 私聊或待办卡发给谁。
        to: Text, optional;
        /// 待办卡上写的原因里有这段文字。
        why: Text, optional;
        /// 待办卡上要贴的话。
        paste: Text, optional;
        /// 用哪只手做的。
        by: ByHand, optional;
        /// 请店员发朋友圈；一种内容写一项。
        moment: Text, optional;
        /// 请了哪些人发，按先后；和 moment 一起写。
        people: Vec<At<Text>>, optional;
    }
}

table! {
    /// 请店员发的一条朋友圈；几个条件都写，就都要符合。
    pub struct StoryMoment {
        /// 话术编号，场景要是 moments。
        script: Id, required;
        /// 这一次的名字；不写就是话术编号。
        name: Id, optional;
        /// 只请这些门店的人，写编号；不写就是所有门店。
        stores: Vec<At<Id>>, default = [];
        /// 只请这些区域的门店。
        regions: Vec<At<Text>>, default = [];
        /// 只请这些人，写账号。
        staff: Vec<At<Text>>, default = [];
        /// 话术里要填的空：名字 = 内容。
        answers: Map<Text>, default = {};
        /// 多久以内可以发。
        deadline: Duration, default = "24h";
        /// 过多久提醒还没发的人，一次。
        remind_after: Duration, default = "4h";
    }
}

table! {
    /// 客户给一个人的朋友圈点了多少赞，写了多少条评论。
    pub struct StoryEcho {
        /// 谁发的。
        of: Text, required;
        /// 赞。
        likes: Whole<0, 100_000>, default = 0;
        /// 评论。
        comments: Whole<0, 100_000>, default = 0;
    }
}

/// What kind of group a story happens in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoryGroup {
    Internal,
    Customer,
}

choices! { StoryGroup {
    Internal = "internal", "内部群，应用建的";
    Customer = "customer", "客户群，机器人不能直接说话和移人";
} }

/// What somebody is in a story's group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoryRole {
    Owner,
    Staff,
    Kol,
    Member,
}

choices! { StoryRole {
    Owner = "owner", "群主";
    Staff = "staff", "客户群里本企业的人";
    Kol = "kol", "意见领袖";
    Member = "member", "普通成员";
} }

/// A button of a card: one of a staff task's, or the group of an offer by its place, or a
/// cascade's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CardButton {
    Done,
    Refuse,
    Remove,
    Misjudged,
    FirstGroup,
    SecondGroup,
    Received,
}

choices! { CardButton {
    Done = "done", "待办卡：已处理，或我已发";
    Refuse = "refuse", "待办卡：不处理，或不发";
    Remove = "remove", "请人看的卡：移出";
    Misjudged = "misjudged", "管广告的卡：误判";
    FirstGroup = "group0", "发到群：只有一个群时的按钮，或第一个群";
    SecondGroup = "group1", "发到群：第二个群";
    Received = "received", "传达的回执卡：收到";
} }

/// A hand without its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ByHand {
    Appchat,
    Webhook,
    App,
    Answer,
    StaffTask,
    MassSend,
}

choices! { ByHand {
    Appchat = "appchat", "应用自己在群里做";
    Webhook = "webhook", "群里的消息推送机器人";
    App = "app", "应用私聊";
    Answer = "answer", "当场回答";
    StaffTask = "staff-task", "发待办卡请人做";
    MassSend = "mass-send", "企业群发，群主确认";
} }
