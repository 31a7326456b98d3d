//! CSV exports of a course (reference inginious.md 6.8).

use std::collections::{BTreeMap, BTreeSet};

use axum::http::{HeaderValue, header};
use axum::response::Response;

use super::access::now;
use super::course::Course;
use super::dispenser::Section;
use super::http;
use super::state::Store;
use super::yaml::python_float;

/// One line: its id, and its cells by column.
type Row = (String, BTreeMap<String, String>);

/// A CSV as a download.
pub(crate) fn csv_answer(text: String) -> Response {
    let mut response = http::respond(200, "text/csv; charset=utf-8", text);
    let name = HeaderValue::from_static("attachment; filename=export.csv");
    response.headers_mut().insert(header::CONTENT_DISPOSITION, name);
    response
}

/// Staff and students with their grades. Grades appear only for people who have seen a task, and only of tasks that have
/// started.
pub(crate) fn students(store: &Store, course: &Course) -> String {
    let mut people: Vec<&str> = course.admins.iter().chain(&course.tutors).map(String::as_str).collect();
    people.extend(store.students_of(&course.id).iter().map(String::as_str));
    let mut rows: Vec<Row> = Vec::new();
    for name in people {
        let Some(user) = store.users.get(name) else { continue };
        let all = course
            .tasks
            .iter()
            .filter_map(|task| Some((&task.id, store.record(&course.id, &task.id, name)?)));
        let all: Vec<_> = all.collect();
        let started = |task: &str| course.dispenser.settings(task).access.has_started(now());
        let seen: Vec<_> = all.iter().filter(|(task, _)| started(task)).collect();
        let mut row = owned([
            ("email", user.email.clone()),
            ("grade", store.course_grade(course, name).to_string()),
            ("realname", user.realname.clone()),
            ("task_succeeded", seen.iter().filter(|(_, record)| record.succeeded).count().to_string()),
            ("task_tried", all.iter().filter(|(_, record)| record.tried > 0).count().to_string()),
            ("total_tasks", "0".to_owned()),
            ("total_tries", all.iter().map(|(_, record)| record.tried).sum::<i64>().to_string()),
            ("url", format!("?format=taskid%2Fusername&users={name}")),
            ("username", name.to_owned()),
        ]);
        if all.is_empty() {
            row.insert("task_grades".to_owned(), "[]".to_owned());
        } else {
            row.insert("_id".to_owned(), name.to_owned());
        }
        row.extend(
            seen.iter().map(|(task, record)| (format!("task_grades[{task}]"), python_float(record.grade))),
        );
        rows.push((name.to_owned(), row));
    }
    table(&rows)
}

/// How many students saw, tried and solved each task; staff is not counted.
pub(crate) fn progress(store: &Store, course: &Course) -> String {
    let students: Vec<_> = store
        .students_of(&course.id)
        .iter()
        .filter(|name| !course.is_staff(store.person(name, &course.id)))
        .collect();
    let rows: Vec<_> = in_order(course)
        .into_iter()
        .filter_map(|id| {
            let task = course.task(&id)?;
            let records = students.iter().filter_map(|name| store.record(&course.id, &id, name));
            let records: Vec<_> = records.collect();
            let row = owned([
                ("attempted", records.iter().filter(|record| record.tried > 0).count().to_string()),
                ("attempts", records.iter().map(|record| record.tried).sum::<i64>().to_string()),
                ("name", task.name.shown()),
                ("succeeded", records.iter().filter(|record| record.succeeded).count().to_string()),
                ("url", format!("?tasks={id}")),
                ("viewed", records.len().to_string()),
            ]);
            Some((id, row))
        })
        .collect();
    table(&rows)
}

/// The tasks of one person, who need not exist. `None` stands for an exception: the server looks up every task that has
/// started among those of the sections, and does not survive one that is in none (observed on 0.9.2).
pub(crate) fn student(store: &Store, course: &Course, name: &str) -> Option<String> {
    let order = in_order(course);
    let started = |task: &str| course.dispenser.settings(task).access.has_started(now());
    if course.tasks.iter().any(|task| started(&task.id) && !order.contains(&task.id)) {
        return None;
    }
    let rows = order.into_iter().filter_map(|id| {
        let task = course.task(&id)?;
        let record = store.record(&course.id, &id, name);
        let status = match record {
            None => "notviewed",
            Some(record) if record.tried == 0 => "notattempted",
            Some(record) if record.succeeded => "succeeded",
            Some(_) => "failed",
        };
        let mut row = owned([
            ("grade", record.map_or_else(|| "0".to_owned(), |record| python_float(record.grade))),
            ("name", task.name.shown()),
            ("status", status.to_owned()),
            ("taskid", id.clone()),
            ("tried", record.map_or(0, |record| record.tried).to_string()),
            ("url", format!("?tasks={id}&users={name}")),
            ("visible", (if started(&id) { "True" } else { "False" }).to_owned()),
        ]);
        row.extend(record.and_then(|record| Some(("submissionid".to_owned(), record.counting.clone()?))));
        Some((id, row))
    });
    Some(table(&rows.collect::<Vec<_>>()))
}

/// Ids of the tasks of all sections, in the teacher's order.
fn in_order(course: &Course) -> Vec<String> {
    fn walk(sections: &[Section], ids: &mut Vec<String>) {
        for section in sections {
            ids.extend(section.tasks.iter().cloned());
            walk(&section.sections, ids);
        }
    }
    let mut ids = Vec::new();
    walk(&course.dispenser.sections, &mut ids);
    ids
}

fn owned<const N: usize>(cells: [(&str, String); N]) -> BTreeMap<String, String> {
    BTreeMap::from(cells.map(|(column, cell)| (column.to_owned(), cell)))
}

/// The audiences of a course with their people, whose names stand as Python shows a list.
pub(crate) fn audiences(store: &Store, course: &Course) -> String {
    let names = |names: &[String]| {
        let quoted: Vec<String> = names.iter().map(|name| format!("'{name}'")).collect();
        format!("[{}]", quoted.join(", "))
    };
    let rows: Vec<Row> = store
        .audiences
        .get(&course.id)
        .into_iter()
        .flatten()
        .map(|audience| {
            let row = owned([
                ("_id", audience.id.clone()),
                ("courseid", course.id.clone()),
                ("description", audience.description.clone()),
                ("done", "0".to_owned()),
                ("students", names(&audience.students)),
                ("tried", "0".to_owned()),
                ("tutors", names(&audience.tutors)),
                ("url", format!("?audiences={}", audience.id)),
            ]);
            (audience.id.clone(), row)
        })
        .collect();
    table(&rows)
}

/// The columns are `id` and whatever any row has, by name.
fn table(rows: &[Row]) -> String {
    let columns: BTreeSet<&String> = rows.iter().flat_map(|(_, row)| row.keys()).collect();
    let line = |cells: Vec<&str>| cells.into_iter().map(csv_cell).collect::<Vec<_>>().join(",") + "\r\n";
    let head = line(std::iter::once("id").chain(columns.iter().map(|name| name.as_str())).collect());
    let body = rows.iter().map(|(id, row)| {
        let cell = |column: &&String| row.get(*column).map_or("", String::as_str);
        line(std::iter::once(id.as_str()).chain(columns.iter().map(cell)).collect())
    });
    head + &body.collect::<String>()
}

fn csv_cell(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}
