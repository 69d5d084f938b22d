//! New customers in the midst of a load run: how long each of them waits for the welcome for which the platform gives
//! twenty seconds (wecom-send.md §7.1).
//!
//! The simulated platform adds them, so the road is the real one: its callback to the bot, decided and committed among
//! all the others, out of the outbox, and back to the platform as `send_welcome_msg`.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::report::percentile;
use crate::clock::Clock;

/// How long the platform takes the code that welcomes a customer.
const VALID: Duration = Duration::from_secs(20);
/// What the platform was asked is read this often; it keeps its last 20 000 calls.
const LOOK_EVERY: Duration = Duration::from_secs(1);
const WELCOME: &str = "/cgi-bin/externalcontact/send_welcome_msg";

/// Somebody in the connection file.
#[derive(Clone, Debug, Deserialize)]
pub struct Person {
    id: String,
    corp_member: bool,
}

/// Adds customers, and sees who is welcomed when.
pub struct Welcomes {
    client: reqwest::Client,
    /// Base of the simulated platform.
    api: String,
    /// Each with a member who adds them.
    customers: Vec<(String, String)>,
    every: Duration,
    clock: Clock,
    /// By the codes that came along: when the customer was added.
    waiting: HashMap<String, Timestamp>,
    /// How long each welcome took, in microseconds.
    took: Vec<u32>,
    /// Calls up to this number were looked at.
    looked_until: u64,
}

/// What became of them.
#[derive(Debug, PartialEq, Serialize)]
pub struct Welcomed {
    pub customers: usize,
    pub welcomed: usize,
    pub p50_ms: f64,
    pub p99_ms: f64,
    pub max_ms: f64,
}

/// A call as the simulated platform remembers it.
#[derive(Deserialize)]
struct Call {
    n: u64,
    at: Timestamp,
    path: String,
    body: serde_json::Value,
    errcode: Option<i64>,
}

#[derive(Deserialize)]
struct Calls {
    items: Vec<Call>,
}

#[derive(Deserialize)]
struct Added {
    welcome_code: String,
}

#[derive(Deserialize)]
struct Platform {
    offset_seconds: i64,
}

impl Welcomes {
    /// `rate` customers a second, all members in turn with all customers.
    pub fn new(api: &str, people: &[Person], rate: f64) -> anyhow::Result<Self> {
        ensure!(rate > 0.0 && rate.is_finite(), "--welcomes 要大于 0 / must be more than 0");
        let of = |corp_member: bool| {
            people.iter().filter(move |person| person.corp_member == corp_member).map(|person| &person.id)
        };
        let pairs = |customer| of(true).map(move |member: &String| (member.clone(), String::clone(customer)));
        let customers: Vec<_> = of(false).flat_map(pairs).collect();
        ensure!(!customers.is_empty(), "连接文件里没有客户或成员 / the connection file names no customers");
        Ok(Self {
            client: reqwest::Client::builder().no_proxy().build()?,
            api: api.to_owned(),
            customers,
            every: Duration::from_secs_f64(1.0 / rate),
            clock: Clock::system(),
            waiting: HashMap::new(),
            took: Vec::new(),
            looked_until: 0,
        })
    }

    /// Adds customers for so long, then waits until the last of them was welcomed or cannot be any more.
    pub async fn run(mut self, lasts: Duration) -> anyhow::Result<Welcomed> {
        let platform: Platform = self.get("state").await?;
        ensure!(platform.offset_seconds == 0, "模拟平台的钟被拨过 / the platform's clock was moved");
        self.look().await?;
        let (start, mut looked_at) = (Instant::now(), Instant::now());
        let mut ticks = tokio::time::interval(self.every);
        let mut customers = 0;
        while start.elapsed() < lasts {
            ticks.tick().await;
            self.add(customers).await?;
            customers += 1;
            if looked_at.elapsed() >= LOOK_EVERY {
                self.look().await?;
                looked_at = Instant::now();
            }
        }
        let last = Instant::now();
        while !self.waiting.is_empty() && last.elapsed() <= VALID + LOOK_EVERY {
            tokio::time::sleep(LOOK_EVERY).await;
            self.look().await?;
        }
        Ok(self.result(customers))
    }

