//! What stands where our world ends: a server that notes what it is sent and answers as it was told to.

use std::collections::{BTreeMap, VecDeque};
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::web::{self, Bytes};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Seen {
    pub headers: BTreeMap<String, String>,
    pub body: String,
}

impl Seen {
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).expect("JSON")
    }
}

/// What is answered to one request.
#[derive(Debug, Clone)]
pub enum Answer {
    Status(u16),
    Body(u16, &'static str),
    /// Longer than anybody waits.
    Hang,
    Redirect(String),
}

#[derive(Clone, Default)]
struct Told {
    seen: Arc<Mutex<Vec<Seen>>>,
    /// Used up one by one; then the last is repeated.
    script: Arc<Mutex<VecDeque<Answer>>>,
}

pub struct Receiver {
    pub url: String,
    told: Told,
    server: ServerHandle,
}

impl Receiver {
    pub fn start(script: &[Answer]) -> Receiver {
        let told = Told::default();
        told.script.lock().expect("the script").extend(script.iter().cloned());
        let held = told.clone();
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}/in", listener.local_addr().expect("an address"));
        let server = HttpServer::new(move || {
            App::new().app_data(web::Data::new(held.clone())).default_service(web::to(receive))
        })
        .workers(1)
        .disable_signals()
        .listen(listener)
        .expect("a server")
        .run();
        let handle = server.handle();
        actix_web::rt::spawn(server);
        Receiver { url, told, server: handle }
    }

    pub fn answers(&self, script: &[Answer]) {
        *self.told.script.lock().expect("the script") = script.iter().cloned().collect();
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.told.seen.lock().expect("what was seen").clone()
    }

    pub async fn stop(self) {
        self.server.stop(false).await;
    }
}

async fn receive(told: web::Data<Told>, request: HttpRequest, body: Bytes) -> HttpResponse {
    let headers =
        request.headers().iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap_or("").to_owned()));
    let seen = Seen { headers: headers.collect(), body: String::from_utf8_lossy(&body).into_owned() };
    told.seen.lock().expect("what was seen").push(seen);
    let answer = {
        let mut script = told.script.lock().expect("the script");
        if script.len() > 1 { script.pop_front() } else { script.front().cloned() }
    };
    let status = |code: u16| HttpResponse::build(actix_web::http::StatusCode::from_u16(code).expect("a status"));
    match answer {
        None => HttpResponse::Ok().finish(),
        Some(Answer::Status(code)) => status(code).finish(),
        Some(Answer::Body(code, body)) => status(code).body(body),
        Some(Answer::Redirect(to)) => status(302).insert_header(("location", to)).finish(),
        Some(Answer::Hang) => {
            tokio::time::sleep(Duration::from_secs(60)).await;
            HttpResponse::Ok().finish()
        }
    }
}

/// A mail server that takes everything, without TLS; what it was sent is in `mails`.
pub struct MailServer {
    pub port: u16,
    pub mails: Arc<Mutex<Vec<String>>>,
}

impl MailServer {
    pub fn start() -> MailServer {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let mails: Arc<Mutex<Vec<String>>> = Arc::default();
        let held = Arc::clone(&mails);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // A client that leaves in the middle is no matter.
                let _ = converse(stream, &held);
            }
        });
        MailServer { port, mails }
    }
}

fn converse(stream: std::net::TcpStream, mails: &Mutex<Vec<String>>) -> std::io::Result<()> {
    let mut out = stream.try_clone()?;
    let mut lines = BufReader::new(stream).lines();
    out.write_all(b"220 mail.test\r\n")?;
    while let Some(line) = lines.next().transpose()? {
        let reply: &[u8] = match line.get(..4).unwrap_or("") {
            "EHLO" => b"250 mail.test\r\n",
            "DATA" => b"354 go on\r\n",
            "QUIT" => b"221 bye\r\n",
            _ => b"250 ok\r\n",
        };
        out.write_all(reply)?;
        if line.starts_with("DATA") {
            let mut mail = String::new();
            while let Some(line) = lines.next().transpose()?.filter(|line| line != ".") {
                mail.push_str(&line);
                mail.push('\n');
            }
            mails.lock().expect("the mails").push(mail);
            out.write_all(b"250 taken\r\n")?;
        }
    }
    Ok(())
}
