//! WeCom (企业微信).

pub mod client;
pub mod hands;
