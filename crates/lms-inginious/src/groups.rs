//! Groups, whose learners hand in together, and audiences, which tutors look after: by the pages of a course's staff,
//! since the API knows neither (reference inginious.md 6.8).

use std::collections::BTreeSet;
use std::fmt;

use lms_core::{CourseId, Error, ErrorKind, Platform, Result, Support, UserId};
use lms_http::{Method, Route, Safety};
use serde_json::{Value, json};

use crate::Inginious;
use crate::page::Page;
use crate::roster::{Records, students_page};

const GROUPS: &str = "groups.list";
const CREATE_GROUP: &str = "groups.create";
const UPDATE_GROUP: &str = "groups.update";
const DELETE_GROUP: &str = "groups.delete";
const AUDIENCES: &str = "audiences.list";
const CREATE_AUDIENCE: &str = "audiences.create";
const UPDATE_AUDIENCE: &str = "audiences.update";
const DELETE_AUDIENCE: &str = "audiences.delete";

/// What the pages let the staff of a course do with groups and audiences.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct GroupSupport {
    /// Listing groups: one request.
    pub list_groups: Support,
    /// Making a group: two requests. Changing or deleting one: one request.
    pub change_groups: Support,
    /// Listing audiences: one request.
    pub list_audiences: Support,
    /// Making an audience: three requests, and two more where it has members. Changing or deleting one: two requests.
    pub change_audiences: Support,
}

/// A group: what one of its members hands in to a group task counts for all of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The platform's id, 24 hexadecimal digits.
    pub id: String,
    /// Its name, for people.
    pub description: String,
    /// How many members it may have.
    pub size: u32,
    /// Its members; each learner is in one group of a course at most.
    pub members: Vec<UserId>,
    /// The ids of the audiences whose learners alone may be in it; empty for everybody.
    pub audiences: Vec<String>,
}

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
    /// What of groups and audiences there is, and at what cost. All of it is emulated: pages of the course's staff are
    /// read and their forms are sent.
    pub fn group_support(&self) -> GroupSupport {
        let emulated = Support::Emulated;
        GroupSupport {
            list_groups: emulated,
            change_groups: emulated,
            list_audiences: emulated,
            change_audiences: emulated,
        }
    }

    /// The groups of a course, for its staff: `GET /admin/COURSE/students`, one request.
    ///
    /// # Errors
    /// `PermissionDenied` for everybody else; `Protocol` where the page is another than 0.9's, which it names.
    pub async fn groups(&self, course: &CourseId) -> Result<Vec<Group>> {
        let request = self.client().get(students_page(course)).operation(GROUPS).resource(named(course));
        read_groups(&request.send().await?.text().await?).map_err(|why| changed(GROUPS, course, why))
    }

    /// Makes a group; [`Group::id`] is the platform's to choose and is ignored. Members leave the groups that they were
    /// in. `GET`, then `POST /admin/COURSE/students`: two requests.
    ///
    /// # Errors
    /// `InvalidInput` for more members than [`Group::size`], which the platform would take for none, and for members
    /// who are not registered in the course or not in the audiences; such a group is made, with the others in it.
    /// `OutcomeUnknown` where the answer was lost: look at [`Inginious::groups`] before making it again.
    pub async fn create_group(&self, course: &CourseId, group: &Group) -> Result<Group> {
        fits(CREATE_GROUP, group)?;
        let before: BTreeSet<String> = self.groups(course).await?.into_iter().map(|group| group.id).collect();
        let page = self.send_group(CREATE_GROUP, course, "None", group, Safety::Once).await?;
        let after = read_groups(&page).map_err(|why| changed(CREATE_GROUP, course, why))?;
        let alike = |other: &&Group| !before.contains(&other.id) && other.description == group.description;
        let made = after.iter().find(alike).ok_or_else(|| {
            Error::new(ErrorKind::OutcomeUnknown, "the site took the form, but lists no new group")
                .at(Platform::Inginious, CREATE_GROUP)
                .on(named(course))
        })?;
        all_taken(CREATE_GROUP, group, made)
    }

    /// Writes a group as it is to be, members included: `POST /admin/COURSE/students`, one request, since the answer
    /// shows what came of it.
    ///
    /// # Errors
    /// As [`Inginious::create_group`]; `NotFound` where the course has no such group.
    pub async fn update_group(&self, course: &CourseId, group: &Group) -> Result<Group> {
        fits(UPDATE_GROUP, group)?;
        let page = self.send_group(UPDATE_GROUP, course, &group.id, group, Safety::Repeatable).await?;
        let after = read_groups(&page).map_err(|why| changed(UPDATE_GROUP, course, why))?;
        // Of an id that is none, the platform says that the groups were changed.
        let there = after.iter().find(|other| other.id == group.id);
        all_taken(UPDATE_GROUP, group, there.ok_or_else(|| unknown(UPDATE_GROUP, "group", &group.id))?)
    }

    /// Deletes a group; its members stay in the course. `POST /admin/COURSE/students`, one request.
    ///
    /// # Errors
    /// `NotFound` where the course has no such group.
    pub async fn delete_group(&self, course: &CourseId, id: &str) -> Result<()> {
        let page = self.send_people(DELETE_GROUP, course, &[("delete", id)], Safety::Repeatable).await?;
        match Page::parse(&page).alert("danger") {
            Some(_) => Err(unknown(DELETE_GROUP, "group", id)),
            None => Ok(()),
        }
    }

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

    async fn send_group(
        &self,
        operation: &'static str,
        course: &CourseId,
        id: &str,
        group: &Group,
        safety: Safety,
    ) -> Result<String> {
        let Group { id: _, description, size, members, audiences } = group;
        let written = json!([{
            "_id": id, "description": description, "size": size, "students": names(members), "audiences": audiences
        }]);
        self.send_people(operation, course, &[("groups", written.to_string().as_str())], safety).await
    }

    async fn send_people(
        &self,
        operation: &'static str,
        course: &CourseId,
        form: &[(&str, &str)],
        safety: Safety,
    ) -> Result<String> {
        let request = self.client().request(Method::Post, students_page(course), safety);
        request.operation(operation).resource(named(course)).form(form).send().await?.text().await
    }
}

