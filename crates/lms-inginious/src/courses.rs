//! Listing courses, and reading them as far as the API shows them (reference inginious.md 4.1, 4.2, 6.7).

use std::collections::BTreeSet;

use async_trait::async_trait;
use lms_core::{
    Asset, AssetBody, AssetId, AssetRole, Content, Course, CourseId, CourseLink, CourseQuery, CourseSummary,
    CourseSupport, Courses, Error, ErrorKind, Finding, Lesson, Page, Paged, Platform, Result, Section,
    Severity, Support, TaskRef, note_pages,
};
use lms_http::{Route, path_segment};

use crate::dialect::{self, READ_ASSET};
use crate::files::Files;
use crate::folder::store::is_safe;
use crate::links;
use crate::page;
use crate::view::View;
use crate::workshop::Workshop;
use crate::{Inginious, wire};

impl Inginious {
    /// `GET /api/v0/courses/COURSE`: an empty list for a course that is not for the account.
    pub(crate) async fn course(&self, operation: &'static str, id: &CourseId) -> Result<wire::Course> {
        let found: Vec<wire::Course> = self
            .client()
            .get(Route::new("/api/v0/courses/{course}").id(id))
            .operation(operation)
            .resource(format!("course {id}"))
            .send_json()
            .await?;
        found.into_iter().next().ok_or_else(|| {
            Error::new(ErrorKind::NotFound, "the course is not open to the account")
                .at(Platform::Inginious, operation)
                .on(format!("course {id}"))
        })
    }

    /// `GET /api/v0/courses/COURSE/tasks`.
    pub(crate) async fn all_tasks(
        &self,
        operation: &'static str,
        course: &CourseId,
    ) -> Result<Vec<wire::Task>> {
        self.client()
            .get(Route::new("/api/v0/courses/{course}/tasks").id(course))
            .operation(operation)
            .resource(format!("course {course}"))
            .send_json()
            .await
    }

    /// The courses that the account is registered in, or teaches: `GET /mycourses`. The API's
    /// `is_registered` does not tell, since it is true wherever the course is open (reference
    /// inginious.md 1, fact 7).
    pub(crate) async fn registered(&self, operation: &'static str) -> Result<BTreeSet<String>> {
        let page = self.client().get("/mycourses").operation(operation).send().await?;
        if let Some(error) = dialect::elsewhere(page.url().path()) {
            return Err(error.at(Platform::Inginious, operation));
        }
        Ok(page::Page::parse(&page.text().await?).courses())
    }

    /// The address of a course's page, for people.
    pub(crate) fn course_page(&self, id: &str) -> String {
        self.address(&format!("/course/{}", path_segment(id)))
    }

    /// The address of a task's page, for people.
    pub(crate) fn task_page(&self, task: &TaskRef) -> String {
        format!("{}/{}", self.course_page(task.course.as_str()), path_segment(task.task.as_str()))
    }

    /// With the page of each task; a step is named as its task is.
    fn with_pages(&self, id: &CourseId, mut content: Content) -> Content {
        let course = self.course_page(id.as_str());
        note_pages(&mut content.course, Platform::Inginious, |place| {
            Some(format!("{course}/{}", path_segment(place.step.1.id.as_str())))
        });
        content
    }

    fn summary(&self, course: wire::Course, enrolled: Option<bool>) -> CourseSummary {
        CourseSummary {
            url: Some(self.course_page(&course.id)),
            id: course.id.into(),
            title: course.name,
            summary: None,
            language: None,
            enrolled,
        }
    }
}

#[async_trait]
impl Courses for Inginious {
    fn support(&self) -> CourseSupport {
        CourseSupport {
            list: Support::Native,
            search: Support::No,
            content: Support::Native,
            // Administrators are told, by the files.
            keys: Support::Emulated,
            assets: Support::Native,
        }
    }

