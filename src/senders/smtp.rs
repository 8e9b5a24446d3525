//! E-mail by a mail server.

use std::time::Duration;

use lettre::message::header::ContentType;
use lettre::message::{Mailbox, Message as Mail};
use lettre::transport::smtp::authentication::Credentials;
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};

use super::{Address, Message, Sent};
use crate::config::{SmtpConfig, SmtpTls};

/// Every step of the conversation.
const STEP_WITHIN: Duration = Duration::from_secs(10);
/// The whole of it.
const SEND_WITHIN: Duration = Duration::from_secs(25);

pub struct Smtp {
    from: Mailbox,
    /// What message ids end with.
    domain: String,
    transport: AsyncSmtpTransport<Tokio1Executor>,
}

impl Smtp {
    pub fn new(config: &SmtpConfig) -> Result<Smtp, String> {
        let from: Mailbox = config.from.parse().map_err(|_| "SMTP_FROM is no e-mail address".to_owned())?;
        let built = match config.tls {
            SmtpTls::Implicit => AsyncSmtpTransport::<Tokio1Executor>::relay(&config.host),
            SmtpTls::Starttls => AsyncSmtpTransport::<Tokio1Executor>::starttls_relay(&config.host),
            SmtpTls::None => Ok(AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&config.host)),
        };
        let mut builder = built.map_err(|error| error.to_string())?.port(config.port).timeout(Some(STEP_WITHIN));
        if let Some((user, password)) = &config.sign_in {
            builder = builder.credentials(Credentials::new(user.clone(), password.expose().to_owned()));
        }
        let domain = from.email.domain().to_owned();
        Ok(Smtp { from, domain, transport: builder.build() })
    }

    /// What is sent. Plain text: nothing that a person wrote can become a link or a picture.
    fn mail(&self, message: &Message) -> Result<Mail, Sent> {
        let Address::Email(address) = &message.to else { return Err(Sent::refused("no_email")) };
        let to: Mailbox = address.parse().map_err(|_| Sent::refused("no_address"))?;
        // A mail server that gets it twice may know it by this.
        let id = format!("<{}@{}>", message.id.hyphenated(), self.domain);
        Mail::builder()
            .from(self.from.clone())
            .to(to)
            .subject(&message.title)
            .message_id(Some(id))
            .header(ContentType::TEXT_PLAIN)
            .body(message.text.clone())
            .map_err(|_| Sent::refused("no_mail"))
    }

    pub async fn send(&self, message: &Message) -> Sent {
        let mail = match self.mail(message) {
            Ok(mail) => mail,
            Err(sent) => return sent,
        };
        match tokio::time::timeout(SEND_WITHIN, self.transport.send(mail)).await {
            Ok(Ok(_)) => Sent::accepted(Some(message.id.hyphenated().to_string())),
            Ok(Err(error)) => read(error.is_permanent(), error.status().map(u16::from)),
            Err(_) => Sent::failed("timeout"),
        }
    }
}

/// Of 5xx, those that speak of us and not of the recipient may be over later.
fn read(is_permanent: bool, status: Option<u16>) -> Sent {
    match status {
        Some(code) if is_permanent && !matches!(code, 530 | 534 | 535 | 538) => Sent::refused(code.to_string()),
        Some(code) => Sent::failed(code.to_string()),
        None => Sent::failed("no_connection"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::senders::Outcome;

    #[test]
    fn a_mail_is_plain_text_with_an_id_that_stays() {
        let config = SmtpConfig {
            host: "mail.example.vn".to_owned(),
            port: 587,
            tls: SmtpTls::Starttls,
            sign_in: None,
            from: "Sàn OCOP <khong-tra-loi@example.vn>".to_owned(),
        };
        let message = Message {
            id: uuid::Uuid::nil(),
            to: Address::Email("hoa@example.org".to_owned()),
            title: "Đơn mới\r\nBcc: a@b.c".to_owned(),
            text: "Đơn HG-1 <b>".to_owned(),
            template: String::new(),
            gaps: Vec::new(),
        };
        let smtp = Smtp::new(&config).unwrap();
        let mail = String::from_utf8(smtp.mail(&message).unwrap().formatted()).unwrap();
        assert!(mail.contains("Message-ID: <00000000-0000-0000-0000-000000000000@example.vn>"), "{mail}");
        assert!(mail.contains("Content-Type: text/plain; charset=utf-8"), "{mail}");
        assert!(!mail.lines().any(|line| line.starts_with("Bcc")), "{mail}");
        let nowhere = Message { to: Address::Email("nobody".to_owned()), ..message };
        assert_eq!(smtp.mail(&nowhere).unwrap_err(), Sent::refused("no_address"));
    }

    #[test]
    fn a_full_server_is_asked_again_and_an_unknown_recipient_is_not() {
        assert_eq!(read(true, Some(550)).outcome, Outcome::Refused);
        assert_eq!(read(true, Some(535)).outcome, Outcome::Failed);
        assert_eq!(read(false, Some(421)).outcome, Outcome::Failed);
        assert_eq!(read(false, None).outcome, Outcome::Failed);
    }
}
