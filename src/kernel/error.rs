//! What can go wrong, by what the client can do about it.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Map, Value};

use super::input::{Fault, FaultCode};
use super::time::vietnam_day;

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A fault of the interface with a permanent code, in Vietnamese and English.
#[derive(Debug, PartialEq, Eq)]
pub struct Problem {
    pub status: u16,
    pub code: &'static str,
    pub vi: &'static str,
    pub en: &'static str,
}

#[derive(Debug)]
pub enum Error {
    /// The client was understood and is refused; the extra members go into the problem document.
    Refused(&'static Problem, Map<String, Value>),
    /// The input breaks its rules: all faults at once.
    Invalid(Vec<Fault>),
    /// Ours. Logged once, never shown.
    Internal(String),
    /// The database asks for another try of the whole transaction.
    Conflict(String),
    /// Out of reach or overloaded: the client may come again.
    Unavailable(String),
}

impl Error {
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        if let Error::Refused(_, extra) = &mut self {
            extra.insert(name.to_owned(), value.into());
        }
        self
    }

    pub fn internal(what: impl std::fmt::Display) -> Self {
        Error::Internal(what.to_string())
    }

    /// One fault of input found by a rule that needs the database.
    pub fn invalid(pointer: &str, code: FaultCode, expected: &str) -> Self {
        Error::Invalid(vec![Fault { pointer: pointer.to_owned(), code, expected: expected.to_owned() }])
    }
}

impl From<diesel::result::Error> for Error {
    fn from(error: diesel::result::Error) -> Self {
        use diesel::result::DatabaseErrorKind as Kind;
        use diesel::result::Error::{DatabaseError, NotFound};
        match error {
            NotFound => CommonProblem::NotFound.into(),
            DatabaseError(Kind::SerializationFailure, info) => Error::Conflict(info.message().to_owned()),
            DatabaseError(Kind::ClosedConnection, info) => Error::Unavailable(info.message().to_owned()),
            DatabaseError(kind, info) => from_message(kind, info.message()),
            diesel::result::Error::BrokenTransactionManager => Error::Unavailable("broken transaction".to_owned()),
            other => Error::internal(other),
        }
    }
}

/// What a wait for a lock ends with (55P03).
const LOCK_TIMEOUT: &str = "canceling statement due to lock timeout";

/// diesel hides SQLSTATE for these; the servers' messages are fixed to `lc_messages = 'C'`.
fn from_message(kind: diesel::result::DatabaseErrorKind, message: &str) -> Error {
    const RETRY: &[&str] = &["deadlock detected"];
    const AWAY: &[&str] = &[
        // 57014 and 55P03: a statement or a wait for a lock took too long.
        "canceling statement due to",
        "could not obtain lock",
        // 57P01 to 57P05: the server stops, starts or ends our connection.
        "terminating connection",
        "the database system is",
        // 53*: no disk, no memory, no connections, no room for temporary files.
        "No space left",
        "could not extend file",
        "out of memory",
        "out of shared memory",
        "too many clients",
        "too many connections",
        "remaining connection slots",
        "temporary file size exceeds",
        // 08* and libpq's own words: the connection broke.
        "connection",
        "SSL SYSCALL",
        "could not send data",
        "could not receive data",
        "lost synchronization with server",
    ];
    if RETRY.iter().any(|known| message.contains(known)) {
        return Error::Conflict(message.to_owned());
    }
    if matches!(
        kind,
        diesel::result::DatabaseErrorKind::Unknown | diesel::result::DatabaseErrorKind::UnableToSendCommand
    ) && AWAY.iter().any(|known| message.contains(known))
    {
        return Error::Unavailable(message.to_owned());
    }
    Error::Internal(format!("{kind:?}: {message}"))
}

/// Whether a statement gave up because somebody else held a lock for too long.
pub fn is_lock_timeout(error: &diesel::result::Error) -> bool {
    use diesel::result::Error::DatabaseError;
    matches!(error, DatabaseError(_, info) if info.message() == LOCK_TIMEOUT)
}

/// What a request is told that met another with its key.
pub fn still_at_work(error: diesel::result::Error) -> Error {
    /// Seconds after which it may come again.
    const RETRY_AFTER_S: i64 = 1;
    if is_lock_timeout(&error) {
        Error::from(CommonProblem::RequestInProgress).with("retry_after_s", RETRY_AFTER_S)
    } else {
        error.into()
    }
}

/// A day on which something is said to have happened is today at the latest, in Vietnam.
pub fn must_have_come(now: DateTime<Utc>, pointer: &str, day: NaiveDate) -> Result<()> {
    let today = vietnam_day(now);
    if day <= today { Ok(()) } else { Err(Error::invalid(pointer, FaultCode::OutOfRange, &format!("≤ {today}"))) }
}

/// Names the refusal behind a constraint of the database.
pub trait OnConstraint<T> {
    fn on_constraint(self, constraint: &str, refusal: impl Into<Error>) -> Result<T>;
}

impl<T> OnConstraint<T> for std::result::Result<T, diesel::result::Error> {
    fn on_constraint(self, constraint: &str, refusal: impl Into<Error>) -> Result<T> {
        self.map_err(|error| match &error {
            diesel::result::Error::DatabaseError(_, info) if info.constraint_name() == Some(constraint) => {
                refusal.into()
            }
            _ => error.into(),
        })
    }
}

