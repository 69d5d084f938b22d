//! A rule's page: `zhanggui check --explain RULE`, and all of them as `docs/COMPLIANCE.md`.

use super::rule::Rule;
use super::rules::RULES;
use crate::files::Severity;

/// The command that writes the file that the pages are kept in.
pub const HOW_TO_WRITE: &str = "zhanggui check --explain all > docs/COMPLIANCE.md";

const OPENING: &str = "\
# 合规检查的规则

`zhanggui check` 用这些规则看每一条话术。它是拼写检查那样的帮手，不是法律意见；拿不准请问法务。

- **错误**：不改好，新的话术不会上线，正在用的那一版不受影响。
- **警告**：可以上线，但多半没写全；`zhanggui check --strict` 把警告也当错误，适合放进 CI。
- 每条规则下面的例子就是它的测试：`«»` 里是会被标出来的地方。

确实没问题、规则看错了的，在话术里写明理由和期限放行，到期要重新看：

```toml
[[script.waive]]
rule = \"absolute-terms\"
reason = \"“万能”是注册商标，法务 2026-09-01 看过\"
until = 2027-03-01
```

怎么写得过：说看得见、查得到的事，别说比谁都强；数字带出处，价格带单位和日子，送东西写清送什么；身体的事请人问医生。
";

/// One line for each rule: id, severity, title.
pub fn list() -> String {
    let longest = RULES.iter().map(|rule| rule.id().len()).max().unwrap_or_default();
    let line =
        |rule: &&Rule| format!("{:longest$}  {}  {}\n", rule.id(), severity(rule.severity), rule.title);
    RULES.iter().map(line).collect()
}

/// Everything about one rule, Markdown.
pub fn page(rule: &Rule) -> String {
    let basis: Vec<String> = rule.basis.iter().map(|basis| format!("- {basis}\n")).collect();
    let examples = |texts: &[&str]| -> String {
        texts.iter().map(|text| format!("- {}\n", text.replace('\n', " ⏎ "))).collect()
    };
    let scene = rule.scene.map(|scene| format!("只看场景 `{scene}` 的话术。\n\n")).unwrap_or_default();
    format!(
        "## {}：{}\n\n{} · `{}`\n\n{scene}依据：\n\n{}\n为什么：{}\n\n怎么写：{}。\n\n会报：\n\n{}\n不会报：\n\n{}",
        rule.id(),
        rule.title,
        severity(rule.severity),
        rule.code,
        basis.concat(),
        rule.why,
        rule.instead.trim_end_matches('。'),
        examples(rule.failing),
        examples(rule.passing),
    )
}

/// All pages, as `docs/COMPLIANCE.md` keeps them.
pub fn all_pages() -> String {
    let made = format!("<!-- 由命令生成：{HOW_TO_WRITE} -->\n\n");
    let pages: Vec<String> = RULES.iter().map(|rule| page(rule)).collect();
    format!("{made}{OPENING}\n{}", pages.join("\n"))
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "错误",
        Severity::Warning => "警告",
        Severity::Note => "提示",
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn the_kept_pages_are_the_present_ones() {
        let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/COMPLIANCE.md");
        let kept = std::fs::read_to_string(kept).unwrap_or_default();
        assert!(kept == all_pages(), "docs/COMPLIANCE.md is stale: {HOW_TO_WRITE}");
    }

    #[test]
    fn the_list_has_a_line_for_every_rule() {
        assert_eq!(list().lines().count(), RULES.len());
        assert!(list().starts_with("absolute-terms"));
    }
}
