//! The files change while the bot runs.

use crate::support::Town;

const GREETINGS: &str = "bot-scripts/greeting/daily.toml";

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_script_is_in_force_and_a_broken_one_is_not() {
    let mut town = Town::open().await;
    let told = town.change_file(GREETINGS, |text| text.replace("卷帘门刚拉上去", "灯刚打开")).await;
    assert_eq!(told.lines().count(), 2, "{told}");
    assert!(town.greeting().await.contains("灯刚打开"));

    let good = std::fs::read_to_string(town.file(GREETINGS)).expect("a readable file");
    std::fs::write(town.file(GREETINGS), good.replace("triggers", "trigers")).expect("written");
    let broken = async || {
        let health = town.get("/health").await;
        health["rules"]["broken"].as_str().map(|why| (health["status"].clone(), why.to_owned()))
    };
    let (status, why) = town.until("the mistake to be noticed", broken).await;
    assert_eq!(status, "degraded");
    assert!(why.contains("daily.toml"), "{why}");
    assert!(town.told_ops().await.contains("没有生效"));
    assert!(town.greeting().await.contains("灯刚打开"), "the last good version answers");

    std::fs::write(town.file(GREETINGS), good.replace("灯刚打开", "灯全亮了")).expect("written");
    let healthy = async || (town.get("/health").await["status"] == "ok").then_some(());
    town.until("the mended file", healthy).await;
    assert!(town.told_ops().await.starts_with("文件已改好，恢复正常"));
    assert!(town.greeting().await.contains("灯全亮了"));
    town.finish().await;
}

impl Town {
    pub(super) async fn greeting(&mut self) -> String {
        self.ask("li.na", "早安").await;
        assert_eq!(self.answered().await, "text");
        let messages = self.private("li.na").await;
        let texts = messages.iter().filter_map(|message| message["content"].as_str());
        let mut greetings = texts.filter(|text| text.contains("山谷小铺朝阳店开门了"));
        greetings.next_back().expect("a greeting").to_owned()
    }
}
