//! `course.yaml` (reference inginious.md 9.4) and who may see a course.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use super::access::{Access, now};
use super::dispenser::Dispenser;
use super::files::{Folder, valid_id};
use super::task::{Task, Text};
use super::yaml::Node;

/// A readable course.
#[derive(Debug, Clone)]
pub(crate) struct Course {
    pub(crate) id: String,
    pub(crate) name: Text,
    pub(crate) description: String,
    pub(crate) admins: Vec<String>,
    pub(crate) tutors: Vec<String>,
    pub(crate) accessible: Access,
    pub(crate) registration: Access,
    pub(crate) password: Option<String>,
    pub(crate) allow_unregister: bool,
    allow_preview: bool,
    control: Control,
    pub(crate) dispenser: Dispenser,
    /// Readable tasks, in the order of the server's directory (reference inginious.md 4.1): not the teacher's.
    pub(crate) tasks: Vec<Arc<Task>>,
}

/// Access list of the registration.
#[derive(Debug, Clone)]
struct Control {
    field: Option<Field>,
    /// True for an allow list, false for a deny list.
    accept: bool,
    list: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Username,
    Binding,
    Email,
}

/// The person a rule is asked about.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Person<'a> {
    pub(crate) username: &'a str,
    pub(crate) email: &'a str,
    pub(crate) superadmin: bool,
    /// Registered as a student of the course in question.
    pub(crate) registered: bool,
}

impl Course {
    /// Reads a course and those of its tasks that are readable; the others are left out without a word, as the server
    /// does (reference inginious.md 9.6).
    ///
    /// # Errors
    /// Whatever makes 0.9.2 refuse the whole course.
    pub(crate) fn read(id: &str, folder: &Folder) -> Result<Self, String> {
        Self::with_tasks(id, folder, read_tasks(folder))
    }

    /// Reads a course as the WebDAV server does, which knows no tasks. So it drops every setting of a task unread, and
    /// takes a file that the web application refuses afterwards (observed on 0.9.2).
    ///
    /// # Errors
    /// What makes 0.9.2 refuse the course whatever its tasks.
    pub(crate) fn read_without_tasks(id: &str, folder: &Folder) -> Result<Self, String> {
        Self::with_tasks(id, folder, Vec::new())
    }

    fn with_tasks(id: &str, folder: &Folder, tasks: Vec<Arc<Task>>) -> Result<Self, String> {
        let text = folder.text("course.yaml").ok_or("there is no course.yaml")?;
        let node = Node::parse(&text)?;
        let name = Text::read(Some(node.get("name").ok_or("`name` is missing")?), "");
        if node.get("nofrontend").is_some_and(Node::truthy) {
            return Err("`nofrontend` hides the course from the web application".to_owned());
        }
        if let Some((name, _)) =
            folder.under("$i18n/").find(|(name, bytes)| name.ends_with(".mo") && !is_catalogue(bytes))
        {
            return Err(format!("$i18n/{name} is no gettext catalogue"));
        }
        let names =
            |key: &str| node.get(key).map(Node::items).unwrap_or_default().iter().map(Node::python_str);
        let flag = |key: &str, default: bool| node.get(key).map_or(default, Node::truthy);
        let access = |key: &str| node.get(key).map_or(Ok(Access::Always), Access::read);
        let known = |id: &str| tasks.iter().any(|task| task.id == id);
        let dispenser = match (node.get("task_dispenser"), node.get("toc")) {
            (Some(_), _) => Dispenser::read(node.get("dispenser_data").unwrap_or(&Node::Null), known)?,
            // Without `task_dispenser` the course counts as one of 0.6: `dispenser_data` is thrown away, and with it
            // every setting. All tasks are closed (observed on 0.9.2).
            (None, Some(toc)) => {
                Dispenser::read(&Node::Map(vec![(Node::Str("toc".to_owned()), toc.clone())]), known)?
            }
            (None, None) => Dispenser::of_tasks(tasks.iter().map(|task| task.id.clone()).collect()),
        };
        match node.get("tags") {
            None => {}
            Some(Node::Map(tags)) => {
                if let Some((tag, _)) = tags.iter().find(|(_, spec)| spec.get("name").is_none()) {
                    return Err(format!("tag `{}` has no name", tag.python_str()));
                }
            }
            Some(_) => return Err("`tags` is no mapping".to_owned()),
        }
        Ok(Self {
            id: id.to_owned(),
            name,
            description: node.get("description").and_then(Node::as_str).unwrap_or_default().to_owned(),
            admins: names("admins").collect(),
            tutors: names("tutors").collect(),
            accessible: access("accessible")?,
            registration: access("registration")?,
            // An empty text is a password, too (reference inginious.md 9.4).
            password: node.get("registration_password").filter(|p| **p != Node::Null).map(Node::python_str),
            allow_unregister: flag("allow_unregister", true),
            allow_preview: flag("allow_preview", false),
            control: Control {
                field: match node
                    .get("registration_ac")
                    .filter(|field| **field != Node::Null)
                    .map(Node::python_str)
                    .as_deref()
                {
                    None => None,
                    Some("username") => Some(Field::Username),
                    Some("binding") => Some(Field::Binding),
                    Some("email") => Some(Field::Email),
                    Some(other) => return Err(format!("registration_ac `{other}` is unknown")),
                },
                accept: flag("registration_ac_accept", true),
                list: match node.get("registration_ac_list") {
                    None => Vec::new(),
                    Some(Node::Seq(list)) if list.iter().all(|entry| entry.as_str().is_some()) => {
                        names("registration_ac_list").collect()
                    }
                    Some(_) => return Err("registration_ac_list is no list of texts".to_owned()),
                },
            },
            dispenser,
            tasks,
        })
    }

