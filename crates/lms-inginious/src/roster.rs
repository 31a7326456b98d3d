//! Who takes part in a course, as its staff is told (reference inginious.md 6.8).

use std::collections::HashMap;
use std::iter::Peekable;
use std::str::Chars;

use lms_core::{CourseId, Error, ErrorKind, Platform, Result};
use lms_http::{Method, Route, Safety};

use crate::Inginious;

/// A line of the list.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Person {
    pub(crate) username: String,
    /// Percent.
    pub(crate) grade: f64,
}

impl Inginious {
    /// `GET /admin/COURSE/students?csv_student`: the staff of the course, then its students.
    pub(crate) async fn people(&self, operation: &'static str, course: &CourseId) -> Result<Vec<Person>> {
        let answer = self
            .client()
            .get(students_page(course))
            .query("csv_student", "")
            .operation(operation)
            .resource(format!("course {course}"))
            .send()
            .await?;
        read(&answer.text().await?).ok_or_else(|| {
            Error::new(ErrorKind::Protocol, "the list of students lacks its column `username`")
                .at(Platform::Inginious, operation)
                .on(format!("course {course}"))
        })
    }

    /// `POST /admin/COURSE/students`. The page says nothing of what came of it.
    pub(crate) async fn change_people(
        &self,
        operation: &'static str,
        course: &CourseId,
        form: &[(&str, &str)],
    ) -> Result<()> {
        self.client()
            .request(Method::Post, students_page(course), Safety::Repeatable)
            .operation(operation)
            .resource(format!("course {course}"))
            .form(form)
            .send()
            .await
            .map(|_| ())
    }
}

fn students_page(course: &CourseId) -> Route {
    Route::new("/admin/{course}/students").id(course)
}

/// The columns vary with the data; a course without people has only `id`.
fn read(csv: &str) -> Option<Vec<Person>> {
    let mut lines = Records(csv.chars().peekable());
    let head = lines.next()?;
    let columns: HashMap<&str, usize> =
        head.iter().enumerate().map(|(at, name)| (name.as_str(), at)).collect();
    lines
        .filter(|line| line.iter().any(|cell| !cell.is_empty()))
        .map(|line| {
            let cell = |name: &str| line.get(*columns.get(name)?).map(String::as_str);
            let grade = cell("grade").and_then(|grade| grade.trim().parse().ok());
            Some(Person { username: cell("username")?.to_owned(), grade: grade.unwrap_or_default() })
        })
        .collect()
}

/// The cells of each line (RFC 4180), one line at a time: a list may be of many thousands.
struct Records<'a>(Peekable<Chars<'a>>);

impl Iterator for Records<'_> {
    type Item = Vec<String>;

    fn next(&mut self) -> Option<Self::Item> {
        let (mut record, mut cell, mut quoted) = (Vec::new(), String::new(), false);
        while let Some(c) = self.0.next() {
            match c {
                '"' if quoted && self.0.peek() == Some(&'"') => {
                    self.0.next();
                    cell.push('"');
                }
                '"' => quoted = !quoted,
                ',' if !quoted => record.push(std::mem::take(&mut cell)),
                '\r' if !quoted && self.0.peek() == Some(&'\n') => {}
                '\n' if !quoted => {
                    record.push(cell);
                    return Some(record);
                }
                c => cell.push(c),
            }
        }
        if cell.is_empty() && record.is_empty() {
            return None;
        }
        record.push(cell);
        Some(record)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_found_whatever_the_columns() {
        let csv = "id,_id,email,grade,realname,\"task_grades[a,b]\",username\r\n\
                   sam,,s@example.org,0,\"Sam \"\"S\"\",\r\nSenior\",,sam\r\nlena,lena,l@example.org,52,Lena,100.0,lena\r\n";
        let person = |name: &str, grade| Person { username: name.to_owned(), grade };
        assert_eq!(read(csv), Some(vec![person("sam", 0.0), person("lena", 52.0)]));
        assert_eq!(read("id\r\n"), Some(Vec::new()));
        assert_eq!(read("id,email\r\nx,y\r\n"), None);
        assert_eq!(read(""), None);
    }
}
