//! Tokens on the disk: whose they are, who may read them, and what a crash or another process does.

use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use lms_core::{ErrorKind, Secret};
use lms_http::{FileStore, StoredTokens, TokenStore, Tokens};

use crate::chain;

/// Tokens issued this many seconds after a day in the past.
fn tokens(access: &str, seconds: u64) -> StoredTokens {
    let issued_at = UNIX_EPOCH + Duration::from_secs(1_700_000_000 + seconds);
    let expires_at = Some(issued_at + Duration::from_secs(3600));
    let tokens = Tokens {
        access: Secret::new(access),
        refresh: Some(Secret::new(format!("refresh of {access}"))),
        expires_at,
    };
    StoredTokens { tokens, holder: "ada".into(), issued_at }
}

async fn access(store: &FileStore, name: &str) -> Option<String> {
    let stored = store.load(name).await.expect("readable");
    stored.map(|stored| stored.tokens.access.expose().to_owned())
}

fn folder() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("state").join("lms").join("tokens.json");
    (folder, path)
}

#[tokio::test]
async fn tokens_are_kept_by_name_until_they_are_forgotten() {
    let (_folder, path) = folder();
    let store = FileStore::new(&path);
    assert_eq!(access(&store, "stepik").await, None);
    store.forget("stepik").await.expect("nothing to forget");
    assert!(!path.parent().expect("folder").exists(), "nothing is made for nothing");
    store.save("stepik", &tokens("tok-1", 0)).await.expect("saved");
    store.save("work", &tokens("tok-9", 0)).await.expect("saved");
    let kept = FileStore::new(&path).load("stepik").await.expect("readable").expect("there");
    assert_eq!((kept.holder.as_str(), kept.issued_at), ("ada", tokens("", 0).issued_at));
    assert_eq!(kept.tokens.refresh.expect("kept").expose(), "refresh of tok-1");
    assert_eq!(kept.tokens.expires_at, tokens("", 0).tokens.expires_at);
    store.forget("stepik").await.expect("forgotten");
    assert_eq!((access(&store, "stepik").await, access(&store, "work").await), (None, Some("tok-9".into())));
    assert!(!std::fs::read_to_string(&path).expect("text").contains("tok-1"));
}

#[tokio::test]
async fn the_newer_tokens_of_a_holder_stay() {
    let (_folder, path) = folder();
    let store = FileStore::new(&path);
    let mut other = tokens("other", 1);
    other.holder = "grace".into();
    let mut future = tokens("future", 0);
    future.issued_at = SystemTime::now() + Duration::from_secs(3600);
    for (saved, kept) in [
        (tokens("second", 2), "second"),
        (tokens("first", 1), "second"),
        (tokens("third", 3), "third"),
        // Another holder is another configuration, and the one that holds now.
        (other, "other"),
        // A clock that was wrong once does not decide for ever.
        (future, "future"),
        (tokens("fourth", 4), "fourth"),
    ] {
        store.save("stepik", &saved).await.expect("saved");
        assert_eq!(access(&store, "stepik").await.as_deref(), Some(kept));
    }
}

