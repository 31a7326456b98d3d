//! What the LMS serves.

pub(crate) mod accounts;
pub(crate) mod blocks;
pub(crate) mod bulk;
pub(crate) mod certificates;
pub(crate) mod completion;
pub(crate) mod courses;
pub(crate) mod courseware;
pub(crate) mod enrollment;
pub(crate) mod gradebook;
pub(crate) mod grades;
pub(crate) mod history;
pub(crate) mod home;
pub(crate) mod instructor;
pub(crate) mod modes;
pub(crate) mod problems;
pub(crate) mod progress;
pub(crate) mod registration;
