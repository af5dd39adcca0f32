//! Tokens as a provider signs them, and as somebody else would like to.

#![allow(clippy::unwrap_used)] // a test that cannot go on has failed, and says where

#[path = "../../tests/serving/signer.rs"]
mod signer;

use super::{
    Named,
    token::{Expected, Fault, check},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use dayclear_core::time::Instant;
use ring::{
    hmac,
    rand::SystemRandom,
    rsa::KeyPair as RsaKeyPair,
    signature::{RSA_PKCS1_SHA256, RsaPublicKeyComponents},
};
use serde_json::{Value, json};
use signer::{Signer, parts, url};

const ISSUER: &str = "https://id.example.org/realm";
const NOW_S: i64 = 1_795_000_000;

/// A key for RS256; ring makes none, so it is kept.
struct Rsa(RsaKeyPair);

impl Rsa {
    fn new() -> Self {
        let text: String = include_str!("only-for-tests.rsa").split_whitespace().collect();
        Rsa(RsaKeyPair::from_pkcs8(&STANDARD.decode(text).unwrap()).unwrap())
    }
    fn components(&self) -> RsaPublicKeyComponents<Vec<u8>> {
        self.0.public().into()
    }
    fn published(&self, id: &str) -> Value {
        let RsaPublicKeyComponents { n, e } = self.components();
        json!({"kty": "RSA", "n": url(&n), "e": url(&e), "kid": id})
    }
    fn sign(&self, header: &Value, claims: &Value) -> String {
        let message = parts(header, claims);
        let mut signature = vec![0; self.0.public().modulus_len()];
        self.0.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message.as_bytes(), &mut signature).unwrap();
        format!("{message}.{}", url(&signature))
    }
}

fn claims() -> Value {
    json!({
        "iss": ISSUER, "sub": "p-17", "aud": "dayclear", "nonce": "n1",
        "exp": NOW_S + 300, "iat": NOW_S - 5, "auth_time": NOW_S - 30,
    })
}

fn with(changes: Value) -> Value {
    let mut claims = claims();
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => claims.as_object_mut().unwrap().remove(name),
            value => claims.as_object_mut().unwrap().insert(name.clone(), value.clone()),
        };
    }
    claims
}

fn asked(token: &str, keys: &[Value]) -> Result<Named, Fault> {
    let second_factor = ["mfa".to_owned(), "loa2".to_owned()];
    let expected = Expected {
        issuer: ISSUER,
        client: "dayclear",
        nonce: "n1",
        begun: Instant::from_micros((NOW_S - 60) * 1_000_000),
        now: Instant::from_micros(NOW_S * 1_000_000),
        fresh_min: 10,
        second_factor: &second_factor,
    };
    check(token, json!({"keys": keys}).to_string().as_bytes(), &expected)
}

#[test]
fn a_token_that_the_provider_signed_names_a_person() {
    let (es, rsa) = (Signer::new(), Rsa::new());
    // keys that are for something else, or of a kind that we do not know, stand beside them
    let others = [json!({"kty": "OKP", "crv": "X448", "x": "AA"}), json!({"kty": "new"}), json!(7)];
    let keys: Vec<Value> = others.into_iter().chain([es.published("e"), rsa.published("r")]).collect();
    let named = Ok(Named { subject: "p-17".to_owned(), second_factor: false });
    for token in [
        es.sign(&json!({"alg": "ES256", "kid": "e"}), &claims()),
        rsa.sign(&json!({"alg": "RS256", "kid": "r", "typ": "JWT"}), &claims()),
        es.sign(&json!({"alg": "ES256"}), &claims()),
        es.sign(&json!({"alg": "ES256", "kid": "e"}), &with(json!({"aud": ["dayclear"]}))),
        es.sign(&json!({"alg": "ES256", "kid": "e"}), &with(json!({"aud": ["x", "dayclear"], "azp": "dayclear"}))),
        es.sign(&json!({"alg": "ES256", "kid": "e"}), &with(json!({"exp": NOW_S as f64 + 0.5}))),
        es.sign(&json!({"alg": "ES256", "kid": "e"}), &with(json!({"amr": ["pwd"], "acr": "loa1"}))),
    ] {
        assert_eq!(asked(&token, &keys), named, "{token}");
    }
}

#[test]
fn a_token_that_says_anything_else_is_refused() {
    let es = Signer::new();
    let keys = [es.published("e")];
    for (changes, fault) in [
        (json!({"iss": "https://id.example.org"}), Fault::Issuer),
        (json!({"iss": null}), Fault::Form),
        (json!({"aud": "other"}), Fault::Audience),
        (json!({"aud": []}), Fault::Audience),
        (json!({"aud": ["dayclear", "other"]}), Fault::Audience),
        (json!({"aud": ["dayclear", "other"], "azp": "other"}), Fault::Audience),
        (json!({"azp": "other"}), Fault::Audience),
        (json!({"aud": null}), Fault::Form),
        (json!({"exp": NOW_S - 61}), Fault::Over),
        (json!({"exp": "tomorrow"}), Fault::Form),
        (json!({"exp": null}), Fault::Form),
        (json!({"iat": NOW_S + 61}), Fault::Time),
        (json!({"iat": NOW_S - 121}), Fault::Time),
        (json!({"iat": null}), Fault::Form),
        (json!({"nbf": NOW_S + 61}), Fault::Time),
        (json!({"nonce": "n2"}), Fault::Nonce),
        (json!({"nonce": null}), Fault::Nonce),
        (json!({"nonce": ""}), Fault::Nonce),
        (json!({"sub": ""}), Fault::Subject),
        (json!({"sub": "x".repeat(256)}), Fault::Subject),
        (json!({"sub": null}), Fault::Form),
        (json!({"sub": 7}), Fault::Form),
    ] {
        let token = es.sign(&json!({"alg": "ES256", "kid": "e"}), &with(changes.clone()));
        assert_eq!(asked(&token, &keys), Err(fault), "{changes}");
    }
}

