//! From the departments of the corp (企业微信通讯录) to `config/org.toml`.
//!
//! A department that is called like a store of `stores.toml` is that store, with the people whom that file names, and
//! what is below it belongs to the store. Every other one stands by its leaders, or, without any, by its members.

use std::collections::{BTreeMap, HashMap, HashSet};

use anyhow::{anyhow, bail};

use super::node::Node;
use crate::channels::wecom::client::{Api, AppConnection, CallError, Department};
use crate::decision::MemberId;
use crate::rules::Stores;

/// Departments whose members are read, one call each. Whoever has more names the part that the brand is.
const DEPARTMENTS_AT_MOST: usize = 1_000;
const CIRCLE: &str = "有的部门绕了一圈，挂不到最上面的部门下 / departments form a circle";

/// A department with whoever is in it itself.
#[derive(Clone, Debug)]
pub struct Staffed {
    pub department: Department,
    pub members: Vec<MemberId>,
}

/// Reads this department with all below it, or everything that the app sees.
pub async fn read(api: &Api, app: &AppConnection, below: Option<i64>) -> anyhow::Result<Vec<Staffed>> {
    let departments = api.departments(app, below).await.map_err(told)?;
    if departments.len() > DEPARTMENTS_AT_MOST {
        bail!(
            "有 {} 个部门，一次最多读 {DEPARTMENTS_AT_MOST} 个：用 --department 部门ID 只读品牌的那一部分 / too many departments",
            departments.len()
        );
    }
    let mut all = Vec::new();
    for department in departments {
        let members = api.department_members(app, department.id).await.map_err(told)?;
        all.push(Staffed { department, members });
    }
    Ok(all)
}

fn told(error: CallError) -> anyhow::Error {
    anyhow!("读不了企业微信的通讯录：{} / {error}", error.person())
}

/// The text of an `org.toml` with these departments as its nodes.
pub fn org_toml(departments: &[Staffed], stores: &Stores) -> anyhow::Result<String> {
    let tree = Tree::of(departments)?;
    let mut toml = String::from(
        "#:schema ../schemas/org.schema.json\n# 从企业微信通讯录做的组织：改完用 zhanggui check 检查，用 zhanggui org 看。\n",
    );
    let mut making = Making { tree: &tree, stores, placed: HashSet::new(), ids: HashMap::new() };
    let mut open = vec![tree.root];
    while let Some(staffed) = open.pop() {
        let node = making.node(staffed)?;
        toml.push_str(&node.toml());
        // What is below a store is the store's.
        if node.store.is_none() {
            open.extend(tree.below(staffed.department.id).rev());
        }
    }
    Ok(toml)
}

/// The departments by their parents.
struct Tree<'d> {
    root: &'d Staffed,
    children: BTreeMap<i64, Vec<&'d Staffed>>,
}

impl<'d> Tree<'d> {
    fn of(departments: &'d [Staffed]) -> anyhow::Result<Self> {
        let known: HashSet<i64> = departments.iter().map(|one| one.department.id).collect();
        let mut children: BTreeMap<i64, Vec<&Staffed>> = BTreeMap::new();
        let mut roots = Vec::new();
        for one in departments {
            match one.department.parentid.filter(|parent| known.contains(parent)) {
                Some(parent) => children.entry(parent).or_default().push(one),
                None => roots.push(one),
            }
        }
        for siblings in children.values_mut() {
            siblings.sort_by_key(|one| (std::cmp::Reverse(one.department.order), one.department.id));
        }
        let names = |some: &[&Staffed]| {
            let name = |one: &&Staffed| format!("{}（{}）", name_of(&one.department), one.department.id);
            some.iter().map(name).collect::<Vec<_>>().join("、")
        };
        let root = match roots.as_slice() {
            [] if departments.is_empty() => {
                bail!(
                    "应用看不到任何部门：在管理后台把它的可见范围设成品牌的部门 / the app sees no department"
                )
            }
            [] => bail!(CIRCLE),
            [root] => *root,
            several => bail!(
                "应用看得到几处互不相连的部门：{}。用 --department 部门ID 选一处，或者把应用的可见范围设成整个企业 / several roots",
                names(several)
            ),
        };
        let tree = Self { root, children };
        if tree.all_of(root).len() < departments.len() {
            bail!(CIRCLE);
        }
        Ok(tree)
    }

