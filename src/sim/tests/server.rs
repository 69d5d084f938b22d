//! Over real sockets: the control API, the platform's API and callbacks to a bot server.

use axum::Router;
use axum::extract::State;
use axum::routing::{get, post};
use tokio::net::TcpListener;

use super::*;
use crate::sim::{Running, serve};

struct Site {
    simulator: Running,
    client: reqwest::Client,
}

impl Site {
    /// With a bot that passes on the body of each callback.
    async fn new() -> (Self, mpsc::UnboundedReceiver<String>) {
        let (sender, seen) = mpsc::unbounded_channel();
        let hear = |State(sender): State<mpsc::UnboundedSender<String>>, body: String| async move {
            let _ = sender.send(body);
        };
        let ear = Router::new()
            .route("/callback/{*path}", post(hear).get(|| async { "not the echo" }))
            .route("/ears/archive/{corp}/cursor", get(|| async { r#"{"seq": 0}"# }))
            .with_state(sender);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let bot = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, ear).await });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let simulator = serve(World::demo(Clock::system()), listener, &bot).unwrap();
        (Self { simulator, client: reqwest::Client::builder().no_proxy().build().unwrap() }, seen)
    }

    async fn ask(&self, method: Method, path: &str, body: Value) -> (u16, Value) {
        let url = format!("http://{}{path}", self.simulator.addr);
        let request = self.client.request(method, url);
        let response =
            if body.is_null() { request } else { request.body(body.to_string()) }.send().await.unwrap();
        let status = response.status().as_u16();
        (status, response.json().await.unwrap_or_default())
    }

    async fn get(&self, path: &str) -> Value {
        let (status, body) = self.ask(Method::GET, path, Value::Null).await;
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        self.ask(Method::POST, path, body).await
    }
}

#[tokio::test]
async fn a_stranger_joins_speaks_and_is_removed() {
    let (site, mut seen) = Site::new().await;
    let state = site.get("/sim/state").await;
    assert_eq!(state["groups"].as_array().unwrap().len(), 3);
    let dealers = crate::sim::world::DEALERS;
    let messages = format!("/sim/groups/{dealers}/messages");
    let ad = json!({"from": "wu.ming", "content": "兼职日结"});
    assert_eq!(site.post(&messages, ad.clone()).await.0, 409, "not a member");
    let members = format!("/sim/groups/{dealers}/members");
    assert_eq!(site.post(&members, json!({"id": "wu.ming"})).await.0, 200);
    assert_eq!(
        site.post(&members, json!({"id": "wm-liu.shu"})).await.0,
        409,
        "a customer in an internal group"
    );
    assert_eq!(site.post(&members, json!({"id": "unknown"})).await.0, 404);
    let (status, said) = site.post(&messages, ad).await;
    assert_eq!(status, 200, "{said}");
    assert!(seen.recv().await.unwrap().contains("<Encrypt>"));
    let group = site.get(&format!("/sim/groups/{dealers}")).await;
    let last = group["messages"].as_array().unwrap().last().unwrap();
    assert_eq!(
        (&last["msgid"], &last["by"], &last["name"]),
        (&said["msgid"], &json!("person"), &json!("吴鸣"))
    );
    let remove = format!("{members}/wu.ming");
    assert_eq!(site.ask(Method::DELETE, &remove, Value::Null).await.0, 200);
    assert_eq!(site.ask(Method::DELETE, &remove, Value::Null).await.0, 404);
    assert_eq!(site.ask(Method::DELETE, &format!("{members}/lin.yun?left=true"), Value::Null).await.0, 409);
    site.simulator.stop().await.unwrap();
}

#[tokio::test]
async fn the_platform_answers_and_remembers() {
    let (site, _seen) = Site::new().await;
    let (corp, secret) = site
        .simulator
        .world()
        .read(|state| (state.corp.id.clone(), state.apps[0].secret.expose().to_owned()));
    let token = site.get(&format!("/cgi-bin/gettoken?corpid={corp}&corpsecret={secret}")).await;
    let token = token["access_token"].as_str().unwrap();
    let path = format!("/cgi-bin/message/send?access_token={token}");
    let body = json!({"touser": "li.na", "msgtype": "text", "agentid": 1_000_002, "text": {"content": "在"}});
    assert_eq!(site.post(&path, body.clone()).await.1["errcode"], 0);
    let outbound = site.get("/sim/outbound").await["items"].clone();
    assert_eq!(outbound.as_array().unwrap().len(), 1, "gettoken is a question and not listed");
    assert_eq!((&outbound[0]["path"], &outbound[0]["body"]), (&json!("/cgi-bin/message/send"), &body));
    assert_eq!((&outbound[0]["by"], &outbound[0]["seen_by"]), (&json!("app:assistant"), &json!(["li.na"])));
    let none = site.get(&format!("/sim/outbound?after={}", outbound[0]["n"])).await;
    assert_eq!(none["items"], json!([]));
    assert_eq!(site.get("/sim/private/li.na").await["messages"][0]["content"], "在");
    let (status, unknown) = site.post("/cgi-bin/no/such/path", json!({})).await;
    assert_eq!((status, &unknown["errcode"]), (404, &json!(404)));
    let fault = json!({"path": "/cgi-bin/message/send", "fault": "60020", "times": 5});
    assert_eq!(site.post("/sim/faults", fault).await.0, 200);
    assert_eq!(site.post(&path, body.clone()).await.1["errcode"], 60020);
    assert_eq!(site.ask(Method::DELETE, "/sim/faults", Value::Null).await.0, 200);
    assert_eq!(site.post(&path, body).await.1["errcode"], 0);
    assert_eq!(site.post("/sim/faults", json!({"path": "/a", "fault": "flood"})).await.0, 400);
    site.simulator.stop().await.unwrap();
}

#[tokio::test]
async fn the_clock_moves_and_streams_tell_it() {
    let (site, _seen) = Site::new().await;
    let url = format!("http://{}/sim/stream", site.simulator.addr);
    let mut stream = site.client.get(url).send().await.unwrap();
    let (status, moved) = site.post("/sim/clock", json!({"advance": "2h"})).await;
    assert_eq!(status, 200, "{moved}");
    let event = String::from_utf8(stream.chunk().await.unwrap().unwrap().to_vec()).unwrap();
    assert!(event.contains("event: change") && event.contains(r#""what":"clock""#), "{event}");
    assert_eq!(site.get("/sim/state").await["offset_seconds"], 7_200);
    let (_, set) = site.post("/sim/clock", json!({"set": "2030-01-02T08:00:00+08:00"})).await;
    assert!(set["now"].as_str().unwrap().starts_with("2030-01-02T00:00:0"), "{set}");
    assert_eq!(site.post("/sim/clock", json!({})).await.0, 400);
    assert_eq!(site.post("/sim/clock", json!({"advance": "soon"})).await.0, 400);
    site.simulator.stop().await.unwrap();
    while let Ok(Some(_)) = stream.chunk().await {}
}

#[tokio::test]
async fn callback_addresses_can_be_checked() {
    let (site, _seen) = Site::new().await;
    let (_, verified) = site.post("/sim/verify", Value::Null).await;
    let results = verified["results"].as_array().unwrap();
    assert_eq!(results.len(), 3);
    assert!(results.iter().all(|result| result["ok"] == false), "this bot does not decrypt the echo");
    site.simulator.stop().await.unwrap();
}
