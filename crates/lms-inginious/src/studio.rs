//! The files of a course by the pages of its administrators, for sites without WebDAV: its settings, its structure,
//! the editor of tasks and the table of a task's files (reference inginious.md 6.8).

mod adapt;
mod forms;
mod read;
mod task;

pub(crate) use adapt::fit;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use bytes::Bytes;
use lms_core::{CourseId, Error, ErrorKind, Platform, Result};
use lms_http::{Client, Method, Part, RequestBuilder, Route, Safety};
use serde_json::{Map, Value, json};

use crate::folder::store::{Entry, MAX_FILE};
use crate::folder::yaml::parse;
use crate::page::Page;
use task::Formed;

/// One course, and what is known of it.
#[derive(Debug, Clone)]
pub(crate) struct Studio {
    client: Client,
    course: CourseId,
    /// The structure as it was saved last; every form that makes or deletes a task carries it.
    structure: Value,
    /// The dispenser, once it is known.
    dispenser: Option<String>,
    /// The files of the tasks that were looked at, from the task's folder on.
    files: BTreeMap<String, BTreeSet<String>>,
    /// The tasks that are there.
    tasks: BTreeSet<String>,
}

/// A page of the course's administrators.
#[derive(Debug, Clone, Copy)]
enum At<'t> {
    Settings,
    Tasks,
    Task(&'t str),
    Files(&'t str),
}

impl fmt::Display for At<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Settings => f.write_str("settings"),
            Self::Tasks => f.write_str("tasks"),
            Self::Task(task) => write!(f, "edit/task/{task}"),
            Self::Files(task) => write!(f, "edit/task/{task}/files"),
        }
    }
}

impl Studio {
    pub(crate) fn new(client: Client, course: &CourseId) -> Self {
        Self {
            client,
            course: course.clone(),
            structure: json!({"toc": [], "config": {}}),
            dispenser: None,
            files: BTreeMap::new(),
            tasks: BTreeSet::new(),
        }
    }

    fn request(
        &self,
        operation: &'static str,
        method: Method,
        page: At<'_>,
        safety: Safety,
    ) -> RequestBuilder {
        let route = match page {
            At::Settings => Route::new("/admin/{course}/settings").id(&self.course),
            At::Tasks => Route::new("/admin/{course}/tasks").id(&self.course),
            At::Task(task) => Route::new("/admin/{course}/edit/task/{task}").id(&self.course).id(task),
            At::Files(task) => Route::new("/admin/{course}/edit/task/{task}/files").id(&self.course).id(task),
        };
        self.client.request(method, route, safety).operation(operation).resource(self.named())
    }

    fn named(&self) -> String {
        format!("course {}", self.course)
    }

    fn changed(&self, operation: &'static str, page: At<'_>, why: impl fmt::Display) -> Error {
        let what = format!("the page {page} of the course is not as INGInious 0.9 writes it: {why}");
        Error::new(ErrorKind::Protocol, what).at(Platform::Inginious, operation).on(self.named())
    }

    /// The course file, as far as the pages of settings and structure tell it, and the tasks that there are.
    pub(crate) async fn open(&mut self, operation: &'static str) -> Result<Value> {
        let html =
            self.request(operation, Method::Get, At::Settings, Safety::Read).send().await?.text().await?;
        let head = read::settings(&html).map_err(|why| self.changed(operation, At::Settings, why))?;
        let html = self.request(operation, Method::Get, At::Tasks, Safety::Read).send().await?.text().await?;
        let shown = read::structure(&html).map_err(|why| self.changed(operation, At::Tasks, why))?;
        let read::Structure { data, tasks, dispenser } = shown;
        self.structure = data;
        self.tasks = tasks;
        let mut whole = head;
        whole.insert("task_dispenser".to_owned(), dispenser.as_str().into());
        self.dispenser = Some(dispenser);
        whole.insert("dispenser_data".to_owned(), self.structure.clone());
        Ok(whole.into())
    }

    /// The tasks that the site can read.
    pub(crate) fn tasks(&self) -> &BTreeSet<String> {
        &self.tasks
    }

    /// Writes settings and structure. A site writes settings even where it complains of them, and may then read the
    /// course no more (reference inginious.md 13.5), so they are checked before.
    pub(crate) async fn save_course(&mut self, operation: &'static str, whole: &Value) -> Result<()> {
        let form = forms::settings(whole).map_err(|error| error.at(Platform::Inginious, operation))?;
        let pairs: Vec<(&str, &str)> =
            form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let request = self.request(operation, Method::Post, At::Settings, Safety::Repeatable).form(&pairs);
        self.agreed(operation, At::Settings, &request.send().await?.text().await?)?;
        let wanted = whole.get("task_dispenser").and_then(Value::as_str).unwrap_or("toc").to_owned();
        if self.dispenser.as_deref() != Some(&wanted) {
            self.send_tasks(operation, &[("task_dispenser", &wanted)]).await?;
            self.dispenser = Some(wanted);
        }
        self.save_structure(operation, whole).await
    }

