//! WeCom (企业微信).
