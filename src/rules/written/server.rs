//! `config/zhanggui.toml`

use super::{ColoursTable, GitTable, ListenAddress, TimeZoneName, WebAddress};
use crate::files::{AnyText, At, Duration, Id, SecretSource, Text, Whole};
use crate::rules::SendBudget;
use crate::table;

table! {
    /// 服务器、品牌和平台连接。
    pub struct ServerFile {
        /// 服务器本身。
        server: ServerTable, required;
        /// 品牌。
        brand: BrandTable, required;
        /// 企业微信的连接。
        wecom: WecomTable, required;
        /// 从 git 远端自动拉取话术和规则；不写就不拉取。
        git: GitTable, optional;
    }
}

table! {
    /// 服务器本身。
    pub struct ServerTable {
        /// 在哪个地址和端口等平台的回调。
        listen: ListenAddress, default = "127.0.0.1:8080";
        /// 品牌的时区：营业日、安静时段和文字里的时间都按它。
        timezone: TimeZoneName, default = "Asia/Shanghai";
        /// 消息和日志保存多久。
        retention: Duration, default = "90d";
    }
}

table! {
    /// 品牌。
    pub struct BrandTable {
        /// 品牌编号。
        id: Id, required;
        /// 品牌名，话术里的 {{ brand }}。
        name: Text, required;
        /// 运营同事的企业微信账号（userid）：告警和没人处理的待办发给第一位。
        ops: Vec<At<Text>>, required;
        /// 品牌的颜色，画进群海报用。
        colours: ColoursTable, default = {};
    }
}

table! {
    /// 企业微信的连接。
    pub struct WecomTable {
        /// 接口地址；接模拟器时改成它的地址。
        api: WebAddress, default = "https://qyapi.weixin.qq.com";
        /// 自建应用，至少一个。
        app: Vec<At<AppEntry>>, required;
        /// 老式群机器人，能听到群里每条消息。
        robot: Vec<At<RobotEntry>>, default = [];
        /// 智能机器人，听到 @ 它的消息。
        aibot: Vec<At<AibotEntry>>, default = [];
        /// 群里的消息推送机器人，只会发。
        webhook: Vec<At<WebhookEntry>>, default = [];
        /// 会话内容存档。
        archive: Vec<At<ArchiveEntry>>, default = [];
        /// 一个客户群能收多少条企业群发；和管理后台“群发助手 → 群发规则”里选的一样。
        send_budget: SendBudget, default = "monthly";
    }
}

table! {
    /// 自建应用。
    pub struct AppEntry {
        /// 应用编号，也是回调地址 /callback/wecom/编号 的最后一段。
        id: Id, required;
        /// 企业 ID（ww 开头），在管理后台“我的企业”里。
        corp_id: Text, required;
        /// 应用的 AgentId。
        agent_id: Whole<1, { i64::MAX }>, required;
        /// 应用的 Secret 放在哪里。
        secret: SecretSource, required;
        /// 接收消息的 Token 放在哪里；换的时候新旧两个都写。
        token: Vec<At<SecretSource>>, required;
        /// 接收消息的 EncodingAESKey 放在哪里；换的时候新旧两个都写。
        encoding_aes_key: Vec<At<SecretSource>>, required;
        /// 是不是“可调用接口的应用”，能读客户群名单。
        sync: bool, default = false;
    }
}

table! {
    /// 老式群机器人。
    pub struct RobotEntry {
        /// 机器人编号，也是回调地址 /callback/wecom/编号 的最后一段。
        id: Id, required;
        /// 接收消息的 Token 放在哪里。
        token: Vec<At<SecretSource>>, required;
        /// 接收消息的 EncodingAESKey 放在哪里。
        encoding_aes_key: Vec<At<SecretSource>>, required;
        /// 密文里的 receiveid，一般不用写。
        receive_id: AnyText, default = "";
    }
}

table! {
    /// 智能机器人。
    pub struct AibotEntry {
        /// 机器人编号，也是回调地址 /callback/aibot/编号 的最后一段。
        id: Id, required;
        /// 机器人的名字，成员 @ 它时用。
        name: Text, required;
        /// 接收消息的 Token 放在哪里。
        token: Vec<At<SecretSource>>, required;
        /// 接收消息的 EncodingAESKey 放在哪里。
        encoding_aes_key: Vec<At<SecretSource>>, required;
    }
}

table! {
    /// 群里的消息推送机器人。
    pub struct WebhookEntry {
        /// 编号，群文件里写成 "webhook:编号"。
        id: Id, required;
        /// 推送地址里 key= 后面那一段放在哪里。
        key: SecretSource, required;
    }
}

table! {
    /// 会话内容存档。
    pub struct ArchiveEntry {
        /// 企业 ID（ww 开头），也是 /ears/archive/企业ID 的最后一段。
        corp_id: Text, required;
        /// 拉取程序签名用的密钥放在哪里。
        hmac_key: SecretSource, required;
    }
}