fn audience_page(course: &CourseId, id: &str) -> Route {
    Route::new("/admin/{course}/edit/audience/{audience}").id(course).id(id)
}

fn names(people: &[UserId]) -> Value {
    people.iter().map(|user| Value::from(user.as_str())).collect()
}

fn named(course: &CourseId) -> String {
    format!("course {course}")
}

fn unknown(operation: &'static str, what: &str, id: &str) -> Error {
    Error::new(ErrorKind::NotFound, format!("the course has no such {what}"))
        .at(Platform::Inginious, operation)
        .on(format!("{what} {id}"))
}

fn changed(operation: &'static str, course: &CourseId, why: impl fmt::Display) -> Error {
    Error::new(ErrorKind::Protocol, format!("the page is not as INGInious 0.9 writes it: {why}"))
        .at(Platform::Inginious, operation)
        .on(named(course))
}

/// A group with more members than it may have would lose all of them, and the page would say that all is well.
fn fits(operation: &'static str, group: &Group) -> Result<()> {
    if group.members.len() as u64 <= u64::from(group.size) {
        return Ok(());
    }
    let why = format!("a group of {} cannot have {} members", group.size, group.members.len());
    Err(Error::invalid(why).at(Platform::Inginious, operation).on(format!("group {}", group.description)))
}

fn all_taken(operation: &'static str, wanted: &Group, there: &Group) -> Result<Group> {
    let left: Vec<&str> =
        wanted.members.iter().filter(|user| !there.members.contains(user)).map(UserId::as_str).collect();
    if left.is_empty() {
        return Ok(there.clone());
    }
    let why = format!(
        "the group is written, but without {}: members must be registered in the course and be in the group's audiences",
        left.join(", ")
    );
    Err(Error::invalid(why).at(Platform::Inginious, operation).on(format!("group {}", there.id)))
}

/// The cards of the tab of groups: each has a field `_id`; the first card holds those without a group, and a hidden
/// one is the form for a new group.
fn read_groups(html: &str) -> std::result::Result<Vec<Group>, String> {
    let page = Page::parse(html);
    let tab = page.select("#tab_groups #groups").next();
    let tab =
        tab.ok_or("its tab of groups (#tab_groups #groups) is missing; courses in LTI mode have none")?;
    let mut groups = Vec::new();
    for card in crate::page::within(tab, "div.group-card") {
        let value = |selector: &str| {
            crate::page::within(card, selector)
                .next()
                .and_then(|field| field.attr("value"))
                .map(str::to_owned)
        };
        let Some(id) = value("input[name=_id]") else { continue };
        let description = value("input[name=description]")
            .ok_or_else(|| format!("the group {id} has no field `description`"))?;
        let size = value("input#size").and_then(|size| size.trim().parse().ok());
        let size = size.ok_or_else(|| format!("the group {id} has no number in its field `size`"))?;
        let members = crate::page::within(card, "ul.students li[data-username]")
            .filter_map(|entry| entry.attr("data-username").map(UserId::from));
        let audiences = crate::page::within(card, "ul[id^=group_] > li[id]")
            .filter_map(|entry| entry.attr("id").map(str::to_owned));
        groups.push(Group {
            id,
            description,
            size,
            members: members.collect(),
            audiences: audiences.collect(),
        });
    }
    Ok(groups)
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
    fn groups_are_read_from_their_cards() {
        let card = "<div id='1' class='card group-card group'><input type=hidden name=_id value=aa>\
            <input name=description value='Pair &amp; co'><input id=size type=number value=2>\
            <ul id=group_1><li id=bb class=list-group-item>Monday</li><li style='display:none'><span></span></li></ul>\
            <ul id=students class='students'><li data-username=lena>Lena</li></ul></div>";
        let form = "<div class='card group-card' style='display:none'><input name=description><input id=size value=2></div>";
        let alone =
            "<div class='card group'><ul id=group_0 class=students><li data-username=vic>v</li></ul></div>";
        let page = format!("<div id=tab_groups><form><div id=groups>{alone}{card}{form}</div></form></div>");
        let groups = read_groups(&page).expect("the page is as ever");
        let expected = Group {
            id: "aa".into(),
            description: "Pair & co".into(),
            size: 2,
            members: vec!["lena".into()],
            audiences: vec!["bb".into()],
        };
        assert_eq!(groups, [expected]);
        assert!(read_groups("<p>Teams</p>").expect_err("another page").contains("#tab_groups"));
        let odd = page.replace("id=size type=number", "id=most type=number");
        assert!(read_groups(&odd).expect_err("another page").contains("`size`"));
    }

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
