//! What is planted: values that are easily found again. Each holds the word that is looked for.

/// Looked for in everything that is printed.
pub(crate) const CANARY: &str = "canary";

pub(crate) const CLIENT_ID: &str = "app";
pub(crate) const CLIENT_SECRET: &str = "canary0client0secret1a2b3c4d5e";
pub(crate) const PASSWORD: &str = "canary pass word";
/// As OAuth servers make them: thirty letters and digits.
pub(crate) const ACCESS: &str = "canary0access0token1a2b3c4d5e6";
pub(crate) const REFRESH: &str = "canary0refresh0token1a2b3c4d5e";
/// Those that the token endpoint issues.
pub(crate) const NEW_ACCESS: &str = "eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzUxMiJ9.canary0new0access.1a2b-3c4d_5e";
pub(crate) const NEW_REFRESH: &str = "canary0new0refresh1a2b3c4d5e6f";
pub(crate) const SESSION: &str = "canary0session0cookie1a2b3c4d5";
/// The cookie that answers set.
pub(crate) const NEW_SESSION: &str = "canary0new0session1a2b3c4d5e6f";
pub(crate) const CSRF: &str = "canary0csrf0token1a2b3c4d5e6f7";
pub(crate) const API_KEY: &str = "canary-api-key";
pub(crate) const EMAIL: &str = "canary.ada@example.org";

/// The same where they are not readable as they are: the name and password of HTTP Basic.
pub(crate) fn hidden() -> Vec<String> {
    let basic = [&b"app:canary0client0secret1a2b3c4d5e"[..]].map(base64);
    basic.into_iter().collect()
}

/// Without padding, so that it is found in the padded form too.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bits: Vec<u8> = bytes.iter().flat_map(|byte| (0..8).rev().map(move |n| byte >> n & 1)).collect();
    let sextets = bits.chunks_exact(6).map(|six| six.iter().fold(0, |sum, bit| sum << 1 | usize::from(*bit)));
    sextets.map(|n| char::from(LETTERS[n])).collect()
}
