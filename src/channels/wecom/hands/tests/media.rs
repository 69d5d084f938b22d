//! Parts with files: uploaded once, again when needed, never another content than was reviewed.

use std::sync::Arc;

use sha2::{Digest, Sha256};
use tempfile::TempDir;

use super::*;
use crate::channels::wecom::client::ADD_MASS_SEND;
use crate::decision::{MassSend, MediaFile, PostName};

const UPLOAD: &str = "/cgi-bin/media/upload";
const UPLOAD_PICTURE: &str = "/cgi-bin/media/uploadimg";
const UPLOAD_TO_WEBHOOK: &str = "/cgi-bin/webhook/upload_media";
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n mooncakes";
const MP4: &[u8] = b"\0\0\0\x18ftypmp42 mooncakes";

/// A platform, hands, and a scripts folder with some files.
struct Stage {
    platform: Platform,
    clock: Clock,
    hands: Arc<Hands>,
    folder: TempDir,
}

impl Stage {
    async fn new() -> Self {
        let (platform, clock) = (Platform::start().await, Clock::system());
        let folder = tempfile::tempdir().unwrap();
        let connections =
            Connections { api_base: platform.base.clone(), apps: vec![app()], webhooks: vec![robot()] };
        let hands = Hands::new(connections, folder.path().to_owned(), clock.clone()).unwrap();
        let stage = Self { platform, clock, hands: Arc::new(hands), folder };
        stage.write("月饼.png", PNG);
        stage.write("开箱.mp4", MP4);
        stage.write("价目表.pdf", b"%PDF-1.7");
        stage
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.folder.path().join(name), bytes).unwrap();
    }

    /// The file as it is now.
    fn file(&self, name: &str) -> MediaFile {
        let bytes = std::fs::read(self.folder.path().join(name)).unwrap();
        let sha256 = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        MediaFile { name: format!("bot-scripts/{name}"), sha256 }
    }

    fn image(&self) -> Part {
        Part::Image { file: self.file("月饼.png") }
    }

    fn video(&self) -> Part {
        Part::Video { file: self.file("开箱.mp4"), title: "开箱".into(), description: String::new() }
    }

    fn document(&self) -> Part {
        Part::File { file: self.file("价目表.pdf") }
    }

    fn link(&self) -> Part {
        let picture = Some(self.file("月饼.png"));
        let (title, url) = ("中秋预售".into(), "https://shop.example.com/m".into());
        Part::Link { title, description: String::new(), url, picture }
    }

    fn mini_program(&self) -> Part {
        let picture = Some(self.file("月饼.png"));
        let (appid, page) = ("wx123".into(), "pages/index".into());
        Part::MiniProgram { title: "山谷小铺".into(), description: String::new(), appid, page, picture }
    }

    async fn perform(&self, hand: Hand, act: Act, idempotence: &str) -> Report {
        perform(&self.hands, &action(hand, act), idempotence).await
    }

    fn asked(&self, path: &str) -> Vec<Value> {
        self.platform.asked(path).iter().map(|asked| asked.json()).collect()
    }

    fn uploads(&self, path: &str) -> usize {
        self.platform.asked(path).len()
    }

    fn pass(&self, hours: i64) {
        self.clock.set_offset(self.clock.offset() + SignedDuration::from_hours(hours));
    }
}

fn post(part: Part) -> Act {
    Act::Post { part, mentions: Vec::new() }
}

fn tell(part: Part) -> Act {
    Act::Tell { to: "lin.yun".into(), part }
}

fn card(part: Part) -> Act {
    let card = TaskCard {
        task_id: "t1-1".into(),
        title: "请发到群里".into(),
        why: "机器人不能在这个群里直接发言".into(),
        rows: vec![("群".into(), "会员群".into())],
        paste: Some(Box::new(part)),
        buttons: vec![("done".into(), "已处理".into())],
    };
    Act::TaskCard { to: "lin.yun".into(), card }
}

fn by_task() -> Hand {
    Hand::StaffTask { app: "assistant".into() }
}

fn why_failed(report: &Report) -> &str {
    let Report::Failed { why } = report else { panic!("not failed: {report:?}") };
    &why.person
}

