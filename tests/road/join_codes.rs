//! A join code over real HTTP: the bot makes it, people scan it, it moves on before a group is full.

use serde_json::{Value, json};
use zhanggui::perception::picture::codes;
use zhanggui::sim::world::CHAOYANG;

use crate::support::{Town, text_of};

const ADD: &str = "externalcontact/groupchat/add_join_way";
const UPDATE: &str = "externalcontact/groupchat/update_join_way";
/// Members at which the next group comes, here: five are there at the start.
const NEXT_BEFORE: usize = 8;

impl Town {
    /// The only code that the platform has.
    async fn code(&self) -> Value {
        let codes = self.get("/sim/join-codes").await;
        assert_eq!(codes["items"].as_array().map(Vec::len), Some(1), "{codes:#}");
        codes["items"][0].clone()
    }

    /// Somebody new scans it. Answers the group that took them.
    async fn scan(&self, code: &str, nth: usize) -> String {
        let newcomer = json!({"id": format!("wm-scanner-{nth}"), "name": format!("街坊{nth}")});
        let joined = self.post(&format!("/sim/join-codes/{code}/join"), newcomer).await;
        joined["chat_id"].as_str().expect("a group").to_owned()
    }

    /// The bot knows that so many people are in the group.
    async fn counted(&self, chat: &str, members: usize) {
        let known = async || {
            let group = self.reader().group(chat).expect("read")?;
            (group.joins.size == Some(members)).then_some(())
        };
        self.until(&format!("{members} members in {chat}"), known).await;
    }

    /// What the owner is asked to paste, and the card that asks for it.
    async fn welcome(&mut self) -> String {
        let paste = self.sent("message/send").await;
        let card = self.sent("message/send").await;
        assert_eq!((&paste["touser"], &card["touser"]), (&json!("wang.min"), &json!("wang.min")));
        text_of(&paste).to_owned()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn people_scan_and_the_next_group_comes_before_the_first_is_full() {
    let mut town = Town::open_with_join_codes(NEXT_BEFORE).await;
    let made = town.sent(ADD).await;
    assert_eq!((&made["state"], &made["chat_id_list"]), (&json!("chaoyang-counter"), &json!([CHAOYANG])));
    let config_id = town.code().await["config_id"].as_str().expect("an id").to_owned();
    town.reason("join_codes/done").await;
    let picture = town.bytes(&format!("/sim/join-codes/{config_id}/qr.png")).await;
    assert_eq!(codes(&picture).expect("a picture"), [format!("https://work.weixin.qq.com/gm/{config_id}")]);

    // Who scans is welcomed in the code's own words.
    assert_eq!(town.scan(&config_id, 1).await, CHAOYANG);
    town.counted(CHAOYANG, 6).await;
    town.advance("31s").await;
    assert!(town.welcome().await.starts_with("街坊1，刚才在收银台扫码进来的吧"));

    // A group that the code may lead to appears by itself and stands behind.
    let group = json!({"name": "山谷小铺朝阳店福利群2（示例）", "kind": "customer", "owner": "wang.min"});
    let second = town.post("/sim/groups", group).await["chat_id"].as_str().expect("an id").to_owned();
    town.counted(&second, 1).await;
    town.advance("6s").await;
    assert_eq!(town.sent(UPDATE).await["chat_id_list"], json!([CHAOYANG, second]));

    // The boundary: with one member less nothing changes.
    assert_eq!(town.scan(&config_id, 2).await, CHAOYANG);
    town.counted(CHAOYANG, NEXT_BEFORE - 1).await;
    town.advance("31s").await;
    town.welcome().await;
    assert_eq!(town.code().await["chats"], json!([CHAOYANG, second]));
    assert_eq!(town.scan(&config_id, 3).await, CHAOYANG);
    town.counted(CHAOYANG, NEXT_BEFORE).await;
    town.reason("join_codes/full").await;
    town.advance("6s").await;
    assert_eq!(town.sent(UPDATE).await["chat_id_list"], json!([second]));
    town.advance("31s").await;
    town.welcome().await;
    assert_eq!(town.scan(&config_id, 4).await, second);
    town.counted(&second, 2).await;
    town.advance("31s").await;
    town.welcome().await;

    // All are full: ops is told once, and a restart changes nothing.
    for nth in 3..=NEXT_BEFORE {
        assert_eq!(town.scan(&config_id, 10 + nth).await, second);
    }
    town.counted(&second, NEXT_BEFORE).await;
    town.advance("6s").await;
    let told = town.told_ops().await;
    assert!(told.contains("再建一个客户群") && told.contains("chaoyang-counter"), "{told}");
    town.advance("31s").await;
    town.welcome().await;
    let mut town = town.close().await.open().await;
    town.advance("1m").await;
    assert_eq!(town.code().await["chats"], json!([second]));

    // Somebody makes one: the code moves on by itself.
    let group = json!({"name": "山谷小铺朝阳店福利群3（示例）", "kind": "customer", "owner": "wang.min"});
    let third = town.post("/sim/groups", group).await["chat_id"].as_str().expect("an id").to_owned();
    town.counted(&third, 1).await;
    town.advance("6s").await;
    assert_eq!(town.sent(UPDATE).await["chat_id_list"], json!([third]));
    town.finish().await;
}

const WRITTEN: &str =
    "[[join_code]]\nid = \"counter\"\ntitle = \"进群\"\ngroups = { stores = [\"chaoyang\"] }\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_code_that_may_exist_is_told_to_ops_and_not_asked_for_again() {
    let mut town = Town::open().await;
    town.fault(ADD, "lost-answer").await;
    let folder = town.file("config/join-codes");
    std::fs::create_dir(&folder).expect("a writable folder");
    std::fs::write(folder.join("counter.toml"), WRITTEN).expect("a writable file");
    // The news of the file, and the request that it leads to, in whatever order.
    let mut calls = [town.next_call("the news").await, town.next_call("the code").await];
    calls.sort_by_key(|call| call["path"].to_string());
    assert_eq!((&calls[0]["path"], &calls[0]["errcode"]), (&json!(format!("/cgi-bin/{ADD}")), &Value::Null));
    assert!(calls[1].to_string().contains("新增进群码"), "{}", calls[1]);
    let told = town.told_ops().await;
    assert!(told.contains("zhanggui join-codes retry counter"), "{told}");
    town.advance("1h").await;
    let town = town.close().await.open().await;
    town.advance("1h").await;
    town.finish().await;
}
