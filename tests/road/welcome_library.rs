//! The library of group welcomes over real HTTP: shown, applied, changed, and gone on with after faults.

use serde_json::Value;
use zhanggui::decision::{KnownTemplate, LibraryPlan, TemplateStanding, plan_welcome_library};
use zhanggui::web::control::{Answer, AskWelcomeLibrary, LibraryRequest, call};

use crate::support::Town;

const ADD: &str = "externalcontact/group_welcome_template/add";
const EDIT: &str = "externalcontact/group_welcome_template/edit";
const DELETE: &str = "externalcontact/group_welcome_template/del";
const LIBRARY: &str = "config/welcome-library.toml";
const SCRIPTS: &str = "bot-scripts/welcome/customers.toml";

impl Town {
    /// Asks the running bot as `zhanggui welcome-library` does.
    async fn library(&self, request: LibraryRequest) -> Answer {
        let asked = AskWelcomeLibrary { request, by: "lin.yun".into() };
        call(&self.file("bot"), "welcome-library", &asked).await.expect("the bot answers")
    }

    async fn apply(&self) -> String {
        let answer = self.library(LibraryRequest::Apply { all: false }).await;
        assert!(answer.done, "{answer:?}");
        answer.told
    }

    fn known(&self) -> Vec<KnownTemplate> {
        self.reader().welcome_templates().expect("they can be read")
    }

    /// What `zhanggui welcome-library diff` compares.
    async fn diff(&self) -> LibraryPlan {
        let (config, scripts) = (self.file("config"), self.file("bot-scripts"));
        let rules = zhanggui::app::read_files(&config, &scripts).expect("good files").rulebook;
        let today = self.now().await.to_zoned(rules.timezone.clone()).date();
        plan_welcome_library(&rules, &self.known(), today, false).expect("it fits")
    }

    async fn steps(&self) -> Vec<(&'static str, String)> {
        let plan = self.diff().await;
        plan.changes.into_iter().map(|change| (change.step.chinese(), change.key)).collect()
    }

    /// Texts of the library on the platform.
    async fn templates(&self) -> Vec<String> {
        let items = self.get("/sim/welcome-templates").await;
        let text = |item: &Value| item["text"].as_str().expect("a text").to_owned();
        items["items"].as_array().expect("a list").iter().map(text).collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_shown_is_applied_and_a_changed_script_is_an_edit() {
    let mut town = Town::open().await;
    let keys = [
        "welcome-direct-sale@chaoyang",
        "welcome-direct-sale@tongzhou",
        "welcome-direct-sale@hexi",
        "welcome-moms",
    ];
    assert_eq!(town.steps().await, keys.map(|key| ("新增", key.to_owned())));
    assert!(town.apply().await.contains("新增 4 份"));
    for _ in keys {
        let body = town.sent(ADD).await;
        assert!(body["text"]["content"].as_str().expect("words").starts_with("%NICKNAME%，欢迎"), "{body:#}");
    }
    town.reason("welcome_library/synced").await;
    assert_eq!(town.steps().await, []);
    assert!(town.templates().await.iter().any(|text| text.contains("欢迎来山谷小铺通州店坐坐")));
    assert!(town.apply().await.contains("什么也不用改"));

    // A restart changes nothing.
    let mut town = town.close().await.open().await;
    town.change_file(SCRIPTS, |text| text.replace("晚上九点以后我们不发消息", "晚上八点以后我们不发消息"))
        .await;
    assert_eq!(town.steps().await, [("修改", "welcome-moms".to_owned())]);
    town.apply().await;
    assert!(town.sent(EDIT).await["text"]["content"].as_str().expect("words").contains("晚上八点"));
    town.until("the edit", async || town.steps().await.is_empty().then_some(())).await;

    let told = town.change_file(LIBRARY, |text| text.replace(", \"hexi\"", "")).await;
    assert!(told.contains("山谷小铺河西店：撤下入群欢迎语「"), "{told}");
    assert_eq!(town.steps().await, [("删除", "welcome-direct-sale@hexi".to_owned())]);
    town.apply().await;
    town.sent(DELETE).await;
    town.until("the deletion", async || (town.templates().await.len() == 3).then_some(())).await;
    town.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_in_the_middle_is_told_once_and_the_next_apply_goes_on() {
    let mut town = Town::open().await;
    town.change_file(LIBRARY, |text| {
        text.replace("\"chaoyang\", \"tongzhou\", \"hexi\"", "\"chaoyang\", \"hexi\"")
    })
    .await;
    town.fault(ADD, "60020").await;
    town.apply().await;
    town.failed(ADD, Some(60020)).await;
    for _ in 0..2 {
        town.sent(ADD).await;
    }
    let news = town.told_ops().await;
    assert!(
        news.contains("有 1 份没有同步好") && news.contains("朝阳店") && news.contains("可信IP"),
        "{news}"
    );
    assert_eq!(town.steps().await, [("新增", "welcome-direct-sale@chaoyang".to_owned())]);
    assert!(town.apply().await.contains("新增 1 份"));
    town.sent(ADD).await;
    town.until("the rest", async || town.steps().await.is_empty().then_some(())).await;
    town.finish().await;
}

/// Nobody can list the library, so what may be there is not made a second time unless a person has looked.
#[tokio::test(flavor = "multi_thread")]
async fn what_may_have_been_added_is_not_added_again() {
    let mut town = Town::open().await;
    town.change_file(LIBRARY, |_| "[[template]]\nscript = \"welcome-moms\"\n".to_owned()).await;
    town.fault(ADD, "timeout").await;
    town.apply().await;
    town.failed(ADD, None).await;
    let mut town = town.close().await.open().await;
    let news = town.told_ops().await;
    assert!(news.contains("forget welcome-moms"), "{news}");
    assert_eq!(town.known()[0].standing, TemplateStanding::Doubt);
    assert!(town.apply().await.contains("说不准有没有加上，没有动 1 份"));
    let forget = LibraryRequest::Forget { key: "welcome-moms".into() };
    assert!(town.library(forget.clone()).await.done);
    assert!(!town.library(forget).await.done, "it is forgotten");
    town.apply().await;
    town.sent(ADD).await;
    town.until("the template", async || (town.templates().await.len() == 1).then_some(())).await;
    // An edit is the same the second time, so its lost answer is healed by doing it again.
    town.change_file(SCRIPTS, |text| text.replace("晚上九点以后", "晚上八点以后")).await;
    town.fault(EDIT, "lost-answer").await;
    town.apply().await;
    town.failed(EDIT, None).await;
    town.advance("1m").await;
    town.sent(EDIT).await;
    town.until("the edit", async || town.steps().await.is_empty().then_some(())).await;
    assert_eq!(town.templates().await.len(), 1);
    town.finish().await;
}
