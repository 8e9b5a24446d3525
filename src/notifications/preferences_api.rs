//! Routes of what a person wants of pushed messages.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, delete, get, patch, post};
use chrono::NaiveTime;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::email;
use super::model::{Group, Language, Quiet};
use super::preferences::{self, Change, Preferences};
use crate::app::App;
use crate::identity::Code;
use crate::kernel::error::CommonProblem;
use crate::kernel::http::{self, Answer, AnyPerson, Command, IfMatch, KeyRule, NoBody};
use crate::kernel::input::{FaultCode, Faults, Field, Input, List};
use crate::kernel::{EmailAddress, Error, Result};
use crate::senders::Channel;

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(show_preferences)
        .service(change_preferences)
        .service(ask_email_code)
        .service(confirm_email)
        .service(forget_email);
}

/// A time of Vietnam's day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ToSchema)]
#[schema(value_type = String, example = "21:00", min_length = 5, max_length = 5, pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$")]
pub struct ClockTime(NaiveTime);

impl Input for ClockTime {
    fn read(value: &Value, at: &mut Faults) -> Option<Self> {
        let is_plain = |text: &&str| text.len() == 5 && text.bytes().all(|b| b.is_ascii_digit() || b == b':');
        let time = value.as_str().filter(is_plain).and_then(|text| NaiveTime::parse_from_str(text, "%H:%M").ok());
        if time.is_none() {
            at.add(FaultCode::Malformed, "HH:MM");
        }
        time.map(ClockTime)
    }
}

/// What is chosen for some groups.
#[derive(Debug, Clone, ToSchema)]
#[schema(value_type = Vec<Choice>, max_items = 5)]
pub struct Choices(List<Choice, 5>);

impl Input for Choices {
    fn read(value: &Value, at: &mut Faults) -> Option<Self> {
        List::read_field(Some(value), at).map(Choices)
    }
}

crate::input! {
    /// The channels of one group.
    #[derive(Debug)]
    pub struct Choice {
        pub group: Group,
        /// None for the inbox alone.
        #[schema(value_type = Vec<Channel>, max_items = 3)]
        pub channels: List<Channel, 3>,
    }
}

crate::input! {
    /// What a person changes about pushed messages.
    pub struct PreferencesChange {
        /// The language of what is pushed.
        pub language: Option<Language>,
        /// When the quiet hours begin, in Vietnamese time; the same as their end for none.
        pub quiet_from: Option<ClockTime>,
        pub quiet_until: Option<ClockTime>,
        /// Groups that are not named keep their channels.
        pub groups: Option<Choices>,
    }
}

crate::input! {
    /// An address that one reads.
    pub struct EmailWish {
        pub email: EmailAddress,
    }
}

crate::input! {
    /// The code that came to the address.
    pub struct EmailProof {
        pub code: Code,
    }
}

/// What a person wants of pushed messages. The inbox has everything in any case.
#[derive(Serialize, ToSchema)]
pub struct PreferencesView {
    pub language: Language,
    /// From then on only what is urgent is pushed; Vietnamese time.
    #[schema(example = "21:00", max_length = 5)]
    pub quiet_from: String,
    #[schema(example = "07:00", max_length = 5)]
    pub quiet_until: String,
    /// In the order in which channels are tried.
    #[schema(max_items = 5)]
    pub groups: Vec<GroupView>,
    /// Confirmed by a code.
    #[schema(example = "hoa@example.org", max_length = 254)]
    pub email: Option<String>,
    #[schema(minimum = 1)]
    pub version: i32,
}

#[derive(Serialize, ToSchema)]
pub struct GroupView {
    pub group: Group,
    #[schema(max_items = 3)]
    pub channels: Vec<Channel>,
}

impl PreferencesView {
    fn of(preferences: Preferences) -> PreferencesView {
        let groups = Group::ALL.iter().map(|group| GroupView { group: *group, channels: preferences.of_group(*group) });
        let groups = groups.collect();
        let Preferences { language, quiet: Quiet { from, until }, email, version, .. } = preferences;
        let time = |time: NaiveTime| time.format("%H:%M").to_string();
        PreferencesView { language, quiet_from: time(from), quiet_until: time(until), groups, email, version }
    }

    fn answer(self) -> Result<Answer> {
        let version = self.version;
        Ok(Answer::ok(&self)?.versioned(version))
    }
}

