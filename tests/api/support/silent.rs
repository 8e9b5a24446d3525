//! Somebody outside who takes calls, and at some moment says nothing any more.
#![allow(clippy::expect_used, reason = "a helper of tests fails by panicking")]

use std::collections::BTreeSet;
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use actix_web::dev::ServerHandle;
use actix_web::web::Data;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};

#[derive(Default)]
struct Line {
    is_silent: bool,
    /// Paths of calls that wait for an answer.
    waiting: BTreeSet<String>,
}

pub struct Silent {
    pub url: String,
    line: Arc<Mutex<Line>>,
    server: ServerHandle,
}

async fn take(line: Data<Mutex<Line>>, request: HttpRequest) -> HttpResponse {
    let is_silent = {
        let mut line = line.lock().expect("the line");
        if line.is_silent {
            line.waiting.insert(request.path().to_owned());
        }
        line.is_silent
    };
    if is_silent {
        std::future::pending::<()>().await;
    }
    HttpResponse::BadGateway().body("<html>")
}

impl Silent {
    /// Answers with what says nothing, until it falls silent.
    pub fn start() -> Silent {
        let line: Data<Mutex<Line>> = Data::default();
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let shared = line.clone();
        let server = HttpServer::new(move || App::new().app_data(shared.clone()).default_service(web::to(take)))
            .workers(1)
            .listen(listener)
            .expect("somebody outside")
            .run();
        let handle = server.handle();
        actix_web::rt::spawn(server);
        Silent { url, line: line.into_inner(), server: handle }
    }

    pub fn falls_silent(&self) {
        self.line.lock().expect("the line").is_silent = true;
    }

    /// The paths of the calls that wait, once there are so many.
    pub async fn hears(&self, calls: usize) -> Vec<String> {
        let begun = Instant::now();
        loop {
            let waiting: Vec<String> = self.line.lock().expect("the line").waiting.iter().cloned().collect();
            if waiting.len() >= calls {
                return waiting;
            }
            assert!(begun.elapsed() < Duration::from_secs(20), "only {waiting:?}");
            actix_web::rt::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Hangs up on everybody.
    pub async fn stop(&self) {
        self.server.stop(false).await;
    }
}
