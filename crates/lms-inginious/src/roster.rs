//! Who takes part in a course, as its staff is told (reference inginious.md 6.8).

use std::collections::HashMap;

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
    /// Of the staff; the account may not know more.
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

    /// `GET /admin/COURSE/students`, whose tabs tell staff and students apart, and for administrators
    /// `GET /admin/COURSE/settings`, which tells them and the tutors apart.
    pub(crate) async fn roles(
        &self,
        operation: &'static str,
        course: &CourseId,
    ) -> Result<Vec<(String, Role)>> {
        let named = || format!("course {course}");
        let answer =
            self.client().get(students_page(course)).operation(operation).resource(named()).send().await?;
        let (students, staff) = read_people(&answer.text().await?).map_err(|why| {
            Error::new(
                ErrorKind::Protocol,
                format!("the page of students is not as INGInious 0.9 writes it: {why}"),
            )
            .at(Platform::Inginious, operation)
            .on(named())
        })?;
        let (mut admins, mut tutors) = (Vec::new(), Vec::new());
        if !staff.is_empty() {
            let settings = Route::new("/admin/{course}/settings").id(course);
            match self.client().get(settings).operation(operation).resource(named()).send().await {
                Ok(answer) => {
                    let page = Page::parse(&answer.text().await?);
                    (admins, tutors) = (page.names("admins"), page.names("tutors"));
                }
                // A tutor sees the people, but not the settings.
                Err(error) if error.kind() == ErrorKind::PermissionDenied => {}
                Err(error) => return Err(error),
            }
        }
        let role = |name: &String| {
            if admins.contains(name) {
                Role::Administrator
            } else if tutors.contains(name) {
                Role::Tutor
            } else {
                Role::Staff
            }
        };
        let staff = staff.into_iter().map(|name| {
            let role = role(&name);
            (name, role)
        });
        Ok(staff.chain(students.into_iter().map(|name| (name, Role::Student))).collect())
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
    let mut lines = records(csv).into_iter();
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

/// The cells of each line (RFC 4180).
pub(crate) fn records(csv: &str) -> Vec<Vec<String>> {
    let (mut records, mut record, mut cell) = (Vec::new(), Vec::new(), String::new());
    let (mut quoted, mut chars) = (false, csv.chars().peekable());
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                cell.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => record.push(std::mem::take(&mut cell)),
            '\r' if !quoted && chars.peek() == Some(&'\n') => {}
            '\n' if !quoted => {
                record.push(std::mem::take(&mut cell));
                records.push(std::mem::take(&mut record));
            }
            c => cell.push(c),
        }
    }
    if !cell.is_empty() || !record.is_empty() {
        record.push(cell);
        records.push(record);
    }
    records
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
