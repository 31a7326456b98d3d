//! What the pages of a course's administrators show.

use std::collections::BTreeSet;
use std::io::{Cursor, Read};

use scraper::ElementRef;
use serde_json::{Map, Value, json};
use zip::ZipArchive;

use crate::folder::store::{MAX_FILE, is_safe};
use crate::page::{Page, text, within};

/// The settings, by the keys of the course file.
pub(super) fn settings(html: &str) -> Result<Map<String, Value>, String> {
    let page = Page::parse(html);
    let input = |name: &str| page.select(&format!("input[name='{name}']")).next();
    let value = |name: &str| {
        let value = input(name).map(|input| input.attr("value").unwrap_or_default().to_owned());
        value.ok_or_else(|| format!("it has no field `{name}`"))
    };
    let area = |name: &str| {
        let area = page.select(&format!("textarea[name='{name}']")).next();
        area.map(|area| area.text().collect::<String>()).ok_or_else(|| format!("it has no field `{name}`"))
    };
    let chosen = |name: &str| {
        let radio = page.select(&format!("input[type=radio][name='{name}'][checked]")).next();
        radio.and_then(|radio| radio.attr("value")).ok_or_else(|| format!("nothing is chosen of `{name}`"))
    };
    let ticked = |name: &str| input(name).is_some_and(|input| input.attr("checked").is_some());
    let mut head = Map::new();
    let mut put = |key: &str, value: Value| head.insert(key.to_owned(), value);
    put("name", value("name")?.into());
    put("description", area("description")?.into());
    for key in ["admins", "tutors"] {
        value(key)?;
        put(key, page.names(key).into());
    }
    for key in ["groups_student_choice", "allow_unregister", "allow_preview", "registration_ac_accept"] {
        put(key, (chosen(key)? == "true").into());
    }
    for key in ["accessible", "registration"] {
        let dates = format!("{}/{}", value(&format!("{key}_start"))?, value(&format!("{key}_end"))?);
        put(
            key,
            match chosen(key)? {
                "custom" => dates.into(),
                choice => (choice == "true").into(),
            },
        );
    }
    let password = value("registration_password")?;
    put("registration_password", if password.is_empty() { Value::Null } else { password.into() });
    let control = chosen("registration_ac")?;
    put("registration_ac", if control == "None" { Value::Null } else { control.into() });
    let list = area("registration_ac_list")?;
    let list = list.lines().map(str::trim).filter(|line| !line.is_empty());
    put("registration_ac_list", list.map(Value::from).collect());
    put("is_lti", ticked("lti").into());
    put("lti_send_back_grade", ticked("lti_send_back_grade").into());
    put("lti_url", value("lti_url")?.into());
    let keys = area("lti_keys")?;
    let keys = keys.lines().filter_map(|line| line.trim().split_once(':'));
    put(
        "lti_keys",
        keys.map(|(key, secret)| (key.to_owned(), Value::from(secret))).collect::<Map<_, _>>().into(),
    );
    put("lti_config", serde_json::from_str(area("lti_config")?.trim()).unwrap_or_else(|_| json!({})));
    put("tags", tags(&page).into());
    Ok(head)
}

/// The lines of the table of tags; the line for a new one is disabled. Its choice of types lacks that of categories, so
/// where nothing is chosen the tag is one.
fn tags(page: &Page) -> Map<String, Value> {
    const CATEGORY: i64 = 2;
    let mut tags = Map::new();
    for line in page.select("input[name^='tags['][name$='][id]']:not([disabled])") {
        let (Some(name), Some(id)) = (line.attr("name"), line.attr("value")) else { continue };
        let prefix = name.trim_end_matches("[id]");
        let field = |kind: &str, name: &str| page.select(&format!("{kind}[name='{prefix}[{name}]']")).next();
        let title = field("input", "name").and_then(|input| input.attr("value")).unwrap_or_default();
        let description = field("textarea", "description").map(|area| area.text().collect::<String>());
        let kind = field("select", "type").and_then(|select| within(select, "option[selected]").next());
        let kind: i64 = kind.and_then(|option| option.attr("value")?.parse().ok()).unwrap_or(CATEGORY);
        let visible = field("input", "visible").is_some_and(|input| input.attr("checked").is_some());
        let tag = json!({
            "name": title, "description": description.unwrap_or_default(), "type": kind, "visible": visible,
        });
        tags.insert(id.to_owned(), tag);
    }
    tags
}

/// What the page of the structure shows.
#[derive(Debug)]
pub(super) struct Structure {
    /// `dispenser_data`. Ids of sections are not shown; they are made of the titles.
    pub(super) data: Value,
    pub(super) tasks: BTreeSet<String>,
    pub(super) dispenser: String,
}

pub(super) fn structure(html: &str) -> Result<Structure, String> {
    let page = Page::parse(html);
    let root = page.select("#course_structure > .content").next();
    let root = root.ok_or("it has no structure (#course_structure)")?;
    let mut taken = BTreeSet::new();
    let toc: Vec<Value> = sections(root).map(|part| section(part, &mut taken)).collect();
    // JSON in a script; the characters that a script would trip over are escaped as JSON does.
    let (_, rest) =
        html.split_once("dispenser_config = JSON.parse('").ok_or("it has no settings of tasks")?;
    let (config, _) = rest.split_once("');").ok_or("the settings of its tasks do not end")?;
    let config: Map<String, Value> =
        serde_json::from_str(config).map_err(|e| format!("the settings of its tasks are no JSON: {e}"))?;
    let tasks = config.keys().cloned().collect();
    let chosen = page.select("#new_task_dispenser option[selected]").next();
    let dispenser = chosen.and_then(|option| option.attr("value")).ok_or("it shows no dispenser")?.to_owned();
    Ok(Structure { data: json!({"toc": toc, "config": config, "imported": true}), tasks, dispenser })
}

