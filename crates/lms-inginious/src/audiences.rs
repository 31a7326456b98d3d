//! Audiences, which tutors look after: by the pages of a course's staff, since the API does not know them (reference
//! inginious.md 6.8).

use lms_core::{CourseId, Error, ErrorKind, Platform, Result, UserId};
use lms_http::{Method, Route, Safety};
use serde_json::json;

use crate::Inginious;
use crate::groups::{changed, named, names, unknown};
use crate::page::Page;
use crate::roster::{Records, students_page};

const AUDIENCES: &str = "audiences.list";
const CREATE_AUDIENCE: &str = "audiences.create";
const UPDATE_AUDIENCE: &str = "audiences.update";
const DELETE_AUDIENCE: &str = "audiences.delete";

/// An audience: learners whom certain tutors look after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audience {
    /// The platform's id, 24 hexadecimal digits.
    pub id: String,
    /// Its name, for people.
    pub description: String,
    /// Its learners.
    pub learners: Vec<UserId>,
    /// Who of the staff looks after them.
    pub tutors: Vec<UserId>,
}

impl Inginious {
    /// The audiences of a course, for its staff: `GET /admin/COURSE/students?csv_audiences`, one request.
    ///
    /// # Errors
    /// `PermissionDenied` for everybody else; `Protocol` where the list is another than 0.9's.
    pub async fn audiences(&self, course: &CourseId) -> Result<Vec<Audience>> {
        self.audiences_for(AUDIENCES, course).await
    }

    /// Makes an audience; [`Audience::id`] is the platform's to choose and is ignored. List, `POST
    /// /admin/COURSE/students`, list: three requests, and two more to put people in.
    ///
    /// # Errors
    /// `OutcomeUnknown` where the answer was lost: look at [`Inginious::audiences`] before making it again. For people,
    /// as [`Inginious::update_audience`].
    pub async fn create_audience(&self, course: &CourseId, audience: &Audience) -> Result<Audience> {
        let before = self.audiences_for(CREATE_AUDIENCE, course).await?;
        let form = [("audience", audience.description.as_str())];
        self.send_people(CREATE_AUDIENCE, course, &form, Safety::Once).await?;
        let after = self.audiences_for(CREATE_AUDIENCE, course).await?;
        let alike = |other: &Audience| {
            other.description == audience.description && before.iter().all(|known| known.id != other.id)
        };
        let made = after.into_iter().find(alike).ok_or_else(|| {
            Error::new(ErrorKind::OutcomeUnknown, "the site took the form, but lists no new audience")
                .at(Platform::Inginious, CREATE_AUDIENCE)
                .on(named(course))
        })?;
        if audience.learners.is_empty() && audience.tutors.is_empty() {
            return Ok(made);
        }
        self.update_audience(course, &Audience { id: made.id, ..audience.clone() }).await
    }

