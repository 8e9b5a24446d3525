//! Where events may be sent to: never into our own network, whatever a name resolves to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// Letters of an address.
pub const URL_MAX: usize = 500;

/// Whether an address of the internet's public part stands here.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or_else(|| is_public_v6(v6), is_public_v4),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let is_special = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_documentation()
        || matches!(
            (a, b, c),
            (0 | 240..=255, _, _) | (100, 64..=127, _) | (198, 18 | 19, _) | (192, 0, 0) | (192, 88, 99)
        );
    !is_special
}

/// Only what is handed out (2000::/3), without what leads on into IPv4 or is for tests.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, ..] = address.segments();
    let is_special = matches!((a, b), (0x2001, 0..=0x01ff | 0x0db8) | (0x2002, _) | (0x3fff, 0..=0x0fff));
    (0x2000..=0x3fff).contains(&a) && !is_special
}

/// The address, if it can be an endpoint's: https, a host with a public name or number, nobody's password.
pub fn read_url(text: &str, to_local: bool) -> Option<Url> {
    let url = Url::parse(text).ok().filter(|_| text.len() <= URL_MAX && text.bytes().all(|b| b.is_ascii_graphic()))?;
    let host = url.host_str()?.trim_start_matches('[').trim_end_matches(']').trim_end_matches('.');
    let number = host.parse::<IpAddr>().ok();
    let is_local = host == "localhost" || number.is_some_and(|address| address.is_loopback());
    let is_right_place = match number {
        _ if is_local => to_local,
        Some(address) => is_public(address),
        None => host.contains('.') && !host.ends_with(".localhost") && !host.ends_with(".internal"),
    };
    let is_right_way = url.scheme() == "https" || (url.scheme() == "http" && is_local && to_local);
    let is_bare = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    (is_right_place && is_right_way && is_bare).then_some(url)
}

/// Resolves names and leaves out every address that must not be called. The connection is made to exactly the
/// addresses that passed, so a name that changes between cannot lead elsewhere.
pub struct Guard {
    pub to_local: bool,
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let to_local = self.to_local;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let passes = |at: &SocketAddr| is_public(at.ip()) || (to_local && at.ip().is_loopback());
            let allowed: Vec<SocketAddr> = found.filter(passes).collect();
            if allowed.is_empty() {
                return Err(std::io::Error::other("no address of this name may be called").into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_address_of_a_private_network_is_public() {
        for text in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "127.8.8.8",
            "169.254.169.254",
            "172.16.0.1",
            "192.0.0.8",
            "192.0.2.1",
            "192.168.1.1",
            "198.18.0.1",
            "203.0.113.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:127.0.0.1",
            "64:ff9b::a00:1",
            "100::1",
            "2001::1",
            "2001:db8::1",
            "2002:a00:1::",
            "fc00::1",
            "fd12::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!is_public(text.parse().unwrap()), "{text}");
        }
        for text in
            ["1.1.1.1", "100.128.0.1", "172.32.0.1", "203.113.131.1", "2400:cb00::1", "2606:4700::1", "::ffff:1.1.1.1"]
        {
            assert!(is_public(text.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn an_endpoint_has_a_public_name_and_tls() {
        for text in [
            "https://hooks.example.vn/ocop?x=1",
            "https://hooks.example.vn:8443/",
            "https://1.1.1.1/",
            "https://[2606:4700::1]/",
        ] {
            assert!(read_url(text, false).is_some(), "{text}");
        }
        for text in [
            "http://hooks.example.vn/",
            "ftp://hooks.example.vn/",
            "https://",
            "hooks.example.vn",
            "https://localhost/",
            "https://LOCALHOST./",
            "https://127.0.0.1/",
            "https://127.1/",
            "https://0x7f000001/",
            "https://2130706433/",
            "https://[::1]/",
            "https://[::ffff:127.0.0.1]/",
            "https://169.254.169.254/latest",
            "https://10.0.0.1/",
            "https://metadata.google.internal/",
            "https://db/",
            "https://a:b@hooks.example.vn/",
            "https://hooks.example.vn/#a",
            "https://hooks.example.vn/ a",
            "https://x.localhost/",
        ] {
            assert!(read_url(text, false).is_none(), "{text}");
        }
        assert!(read_url("http://127.0.0.1:8080/", true).is_some());
        assert!(read_url("http://10.0.0.1/", true).is_none() && read_url("http://hooks.example.vn/", true).is_none());
    }

    /// A public name may lead anywhere.
    #[tokio::test]
    async fn a_name_that_leads_home_is_not_followed() {
        let resolve = |to_local| Guard { to_local }.resolve("localhost".parse().unwrap());
        assert!(resolve(false).await.is_err());
        assert!(resolve(true).await.unwrap().all(|at| at.ip().is_loopback()));
    }
}
