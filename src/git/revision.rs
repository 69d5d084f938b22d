//! Files of a revision, read from git's own store: nothing is checked out.

use super::{Git, GitError};

/// One file as it was in a revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevisionFile {
    /// Below the folder that was asked for, always with `/`.
    pub path: String,
    pub bytes: Vec<u8>,
}

impl Git {
    /// The commit that a name stands for: a branch, a tag, `HEAD~3`, a hash.
    pub fn commit(&self, revision: &str) -> Result<String, GitError> {
        let name = format!("{revision}^{{commit}}");
        let output = self.run(&["rev-parse", "--verify", "--end-of-options", &name])?;
        Ok(String::from_utf8_lossy(&output).trim().to_owned())
    }

    /// Where this folder lies in its repository: empty, or ending in `/`.
    pub fn prefix(&self) -> Result<String, GitError> {
        let output = self.run(&["rev-parse", "--show-prefix"])?;
        Ok(String::from_utf8_lossy(&output).trim_end_matches('\n').to_owned())
    }

    /// Every file below `prefix` (as [`Git::prefix`] gives it) in a commit whose path below it is
    /// `wanted`. Links are followed inside the revision, never out of it.
    pub fn files_at(
        &self,
        commit: &str,
        prefix: &str,
        wanted: impl Fn(&str) -> bool,
    ) -> Result<Vec<RevisionFile>, GitError> {
        let list = self.run(&[
            "ls-tree",
            "-r",
            "-z",
            "--full-tree",
            "--name-only",
            commit,
            "--",
            prefix_or_all(prefix),
        ])?;
        let paths: Vec<String> = list
            .split(|byte| *byte == 0)
            .filter_map(|path| std::str::from_utf8(path).ok())
            // A line break would end the question to `cat-file`.
            .filter(|path| !path.is_empty() && !path.contains('\n'))
            .filter(|path| path.strip_prefix(prefix).is_some_and(&wanted))
            .map(str::to_owned)
            .collect();
        let contents = self.contents(commit, &paths)?;
        let below = |path: &String| path.strip_prefix(prefix).unwrap_or(path).to_owned();
        let files = paths.iter().zip(contents);
        Ok(files
            .filter_map(|(path, bytes)| Some(RevisionFile { path: below(path), bytes: bytes? }))
            .collect())
    }

    /// The contents of these paths; `None` where a link leads nowhere.
    fn contents(&self, commit: &str, paths: &[String]) -> Result<Vec<Option<Vec<u8>>>, GitError> {
        let questions: String = paths.iter().map(|path| format!("{commit}:{path}\n")).collect();
        let output = self.ask(&["cat-file", "--batch", "--follow-symlinks"], questions.into_bytes())?;
        let unreadable =
            || GitError::Failed { command: "cat-file".into(), cause: "unexpected answer".into() };
        let (mut rest, mut contents) = (&output[..], Vec::with_capacity(paths.len()));
        for _ in paths {
            let (answer, after) = next_answer(rest).ok_or_else(unreadable)?;
            contents.push(answer.map(<[u8]>::to_vec));
            rest = after;
        }
        Ok(contents)
    }
}

fn prefix_or_all(prefix: &str) -> &str {
    if prefix.is_empty() { "." } else { prefix }
}

/// One answer of `cat-file --batch` and what follows it: `HASH blob SIZE` and the content, or one
/// line that says why there is none, with its own text after it for links.
fn next_answer(output: &[u8]) -> Option<(Option<&[u8]>, &[u8])> {
    let end = output.iter().position(|byte| *byte == b'\n')?;
    let (line, rest) = (std::str::from_utf8(&output[..end]).ok()?, &output[end + 1..]);
    let mut words = line.rsplit(' ');
    let Some(size) = words.next().and_then(|size| size.parse::<usize>().ok()) else {
        return Some((None, rest));
    };
    let content = rest.get(..size)?;
    let rest = rest.get(size + 1..)?;
    Some(((words.next() == Some("blob")).then_some(content), rest))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    /// A repository with two commits and a change that is in none.
    fn repository(folder: &Path) -> Git {
        let git = Git::at(folder);
        let write = |name: &str, text: &str| {
            let path = folder.join(name);
            fs::create_dir_all(path.parent().expect("a parent")).expect("its folder");
            fs::write(path, text).expect("a file");
        };
        let commit = |text: &str| {
            write("config/profiles/群规.toml", text);
            for arguments in [
                &["add", "-A"][..],
                &["-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "-q", "-m", "c"],
            ] {
                git.run(arguments).expect("git works");
            }
        };
        git.run(&["init", "-q"]).expect("git works");
        write("config/empty.toml", "");
        write("config/media.jpg", "no text");
        write("config/large.toml", &"x".repeat(300_000));
        commit("first\nhash blob 3\n");
        commit("second");
        write("config/profiles/群规.toml", "not committed");
        git
    }

    #[test]
    fn files_come_from_the_revision_and_not_from_the_disk() {
        let folder = tempfile::tempdir().expect("a folder");
        let git = repository(folder.path());
        let read = |revision: &str| {
            let commit = git.commit(revision).expect("a commit");
            git.files_at(&commit, "config/", |path| path.ends_with(".toml")).expect("files")
        };
        let text = |files: &[RevisionFile], path: &str| {
            let file = files.iter().find(|file| file.path == path).expect("the file");
            String::from_utf8(file.bytes.clone()).expect("text")
        };
        let head = read("HEAD");
        assert_eq!(
            head.iter().map(|file| file.path.as_str()).collect::<Vec<_>>(),
            ["empty.toml", "large.toml", "profiles/群规.toml"]
        );
        assert_eq!(text(&head, "profiles/群规.toml"), "second");
        assert_eq!((text(&head, "empty.toml").len(), text(&head, "large.toml").len()), (0, 300_000));
        assert_eq!(text(&read("HEAD~1"), "profiles/群规.toml"), "first\nhash blob 3\n");
    }

    #[test]
    fn a_folder_knows_where_it_lies_and_names_are_no_options() {
        let folder = tempfile::tempdir().expect("a folder");
        let git = repository(folder.path());
        assert_eq!(git.prefix().expect("a repository"), "");
        assert_eq!(Git::at(folder.path().join("config")).prefix().expect("a repository"), "config/");
        for wrong in ["no-such-branch", "--all", ""] {
            assert!(git.commit(wrong).is_err(), "{wrong}");
        }
        let outside = tempfile::tempdir().expect("a folder");
        assert!(Git::at(outside.path()).prefix().is_err());
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_inside_and_lead_nowhere_outside() {
        let folder = tempfile::tempdir().expect("a folder");
        let git = repository(folder.path());
        for (to, from) in
            [("empty.toml", "same.toml"), ("/etc/hostname", "outside.toml"), ("gone.toml", "dangling.toml")]
        {
            std::os::unix::fs::symlink(to, folder.path().join("config").join(from)).expect("a link");
        }
        git.run(&["add", "-A"]).expect("git works");
        git.run(&["-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "-q", "-m", "l"])
            .expect("git works");
        let commit = git.commit("HEAD").expect("a commit");
        let files = git.files_at(&commit, "config/", |path| path.ends_with(".toml")).expect("files");
        let paths: Vec<&str> = files.iter().map(|file| file.path.as_str()).collect();
        assert_eq!(paths, ["empty.toml", "large.toml", "profiles/群规.toml", "same.toml"]);
    }
}
