//! What a person puts into a message, and how each ear of the bot gets it.
//!
//! A message has a kind (the archive's names, wecom-receive.md §6.5: `text`, `image`, `link` …) and
//! either a text or an object with the kind's own fields.

use serde_json::{Map, Value, json};

use super::random::hex;
use super::refusal::Refusal;
use super::xml::{cdata, element};

/// The kinds a person can send and the field that a bare text stands for.
const KINDS: [(&str, &str); 22] = [
    ("text", "content"),
    ("image", "title"),
    ("voice", "content"),
    ("video", "title"),
    ("file", "filename"),
    ("link", "link_url"),
    ("weapp", "title"),
    ("card", "userid"),
    ("location", "address"),
    ("emotion", "title"),
    ("mixed", "content"),
    ("chatrecord", "title"),
    ("redpacket", "wish"),
    ("external_redpacket", "wish"),
    ("todo", "title"),
    ("vote", "votetitle"),
    ("collect", "title"),
    ("meeting", "topic"),
    ("docmsg", "title"),
    ("news", "title"),
    ("calendar", "title"),
    ("sphfeed", "feed_desc"),
];

/// Fields that a person can read on the screen, in the order they stand there.
const READABLE: [&str; 15] = [
    "content",
    "title",
    "description",
    "link_url",
    "displayname",
    "filename",
    "address",
    "wish",
    "votetitle",
    "topic",
    "feed_desc",
    "sph_name",
    "corpname",
    "userid",
    "place",
];

/// A message before it has a sender.
#[derive(Clone, Debug, PartialEq)]
pub struct Content {
    pub kind: String,
    fields: Map<String, Value>,
}

impl Content {
    /// # Errors
    /// When the kind is not one of the page's or the content is neither text nor an object.
    pub fn read(kind: &str, content: Value) -> Result<Self, Refusal> {
        let Some((kind, main)) = KINDS.iter().find(|(name, _)| *name == kind) else {
            return Err(Refusal::Invalid(format!("没有“{kind}”这种消息")));
        };
        let fields = match content {
            Value::String(text) => Map::from_iter([((*main).to_owned(), Value::String(text))]),
            Value::Object(fields) => fields,
            _ => return Err(Refusal::Invalid("content 要写成一段文字或一个对象".into())),
        };
        Ok(Self { kind: (*kind).to_owned(), fields })
    }

    /// What the screen shows.
    pub fn shown(&self) -> String {
        let readable = READABLE.iter().filter_map(|name| self.fields.get(*name)?.as_str());
        readable.collect::<Vec<_>>().join("\n")
    }

    /// The same with `@name ` before its text, as the client writes it when a robot is picked.
    pub fn mentioning(mut self, name: &str) -> Self {
        if let Some(Value::String(text)) = self.fields.get_mut("content") {
            *text = format!("@{name} {text}");
        }
        self
    }

    /// The payload's key and object in an archived message (wecom-receive.md §6.5).
    pub fn archived(&self, msgid: &str) -> (&'static str, Value) {
        let mut payload = self.fields.clone();
        let mut fill = |name: &str, value: Value| {
            payload.entry(name).or_insert(value);
        };
        if matches!(self.kind.as_str(), "image" | "voice" | "video" | "file" | "emotion") {
            fill("md5sum", hex(&msgid.as_bytes()[..msgid.len().min(16)]).into());
            fill("sdkfileid", format!("Ct{msgid}").into());
            fill(if self.kind == "voice" { "voice_size" } else { "filesize" }, 70_961.into());
        }
        if self.kind.ends_with("redpacket") {
            fill("type", 1.into());
            fill("totalcnt", 1.into());
            fill("totalamount", 100.into());
        }
        let key = match self.kind.as_str() {
            "external_redpacket" => "redpacket",
            "docmsg" => "doc",
            "news" => "info",
            kind => KINDS.iter().find(|(name, _)| *name == kind).map_or("info", |(name, _)| name),
        };
        if self.kind == "news" {
            return (key, json!({"item": [payload]}));
        }
        if let ("mixed", Some(text)) = (self.kind.as_str(), payload.get("content").cloned()) {
            let text = json!({"type": "text", "content": json!({"content": text}).to_string()});
            let image = json!({"type": "image", "content": json!({"md5sum": "", "filesize": 1}).to_string()});
            return (key, json!({"item": [text, image]}));
        }
        (key, payload.into())
    }