    pub(crate) fn task(&self, id: &str) -> Option<&Arc<Task>> {
        self.tasks.iter().find(|task| task.id == id)
    }

    pub(crate) fn is_admin(&self, person: Person<'_>) -> bool {
        person.superadmin || self.admins.iter().any(|name| name == person.username)
    }

    pub(crate) fn is_staff(&self, person: Person<'_>) -> bool {
        self.is_admin(person) || self.tutors.iter().any(|name| name == person.username)
    }

    /// "The course is open to this user": what the API calls `is_registered` (reference inginious.md, fact 7).
    pub(crate) fn is_open_to(&self, person: Person<'_>) -> bool {
        self.is_staff(person) || (self.accessible.is_open(now()) && (person.registered || self.allow_preview))
    }

    pub(crate) fn can_register(&self, person: Person<'_>) -> bool {
        !person.registered
            && !self.is_staff(person)
            && self.accessible.is_open(now())
            && self.registration.is_open(now())
            && self.control.accepts(person)
    }
}

impl Control {
    fn accepts(&self, person: Person<'_>) -> bool {
        let listed = |text: &str| self.list.iter().any(|pattern| wildcard(pattern, text));
        match self.field {
            None => true,
            Some(Field::Username) => listed(person.username) == self.accept,
            Some(Field::Email) => listed(person.email) == self.accept,
            // No account here has an external login, so none is on the list.
            Some(Field::Binding) => !self.accept,
        }
    }
}

/// `*` stands for any text; the whole string must match (reference inginious.md 9.4).
fn wildcard(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else { return false };
    let tail: Vec<&str> = parts.collect();
    let Some((last, middle)) = tail.split_last() else { return rest.is_empty() };
    for part in middle {
        let Some(at) = rest.find(part) else { return false };
        rest = rest.get(at + part.len()..).unwrap_or_default();
    }
    rest.ends_with(last)
}

/// The magic number of a compiled gettext catalogue, in either order of bytes. The server reads the catalogues with the
/// course, and a broken one makes it unreadable (observed on 0.9.2).
fn is_catalogue(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0xde, 0x12, 0x04, 0x95]) || bytes.starts_with(&[0x95, 0x04, 0x12, 0xde])
}