    /// Directly below it, in the order of the platform.
    fn below(&self, id: i64) -> impl DoubleEndedIterator<Item = &'d Staffed> {
        self.children.get(&id).into_iter().flatten().copied()
    }

    /// It and all below it.
    fn all_of(&self, staffed: &'d Staffed) -> Vec<&'d Staffed> {
        let (mut all, mut open) = (Vec::new(), vec![staffed]);
        while let Some(one) = open.pop() {
            all.push(one);
            open.extend(self.below(one.department.id));
        }
        all
    }
}

fn name_of(department: &Department) -> &str {
    department.name.as_deref().unwrap_or("没有名字")
}

struct Making<'d> {
    tree: &'d Tree<'d>,
    stores: &'d Stores,
    /// Nobody is in two nodes: whoever stands for one above stands for it alone.
    placed: HashSet<&'d MemberId>,
    /// Ids of the nodes that departments became.
    ids: HashMap<i64, String>,
}

impl<'d> Making<'d> {
    fn node(&mut self, staffed: &'d Staffed) -> anyhow::Result<Node> {
        let department = &staffed.department;
        let Some(name) = department.name.clone() else {
            bail!(
                "企业微信没有告诉部门 {} 叫什么，这个应用不能读部门名称 / department without a name",
                department.id
            )
        };
        let is_root = department.id == self.tree.root.department.id;
        let store = self.stores.values().find(|store| !is_root && store.name == name);
        let id = store.map_or_else(|| format!("dept-{}", department.id), |store| store.id.clone());
        let parent =
            department.parentid.and_then(|parent| self.ids.get(&parent)).filter(|_| !is_root).cloned();
        self.ids.insert(department.id, id.clone());
        let node = Node { id, parent, ..Node::default() };
        match store {
            Some(store) => Ok(Node {
                remarks: self.strangers(staffed, &store.staff),
                store: Some(store.id.clone()),
                ..node
            }),
            None => {
                let people = self.people(staffed);
                let nobody = "这个部门没有别处没写过的人：补上 people，或者删掉这一段，把下面的挂到它的上级";
                let remarks = people.is_empty().then(|| nobody.to_owned()).into_iter().collect();
                Ok(Node { remarks, name: Some(name), people, ..node })
            }
        }
    }

    /// Who stands for a department that is no store.
    fn people(&mut self, staffed: &'d Staffed) -> Vec<String> {
        let Staffed { department, members } = staffed;
        let named = if department.leaders.is_empty() { members } else { &department.leaders };
        let free = named.iter().filter(|person| self.placed.insert(person));
        free.map(ToString::to_string).collect()
    }

