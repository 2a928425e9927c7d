//! One HTTP request to a device, answered with a digest when it asks for one.

use std::time::Duration;

use axum::http::{HeaderMap, Method, Request, Response, StatusCode, header};
use bytes::Bytes;
use digest_auth::{AuthContext, HttpMethod, WwwAuthenticateHeader};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::super::limits::{HEADER_BYTES, HEADER_LINES};
use super::failure::PullError;
use super::tls::{self, Trust};
use crate::config::formats::HttpAddress;

/// How long a device may take to answer a request; our choice: they answer within a second.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);
/// Requests for one answer: without digest, with it, and again when the nonce was stale.
const ATTEMPTS: usize = 3;

/// Who is asked, and as whom.
#[derive(Clone, Debug)]
pub(in crate::io::camera) struct Device {
    pub(in crate::io::camera) address: HttpAddress,
    pub(in crate::io::camera) username: String,
    pub(in crate::io::camera) password: String,
    /// Of use with `https` only.
    pub(in crate::io::camera) trust: Trust,
}

/// What is asked.
#[derive(Clone, Debug)]
pub(in crate::io::camera) struct Question {
    pub(in crate::io::camera) method: Method,
    pub(in crate::io::camera) path: &'static str,
    pub(in crate::io::camera) headers: Vec<(&'static str, String)>,
    pub(in crate::io::camera) body: String,
}

impl Device {
    /// Asks, and answers a challenge.
    ///
    /// # Errors
    /// [`PullError`]; any status but 401 is an answer.
    pub(in crate::io::camera) async fn ask(
        &self,
        question: &Question,
    ) -> Result<Response<Incoming>, PullError> {
        let mut proof = None;
        for _ in 0..ATTEMPTS {
            let response = self.send(question, proof.as_deref()).await?;
            if response.status() != StatusCode::UNAUTHORIZED {
                return Ok(response);
            }
            let challenges = challenges(response.headers());
            let Some(mut challenge) = digest(&challenges) else {
                return Err(PullError::NoDigest { offered: challenges.join(", ") });
            };
            if proof.is_some() && !challenge.stale {
                return Err(PullError::Password);
            }
            proof = Some(self.answer(&mut challenge, question, &challenges)?);
        }
        Err(PullError::AsksAgain)
    }

    fn answer(
        &self,
        challenge: &mut WwwAuthenticateHeader,
        question: &Question,
        challenges: &[String],
    ) -> Result<String, PullError> {
        let method = HttpMethod(question.method.as_str().to_owned().into());
        let context = AuthContext::new_with_method(
            &self.username,
            &self.password,
            question.path,
            None::<&[u8]>,
            method,
        );
        let answer = challenge.respond(&context);
        let answer = answer.map_err(|_| PullError::NoDigest { offered: challenges.join(", ") })?;
        Ok(answer.to_header_string())
    }

    /// On a connection of its own: cameras close theirs after a 401.
    async fn send(
        &self,
        question: &Question,
        proof: Option<&str>,
    ) -> Result<Response<Incoming>, PullError> {
        let sent = timeout(ANSWER_WITHIN, self.exchange(question, proof)).await;
        sent.unwrap_or_else(|_| Err(PullError::TimedOut { address: self.address.to_string() }))
    }

    async fn exchange(
        &self,
        question: &Question,
        proof: Option<&str>,
    ) -> Result<Response<Incoming>, PullError> {
        let address = self.address.to_string();
        let stream = TcpStream::connect((self.address.host.as_str(), self.address.port)).await;
        let stream = stream.map_err(|source| PullError::Connect { address, source })?;
        let request = self.request(question, proof)?;
        if self.address.encrypted {
            let stream = tls::over(stream, &self.address.host, &self.trust).await?;
            converse(stream, request).await
        } else {
            converse(stream, request).await
        }
    }

    fn request(
        &self,
        question: &Question,
        proof: Option<&str>,
    ) -> Result<Request<Full<Bytes>>, PullError> {
        let mut request = Request::builder()
            .method(&question.method)
            .uri(question.path)
            .header(header::HOST, self.address.to_string())
            .header(header::ACCEPT, "*/*");
        for (name, value) in &question.headers {
            request = request.header(*name, value);
        }
        if let Some(proof) = proof {
            request = request.header(header::AUTHORIZATION, proof);
        }
        let body = Full::new(Bytes::from(question.body.clone()));
        request.body(body).map_err(PullError::Request)
    }
}

async fn converse(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    request: Request<Full<Bytes>>,
) -> Result<Response<Incoming>, PullError> {
    let (mut sender, connection) = http1::Builder::new()
        .max_buf_size(HEADER_BYTES)
        .max_headers(HEADER_LINES)
        .handshake(TokioIo::new(stream))
        .await
        .map_err(PullError::Lost)?;
    // It ends when the response is dropped; its error shows at the request or in the body.
    tokio::spawn(async move {
        let _ = connection.await;
    });
    sender.send_request(request).await.map_err(PullError::Lost)
}

fn challenges(headers: &HeaderMap) -> Vec<String> {
    let values = headers.get_all(header::WWW_AUTHENTICATE).iter();
    values
        .map(|value| String::from_utf8_lossy(value.as_bytes()).chars().take(400).collect())
        .collect()
}

/// The first challenge that can be answered. The library that reads them takes characters for bytes: one
/// with others than of ASCII, such as a Chinese realm, would end the daemon.
fn digest(challenges: &[String]) -> Option<WwwAuthenticateHeader> {
    let digests = challenges.iter().filter(|text| {
        let start = text.trim_start().get(..6);
        text.is_ascii() && start.is_some_and(|start| start.eq_ignore_ascii_case("digest"))
    });
    digests.into_iter().find_map(|text| digest_auth::parse(text).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_challenge_with_other_letters_than_of_ascii_is_passed_over() {
        let challenge =
            |realm: &str| format!("Digest realm=\"{realm}\", nonce=\"abc\", qop=\"auth\"");
        for realm in ["海康", "海", "摄像机 1", "\u{fffd}\u{fffd}\u{fffd}", "caf\u{e9}"] {
            assert!(digest(&[challenge(realm)]).is_none(), "{realm}");
            let both = [challenge(realm), challenge("camera")];
            assert_eq!(digest(&both).map(|it| it.realm), Some("camera".to_owned()), "{realm}");
        }
    }
}
