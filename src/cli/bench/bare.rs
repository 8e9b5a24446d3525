//! The limit of what actix can do on this machine: a handler that only answers bytes it was given.

use std::io::Read as _;
use std::net::TcpListener;

use actix_web::http::header;
use actix_web::web::{self, Bytes};
use actix_web::{App, HttpResponse, HttpServer};

/// Answers every request with what stands on standard input, and prints the address.
pub async fn serve() -> Result<(), String> {
    let mut body = Vec::new();
    std::io::stdin().read_to_end(&mut body).map_err(|e| e.to_string())?;
    let body = Bytes::from(body);
    let listener = TcpListener::bind("127.0.0.1:0").map_err(|e| e.to_string())?;
    println!("{}", listener.local_addr().map_err(|e| e.to_string())?);
    let server = HttpServer::new(move || {
        let body = body.clone();
        App::new().default_service(web::to(move || {
            let body = body.clone();
            async move { HttpResponse::Ok().insert_header((header::CONTENT_TYPE, "application/json")).body(body) }
        }))
    });
    let workers = crate::cli::serve::workers();
    server.workers(workers).listen(listener).map_err(|e| e.to_string())?.run().await.map_err(|e| e.to_string())
}