#[tokio::test]
async fn a_file_that_is_none_of_ours_is_refused_and_left_as_it_is() {
    let (_folder, path) = folder();
    let store = FileStore::new(&path);
    std::fs::create_dir_all(path.parent().expect("folder")).expect("folder");
    for (content, word) in [
        (r#"{"version":1,"tokens":{"stepik":{"access":"canary","refresh":7}}}"#, "damaged"),
        (r#"{"version":1,"tokens":{"stepik":{"access":"canary""#, "damaged"),
        ("", "damaged"),
        (r#"{"version":2,"tokens":{}}"#, "another version"),
    ] {
        std::fs::write(&path, content).expect("written");
        private(&path);
        let load = store.load("stepik").await.expect_err(content);
        let save = store.save("stepik", &tokens("tok-1", 0)).await.expect_err(content);
        for error in [load, save] {
            assert_eq!(error.kind(), ErrorKind::Config);
            let text = chain(&error);
            assert!(
                text.contains(word) && text.contains("tokens.json") && !text.contains("canary"),
                "{text}"
            );
        }
        assert_eq!(std::fs::read_to_string(&path).expect("still there"), content);
    }
    std::fs::remove_file(&path).expect("removed");
    std::fs::create_dir(&path).expect("a folder in its place");
    let error = store.load("stepik").await.expect_err("no file");
    assert_eq!(error.kind(), ErrorKind::Config, "{error}");
}

#[cfg(unix)]
fn private(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, PermissionsExt::from_mode(0o600)).expect("mode");
}

#[cfg(not(unix))]
fn private(_: &Path) {}

/// Does its part in a test of several processes; the test itself starts them.
fn processes(test: &str, count: usize, path: &Path) -> Vec<Child> {
    let start = |n: usize| {
        Command::new(std::env::current_exe().expect("this program"))
            .args([&format!("store::{test}"), "--exact", "--nocapture"])
            .env("LMS_TEST_STORE", path)
            .env("LMS_TEST_PROCESS", n.to_string())
            .stdout(std::process::Stdio::null())
            .spawn()
            .expect("process")
    };
    (0..count).map(start).collect()
}

/// What this process is to do in such a test, if it is not the one that started it.
fn part() -> Option<(FileStore, u64)> {
    let store = FileStore::new(std::env::var_os("LMS_TEST_STORE")?);
    Some((store, std::env::var("LMS_TEST_PROCESS").ok()?.parse().ok()?))
}

#[tokio::test]
async fn processes_take_turns_and_no_reader_sees_half_a_file() {
    const SAVES: u64 = 40;
    if let Some((store, n)) = part() {
        for round in 0..SAVES {
            store
                .save(&format!("own-{n}"), &tokens(&format!("tok-{n}-{round}"), round))
                .await
                .expect("saved");
            store.save("shared", &tokens(&format!("shared-{round}"), round)).await.expect("saved");
        }
        return;
    }
    let (_folder, path) = folder();
    let store = FileStore::new(&path);
    let mut children = processes("processes_take_turns_and_no_reader_sees_half_a_file", 4, &path);
    let mut reads = 0;
    while children.iter_mut().any(|child| child.try_wait().expect("running or ended").is_none()) {
        store.load("shared").await.expect("whole at any moment");
        reads += 1;
    }
    for child in &mut children {
        assert!(child.wait().expect("ended").success());
    }
    assert!(reads > 10, "read only {reads} times meanwhile");
    for n in 0..4 {
        assert_eq!(access(&store, &format!("own-{n}")).await, Some(format!("tok-{n}-{}", SAVES - 1)));
    }
    assert_eq!(access(&store, "shared").await, Some(format!("shared-{}", SAVES - 1)));
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

    use super::*;

    fn set_mode(path: &Path, mode: u32) {
        std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).expect("mode");
    }

    fn mode(path: &Path) -> u32 {
        std::fs::metadata(path).expect("metadata").mode() & 0o7777
    }

    #[tokio::test]
    async fn nobody_else_can_read_a_token_not_even_for_a_moment() {
        const TEST: &str = "unix::nobody_else_can_read_a_token_not_even_for_a_moment";
        if let Some((store, _)) = part() {
            // The most permissive process there is. In one of its own: a umask is the whole process's.
            rustix::process::umask(rustix::fs::Mode::empty());
            for round in 0..300 {
                store.save("stepik", &tokens(&format!("tok-{round}"), round)).await.expect("saved");
            }
            return;
        }
        let (_folder, path) = folder();
        let lms = path.parent().expect("folder").to_owned();
        let done = Arc::new(AtomicBool::new(false));
        let watched = (lms.clone(), Arc::clone(&done));
        let watch = std::thread::spawn(move || {
            let (folder, done) = watched;
            let (mut looks, mut open) = (0_usize, Vec::new());
            while !done.load(SeqCst) {
                for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
                    let Ok(metadata) = entry.metadata() else { continue };
                    looks += 1;
                    if metadata.mode() & 0o077 != 0 {
                        open.push(format!("{:?} {:o}", entry.file_name(), metadata.mode()));
                    }
                }
            }
            (looks, open)
        });
        let mut children = processes(TEST, 1, &path);
        let ended = tokio::task::spawn_blocking(move || children.pop().expect("one").wait());
        assert!(ended.await.expect("task").expect("ended").success());
        done.store(true, SeqCst);
        let (looks, open) = watch.join().expect("watch");
        assert!(looks > 300, "looked only {looks} times");
        assert!(open.is_empty(), "{open:?}");
        assert_eq!((mode(&path), mode(&lms)), (0o600, 0o700));
        let names: Vec<_> =
            std::fs::read_dir(&lms).expect("folder").map(|e| e.expect("entry").file_name()).collect();
        assert_eq!(names.len(), 2, "the file and its lock: {names:?}");
    }

    #[tokio::test]
    async fn a_file_that_others_may_use_is_refused_with_what_to_do() {
        let (_folder, path) = folder();
        let store = FileStore::new(&path);
        store.save("stepik", &tokens("canary", 0)).await.expect("saved");
        for others in [0o640, 0o604, 0o620, 0o601, 0o666] {
            set_mode(&path, others);
            for error in [
                store.load("stepik").await.expect_err("open to others"),
                store.save("stepik", &tokens("canary-2", 1)).await.expect_err("open to others"),
            ] {
                let text = chain(&error);
                assert_eq!(error.kind(), ErrorKind::Config, "{text}");
                assert!(text.contains("chmod 600 ") && text.contains("tokens.json"), "{text}");
                assert!(!text.contains("canary"), "{text}");
            }
            assert_eq!(mode(&path), others, "left as it is");
        }
        set_mode(&path, 0o600);
        assert_eq!(access(&store, "stepik").await.as_deref(), Some("canary"));
    }

    #[tokio::test]
    async fn a_file_of_somebody_else_is_refused() {
        // One that is surely of another user than the one who runs this, or of the same if that is root.
        let foreign = Path::new("/proc/self/status");
        let other = Path::new("/proc/1/status");
        let owner = |path: &Path| std::fs::metadata(path).map(|m| m.uid());
        let (Ok(own), Ok(first)) = (owner(foreign), owner(other)) else {
            eprintln!("skipped: there is no /proc");
            return;
        };
        let (_folder, path) = folder();
        let store = FileStore::new(&path);
        store.save("stepik", &tokens("tok-1", 0)).await.expect("saved");
        if own == 0 {
            std::os::unix::fs::chown(&path, Some(65534), None).expect("root may");
            let error = store.load("stepik").await.expect_err("of somebody else");
            assert!(error.to_string().contains("belongs to another user"), "{error}");
        } else if first != own {
            let error = FileStore::new(other).load("stepik").await.expect_err("of somebody else");
            assert!(error.to_string().contains("belongs to another user"), "{error}");
        } else {
            eprintln!("skipped: no file of another user is at hand");
        }
    }

    #[tokio::test]
    async fn a_link_stays_a_link_and_a_dead_process_leaves_no_trace() {
        let (folder, path) = folder();
        let store = FileStore::new(&path);
        store.save("stepik", &tokens("tok-1", 1)).await.expect("saved");
        let link = folder.path().join("link.json");
        symlink(&path, &link).expect("link");
        // As if a process had died between writing and renaming.
        let left = path.with_file_name("tokens.json.new");
        std::fs::write(&left, "half a tok").expect("written");
        FileStore::new(&link).save("stepik", &tokens("tok-2", 2)).await.expect("saved");
        assert!(link.symlink_metadata().expect("link").is_symlink());
        assert!(!left.exists());
        assert_eq!(access(&store, "stepik").await.as_deref(), Some("tok-2"));
    }

    #[tokio::test]
    async fn a_folder_that_cannot_be_written_is_named() {
        let (folder, _) = folder();
        let blocked = folder.path().join("file");
        std::fs::write(&blocked, "").expect("written");
        let store = FileStore::new(blocked.join("tokens.json"));
        let error = store.save("stepik", &tokens("canary", 0)).await.expect_err("no folder");
        let text = chain(&error);
        assert!(text.contains("/file") && !text.contains("canary"), "{text}");
    }
}
