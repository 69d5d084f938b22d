//! F17 Ops in git: what a change of the files brought is told to ops in private.

use crate::decision::event::EventKind;
use crate::decision::{Draft, FileNews};
use crate::text::one_line;

pub const NAME: &str = "file_news";

/// What is put under a digest that is cut.
const CUT: &str = "\n……其余的改动请看 git 提交记录。";
/// Characters of one mistake; with its path it is still found at a glance.
const MISTAKE: usize = 300;

pub fn run(draft: &mut Draft<'_>) {
    let event = draft.event;
    let EventKind::FileNews(news) = &event.kind else { return };
    let (code, text) = in_words(news);
    draft.because(NAME, code, one_line(&text, MISTAKE));
    draft.tell_ops(&text, CUT);
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
}