    /// One request, no pages. [`CourseSummary::enrolled`] is not known of courses that are open to the
    /// account, unless enrolled ones are asked for, which takes one request more.
    fn list(&self, query: CourseQuery) -> Result<Paged<CourseSummary>> {
        const OPERATION: &str = "courses.list";
        let CourseQuery { search, enrolled, teaching, from } = query;
        if search.is_some() {
            return Err(Error::unsupported(Platform::Inginious, "courses.list with a search"));
        }
        if teaching {
            return Err(Error::unsupported(
                Platform::Inginious,
                "courses.list of courses that the account teaches",
            ));
        }
        if from.is_some() {
            return Err(Error::unsupported(Platform::Inginious, "courses.list from a cursor"));
        }
        let this = self.clone();
        Ok(Paged::new(None, move |_| {
            let this = this.clone();
            async move {
                let found: Vec<wire::Course> =
                    this.client().get("/api/v0/courses").operation(OPERATION).send_json().await?;
                let items = if enrolled {
                    let mine = this.registered(OPERATION).await?;
                    let found = found.into_iter().filter(|course| mine.contains(&course.id));
                    found.map(|course| this.summary(course, Some(true))).collect()
                } else {
                    let known = |course: &wire::Course| (!course.is_registered).then_some(false);
                    found
                        .into_iter()
                        .map(|course| {
                            let enrolled = known(&course);
                            this.summary(course, enrolled)
                        })
                        .collect()
                };
                Ok(Page::last(items))
            }
        }))
    }

    async fn get(&self, id: &CourseId) -> Result<CourseSummary> {
        const OPERATION: &str = "courses.get";
        let course = self.course(OPERATION, id).await?;
        let enrolled = course.is_registered && self.registered(OPERATION).await?.contains(&course.id);
        Ok(self.summary(course, Some(enrolled)))
    }

    /// For administrators of the course on a site with WebDAV, all that its files say: three requests, and one or
    /// two for each task; by [`crate::UploadBy::Pages`] what its pages say: three requests, and one for each task. For
    /// everybody else what the API shows: three requests, whatever the size of the course.
    async fn content(&self, id: &CourseId) -> Result<Content> {
        const OPERATION: &str = "courses.content";
        if let Workshop::Open(files) = self.workshop(OPERATION, id).await? {
            return Ok(self.with_pages(id, self.content_of_files(OPERATION, id, &files).await?));
        }
        let native = self.course(OPERATION, id).await?;
        let tasks = self.all_tasks(OPERATION, id).await?;
        let mut view = View::new(id.as_str(), &self.course_page(id.as_str()), &tasks);
        let mut course = Course::new(native.id.as_str(), native.name.as_str());
        let mut lesson = Lesson::new(native.id.as_str(), native.name.as_str());
        lesson.steps = tasks.iter().map(|task| view.step(task)).collect();
        let mut section = Section::new(native.id.as_str(), native.name);
        section.lessons.push(lesson);
        let findings = not_told(!tasks.is_empty());
        if !tasks.is_empty() {
            course.sections.push(section);
        }
        let mut files: Vec<String> = view.reading.files.drain().collect();
        files.sort();
        course.assets = files.into_iter().map(asset).collect();
        let mut all = findings;
        all.extend(view.reading.findings);
        Ok(self.with_pages(id, Content { course, findings: all, native: view.reading.native }))
    }

