//! The playground, played in a real browser as a person would.

mod webdriver;

use std::io::Write;
use std::process::{Command, Stdio};

use tokio::net::TcpListener;
use webdriver::Browser;
use zhanggui::app::Playground;

/// Everything that the page loads, compressed (design: a page that opens at once on a phone).
const COMPRESSED_BYTES_AT_MOST: usize = 30_000;

const DEALERS: &str = "[data-key='chat group:wrExampleDealersGroup00000000001']";
const STORE: &str = "[data-key='chat group:wrExampleChaoyangGroup0000000001']";
const APP: &str = "[data-key='chat app:assistant']";
const AD_CHIP: &str = "[data-key='chip 发一条广告']";

async fn playground() -> (Playground, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let playground = Playground::start(folder.path(), listener).await.expect("a playground");
    (playground, folder)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_plays_the_main_road_in_a_browser() {
    let (playground, _folder) = playground().await;
    let browser = Browser::start(1440, 900).await;
    browser.open(&format!("http://{}/playground", playground.address)).await;

    what_is_pressed_stays_until_it_is_let_go(&browser).await;
    a_stranger_joins_advertises_and_is_removed(&browser).await;
    staff_ask_for_a_script(&browser).await;
    a_newcomer_is_welcomed_by_the_owner(&browser).await;
    the_owner_sees_the_evidence_and_takes_the_verdict_back(&browser).await;
    a_week_goes_by_until_it_is_stopped(&browser).await;

    assert_eq!(browser.console_errors().await, Vec::<serde_json::Value>::new());
    drop(browser);
    playground.stop().await;
}

/// A change between press and release must not take the click away.
async fn what_is_pressed_stays_until_it_is_let_go(browser: &Browser) {
    browser.sees("#people", "王敏").await;
    let stayed = browser.run(
        "const pressed = document.querySelector(\"[data-key='be wang.min']\");
        pressed.dispatchEvent(new PointerEvent('pointerdown', { bubbles: true }));
        document.querySelector(\"[data-key='be wu.ming']\").click();
        const after = (frames, then) => (frames ? requestAnimationFrame(() => after(frames - 1, then)) : then());
        after(3, () => done(pressed.isConnected));",
    );
    assert_eq!(stayed.await, true);
    browser.run("done(document.dispatchEvent(new PointerEvent('pointerup', { bubbles: true })));").await;
    browser.sees("#me", "吴鸣").await;
}

async fn a_stranger_joins_advertises_and_is_removed(browser: &Browser) {
    browser.click("[data-key='be wu.ming']").await;
    browser.click(DEALERS).await;
    browser.click("[data-key='join']").await;
    browser.sees("#log .system", "吴鸣加入了群聊").await;

    browser.click(AD_CHIP).await;
    browser.sees("#log .by-bot", "这个群不发外面的广告").await;
    browser.sees("#timeline .reasons", "第 1 次违规，执行「提醒」").await;

    // The second one is disguised.
    browser.click(AD_CHIP).await;
    browser.sees("#log .system", "将吴鸣移出了群聊").await;
    browser.sees("#outside", "吴鸣不在这个群里").await;
    browser.sees("#timeline .reasons", "吴鸣 进入品牌所有群黑名单").await;
    browser.sees("#timeline .state-done", "已完成").await;
}

async fn staff_ask_for_a_script(browser: &Browser) {
    browser.click("[data-key='be li.na']").await;
    browser.click(APP).await;
    browser.write("#words", "太贵了\n").await;
    browser.sees("#log .mine", "太贵了").await;
    browser.sees("#log .by-bot", "您说得对").await;
    browser.sees("#timeline .reasons", "给出话术「顾客说太贵了」").await;
}

/// No interface may post in a customer group: the owner is asked by a card, after the quiet hours and
/// once the join window closed.
async fn a_newcomer_is_welcomed_by_the_owner(browser: &Browser) {
    browser.click("[data-morning]").await;
    browser.sees("#clock-now .time", "08:00").await;
    browser.click("[data-key='be wm-he.xiaoyu']").await;
    browser.click(STORE).await;
    browser.click("[data-key='join']").await;
    browser.sees("#timeline .reasons", "何小雨 进群").await;

    browser.click("[data-key='be wang.min']").await;
    browser.click(APP).await;
    browser.click("[data-advance='30m']").await;
    browser.sees("#clock-now .time", "08:30").await;
    browser.sees("#log .card", "请欢迎新成员").await;
    browser.sees("#timeline .state-asked", "等人处理").await;

    browser.click(".card-buttons button").await;
    browser.sees("#log .card-label", "已由王敏处理").await;
    browser.sees("#timeline .state-done_by", "由王敏完成").await;
}

async fn the_owner_sees_the_evidence_and_takes_the_verdict_back(browser: &Browser) {
    browser.click("[data-key='be wm-passer.by']").await;
    browser.click(STORE).await;
    browser.click("[data-key='join']").await;
    browser.click(AD_CHIP).await;
    browser.click("[data-advance='5m']").await;
    browser.sees("#timeline .reasons", "请在群里提醒这位成员").await;

    browser.click("[data-key='be wang.min']").await;
    browser.click(APP).await;
    browser.sees("#log .card .why", "像广告的写法").await;
    // 已处理, 不处理, 误判; no other card has a third one.
    browser.click(".card-buttons button:nth-child(3)").await;
    browser.sees("#log .card-label", "王敏认定是误判，已撤销").await;
    browser.sees("#timeline .reasons", "被误判，撤销违规记录").await;
}

/// That all of it happens at its moment is tested in `week.rs`; here somebody watches, and has seen enough.
async fn a_week_goes_by_until_it_is_stopped(browser: &Browser) {
    browser.click("[data-key='scene 0']").await;
    browser.sees("#week-title", "朝阳店福利群（示例）」的一周").await;
    browser.sees("#week-days", "成员说了").await;
    browser.sees("#chat-title", "朝阳店福利群").await;
    browser.click("#week-stop").await;
    browser.sees("#week-hint", "停在这里了").await;
    browser.click(".week-line").await;
    browser.click("[data-advance='5m']").await;
}

#[tokio::test]
async fn the_page_is_small_enough_for_a_phone() {
    let (playground, _folder) = playground().await;
    let origin = format!("http://{}", playground.address);
    let page = load(&format!("{origin}/playground")).await;
    let assets: Vec<&str> = page.split('"').filter(|part| part.starts_with("/playground/assets/")).collect();
    assert_eq!(assets.len(), 2, "{assets:?}");
    let mut bytes = compressed(&page);
    for asset in assets {
        bytes += compressed(&load(&format!("{origin}{asset}")).await);
    }
    assert!(bytes <= COMPRESSED_BYTES_AT_MOST, "the page takes {bytes} bytes");
    playground.stop().await;
}

async fn load(address: &str) -> String {
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let response = client.get(address).send().await.expect("an answer");
    response.error_for_status().expect("found").text().await.expect("text")
}

fn compressed(text: &str) -> usize {
    let mut gzip = Command::new("gzip")
        .arg("-9c")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("gzip is installed");
    let mut input = gzip.stdin.take().expect("piped");
    // The output of one page file fits the pipe's buffer, so nobody waits for anybody.
    input.write_all(text.as_bytes()).expect("gzip reads");
    drop(input);
    gzip.wait_with_output().expect("gzip ends").stdout.len()
}
