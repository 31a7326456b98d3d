//! One call of an endpoint below /api: method, object, answer. (reference stepik.md 2.9)

use axum::body::Body;
use axum::http::{Method, Response, header};
use serde_json::{Value, json};

use super::plain::{self, Plain};
use super::read::{self, Shelf, in_multi_get_order};
use super::rights::Caller;
use super::state::{Kind, State};
use super::switches::Registered;
use super::wire::{Answer, Ask, Pager, Refusal, answer_json, listed, no_content, one};
use super::{
    authoring, certificates, comments, files, grades, listings, people, progress, solutions, steps,
    user_courses,
};

/// A call that has passed the door.
pub(crate) struct Call<'a> {
    pub(crate) ask: &'a Ask,
    pub(crate) pager: Pager<'a>,
    pub(crate) caller: Caller,
    pub(crate) id: Option<&'a str>,
}

/// The endpoints whose objects are stored as they go over the wire.
fn shelf(name: &str) -> Option<Shelf> {
    let kind = match name {
        "courses" => Kind::Courses,
        "sections" => Kind::Sections,
        "units" => Kind::Units,
        "lessons" => Kind::Lessons,
        "step-sources" => return Some(Shelf::step_sources()),
        "steps" => Kind::Steps,
        "attachments" => Kind::Attachments,
        "attempts" => Kind::Attempts,
        "submissions" => Kind::Submissions,
        "users" => Kind::Users,
        "members" => Kind::Members,
        "certificates" => Kind::Certificates,
        "comments" => Kind::Comments,
        _ => Kind::Plain(Plain::named(name)?),
    };
    Some(Shelf::of(kind))
}

/// Which of GET, POST, PUT and DELETE an endpoint takes, without and with an id. (reference stepik.md 2.9; what is
/// not listed there is a choice)
fn methods(name: &str, has_id: bool) -> &'static [&'static str] {
    const READ: &[&str] = &["GET"];
    match (name, has_id) {
        ("videos" | "views", false) => &["POST"],
        ("videos" | "views", true) => &[],
        ("course-images" | "profile-images", true) => &["PUT"],
        ("course-images" | "profile-images", false) => &[],
        (
            "courses" | "sections" | "units" | "lessons" | "step-sources" | "attachments" | "comments",
            true,
        )
        | ("course-reviews" | "classes" | "storage-records" | "announcements", true) => {
            &["GET", "PUT", "DELETE"]
        }
        (
            "enrollments" | "members" | "favorite-courses" | "invitations" | "students" | "assistants",
            true,
        )
        | ("email-addresses" | "social-accounts", true) => &["GET", "DELETE"],
        ("certificates" | "user-courses" | "votes" | "profiles", true) => &["GET", "PUT"],
        (
            "courses" | "sections" | "units" | "lessons" | "step-sources" | "attempts" | "submissions"
            | "user-code-runs" | "enrollments" | "members" | "favorite-courses" | "invitations" | "students"
            | "assistants" | "email-addresses" | "social-accounts" | "attachments" | "comments"
            | "course-reviews" | "classes" | "storage-records" | "announcements" | "users",
            false,
        ) => &["GET", "POST"],
        _ => READ,
    }
}