    /// `GET /course/COURSE/FOLDER/PATH` for the file `FOLDER/public/PATH`; all others by WebDAV, for administrators.
    async fn read_asset(&self, course: &CourseId, asset: &AssetId) -> Result<AssetBody> {
        let missing = || {
            Error::new(
                ErrorKind::NotFound,
                "the site hands out files of `public` folders only: FOLDER/public/PATH",
            )
            .at(Platform::Inginious, READ_ASSET)
            .on(format!("file {asset}"))
        };
        let public = asset.as_str().split_once("/public/");
        let Some((folder, path)) = public.filter(|(folder, path)| !folder.contains('/') && !path.is_empty())
        else {
            let Workshop::Open(files) = self.workshop(READ_ASSET, course).await? else {
                return Err(missing());
            };
            if !is_safe(asset.as_str()) {
                return Err(missing());
            }
            return match files {
                Files::Dav(dav) => Ok(body(dav.open(READ_ASSET, asset.as_str()).await?)),
                Files::Pages(_) => Ok(AssetBody::from_bytes(files.read(READ_ASSET, asset.as_str()).await?)),
            };
        };
        let inside: Vec<String> = path.split('/').map(path_segment).collect();
        let address = format!(
            "/course/{}/{}/{}",
            path_segment(course.as_str()),
            path_segment(folder),
            inside.join("/")
        );
        let request = self
            .client()
            .get(Route::given(address))
            .operation(READ_ASSET)
            .resource(format!("file {asset}"))
            .streaming();
        let answer = request.send().await.map_err(|error| {
            // Asked a second time with a new session, so it was not the session.
            if error.kind() == ErrorKind::Unauthenticated && error.status() == Some(500) {
                return Error::new(
                    ErrorKind::PermissionDenied,
                    "the site failed; it does so where the course is not open to the account",
                )
                .at(Platform::Inginious, READ_ASSET)
                .on(format!("file {asset}"))
                .with_status(500);
            }
            error
        })?;
        if let Some(error) = dialect::elsewhere(answer.url().path()) {
            return Err(error.at(Platform::Inginious, READ_ASSET).on(format!("file {asset}")));
        }
        // A refusal may come as a page in the place of the file, with status 200.
        if answer.content_type().is_some_and(|media| media.starts_with("text/html")) {
            let html = answer.bytes().await?;
            let page = page::Page::parse(&String::from_utf8_lossy(&html));
            if page.is_refusal() || page.is_sign_in() {
                return Err(Error::new(
                    ErrorKind::PermissionDenied,
                    page.alert("warning").unwrap_or_else(|| page.title()),
                )
                .at(Platform::Inginious, READ_ASSET)
                .on(format!("file {asset}")));
            }
            return Ok(AssetBody::from_bytes(html));
        }
        Ok(body(answer))
    }

    fn course_link(&self, course: &Course, link: &str) -> Option<CourseLink> {
        links::course_link(Some(&self.address("")), course, link)
    }
}

fn body(answer: lms_http::Response) -> AssetBody {
    let size = answer.header("content-length").and_then(|length| length.parse().ok());
    AssetBody::from_stream(answer.stream(), size)
}

fn asset(file: String) -> Asset {
    Asset {
        id: file.as_str().into(),
        media_type: mime_guess::from_path(&file).first_raw().map(str::to_owned),
        name: file,
        size: None,
        role: AssetRole::Content,
    }
}

/// What the API tells of no course.
fn not_told(has_tasks: bool) -> Vec<Finding> {
    const FOLDER: &str = "the course's folder has it; read that to have everything";
    let mut findings = vec![
        Finding::new(
            Severity::Dropped,
            "course",
            "course.yaml",
            "the API does not tell the description, the dates, and who may take part",
        )
        .with_fallback(FOLDER),
    ];
    if has_tasks {
        findings.push(
            Finding::new(
                Severity::Approximated,
                "course",
                "structure",
                "the API tells neither sections nor order",
            )
            .with_fallback("one section with the tasks in the order of the API"),
        );
        findings.push(
            Finding::new(
                Severity::Dropped,
                "course",
                "task settings",
                "the API does not tell weights, dates, tries and graders of tasks",
            )
            .with_fallback("every task counts one point"),
        );
        findings.push(
            Finding::new(Severity::Dropped, "course", "answers", "the API does not tell what is right")
                .with_fallback(FOLDER),
        );
        findings.push(
            Finding::new(Severity::Dropped, "course", "files", "the API has no list of files")
                .with_fallback("the files that texts link to are there"),
        );
    }
    findings
}