    /// Writes the structure alone.
    pub(crate) async fn save_structure(&mut self, operation: &'static str, whole: &Value) -> Result<()> {
        self.structure = whole.get("dispenser_data").cloned().unwrap_or_else(|| json!({}));
        let text = self.structure.to_string();
        self.send_tasks(operation, &[("course_structure", &text)]).await
    }

    async fn send_tasks(&self, operation: &'static str, form: &[(&str, &str)]) -> Result<()> {
        let request = self.request(operation, Method::Post, At::Tasks, Safety::Repeatable).form(form);
        self.agreed(operation, At::Tasks, &request.send().await?.text().await?)
    }

    /// Pages say yes and no by alerts of different color, whatever the language.
    fn agreed(&self, operation: &'static str, page: At<'_>, html: &str) -> Result<()> {
        let parsed = Page::parse(html);
        if let Some(said) = parsed.alert("danger") {
            return Err(Error::invalid(said).at(Platform::Inginious, operation).on(self.named()));
        }
        match parsed.alert("success") {
            Some(_) => Ok(()),
            None => Err(self.changed(
                operation,
                page,
                "it says neither that the form was saved nor that it was not",
            )),
        }
    }

    /// Makes or deletes a task; both are done together with saving the structure.
    async fn change_task(&self, operation: &'static str, field: &str, task: &str) -> Result<()> {
        let (structure, ids) = (self.structure.to_string(), json!([task]).to_string());
        self.send_tasks(operation, &[("course_structure", &structure), (field, &ids)]).await
    }

    /// A file as it is on the server; the description of a task comes with all the files beside it.
    pub(crate) async fn read(&self, operation: &'static str, inside: &str) -> Result<Bytes> {
        let (task, path) = self.split(operation, inside)?;
        if path == "task.yaml" {
            let files = self.read_task(operation, task).await?;
            let found = files.into_iter().find(|(name, _)| name == path);
            return found.map(|(_, bytes)| bytes.into()).ok_or_else(|| {
                Error::new(ErrorKind::NotFound, "the task has no such file")
                    .at(Platform::Inginious, operation)
                    .on(format!("file {inside} of course {}", self.course))
            });
        }
        let request = self.download(operation, task, &format!("/{path}"));
        request.resource(format!("file {inside} of course {}", self.course)).send().await?.bytes().await
    }

    fn download(&self, operation: &'static str, task: &str, path: &str) -> RequestBuilder {
        let request = self.request(operation, Method::Get, At::Files(task), Safety::Read).max_body(MAX_FILE);
        request.query("action", "download").query("path", path)
    }

    /// All the files of a task, with its description: one archive.
    pub(crate) async fn read_task(
        &self,
        operation: &'static str,
        task: &str,
    ) -> Result<Vec<(String, Vec<u8>)>> {
        let archive = self.download(operation, task, "/").send().await?.bytes().await?;
        read::archive(&archive)
            .map_err(|why| self.changed(operation, At::Files(task), format!("its archive: {why}")))
    }

    /// Writes a file of a task, which is made where it is missing.
    pub(crate) async fn write(&mut self, operation: &'static str, inside: &str, bytes: Bytes) -> Result<()> {
        let (task, path) = self.split(operation, inside)?;
        let (task, path) = (task.to_owned(), path.to_owned());
        if path == "task.yaml" {
            return self.write_task(operation, &task, &bytes).await;
        }
        if self.tasks.insert(task.clone()) {
            self.change_task(operation, "new_tasks", &task).await?;
            self.files.insert(task.clone(), BTreeSet::new());
        }
        if self.listed(operation, &task).await?.contains(&path) {
            self.remove_file(operation, &task, &path).await?;
        }
        let name = path.rsplit('/').next().unwrap_or(&path);
        let parts = vec![
            Part::text("action", "upload"),
            Part::text("path", format!("/{path}")),
            Part::file("file", name, "application/octet-stream", bytes),
        ];
        let request =
            self.request(operation, Method::Post, At::Files(&task), Safety::Repeatable).multipart(parts);
        let html =
            request.resource(format!("file {inside} of course {}", self.course)).send().await?.text().await?;
        let listed = self.note(operation, &task, &html)?;
        if listed.contains(&path) {
            return Ok(());
        }
        Err(Error::invalid("the site did not take the file; it refuses names with `..`, for one")
            .at(Platform::Inginious, operation)
            .on(format!("file {inside} of course {}", self.course)))
    }

