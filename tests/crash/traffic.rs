//! What the platform posts to the bot meanwhile, and what it was answered.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use secrecy::SecretString;
use zhanggui::channels::wecom::credentials::Used;
use zhanggui::channels::wecom::envelope::callback_xml;
use zhanggui::channels::wecom::{Credentials, Query, xml::Document};
use zhanggui::clock::Clock;
use zhanggui::sim::{Secret, World, world};

use super::Random;

const TALK: [&str; 4] = [
    "早上好呀，今天的苹果到了吗？",
    "昨天订的那箱牛奶家里老人说好喝，下次还来。",
    "请问周末几点关门？我下班可能要晚点才能过去拿。",
    "收到啦，谢谢！",
];
/// An ad beyond doubt: a new member who posts it gets one strike and one warning.
const AD: &str = "兼职日结，一天三百，在家就能做，加微信 vx888666abc";
const KEYWORD: &str = "早安";
const STAFF: &str = "wang.min";
/// The platform waits so long for an answer, then it comes again.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Talk,
    Ad,
    /// A member of staff asks the app for a script in private; the answer comes with the 200.
    Keyword,
}

#[derive(Clone, Debug)]
pub struct Callback {
    pub kind: Kind,
    pub id: String,
    pub member: String,
    text: &'static str,
}

impl Callback {
    fn new(kind: Kind, number: u64) -> Self {
        let (member, text) = match kind {
            // Nobody says so much that it would be flooding.
            Kind::Talk => (format!("talk-{}", number / 4), TALK[(number % 4) as usize]),
            Kind::Ad => (format!("ad-{number}"), AD),
            Kind::Keyword => (STAFF.to_owned(), KEYWORD),
        };
        Self { kind, id: (6_000_000_000_000_000_000 + number).to_string(), member, text }
    }

    /// wecom-receive.md §2 (app) and §5 (group robot).
    fn plain(&self, now: i64) -> String {
        let Self { id, member, text, .. } = self;
        match self.kind {
            Kind::Keyword => format!(
                "<xml><ToUserName>{}</ToUserName><FromUserName>{member}</FromUserName>\
                 <CreateTime>{now}</CreateTime><MsgType>text</MsgType><Content>{text}</Content>\
                 <MsgId>{id}</MsgId><AgentID>1000002</AgentID></xml>",
                world::CORP_ID
            ),
            Kind::Talk | Kind::Ad => format!(
                "<xml><ChatId>{}</ChatId><ChatType>group</ChatType>\
                 <From><UserId>{member}</UserId><Name>{member}</Name><Alias>{member}</Alias></From>\
                 <MsgType>text</MsgType><Text><Content>{text}</Content></Text><MsgId>{id}</MsgId></xml>",
                world::DEALERS
            ),
        }
    }
}

/// The platform's side of the wire.
pub struct Platform {
    pub client: reqwest::Client,
    clock: Clock,
    app: Credentials,
    robot: Credentials,
}

impl Platform {
    pub fn of(world: &World) -> Self {
        let credentials = |token: &Secret, key: &Secret, receive_id: &str| {
            let token = SecretString::from(token.expose());
            Credentials::new(vec![token], &[SecretString::from(key.expose())], receive_id).expect("usable")
        };
        let (app, robot) = world.read(|state| {
            let (app, robot) = (&state.apps[0], &state.robots[0]);
            (
                credentials(&app.token, &app.encoding_aes_key, &state.corp.id),
                credentials(&robot.token, &robot.encoding_aes_key, &robot.receive_id),
            )
        });
        let client = reqwest::Client::builder().no_proxy().timeout(ANSWER_WITHIN).build().expect("a client");
        Self { client, clock: world.clock().clone(), app, robot }
    }

    /// Posts a callback. The answer's text when it was accepted, else `None`.
    pub async fn post(&self, bot: &str, callback: &Callback) -> Option<String> {
        let (credentials, id) = match callback.kind {
            Kind::Keyword => (&self.app, "assistant"),
            Kind::Talk | Kind::Ad => (&self.robot, "dealers-robot"),
        };
        let now = self.clock.now().as_second();
        let sealed =
            credentials.seal(Used::default(), &callback.plain(now), now, &callback.id).expect("sealed");
        let (signature, nonce) = (&sealed.signature, &sealed.nonce);
        let url =
            format!("{bot}/callback/wecom/{id}?msg_signature={signature}&timestamp={now}&nonce={nonce}");
        let body = callback_xml(world::CORP_ID, "1000002", &sealed.encrypt);
        let answer = self.client.post(url).body(body).send().await.ok()?;
        if answer.status() != 200 {
            return None;
        }
        let body = answer.text().await.ok()?;
        Some(if body.is_empty() { body } else { opened(credentials, &body) })
    }
}

fn opened(credentials: &Credentials, body: &str) -> String {
    let document = Document::parse(body).expect("XML");
    let value = |name| document.root().value(name).expect(name).to_owned();
    let query = Query {
        msg_signature: value("MsgSignature"),
        timestamp: value("TimeStamp"),
        nonce: value("Nonce"),
        echostr: None,
    };
    let plain = credentials.open(&query, body.as_bytes()).expect("a reply that opens").message;
    let document = Document::parse(&plain).expect("XML");
    document.root().value("Content").expect("a text").to_owned()
}

/// What was posted and what was accepted.
pub struct Ledger {
    random: Random,
    made: u64,
    /// Ads that may still be made now.
    ads_left: usize,
    /// Not accepted so far: they come again.
    pub unanswered: VecDeque<Callback>,
    /// By message id, with the answer.
    pub accepted: BTreeMap<String, (Callback, String)>,
    pub repeats: usize,
}

impl Ledger {
    pub fn new(random: Random) -> Self {
        let (unanswered, accepted) = (VecDeque::new(), BTreeMap::new());
        Self { random, made: 0, ads_left: 0, unanswered, accepted, repeats: 0 }
    }

    pub fn allow_ads(&mut self, count: usize) {
        self.ads_left += count;
    }

    /// What is posted next: first what was not answered; now and then something again whose answer
    /// the platform is taken to have missed.
    pub fn next(&mut self) -> Callback {
        if let Some(again) = self.unanswered.pop_front() {
            self.repeats += 1;
            return again;
        }
        if !self.accepted.is_empty() && self.random.below(20) == 0 {
            self.repeats += 1;
            let index = self.random.below(self.accepted.len() as u64) as usize;
            return self.accepted.values().nth(index).expect("an accepted one").0.clone();
        }
        self.made += 1;
        let kind = match self.random.below(10) {
            0..=2 if self.ads_left > 0 => {
                self.ads_left -= 1;
                Kind::Ad
            }
            3 => Kind::Keyword,
            _ => Kind::Talk,
        };
        Callback::new(kind, self.made)
    }

    /// Notes how a post ended.
    pub fn ended(&mut self, callback: Callback, answer: Option<String>) {
        let Some(answer) = answer else { return self.unanswered.push_back(callback) };
        let (first, text) = self.accepted.entry(callback.id.clone()).or_insert((callback, answer.clone()));
        assert_eq!(*text, answer, "another answer to the same callback {first:?}");
    }
}
