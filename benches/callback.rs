//! What one callback costs on one core, step by step. The whole road over HTTP is measured by
//! `benches/road.sh`, as a ratio in one run.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use jiff::Timestamp;
use secrecy::SecretString;
use zhanggui::channels::wecom::{Credentials, Query, app, crypto};
use zhanggui::decision::{Event, EventKind, GroupId, Memory, decide};
use zhanggui::files::folder;
use zhanggui::rules::{Rulebook, compile};
use zhanggui::text::Folded;

const TOKEN: &str = "QDG6eK";
const KEY: &str = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C";
const CORP: &str = "wx5823bf96d3bd56c7";
const SECOND: i64 = 1_763_700_000;
/// A body of this size is what the figures of the issue speak of.
const BODY: usize = 700;

/// A text message of a member, signed and encrypted, about [`BODY`] bytes long on the wire.
fn callback() -> (Credentials, Query, String) {
    let secret = |text: &str| SecretString::from(text.to_owned());
    let credentials = Credentials::new(vec![secret(TOKEN)], &[secret(KEY)], CORP).expect("good keys");
    let text = "老板，这个月饼还有货吗？我想要两盒，下班过来自提，谢谢！";
    let plain = format!(
        "<xml><ToUserName><![CDATA[{CORP}]]></ToUserName><FromUserName><![CDATA[li.na]]></FromUserName>\
         <CreateTime>{SECOND}</CreateTime><MsgType><![CDATA[text]]></MsgType>\
         <Content><![CDATA[{text}]]></Content><MsgId>4561255354251345929</MsgId><AgentID>1000002</AgentID></xml>"
    );
    let encrypt = crypto::AesKey::from_encoding(KEY).expect("a good key").seal([7; 16], &plain, CORP);
    let timestamp = SECOND.to_string();
    let signature: String = crypto::signature(TOKEN, &timestamp, "1372623149", &encrypt)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let query = Query { msg_signature: signature, timestamp, nonce: "1372623149".into(), echostr: None };
    let body = format!(
        "<xml><ToUserName><![CDATA[{CORP}]]></ToUserName><AgentID><![CDATA[1000002]]></AgentID>\
         <Encrypt><![CDATA[{encrypt}]]></Encrypt></xml>"
    );
    assert!(body.len().abs_diff(BODY) < 80, "the body has {} bytes", body.len());
    (credentials, query, body)
}

fn example() -> Rulebook {
    let config = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("config");
    let scripts = folder::scripts_of(&config);
    compile(&folder::read(&config, &scripts)).expect("the shipped files are good").rulebook
}

fn receive(criterion: &mut Criterion) {
    let (credentials, query, body) = callback();
    let now = Timestamp::from_second(SECOND).expect("a moment");
    let mut group = criterion.benchmark_group("receive");
    group.throughput(Throughput::Elements(1));
    group.bench_function("verify, decrypt, parse", |bencher| {
        bencher.iter(|| {
            let plain = credentials.open(&query, black_box(body.as_bytes())).expect("opens");
            app::parse(&plain.message, "assistant", CORP, now).expect("parses")
        });
    });
    group.finish();
}

fn understand(criterion: &mut Criterion) {
    let rules = example();
    let (credentials, query, body) = callback();
    let now = Timestamp::from_second(SECOND).expect("a moment");
    let plain = credentials.open(&query, body.as_bytes()).expect("opens");
    let mut event: Event = app::parse(&plain.message, "assistant", CORP, now).expect("parses");
    event.group = Some(GroupId::from("wr-bench"));
    event.ear = zhanggui::decision::Ear::GroupRobot;
    let EventKind::Message(message) = &event.kind else { panic!("a message") };
    let text = message.content.text.clone();
    let mut group = criterion.benchmark_group("understand");
    group.bench_function("fold", |bencher| bencher.iter(|| Folded::new(black_box(&text))));
    group.bench_function("perceive", |bencher| bencher.iter(|| rules.perceiver.perceive(black_box(&text))));
    let signals = rules.perceiver.perceive(&text);
    let mut memory = Memory::default();
    let state = memory.load(&event, &signals);
    decide(&state, &event, &signals, &rules, now).changes.into_iter().for_each(|change| memory.apply(change));
    let state = memory.load(&event, &signals);
    group.bench_function("decide", |bencher| {
        bencher.iter(|| decide(black_box(&state), &event, &signals, &rules, now));
    });
    group.finish();
}

criterion_group!(benches, receive, understand);
criterion_main!(benches);
