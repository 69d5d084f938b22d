//! One request and its answer: timeouts, TLS roots, size limits, and no credential in any error.

use std::fmt::Write as _;
use std::time::Duration;

use reqwest::{Certificate, Client, Response, Url, redirect};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sha2::{Digest, Sha256};
use thiserror::Error;

use super::error::{CallError, Refusal};
use super::lenient;

/// A host that does not take the connection within this is down; the outbox tries again.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// The platform answers within one second; what takes longer is in doubt and must not hold a delivery.
pub const TOTAL_TIMEOUT: Duration = Duration::from_secs(10);
/// Uploads carry up to 20 MB over a shop's line.
pub const UPLOAD_TIMEOUT: Duration = Duration::from_secs(60);
/// The largest answer we know is a customer group with all its members, well under 1 MiB.
const MAX_ANSWER_BYTES: usize = 16 << 20;

/// The platform read only a part of our JSON (§0): a bug of ours, and the only branch on an `errmsg`.
const PARTIAL_PARSE: &str = "Warning: wrong json format";

/// Why no client can be built; one sentence for the start-up log and for `check`.
#[derive(Debug, Error)]
pub enum SetupError {
    #[error("企业微信接口地址 {0:?} 不合法，应类似 https://qyapi.weixin.qq.com")]
    Base(String),
    #[error("无法建立 HTTPS 客户端：{0}")]
    Client(String),
}

/// A credential in the query: `access_token`, `key` or `corpsecret`.
pub(super) struct Credential<'a> {
    pub name: &'static str,
    pub value: &'a SecretString,
}

/// A request that can be put on the wire as often as needed, byte by byte the same.
pub(super) struct Call<'a> {
    pub path: &'static str,
    pub query: &'a [(&'a str, &'a str)],
    pub body: Body,
}

pub(super) enum Body {
    /// A GET.
    None,
    Json(Vec<u8>),
    Multipart {
        boundary: String,
        bytes: Vec<u8>,
    },
}

impl Call<'static> {
    pub fn post(path: &'static str, body: &impl Serialize) -> Result<Self, CallError> {
        let bytes = serde_json::to_vec(body).map_err(|error| CallError::Invalid {
            path,
            cause: format!("cannot be written as JSON: {error}"),
            person: "请求内容无法转换成 JSON（程序错误，请联系开发）".into(),
        })?;
        Ok(Self { path, query: &[], body: Body::Json(bytes) })
    }
}

impl<'a> Call<'a> {
    pub fn get(path: &'static str, query: &'a [(&'a str, &'a str)]) -> Self {
        Self { path, query, body: Body::None }
    }

    /// One file in the exact shape of §5.4. `filename` must hold no quote and no control character.
    pub fn upload(
        path: &'static str,
        query: &'a [(&'a str, &'a str)],
        filename: &str,
        content: &[u8],
    ) -> Self {
        // No file holds its own digest, so this boundary cannot occur inside.
        let mut boundary = String::from("zhanggui");
        for byte in Sha256::digest(content) {
            let _ = write!(boundary, "{byte:02x}");
        }
        let mut bytes = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"media\"; filename=\"{filename}\"; \
             filelength={}\r\nContent-Type: application/octet-stream\r\n\r\n",
            content.len()
        )
        .into_bytes();
        bytes.extend_from_slice(content);
        bytes.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
        Self { path, query, body: Body::Multipart { boundary, bytes } }
    }
}

#[derive(Debug)]
pub(super) struct Transport {
    http: Client,
    base: String,
}

