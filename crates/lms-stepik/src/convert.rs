//! Between Stepik's JSON and the neutral model. Pure: nothing here sends anything.
//!
//! A native step has one block, so a neutral block and a native step go one to one. What a target can
//! hold is not described a second time: [`adapt`] writes each block as Stepik's JSON and reads that
//! back with the reader that reads courses, so that the adapted course is what will be read.

mod adapt;
mod course;
mod kinds;
mod loss;
mod markup;
mod read;
mod reply;
mod reply_shape;
mod titles;
mod verbatim;
mod view;
mod write;

pub(crate) use adapt::adapt;
pub(crate) use course::{
    course_payload, lesson_payload, read_course, read_lesson, read_section, section_payload, unit_payload,
};
pub(crate) use loss::Losses;
pub(crate) use markup::{Site, media_path};
pub(crate) use read::read_step;
pub(crate) use reply::{check_answer, read_reply, reply};
pub(crate) use view::{asks_anew, has_dataset, offer, view};
pub(crate) use write::write_block;

#[cfg(test)]
mod properties;
#[cfg(test)]
mod recordings;
#[cfg(test)]
mod reply_tests;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;
