//! The file of a journal: read with care, appended to, and brought to the disk together.

use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use lms_core::{Error, ErrorKind, Result};

use super::record::{FORMAT, Record};
use crate::private;

/// Reads all records; `good` is how many bytes of the file they take.
///
/// A last line that is torn is left out: the run was killed, or the power failed, while it was written.
///
/// # Errors
/// `InvalidInput` with the line where anything else is damaged, or of another version.
pub(crate) fn read(path: &Path) -> Result<(Vec<Record>, u64)> {
    let mut bytes = Vec::new();
    match File::open(path) {
        Ok(mut file) => file.read_to_end(&mut bytes).map_err(|e| Error::io(path.display(), e))?,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok((Vec::new(), 0)),
        Err(e) => return Err(Error::io(path.display(), e)),
    };
    let (mut records, mut good) = (Vec::new(), 0);
    let mut lines = bytes.split_inclusive(|byte| *byte == b'\n').enumerate().peekable();
    while let Some((n, line)) = lines.next() {
        let whole = line.ends_with(b"\n");
        match serde_json::from_slice(line) {
            Ok(Record::Begin { format, .. }) if format != FORMAT => {
                let why = format!("the journal has form {format}, and this version reads form {FORMAT}");
                return Err(Error::invalid(why).on(format!("{}:{}", path.display(), n + 1)));
            }
            Ok(record) if whole => {
                records.push(record);
                good += line.len() as u64;
            }
            _ if lines.peek().is_none() => break,
            Ok(_) => break,
            Err(error) => {
                let why = format!(
                    "the journal is damaged here ({error}); put the file back from a copy, or begin anew with --new"
                );
                return Err(Error::invalid(why).on(format!("{}:{}", path.display(), n + 1)));
            }
        }
    }
    Ok((records, good))
}

/// A journal that is being written. Many writers wait for one visit to the disk together.
#[derive(Debug)]
pub(crate) struct Writer {
    path: PathBuf,
    file: Mutex<Appended>,
    disk: Arc<File>,
    /// How many records are on the disk for sure.
    synced: tokio::sync::Mutex<u64>,
}

#[derive(Debug)]
struct Appended {
    file: File,
    records: u64,
}

impl Writer {
    /// Goes on behind the first `good` bytes of the file.
    pub(crate) fn open(path: &Path, good: u64) -> Result<Self> {
        let file = private::options().create(true).append(true).open(path);
        let file = file.map_err(|e| private::failed(path, e))?;
        file.set_len(good).map_err(|e| Error::io(path.display(), e))?;
        Self::over(path, file)
    }

    pub(crate) fn over(path: &Path, file: File) -> Result<Self> {
        let disk = Arc::new(file.try_clone().map_err(|e| Error::io(path.display(), e))?);
        Ok(Self {
            path: path.to_owned(),
            file: Mutex::new(Appended { file, records: 0 }),
            disk,
            synced: tokio::sync::Mutex::new(0),
        })
    }

    /// Appends lines; answers what to [`settle`](Self::settle) for.
    pub(crate) fn append(&self, records: &[Record]) -> Result<u64> {
        let mut lines = Vec::new();
        for record in records {
            serde_json::to_writer(&mut lines, record).map_err(|e| self.failed(e.into()))?;
            lines.push(b'\n');
        }
        let mut appended = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        appended.file.write_all(&lines).map_err(|e| self.failed(e))?;
        appended.records += records.len() as u64;
        Ok(appended.records)
    }

    /// Waits until the first `upto` records are on the disk. One visit to the disk serves all who wait.
    pub(crate) async fn settle(&self, upto: u64) -> Result<()> {
        let mut synced = self.synced.lock().await;
        if *synced >= upto {
            return Ok(());
        }
        let appended = self.file.lock().unwrap_or_else(PoisonError::into_inner).records;
        let disk = Arc::clone(&self.disk);
        match tokio::task::spawn_blocking(move || disk.sync_data()).await {
            Ok(Ok(())) => {
                *synced = appended;
                Ok(())
            }
            Ok(Err(e)) => Err(self.failed(e)),
            Err(e) => Err(self.failed(std::io::Error::other(e))),
        }
    }

    fn failed(&self, error: std::io::Error) -> Error {
        let why =
            "the journal cannot be written, so nothing more is sent; mend that, then go on with --resume";
        Error::new(ErrorKind::Io, why).on(self.path.display()).with_source(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(at: &str) -> Record {
        Record::End { at: at.into() }
    }

    fn written(text: &str) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("journal.jsonl");
        std::fs::write(&path, text).expect("written");
        (folder, path)
    }

    #[tokio::test]
    async fn a_torn_last_line_is_left_out_and_written_over() {
        let line = "{\"event\":\"end\",\"at\":\"1\"}\n";
        for torn in
            ["{\"event\":\"en", "{\"event\":\"end\",\"at\":\"2\"}", "\0\0\0\0", "{\"event\":\"e\0\0\n"]
        {
            let (_folder, path) = written(&format!("{line}{torn}"));
            let (records, good) = read(&path).expect("the rest can be read");
            assert_eq!((records, good), (vec![end("1")], line.len() as u64), "{torn:?}");
            let writer = Writer::open(&path, good).expect("it can go on");
            let upto = writer.append(&[end("3")]).expect("appended");
            writer.settle(upto).await.expect("on the disk");
            assert_eq!(read(&path).expect("whole again").0, vec![end("1"), end("3")]);
        }
    }

    #[test]
    fn damage_in_the_middle_is_an_error_that_names_the_line() {
        let line = "{\"event\":\"end\",\"at\":\"1\"}\n";
        for damaged in ["{\"event\":\"en\n", "\0\0\n", "{\"event\":\"unheard\"}\n", "\n"] {
            let (_folder, path) = written(&format!("{line}{damaged}{line}"));
            let error = read(&path).expect_err("damaged");
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
            assert!(error.to_string().contains("journal.jsonl:2"), "{error}");
        }
        let newer = "{\"event\":\"begin\",\"format\":2,\"at\":\"\",\"tool\":\"\",\"source\":\"\",\"target\":\"\",\
                     \"fresh\":true,\"staged\":false,\"replace\":false}\n";
        let (_folder, path) = written(newer);
        assert!(read(&path).expect_err("newer").to_string().contains("form 2"));
    }

    /// What cannot be read is not there for nobody: taken for none, it would be cut off and written over.
    #[cfg(unix)]
    #[test]
    fn only_a_journal_that_is_not_there_counts_as_none() {
        let (folder, path) = written("");
        assert_eq!(read(&folder.path().join("none")).expect("none"), (Vec::new(), 0));
        for odd in [path.join("journal.jsonl"), folder.path().to_owned()] {
            assert_eq!(read(&odd).expect_err("no file").kind(), ErrorKind::Io, "{}", odd.display());
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_a_clear_error() {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").expect("linux has it");
        let writer = Writer::over(Path::new("journal.jsonl"), full).expect("a writer");
        let error = writer.append(&[end("1")]).expect_err("no room");
        assert_eq!(error.kind(), ErrorKind::Io);
        assert!(
            error.to_string().contains("journal.jsonl") && error.to_string().contains("--resume"),
            "{error}"
        );
    }
}