#[test]
fn what_the_provider_did_not_sign_is_refused_whatever_it_says_of_itself() {
    let (es, thief, rsa) = (Signer::new(), Signer::new(), Rsa::new());
    let keys = [es.published("e"), rsa.published("r")];
    let good = es.sign(&json!({"alg": "ES256", "kid": "e"}), &claims());
    let (body, signature) = good.rsplit_once('.').unwrap();
    let none = parts(&json!({"alg": "none"}), &claims());
    // the public key taken for the secret of an HMAC, in each form in which somebody may have it
    let hmac_by = |secret: &[u8], kid: &str| {
        let message = parts(&json!({"alg": "HS256", "kid": kid}), &claims());
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), message.as_bytes());
        format!("{message}.{}", url(tag.as_ref()))
    };
    let modulus = rsa.components().n;
    let other = parts(&json!({"alg": "ES256", "kid": "e"}), &with(json!({"sub": "p-18"})));
    for (what, token, fault) in [
        ("no algorithm", format!("{none}."), Fault::Form),
        ("no algorithm, with a signature", format!("{none}.{signature}"), Fault::Form),
        ("no algorithm, in other letters", format!("{}.", parts(&json!({"alg": "nOnE"}), &claims())), Fault::Form),
        ("hmac by the modulus", hmac_by(&modulus, "r"), Fault::Algorithm),
        ("hmac by the point", hmac_by(es.point(), "e"), Fault::Algorithm),
        ("hmac by nothing", hmac_by(b"", "e"), Fault::Algorithm),
        (
            "another algorithm of the family",
            rsa.sign(&json!({"alg": "RS512", "kid": "r"}), &claims()),
            Fault::Algorithm,
        ),
        (
            "another key under the same id",
            thief.sign(&json!({"alg": "ES256", "kid": "e"}), &claims()),
            Fault::Signature,
        ),
        ("another key without an id", thief.sign(&json!({"alg": "ES256"}), &claims()), Fault::Signature),
        ("a key that nobody publishes", thief.sign(&json!({"alg": "ES256", "kid": "t"}), &claims()), Fault::Key),
        ("the key of the other family", es.sign(&json!({"alg": "RS256", "kid": "e"}), &claims()), Fault::Key),
        (
            "a key that the token brings along",
            thief.sign(&json!({"alg": "ES256", "kid": "e", "jwk": thief.published("e")}), &claims()),
            Fault::Signature,
        ),
        (
            "an extension that must be understood",
            es.sign(&json!({"alg": "ES256", "kid": "e", "crit": ["x"]}), &claims()),
            Fault::Form,
        ),
        ("another person under the same signature", format!("{other}.{signature}"), Fault::Signature),
        ("no signature", format!("{body}."), Fault::Signature),
        ("half a signature", format!("{body}.{}", &signature[..40]), Fault::Signature),
        ("no base 64", format!("{body}.%%"), Fault::Form),
        ("two parts", body.to_owned(), Fault::Form),
        ("five parts", format!("{good}.x.y"), Fault::Form),
        ("nothing", String::new(), Fault::Form),
    ] {
        assert_eq!(asked(&token, &keys), Err(fault), "{what}");
    }
    let encrypts = json!({"use": "enc"});
    let mut wrong = es.published("e");
    wrong.as_object_mut().unwrap().extend(encrypts.as_object().unwrap().clone());
    assert_eq!(asked(&good, &[wrong]), Err(Fault::Key), "a key for encryption signs nothing");
    assert_eq!(asked(&good, &[]), Err(Fault::Key));
    assert!(asked(&good, &keys).is_ok());
}

#[test]
fn a_second_factor_counts_when_the_provider_says_so_and_it_was_given_minutes_ago() {
    let es = Signer::new();
    for (changes, counts) in [
        (json!({"amr": ["pwd", "mfa"]}), true),
        (json!({"amr": "mfa"}), true),
        (json!({"acr": "loa2"}), true),
        (json!({"amr": ["pwd"], "acr": "loa1"}), false),
        (json!({"amr": ["otp"]}), false),
        (json!({"amr": ["mfa"], "auth_time": null}), false),
        (json!({"amr": ["mfa"], "auth_time": NOW_S - 600}), true),
        (json!({"amr": ["mfa"], "auth_time": NOW_S - 661}), false),
        (json!({"amr": ["mfa"], "auth_time": NOW_S + 61}), false),
    ] {
        let token = es.sign(&json!({"alg": "ES256", "kid": "e"}), &with(changes.clone()));
        assert_eq!(asked(&token, &[es.published("e")]).map(|named| named.second_factor), Ok(counts), "{changes}");
    }
}

#[test]
fn an_address_is_encrypted_or_on_this_machine() {
    for (issuer, good) in [
        ("https://id.example.org", true),
        ("https://id.example.org:8443/realms/city", true),
        ("http://127.0.0.1:9000", true),
        ("http://[::1]:9000/x", true),
        ("http://localhost:9000", true),
        ("http://id.example.org", false),
        ("http://10.0.0.5", false),
        ("http://localhost.example.org", false),
        ("https://user:pass@id.example.org", false),
        ("https://id.example.org?x=1", false),
        ("https://id.example.org#x", false),
        ("ftp://127.0.0.1", false),
        ("id.example.org", false),
        ("", false),
    ] {
        assert_eq!(super::address(issuer).is_ok(), good, "{issuer}");
    }
}
