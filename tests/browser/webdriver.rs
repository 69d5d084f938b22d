//! A small WebDriver client (W3C): one headless Chromium, driven through a chromedriver of its own.
//!
//! Every wait is a condition that the page itself watches, ended by [`DEADLINE`]; what fails leaves
//! a picture of the page behind.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use reqwest::Method;
use serde_json::{Value, json};

/// Longest wait for one condition, on a machine that is busy with other tests.
const DEADLINE: Duration = Duration::from_secs(20);
/// A page that draws itself anew may take a found element away; it is looked for again this often.
const ATTEMPTS: usize = 5;
/// The name of an element's id in every answer (W3C WebDriver §12.1).
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

pub struct Browser {
    client: reqwest::Client,
    session: String,
    // Dropped in this order: a browser that still runs writes into its profile.
    _driver: Driver,
    profile: tempfile::TempDir,
}

/// The chromedriver process; it takes its browsers along when it ends.
struct Driver {
    process: Child,
    port: u16,
}

impl Browser {
    /// A fresh browser with a window of `width` × `height`.
    pub async fn start(width: u32, height: u32) -> Self {
        let profile = tempfile::tempdir().expect("a folder for the browser's profile");
        let driver = Driver::start();
        let client = reqwest::Client::builder().no_proxy().timeout(DEADLINE * 3).build().expect("a client");
        let base = format!("http://127.0.0.1:{}", driver.port);
        let mut browser = Self { client, session: base, _driver: driver, profile };
        let mut arguments: Vec<String> =
            QUIET_CHROMIUM.iter().map(|argument| (*argument).to_owned()).collect();
        arguments.push(format!("--window-size={width},{height}"));
        arguments.push(format!("--user-data-dir={}", browser.profile.path().display()));
        let milliseconds = DEADLINE.as_millis();
        let wanted = json!({"capabilities": {"alwaysMatch": {
            "goog:chromeOptions": {"args": arguments},
            "goog:loggingPrefs": {"browser": "ALL"},
            "timeouts": {"implicit": milliseconds, "script": milliseconds, "pageLoad": milliseconds},
        }}});
        let session = browser.ask(Method::POST, "/session", wanted).await.unwrap_or_else(|why| {
            panic!("Chromium does not start, run tests/install.sh: {why}");
        });
        let id = session["sessionId"].as_str().expect("a session id");
        browser.session = format!("{}/session/{id}", browser.session);
        browser
    }

    pub async fn open(&self, address: &str) {
        self.must("/url", json!({ "url": address })).await;
    }

    /// Clicks what the selector finds, as soon as it is there.
    pub async fn click(&self, selector: &str) {
        self.act(selector, "click", json!({})).await;
    }

    /// Types into what the selector finds; `\n` is the Enter key.
    pub async fn write(&self, selector: &str, text: &str) {
        self.act(selector, "value", json!({ "text": text })).await;
    }

    /// Waits until something that the selector finds can be seen and has this in its text.
    pub async fn sees(&self, selector: &str, text: &str) {
        let script = "const [selector, text, done] = arguments;
            const shown = (node) => node.checkVisibility() && node.innerText.includes(text);
            const look = () => [...document.querySelectorAll(selector)].some(shown)
                ? done(true) : requestAnimationFrame(look);
            look();";
        let wait = json!({"script": script, "args": [selector, text]});
        if let Err(why) = self.ask(Method::POST, "/execute/async", wait).await {
            self.give_up(&format!("“{text}” is not to be seen in {selector}: {why}")).await;
        }
    }

    /// Runs a script in the page until it calls `done` (its last argument), and gives what that was called with.
    pub async fn run(&self, script: &str) -> Value {
        let script = format!("const done = arguments[arguments.length - 1]; {script}");
        self.must("/execute/async", json!({"script": script, "args": []})).await
    }

    /// What the page complained about since the last time this was asked.
    pub async fn console_errors(&self) -> Vec<Value> {
        let log = self.must("/se/log", json!({"type": "browser"})).await;
        let entries = log.as_array().cloned().expect("a list");
        entries.into_iter().filter(|entry| entry["level"] == "SEVERE").collect()
    }

    /// The window as a PNG file.
    pub async fn screenshot(&self) -> Vec<u8> {
        let picture = self.ask(Method::GET, "/screenshot", Value::Null).await.expect("a screenshot");
        BASE64_STANDARD.decode(picture.as_str().expect("base64")).expect("base64")
    }

    async fn act(&self, selector: &str, what: &str, with: Value) {
        let mut why = String::new();
        for _ in 0..ATTEMPTS {
            let find = json!({"using": "css selector", "value": selector});
            let found = match self.ask(Method::POST, "/element", find).await {
                Ok(found) => found[ELEMENT].as_str().expect("an element").to_owned(),
                Err(missing) => return self.give_up(&format!("there is no {selector}: {missing}")).await,
            };
            match self.ask(Method::POST, &format!("/element/{found}/{what}"), with.clone()).await {
                Ok(_) => return,
                Err(refused) => why = refused,
            }
        }
        self.give_up(&format!("{selector} takes no {what}: {why}")).await;
    }

    async fn must(&self, path: &str, body: Value) -> Value {
        match self.ask(Method::POST, path, body).await {
            Ok(value) => value,
            Err(why) => panic!("{path}: {why}"),
        }
    }

    async fn ask(&self, method: Method, path: &str, body: Value) -> Result<Value, String> {
        let mut request = self.client.request(method.clone(), format!("{}{path}", self.session));
        if method == Method::POST {
            request = request.json(&body);
        }
        let response = request.send().await.map_err(|error| error.to_string())?;
        let failed = !response.status().is_success();
        let mut answer: Value = response.json().await.map_err(|error| error.to_string())?;
        let value = answer["value"].take();
        if failed { Err(format!("{}: {}", value["error"], value["message"])) } else { Ok(value) }
    }

    async fn give_up(&self, why: &str) {
        let picture = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("browser.png");
        std::fs::write(&picture, self.screenshot().await).expect("a place for the picture");
        panic!("{why}\nthe page looked like {}", picture.display());
    }
}

/// A browser that calls nobody and asks nothing.
const QUIET_CHROMIUM: [&str; 8] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
];

impl Driver {
    /// Starts chromedriver on a port that it chooses.
    fn start() -> Self {
        let mut process = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|why| panic!("chromedriver is missing, run tests/install.sh ({why})"));
        let said = BufReader::new(process.stdout.take().expect("piped")).lines();
        let port = said.map_while(Result::ok).find_map(|line| {
            let (_, port) = line.split_once("started successfully on port ")?;
            port.trim_end_matches('.').parse().ok()
        });
        let port = port.expect("chromedriver says its port");
        Self { process, port }
    }

    /// Asks it to close its browsers, and waits until it has.
    fn shut_down(&self) -> std::io::Result<()> {
        let mut connection = TcpStream::connect(("127.0.0.1", self.port))?;
        connection.set_read_timeout(Some(DEADLINE))?;
        connection.write_all(b"GET /shutdown HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
        connection.read_to_end(&mut Vec::new())?;
        Ok(())
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // Whatever goes wrong here, the process ends; the test's own failure is the one to report.
        let _ = self.shut_down();
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
