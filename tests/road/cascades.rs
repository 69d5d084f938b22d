//! A cascade over real HTTP: from the operator's socket down to the staff, acknowledged by taps and
//! words, told in the end; with people whom nothing reaches.

use serde_json::Value;
use zhanggui::decision::{CascadeRequest, Reach, Standing};
use zhanggui::web::control::{Answer, AskCascade, call};

use crate::support::{Town, text_of};

const CASCADE: &str = "cold-chain-check";

#[tokio::test(flavor = "multi_thread")]
async fn an_announcement_goes_down_and_comes_back() {
    let mut town = Town::open().await;
    let started = town.cascade(start("first")).await;
    assert!(started.done && started.told.contains("7 人，现在开始"), "{started:?}");
    assert!(town.cascade(start("first")).await.told.contains("不再重复"));

    // The directly run store's owner is nobody in this corp: nobody waits for them.
    let calls = town.calls(4).await;
    assert_eq!(receivers(&calls), ["chen.fang", "chen.fang", "sun.qian", "sun.qian"]);
    town.reason("cascades/unreachable").await;
    town.ask("sun.qian", "收到").await;
    assert_eq!(town.answered().await, "text");
    town.advance("5s").await;

    let calls = town.calls(4).await;
    assert_eq!(receivers(&calls), ["wang.min", "wang.min", "zhao.lei", "zhao.lei"]);
    let card = town.card("wang.min").await;
    // The card stays as it is, as on a phone that has no network: it can be tapped again.
    town.fault("message/update_template_card", "60020").await;
    town.tap("wang.min", &card, "received").await;
    town.failed("message/update_template_card", Some(60020)).await;
    town.tap("wang.min", &card, "received").await;
    assert_eq!(town.sent("message/update_template_card").await["button"]["replace_name"], "已收到");
    town.reason("cascades/acknowledged_before").await;
    town.advance("5s").await;

    let calls = town.calls(2).await;
    assert_eq!(receivers(&calls), ["li.na", "li.na"]);
    town.ask("li.na", "收到").await;
    assert_eq!(town.answered().await, "text");
    town.finish_cascade("first", 1, 3).await;
    town.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_is_reminded_and_told_to_those_above() {
    let mut town = Town::open().await;
    town.cascade(start("second")).await;
    town.calls(4).await;
    town.reason("cascades/unreachable").await;
    town.advance("4h").await;
    let reminder = town.sent("message/send").await;
    assert_eq!(reminder["touser"], "sun.qian");
    assert!(text_of(&reminder).starts_with("提醒：「换季冷柜自查」"), "{reminder:#}");
    // A restart in between changes nothing.
    let mut town = town.close().await.open().await;
    town.advance("20h").await;
    let calls = town.calls(7).await;
    let told = ["lin.yun", "wang.min", "wang.min", "zhao.lei", "zhao.lei", "zhou.qi", "zhou.qi"];
    assert_eq!(receivers(&calls), told);
    let news = calls.iter().find(|call| call["body"]["touser"] == "lin.yun").expect("news for ops");
    assert!(text_of(&news["body"]).contains("有 2 处到期没有人回执"), "{news:#}");
    let cancel = CascadeRequest::Cancel { run: "second".into() };
    assert!(town.cascade(cancel).await.told.contains("已取消"));
    town.advance("3d").await;
    town.finish().await;
}

fn start(run: &str) -> CascadeRequest {
    CascadeRequest::Start { run: run.into(), cascade: CASCADE.into() }
}

/// To whom they were, sorted: people are written to side by side.
fn receivers(calls: &[Value]) -> Vec<&str> {
    let mut people: Vec<&str> = calls.iter().filter_map(|call| call["body"]["touser"].as_str()).collect();
    people.sort_unstable();
    people
}

impl Town {
    /// Asks the running bot as `zhanggui cascade` does.
    async fn cascade(&self, request: CascadeRequest) -> Answer {
        let asked = AskCascade { request, by: "lin.yun".into() };
        call(&self.file("bot"), "cascade", &asked).await.expect("the bot answers")
    }

    async fn calls(&mut self, count: usize) -> Vec<Value> {
        let mut calls = Vec::new();
        while calls.len() < count {
            let call = self.next_call("a message to somebody").await;
            assert_eq!(call["path"], "/cgi-bin/message/send", "{call:#}");
            calls.push(call);
        }
        calls
    }

    /// Cancels the run and looks at its figures.
    async fn finish_cascade(&self, run: &str, unreachable: usize, acknowledged: usize) {
        let reader = self.reader();
        let runs = reader.cascade_runs(Some(run)).expect("the runs can be read");
        let memory = reader.cascade(&runs[0].id).expect("it can be read").expect("a run");
        let reach = Reach::of(&memory, self.now().await);
        assert_eq!(
            (reach.all.acknowledged, reach.all.unreachable),
            (acknowledged, unreachable),
            "{reach:#?}"
        );
        let unreached = reach.people.iter().find(|person| person.standing == Standing::Unreachable);
        assert_eq!(unreached.map(|person| person.person.as_str()), Some("chen.fang"));
        let cancel = CascadeRequest::Cancel { run: run.into() };
        assert!(self.cascade(cancel).await.done);
    }
}
