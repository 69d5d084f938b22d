//! What the tests of several rooms compile with.

/// The smallest `config/zhanggui.toml` that is right.
pub const SERVER: &str = r#"
[server]
[brand]
id = "example"
name = "山谷小铺（示例品牌）"
ops = ["lin.yun"]
[wecom]
[[wecom.app]]
id = "assistant"
corp_id = "ww0000000000000000"
agent_id = 1000002
secret = "env:SECRET"
token = ["env:TOKEN"]
encoding_aes_key = ["env:AES_KEY"]
"#;
