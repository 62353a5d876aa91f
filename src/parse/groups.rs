//! Groups: who owns nodes. And what nodes say about groups and access that cannot be.

use crate::base::Bag;
use crate::base::Diagnostic;
use crate::base::Place;
use crate::base::diagnostic::nearest;
use crate::config::Family;
use crate::config::NodeConfig;
use crate::node::Detail;
use crate::node::Group;
use crate::node::Node;
use crate::node::Resource;
use crate::parse::declared;
use crate::parse::project_settings;
use crate::parse::properties::Entry;
use crate::parse::shape;
use crate::parse::shape::Absent;
use crate::parse::shape::Field;
use crate::parse::shape::Kind;
use crate::parse::shape::optional;
use crate::parse::shape::or;
use crate::parse::shape::required;
use crate::parse::site::Site;
use serde_json::Map;
use serde_json::Value;

const GROUP: &[Field] = &[
    required("name", Kind::Text),
    required("owner", Kind::Map),
    optional("description", Kind::Text),
    or("config", Kind::Map, Absent::Missing),
];

const ACCESS: [&str; 3] = ["private", "protected", "public"];

/// The groups of all packages; each name once.
pub(super) fn read(site: &Site<'_>, entries: &[Entry]) -> Vec<Group> {
    let mut groups: Vec<(Group, Place)> = Vec::new();
    for entry in entries {
        let Some(group) = group(site, entry) else {
            continue;
        };
        let place = entry.yaml.place();
        match groups.iter().find(|(g, _)| g.unique_id == group.unique_id) {
            Some((first, at)) => site.bag.add(duplicate(first, &group, at, place)),
            None => groups.push((group, place)),
        }
    }
    groups.into_iter().map(|(group, _)| group).collect()
}

fn group(site: &Site<'_>, entry: &Entry) -> Option<Group> {
    let mut fields = shape::read("groups", GROUP, &entry.yaml, site.bag)?;
    let owner = owner("groups", "Group", entry, &fields, site.bag)?;
    let name = fields["name"].as_str().unwrap_or_default().to_string();
    let (original_file_path, path) = declared::paths(site, entry);
    let fqn = declared::fqn(site, entry, &name);
    let mut config = NodeConfig::new(Family::Group);
    // Groups have no section of their own in a project file: they take what models are given.
    for tree in site.setting_trees(&entry.package, Resource::Model) {
        for layer in project_settings::layers(tree, &fqn) {
            config.apply(&layer);
        }
    }
    if let Some(Value::Object(written)) = fields.remove("config") {
        config.apply(&written);
    }
    Some(Group {
        unique_id: format!("group.{}.{name}", entry.package),
        package: entry.package.clone(),
        description: fields["description"].as_str().map(str::to_string),
        config: config.values().clone(),
        path,
        original_file_path,
        owner,
        name,
    })
}

/// The `owner:` of a group or an exposure; one without a name and an email is refused.
pub(super) fn owner(
    section: &str,
    kind: &str,
    entry: &Entry,
    fields: &Map<String, Value>,
    bag: &Bag,
) -> Option<Map<String, Value>> {
    let written = fields["owner"].as_object().cloned().unwrap_or_default();
    if !["name", "email"]
        .iter()
        .any(|key| written.get(*key).is_some_and(|v| !v.is_null()))
    {
        let at = entry.yaml.get("owner").unwrap_or(&entry.yaml);
        let what = format!("at path []: {kind} owner must have at least one of 'name' or 'email'.");
        bag.add(shape::invalid(section, &entry.yaml, at, &what));
        return None;
    }
    let nothing = ["email", "name"].map(|key| (key.to_string(), Value::Null));
    let mut owner = Map::from_iter(nothing);
    owner.extend(written);
    Some(owner)
}

fn duplicate(first: &Group, second: &Group, at: &Place, place: Place) -> Diagnostic {
    let name = &second.name;
    let message = format!(
        "dbt found two groups with the name \"{name}\"; since these resources have the same name, \
         dbt will be unable to find the correct resource when looking for {name}: \
         {} ({}) and {} ({})",
        first.unique_id, first.original_file_path, second.unique_id, second.original_file_path
    );
    Diagnostic::error("duplicate-group", message)
        .at(place)
        .related(at.clone(), "the other one is here")
        .hint("change the name of one of them")
}

/// Reports groups that nobody declared, and values of `access` that cannot be.
pub(super) fn check(nodes: &[Node], groups: &[Group], bag: &Bag) {
    for node in nodes.iter().filter(|node| node.is_enabled()) {
        if let Some(group) = node.config.text("group")
            && !groups
                .iter()
                .any(|g| g.name == group && g.package == node.package)
        {
            bag.add(unknown(node, group, groups));
        }
        if let Detail::Model(model) = &node.detail
            && let Some(wrong) = wrong_access(node, &model.access)
        {
            bag.add(wrong);
        }
    }
}

fn unknown(node: &Node, group: &str, groups: &[Group]) -> Diagnostic {
    let own = groups.iter().filter(|g| g.package == node.package);
    let names: Vec<&str> = own.map(|g| g.name.as_str()).collect();
    let near = nearest(group, names.iter().copied());
    let quoted: Vec<String> = names.iter().map(|name| format!("'{name}'")).collect();
    let message = format!(
        "Invalid group '{group}', expected one of [{}]",
        quoted.join(", ")
    );
    let hint = match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => "declare it below `groups:` with a name and an owner".to_string(),
    };
    Diagnostic::error("unknown-group", message)
        .at(Place::line(&node.file, node.first_line))
        .headline(format!(
            "Parsing Error in {} {} ({})",
            node.resource.as_str(),
            node.name,
            node.original_file_path
        ))
        .hint(hint)
}

fn wrong_access(node: &Node, access: &str) -> Option<Diagnostic> {
    let id = &node.unique_id;
    let (message, hint) = if !ACCESS.contains(&access) {
        let message = format!("Node {id} has an invalid value ({access}) for the access field");
        (message, format!("it is one of {}", ACCESS.join(", ")))
    } else if access == "public" && node.is_ephemeral() {
        let message = format!(
            "Node {id} with 'ephemeral' materialization has an invalid value (public) for the access field"
        );
        let hint = "other projects could not read it; give it another materialization";
        (message, hint.to_string())
    } else {
        return None;
    };
    let found = Diagnostic::error("wrong-access", message).headline("Parsing Error");
    Some(
        found
            .at(Place::line(&node.file, node.first_line))
            .hint(hint),
    )
}
