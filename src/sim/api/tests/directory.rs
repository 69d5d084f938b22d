//! Departments and their members against the platform's pages path/90208 and path/90200.

use super::*;

impl Caller {
    fn ask(&self, path: &str, query: &[(&str, &str)]) -> Value {
        let query: Vec<(&str, &str)> =
            [("access_token", self.token.as_str())].iter().chain(query).copied().collect();
        self.raw(Method::GET, &format!("/cgi-bin/{path}"), &query, "")
    }
}

#[test]
fn an_app_reads_what_is_in_its_range() {
    let caller = Caller::new();
    let ids = |answer: &Value| -> Vec<i64> {
        let list = answer["department"].as_array().expect("a list");
        list.iter().filter_map(|one| one["id"].as_i64()).collect()
    };
    let all = caller.ask("department/list", &[]);
    assert_eq!(ids(&all), [1, 2, 3]);
    assert_eq!(all["department"][1]["department_leader"], json!(["sun.qian"]));
    assert_eq!(ids(&caller.ask("department/list", &[("id", "2")])), [2, 3]);
    let members = caller.ask("user/simplelist", &[("department_id", "3")]);
    assert_eq!(members["userlist"][0], json!({"userid": "wang.min", "name": "王敏", "department": [3]}));
}

#[test]
fn what_an_app_does_not_see_is_refused() {
    let caller = Caller::new();
    let code = |path: &str, query: &[(&str, &str)]| caller.ask(path, query)["errcode"].clone();
    assert_eq!(code("department/list", &[("id", "99")]), 60011);
    assert_eq!(code("user/simplelist", &[("department_id", "99")]), 60011);
    assert_eq!(code("user/simplelist", &[]), 40035);
}
