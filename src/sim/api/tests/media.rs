//! Messages with files: which upload goes where, and what the screen shows.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest, Md5};

use super::*;
use crate::sim::random::hex;
use crate::sim::world::{Attached, DEALERS};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n a picture";
const MP4: &[u8] = b"\0\0\0\x18ftypmp42 a film";

impl Caller {
    /// The answer of `media/{path}`.
    fn uploaded(&self, path: &str, kind: &str, bytes: &[u8]) -> Value {
        let path = format!("/cgi-bin/media/{path}");
        self.upload(&path, &[("access_token", &self.token), ("type", kind)], bytes)
    }

    fn media_id(&self, kind: &str, bytes: &[u8]) -> Value {
        self.uploaded("upload", kind, bytes)["media_id"].clone()
    }

    fn post_to_chat(&self, kind: &str, payload: Value) -> i64 {
        let mut body = json!({"chatid": DEALERS, "msgtype": kind});
        body[kind] = payload;
        self.code("appchat/send", body)
    }

    fn by_webhook(&self, kind: &str, payload: Value) -> Value {
        let mut body = json!({"msgtype": kind});
        body[kind] = payload;
        let key = self.webhook_key();
        let path = "/cgi-bin/webhook/send";
        self.raw(Method::POST, path, &[("key", &key)], &body.to_string())["errcode"].clone()
    }

    fn last_in_group(&self) -> (String, String, Option<Attached>) {
        let last = self.world.read(|state| state.said[DEALERS].back().cloned()).unwrap();
        (last.kind, last.content, last.attached)
    }

    fn linked_program(&self) -> String {
        self.world.read(|state| state.corp.mini_programs[0].clone())
    }
}

#[test]
fn a_group_sees_pictures_films_files_and_links() {
    let caller = Caller::new();
    let picture = caller.media_id("image", PNG);
    assert_eq!(caller.post_to_chat("image", json!({"media_id": picture})), 0);
    let (kind, name, attached) = caller.last_in_group();
    assert_eq!((kind.as_str(), name.as_str()), ("image", "a.png"));
    let address = attached.and_then(|attached| attached.picture).unwrap();
    assert_eq!(address, format!("/sim/media/{}", picture.as_str().unwrap()));

    let film = json!({"media_id": caller.media_id("video", MP4), "title": "开箱"});
    assert_eq!(caller.post_to_chat("video", film), 0);
    let file = json!({"media_id": caller.media_id("file", b"%PDF-1.7")});
    assert_eq!(caller.post_to_chat("file", file.clone()), 0);
    assert_eq!(caller.post_to_chat("image", file), 40004, "an id is good for its kind");
    assert_eq!(caller.post_to_chat("miniprogram_notice", json!({})), 40008);

    let url = caller.uploaded("uploadimg", "", PNG)["url"].clone();
    let article = json!({"title": "预售", "description": "限量", "url": "https://a.example", "picurl": url});
    assert_eq!(caller.post_to_chat("news", json!({"articles": [article]})), 0);
    let (_, content, attached) = caller.last_in_group();
    let attached = attached.unwrap();
    assert_eq!((content.as_str(), attached.opens.as_str()), ("预售\nhttps://a.example", "https://a.example"));
    assert!(attached.picture.is_some_and(|path| path.starts_with("/sim/media/")));
}

#[test]
fn a_picture_with_an_address_lives_on_and_is_no_media_id() {
    let caller = Caller::new();
    assert_eq!(caller.uploaded("uploadimg", "", b"no picture")["errcode"], 40004);
    let large = [PNG, &vec![0; 2 * 1024 * 1024]].concat();
    assert_eq!(caller.uploaded("uploadimg", "", &large)["errcode"], 45001);
    let url = caller.uploaded("uploadimg", "", PNG)["url"].clone();
    let id = url.as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    assert_eq!(caller.post_to_chat("image", json!({"media_id": id})), 40004);
    let kept = caller.world.read(|state| state.media[&id].picture.clone()).unwrap();
    assert_eq!(STANDARD.decode(kept).unwrap(), PNG);
}

#[test]
fn a_webhooks_image_comes_with_its_digest() {
    let caller = Caller::new();
    let (base64, md5) = (STANDARD.encode(PNG), hex(&Md5::digest(PNG)));
    assert_eq!(caller.by_webhook("image", json!({"base64": base64, "md5": hex(&Md5::digest(MP4))})), 301_019);
    assert_eq!(caller.by_webhook("image", json!({"base64": "?", "md5": md5})), 40123);
    assert_eq!(caller.by_webhook("image", json!({"base64": base64, "md5": md5})), 0);
    let shown = caller.last_outbound().body;
    assert_eq!(shown["image"]["base64"], json!({"characters": base64.len()}), "no pictures in the list");
    let chat = caller.world.read(|state| state.webhooks[0].chat.clone());
    let last = caller.world.read(|state| state.said[&chat].back().cloned()).unwrap();
    assert!(last.attached.and_then(|attached| attached.picture).is_some());
    let corps = json!({"media_id": caller.media_id("file", b"%PDF-1.7")});
    assert_eq!(caller.by_webhook("file", corps), 40007, "the corp's uploads are not the webhook's");
    let key = caller.webhook_key();
    let query = [("key", key.as_str()), ("type", "file")];
    let own = caller.upload("/cgi-bin/webhook/upload_media", &query, b"%PDF-1.7")["media_id"].clone();
    assert_eq!(caller.by_webhook("file", json!({"media_id": own})), 0);
    assert_eq!(caller.by_webhook("video", json!({"media_id": own})), 40008);
}

#[test]
fn a_mini_program_opens_from_an_apps_article() {
    let caller = Caller::new();
    let article = |appid: &str| {
        let article = json!({"title": "山谷小铺", "appid": appid, "pagepath": "pages/index"});
        json!({"articles": [article]})
    };
    let tell =
        |news: Value| caller.send(json!({"msgtype": "news", "text": null, "news": news}))["errcode"].clone();
    assert_eq!(tell(article("wx-of-somebody-else")), 90206);
    assert_eq!(tell(article(&caller.linked_program())), 0);
    let told = caller.world.read(|state| state.private["wang.min"].back().cloned()).unwrap();
    assert_eq!(told.attached.map(|attached| attached.opens).as_deref(), Some("pages/index"));
    assert_eq!(caller.by_webhook("news", article(&caller.linked_program())), 40058, "it needs an address");
}
