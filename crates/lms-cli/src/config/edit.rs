//! Changing `lms.toml`: comments and order stay.

use std::io::Write;
use std::path::{Path, PathBuf};

use lms_core::{Error, ErrorKind, Result};
use toml_edit::{DocumentMut, Item, Table, TableLike, value};

use super::{Config, file, keys};

/// The file as its author wrote it.
#[derive(Debug)]
pub(crate) struct Editor {
    path: PathBuf,
    document: DocumentMut,
}

impl Editor {
    /// Opens the file of a configuration that was read; it need not be there.
    ///
    /// # Errors
    /// `Config` where the user has no place for it, and as [`file::read`].
    pub(crate) fn open(config: &Config) -> Result<Self> {
        let Some(path) = config.path.clone() else {
            let message = "there is no folder for the configuration; say where it is to be in LMS_CONFIG";
            return Err(Error::new(ErrorKind::Config, message));
        };
        let text = match std::fs::read_to_string(&path) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => String::new(),
            text => text.map_err(|e| Error::io(path.display(), e))?,
        };
        let document = text
            .parse()
            .map_err(|_| Error::new(ErrorKind::Config, "the configuration is no TOML").on(path.display()))?;
        Ok(Self { path, document })
    }

    /// Where the file is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Sets what is said of a setting, in place of whatever else says it.
    ///
    /// # Errors
    /// `Config` where `remotes` is no table.
    pub(crate) fn set(&mut self, remote: &str, key: &str, text: &str) -> Result<()> {
        self.unset(remote, keys::split(key).0)?;
        self.table(remote)?.insert(key, value(text));
        Ok(())
    }

    /// Takes a setting out, whatever says it; `false` if there was none.
    ///
    /// # Errors
    /// As [`Editor::set`].
    pub(crate) fn unset(&mut self, remote: &str, base: &str) -> Result<bool> {
        let table = self.table(remote)?;
        let all = keys::ELSEWHERE.into_iter().chain([""]).map(|suffix| format!("{base}{suffix}"));
        Ok(all.map(|key| table.remove(&key).is_some()).fold(false, |any, gone| any | gone))
    }

    /// Takes a remote out.
    pub(crate) fn remove(&mut self, remote: &str) {
        if let Some(remotes) = self.document.get_mut("remotes").and_then(Item::as_table_like_mut) {
            remotes.remove(remote);
        }
    }

    fn table(&mut self, remote: &str) -> Result<&mut dyn TableLike> {
        let path = &self.path;
        let wrong = || Error::new(ErrorKind::Config, "`remotes` must be a table").on(path.display());
        let implicit = || {
            let mut table = Table::new();
            table.set_implicit(true);
            Item::Table(table)
        };
        let remotes = self.document.entry("remotes").or_insert_with(implicit);
        let remotes = remotes.as_table_like_mut().ok_or_else(wrong)?;
        let table = remotes.entry(remote).or_insert_with(|| Item::Table(Table::new()));
        table.as_table_like_mut().ok_or_else(wrong)
    }

    /// Checks what the file would be and puts it in place as a whole; a new one is readable by its owner alone.
    ///
    /// # Errors
    /// `Config` where it would not be read again; what the system says of the folder.
    pub(crate) fn save(&self) -> Result<()> {
        let text = self.document.to_string();
        file::parse(&text, &self.path)?;
        // A link stays a link: what it leads to is replaced.
        let path = std::fs::canonicalize(&self.path).unwrap_or_else(|_| self.path.clone());
        let folder = path.parent().unwrap_or(Path::new("."));
        write(&path, folder, &text).map_err(|e| {
            let message = format!("the configuration cannot be written: {e}");
            Error::new(ErrorKind::Io, message).on(self.path.display()).with_source(e)
        })
    }
}

fn write(path: &Path, folder: &Path, text: &str) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    // Made with mode 0600.
    let mut new = tempfile::NamedTempFile::new_in(folder)?;
    new.write_all(text.as_bytes())?;
    if let Ok(old) = std::fs::metadata(path) {
        new.as_file().set_permissions(old.permissions())?;
    }
    new.as_file().sync_all()?;
    new.persist(path).map_err(|e| e.error)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn editor(text: &str) -> Editor {
        Editor { path: "lms.toml".into(), document: text.parse().expect("TOML") }
    }

    #[test]
    fn comments_and_order_stay_and_one_thing_says_a_setting() {
        let mut editor = editor(
            "# mine\n[remotes.work]\nplatform = \"stepik\" # ours\nclient_secret_command = \"pass\"\nclient_id = \"a\"\n",
        );
        editor.set("work", "client_secret_store", "keyring").expect("a table");
        assert!(editor.unset("work", "client_id").expect("a table"));
        assert!(!editor.unset("work", "username").expect("a table"));
        editor.set("uni", "platform", "inginious").expect("a table");
        assert_eq!(
            editor.document.to_string(),
            "# mine\n[remotes.work]\nplatform = \"stepik\" # ours\nclient_secret_store = \"keyring\"\n\n[remotes.uni]\n\
             platform = \"inginious\"\n"
        );
        editor.remove("work");
        assert!(!editor.document.to_string().contains("work"));
    }

    #[test]
    fn what_is_no_table_is_told() {
        let error = editor("remotes = 3\n").set("work", "url", "x").expect_err("no table");
        assert!(error.to_string().contains("lms.toml"), "{error}");
    }
}
