//! Where a request comes from, as far as it can be believed.

use std::future::{Ready, ready};
use std::net::IpAddr;

use actix_web::dev::Payload;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};

use crate::app::App;
use crate::kernel::error::{Error, Result};
use crate::kernel::rate_limit::Caller;

/// The client's address: the peer, or what the configured number of trusted proxies say in `X-Forwarded-For`,
/// counted from the right. Whatever stands further left was written by the client and is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

impl ClientAddress {
    /// The network that shares a limit: /24 of IPv4, /48 of IPv6.
    pub fn network(self) -> String {
        self.caller().to_string()
    }

    pub fn caller(self) -> Caller {
        Caller::network(self.0)
    }
}

impl FromRequest for ClientAddress {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(address_of(request).map(ClientAddress))
    }
}

fn address_of(request: &HttpRequest) -> Result<IpAddr> {
    let app = request.app_data::<Data<App>>().ok_or_else(|| Error::internal("no App"))?;
    let lines = request.headers().get_all("x-forwarded-for").filter_map(|value| value.to_str().ok());
    let peer = request.peer_addr().map_or(IpAddr::from([0, 0, 0, 0]), |peer| peer.ip());
    Ok(believed(lines, app.config.trusted_proxies, peer))
}

fn believed<'a>(lines: impl Iterator<Item = &'a str>, trusted_proxies: usize, peer: IpAddr) -> IpAddr {
    let Some(from_right) = trusted_proxies.checked_sub(1) else { return peer };
    let entries: Vec<&str> = lines.flat_map(|line| line.split(',')).map(str::trim).collect();
    entries.iter().rev().nth(from_right).and_then(|entry| entry.parse().ok()).unwrap_or(peer)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PEER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 1));

    fn seen(lines: &[&str], trusted: usize) -> String {
        believed(lines.iter().copied(), trusted, PEER).to_string()
    }

    #[test]
    fn only_entries_of_trusted_proxies_are_believed() {
        assert_eq!(seen(&["6.6.6.6"], 0), "10.0.0.1");
        assert_eq!(seen(&["6.6.6.6, 113.160.1.2"], 1), "113.160.1.2");
        assert_eq!(seen(&["6.6.6.6, 113.160.1.2", "10.0.0.9"], 2), "113.160.1.2");
        assert_eq!(seen(&[], 1), "10.0.0.1");
        assert_eq!(seen(&["nonsense"], 1), "10.0.0.1");
    }
}
