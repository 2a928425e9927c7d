//! HTTP digest on the server's side (MD5, qop=auth): nonces given out, answers checked.
//!
//! A nonce is good for a short time, and each of its counts once: an answer that was overheard
//! cannot be used again. Both bounds and the number of nonces are limited.

use std::collections::HashMap;
use std::time::Duration;

use digest_auth::{AuthContext, AuthorizationHeader, HttpMethod, Qop};
use subtle::ConstantTimeEq;
use tokio::time::Instant;

/// A device answers within seconds; our choice.
pub const NONCE_LIFE: Duration = Duration::from_secs(60);
/// Nonces in use at the same time; beyond it the oldest is forgotten. Our choice: 64 cameras that
/// all register after a power cut, and as many strangers as there are places.
const NONCES: usize = 1_024;
/// Random bytes of a nonce.
const NONCE_BYTES: usize = 16;
/// The realm that passwords belong to.
const REALM: &str = "wimd";

/// Why an answer is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// There is none, or none that can be read.
    Missing,
    /// The nonce is over, or was never given out.
    Expired,
    /// It has been used before.
    Replayed,
    /// User name or password are wrong.
    Wrong,
}

#[derive(Clone, Copy, Debug)]
struct Nonce {
    since: Instant,
    /// Highest count that was used.
    used: u32,
}

/// Nonces that were given out.
#[derive(Debug, Default)]
pub struct Nonces(HashMap<String, Nonce>);

impl Nonces {
    /// The value of `WWW-Authenticate` with a fresh nonce; `None` when the system has no random
    /// bytes.
    pub fn challenge(&mut self, stale: bool, now: Instant) -> Option<String> {
        let mut bytes = [0; NONCE_BYTES];
        getrandom::fill(&mut bytes).ok()?;
        let nonce = hex::encode(bytes);
        self.0.retain(|_, nonce| now.saturating_duration_since(nonce.since) < NONCE_LIFE);
        if self.0.len() >= NONCES {
            let oldest = self.0.iter().min_by_key(|(_, nonce)| nonce.since);
            if let Some(oldest) = oldest.map(|(text, _)| text.clone()) {
                self.0.remove(&oldest);
            }
        }
        let stale = if stale { ", stale=true" } else { "" };
        let header = format!(
            "Digest realm=\"{REALM}\", qop=\"auth\", nonce=\"{nonce}\", algorithm=MD5{stale}"
        );
        self.0.insert(nonce, Nonce { since: now, used: 0 });
        Some(header)
    }

    /// Checks the value of `Authorization`.
    ///
    /// # Errors
    /// A [`Failure`]; all but [`Failure::Wrong`] deserve a fresh challenge.
    pub fn check(
        &mut self,
        header: Option<&str>,
        method: &str,
        (username, password): (&str, &str),
        now: Instant,
    ) -> Result<(), Failure> {
        let told = header.filter(|text| text.starts_with("Digest"));
        let told = told.and_then(|text| AuthorizationHeader::parse(text).ok());
        let told = told.filter(|told| told.qop == Some(Qop::AUTH)).ok_or(Failure::Missing)?;
        let nonce = self.0.get_mut(&told.nonce).ok_or(Failure::Expired)?;
        if now.saturating_duration_since(nonce.since) >= NONCE_LIFE {
            return Err(Failure::Expired);
        }
        let method = HttpMethod(method.to_owned().into());
        let context =
            AuthContext::new_with_method(username, password, &told.uri, None::<&[u8]>, method);
        let mut own = told.clone();
        own.realm = REALM.to_owned();
        own.digest(&context);
        let same = own.response.as_bytes().ct_eq(told.response.as_bytes());
        if told.username != username || !bool::from(same) {
            return Err(Failure::Wrong);
        }
        if told.nc <= nonce.used {
            return Err(Failure::Replayed);
        }
        nonce.used = told.nc;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHO: (&str, &str) = ("001", "secret");

    fn answer(challenge: &str, (user, password): (&str, &str)) -> String {
        let mut prompt = digest_auth::parse(challenge).unwrap();
        let context =
            AuthContext::new_post::<_, _, _, &[u8]>(user, password, "/VIID/System/Register", None);
        prompt.respond(&context).unwrap().to_header_string()
    }

    #[test]
    fn a_right_answer_is_good_once_and_for_a_while() {
        let (start, mut nonces) = (Instant::now(), Nonces::default());
        let challenge = nonces.challenge(false, start).unwrap();
        let answer = answer(&challenge, WHO);
        let mut check =
            |text: &str, after: Duration| nonces.check(Some(text), "POST", WHO, start + after);
        assert_eq!(check(&answer, Duration::ZERO), Ok(()));
        assert_eq!(check(&answer, Duration::ZERO), Err(Failure::Replayed));
        assert_eq!(check(&answer, NONCE_LIFE), Err(Failure::Expired));
    }

    #[test]
    fn wrong_and_broken_answers_are_told_apart() {
        let (now, mut nonces) = (Instant::now(), Nonces::default());
        let challenge = nonces.challenge(false, now).unwrap();
        let wrong = [("001", "sesame"), ("002", "secret")].map(|who| answer(&challenge, who));
        for text in wrong {
            assert_eq!(nonces.check(Some(&text), "POST", WHO, now), Err(Failure::Wrong));
        }
        let empty =
            "Digest username=\"\", realm=\"\", nonce=\"\", uri=\"\", response=\"\", qop=\"\"";
        for text in [None, Some("Basic x"), Some(empty), Some("Digest")] {
            assert_eq!(nonces.check(text, "POST", WHO, now), Err(Failure::Missing));
        }
        let strange = answer("Digest realm=\"wimd\", qop=\"auth\", nonce=\"made-up\"", WHO);
        assert_eq!(nonces.check(Some(&strange), "POST", WHO, now), Err(Failure::Expired));
    }

    #[test]
    fn the_number_of_nonces_is_bounded() {
        let (now, mut nonces) = (Instant::now(), Nonces::default());
        for _ in 0..NONCES + 10 {
            nonces.challenge(false, now).unwrap();
        }
        assert_eq!(nonces.0.len(), NONCES);
    }
}
