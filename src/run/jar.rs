//! Cookies that a trial keeps (RFC 6265), where its scenario says so.

use super::url::Origin;

/// The cookies of a trial.
#[derive(Debug, Clone, Default)]
pub struct Jar {
    cookies: Vec<Cookie>,
}

#[derive(Debug, Clone)]
struct Cookie {
    name: String,
    value: String,
    /// Of a host alone, or of a domain with all that is below it.
    host: String,
    below: bool,
    path: String,
    secure: bool,
}

impl Cookie {
    fn is_for(&self, origin: &Origin, path: &str) -> bool {
        let host = origin.host.to_ascii_lowercase();
        let below = || self.below && host.ends_with(&format!(".{}", self.host));
        let inside = path.strip_prefix(&*self.path).is_some_and(|rest| {
            rest.is_empty() || self.path.ends_with('/') || rest.starts_with(['/', '?'])
        });
        (host == self.host || below()) && inside && (origin.secure || !self.secure)
    }
}

impl Jar {
    /// What is sent to a server at a path, the longest paths first.
    pub fn header(&self, origin: &Origin, path: &str) -> Option<String> {
        let mut sent: Vec<&Cookie> =
            self.cookies.iter().filter(|cookie| cookie.is_for(origin, path)).collect();
        sent.sort_by_key(|cookie| std::cmp::Reverse(cookie.path.len()));
        let pairs = sent.iter().map(|cookie| format!("{}={}", cookie.name, cookie.value));
        let pairs: Vec<String> = pairs.collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }

    /// Keeps what a server sets, and forgets what it takes back; gives the values that are new.
    pub fn keep<'h>(
        &mut self,
        origin: &Origin,
        path: &str,
        lines: impl Iterator<Item = &'h str>,
    ) -> Vec<String> {
        let mut values = Vec::new();
        for line in lines {
            let Some((cookie, over)) = read(line, origin, path) else { continue };
            self.cookies.retain(|known| {
                (&known.name, &known.host, &known.path)
                    != (&cookie.name, &cookie.host, &cookie.path)
            });
            if !over {
                values.push(cookie.value.clone());
                self.cookies.push(cookie);
            }
        }
        values
    }
}

/// A cookie, and whether it is over already.
fn read(line: &str, origin: &Origin, path: &str) -> Option<(Cookie, bool)> {
    let mut parts = line.split(';').map(str::trim);
    let (name, value) = parts.next()?.split_once('=')?;
    let path = path.split('?').next().unwrap_or_default();
    let folder = path.rfind('/').and_then(|at| path.get(..at)).filter(|path| !path.is_empty());
    let host = origin.host.to_ascii_lowercase();
    let mut cookie = Cookie {
        name: name.trim().to_owned(),
        value: value.trim().to_owned(),
        host: host.clone(),
        below: false,
        path: folder.unwrap_or("/").to_owned(),
        secure: false,
    };
    let (mut age, mut expires) = (None, None);
    for part in parts {
        let (key, value) = part.split_once('=').unwrap_or((part, ""));
        match key.trim().to_ascii_lowercase().as_str() {
            "path" if value.starts_with('/') => value.clone_into(&mut cookie.path),
            "domain" => {
                let domain = value.trim_start_matches('.').to_ascii_lowercase();
                let fits = host == domain || host.ends_with(&format!(".{domain}"));
                if domain.is_empty() || !fits {
                    return None;
                }
                (cookie.host, cookie.below) = (domain, true);
            }
            "secure" => cookie.secure = true,
            "max-age" => age = value.parse::<i64>().ok(),
            "expires" => expires = jiff::fmt::rfc2822::parse(value).ok(),
            _ => {}
        }
    }
    let past = expires.is_some_and(|until| until.timestamp() <= jiff::Timestamp::now());
    let over = age.map_or(past, |age| age <= 0);
    Some((cookie, over))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_go_where_they_belong() {
        let origin =
            |host: &str| Origin { secure: false, host: host.to_owned(), port: 80, socket: None };
        let mut jar = Jar::default();
        let lines = [
            "a=1",
            "b=2; Path=/",
            "c=3; Domain=example.com; Path=/x",
            "d=4; Secure; Path=/",
            "e=5; Domain=other.com",
            "f=6; Max-Age=0",
            "g=7; Expires=Wed, 21 Oct 2015 07:28:00 GMT",
        ];
        jar.keep(&origin("api.example.com"), "/x/y?z=1", lines.into_iter());
        for (host, path, expected) in [
            ("api.example.com", "/x/z", Some("a=1; c=3; b=2")),
            ("api.example.com", "/xy", Some("b=2")),
            ("www.example.com", "/x", Some("c=3")),
            ("example.org", "/x", None),
        ] {
            assert_eq!(jar.header(&origin(host), path).as_deref(), expected, "{host}{path}");
        }
        jar.keep(&origin("api.example.com"), "/", ["b=; Max-Age=-1; Path=/"].into_iter());
        assert_eq!(jar.header(&origin("api.example.com"), "/xy"), None);
    }
}