    /// Writes an audience as it is to be. Learners who are not registered in the course are registered. `POST
    /// /admin/COURSE/edit/audience/ID` and the list: two requests.
    ///
    /// # Errors
    /// `NotFound` where the course has no such audience; `InvalidInput` for people whom the site does not know, and
    /// then nothing is changed.
    pub async fn update_audience(&self, course: &CourseId, audience: &Audience) -> Result<Audience> {
        let Audience { id, description, learners, tutors } = audience;
        if id.len() != 24 || !id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            // The site breaks over such an id.
            return Err(unknown(UPDATE_AUDIENCE, "audience", id));
        }
        let written = json!([{"_id": id, "description": description, "students": names(learners), "tutors": names(tutors)}]);
        let answer = self
            .client()
            .request(Method::Post, audience_page(course, id), Safety::Repeatable)
            .operation(UPDATE_AUDIENCE)
            .resource(format!("audience {id}"))
            .form(&[("audiences", written.to_string().as_str())])
            .send()
            .await?;
        if let Some(said) = Page::parse(&answer.text().await?).alert("danger") {
            return Err(Error::invalid(said)
                .at(Platform::Inginious, UPDATE_AUDIENCE)
                .on(format!("audience {id}")));
        }
        let after = self.audiences_for(UPDATE_AUDIENCE, course).await?;
        after.into_iter().find(|a| a.id == *id).ok_or_else(|| unknown(UPDATE_AUDIENCE, "audience", id))
    }

    /// Deletes an audience; its learners stay in the course. List, then `POST /admin/COURSE/edit/audience/ID`: two
    /// requests, since for an id that is none the page says what it says of a deleted one.
    ///
    /// # Errors
    /// `NotFound` where the course has no such audience.
    pub async fn delete_audience(&self, course: &CourseId, id: &str) -> Result<()> {
        if self.audiences_for(DELETE_AUDIENCE, course).await?.iter().all(|audience| audience.id != id) {
            return Err(unknown(DELETE_AUDIENCE, "audience", id));
        }
        self.client()
            .request(Method::Post, audience_page(course, id), Safety::Repeatable)
            .operation(DELETE_AUDIENCE)
            .resource(format!("audience {id}"))
            .form(&[("delete", id)])
            .expect(&[302])
            .send()
            .await
            .map(drop)
    }

    async fn audiences_for(&self, operation: &'static str, course: &CourseId) -> Result<Vec<Audience>> {
        let request = self.client().get(students_page(course)).query("csv_audiences", "");
        let answer = request.operation(operation).resource(named(course)).send().await?;
        read_audiences(&answer.text().await?).map_err(|why| changed(operation, course, why))
    }
}

fn audience_page(course: &CourseId, id: &str) -> Route {
    Route::new("/admin/{course}/edit/audience/{audience}").id(course).id(id)
}

/// The columns vary with the data; without audiences there is only `id`.
fn read_audiences(csv: &str) -> std::result::Result<Vec<Audience>, String> {
    let mut lines = Records::of(csv);
    let head = lines.next().filter(|head| head.first().is_some_and(|id| id == "id"));
    let head = head.ok_or("the list of audiences does not begin with its column `id`")?;
    let mut audiences = Vec::new();
    for line in lines.filter(|line| line.iter().any(|cell| !cell.is_empty())) {
        let cell = |name: &str| {
            let at = head.iter().position(|column| column == name);
            at.and_then(|at| line.get(at)).ok_or_else(|| format!("the list of audiences lacks `{name}`"))
        };
        let people = |name: &str| {
            python_list(cell(name)?).ok_or_else(|| format!("`{name}` of an audience is no list of names"))
        };
        audiences.push(Audience {
            id: cell("id")?.clone(),
            description: cell("description")?.clone(),
            learners: people("students")?,
            tutors: people("tutors")?,
        });
    }
    Ok(audiences)
}

/// Names as Python shows a list of texts: `['lena', "o'neil"]`.
fn python_list(text: &str) -> Option<Vec<UserId>> {
    let inside = text.trim().strip_prefix('[')?.strip_suffix(']')?;
    let (mut names, mut chars) = (Vec::new(), inside.chars());
    while let Some(quote) = chars.find(|c| !matches!(c, ',' | ' ')) {
        if !matches!(quote, '\'' | '"') {
            return None;
        }
        let mut name = String::new();
        loop {
            match chars.next()? {
                '\\' => name.push(chars.next()?),
                c if c == quote => break,
                c => name.push(c),
            }
        }
        names.push(UserId::from(name));
    }
    Some(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn audiences_are_read_from_their_list() {
        let csv = "id,_id,courseid,description,done,students,tried,tutors,url\r\n\
                   aa,aa,algebra,\"Monday, early\",0,\"['lena', \"\"o'neil\"\"]\",0,[],?audiences=aa\r\n";
        let audiences = read_audiences(csv).expect("a list");
        assert_eq!((audiences[0].id.as_str(), audiences[0].description.as_str()), ("aa", "Monday, early"));
        assert_eq!(audiences[0].learners, [UserId::from("lena"), UserId::from("o'neil")]);
        assert_eq!(read_audiences("id\r\n"), Ok(Vec::new()));
        assert!(read_audiences("<html>").is_err());
        assert!(read_audiences("id,description,students,tutors\r\naa,x,7,[]\r\n").is_err());
    }
}
