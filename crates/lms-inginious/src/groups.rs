//! Groups, whose learners hand in together: by the pages of a course's staff, since the API does not know them
//! (reference inginious.md 6.8).

use std::collections::BTreeSet;
use std::fmt;

use lms_core::{CourseId, Error, ErrorKind, Platform, Result, Support, UserId};
use lms_http::{Method, Safety};
use serde_json::{Value, json};

use crate::Inginious;
use crate::page::Page;
use crate::roster::students_page;

const GROUPS: &str = "groups.list";
const CREATE_GROUP: &str = "groups.create";
const UPDATE_GROUP: &str = "groups.update";
const DELETE_GROUP: &str = "groups.delete";

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
///
/// ```
/// use lms_core::{CourseId, EnrollOptions, Enrollments, Subject};
/// use lms_emulator::{Options, inginious::InginiousEmulator};
/// use lms_inginious::{Group, InginiousBuilder};
///
/// # #[tokio::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/real/inginious/courses/compare-basics");
/// let server = InginiousEmulator::start(Options { load: vec![folder.into()], ..Options::default() }).await?;
/// let who = server.credentials();
/// let staff = InginiousBuilder::new()
///     .with_base_url(&who.url)
///     .with_account(&who.username, who.password.as_str())
///     .build()?;
/// let course = CourseId::new("compare-basics");
/// staff.enroll(&course, &Subject::User("learner".into()), &EnrollOptions::default()).await?;
/// let pair = Group {
///     id: String::new(),
///     description: "Pair".to_owned(),
///     size: 2,
///     members: vec!["learner".into()],
///     audiences: Vec::new(),
/// };
/// let made = staff.create_group(&course, &pair).await?;
/// assert_eq!(staff.groups(&course).await?, [made]);
/// # Ok(())
/// # }
/// ```
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

    pub(crate) async fn send_people(
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

pub(crate) fn names(people: &[UserId]) -> Value {
    people.iter().map(|user| Value::from(user.as_str())).collect()
}

pub(crate) fn named(course: &CourseId) -> String {
    format!("course {course}")
}

pub(crate) fn unknown(operation: &'static str, what: &str, id: &str) -> Error {
    Error::new(ErrorKind::NotFound, format!("the course has no such {what}"))
        .at(Platform::Inginious, operation)
        .on(format!("{what} {id}"))
}

pub(crate) fn changed(operation: &'static str, course: &CourseId, why: impl fmt::Display) -> Error {
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
}
