//! The organisation, made from the corp's departments over real HTTP, and taken by the running bot.

use std::process::{Command, Output};

use crate::support::Town;

const EXPECTED: &str = r#"
[[node]]
id = "dept-1"
name = "山谷小铺（示例品牌）"
people = ["lin.yun"]

[[node]]
id = "dept-2"
name = "北京经销商"
parent = "dept-1"
people = ["sun.qian"]

[[node]]
id = "chaoyang"
parent = "dept-2"
store = "chaoyang"
"#;

/// Runs `zhanggui org import --wecom` beside the bot.
async fn import(town: &Town, more: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_zhanggui"));
    command.arg("org").arg("--config").arg(town.file("config"));
    command.args(["import", "--wecom"]).args(more);
    let output = tokio::task::spawn_blocking(move || command.output()).await.expect("no panic");
    output.expect("the program runs")
}

#[tokio::test(flavor = "multi_thread")]
async fn departments_become_the_organisation_and_ops_hears_of_it() {
    let mut town = Town::open().await;
    let output = import(&town, &[]).await;
    let toml = String::from_utf8(output.stdout).expect("text");
    assert!(output.status.success() && toml.ends_with(EXPECTED), "{toml}");
    let told = town.change_file("config/org.toml", |_| toml.clone()).await;
    assert!(told.contains("新增组织节点「山谷小铺（示例品牌）」"), "{told}");
    assert!(told.contains("山谷小铺通州店：撤下组织节点「山谷小铺通州店」"), "{told}");

    let part = String::from_utf8(import(&town, &["--department", "3"]).await.stdout).expect("text");
    assert!(part.contains("id = \"dept-3\"") && !part.contains("parent"), "{part}");
    town.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_app_may_not_read_is_told_and_nothing_is_written() {
    let town = Town::open().await;
    let out = town.file("new-org.toml");
    let path = out.to_str().expect("text");
    let output = import(&town, &["--department", "99", "--out", path]).await;
    let told = String::from_utf8(output.stderr).expect("text");
    assert!(!output.status.success() && told.contains("可见范围") && told.contains("60011"), "{told}");
    assert!(!out.exists(), "{told}");

    town.fault("user/simplelist", "60020").await;
    let told = String::from_utf8(import(&town, &["--out", path]).await.stderr).expect("text");
    assert!(told.contains("可信IP") && !out.exists(), "{told}");
    town.finish().await;
}