#[tokio::test]
async fn a_picture_is_uploaded_once_for_the_whole_corp() {
    let stage = Stage::new().await;
    for number in 0..3 {
        let report = stage.perform(appchat(), post(stage.image()), &format!("p{number}")).await;
        assert_eq!(report, done());
    }
    assert_eq!(stage.perform(by_app(), tell(stage.image()), "t1").await, done());
    assert_eq!(stage.uploads(UPLOAD), 1);
    let image = json!({ "media_id": "media-1" });
    assert_eq!(stage.asked(CHAT)[2], json!({ "chatid": "CHAT1", "msgtype": "image", "image": image }));
    assert_eq!(stage.asked(MESSAGE)[0]["image"], image);
    let query = &stage.platform.asked(UPLOAD)[0].query;
    assert!(query.contains("type=image"), "{query}");
}

#[tokio::test]
async fn many_at_once_wait_for_one_upload() {
    let stage = Stage::new().await;
    let posts = (0..12).map(|number| {
        let (hands, post) = (stage.hands.clone(), action(appchat(), post(stage.image())));
        tokio::spawn(async move { perform(&hands, &post, &format!("a{number}")).await })
    });
    for post in posts.collect::<Vec<_>>() {
        assert_eq!(post.await.unwrap(), done());
    }
    assert_eq!((stage.uploads(UPLOAD), stage.uploads(CHAT)), (1, 12));
}

#[tokio::test]
async fn an_upload_is_renewed_before_the_platform_forgets_it() {
    let stage = Stage::new().await;
    stage.perform(appchat(), post(stage.image()), "a1").await;
    stage.pass(70);
    stage.perform(appchat(), post(stage.image()), "a2").await;
    assert_eq!(stage.uploads(UPLOAD), 1);
    stage.pass(2);
    stage.perform(appchat(), post(stage.image()), "a3").await;
    assert_eq!(stage.uploads(UPLOAD), 2, "72 hours are over");
}

#[tokio::test]
async fn what_was_uploaded_before_a_restart_is_known() {
    let stage = Stage::new().await;
    let first = action(appchat(), post(stage.image()));
    let uploaded = stage.hands.prepare(&first).await.unwrap().uploaded.expect("new");
    assert_eq!((uploaded.key.owner.as_str(), uploaded.key.used_as), ("corp:ww1", Use::Image));

    let connections = stage.hands.connections().clone();
    let hands = Hands::new(connections, stage.folder.path().to_owned(), stage.clock.clone()).unwrap();
    hands.remember_upload(uploaded);
    assert_eq!(perform(&hands, &first, "a1").await, done());
    assert_eq!(stage.uploads(UPLOAD), 1);
    assert!(hands.prepare(&first).await.unwrap().uploaded.is_none(), "nothing new to keep");
}

#[tokio::test]
async fn an_id_that_the_platform_refuses_is_replaced_once() {
    let stage = Stage::new().await;
    stage.platform.refuse(CHAT, 40007);
    let report = stage.perform(appchat(), post(stage.image()), "a1").await;
    assert!(matches!(&report, Report::Wait { until, .. } if *until <= stage.clock.now()), "{report:?}");
    assert_eq!(stage.perform(appchat(), post(stage.image()), "a1").await, done());
    assert_eq!(stage.asked(CHAT)[1]["image"]["media_id"], "media-2");

    stage.platform.script(CHAT, [errcode(40007), errcode(40007)]);
    assert!(stage.perform(appchat(), post(stage.image()), "a2").await.comes_again());
    let report = stage.perform(appchat(), post(stage.image()), "a2").await;
    assert!(why_failed(&report).contains("40007"), "{report:?}");
    assert_eq!(stage.uploads(UPLOAD), 3, "not for ever");
}

