//! Join codes (加入群聊, wecom-send.md §6.5): making, reading, changing and deleting them.
//!
//! Making one knows no idempotence key, and no list tells which there are: whoever hears no answer must not simply
//! ask again.

use serde::Deserialize;
use serde_json::{Value, json};

use super::connection::AppConnection;
use super::error::CallError;
use super::transport::Call;
use super::{Api, lenient};
use crate::decision::{GROUPS_OF_A_CODE, GroupId, JoinWay};

/// Paths, also for the limits that the platform counts by.
pub(in super::super) const ADD: &str = "/cgi-bin/externalcontact/groupchat/add_join_way";
pub(in super::super) const UPDATE: &str = "/cgi-bin/externalcontact/groupchat/update_join_way";
pub(in super::super) const DELETE: &str = "/cgi-bin/externalcontact/groupchat/del_join_way";
const GET: &str = "/cgi-bin/externalcontact/groupchat/get_join_way";

/// A QR code, not a plug-in of a mini-program.
const SCENE: i64 = 2;
/// In characters. What is longer is cut, or refused.
const REMARK: usize = 30;
const STATE: usize = 30;
const ROOM_BASE_NAME: usize = 40;
/// A QR code's picture has some kilobytes.
const PICTURE_BYTES: usize = 2 << 20;

/// A code as the platform remembers it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct JoinWayInfo {
    #[serde(default, deserialize_with = "lenient::text")]
    pub config_id: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub state: Option<String>,
    #[serde(default, deserialize_with = "lenient::list")]
    pub chat_id_list: Vec<GroupId>,
    /// Address of the picture to scan.
    #[serde(default, deserialize_with = "lenient::text")]
    pub qr_code: Option<String>,
}

#[derive(Deserialize)]
struct Made {
    config_id: String,
}

#[derive(Deserialize)]
struct Read {
    join_way: JoinWayInfo,
}

impl Api {
    /// Makes a code and gives its id. When the answer is lost, or cannot be read, the code may exist.
    pub async fn add_join_way(&self, app: &AppConnection, way: &JoinWay) -> Result<String, CallError> {
        let made: Result<Made, _> = self.call(app, Call::post(ADD, &body(ADD, way)?)?).await;
        match made {
            Ok(made) => Ok(made.config_id),
            // The platform said yes and not what to.
            Err(CallError::Unreadable { path, cause }) => Err(CallError::Doubt { path, cause }),
            Err(error) => Err(error),
        }
    }

    /// What a code leads to, and where its picture is.
    pub async fn join_way(&self, app: &AppConnection, config_id: &str) -> Result<JoinWayInfo, CallError> {
        let read: Read = self.call(app, Call::post(GET, &json!({ "config_id": config_id }))?).await?;
        Ok(read.join_way)
    }

    /// Overwrites all that a code has.
    pub async fn update_join_way(
        &self,
        app: &AppConnection,
        config_id: &str,
        way: &JoinWay,
    ) -> Result<(), CallError> {
        let mut body = body(UPDATE, way)?;
        body["config_id"] = json!(config_id);
        self.call::<Value>(app, Call::post(UPDATE, &body)?).await.map(drop)
    }

    pub async fn delete_join_way(&self, app: &AppConnection, config_id: &str) -> Result<(), CallError> {
        self.call::<Value>(app, Call::post(DELETE, &json!({ "config_id": config_id }))?).await.map(drop)
    }

    /// The picture of a code, as it stands at [`JoinWayInfo::qr_code`].
    pub async fn join_way_picture(&self, url: &str) -> Result<Vec<u8>, CallError> {
        self.transport.picture(GET, url, PICTURE_BYTES).await
    }
}

fn body(path: &'static str, way: &JoinWay) -> Result<Value, CallError> {
    let JoinWay { remark, state, groups, new_groups } = way;
    if groups.is_empty() || groups.len() > GROUPS_OF_A_CODE {
        return Err(CallError::over_limit(path, "进群码的群", groups.len(), GROUPS_OF_A_CODE, "个"));
    }
    let name = new_groups.as_ref().map_or("", |new| &new.name);
    for (what, text, limit) in
        [("备注", remark.as_str(), REMARK), ("记号", state, STATE), ("新群的名字", name, ROOM_BASE_NAME)]
    {
        let length = text.chars().count();
        if length > limit {
            return Err(CallError::over_limit(path, what, length, limit, "字"));
        }
    }
    let mut body = json!({
        "scene": SCENE,
        "remark": remark,
        "auto_create_room": i64::from(new_groups.is_some()),
        "chat_id_list": groups,
        "state": state,
    });
    if let Some(new) = new_groups {
        body["room_base_name"] = json!(new.name);
        body["room_base_id"] = json!(new.number);
    }
    Ok(body)
}