    /// The elements of an app's callback (wecom-receive.md §2.1), or none for a kind that the page
    /// does not have.
    pub fn app_elements(&self, msgid: &str) -> Option<String> {
        let get = |name: &str| self.field(name);
        let media = element("MediaId", &format!("media-{msgid}"));
        let picture = element("PicUrl", "https://example.com/picture.png");
        Some(match self.kind.as_str() {
            "text" => element("Content", get("content")),
            "image" => picture + &media,
            "voice" => media + &element("Format", "amr"),
            "video" => media + &element("ThumbMediaId", &format!("thumb-{msgid}")),
            "location" => format!(
                "<Location_X>{}</Location_X><Location_Y>{}</Location_Y><Scale>15</Scale>{}{}",
                self.number("latitude"),
                self.number("longitude"),
                element("Label", get("address")),
                element("AppType", "wxwork"),
            ),
            "link" => [
                element("Title", get("title")),
                element("Description", get("description")),
                element("Url", get("link_url")),
                picture,
            ]
            .concat(),
            _ => return None,
        })
    }

    /// The elements of the old group robot's callback (wecom-receive.md §5), or none.
    pub fn robot_elements(&self) -> Option<String> {
        let text = || format!("<Text>{}</Text>", element("Content", self.field("content")));
        let image = || {
            let url = element("ImageUrl", "https://example.com/picture.png");
            format!("<Image>{url}</Image>")
        };
        let item =
            |kind: &str, body: String| format!("<MsgItem><MsgType>{}</MsgType>{body}</MsgItem>", cdata(kind));
        Some(match self.kind.as_str() {
            "text" => text(),
            "image" => image(),
            "mixed" => {
                format!("<MixedMessage>{}{}</MixedMessage>", item("text", text()), item("image", image()))
            }
            _ => return None,
        })
    }

    /// The body of a smart robot's callback (wecom-receive.md §4.2), or none for what it never gets.
    pub fn aibot_body(&self, in_group: bool) -> Option<Value> {
        let text = json!({"content": self.field("content")});
        let url = json!({"url": "https://example.com/encrypted"});
        Some(match (self.kind.as_str(), in_group) {
            ("text", _) => text,
            ("mixed", _) => json!({"msg_item": [
                {"msgtype": "text", "text": text}, {"msgtype": "image", "image": url}]}),
            ("voice", false) => text,
            ("image" | "file" | "video", false) => url,
            _ => return None,
        })
    }

    fn field(&self, name: &str) -> &str {
        self.fields.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    fn number(&self, name: &str) -> f64 {
        self.fields.get(name).and_then(Value::as_f64).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_text_fills_the_main_field() {
        let link = Content::read("link", json!("https://shop.example.com")).unwrap();
        assert_eq!(link.shown(), "https://shop.example.com");
        assert_eq!(link.archived("1"), ("link", json!({"link_url": "https://shop.example.com"})));
    }

    #[test]
    fn payload_keys_follow_the_page() {
        for (kind, key) in
            [("text", "text"), ("external_redpacket", "redpacket"), ("docmsg", "doc"), ("news", "info")]
        {
            assert_eq!(Content::read(kind, json!("一")).unwrap().archived("1").0, key, "{kind}");
        }
        assert!(Content::read("smoke", json!("一")).is_err());
        assert!(Content::read("text", json!(1)).is_err());
    }

    #[test]
    fn each_ear_hears_its_kinds() {
        let image = Content::read("image", json!("海报")).unwrap();
        assert!(image.robot_elements().is_some());
        assert!(image.aibot_body(true).is_none(), "an image alone can't mention the robot");
        assert!(image.aibot_body(false).is_some());
        let weapp = Content::read("weapp", json!("小程序")).unwrap();
        assert!(weapp.app_elements("1").is_none() && weapp.robot_elements().is_none());
    }

    #[test]
    fn a_mention_is_literal_text() {
        assert_eq!(
            Content::read("text", json!("话术")).unwrap().mentioning("小掌柜").shown(),
            "@小掌柜 话术"
        );
    }
}