/// Show what one wants of pushed messages.
///
/// Quiet from 21:00 to 07:00 and every channel, for those who never chose.
#[utoipa::path(tag = "Notices", operation_id = "show_notice_preferences",
    responses((status = 200, body = PreferencesView, description = "Preferences")),
    extensions(("x-roles" = json!(["buyer", "producer", "helper", "official", "operator"]))))]
#[get("/v1/auth/notice-preferences")]
async fn show_preferences(app: Data<App>, actor: AnyPerson, request: HttpRequest) -> Result<HttpResponse> {
    let preferences = app.db.read(&actor.0, preferences::find).await?;
    http::json(&request, Some(preferences.version), &PreferencesView::of(preferences))
}

/// Change what one wants of pushed messages.
///
/// Only what is sent changes. A recall of goods is pushed every way, whatever was chosen.
#[utoipa::path(tag = "Notices", operation_id = "change_notice_preferences", request_body = PreferencesChange,
    responses((status = 200, body = PreferencesView, description = "Preferences after the change")),
    extensions(("x-roles" = json!(["buyer", "producer", "helper", "official", "operator"]))))]
#[patch("/v1/auth/notice-preferences")]
async fn change_preferences(
    app: Data<App>,
    actor: AnyPerson,
    seen: IfMatch,
    command: Command<PreferencesChange>,
) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Accepted, move |tx, input| {
            let PreferencesChange { language, quiet_from, quiet_until, groups } = input;
            let chosen = groups.into_iter().flat_map(|choices| choices.0.into_vec());
            let change = Change {
                language,
                quiet_from: quiet_from.map(|time| time.0),
                quiet_until: quiet_until.map(|time| time.0),
                channels: chosen.map(|choice| (choice.group, choice.channels.into_vec())).collect(),
            };
            if let Some(changed) = preferences::change(tx, seen.0, change)? {
                return PreferencesView::of(changed).answer();
            }
            let current = PreferencesView::of(preferences::find(tx)?);
            let current = serde_json::to_value(current).map_err(Error::internal)?;
            Err(Error::from(CommonProblem::VersionStale).with("current", current))
        })
        .await
}

/// Send a code to an e-mail address.
///
/// The address is used once its code came back; until then the one before stays. At most five codes a day.
#[utoipa::path(tag = "Notices", operation_id = "ask_email_code", request_body = EmailWish,
    responses((status = 202, description = "The code is on its way")),
    extensions(("x-roles" = json!(["buyer", "producer", "helper", "official", "operator"])), ("x-idempotency" = json!("none")),
        ("x-problems" = json!(["notifications.too_many_email_codes", "notifications.email_off"]))))]
#[post("/v1/auth/notice-preferences/email")]
async fn ask_email_code(app: Data<App>, actor: AnyPerson, command: Command<EmailWish>) -> Result<HttpResponse> {
    email::request(&app, &actor.0, command.input.email.into_string()).await?;
    Ok(HttpResponse::Accepted().finish())
}

/// Confirm an e-mail address.
///
/// With the code that came to it, within 30 minutes and five tries.
#[utoipa::path(tag = "Notices", operation_id = "confirm_email", request_body = EmailProof,
    responses((status = 200, body = PreferencesView, description = "The address is used")),
    extensions(("x-roles" = json!(["buyer", "producer", "helper", "official", "operator"])), ("x-idempotency" = json!("none")),
        ("x-problems" = json!(["notifications.email_code_wrong"]))))]
#[post("/v1/auth/notice-preferences/confirm-email")]
async fn confirm_email(app: Data<App>, actor: AnyPerson, command: Command<EmailProof>) -> Result<HttpResponse> {
    let (code, pepper) = (command.input.code, app.config.otp_pepper.clone());
    app.db.write(&actor.0, move |tx| email::confirm(tx, &pepper, &code)).await??;
    let preferences = app.db.read(&actor.0, preferences::find).await?;
    Ok(PreferencesView::of(preferences).answer()?.into_response())
}

/// Forget one's e-mail address.
///
/// Nothing is sent there any more.
#[utoipa::path(tag = "Notices", operation_id = "forget_email", request_body = NoBody,
    responses((status = 204, description = "Forgotten")),
    extensions(("x-roles" = json!(["buyer", "producer", "helper", "official", "operator"]))))]
#[delete("/v1/auth/notice-preferences/email")]
async fn forget_email(app: Data<App>, actor: AnyPerson, command: Command<NoBody>) -> Result<HttpResponse> {
    command
        .once(&app, &actor.0, KeyRule::Accepted, |tx, _| {
            preferences::forget_email(tx)?;
            Ok(Answer { status: 204, body: String::new(), location: None, etag: None })
        })
        .await
}
