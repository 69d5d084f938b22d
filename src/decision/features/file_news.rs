//! F17 Ops in git: what a change of the files brought is told to ops in private.

use crate::decision::event::{EventKind, MemberId};
use crate::decision::{Draft, FileNews, Part};
use crate::text::{cut_to_bytes, one_line};

pub const NAME: &str = "file_news";

/// The platform cuts a private text off beyond this (wecom-send.md §3.2).
const TEXT_BYTES_AT_MOST: usize = 2048;
/// What is put under a digest that is cut.
const CUT: &str = "\n……其余的改动请看 git 提交记录。";
/// Characters of one mistake; with its path it is still found at a glance.
const MISTAKE: usize = 300;

pub fn run(draft: &mut Draft<'_>) {
    let event = draft.event;
    let EventKind::FileNews(news) = &event.kind else { return };
    let (code, text) = in_words(news);
    draft.because(NAME, code, one_line(&text, MISTAKE));
    let Some(ops) = draft.rules.brand.ops.first() else { return };
    draft.tell(&MemberId::from(ops.as_str()), Part::text(bounded(text)));
}

fn in_words(news: &FileNews) -> (&'static str, String) {
    match news {
        FileNews::Taken { commit, mended, changes, .. } => {
            let which = commit.as_ref().map(|commit| format!("（提交 {commit}）")).unwrap_or_default();
            let mut text = match (mended, changes.is_empty()) {
                (true, true) => format!("文件已改好，恢复正常{which}。内容和出错前一样。"),
                (true, false) => format!("文件已改好，恢复正常{which}。这次生效的改动："),
                (false, _) => format!("新的话术和规则已生效{which}："),
            };
            for change in changes {
                text.push('\n');
                text.push_str(change);
            }
            ("taken", text)
        }
        FileNews::Refused { mistakes, first } => {
            let first = one_line(first, MISTAKE);
            let text = format!(
                "话术或规则文件有 {mistakes} 处错误，没有生效，机器人仍在用上一个正确的版本。\n\
                 第一处：{first}\n改好以后会自动生效；全部错误用 zhanggui check 查看。"
            );
            ("refused", text)
        }
        FileNews::NotPulled { commit, why } => {
            let why = one_line(why, MISTAKE);
            let text = format!("git 上的提交 {commit}（作者 {}）没有上线：{why}", commit.author);
            ("not_pulled", text)
        }
    }
}

/// As many whole lines as a message takes.
fn bounded(text: String) -> String {
    if text.len() <= TEXT_BYTES_AT_MOST {
        return text;
    }
    let cut = cut_to_bytes(&text, TEXT_BYTES_AT_MOST - CUT.len());
    let whole = cut.rfind('\n').filter(|at| *at > 0).map_or(cut, |at| &cut[..at]);
    format!("{whole}{CUT}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decision::NamedCommit;

    fn commit() -> NamedCommit {
        NamedCommit { id: "1a2b3c4".into(), author: "林云".into(), subject: "改中秋话术".into() }
    }

    #[test]
    fn says_what_is_live_and_what_is_not() {
        let taken = |mended, changes: &[&str]| {
            let changes = changes.iter().map(ToString::to_string).collect();
            in_words(&FileNews::Taken { version: "v".into(), commit: Some(commit()), mended, changes }).1
        };
        assert_eq!(
            taken(false, &["朝阳店：新增话术2条（月饼、早安）"]),
            "新的话术和规则已生效（提交 1a2b3c4「改中秋话术」）：\n朝阳店：新增话术2条（月饼、早安）"
        );
        assert!(taken(true, &[]).starts_with("文件已改好，恢复正常"));
        let (_, refused) = in_words(&FileNews::Refused { mistakes: 3, first: "a.toml:1:1 错".into() });
        assert!(refused.contains("3 处错误") && refused.contains("a.toml:1:1 错"), "{refused}");
        let (_, stays) = in_words(&FileNews::NotPulled { commit: commit(), why: "有错".into() });
        assert_eq!(stays, "git 上的提交 1a2b3c4「改中秋话术」（作者 林云）没有上线：有错");
    }

    #[test]
    fn a_long_digest_ends_with_a_whole_line() {
        let changes = (0..100).map(|nth| format!("第{nth}家店：新增话术1条（中秋月饼预售开始啦）")).collect();
        let (_, text) =
            in_words(&FileNews::Taken { version: "v".into(), commit: None, mended: false, changes });
        let text = bounded(text);
        assert!(text.len() <= TEXT_BYTES_AT_MOST && text.len() > TEXT_BYTES_AT_MOST - 200, "{}", text.len());
        assert!(text.ends_with(CUT) && text.contains("啦）\n……"), "{text}");
    }
}
