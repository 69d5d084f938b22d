//! `token-check`: does an app's connection work, and if not, what must IT change where?

use super::Api;
use super::codes::Class;
use super::connection::AppConnection;
use super::error::CallError;
use crate::decision::GroupId;

/// What one app's connection can do, in the order it was tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnosis {
    /// The app's id in our configuration.
    pub app: String,
    pub findings: Vec<Finding>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// `false` when IT must act before the bot can work with this app.
    pub good: bool,
    /// Chinese, for IT.
    pub person: String,
    /// English, for the log; empty when all is well.
    pub log: String,
}

impl Diagnosis {
    pub fn is_good(&self) -> bool {
        self.findings.iter().all(|finding| finding.good)
    }
}

impl Finding {
    fn good(person: impl Into<String>) -> Self {
        Self { good: true, person: person.into(), log: String::new() }
    }

    fn bad(person: impl Into<String>, error: &CallError) -> Self {
        Self { good: false, person: person.into(), log: error.to_string() }
    }

    /// Something that not every app needs.
    fn note(person: impl Into<String>, error: &CallError) -> Self {
        Self { good: true, person: person.into(), log: error.to_string() }
    }
}

/// A group that does not exist: reading it changes nothing, yet passes the platform's checks of caller IP and
/// permission, which gettoken does not make.
const PROBE_CHAT: &str = "zhangguitokencheck";
/// Codes about the group itself (§2.2, §4.5): IP and permission were accepted.
const NO_SUCH_CHAT: &[i64] = &[40050, 86001, 86003, 86008, 86201];
/// Codes about the app as a whole: caller IP not trusted, app disabled, authorization void or taken back.
const BLOCKS_EVERYTHING: &[i64] = &[60020, 50003, 48004, 48006];

impl Api {
    /// Fetches a token, then makes harmless reading calls. `reads_customer_groups` asks for the permission that
    /// `sync = true` needs.
    pub async fn diagnose(&self, app: &AppConnection, reads_customer_groups: bool) -> Diagnosis {
        let mut findings = Vec::new();
        match self.token(app, None).await {
            Err(error) => findings.push(Finding::bad(error.person(), &error)),
            Ok(_) => {
                findings.push(Finding::good("企业 ID 和 secret 正确，已取得 access_token"));
                let probe = self.appchat(app, &GroupId::from(PROBE_CHAT)).await.map(drop);
                findings.extend(about_probe(probe));
                if reads_customer_groups && findings.iter().all(|finding| finding.good) {
                    findings.push(about_customer_groups(self.may_read_customer_groups(app).await));
                }
            }
        }
        Diagnosis { app: app.id.to_string(), findings }
    }
}

fn about_probe(probe: Result<(), CallError>) -> Vec<Finding> {
    let trusted = || Finding::good("本机 IP 可以调用接口");
    let Err(error) = probe else { return vec![trusted()] };
    match error.refusal() {
        Some(refusal) if BLOCKS_EVERYTHING.contains(&refusal.code) => {
            vec![Finding::bad(error.person(), &error)]
        }
        Some(refusal) if NO_SUCH_CHAT.contains(&refusal.code) => {
            vec![trusted(), Finding::good("可以使用应用群（appchat）")]
        }
        Some(refusal) if refusal.class() == Class::Never => {
            let person = format!("不能使用应用群（appchat）：{}。不用应用群可以忽略", error.person());
            vec![trusted(), Finding::note(person, &error)]
        }
        _ => vec![Finding::bad(error.person(), &error)],
    }
}

fn about_customer_groups(answer: Result<(), CallError>) -> Finding {
    match answer {
        Ok(()) => Finding::good("可以读取客户群"),
        Err(error) => Finding::bad(format!("不能读取客户群：{}", error.person()), &error),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::scripted::{Answer, Platform, SECRET, app, errcode, nowhere};
    use super::super::{Api, GETTOKEN, READ_APPCHAT};
    use super::*;
    use crate::clock::Clock;

    const LIST: &str = "/cgi-bin/externalcontact/groupchat/list";

    /// All that is bad, in one text.
    fn complaints(diagnosis: &Diagnosis) -> String {
        let bad = diagnosis.findings.iter().filter(|finding| !finding.good);
        bad.map(|finding| finding.person.as_str()).collect()
    }

    #[tokio::test]
    async fn a_good_connection_is_called_good() {
        let platform = Platform::start().await;
        platform.refuse(READ_APPCHAT, 40050);
        let diagnosis = platform.api().diagnose(&app(), true).await;
        assert!(diagnosis.is_good(), "{diagnosis:?}");
        assert_eq!(diagnosis.findings.len(), 4);
    }

    #[tokio::test]
    async fn mistakes_at_the_token_are_told_in_plain_words() {
        for (code, word) in [(40001, "secret"), (40013, "企业 ID"), (50003, "停用"), (424_242, "424242")]
        {
            let platform = Platform::start().await;
            platform.refuse(GETTOKEN, code);
            let diagnosis = platform.api().diagnose(&app(), true).await;
            let told = complaints(&diagnosis);
            assert!(!diagnosis.is_good() && told.contains(word), "{code}: {told}");
            assert!(!format!("{diagnosis:?}").contains(SECRET));
        }
        let diagnosis = Api::new(&nowhere().await, Clock::system()).unwrap().diagnose(&app(), true).await;
        assert!(complaints(&diagnosis).contains("连不上"), "{diagnosis:?}");
    }

    #[tokio::test]
    async fn an_untrusted_ip_and_missing_permissions_are_told_apart() {
        let platform = Platform::start().await;
        let errmsg = "not allow to access from your ip, hint: [1], from ip: 222.65.121.207, more info";
        platform.script(READ_APPCHAT, [Answer::Json(json!({ "errcode": 60020, "errmsg": errmsg }))]);
        let told = complaints(&platform.api().diagnose(&app(), true).await);
        assert!(told.contains("可信IP") && told.contains("222.65.121.207"), "{told}");
        assert!(platform.asked(LIST).is_empty());

        let platform = Platform::start().await;
        platform.script(READ_APPCHAT, [errcode(48002), errcode(48002)]);
        assert!(platform.api().diagnose(&app(), false).await.is_good(), "not every app makes groups");
        platform.refuse(LIST, 48002);
        let told = complaints(&platform.api().diagnose(&app(), true).await);
        assert!(told.contains("可调用接口的应用"), "{told}");
    }
}
