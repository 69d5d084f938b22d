//! Clients that we did not write speak with the running bot: what they encrypt we accept, what we
//! answer they decrypt.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use zhanggui::sim::world::{CORP_ID, STAFF};

use crate::support::Town;
use crate::support::callback::{Address, Sealed, element, mention, post, private_text};

const NONCE: &str = "1597212914";
const GREETING: &str = "山谷小铺朝阳店开门了";

/// PyPI `wechatpy`, run with the Python it was installed for.
fn wechatpy(request: &Value) -> Value {
    let python = installed("python/bin/python");
    ask(Command::new(python).arg(source("wechatpy_client.py")), request)
}

/// npm `@wecom/crypto`.
fn wecom_crypto(request: &Value) -> Value {
    let package = installed("node_modules/@wecom/crypto");
    let folder = package.ancestors().nth(3).expect("the folder of the clients");
    ask(Command::new("node").arg(source("wecom_crypto.cjs")).arg(folder), request)
}

fn source(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients").join(name)
}

fn installed(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/clients").join(name);
    assert!(path.exists(), "the clients are not installed; run tests/install.sh");
    path
}

/// One question on standard input, one answer on standard output.
fn ask(command: &mut Command, request: &Value) -> Value {
    let client = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut client = client.spawn().expect("the client starts; run tests/install.sh if it is missing");
    let mut input = client.stdin.take().expect("a pipe");
    input.write_all(request.to_string().as_bytes()).expect("the client reads");
    drop(input);
    let output = client.wait_with_output().expect("the client ends");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON from the client")
}

/// A request to a client with the secrets of an address and what else it needs.
fn about(address: &Address, mut request: Value) -> Value {
    let secrets = [("token", &address.token), ("key", &address.key), ("receive_id", &address.receive_id)];
    for (name, secret) in secrets {
        request[name] = secret.as_str().into();
    }
    request
}

/// A keyword of a member of staff, plain, and when it is written.
async fn keyword(town: &Town) -> (String, i64) {
    let at = town.now().await.as_second();
    (private_text(CORP_ID, "li.na", "早安", 7_302_000_000_000_000_001, at), at)
}

#[tokio::test(flavor = "multi_thread")]
async fn wechatpy_is_understood_and_understands_us() {
    let town = Town::open().await;
    let address = Address::of(&town, "wecom-app");
    let (plain, at) = keyword(&town).await;
    let request = json!({"do": "encrypt", "timestamp": at.to_string(), "nonce": NONCE, "plain": plain});
    let sealed = wechatpy(&about(&address, request));
    let text = |name: &str| sealed[name].as_str().expect("a text").to_owned();
    let callback = Sealed { url: address.signed_url(&text("signature"), at, NONCE), body: text("body") };

    let (status, reply) = post(&town, &callback).await;
    assert_eq!(status, 200, "{reply}");
    let opened = wechatpy(&about(&address, json!({"do": "decrypt", "body": reply})));
    let plain = opened["plain"].as_str().expect("a text");
    assert_eq!(element(plain, "ToUserName"), "li.na");
    assert_eq!(element(plain, "MsgType"), "text");
    assert!(element(plain, "Content").contains(GREETING), "{plain}");
    town.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wecom_crypto_is_understood_and_understands_us() {
    let town = Town::open().await;
    let address = Address::of(&town, "wecom-app");
    let (plain, at) = keyword(&town).await;
    let (status, reply) = post(&town, &sealed_by_wecom_crypto(&address, &plain, at)).await;
    assert_eq!(status, 200, "{reply}");
    let request = json!({
        "do": "decrypt",
        "encrypt": element(&reply, "Encrypt"),
        "signature": element(&reply, "MsgSignature"),
        "timestamp": element(&reply, "TimeStamp"),
        "nonce": element(&reply, "Nonce"),
    });
    let opened = wecom_crypto(&about(&address, request));
    assert_eq!(opened["receive_id"], CORP_ID);
    let plain = opened["plain"].as_str().expect("a text");
    assert!(element(plain, "Content").contains(GREETING), "{plain}");
    town.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wecom_crypto_speaks_with_the_smart_robot() {
    let town = Town::open().await;
    let address = Address::of(&town, "aibot");
    assert_eq!(address.receive_id, "", "a smart robot of one's own corp has none");
    let at = town.now().await.as_second();
    let plain = mention(STAFF, "li.na", "早安", "client-message-1");
    let (status, reply) = post(&town, &sealed_by_wecom_crypto(&address, &plain, at)).await;
    assert_eq!(status, 200, "{reply}");

    let reply: Value = serde_json::from_str(&reply).expect("JSON");
    assert_eq!(reply["nonce"], NONCE, "the answer's nonce is the callback's");
    let request = json!({
        "do": "decrypt",
        "encrypt": reply["encrypt"],
        "signature": reply["msgsignature"],
        "timestamp": reply["timestamp"].to_string(),
        "nonce": reply["nonce"],
    });
    let opened = wecom_crypto(&about(&address, request));
    let plain: Value = serde_json::from_str(opened["plain"].as_str().expect("a text")).expect("JSON");
    assert_eq!((&plain["msgtype"], &plain["stream"]["finish"]), (&json!("stream"), &json!(true)));
    let content = plain["stream"]["content"].as_str().expect("a text");
    assert!(content.contains(GREETING), "{content}");
    town.finish().await;
}

fn sealed_by_wecom_crypto(address: &Address, plain: &str, at: i64) -> Sealed {
    let request = json!({"do": "encrypt", "timestamp": at.to_string(), "nonce": NONCE, "plain": plain});
    let sealed = wecom_crypto(&about(address, request));
    let text = |name: &str| sealed[name].as_str().expect("a text");
    let body = address.envelope(text("encrypt"));
    Sealed { url: address.signed_url(text("signature"), at, NONCE), body }
}