/// Declares the refusals of a slice: an enum whose variants are problems with a permanent code.
#[macro_export]
macro_rules! refusals {
    ($(#[$meta:meta])* pub enum $name:ident { $($variant:ident = $status:literal $code:literal $vi:literal $en:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name { $($variant),+ }

        impl $name {
            pub const PROBLEMS: &'static [$crate::kernel::error::Problem] =
                &[$($crate::kernel::error::Problem { status: $status, code: $code, vi: $vi, en: $en }),+];
            pub fn problem(self) -> &'static $crate::kernel::error::Problem {
                match self { $(Self::$variant => {
                    const PROBLEM: &$crate::kernel::error::Problem =
                        &$crate::kernel::error::Problem { status: $status, code: $code, vi: $vi, en: $en };
                    PROBLEM
                }),+ }
            }
        }

        impl From<$name> for $crate::kernel::error::Error {
            fn from(refusal: $name) -> Self { Self::Refused(refusal.problem(), serde_json::Map::new()) }
        }
    };
}

refusals! {
    /// Problems that any route can have.
    pub enum CommonProblem {
        BodyMalformed = 400 "body_malformed" "Nội dung gửi lên không phải JSON hợp lệ" "The body is not valid JSON",
        KeyMissing = 400 "idempotency_key_missing" "Thiếu tiêu đề Idempotency-Key" "The header Idempotency-Key is missing",
        KeyMalformed = 400 "idempotency_key_malformed" "Idempotency-Key phải có 16–128 ký tự ASCII nhìn thấy được" "Idempotency-Key must be 16–128 visible ASCII characters",
        CursorMismatch = 400 "cursor_mismatch" "Con trỏ trang không thuộc về bộ lọc này" "The cursor does not belong to these filters",
        Unauthenticated = 401 "unauthenticated" "Cần đăng nhập" "Sign in first",
        SessionEnded = 401 "session_ended" "Phiên đăng nhập đã kết thúc, hãy đăng nhập lại" "The session has ended, sign in again",
        Forbidden = 403 "forbidden" "Vai trò của bạn không được làm việc này" "Your role may not do this",
        NotFound = 404 "not_found" "Không tìm thấy" "Not found",
        MethodNotAllowed = 405 "method_not_allowed" "Phương thức không được hỗ trợ" "The method is not supported here",
        RequestInProgress = 409 "request_in_progress" "Yêu cầu cùng khoá đang được xử lý" "A request with the same key is still running",
        BodyTooLarge = 413 "body_too_large" "Nội dung gửi lên quá lớn" "The body is too large",
        MediaType = 415 "unsupported_media_type" "Chỉ nhận application/json" "Only application/json is accepted",
        PackedBody = 415 "packed_body" "Không nhận nội dung nén (Content-Encoding)" "Packed bodies (Content-Encoding) are not accepted",
        Invalid = 422 "invalid_input" "Dữ liệu chưa đúng, xem danh sách lỗi" "The input is not valid, see the list of errors",
        KeyReused = 422 "idempotency_key_reused" "Idempotency-Key đã dùng cho nội dung khác" "The Idempotency-Key was used with other content",
        VersionMissing = 428 "version_missing" "Thiếu tiêu đề If-Match" "The header If-Match is missing",
        VersionStale = 412 "version_stale" "Dữ liệu đã thay đổi, hãy tải lại" "The data has changed, load it again",
        TooManyRequests = 429 "too_many_requests" "Quá nhiều yêu cầu, hãy chờ" "Too many requests, wait",
        Internal = 500 "internal_error" "Lỗi hệ thống, chúng tôi đã ghi nhận" "Our fault, it has been recorded",
        Unavailable = 503 "unavailable" "Hệ thống đang bận, hãy thử lại sau ít giây" "Busy, try again in a few seconds",
    }
}

#[cfg(test)]
mod tests {
    use diesel::result::DatabaseErrorKind as Kind;

    use super::*;

    #[test]
    fn who_meets_a_database_that_cannot_now_may_come_again() {
        for message in [
            "canceling statement due to statement timeout",
            LOCK_TIMEOUT,
            "could not obtain lock on row in relation \"orders\"",
            "terminating connection due to administrator command",
            "terminating connection because of crash of another server process",
            "terminating connection due to idle-in-transaction timeout",
            "terminating connection due to idle-session timeout",
            "the database system is starting up",
            "the database system is shutting down",
            "the database system is not yet accepting connections",
            "could not extend file \"base/1/2\": No space left on device",
            "could not write to file \"pg_wal/x\": No space left on device",
            "out of memory",
            "out of shared memory",
            "sorry, too many clients already",
            "too many connections for role \"ocop_app\"",
            "remaining connection slots are reserved for roles with the SUPERUSER attribute",
            "temporary file size exceeds \"temp_file_limit\" (1kB)",
            "server closed the connection unexpectedly",
            "no connection to the server",
            "SSL SYSCALL error: EOF detected",
            "could not receive data from server: Connection timed out",
            "lost synchronization with server: got message type \"x\", length 1",
        ] {
            assert!(matches!(from_message(Kind::Unknown, message), Error::Unavailable(_)), "{message}");
        }
        assert!(matches!(from_message(Kind::Unknown, "deadlock detected"), Error::Conflict(_)));
    }

    #[test]
    fn what_is_wrong_in_the_program_is_ours() {
        for (kind, message) in [
            (Kind::Unknown, "column \"x\" does not exist"),
            (Kind::Unknown, "permission denied for table ledger"),
            (Kind::CheckViolation, "out of memory is no name of a constraint"),
            (Kind::ReadOnlyTransaction, "cannot execute INSERT in a read-only transaction"),
        ] {
            assert!(matches!(from_message(kind, message), Error::Internal(_)), "{message}");
        }
    }
}
