//! Connection strings of PostgreSQL, as far as this program has to understand them.

/// What a connection must not be without: a host that is gone or frozen is noticed within seconds. Set in the string
/// itself, it stays as it is.
const ALWAYS: &[(&str, &str)] = &[("connect_timeout", "3")];
const BY_NETWORK: &[(&str, &str)] =
    &[("keepalives_idle", "10"), ("keepalives_interval", "5"), ("keepalives_count", "3"), ("tcp_user_timeout", "8000")];

/// A connection string, `postgres://…` or `key=value …`.
pub struct DatabaseUrl<'a> {
    text: &'a str,
    is_uri: bool,
    hosts: Vec<String>,
    options: Vec<(String, String)>,
}

impl<'a> DatabaseUrl<'a> {
    pub fn read(text: &'a str) -> Self {
        match text.split_once("://") {
            Some((_, rest)) => read_uri(text, rest),
            None => {
                let options = pairs(text);
                DatabaseUrl { text, is_uri: false, hosts: hosts_in(&options), options }
            }
        }
    }

    /// The value of a parameter that stands in the string.
    pub fn option(&self, name: &str) -> Option<&str> {
        self.options.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Whether nothing leaves this machine: a Unix socket, or the loopback.
    pub fn is_local(&self) -> bool {
        self.hosts.iter().all(|host| is_socket(host) || is_loopback(host))
    }

    /// The string with the waiting times that it lacks.
    pub fn with_timeouts(&self) -> String {
        let goes_by_network = !self.hosts.iter().all(|host| is_socket(host));
        let wanted = ALWAYS.iter().chain(BY_NETWORK.iter().filter(|_| goes_by_network));
        let mut url = self.text.to_owned();
        let mut has_options = url.contains('?');
        for (name, value) in wanted.filter(|(name, _)| self.option(name).is_none()) {
            let separator = match (self.is_uri, has_options) {
                (false, _) => ' ',
                (true, false) => '?',
                (true, true) => '&',
            };
            url.push_str(&format!("{separator}{name}={value}"));
            has_options = true;
        }
        url
    }
}

fn read_uri<'a>(text: &'a str, rest: &str) -> DatabaseUrl<'a> {
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let authority = rest.split('/').next().unwrap_or("");
    let places = authority.rsplit('@').next().unwrap_or("");
    let options: Vec<(String, String)> =
        form_urlencoded::parse(query.as_bytes()).map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
    let mut hosts = hosts_in(&options);
    if !places.is_empty() {
        hosts = places.split(',').map(host_of).collect();
    }
    DatabaseUrl { text, is_uri: true, hosts, options }
}

/// `host:port` without its port, decoded.
fn host_of(place: &str) -> String {
    let host = match place.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or(""),
        None => place.split(':').next().unwrap_or(""),
    };
    let plus_is_plus = host.replace('+', "%2B");
    form_urlencoded::parse(plus_is_plus.as_bytes()).next().map(|(host, _)| host.into_owned()).unwrap_or_default()
}

/// `hostaddr` is where the connection goes, whatever `host` says. Without both it is the default socket.
fn hosts_in(options: &[(String, String)]) -> Vec<String> {
    let value = |name: &str| options.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    let named = value("hostaddr").or_else(|| value("host")).unwrap_or("");
    named.split(',').map(str::to_owned).collect()
}

fn is_socket(host: &str) -> bool {
    host.is_empty() || host.starts_with('/') || host.starts_with('@')
}

fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// `key=value` and `key = 'a value'`, with a backslash before what would end it.
fn pairs(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while let Some((name, after)) = rest.split_once('=') {
        let (value, left) = value_of(after.trim_start());
        found.push((name.trim().to_owned(), value));
        rest = left.trim_start();
    }
    found
}

fn value_of(text: &str) -> (String, &str) {
    let mut value = String::new();
    let mut characters = text.chars();
    let is_quoted = text.starts_with('\'');
    if is_quoted {
        characters.next();
    }
    while let Some(character) = characters.next() {
        match character {
            '\\' => value.extend(characters.next()),
            '\'' if is_quoted => break,
            c if c.is_whitespace() && !is_quoted => break,
            c => value.push(c),
        }
    }
    (value, characters.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NETWORK: &str =
        "connect_timeout=3&keepalives_idle=10&keepalives_interval=5&keepalives_count=3&tcp_user_timeout=8000";

    fn with(url: &str) -> String {
        DatabaseUrl::read(url).with_timeouts()
    }

    #[test]
    fn a_connection_by_network_notices_a_host_that_is_gone() {
        assert_eq!(with("postgres://a:b@db.vn:5432/x"), format!("postgres://a:b@db.vn:5432/x?{NETWORK}"));
        assert_eq!(
            with("postgres://a:b@db.vn/x?sslmode=verify-full"),
            format!("postgres://a:b@db.vn/x?sslmode=verify-full&{NETWORK}")
        );
        assert_eq!(with("host=db.vn dbname=x"), format!("host=db.vn dbname=x {}", NETWORK.replace('&', " ")));
        assert_eq!(with("postgres://a@127.0.0.1/x"), format!("postgres://a@127.0.0.1/x?{NETWORK}"));
    }

    #[test]
    fn what_the_operator_has_set_stays() {
        assert_eq!(
            with("postgres://db.vn/x?connect_timeout=9&tcp_user_timeout=1"),
            "postgres://db.vn/x?connect_timeout=9&tcp_user_timeout=1&keepalives_idle=10&keepalives_interval=5&keepalives_count=3"
        );
        assert_eq!(with("host=/run/x connect_timeout = '9'"), "host=/run/x connect_timeout = '9'");
    }

    #[test]
    fn a_socket_needs_no_keepalives() {
        for url in ["postgres://a:b@%2Frun%2Fpg:5432/x", "postgres:///x", "postgres://a@/x"] {
            assert_eq!(with(url), format!("{url}?connect_timeout=3"));
        }
        assert_eq!(with("postgres:///x?host=/run/pg"), "postgres:///x?host=/run/pg&connect_timeout=3");
        assert_eq!(with("dbname=x"), "dbname=x connect_timeout=3");
    }

    #[test]
    fn what_stays_on_this_machine_is_known() {
        let is_local = |url: &str| DatabaseUrl::read(url).is_local();
        for url in [
            "postgres://a:b@%2Frun%2Fpg:5432/x",
            "postgres:///x",
            "postgres://a:p%40ss@localhost/x",
            "postgres://a@[::1]:5432/x",
            "postgres://a@127.0.0.1,%2Frun/x",
            "host='/run/a b' dbname=x",
            "postgres:///x?host=/run/pg",
            "host=db.vn hostaddr=127.0.0.1",
        ] {
            assert!(is_local(url), "{url}");
        }
        for url in [
            "postgres://a:b@db.vn/x",
            "postgres://a:b@10.0.0.1/x",
            "postgres://a@127.0.0.1,db.vn/x",
            "postgres://a:localhost@db.vn/x",
            "postgres://localhost@db.vn/x",
            "postgres:///x?host=db.vn",
            "postgres://a@localhost.evil.vn/x",
            "postgres://a@localhost/x@db.vn",
            "host=db.vn",
            "password='a\\' host=/run' host=db.vn",
            "host=localhost hostaddr=10.0.0.1",
        ] {
            let is_in_the_path = url.ends_with("/x@db.vn");
            assert_eq!(is_local(url), is_in_the_path, "{url}");
        }
    }
}
