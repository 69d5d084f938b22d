//! Join codes (wecom-send.md §6.5), and who comes in by them.

use super::*;
use crate::sim::people::{self, Newcomer};
use crate::sim::world::group::JoinScene;
use crate::sim::world::join_way::PEOPLE_AT_MOST;
use crate::sim::world::{CHAOYANG, DEALERS};

const ADD: &str = "externalcontact/groupchat/add_join_way";
const GET: &str = "externalcontact/groupchat/get_join_way";
const UPDATE: &str = "externalcontact/groupchat/update_join_way";
const DELETE: &str = "externalcontact/groupchat/del_join_way";

fn body(patch: Value) -> Value {
    let mut body = json!({"scene": 2, "remark": "收银台", "auto_create_room": 0, "chat_id_list": [CHAOYANG],
        "state": "counter"});
    merge(&mut body, patch);
    body
}

fn made(caller: &Caller, patch: Value) -> String {
    let answer = caller.post(ADD, body(patch));
    assert_eq!(answer["errcode"], 0, "{answer}");
    answer["config_id"].as_str().unwrap().to_owned()
}

fn scan(caller: &Caller, config_id: &str, nth: usize) -> Result<String, String> {
    let newcomer = Newcomer {
        id: format!("wm-scanner-{nth}"),
        name: Some(format!("扫码{nth}")),
        scene: JoinScene::QrCode,
        invitor: None,
    };
    let joined = caller.world.step(|step| people::join_by_code(step, config_id, newcomer));
    joined.map(|(chat, _)| chat).map_err(|refusal| refusal.to_string())
}

#[test]
fn a_code_takes_what_the_page_allows() {
    let caller = Caller::new();
    for (patch, code) in [
        (json!({"scene": null}), 40058),
        (json!({"scene": 3}), 40058),
        (json!({"chat_id_list": []}), 40058),
        (json!({"chat_id_list": vec![CHAOYANG; 6]}), 41091),
        (json!({"chat_id_list": [DEALERS]}), 90501),
        (json!({"state": "长".repeat(31)}), 40058),
        (json!({"room_base_name": "长".repeat(41)}), 40058),
        (json!({"auto_create_room": true}), 40035),
        (json!({"remark": "长".repeat(31), "chat_id_list": vec![CHAOYANG; 5]}), 0),
    ] {
        assert_eq!(caller.code(ADD, body(patch.clone())), code, "{patch}");
    }
}

#[test]
fn a_code_is_read_overwritten_and_deleted() {
    let caller = Caller::new();
    let config_id =
        made(&caller, json!({"auto_create_room": 1, "room_base_name": "福利群", "room_base_id": 10}));
    let read = |config_id: &str| caller.post(GET, json!({"config_id": config_id}));
    let way = read(&config_id)["join_way"].clone();
    assert_eq!((&way["state"], &way["room_base_id"]), (&json!("counter"), &json!(10)));
    assert!(way["qr_code"].as_str().unwrap().ends_with("/qr.png"));
    let changed = body(json!({"config_id": config_id, "state": null, "remark": null}));
    assert_eq!(caller.code(UPDATE, changed), 0);
    let way = read(&config_id)["join_way"].clone();
    assert_eq!((&way["state"], &way["auto_create_room"]), (&json!(""), &json!(0)), "overwritten");
    assert_eq!(caller.code(DELETE, json!({"config_id": config_id})), 0);
    assert_eq!(read(&config_id)["errcode"], 40058);
    assert_eq!(caller.code(UPDATE, body(json!({"config_id": config_id}))), 40058);
}

#[test]
fn who_scans_comes_into_the_first_group_with_room_and_carries_the_mark() {
    let caller = Caller::new();
    let second = caller.world.step(|step| {
        let new = json!({"name": "山谷小铺朝阳店福利群2（示例）", "kind": "customer", "owner": "wang.min"});
        people::make_group(step, serde_json::from_value(new).unwrap()).unwrap()
    });
    let config_id = made(&caller, json!({"chat_id_list": [CHAOYANG, second]}));
    let there = caller.world.read(|state| state.groups[CHAOYANG].members.len());
    for nth in there..PEOPLE_AT_MOST {
        assert_eq!(scan(&caller, &config_id, nth).unwrap(), CHAOYANG);
    }
    assert_eq!(scan(&caller, &config_id, 900).unwrap(), second, "the 201st goes to the next group");
    let answer = caller.post("externalcontact/groupchat/get", json!({"chat_id": second, "need_name": 1}));
    let members = answer["group_chat"]["member_list"].as_array().unwrap();
    let last = members.last().unwrap();
    assert_eq!((&last["state"], &last["join_scene"]), (&json!("counter"), &json!(3)));
    assert!(members[0].get("state").is_none(), "who founded it came by no code");
}

#[test]
fn when_all_are_full_the_platform_makes_a_group_if_it_may() {
    let caller = Caller::new();
    let closed = made(&caller, json!({}));
    let opening =
        made(&caller, json!({"auto_create_room": 1, "room_base_name": "福利群", "room_base_id": 10}));
    let there = caller.world.read(|state| state.groups[CHAOYANG].members.len());
    (there..PEOPLE_AT_MOST).for_each(|nth| drop(scan(&caller, &closed, nth).unwrap()));
    assert!(scan(&caller, &closed, 900).unwrap_err().contains("满"));
    let chat = scan(&caller, &opening, 901).unwrap();
    let (name, owner) = caller.world.read(|state| {
        let group = &state.groups[&chat];
        (group.name.clone(), group.owner.clone())
    });
    assert_eq!((name.as_str(), owner.as_str()), ("福利群10", "wang.min"));
    assert_eq!(scan(&caller, &opening, 902).unwrap(), chat);
}
