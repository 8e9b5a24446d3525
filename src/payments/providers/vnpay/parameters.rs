//! The query of a callback, as VNPAY signs it.

use form_urlencoded::{byte_serialize, parse};

use super::super::Fault;

/// Only these are signed; whatever else a proxy or a tracker adds does not count.
const PREFIX: &str = "vnp_";
const SIGNATURE: &str = "vnp_SecureHash";
/// Named the hash in protocol 2.0, where it could be MD5. Never signed, and we do not listen to it.
const SIGNATURE_TYPE: &str = "vnp_SecureHashType";

/// The parameters of a query that are VNPAY's, in the order of their names.
pub(super) struct Parameters<'a> {
    signed: Vec<Parameter<'a>>,
    signature: Option<String>,
}

/// One parameter, as received and decoded.
struct Parameter<'a> {
    raw_name: &'a str,
    raw_value: &'a str,
    name: String,
    value: String,
}

impl<'a> Parameters<'a> {
    /// Takes a query apart. A name that comes twice is refused as a forgery, however it is
    /// encoded: who checks the one could believe the other.
    pub(super) fn read(query: &'a str) -> Result<Parameters<'a>, Fault> {
        let segments = query.split('&').filter(|segment| !segment.is_empty());
        let mut all: Vec<Parameter<'a>> =
            segments.map(Parameter::read).filter(|parameter| parameter.name.starts_with(PREFIX)).collect();
        if all.is_empty() {
            return Err(Fault::MissingInput);
        }
        all.sort_by(|one, two| one.name.cmp(&two.name));
        let repeated = all.windows(2).any(|pair| matches!(pair, [one, two] if one.name == two.name));
        if repeated {
            return Err(Fault::BadSignature);
        }
        let signature = all.iter().find(|parameter| parameter.name == SIGNATURE);
        let signature = signature.map(|parameter| parameter.value.clone());
        all.retain(|parameter| parameter.name != SIGNATURE && parameter.name != SIGNATURE_TYPE);
        Ok(Parameters { signed: all, signature })
    }

    pub(super) fn signature(&self) -> Option<&str> {
        self.signature.as_deref()
    }

    /// The decoded value; an empty one is as good as none, since it need not be signed.
    pub(super) fn find(&self, name: &str) -> Option<&str> {
        let found = self.signed.iter().find(|parameter| parameter.name == name);
        found.map(|parameter| parameter.value.as_str()).filter(|value| !value.is_empty())
    }

    /// The texts that VNPAY may have signed, the likeliest first.
    ///
    /// What arrived is tried before what we would have written, because encoders differ. Empty
    /// values are left out by VNPAY's C# sample and kept by its PHP sample. The last one is for a
    /// proxy that encoded the query anew.
    pub(super) fn candidates(&self) -> [String; 3] {
        let filled = || self.signed.iter().filter(|parameter| !parameter.value.is_empty());
        [
            joined(filled().map(Parameter::as_received)),
            joined(self.signed.iter().map(Parameter::as_received)),
            joined(filled().map(|parameter| encoded(&parameter.name, &parameter.value))),
        ]
    }
}

impl<'a> Parameter<'a> {
    fn read(segment: &'a str) -> Parameter<'a> {
        let (raw_name, raw_value) = segment.split_once('=').unwrap_or((segment, ""));
        Parameter { raw_name, raw_value, name: decoded(raw_name), value: decoded(raw_value) }
    }

    fn as_received(&self) -> String {
        format!("{}={}", self.raw_name, self.raw_value)
    }
}

/// A pair in form encoding: a space is a plus, and hexadecimal is in upper case.
pub(super) fn encoded(name: &str, value: &str) -> String {
    let name: String = byte_serialize(name.as_bytes()).collect();
    let value: String = byte_serialize(value.as_bytes()).collect();
    format!("{name}={value}")
}

/// Form decoding of a name or a value alone.
fn decoded(text: &str) -> String {
    // An equals sign in front makes all of it the value of a nameless pair, whatever it holds.
    let pair = format!("={text}");
    parse(pair.as_bytes()).next().map(|(_, value)| value.into_owned()).unwrap_or_default()
}

fn joined(pairs: impl Iterator<Item = String>) -> String {
    pairs.collect::<Vec<String>>().join("&")
}