    /// Whom the platform has in a store and `stores.toml` does not.
    fn strangers(&self, staffed: &'d Staffed, staff: &[String]) -> Vec<String> {
        let mut told = HashSet::new();

        let all = self.tree.all_of(staffed);
        let everybody = all.iter().flat_map(|one| one.department.leaders.iter().chain(&one.members));
        let unknown =
            everybody.map(MemberId::as_str).filter(|person| !staff.iter().any(|known| known == person));
        let strangers: Vec<&str> = unknown.filter(|person| told.insert(*person)).collect();
        if strangers.is_empty() {
            return Vec::new();
        }
        vec![format!("通讯录里还有、stores.toml 里没有的人：{}", strangers.join("、"))]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::{SourceFile, Sources};
    use crate::rules::{Rulebook, compile, samples::SERVER};

    const STORES: &str =
        "[[store]]\nid = \"chaoyang\"\nname = \"朝阳店\"\nowner = \"wang.min\"\nstaff = [\"li.na\"]\n";

    fn staffed(id: i64, name: &str, parent: i64, leaders: &[&str], members: &[&str]) -> Staffed {
        let people = |ids: &[&str]| ids.iter().map(|id| MemberId::from(*id)).collect();
        let department = Department {
            id,
            name: Some(name.to_owned()).filter(|name| !name.is_empty()),
            parentid: Some(parent),
            order: Some(100 - id),
            leaders: people(leaders),
        };
        Staffed { department, members: people(members) }
    }

    fn rulebook(org: &str) -> Rulebook {
        let mut files = vec![
            SourceFile::new("config/zhanggui.toml", SERVER),
            SourceFile::new("config/stores.toml", STORES),
        ];
        files.extend((!org.is_empty()).then(|| SourceFile::new("config/org.toml", org)));
        compile(&Sources::new(files)).expect("right").rulebook
    }

    fn made(departments: &[Staffed]) -> anyhow::Result<String> {
        org_toml(departments, &rulebook("").stores)
    }

    fn corp() -> Vec<Staffed> {
        vec![
            staffed(9, "收银组", 3, &[], &["li.na", "ma.chao"]),
            staffed(3, "朝阳店", 2, &["wang.min"], &["wang.min"]),
            staffed(1, "总部", 0, &[], &["lin.yun", "boss"]),
            staffed(2, "北京经销商", 1, &["sun.qian", "boss"], &["sun.qian", "zhao.lei"]),
            staffed(4, "天津经销商", 1, &[], &["chen.fang"]),
        ]
    }

    #[test]
    fn departments_become_an_organisation() {
        let toml = made(&corp()).expect("an organisation");
        let org = rulebook(&toml).org;
        let nodes: Vec<(&str, usize, String)> = org
            .nodes()
            .iter()
            .map(|node| (node.id.as_str(), org.depth(node), node.people.join(" ")))
            .collect();
        assert_eq!(
            nodes,
            [
                ("dept-1", 0, "lin.yun boss".to_owned()),
                ("dept-2", 1, "sun.qian".to_owned()),
                ("chaoyang", 2, "wang.min".to_owned()),
                ("chaoyang+staff", 3, "li.na".to_owned()),
                ("dept-4", 1, "chen.fang".to_owned()),
            ]
        );
        assert!(toml.contains("# 通讯录里还有、stores.toml 里没有的人：ma.chao\n"), "{toml}");
        assert!(!toml.contains("收银组"), "{toml}");
    }

    #[test]
    fn a_part_of_the_corp_is_a_tree_of_its_own() {
        let part: Vec<Staffed> =
            corp().into_iter().filter(|one| [2, 3].contains(&one.department.id)).collect();
        let org = rulebook(&made(&part).expect("an organisation")).org;
        let levels: Vec<_> =
            org.nodes().iter().map(|node| (node.id.as_str(), node.level.chinese())).collect();
        assert_eq!(levels[..2], [("dept-2", "品牌"), ("chaoyang", "门店")]);
    }

    #[test]
    fn what_makes_no_tree_is_told() {
        let why = |departments: &[Staffed]| made(departments).expect_err("no tree").to_string();
        assert!(why(&[]).contains("看不到任何部门"));
        let two = [staffed(2, "北京", 1, &[], &[]), staffed(4, "天津", 1, &[], &[])];
        assert!(why(&two).contains("北京（2）、天津（4）"), "{}", why(&two));
        let circle = [staffed(2, "北京", 4, &[], &[]), staffed(4, "天津", 2, &[], &[])];
        assert!(why(&circle).contains("绕了一圈"));
        assert!(why(&[staffed(1, "", 0, &[], &["a"])]).contains("没有告诉部门 1 叫什么"));
        let beside = [staffed(1, "总部", 0, &[], &["a"]), circle[0].clone(), circle[1].clone()];
        assert!(why(&beside).contains("绕了一圈"), "nothing is left out silently");
    }

    #[test]
    fn a_department_without_people_is_marked() {
        let toml =
            made(&[staffed(1, "总部", 0, &[], &["a"]), staffed(2, "空的", 1, &[], &[])]).expect("made");
        assert!(toml.contains("[[node]]\n# 这个部门没有别处没写过的人"), "{toml}");
    }
}
