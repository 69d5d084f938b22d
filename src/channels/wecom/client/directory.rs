//! The corp's departments and who is in them (通讯录): read once, to make an organisation of them.
//!
//! Shapes are those of the platform's pages path/90208 (department/list) and path/90200 (user/simplelist). Both see
//! what is in the app's visible range, and refuse the rest with 60011. Unverified: that the topmost department of what
//! an app sees may have a parent that it does not see; so it is read.

use serde::Deserialize;

use super::connection::AppConnection;
use super::error::CallError;
use super::transport::Call;
use super::{Api, lenient};
use crate::decision::MemberId;

const DEPARTMENTS: &str = "/cgi-bin/department/list";
const MEMBERS: &str = "/cgi-bin/user/simplelist";

/// One department, without its members.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Department {
    pub id: i64,
    /// Self-built apps are told it (path/90208); third-party apps are not.
    #[serde(default, deserialize_with = "lenient::text")]
    pub name: Option<String>,
    /// The root department has the id 1 and no parent.
    #[serde(default, deserialize_with = "lenient::integer")]
    pub parentid: Option<i64>,
    /// Greater ones come first below one parent.
    #[serde(default, deserialize_with = "lenient::integer")]
    pub order: Option<i64>,
    /// 部门负责人, as far as the app sees them.
    #[serde(default, rename = "department_leader", deserialize_with = "lenient::list")]
    pub leaders: Vec<MemberId>,
}

#[derive(Deserialize)]
struct Listed {
    department: Vec<Department>,
}

#[derive(Deserialize)]
struct Members {
    userlist: Vec<Member>,
}

#[derive(Deserialize)]
struct Member {
    userid: MemberId,
}

impl Api {
    /// This department with all below it, or everything that the app sees.
    pub async fn departments(
        &self,
        app: &AppConnection,
        below: Option<i64>,
    ) -> Result<Vec<Department>, CallError> {
        let id = below.map(|id| id.to_string());
        let query: Vec<(&str, &str)> = id.iter().map(|id| ("id", id.as_str())).collect();
        self.call::<Listed>(app, Call::get(DEPARTMENTS, &query)).await.map(|listed| listed.department)
    }

    /// Who is in this very department; those of the departments below it are not told.
    pub async fn department_members(
        &self,
        app: &AppConnection,
        department: i64,
    ) -> Result<Vec<MemberId>, CallError> {
        let id = department.to_string();
        let query = [("department_id", id.as_str())];
        let members = self.call::<Members>(app, Call::get(MEMBERS, &query)).await?;
        Ok(members.userlist.into_iter().map(|member| member.userid).collect())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::scripted::{Answer, Platform, app};
    use super::*;

    #[tokio::test]
    async fn departments_and_members_are_read_in_the_shape_of_the_pages() {
        let platform = Platform::start().await;
        let listed = json!({ "errcode": 0, "errmsg": "ok", "department": [
            { "id": 2, "name": "广州研发中心", "name_en": "RDGZ", "department_leader": ["zhangsan", "lisi"],
              "parentid": 1, "order": 10 },
            { "id": 3, "parentid": "2" } ] });
        platform.script(DEPARTMENTS, [Answer::Json(listed)]);
        let api = platform.api();
        let departments = api.departments(&app(), Some(2)).await.expect("a list");
        assert_eq!(departments[0].leaders, [MemberId::from("zhangsan"), "lisi".into()]);
        assert_eq!((departments[1].name.as_deref(), departments[1].parentid), (None, Some(2)));
        let asked = |path: &str| platform.asked(path)[0].query.replace("&access_token=token-1", "");
        assert_eq!(asked(DEPARTMENTS), "id=2");

        let listed = json!({ "errcode": 0, "errmsg": "ok", "userlist": [
            { "userid": "zhangsan", "name": "张三", "department": [1, 2], "open_userid": "xxxxxx" } ] });
        platform.script(MEMBERS, [Answer::Json(listed)]);
        let members = api.department_members(&app(), 2).await.expect("a list");
        assert_eq!(members, [MemberId::from("zhangsan")]);
        assert_eq!(asked(MEMBERS), "department_id=2");
    }

    #[tokio::test]
    async fn an_answer_without_its_list_is_a_fault_and_no_empty_corp() {
        let platform = Platform::start().await;
        let api = platform.api();
        let none = api.departments(&app(), None).await.expect_err("no list");
        assert!(matches!(none, CallError::Unreadable { .. }), "{none}");
        let renamed = json!({ "errcode": 0, "userlist": [{ "open_userid": "woxxx" }] });
        platform.script(MEMBERS, [Answer::Json(renamed)]);
        let none = api.department_members(&app(), 1).await.expect_err("no userid");
        assert!(matches!(none, CallError::Unreadable { .. }), "{none}");
    }
}
