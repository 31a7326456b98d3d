//! Listing courses with all that the platform's list can be asked for (reference stepik.md 2.11).

use std::fmt;

use lms_core::{CourseSummary, Cursor, Paged, Result, UserId};
use lms_http::PageBody;

use crate::Stepik;
use crate::endpoint::Endpoint;
use crate::objects::number;
use crate::page::Query;
use crate::wire::{self, SearchResult};

const LIST: &str = "courses.list";

/// When a course is held. Courses whose dates say nothing are self-paced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ScheduleType {
    /// No dates.
    SelfPaced,
    /// Under way. Only named in one source.
    Active,
    /// Not begun.
    Upcoming,
    /// Over.
    Ended,
}

impl fmt::Display for ScheduleType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SelfPaced => "self_paced",
            Self::Active => "active",
            Self::Upcoming => "upcoming",
            Self::Ended => "ended",
        })
    }
}

/// What courses are ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum CourseOrder {
    /// When it was created.
    Created,
    /// When it was last changed.
    Updated,
    /// Its id.
    Id,
    /// How popular it is.
    Popularity,
    /// How much goes on in it.
    Activity,
}

/// Which way to sort.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// The smallest, or oldest, first.
    Ascending,
    /// The greatest, or newest, first.
    Descending,
}

impl CourseOrder {
    fn field(self) -> &'static str {
        match self {
            Self::Created => "create_date",
            Self::Updated => "update_date",
            Self::Id => "id",
            Self::Popularity => "popularity",
            Self::Activity => "activity",
        }
    }
}

/// Which courses of the site to list. Every field that is `None` leaves the list as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CourseFilter {
    /// Picked by the platform's staff.
    pub featured: Option<bool>,
    /// With this tag (an id of `/api/tags`).
    pub tag: Option<u64>,
    /// In this language, such as `en`.
    pub language: Option<String>,
    /// Owned by this user.
    pub owner: Option<UserId>,
    /// Taught by this user.
    pub teacher: Option<UserId>,
    /// Fit for JetBrains' editors.
    pub idea_compatible: Option<bool>,
    /// Open to everybody.
    pub public: Option<bool>,
    /// Promoted.
    pub promoted: Option<bool>,
    /// Held at these times.
    pub schedule: Option<ScheduleType>,
    /// `true` leaves out courses that are over.
    pub exclude_ended: Option<bool>,
    /// Popular.
    pub popular: Option<bool>,
    /// Found unsuitable.
    pub unsuitable: Option<bool>,
    /// To be paid for.
    pub paid: Option<bool>,
    /// In the catalog.
    pub cataloged: Option<bool>,
    /// With a certificate.
    pub with_certificate: Option<bool>,
    /// `true`: those that the account is enrolled in.
    pub enrolled: Option<bool>,
    /// The fields to sort by, the first one first.
    pub order: Vec<(CourseOrder, Direction)>,
    /// Where to begin; `None` for the beginning.
    pub from: Option<Cursor>,
}

impl CourseFilter {
    /// All courses that the account sees, in the platform's own order.
    pub fn new() -> Self {
        Self::default()
    }

    fn query(self) -> Result<(Query, Option<Cursor>)> {
        let Self {
            featured,
            tag,
            language,
            owner,
            teacher,
            idea_compatible,
            public,
            promoted,
            schedule,
            exclude_ended,
            popular,
            unsuitable,
            paid,
            cataloged,
            with_certificate,
            enrolled,
            order,
            from,
        } = self;
        let user = |id: Option<UserId>| {
            id.map(|id| number(id.as_str(), "user").map(|id| id.to_string())).transpose()
        };
        let flag = |flag: Option<bool>| flag.map(|flag| flag.to_string());
        let fields: Vec<String> = order
            .into_iter()
            .map(|(field, direction)| match direction {
                Direction::Ascending => field.field().to_owned(),
                Direction::Descending => format!("-{}", field.field()),
            })
            .collect();
        let given = [
            ("is_featured", flag(featured)),
            ("tag", tag.map(|tag| tag.to_string())),
            ("language", language),
            ("owner", user(owner)?),
            ("teacher", user(teacher)?),
            ("is_idea_compatible", flag(idea_compatible)),
            ("is_public", flag(public)),
            ("is_promoted", flag(promoted)),
            ("schedule_type", schedule.map(|schedule| schedule.to_string())),
            ("exclude_ended", flag(exclude_ended)),
            ("is_popular", flag(popular)),
            ("is_unsuitable", flag(unsuitable)),
            ("is_paid", flag(paid)),
            ("is_cataloged", flag(cataloged)),
            ("with_certificate", flag(with_certificate)),
            ("enrolled", flag(enrolled)),
            ("order", Some(fields.join(",")).filter(|order| !order.is_empty())),
        ];
        let query = given.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
        Ok((query, from))
    }
}

