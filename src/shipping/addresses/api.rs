use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get, post};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::import::{RowFault, faults, write};
use super::store::{self, Mapped};
use crate::app::App;
use crate::input;
use crate::kernel::http::{self, Answer, Command, KeyRule, OperatorSurface, Query};
use crate::kernel::input::{Fault, Opaque};
use crate::kernel::{Audience, Error, Result, Tx};
use crate::places::CommuneCode;
use crate::shipping::model::Carrier;

input! {
    /// The carrier's own numbers of a commune.
    pub struct CarrierAddressInput {
        pub commune_code: CommuneCode,
        /// Viettel Post wants it.
        #[schema(example = "61")]
        pub province_code: Option<Opaque<20>>,
        #[schema(example = "3440")]
        pub district_code: Opaque<20>,
        #[schema(example = "520101")]
        pub ward_code: Opaque<20>,
    }
}

input! {
    /// Numbers of communes, written over what was known of the same communes.
    pub struct CarrierAddressesInput {
        pub carrier: Carrier,
        #[schema(min_items = 1, max_items = 100)]
        pub rows: Vec<CarrierAddressInput>,
    }
}

input! {
    #[derive(utoipa::IntoParams)]
    #[into_params(parameter_in = Query)]
    pub struct CarrierAddressQuery {
        /// Whose numbers; GHN's unless said.
        pub carrier: Option<Carrier>,
    }
}

/// The carrier's own numbers of a commune.
#[derive(Serialize, ToSchema)]
pub struct CarrierAddressView {
    commune_code: CommuneCode,
    #[schema(max_length = 20)]
    province_code: Option<String>,
    #[schema(max_length = 20)]
    district_code: String,
    #[schema(max_length = 20)]
    ward_code: String,
}

/// Which communes a carrier can find.
#[derive(Serialize, ToSchema)]
pub struct CarrierAddressesView {
    carrier: Carrier,
    #[schema(max_items = 20_000)]
    mapped: Vec<CarrierAddressView>,
    /// Parcels from or to these are refused by a carrier that goes by numbers; GHTK goes by names.
    #[schema(max_items = 20_000)]
    unmapped: Vec<CommuneCode>,
}

impl CarrierAddressesView {
    fn of(tx: &mut Tx<'_>, carrier: Carrier) -> Result<Self> {
        let view = |row: Mapped| {
            let Mapped { carrier: _, commune_code, province_code, district_code, ward_code } = row;
            CarrierAddressView { commune_code, province_code, district_code, ward_code }
        };
        let mapped = store::list(tx, carrier)?.into_iter().map(view).collect();
        Ok(Self { carrier, mapped, unmapped: store::unmapped(tx, carrier)? })
    }
}

/// Show which communes a carrier can find.
///
/// Carriers still count former districts: each commune of today has their numbers, or cannot be booked.
#[utoipa::path(tag = "Shipping", operation_id = "show_carrier_addresses", params(CarrierAddressQuery),
    responses((status = 200, body = CarrierAddressesView)),
    extensions(("x-roles" = json!(["operator"])), ("x-problems" = json!(["forbidden"]))))]
#[get("/v1/operator/carrier-addresses")]
async fn show_carrier_addresses(
    request: HttpRequest,
    app: Data<App>,
    actor: OperatorSurface,
    query: Query<CarrierAddressQuery>,
) -> Result<HttpResponse> {
    let carrier = query.0.carrier.unwrap_or(Carrier::Ghn);
    let view = app
        .db
        .read(&actor.0, move |tx| {
            tx.who.must(Audience::Operator)?;
            CarrierAddressesView::of(tx, carrier)
        })
        .await?;
    http::json(&request, None, &view)
}

/// Import a carrier's numbers of communes.
///
/// All rows or none. What is sent again changes nothing; communes that are not sent keep what they have. A carrier's whole
/// list is imported from a CSV file by the command `import-carrier-addresses`.
#[utoipa::path(tag = "Shipping", operation_id = "import_carrier_addresses", request_body = CarrierAddressesInput,
    responses((status = 200, body = CarrierAddressesView)),
    extensions(("x-roles" = json!(["operator"])), ("x-problems" = json!(["forbidden"]))))]
#[post("/v1/operator/carrier-addresses")]
async fn import_carrier_addresses(
    app: Data<App>,
    actor: OperatorSurface,
    command: Command<CarrierAddressesInput>,
) -> Result<HttpResponse> {
    command.once(&app, &actor.0, KeyRule::Accepted, |tx, input| Answer::ok(&import(tx, input)?)).await
}

fn import(tx: &mut Tx<'_>, input: CarrierAddressesInput) -> Result<CarrierAddressesView> {
    tx.who.must(Audience::Operator)?;
    let CarrierAddressesInput { carrier, rows } = input;
    let faults: Vec<Fault> = faults(tx, carrier, &rows)?.into_iter().map(RowFault::fault).collect();
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    write(tx, carrier, rows)?;
    CarrierAddressesView::of(tx, carrier)
}

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(show_carrier_addresses).service(import_carrier_addresses);
}