impl Call<'_> {
    /// Answers the call.
    pub(crate) fn answer(&self, state: &mut State, name: &str) -> Answer {
        let shelf = shelf(name);
        if shelf.is_none() && !listings::is_known(name) {
            return Err(Refusal::missing());
        }
        let allowed = methods(name, self.id.is_some());
        let method = if self.ask.method == Method::HEAD { "GET" } else { self.ask.method.as_str() };
        if method == "OPTIONS" {
            return Ok(self.options(allowed));
        }
        if !allowed.contains(&method) {
            return Err(Refusal::not_allowed(&self.ask.method));
        }
        match shelf {
            Some(shelf) => self.stored(state, shelf),
            None => self.computed(state, name),
        }
    }

    fn options(&self, allowed: &[&str]) -> Response<Body> {
        let mut line: Vec<&str> = allowed.to_vec();
        line.extend(["HEAD", "OPTIONS"]);
        let body =
            json!({ "name": self.ask.path, "parses": ["application/json"], "renders": ["application/json"] });
        let mut answer = answer_json(200, &body);
        if let Ok(value) = line.join(", ").parse() {
            answer.headers_mut().insert(header::ALLOW, value);
        }
        answer
    }

    /// Success code and body of a registration are unknown. (reference stepik.md 1.5)
    pub(crate) fn is_silent_registration(&self, state: &State) -> bool {
        self.id.is_none() && state.switches.registered == Registered::Empty
    }

    fn number(&self) -> Result<i64, Refusal> {
        self.id.and_then(|id| id.parse().ok()).ok_or_else(Refusal::missing)
    }

    fn stored(&self, state: &mut State, shelf: Shelf) -> Answer {
        let caller = self.caller;
        let id = match (&self.ask.method, self.id) {
            (&Method::POST, None) => self.create(state, shelf)?,
            (&Method::PUT, Some(_)) => self.replace(state, shelf)?,
            (&Method::DELETE, Some(_)) => {
                self.delete(state, shelf)?;
                return Ok(no_content());
            }
            (_, Some(id)) => return Ok(answer_json(200, &read::by_id(state, caller, shelf, id)?)),
            (_, None) => return Ok(answer_json(200, &read::list(state, caller, shelf, &self.pager)?)),
        };
        let status = if self.ask.method == Method::POST { 201 } else { 200 };
        Ok(answer_json(status, &read::after_write(state, caller, shelf, id)?))
    }

    fn create(&self, state: &mut State, shelf: Shelf) -> Result<i64, Refusal> {
        let (caller, ask) = (self.caller, self.ask);
        match shelf.kind {
            Kind::Courses | Kind::Sections | Kind::Units | Kind::Lessons => {
                authoring::create(state, caller, shelf.kind, &ask.written()?)
            }
            Kind::Steps => steps::create(state, caller, &ask.written()?),
            Kind::Attachments => files::save_attachment(state, caller, ask, None),
            Kind::Attempts => solutions::create_attempt(state, caller, &ask.written()?),
            Kind::Submissions => solutions::create_submission(state, caller, &ask.written()?),
            Kind::Users => people::register(state, &ask.written()?),
            Kind::Members => people::add_member(state, caller, &ask.written()?),
            Kind::Comments => comments::save(state, caller, None, &ask.written()?),
            Kind::Plain(plain) => plain::save(state, caller, plain, None, &ask.written()?),
            Kind::Videos | Kind::Certificates => Err(Refusal::not_allowed(&ask.method)),
        }
    }

    fn replace(&self, state: &mut State, shelf: Shelf) -> Result<i64, Refusal> {
        let (caller, ask, id) = (self.caller, self.ask, self.number()?);
        match shelf.kind {
            Kind::Courses | Kind::Sections | Kind::Units | Kind::Lessons => {
                authoring::update(state, caller, shelf.kind, id, &ask.written()?)?;
            }
            Kind::Steps => steps::update(state, caller, id, &ask.written()?)?,
            Kind::Attachments => {
                files::save_attachment(state, caller, ask, Some(id))?;
            }
            Kind::Certificates => certificates::update(state, caller, id, &ask.written()?)?,
            Kind::Comments => {
                comments::save(state, caller, Some(id), &ask.written()?)?;
            }
            Kind::Plain(plain) => {
                plain::save(state, caller, plain, Some(id), &ask.written()?)?;
            }
            _ => return Err(Refusal::not_allowed(&ask.method)),
        }
        Ok(id)
    }

    fn delete(&self, state: &mut State, shelf: Shelf) -> Result<(), Refusal> {
        let (caller, id) = (self.caller, self.number()?);
        match shelf.kind {
            Kind::Courses | Kind::Sections | Kind::Units | Kind::Lessons => {
                authoring::delete(state, caller, shelf.kind, id)
            }
            Kind::Steps => steps::delete(state, caller, id),
            Kind::Attachments => files::delete_attachment(state, caller, id),
            Kind::Members => people::remove_member(state, caller, id),
            Kind::Comments => comments::delete(state, caller, id),
            Kind::Plain(plain) => plain::delete(state, caller, plain, id),
            _ => Err(Refusal::not_allowed(&self.ask.method)),
        }
    }

    /// Endpoints whose answers are computed, or that only write.
    fn computed(&self, state: &mut State, name: &str) -> Answer {
        let (caller, ask) = (self.caller, self.ask);
        let body: (u16, Value) = match (name, &ask.method, self.id) {
            ("views", ..) => (201, progress::view(state, caller, &ask.written()?)?),
            ("videos", ..) => (201, one("videos", Value::Object(files::create_video(state, caller, ask)?))),
            ("course-images", ..) => {
                let images = files::save_course_images(state, caller, ask, self.number()?)?;
                (200, one("course-images", Value::Object(images)))
            }
            ("profile-images", ..) => {
                let image = files::save_avatar(state, caller, ask, self.number()?)?;
                (200, one("profile-images", Value::Object(image)))
            }
            ("enrollments", &Method::POST, _) => {
                let course = people::enroll(state, caller, &ask.written()?)?;
                let mut answer = one("enrollments", json!({ "id": course, "course": course }));
                // Side-loads the course. (reference stepik.md 2.6)
                let shown = read::after_write(state, caller, Shelf::of(Kind::Courses), course)?;
                answer["courses"] = shown.get("courses").cloned().unwrap_or_default();
                (201, answer)
            }
            ("enrollments", &Method::DELETE, _) => {
                people::unenroll(state, caller, self.number()?)?;
                return Ok(no_content());
            }
            ("enrollments", _, Some(_)) => (200, people::enrollment(state, caller, self.number()?)?),
            ("profiles", &Method::PUT, Some(id)) => {
                (200, people::profile(state, caller, id, Some(&ask.written()?))?)
            }
            ("profiles", _, Some(id)) => (200, people::profile(state, caller, id, None)?),
            ("groups", _, Some(id)) => (200, people::group(state, caller, id)?),
            ("votes", &Method::PUT, Some(id)) => {
                (200, comments::vote(state, caller, id, Some(&ask.written()?))?)
            }
            ("votes", _, Some(id)) => (200, comments::vote(state, caller, id, None)?),
            ("user-courses", &Method::PUT, Some(id)) => {
                (200, user_courses::one_user_course(state, caller, id, Some(&ask.written()?))?)
            }
            ("user-courses", _, Some(id)) => (200, user_courses::one_user_course(state, caller, id, None)?),
            ("user-courses", ..) => (200, user_courses::user_courses(state, caller, &self.pager)?),
            ("progresses", _, id) => (200, progress::progresses(state, caller, &self.pager, id)?),
            ("course-grades", _, id) => (200, grades::course_grades(state, caller, &self.pager, id)?),
            _ => (200, self.listing(state, name)?),
        };
        Ok(answer_json(body.0, &body.1))
    }

    /// Rows that follow from other objects: one by id, many by ids, or a page.
    fn listing(&self, state: &State, name: &str) -> Result<Value, Refusal> {
        if let Some(id) = self.id {
            let row = listings::row(state, self.caller, name, id)?;
            return Ok(one(name, row.ok_or_else(Refusal::missing)?));
        }
        if let Some(ids) = self.ask.ids() {
            let mut found = Vec::new();
            for id in ids {
                if let Some(row) = listings::row(state, self.caller, name, id)? {
                    let key = id.rsplit('-').find_map(|part| part.parse().ok()).unwrap_or_default();
                    found.push((key, row));
                }
            }
            in_multi_get_order(state, &mut found);
            return Ok(listed(name, found.into_iter().map(|(_, row)| row).collect()));
        }
        self.pager.page(name, listings::rows(state, self.caller, name, self.ask)?)
    }
}
