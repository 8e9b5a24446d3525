//! Photos as a phone sends and gets them.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat, Rgb, RgbImage};

use super::{Client, World};

/// What came back, as it came.
pub struct Got {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub bytes: Vec<u8>,
}

impl Got {
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.bytes).unwrap_or_default()
    }

    #[track_caller]
    pub fn refused(&self, status: u16, code: &str) {
        let found = (self.status, self.json()["code"].as_str().map(str::to_owned));
        assert_eq!(found, (status, Some(code.to_owned())), "{}", String::from_utf8_lossy(&self.bytes));
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("")
    }
}

/// A picture of this many pixels, which differs by its seed.
pub fn picture(width: u32, height: u32, seed: u8, format: ImageFormat) -> Vec<u8> {
    let colour = |x: u32, y: u32| Rgb([(x % 256) as u8, (y % 256) as u8, seed]);
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::ImageRgb8(RgbImage::from_fn(width, height, colour)).write_to(&mut bytes, format).expect("a picture");
    bytes.into_inner()
}

impl World {
    pub async fn send_photo(&self, client: &Client, kind: &str, bytes: Vec<u8>) -> Got {
        let request = self.http.post(format!("{}/v1/buyer/photos", self.base)).header("content-type", kind).body(bytes);
        got(client, request).await
    }

    pub async fn get_photo(&self, client: &Client, side: &str, id: &str, size: &str) -> Got {
        got(client, self.http.get(format!("{}/v1/{side}/photos/{id}?size={size}", self.base))).await
    }

    /// A small photo that is ready to be used; without loss, so that every seed makes another file.
    pub async fn photo(&self, client: &Client, seed: u8) -> String {
        let sent = self.send_photo(client, "image/png", picture(40, 30, seed, ImageFormat::Png)).await;
        assert_eq!(sent.status, 201, "{}", String::from_utf8_lossy(&sent.bytes));
        sent.json()["id"].as_str().expect("an id").to_owned()
    }
}

pub async fn got(client: &Client, request: reqwest::RequestBuilder) -> Got {
    let request = match &client.token {
        Some(token) => request.bearer_auth(token),
        None => request,
    };
    let response = request.send().await.expect("an answer");
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Got { status, headers, bytes: response.bytes().await.expect("a body").to_vec() }
}
