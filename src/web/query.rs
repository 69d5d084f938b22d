//! The query of a callback (wecom-receive.md §1.2): percent-decoded, a raw `+` kept as it is,
//! because the platform's base64 has it and a proxy may have decoded `%2B` once already.

use crate::channels::wecom::Query;

/// What is wrong with a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    #[error("the query lacks `{0}`")]
    Missing(&'static str),
    #[error("`{0}` in the query is not percent-encoded UTF-8")]
    Encoding(&'static str),
}

/// Reads a raw query. The signature may be called `msg_signature`, `msgsignature` or `signature`
/// (§1.3); other parameters are ignored.
pub fn parse(query: Option<&str>) -> Result<Query, QueryError> {
    let (mut signature, mut timestamp, mut nonce, mut echo) = (None, None, None, None);
    for pair in query.unwrap_or_default().split('&') {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (slot, name) = match name {
            "msg_signature" | "msgsignature" | "signature" => (&mut signature, "msg_signature"),
            "timestamp" => (&mut timestamp, "timestamp"),
            "nonce" => (&mut nonce, "nonce"),
            "echostr" => (&mut echo, "echostr"),
            _ => continue,
        };
        *slot = Some(decode(value).ok_or(QueryError::Encoding(name))?);
    }
    Ok(Query {
        msg_signature: signature.ok_or(QueryError::Missing("msg_signature"))?,
        timestamp: timestamp.ok_or(QueryError::Missing("timestamp"))?,
        nonce: nonce.ok_or(QueryError::Missing("nonce"))?,
        echostr: echo,
    })
}

/// Percent-decodes; `None` for a broken escape or bytes that are no UTF-8.
fn decode(value: &str) -> Option<String> {
    if !value.contains('%') {
        return Some(value.to_owned());
    }
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.as_bytes();
    while let [first, tail @ ..] = rest {
        if *first == b'%' {
            let [high, low, tail @ ..] = tail else { return None };
            bytes.push(hex_digit(*high)? << 4 | hex_digit(*low)?);
            rest = tail;
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    String::from_utf8(bytes).ok()
}

fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn raw_plus_and_encoded_plus_are_the_same() {
        for echo in ["a+b/c==", "a%2Bb%2fc%3D%3D"] {
            let query = format!("msg_signature=s&timestamp=1&nonce=n&echostr={echo}");
            assert_eq!(parse(Some(&query)).expect("valid").echostr.as_deref(), Some("a+b/c=="));
        }
    }

    #[test]
    fn the_signature_has_three_names() {
        for name in ["msg_signature", "msgsignature", "signature"] {
            let query = format!("{name}=abc&timestamp=1&nonce=n&other=%");
            assert_eq!(parse(Some(&query)).expect("valid").msg_signature, "abc");
        }
    }

    #[test]
    fn what_is_missing_or_broken_is_named() {
        let broken = |query| parse(Some(query)).expect_err("broken");
        assert_eq!(broken(""), QueryError::Missing("msg_signature"));
        assert_eq!(parse(None).expect_err("broken"), QueryError::Missing("msg_signature"));
        assert_eq!(broken("msg_signature=s&timestamp=1"), QueryError::Missing("nonce"));
        assert_eq!(broken("nonce=%4"), QueryError::Encoding("nonce"));
        assert_eq!(broken("nonce=%zz"), QueryError::Encoding("nonce"));
        assert_eq!(broken("timestamp=%ff"), QueryError::Encoding("timestamp"));
    }

    proptest! {
        #[test]
        fn any_query_is_read_or_refused(query in ".{0,200}") {
            let _ = parse(Some(&query));
        }

        #[test]
        fn encoding_is_undone(value in ".{0,40}") {
            let encoded: String = value.bytes().map(|byte| format!("%{byte:02X}")).collect();
            let query = format!("msg_signature=s&timestamp=1&nonce={encoded}");
            prop_assert_eq!(parse(Some(&query)).expect("valid").nonce, value);
        }
    }
}