fn sections(content: ElementRef<'_>) -> impl Iterator<Item = ElementRef<'_>> {
    children(content).filter(|child| child.value().classes().any(|class| class == "section"))
}

fn children(of: ElementRef<'_>) -> impl Iterator<Item = ElementRef<'_>> {
    of.children().filter_map(ElementRef::wrap)
}

fn section(part: ElementRef<'_>, taken: &mut BTreeSet<String>) -> Value {
    let title = within(part, ".section_header .title").next().map(text).unwrap_or_default();
    let id = crate::convert::write::free(&crate::convert::write::plain_id(&title), |id| taken.contains(id));
    taken.insert(id.clone());
    let mut whole = Map::from_iter([("id".to_owned(), json!(id)), ("title".to_owned(), json!(title))]);
    let mut config = Map::new();
    // Those of the sections within are further down.
    let own = children(part).filter(|child| !child.value().classes().any(|class| class == "content"));
    for field in own.flat_map(|child| within(child, "input.section-config-item")) {
        let Some(name) = field.attr("id") else { continue };
        if field.attr("type") == Some("checkbox") {
            if field.attr("checked").is_some() {
                config.insert(name.to_owned(), json!(true));
            }
        } else if let Some(number) = field.attr("value").and_then(|value| value.trim().parse::<i64>().ok()) {
            config.insert(name.to_owned(), json!(number));
        }
    }
    if !config.is_empty() {
        whole.insert("config".to_owned(), config.into());
    }
    let content = children(part).find(|child| child.value().classes().any(|class| class == "content"));
    let inner: Vec<Value> =
        content.into_iter().flat_map(sections).map(|inner| section(inner, taken)).collect();
    let tasks: Vec<Value> = content
        .into_iter()
        .flat_map(children)
        .filter_map(|child| child.attr("id")?.strip_prefix("task_").map(Value::from))
        .collect();
    let nested = part.value().classes().any(|class| class == "sections_list") && tasks.is_empty();
    let (key, list) =
        if nested || !inner.is_empty() { ("sections_list", inner) } else { ("tasks_list", tasks) };
    whole.insert(key.to_owned(), list.into());
    whole.into()
}

/// The paths in the table of a task's files, folders left out.
pub(super) fn table(html: &str) -> Result<BTreeSet<String>, String> {
    let page = Page::parse(html);
    page.select("#tab_file_list table").next().ok_or("it has no table of files (#tab_file_list)")?;
    let paths = page.select("tr[data-x-path]").filter_map(|row| row.attr("data-x-path"));
    Ok(paths
        .filter(|path| !path.ends_with('/'))
        .map(|path| path.trim_start_matches('/').to_owned())
        .collect())
}

/// The files in an archive that the site made of a task.
pub(super) fn archive(bytes: &[u8]) -> Result<Vec<(String, Vec<u8>)>, String> {
    let mut zip = ZipArchive::new(Cursor::new(bytes)).map_err(|e| e.to_string())?;
    let mut files = Vec::new();
    for n in 0..zip.len() {
        let file = zip.by_index(n).map_err(|e| e.to_string())?;
        let name = file.name().map_err(|e| e.to_string())?.replace('\\', "/");
        if !is_safe(name.trim_end_matches('/')) {
            return Err(format!("the name {name} leads out of it"));
        }
        if file.is_file() {
            let mut bytes = Vec::new();
            file.take(MAX_FILE).read_to_end(&mut bytes).map_err(|e| e.to_string())?;
            files.push((name, bytes));
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_structure_is_read_from_its_editor() {
        let html = "<select id=new_task_dispenser><option value=toc selected></select><div id=course_structure class=sections_list><div class=content>\
            <div id=section_0_1 class='section tasks_list'><div class=section_header><span class=title><input type=checkbox>\
            A &amp; B</span></div><div><input id=closed type=checkbox class=section-config-item checked><input id=amount type=number class=section-config-item value=2></div>\
            <div class=content><div id=task_one class=task>One</div></div></div>\
            <div id=section_0_2 class='section sections_list'><div class=section_header><span class=title>More</span></div>\
            <div class=content><div id=section_0_2_1 class='section tasks_list'><div class=section_header><span class=title>More\
            </span></div><div class=content></div></div></div></div></div></div>\
            <script>dispenser_config = JSON.parse('{\"one\": {\"categories\": [\"it\\u0027s\"]}, \"two\": {}}');</script>";
        let Structure { data: structure, tasks, dispenser } = structure(html).expect("the page is as ever");
        let toc = json!([
            {"id": "A---B", "title": "A & B", "config": {"closed": true, "amount": 2}, "tasks_list": ["one"]},
            {"id": "More", "title": "More", "sections_list": [{"id": "More-2", "title": "More", "tasks_list": []}]},
        ]);
        assert_eq!((&structure["toc"], &structure["config"]["one"]["categories"][0]), (&toc, &json!("it's")));
        assert_eq!(dispenser, "toc");
        assert_eq!(tasks.into_iter().collect::<Vec<_>>(), ["one", "two"]);
        assert!(super::structure("<p>Plan</p>").expect_err("another page").contains("#course_structure"));
    }

    #[test]
    fn another_page_is_no_empty_table() {
        let html = "<div id=tab_file_list><table><tr data-x-path='/run'></tr><tr data-x-path='/public/'></tr></table></div>";
        assert_eq!(table(html), Ok(BTreeSet::from(["run".to_owned()])));
        assert!(table("<p>Sign in</p>").is_err() && settings("<p>Sign in</p>").is_err());
        assert!(archive(b"no archive").is_err());
    }
}
