//! Who takes part in a course, as its staff is told (reference inginious.md 6.8).

use std::collections::HashMap;
use std::iter::Peekable;
use std::str::Chars;

use lms_core::{CourseId, Error, ErrorKind, Platform, Result};
use lms_http::{Method, Route, Safety};

use crate::Inginious;
use crate::page::{Page, text, within};

/// A line of the list.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Person {
    pub(crate) username: String,
    /// Percent.
    pub(crate) grade: f64,
}

/// What somebody is in a course.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Administrator,
    Tutor,
    /// Of the staff; a tutor is not told more.
    Staff,
    Student,
}

impl Role {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::Tutor => "tutor",
            Self::Staff => "staff",
            Self::Student => "student",
        }
    }
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

    /// Everybody with a role: the settings of the course name administrators and tutors, and the list everybody. A
    /// tutor sees no settings, but the tabs of `GET /admin/COURSE/students`, which tell staff and students apart.
    pub(crate) async fn roles(
        &self,
        operation: &'static str,
        course: &CourseId,
    ) -> Result<Vec<(String, Role)>> {
        let named = || format!("course {course}");
        let settings = Route::new("/admin/{course}/settings").id(course);
        let settings = self.client().get(settings).operation(operation).resource(named()).send().await;
        let (admins, tutors) = match settings {
            Ok(answer) => {
                let page = Page::parse(&answer.text().await?);
                (page.names("admins"), page.names("tutors"))
            }
            Err(error) if error.kind() == ErrorKind::PermissionDenied => {
                return self.tabs(operation, course).await;
            }
            Err(error) => return Err(error),
        };
        let people = self.people(operation, course).await?;
        let role = |name: &String| {
            if admins.contains(name) {
                Role::Administrator
            } else if tutors.contains(name) {
                Role::Tutor
            } else {
                Role::Student
            }
        };
        let people = people.into_iter().map(|person| {
            let role = role(&person.username);
            (person.username, role)
        });
        Ok(people.collect())
    }

    async fn tabs(&self, operation: &'static str, course: &CourseId) -> Result<Vec<(String, Role)>> {
        let named = || format!("course {course}");
        let answer =
            self.client().get(students_page(course)).operation(operation).resource(named()).send().await?;
        let (students, staff) = read_people(&answer.text().await?).map_err(|why| {
            let why = format!("the page of students is not as INGInious 0.9 writes it: {why}");
            Error::new(ErrorKind::Protocol, why).at(Platform::Inginious, operation).on(named())
        })?;
        let with = |role: Role| move |name: String| (name, role);
        Ok(staff
            .into_iter()
            .map(with(Role::Staff))
            .chain(students.into_iter().map(with(Role::Student)))
            .collect())
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

pub(crate) fn students_page(course: &CourseId) -> Route {
    Route::new("/admin/{course}/students").id(course)
}

/// The user names in the tabs of students and of staff: the second cell of each line.
fn read_people(html: &str) -> std::result::Result<(Vec<String>, Vec<String>), String> {
    let page = Page::parse(html);
    let tab = |id: &str| {
        let tab = page.select(&format!("#{id}")).next().ok_or_else(|| format!("its tab #{id} is missing"))?;
        let cells = within(tab, "tbody > tr > td:nth-child(2)");
        Ok::<_, String>(cells.map(text).filter(|name| !name.is_empty()).collect())
    };
    Ok((tab("tab_students")?, tab("tab_staff")?))
}

/// The columns vary with the data; a course without people has only `id`.
fn read(csv: &str) -> Option<Vec<Person>> {
    let mut lines = Records::of(csv);
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
pub(crate) struct Records<'a>(Peekable<Chars<'a>>);

impl<'a> Records<'a> {
    pub(crate) fn of(csv: &'a str) -> Self {
        Self(csv.chars().peekable())
    }
}

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
    fn students_and_staff_are_told_apart() {
        let page = "<div id=tab_students><table><tbody><tr><td>Lena</td><td>\n lena </td></tr></tbody></table></div>\
                    <div id=tab_staff><table><tbody><tr><td>Sam</td><td>sam</td></tr></tbody></table></div>";
        assert_eq!(read_people(page), Ok((vec!["lena".to_owned()], vec!["sam".to_owned()])));
        let why = read_people("<div id=tab_students></div>").expect_err("another page");
        assert!(why.contains("#tab_staff"), "{why}");
    }

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
