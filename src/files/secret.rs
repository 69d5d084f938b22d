//! Secrets stand in the environment or in files of their own, never in the configuration.

use std::path::{Path, PathBuf};

use secrecy::SecretString;

use super::{Misspelled, Shape, Spelled};

/// Where a secret is to be found, and who asked for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretRef {
    pub source: SecretSource,
    /// `config/zhanggui.toml:21`, for people.
    pub place: String,
}

/// `"env:NAME"` or `"file:PATH"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretSource {
    Env(String),
    /// Absolute, or relative to the folder of `zhanggui.toml`.
    File(PathBuf),
}

impl Spelled for SecretSource {
    const SHAPE: Shape = Shape::Secret;
    const PATTERN: Option<&'static str> = Some(r"^(env:[A-Za-z_][A-Za-z0-9_]*$|file:\s*\S)");

    fn parse(text: &str) -> Result<Self, Misspelled> {
        if let Some(name) = text.strip_prefix("env:") {
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
            let starts_well = name.bytes().next().is_some_and(|byte| !byte.is_ascii_digit());
            if starts_well && name.bytes().all(plain) {
                return Ok(Self::Env(name.to_owned()));
            }
            let hint = "变量名用字母、数字和下划线，例如 \"env:WECOM_ASSISTANT_SECRET\"";
            return Err(Misspelled::new("bad-secret", "env: 后面不是环境变量的名字", hint));
        }
        if let Some(path) = text.strip_prefix("file:") {
            if path.trim().is_empty() {
                let hint = "例如 \"file:secrets/assistant\"";
                return Err(Misspelled::new("bad-secret", "file: 后面少了文件路径", hint));
            }
            return Ok(Self::File(PathBuf::from(path)));
        }
        // The text may be the secret itself: it is never repeated.
        let hint =
            "放进环境变量写 \"env:变量名\"，或放进文件写 \"file:路径\"；已经提交进 git 的密钥要去后台重置";
        Err(Misspelled::new("secret-in-clear", "密钥不能直接写在配置里", hint))
    }
}

/// A secret that is not there.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    #[error("{place} 要用环境变量 {name}，但没有设置（或是空的）")]
    NoVariable { name: String, place: String },
    #[error("{place} 要用密钥文件 {}，但读不到：{cause}", path.display())]
    NoFile { path: PathBuf, place: String, cause: std::io::Error },
    #[error("{place} 要用密钥文件 {}，但文件是空的、不是文字或超过 {SECRET_BYTES_AT_MOST} 字节", path.display())]
    BadFile { path: PathBuf, place: String },
}

/// The longest secret that any platform hands out is a key of a few kilobytes.
pub(super) const SECRET_BYTES_AT_MOST: usize = 64 * 1024;

impl SecretRef {
    /// Fetches the secret with the two ways to look: `env` for variables, `read` for files
    /// (`folder::read_secret` in production). Line breaks and spaces around it are taken away.
    pub fn resolve_with(
        &self,
        env: impl Fn(&str) -> Option<String>,
        read: impl Fn(&Path) -> std::io::Result<Vec<u8>>,
        base: &Path,
    ) -> Result<SecretString, SecretError> {
        let place = self.place.clone();
        match &self.source {
            SecretSource::Env(name) => env(name)
                .map(|value| value.trim().to_owned())
                .filter(|value| !value.is_empty())
                .map(SecretString::from)
                .ok_or_else(|| SecretError::NoVariable { name: name.clone(), place }),
            SecretSource::File(path) => {
                let path = base.join(path);
                let bytes = match read(&path) {
                    Ok(bytes) => bytes,
                    Err(cause) => return Err(SecretError::NoFile { path, place, cause }),
                };
                let text = std::str::from_utf8(&bytes).ok().filter(|_| bytes.len() <= SECRET_BYTES_AT_MOST);
                match text.map(str::trim) {
                    Some(text) if !text.is_empty() => Ok(SecretString::from(text.to_owned())),
                    _ => Err(SecretError::BadFile { path, place }),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    fn asked(source: SecretSource) -> SecretRef {
        SecretRef { source, place: "config/zhanggui.toml:7".to_owned() }
    }

    fn resolve(secret: &SecretRef) -> Result<String, String> {
        let env = |name: &str| (name == "TOKEN").then(|| " abc\n".to_owned());
        let read = |path: &Path| match path.to_str() {
            Some("/etc/zg/key") => Ok(b"xyz\r\n".to_vec()),
            Some("/etc/zg/empty") => Ok(b"\n".to_vec()),
            _ => Err(std::io::Error::from(std::io::ErrorKind::NotFound)),
        };
        secret
            .resolve_with(env, read, Path::new("/etc/zg"))
            .map(|secret| secret.expose_secret().to_owned())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn finds_secrets() {
        assert_eq!(resolve(&asked(SecretSource::Env("TOKEN".to_owned()))), Ok("abc".to_owned()));
        assert_eq!(resolve(&asked(SecretSource::File("key".into()))), Ok("xyz".to_owned()));
    }

    #[test]
    fn says_what_is_missing_and_who_asked() {
        let error = resolve(&asked(SecretSource::Env("OTHER".to_owned()))).expect_err("missing");
        assert_eq!(error, "config/zhanggui.toml:7 要用环境变量 OTHER，但没有设置（或是空的）");
        let error = resolve(&asked(SecretSource::File("nowhere".into()))).expect_err("missing");
        assert!(
            error.starts_with("config/zhanggui.toml:7 要用密钥文件 /etc/zg/nowhere，但读不到"),
            "{error}"
        );
        assert!(resolve(&asked(SecretSource::File("empty".into()))).is_err());
    }

    #[test]
    fn never_repeats_a_secret() {
        let wrong = SecretSource::parse("s3cr3t").expect_err("in clear");
        assert!(!format!("{wrong:?}").contains("s3cr3t"));
        assert_eq!(wrong.code, "secret-in-clear");
    }
}