#[cfg(test)]
mod tests {
    use super::super::scripted::{Answer, Platform, app, errcode};
    use super::*;
    use crate::rules::NewGroups;

    fn way(groups: usize) -> JoinWay {
        JoinWay {
            remark: "朝阳店收银台".into(),
            state: "chaoyang-counter".into(),
            groups: (0..groups).map(|nth| GroupId::new(format!("wr{nth}"))).collect(),
            new_groups: Some(NewGroups { name: "销售客服群".into(), number: 10 }),
        }
    }

    #[tokio::test]
    async fn a_code_has_the_shape_of_the_page() {
        let platform = Platform::start().await;
        let made = json!({ "errcode": 0, "errmsg": "ok", "config_id": "9ad7" });
        platform.script(ADD, [Answer::Json(made)]);
        let api = platform.api();
        assert_eq!(api.add_join_way(&app(), &way(2)).await.unwrap(), "9ad7");
        let expected = json!({ "scene": 2, "remark": "朝阳店收银台", "auto_create_room": 1,
            "room_base_name": "销售客服群", "room_base_id": 10, "chat_id_list": ["wr0", "wr1"],
            "state": "chaoyang-counter" });
        assert_eq!(platform.asked(ADD)[0].json(), expected);

        let plain = JoinWay { new_groups: None, ..way(1) };
        api.update_join_way(&app(), "9ad7", &plain).await.unwrap();
        let expected = json!({ "config_id": "9ad7", "scene": 2, "remark": "朝阳店收银台",
            "auto_create_room": 0, "chat_id_list": ["wr0"], "state": "chaoyang-counter" });
        assert_eq!(platform.asked(UPDATE)[0].json(), expected);
        api.delete_join_way(&app(), "9ad7").await.unwrap();
        assert_eq!(platform.asked(DELETE)[0].json(), json!({ "config_id": "9ad7" }));
    }

    #[tokio::test]
    async fn a_code_is_read_with_its_picture() {
        let platform = Platform::start().await;
        let url = format!("{}/qr.png", platform.base);
        let read = json!({ "errcode": 0, "errmsg": "ok", "join_way": { "config_id": "9ad7", "scene": 2,
            "remark": "r", "chat_id_list": ["wr0"], "qr_code": url, "state": "s", "mark_source": true } });
        platform.script(GET, [Answer::Json(read)]);
        let api = platform.api();
        let info = api.join_way(&app(), "9ad7").await.unwrap();
        assert_eq!((info.state.as_deref(), info.chat_id_list.len()), (Some("s"), 1));
        platform.script("/qr.png", [Answer::Text("picture"), Answer::Http(404)]);
        assert_eq!(api.join_way_picture(&url).await.unwrap(), b"picture");
        assert!(api.join_way_picture(&url).await.is_err(), "404");
        assert!(matches!(api.join_way_picture("file:///etc/passwd").await, Err(CallError::Invalid { .. })));
        assert_eq!(platform.asked("/qr.png")[0].query, "", "no token goes to the picture's host");
    }

    #[tokio::test]
    async fn what_the_platform_would_refuse_is_not_sent_and_an_answer_without_id_is_doubt() {
        let platform = Platform::start().await;
        let api = platform.api();
        let long = JoinWay { state: "长".repeat(STATE + 1), ..way(1) };
        for wrong in [way(0), way(GROUPS_OF_A_CODE + 1), long] {
            let error = api.add_join_way(&app(), &wrong).await.unwrap_err();
            assert!(matches!(error, CallError::Invalid { .. }), "{error}");
        }
        assert!(platform.asked(ADD).is_empty());
        platform.script(ADD, [errcode(0)]);
        let error = api.add_join_way(&app(), &way(1)).await.unwrap_err();
        assert!(matches!(error, CallError::Doubt { .. }), "{error}");
    }
}