impl Transport {
    pub fn new(base: &str) -> Result<Self, SetupError> {
        let base = base.trim_end_matches('/');
        let url = Url::parse(base).map_err(|_| SetupError::Base(base.to_owned()))?;
        let host = url.host_str().filter(|_| matches!(url.scheme(), "http" | "https"));
        let host = host.ok_or_else(|| SetupError::Base(base.to_owned()))?;
        let mut builder = Client::builder()
            .user_agent(concat!("zhanggui/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(TOTAL_TIMEOUT)
            .redirect(redirect::Policy::none())
            .tls_certs_merge(bundled_roots()?);
        if is_loopback(host) {
            builder = builder.no_proxy();
        }
        let http = builder.build().map_err(|error| SetupError::Client(error.to_string()))?;
        Ok(Self { http, base: base.to_owned() })
    }

    /// Puts the call on the wire once and reads the answer.
    pub async fn exchange<T: DeserializeOwned>(
        &self,
        call: &Call<'_>,
        credential: &Credential<'_>,
    ) -> Result<T, CallError> {
        let path = call.path;
        let response = self
            .request(call, credential)
            .send()
            .await
            .map_err(|error| CallError::of_transport(path, error))?;
        let body = read_answer(path, response).await?;
        judge(path, &body, credential)
    }

    /// A picture that the platform told the address of: any host, and no credential. `path` is the call that told it.
    pub async fn picture(&self, path: &'static str, url: &str, at_most: usize) -> Result<Vec<u8>, CallError> {
        let url = Url::parse(url).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
        let url = url.ok_or_else(|| CallError::Invalid {
            path,
            cause: "the picture has no web address".into(),
            person: "企业微信给的图片地址打不开".into(),
        })?;
        let sent = self.http.get(url).send().await;
        read_body(path, sent.map_err(|error| CallError::of_transport(path, error))?, at_most).await
    }

    fn request(&self, call: &Call<'_>, credential: &Credential<'_>) -> reqwest::RequestBuilder {
        let url = format!("{}{}", self.base, call.path);
        let request = match &call.body {
            Body::None => self.http.get(url),
            Body::Json(bytes) => {
                self.http.post(url).header("content-type", "application/json").body(bytes.clone())
            }
            Body::Multipart { boundary, bytes } => self
                .http
                .post(url)
                .timeout(UPLOAD_TIMEOUT)
                .header("content-type", format!("multipart/form-data; boundary={boundary}"))
                .body(bytes.clone()),
        };
        request.query(call.query).query(&[(credential.name, credential.value.expose_secret())])
    }
}

/// The roots we bring along, for images without a certificate store.
fn bundled_roots() -> Result<Vec<Certificate>, SetupError> {
    webpki_root_certs::TLS_SERVER_ROOT_CERTS
        .iter()
        .map(|root| Certificate::from_der(root).map_err(|error| SetupError::Client(error.to_string())))
        .collect()
}

/// A simulator on this machine is never behind a proxy, whatever the environment says.
fn is_loopback(host: &str) -> bool {
    let host = host.trim_matches(['[', ']']);
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// The body of an answer, if the platform itself gave one.
///
/// 5xx and a broken-off answer leave doubt. 3xx and 4xx come from a gateway or proxy that did not take the
/// request; the platform answers mistakes with 200 and an errcode.
async fn read_answer(path: &'static str, response: Response) -> Result<Vec<u8>, CallError> {
    read_body(path, response, MAX_ANSWER_BYTES).await
}

async fn read_body(path: &'static str, mut response: Response, at_most: usize) -> Result<Vec<u8>, CallError> {
    let status = response.status();
    if status.is_server_error() {
        return Err(CallError::Doubt { path, cause: format!("HTTP {status}") });
    }
    if !status.is_success() {
        return Err(CallError::NotSent { path, cause: format!("HTTP {status}") });
    }
    let mut body = Vec::new();
    while let Some(piece) = response.chunk().await.map_err(|error| CallError::of_transport(path, error))? {
        if body.len() + piece.len() > at_most {
            return Err(CallError::Unreadable { path, cause: format!("over {at_most} bytes") });
        }
        body.extend_from_slice(&piece);
    }
    Ok(body)
}

/// Success if and only if `errcode` is missing or 0 (§0, "Success rule").
fn judge<T: DeserializeOwned>(
    path: &'static str,
    body: &[u8],
    credential: &Credential<'_>,
) -> Result<T, CallError> {
    let answer: Value = serde_json::from_slice(body)
        .map_err(|error| CallError::Doubt { path, cause: format!("answer is not JSON: {error}") })?;
    let code = match answer.get("errcode") {
        None => 0,
        Some(value) => lenient::as_integer(value)
            .ok_or_else(|| CallError::Doubt { path, cause: format!("errcode is {value}") })?,
    };
    let errmsg = answer.get("errmsg").and_then(Value::as_str).unwrap_or_default();
    let errmsg = without(errmsg, credential.value);
    if errmsg.contains(PARTIAL_PARSE) {
        tracing::error!(path, errmsg, "the platform read only a part of our request");
    }
    if code != 0 {
        if super::codes::lookup(code).is_none() {
            tracing::error!(path, code, errmsg, "unknown errcode, treated as permanent");
        }
        return Err(CallError::Refused(Refusal::new(path, code, &errmsg)));
    }
    serde_json::from_value(answer).map_err(|error| CallError::Unreadable { path, cause: error.to_string() })
}

/// The platform's message in case it echoes the credential.
fn without(text: &str, secret: &SecretString) -> String {
    let secret = secret.expose_secret();
    if secret.is_empty() { text.to_owned() } else { text.replace(secret, "***") }
}

#[cfg(test)]
mod tests {
    use super::super::scripted::{Answer, KEY, PATIENCE, Platform, nowhere, robot};
    use super::super::{Api, Content};
    use super::*;
    use crate::clock::Clock;

    const SEND: &str = "/cgi-bin/webhook/send";

    async fn post(api: &Api) -> Result<(), CallError> {
        tokio::time::timeout(PATIENCE, api.post_by_webhook(&robot(), Content::Text("早"), &[])).await.unwrap()
    }

    #[tokio::test]
    async fn what_was_surely_not_sent_is_told_from_what_is_in_doubt() {
        let api = Api::new(&nowhere().await, Clock::system()).unwrap();
        let refused_connection = post(&api).await.unwrap_err();
        assert!(matches!(refused_connection, CallError::NotSent { .. }), "{refused_connection}");

        let platform = Platform::start().await;
        let api = platform.api();
        for answer in [Answer::Http(502), Answer::Broken, Answer::Text("<html>")] {
            platform.script(SEND, [answer]);
            let error = post(&api).await.unwrap_err();
            assert!(matches!(error, CallError::Doubt { .. }), "{error}");
            assert!(!format!("{error:?}").contains(KEY));
        }
        platform.script(SEND, [Answer::Http(404)]);
        assert!(matches!(post(&api).await, Err(CallError::NotSent { .. })));
    }

    #[tokio::test]
    async fn an_unknown_code_is_kept_as_it_came() {
        let platform = Platform::start().await;
        platform.script(SEND, [Answer::Json(serde_json::json!({ "errcode": "777777", "errmsg": "new!" }))]);
        let error = post(&platform.api()).await.unwrap_err();
        let refusal = error.refusal().unwrap();
        assert_eq!((refusal.code, refusal.errmsg.as_str()), (777_777, "new!"));
        assert_eq!(refusal.class(), super::super::Class::Never);
        assert!(error.person().contains("777777"));
    }

    #[test]
    fn addresses_are_checked() {
        for base in ["", "qyapi.weixin.qq.com", "ftp://host", "file:///etc/passwd"] {
            assert!(matches!(Transport::new(base), Err(SetupError::Base(_))), "{base}");
        }
        assert!(Transport::new("https://qyapi.weixin.qq.com/").is_ok());
    }

    #[test]
    fn an_upload_has_the_shape_of_the_page() {
        let call = Call::upload("/cgi-bin/media/upload", &[("type", "file")], "价目表.txt", b"mytext");
        let Body::Multipart { boundary, bytes } = call.body else { panic!("not multipart") };
        let expected = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"media\"; filename=\"价目表.txt\"; \
             filelength=6\r\nContent-Type: application/octet-stream\r\n\r\nmytext\r\n--{boundary}--\r\n"
        );
        assert_eq!(String::from_utf8(bytes).unwrap(), expected);
    }
}