impl Stepik {
    /// Courses by what the platform's own list can be asked for. Calls `GET /api/courses`. Only `enrolled`
    /// and `teacher` of all these are also in [`lms_core::CourseQuery`]; the others are Stepik's alone.
    ///
    /// # Errors
    /// `InvalidInput` at once for a user id that is no number.
    pub fn list_courses(&self, filter: CourseFilter) -> Result<Paged<CourseSummary>> {
        self.courses_page_by_page(filter, false)
    }

    /// The same; `teaching` asks for the account's own courses, whose id is found when the list is read.
    pub(crate) fn courses_page_by_page(
        &self,
        filter: CourseFilter,
        teaching: bool,
    ) -> Result<Paged<CourseSummary>> {
        let (query, from) = filter.query()?;
        let this = self.clone();
        let query = move || {
            let (this, mut query) = (this.clone(), query.clone());
            async move {
                if teaching {
                    query.push(("teacher", this.my_id(LIST).await?.to_string()));
                }
                Ok(query)
            }
        };
        let listed = self.listing_with(LIST, Endpoint::Courses.name(), from, query, PageBody::items);
        let this = self.clone();
        Ok(listed.try_map(move |course: wire::Course| Ok(this.summary(course))))
    }

    /// Courses in which words occur. Rows of a search are flat and hold the title only.
    pub(crate) fn search_courses(&self, words: String, from: Option<Cursor>) -> Paged<CourseSummary> {
        let query = vec![("query", words), ("type", "course".to_owned())];
        let site = self.base().clone();
        let listed = self.listing(LIST, Endpoint::SearchResults.name(), query, from);
        listed.try_filter_map(move |found: SearchResult| {
            let Some(id) = found.course else { return Ok(None) };
            Ok(Some(CourseSummary {
                id: id.into(),
                title: found.course_title.unwrap_or_default(),
                summary: None,
                language: None,
                url: site.join(&format!("/course/{id}/")).ok().map(String::from),
                enrolled: None,
            }))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_is_a_documented_filter() {
        let all = CourseFilter {
            featured: Some(true),
            tag: Some(22),
            language: Some("en".into()),
            owner: Some("7".into()),
            teacher: Some("8".into()),
            idea_compatible: Some(false),
            public: Some(true),
            promoted: Some(true),
            schedule: Some(ScheduleType::SelfPaced),
            exclude_ended: Some(true),
            popular: Some(true),
            unsuitable: Some(false),
            paid: Some(false),
            cataloged: Some(true),
            with_certificate: Some(true),
            enrolled: Some(true),
            order: vec![
                (CourseOrder::Popularity, Direction::Descending),
                (CourseOrder::Id, Direction::Ascending),
            ],
            from: None,
        };
        let (query, _) = all.query().expect("a query");
        let (order, filters) = query.split_last().expect("filters");
        assert_eq!(*order, ("order", "-popularity,id".to_owned()));
        let mut names: Vec<&str> = filters.iter().map(|(name, _)| *name).collect();
        let mut known = Endpoint::Courses.filters().to_vec();
        names.sort_unstable();
        known.sort_unstable();
        assert_eq!(names, known);
        for field in ["create_date", "update_date", "id", "popularity", "activity"] {
            assert!(Endpoint::Courses.orders().contains(&field));
        }
        let bad = CourseFilter { owner: Some("ada".into()), ..CourseFilter::new() };
        assert!(bad.query().is_err());
    }
}
