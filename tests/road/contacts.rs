//! A new customer is welcomed in the 1:1 chat, within the platform's twenty seconds or not at all.

use serde_json::{Value, json};

use crate::support::Town;

const WELCOME: &str = "externalcontact/send_welcome_msg";

#[tokio::test(flavor = "multi_thread")]
async fn a_new_customer_hears_the_stores_welcome_once() {
    let mut town = Town::open().await;
    let code = town.adds("wang.min", "wm-passer.by").await;
    let body = town.sent(WELCOME).await;
    assert_eq!(body["welcome_code"], code);
    let text = body["text"]["content"].as_str().expect("a text");
    assert!(text.contains("山谷小铺朝阳店") && !text.contains("{{"), "{text}");
    town.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_platform_that_stumbles_is_asked_again_but_never_after_the_twenty_seconds() {
    let mut town = Town::open().await;
    town.fault(WELCOME, "-1").await;
    town.adds("wang.min", "wm-passer.by").await;
    town.failed(WELCOME, Some(-1)).await;
    town.postponed().await;
    town.advance("5s").await;
    town.sent(WELCOME).await;

    town.fault(WELCOME, "-1").await;
    town.adds("wang.min", "wm-he.xiaoyu").await;
    town.failed(WELCOME, Some(-1)).await;
    town.postponed().await;
    town.advance("21s").await;
    town.reason("outcomes/given_up").await;
    town.finish().await;
}

impl Town {
    /// A member adds a customer; gives the code that the platform sent along.
    async fn adds(&self, member: &str, customer: &str) -> Value {
        let contact = json!({"member": member, "customer": customer, "state": ""});
        self.post("/sim/contacts", contact).await["welcome_code"].clone()
    }
}