fn read_tasks(folder: &Folder) -> Vec<Arc<Task>> {
    let mut tasks: Vec<Arc<Task>> = folder
        .children("")
        .0
        .iter()
        .filter(|id| valid_id(id))
        .filter_map(|id| {
            let text = folder.text(&format!("{id}/task.yaml"))?;
            match Task::read(id, &text) {
                Ok(task) => Some(Arc::new(task)),
                Err(why) => {
                    tracing::warn!(task = %id, %why, "task is unreadable and left out");
                    None
                }
            }
        })
        .collect();
    // The server lists tasks as its file system happens to; any order but the teacher's will do, and a fixed one lets
    // a failing test fail again.
    tasks.sort_by_cached_key(|task| {
        let mut hasher = DefaultHasher::new();
        task.id.hash(&mut hasher);
        hasher.finish()
    });
    tasks
}

/// A course on the server: its files, and what they say.
#[derive(Debug, Default)]
pub(crate) struct Stored {
    files: Folder,
    /// Loaded from disk by whoever started the emulator, rather than sent over the network.
    pub(crate) trusted: bool,
    /// What the files say; empty after a change until someone asks.
    read: Option<Result<Arc<Course>, String>>,
}

impl Stored {
    pub(crate) fn new(files: Folder, trusted: bool) -> Self {
        Self { files, trusted, read: None }
    }

    pub(crate) fn files(&self) -> &Folder {
        &self.files
    }

    /// The files, to be changed; the course is read again when it is next asked for.
    pub(crate) fn files_mut(&mut self) -> &mut Folder {
        self.read = None;
        &mut self.files
    }

    pub(crate) fn course(&mut self, id: &str) -> Result<Arc<Course>, String> {
        self.read.get_or_insert_with(|| Course::read(id, &self.files).map(Arc::new)).clone()
    }
}

/// All courses by id.
pub(crate) type Courses = HashMap<String, Stored>;

#[cfg(test)]
mod tests {
    use super::*;

    fn course(yaml: &str) -> Result<Course, String> {
        let mut folder = Folder::default();
        folder.put("course.yaml", yaml.to_owned().into());
        folder.put("good/task.yaml", "problems: {}\nenvironment_type: mcq\n".into());
        folder.put("broken/task.yaml", "problems: [\n".into());
        folder.put("notes/readme.txt", "no task".into());
        Course::read("c", &folder)
    }

    #[test]
    fn unreadable_tasks_are_left_out() {
        let course = course("name: C").unwrap();
        assert_eq!(course.tasks.iter().map(|t| t.id.as_str()).collect::<Vec<_>>(), ["good"]);
    }

    #[test]
    fn a_broken_catalogue_spoils_the_course() {
        let mut folder = Folder::default();
        folder.put("course.yaml", "name: C".into());
        folder.put("$i18n/fr.mo", vec![0xde, 0x12, 0x04, 0x95, 0, 0].into());
        assert!(Course::read("c", &folder).is_ok());
        folder.put("$i18n/de.mo", "removed".into());
        assert!(Course::read("c", &folder).unwrap_err().contains("de.mo"));
    }

    #[test]
    fn doors() {
        let yaml = "name: C\nadmins: [anna]\nallow_preview: true\nregistration_ac: email\nregistration_ac_list: ['*@a.org']";
        let course = course(yaml).unwrap();
        let person = |username, email| Person { username, email, superadmin: false, registered: false };
        assert!(course.is_admin(person("anna", "")));
        assert!(course.is_open_to(person("zoe", "zoe@b.org")));
        assert!(
            course.can_register(person("zoe", "zoe@a.org"))
                && !course.can_register(person("zoe", "zoe@b.org"))
        );
        assert!(!course.can_register(person("anna", "anna@a.org")));
    }

    #[test]
    fn what_makes_a_course_unreadable() {
        for bad in [
            "description: no name",
            "name: C\naccessible: 2014-05-10",
            "name: C\nregistration_ac: x",
            "name: C\nnofrontend: true",
            "name: C\ntags: {a: {type: 1}}",
            "a: [",
        ] {
            assert!(course(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn wildcards_match_whole_strings() {
        assert!(wildcard("*@example.org", "a@example.org") && wildcard("a*c*", "abcd") && wildcard("a", "a"));
        assert!(
            !wildcard("*@example.org", "a@example.org.net")
                && !wildcard("a", "ab")
                && !wildcard("ab*b", "ab")
        );
    }
}