    /// The form of a task, made of its description.
    async fn write_task(&mut self, operation: &'static str, task: &str, text: &[u8]) -> Result<()> {
        let on = || format!("file {task}/task.yaml of course {}", self.course);
        let node = parse(&String::from_utf8_lossy(text)).map_err(|e| Error::invalid(e.message).on(on()))?;
        let form = Formed::task(&node.to_json()).form;
        let pairs: Vec<(&str, &str)> =
            form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let page = At::Task(task);
        let request =
            self.request(operation, Method::Post, page, Safety::Repeatable).resource(on()).form(&pairs);
        // JSON that calls itself HTML.
        let html = request.send().await?.text().await?;
        let said: Map<String, Value> = serde_json::from_str(&html)
            .map_err(|_| self.changed(operation, page, "its answer is not the JSON of a saved task"))?;
        if said.get("status").and_then(Value::as_str) == Some("ok") {
            self.tasks.insert(task.to_owned());
            return Ok(());
        }
        let why = said.get("message").and_then(Value::as_str).unwrap_or("the site did not take the task");
        Err(Error::invalid(why).at(Platform::Inginious, operation).on(on()))
    }

    /// Removes a task, or a file of one.
    pub(crate) async fn remove(&mut self, operation: &'static str, inside: &str) -> Result<()> {
        if inside.contains('/') {
            let (task, path) = self.split(operation, inside)?;
            let (task, path) = (task.to_owned(), path.to_owned());
            if self.tasks.contains(&task) && self.listed(operation, &task).await?.contains(&path) {
                self.remove_file(operation, &task, &path).await?;
            }
            return Ok(());
        }
        if self.tasks.remove(inside) {
            self.files.remove(inside);
            self.change_task(operation, "deleted_tasks", inside).await?;
        }
        Ok(())
    }

    /// A GET that changes something (reference inginious.md 13.17).
    async fn remove_file(&mut self, operation: &'static str, task: &str, path: &str) -> Result<()> {
        let request = self.request(operation, Method::Get, At::Files(task), Safety::Repeatable);
        let request = request.query("action", "delete").query("path", format!("/{path}"));
        let html = request.send().await?.text().await?;
        if self.note(operation, task, &html)?.contains(path) {
            return Err(Error::invalid("the site did not remove the file")
                .at(Platform::Inginious, operation)
                .on(format!("file {task}/{path} of course {}", self.course)));
        }
        Ok(())
    }

    /// The files of a task, as the table of the last answer said.
    async fn listed(&mut self, operation: &'static str, task: &str) -> Result<BTreeSet<String>> {
        if let Some(known) = self.files.get(task) {
            return Ok(known.clone());
        }
        let html =
            self.request(operation, Method::Get, At::Files(task), Safety::Read).send().await?.text().await?;
        self.note(operation, task, &html)
    }

    fn note(&mut self, operation: &'static str, task: &str, html: &str) -> Result<BTreeSet<String>> {
        let listed = read::table(html).map_err(|why| self.changed(operation, At::Files(task), why))?;
        self.files.insert(task.to_owned(), listed.clone());
        Ok(listed)
    }

    /// Task and path in it; nothing else of a course can be reached by its pages.
    fn split<'p>(&self, operation: &'static str, inside: &'p str) -> Result<(&'p str, &'p str)> {
        inside.split_once('/').filter(|(task, _)| !task.starts_with('$')).ok_or_else(|| {
            Error::unsupported(Platform::Inginious, "files outside the folders of tasks, without WebDAV")
                .at(Platform::Inginious, operation)
                .on(format!("file {inside} of course {}", self.course))
        })
    }

    /// Every task with its files: the list, and what describes the course.
    pub(crate) async fn read_all(
        &mut self,
        operation: &'static str,
    ) -> Result<(Vec<Entry>, BTreeMap<String, Bytes>)> {
        let course = crate::folder::yaml::emit(&self.open(operation).await?);
        let mut entries = vec![Entry { path: "course.yaml".to_owned(), size: course.len() as u64 }];
        let mut texts = BTreeMap::from([("course.yaml".to_owned(), Bytes::from(course))]);
        for task in &self.tasks {
            for (name, bytes) in self.read_task(operation, task).await? {
                let path = format!("{task}/{name}");
                entries.push(Entry { path: path.clone(), size: bytes.len() as u64 });
                if crate::workshop::is_described(&path) {
                    texts.insert(path, bytes.into());
                }
            }
        }
        Ok((entries, texts))
    }
}
