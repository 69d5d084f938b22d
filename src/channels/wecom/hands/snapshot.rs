//! PURE. A group as the platform tells it → [`GroupSnapshot`] (wecom-send.md §4.3, §6.2).

use jiff::Timestamp;

use crate::channels::wecom::client::{AppchatInfo, CustomerGroup, CustomerGroupMember};
use crate::decision::MemberId;
use crate::decision::event::{GroupKind, GroupSnapshot, SnapshotMember};

/// `type` of a member who belongs to the corp.
const CORP_MEMBER: i64 = 1;

pub(super) fn of_appchat(info: AppchatInfo) -> GroupSnapshot {
    let member = |id| SnapshotMember { id, name: None, corp_member: true, joined_at: None, state: None };
    GroupSnapshot {
        kind: GroupKind::Internal,
        name: info.name.unwrap_or_default(),
        owner: info.owner.map(MemberId::new),
        admins: Vec::new(),
        created_at: None,
        members: info.members.into_iter().map(member).collect(),
    }
}

pub(super) fn of_customer_group(group: CustomerGroup) -> GroupSnapshot {
    GroupSnapshot {
        kind: GroupKind::Customer,
        name: group.name.unwrap_or_default(),
        owner: group.owner.map(MemberId::new),
        admins: group.admin_list.into_iter().map(|admin| admin.userid).collect(),
        created_at: group.create_time.and_then(moment),
        members: group.member_list.into_iter().map(member).collect(),
    }
}

fn member(member: CustomerGroupMember) -> SnapshotMember {
    SnapshotMember {
        id: member.userid,
        name: member.name.or(member.group_nickname),
        corp_member: member.r#type == Some(CORP_MEMBER),
        joined_at: member.join_time.and_then(moment),
        state: member.state,
    }
}

fn moment(unix_seconds: i64) -> Option<Timestamp> {
    Timestamp::from_second(unix_seconds).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_of_the_page_is_read() {
        let sample = r#"{"chat_id":"wrOg","name":"销售客服群","owner":"ZhuShengBen","create_time":1572505490,
            "notice":"文明沟通，拒绝脏话","member_list":[
            {"userid":"abel","type":1,"join_time":1572505491,"join_scene":1,"invitor":{"userid":"jack"},
             "group_nickname":"客服小张","name":"张三丰"},
            {"userid":"wmOg","type":2,"unionid":"ozy","join_time":"1572505491","join_scene":3,"state":"klsdup3kj3s1",
             "group_nickname":"顾客老王","name":"王语嫣"}],
            "admin_list":[{"userid":"sam"},{"userid":"pony"}],"member_version":"7121"}"#;
        let snapshot = of_customer_group(serde_json::from_str(sample).unwrap());
        assert_eq!(snapshot.kind, GroupKind::Customer);
        assert_eq!(snapshot.owner, Some(MemberId::from("ZhuShengBen")));
        assert_eq!(snapshot.admins, [MemberId::from("sam"), MemberId::from("pony")]);
        assert_eq!(snapshot.created_at, moment(1_572_505_490));
        let [staff, customer] = &snapshot.members[..] else { panic!("{:?}", snapshot.members) };
        assert!(staff.corp_member && !customer.corp_member);
        assert_eq!(customer.joined_at, moment(1_572_505_491));
        assert_eq!(
            (customer.name.as_deref(), customer.state.as_deref()),
            (Some("王语嫣"), Some("klsdup3kj3s1"))
        );
    }
}
