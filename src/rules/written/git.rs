//! `[git]` of `config/zhanggui.toml`

use crate::files::{Duration, Misspelled, SecretSource, Shape, Spelled};
use crate::table;

table! {
    /// 从 git 远端自动拉取话术和规则。
    pub struct GitTable {
        /// 远端的名字，git remote 里看得到；写了这一节就会自动拉取。
        remote: GitName, default = "origin";
        /// 跟着哪个分支走。
        branch: GitName, default = "main";
        /// 多久拉取一次。
        every: Duration, default = "1m";
        /// 只读部署密钥的文件；不写就用运行掌柜的用户自己的。
        deploy_key: SecretSource, optional;
    }
}

/// The name of a remote or of a branch. Never looks like an option or a path that leads elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GitName(pub String);

impl Spelled for GitName {
    const SHAPE: Shape = Shape::Special { chinese: "git 里的名字", example: "main" };
    const PATTERN: Option<&'static str> = Some(r"^[A-Za-z0-9](/*(\./+)*\.?[A-Za-z0-9_-])*$");

    fn parse(text: &str) -> Result<Self, Misspelled> {
        let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./".contains(letter);
        let starts_well = text.starts_with(|first: char| first.is_ascii_alphanumeric());
        if starts_well && text.chars().all(plain) && !text.contains("..") && !text.ends_with(['/', '.']) {
            return Ok(Self(text.to_owned()));
        }
        let hint = "只用字母、数字和 - _ . /，例如 \"origin\"、\"main\"；远端的地址用 git remote add 登记";
        Err(Misspelled::new("bad-git-name", format!("{text:?} 不像 git 里的名字"), hint))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_names_and_no_options() {
        for name in ["origin", "main", "release/2026.11", "ops_1"] {
            assert_eq!(GitName::parse(name).map(|name| name.0).as_deref(), Ok(name));
        }
        for name in
            ["", "-f", "--upload-pack=x", "a b", "../x", "a..b", "main/", "https://x.cn/a.git", "主分支"]
        {
            assert!(GitName::parse(name).is_err(), "{name}");
        }
    }
}