#[tokio::test]
async fn a_mass_send_brings_a_forgotten_file_again() {
    let stage = Stage::new().await;
    let send = MassSend {
        owner: "wang.min".into(),
        parts: vec![Part::text("早安"), stage.image()],
        post: PostName::default(),
        reminders: Vec::new(),
        escalate_at: Timestamp::MAX,
        cancel_at: Timestamp::MAX,
        store: String::new(),
        withdrawn: false,
    };
    let ask = async || {
        let attached = stage.hands.prepare_mass_send("assistant", &send).await.unwrap();
        stage.hands.ask_for_mass_send("assistant", &send, &["wr1".into()], &attached).await
    };
    let made = Answer::Json(json!({ "errcode": 0, "fail_list": [], "msgid": "m1" }));
    stage.platform.script(ADD_MASS_SEND, [errcode(40007), made]);
    let asked = ask().await;
    assert!(matches!(asked, Err(Report::Wait { .. })), "{asked:?}");
    assert!(ask().await.is_ok());
    let ids: Vec<Value> = stage
        .asked(ADD_MASS_SEND)
        .iter()
        .map(|body| body["attachments"][0]["image"]["media_id"].clone())
        .collect();
    assert_eq!(ids, ["media-1", "media-2"]);
}

#[tokio::test]
async fn only_the_reviewed_content_goes_out() {
    let stage = Stage::new().await;
    let reviewed = stage.image();
    stage.perform(appchat(), post(reviewed.clone()), "a1").await;
    stage.write("月饼.png", b"\x89PNG\r\n\x1a\n something else");
    let report = stage.perform(appchat(), post(reviewed.clone()), "a2").await;
    let expected = "图片「月饼.png」在发出前被改过或删掉了，没有发出；请确认内容后再安排一次";
    assert_eq!(why_failed(&report), expected);
    std::fs::remove_file(stage.folder.path().join("月饼.png")).unwrap();
    assert_eq!(why_failed(&stage.perform(appchat(), post(reviewed), "a3").await), expected);

    let outside = Part::File { file: MediaFile { name: "bot-scripts/../secret".into(), sha256: "0".into() } };
    let report = stage.perform(appchat(), post(outside), "a4").await;
    assert!(why_failed(&report).contains("不在话术文件夹里"), "{report:?}");
    assert_eq!(stage.uploads(CHAT), 1);
}

#[tokio::test]
async fn what_is_too_large_or_no_picture_is_told_before_anything_is_sent() {
    let stage = Stage::new().await;
    stage.write("大图.png", &[PNG, &vec![0; 10 << 20]].concat());
    stage.write("不是图.png", b"hello world");
    stage.write("空.png", b"");
    for (name, expected) in [
        ("大图.png", "有 10.1 MB，企业微信最多收 10 MB"),
        ("不是图.png", "的内容不是JPG 或 PNG 图片"),
        ("空.png", "太小"),
    ] {
        let part = Part::Image { file: stage.file(name) };
        let report = stage.perform(appchat(), post(part), name).await;
        assert!(why_failed(&report).contains(expected), "{name}: {report:?}");
    }
    stage.write("中图.png", &[PNG, &vec![0; 3 << 20]].concat());
    let report = stage.perform(webhook(), post(Part::Image { file: stage.file("中图.png") }), "w").await;
    assert!(why_failed(&report).contains("最多收 2 MB"), "{report:?}");
    assert!(stage.platform.paths().is_empty());
}

#[tokio::test]
async fn a_push_robot_carries_its_images_and_has_files_of_its_own() {
    let stage = Stage::new().await;
    assert_eq!(stage.perform(webhook(), post(stage.image()), "a1").await, done());
    assert_eq!(stage.perform(appchat(), post(stage.document()), "a2").await, done());
    assert_eq!(stage.perform(webhook(), post(stage.document()), "a3").await, done());
    assert_eq!(stage.perform(webhook(), post(stage.document()), "a4").await, done());
    let [image, file, _] = &stage.asked(WEBHOOK)[..] else { panic!("three posts") };
    assert_eq!(image["msgtype"], "image");
    assert!(image["image"]["base64"].is_string() && image["image"]["md5"].is_string());
    assert_eq!(file["file"], json!({ "media_id": "media-2" }), "the corp's id is no good here");
    assert_eq!((stage.uploads(UPLOAD), stage.uploads(UPLOAD_TO_WEBHOOK)), (1, 1));
    for part in [stage.video(), stage.mini_program()] {
        let report = stage.perform(webhook(), post(part), "a5").await;
        assert!(why_failed(&report).contains("不能做这件事"), "{report:?}");
    }
}