    async fn add(&mut self, number: usize) -> anyhow::Result<()> {
        let (member, customer) = &self.customers[number % self.customers.len()];
        let body = json!({"member": member, "customer": customer, "state": ""});
        let added_at = self.clock.now();
        let request = self.client.post(format!("{}/sim/contacts", self.api)).body(body.to_string());
        let added: Added = answer(request).await?;
        self.waiting.insert(added.welcome_code, added_at);
        Ok(())
    }

    /// Reads what the platform was asked since the last look.
    async fn look(&mut self) -> anyhow::Result<()> {
        let calls: Calls = self.get(&format!("outbound?after={}", self.looked_until)).await?;
        for call in calls.items {
            self.looked_until = self.looked_until.max(call.n);
            let welcomes = call.path == WELCOME && call.errcode == Some(0);
            let code = call.body["welcome_code"].as_str().filter(|_| welcomes);
            if let Some(added_at) = code.and_then(|code| self.waiting.remove(code)) {
                let micros = call.at.duration_since(added_at).as_micros();
                self.took.push(u32::try_from(micros.max(0)).unwrap_or(u32::MAX));
            }
        }
        Ok(())
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> anyhow::Result<T> {
        answer(self.client.get(format!("{}/sim/{path}", self.api))).await
    }

    fn result(mut self, customers: usize) -> Welcomed {
        self.took.sort_unstable();
        let at = |share: f64| percentile(&self.took, share) / 1000.0;
        Welcomed { customers, welcomed: self.took.len(), p50_ms: at(0.5), p99_ms: at(0.99), max_ms: at(1.0) }
    }
}

async fn answer<T: DeserializeOwned>(request: reqwest::RequestBuilder) -> anyhow::Result<T> {
    let answer = request.send().await.context("模拟平台没有应答 / the simulated platform did not answer")?;
    let answer = answer.error_for_status().context("模拟平台拒绝了请求 / the simulated platform refused")?;
    Ok(serde_json::from_slice(&answer.bytes().await?)?)
}

impl Welcomed {
    /// A line for a terminal.
    pub fn to_text(&self) -> String {
        let Self { customers, welcomed, p50_ms, p99_ms, max_ms } = self;
        format!(
            "  新客户 {customers} 位，{welcomed} 位在 20 秒内收到欢迎语：p50 {p50_ms:.1} ms，p99 {p99_ms:.1} ms，最大 {max_ms:.1} ms\n"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::world::World;
    use crate::sim::{Addresses, connection_file, serve};

    /// Welcomed by hand, as a bot would: the platform alone tells how long it took.
    #[tokio::test]
    async fn a_welcome_is_told_by_the_platforms_own_record() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let world = World::demo(Clock::system());
        let simulator = serve(world.clone(), listener, "http://127.0.0.1:9").expect("a simulator");
        let api = format!("http://{}", simulator.addr);
        world.set_addresses(Addresses { api: api.clone(), bot: api.clone() });
        let file = connection_file(&world);
        let people: Vec<Person> = serde_json::from_value(file["people"].clone()).expect("people");
        let mut welcomes = Welcomes::new(&api, &people, 10.0).expect("customers");
        welcomes.add(0).await.expect("added");
        welcomes.add(1).await.expect("added");
        welcomes.look().await.expect("looked");
        assert_eq!((welcomes.waiting.len(), welcomes.took.len()), (2, 0));

        let app = &file["apps"][0];
        let client = reqwest::Client::builder().no_proxy().build().expect("a client");
        let (corp, secret) =
            (file["corp_id"].as_str().expect("id"), app["secret"].as_str().expect("a secret"));
        let token = format!("{api}/cgi-bin/gettoken?corpid={corp}&corpsecret={secret}");
        let token: serde_json::Value = answer(client.get(token)).await.expect("a token");
        let code = welcomes.waiting.keys().next().expect("a code").clone();
        let token = token["access_token"].as_str().expect("a token");
        let send = client.post(format!("{api}{WELCOME}?access_token={token}"));
        let body = json!({"welcome_code": code, "text": {"content": "欢迎"}});
        let sent: serde_json::Value = answer(send.body(body.to_string())).await.expect("sent");
        assert_eq!(sent["errcode"], 0, "{sent}");

        welcomes.look().await.expect("looked");
        assert_eq!((welcomes.waiting.len(), welcomes.took.len()), (1, 1));
        let result = welcomes.result(2);
        assert_eq!((result.customers, result.welcomed), (2, 1));
        assert!(result.max_ms > 0.0 && result.p50_ms == result.max_ms, "{result:?}");
        simulator.stop().await.expect("stops");
    }
}