#[tokio::test]
async fn an_articles_picture_has_an_address_for_ever() {
    let stage = Stage::new().await;
    assert_eq!(stage.perform(appchat(), post(stage.link()), "a1").await, done());
    stage.pass(24 * 10);
    assert_eq!(stage.perform(webhook(), post(stage.link()), "a2").await, done());
    assert_eq!(stage.perform(by_app(), tell(stage.mini_program()), "a3").await, done());
    assert_eq!(stage.uploads(UPLOAD_PICTURE), 1);
    let picurl = "http://p.example/media-1";
    let link = json!({ "title": "中秋预售", "url": "https://shop.example.com/m", "picurl": picurl });
    assert_eq!(stage.asked(CHAT)[0]["news"], json!({ "articles": [link] }));
    assert_eq!(stage.asked(WEBHOOK)[0]["news"], json!({ "articles": [link] }));
    let program =
        json!({ "title": "山谷小铺", "appid": "wx123", "pagepath": "pages/index", "picurl": picurl });
    assert_eq!(stage.asked(MESSAGE)[0]["news"], json!({ "articles": [program] }));
}

#[tokio::test]
async fn a_video_keeps_its_title() {
    let stage = Stage::new().await;
    assert_eq!(stage.perform(appchat(), post(stage.video()), "a1").await, done());
    assert_eq!(stage.asked(CHAT)[0]["video"], json!({ "media_id": "media-1", "title": "开箱" }));
    assert!(stage.platform.asked(UPLOAD)[0].query.contains("type=video"));
}

#[tokio::test]
async fn an_upload_in_trouble_is_tried_again_and_nothing_was_sent() {
    let stage = Stage::new().await;
    stage.platform.script(UPLOAD, [errcode(-1), Answer::Broken, errcode(45009), errcode(40004)]);
    for expected in ["Retry", "Retry", "Wait", "Failed"] {
        let report = stage.perform(appchat(), post(stage.image()), "a1").await;
        assert!(format!("{report:?}").starts_with(expected), "{report:?}");
    }
    assert_eq!((stage.uploads(UPLOAD), stage.uploads(CHAT)), (4, 0));
}

#[tokio::test]
async fn a_task_hands_its_picture_over_before_the_card() {
    let stage = Stage::new().await;
    let report = stage.perform(by_task(), card(stage.image()), "c1").await;
    assert!(matches!(report, Report::Done { .. }), "{report:?}");
    let kinds: Vec<_> = stage.asked(MESSAGE).iter().map(|body| body["msgtype"].clone()).collect();
    assert_eq!(kinds, ["image", "template_card"]);
    let quote = &stage.asked(MESSAGE)[1]["template_card"]["quote_area"];
    assert_eq!(quote["title"], "要发的内容（长按上一条消息转发）");
    assert_eq!(quote["quote_text"], "[图片] 月饼.png");

    stage.perform(by_task(), card(stage.link()), "c2").await;
    let asked = &stage.asked(MESSAGE)[2..];
    assert_eq!(asked[0]["msgtype"], "news");
    assert_eq!(asked[1]["text"]["content"], "中秋预售\nhttps://shop.example.com/m");
    assert_eq!(asked[2]["msgtype"], "template_card");
}

#[tokio::test]
async fn a_card_goes_out_without_its_picture_and_says_why() {
    let stage = Stage::new().await;
    let act = card(stage.image());
    stage.platform.script(UPLOAD, [errcode(-1)]);
    stage.perform(by_task(), act.clone(), "c1").await;
    stage.platform.script(MESSAGE, [errcode(40007)]);
    assert!(stage.perform(by_task(), act.clone(), "c2").await.comes_again(), "another upload may help");
    stage.platform.script(MESSAGE, [errcode(40007)]);
    stage.perform(by_task(), act.clone(), "c2").await;
    std::fs::remove_file(stage.folder.path().join("月饼.png")).unwrap();
    stage.perform(by_task(), act, "c3").await;

    let sent = stage.asked(MESSAGE);
    let told: Vec<_> = sent.iter().filter_map(|body| body["text"]["content"].as_str()).collect();
    assert_eq!(told.len(), 3, "{told:#?}");
    assert!(told.iter().all(|text| text.starts_with("[图片] 月饼.png没能发给您：")), "{told:#?}");
    assert!(told[0].contains("繁忙") && told[1].contains("40007") && told[2].contains("被改过或删掉了"));
    assert_eq!(sent.iter().filter(|body| body["msgtype"] == "template_card").count(), 3);
}
