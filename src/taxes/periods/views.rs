//! What months of tax look like outside.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::model::{PeriodEvent, PeriodStatus, TaxPaymentEvent, TaxPaymentStatus};
use super::store::{self, Declaration, Filing, OfProvince, Period, Seller, TaxPayment};
use crate::kernel::Month;
use crate::kernel::{ProducerId, Result, TaxDeclarationId, TaxPaymentId, TaxPeriodId, Tx, Vnd};
use crate::producers::ProducerKind;

/// A month of tax.
#[derive(Serialize, ToSchema)]
pub struct TaxPeriodView {
    pub id: TaxPeriodId,
    pub month: Month,
    status: PeriodStatus,
    #[schema(max_items = 4)]
    allowed_actions: Vec<PeriodEvent>,
    /// Until when it is to be declared and paid: the 20th of the next month, or the next working day.
    due_on: NaiveDate,
    locked_at: Option<DateTime<Utc>>,
    /// The first one, and every difference after it.
    #[schema(max_items = 100)]
    declarations: Vec<TaxDeclarationView>,
    version: i32,
}

/// What is declared of a month: withheld less returned less carried in is declared less carried out.
#[derive(Serialize, ToSchema)]
pub struct TaxDeclarationView {
    id: TaxDeclarationId,
    /// 0 is the first.
    #[schema(minimum = 0, maximum = 99)]
    revision: i32,
    /// What was taxed.
    #[schema(minimum = 0, example = 185_000)]
    revenue_vnd: i64,
    #[schema(minimum = 0, example = 1_850)]
    withheld_vat_vnd: i64,
    #[schema(minimum = 0, example = 925)]
    withheld_pit_vnd: i64,
    #[schema(minimum = 0, example = 85_000)]
    returned_revenue_vnd: i64,
    /// What went back to sellers with what was refunded in this month.
    #[schema(minimum = 0, example = 850)]
    returned_vat_vnd: i64,
    #[schema(minimum = 0, example = 425)]
    returned_pit_vnd: i64,
    /// What the last declaration left over.
    #[schema(minimum = 0, example = 0)]
    carried_in_vat_vnd: i64,
    #[schema(minimum = 0, example = 0)]
    carried_in_pit_vnd: i64,
    #[schema(minimum = 0, example = 1_000)]
    declared_vat_vnd: i64,
    #[schema(minimum = 0, example = 500)]
    declared_pit_vnd: i64,
    /// What went back beyond what was withheld: the next declaration is less by it.
    #[schema(minimum = 0, example = 0)]
    carried_out_vat_vnd: i64,
    #[schema(minimum = 0, example = 0)]
    carried_out_pit_vnd: i64,
    /// Why there is a difference; `null` of the first one.
    #[schema(max_length = 500)]
    reason: Option<String>,
    at: DateTime<Utc>,
    /// Where its sellers live.
    #[schema(max_items = 100)]
    provinces: Vec<TaxOfProvinceView>,
    filing: Option<TaxFilingView>,
    /// Those that were rejected as well.
    #[schema(max_items = 100)]
    payments: Vec<TaxPaymentView>,
}

/// What of a declaration belongs to a province; below zero where more went back there than was withheld.
#[derive(Serialize, ToSchema)]
pub struct TaxOfProvinceView {
    #[schema(max_length = 2, example = "08")]
    province_code: String,
    #[schema(max_length = 100, example = "Tuyên Quang")]
    province_name: String,
    #[schema(minimum = 1)]
    sellers: i64,
    #[schema(example = 1_000)]
    vat_vnd: i64,
    #[schema(example = 500)]
    pit_vnd: i64,
}

/// That a declaration was handed to the tax office.
#[derive(Serialize, ToSchema)]
pub struct TaxFilingView {
    /// The number that the tax office gave.
    #[schema(max_length = 100, example = "11020260001234567")]
    reference: String,
    filed_on: NaiveDate,
    at: DateTime<Utc>,
}

/// A payment of withheld tax to the state.
#[derive(Serialize, ToSchema)]
pub struct TaxPaymentView {
    pub id: TaxPaymentId,
    status: TaxPaymentStatus,
    #[schema(max_items = 2)]
    allowed_actions: Vec<TaxPaymentEvent>,
    vat_vnd: Vnd,
    pit_vnd: Vnd,
    /// Of the bank or the treasury.
    #[schema(max_length = 100, example = "FT26351000123")]
    reference: String,
    paid_on: NaiveDate,
    proposed_at: DateTime<Utc>,
    decided_at: Option<DateTime<Utc>>,
}

impl From<TaxPayment> for TaxPaymentView {
    fn from(payment: TaxPayment) -> Self {
        let TaxPayment { id, vat_vnd, pit_vnd, reference, paid_on, status, proposed_at, decided_at, .. } = payment;
        let allowed_actions = status.actions();
        Self { id, status, allowed_actions, vat_vnd, pit_vnd, reference, paid_on, proposed_at, decided_at }
    }
}

/// A seller as a declaration names it.
#[derive(Serialize, ToSchema)]
pub struct TaxSellerView {
    #[schema(minimum = 0, maximum = 99)]
    pub revision: i32,
    pub producer_id: ProducerId,
    #[schema(max_length = 200, example = "Hộ nuôi ong Mèo Vạc")]
    name: String,
    kind: ProducerKind,
    #[schema(max_length = 14, example = "5100123456")]
    tax_code: Option<String>,
    #[schema(max_length = 50, example = "10H8000123")]
    registration_number: Option<String>,
    #[schema(max_length = 300, example = "Thôn Làng Giang")]
    address: String,
    /// Where the seller lives.
    #[schema(max_length = 5, example = "00769")]
    commune_code: String,
    #[schema(max_length = 100, example = "Mèo Vạc")]
    commune_name: String,
    #[schema(max_length = 2, example = "08")]
    province_code: String,
    #[schema(max_length = 100, example = "Tuyên Quang")]
    province_name: String,
    #[schema(minimum = 0, example = 185_000)]
    revenue_vnd: i64,
    #[schema(minimum = 0, example = 1_850)]
    withheld_vat_vnd: i64,
    #[schema(minimum = 0, example = 925)]
    withheld_pit_vnd: i64,
    #[schema(minimum = 0, example = 85_000)]
    returned_revenue_vnd: i64,
    #[schema(minimum = 0, example = 850)]
    returned_vat_vnd: i64,
    #[schema(minimum = 0, example = 425)]
    returned_pit_vnd: i64,
}

impl From<(i32, Seller)> for TaxSellerView {
    fn from((revision, seller): (i32, Seller)) -> Self {
        let Seller { declaration_id: _, producer_id, name, kind, tax_code, registration_number, address, .. } = seller;
        let Seller { commune_code, commune_name, province_code, province_name, revenue_vnd, .. } = seller;
        let Seller { withheld_vat_vnd, withheld_pit_vnd, returned_revenue_vnd, .. } = seller;
        let Seller { returned_vat_vnd, returned_pit_vnd, .. } = seller;
        Self {
            revision,
            producer_id,
            name,
            kind,
            tax_code,
            registration_number,
            address,
            commune_code,
            commune_name,
            province_code,
            province_name,
            revenue_vnd,
            withheld_vat_vnd,
            withheld_pit_vnd,
            returned_revenue_vnd,
            returned_vat_vnd,
            returned_pit_vnd,
        }
    }
}

/// Months with all that was declared of them, in three statements for all of them.
pub fn periods(tx: &mut Tx<'_>, periods: Vec<Period>) -> Result<Vec<TaxPeriodView>> {
    let ids: Vec<TaxPeriodId> = periods.iter().map(|period| period.id).collect();
    let declarations = store::declarations_of(tx, &ids)?;
    let ids: Vec<TaxDeclarationId> = declarations.iter().map(|declaration| declaration.id).collect();
    let parts = Parts {
        provinces: store::by_province(tx, &ids)?,
        filings: store::filings_of(tx, &ids)?,
        payments: store::payments_of(tx, &ids)?,
    };
    let view = |period: Period| {
        let Period { id, month, status, due_on, opened_at: _, locked_at, version } = period;
        let own = declarations.iter().filter(|declaration| declaration.period_id == id);
        TaxPeriodView {
            id,
            month: Month::of_day(month),
            status,
            allowed_actions: status.actions(),
            due_on,
            locked_at,
            declarations: own.map(|declaration| parts.declaration(declaration.clone())).collect(),
            version,
        }
    };
    Ok(periods.into_iter().map(view).collect())
}

pub fn period(tx: &mut Tx<'_>, id: TaxPeriodId) -> Result<TaxPeriodView> {
    let found = store::find(tx, id)?;
    let view = periods(tx, vec![found])?.pop();
    view.ok_or_else(|| crate::kernel::Error::internal("a month vanished"))
}

/// What belongs to several declarations.
struct Parts {
    provinces: Vec<OfProvince>,
    filings: Vec<Filing>,
    payments: Vec<TaxPayment>,
}

impl Parts {
    fn declaration(&self, declaration: Declaration) -> TaxDeclarationView {
        let Declaration { id, period_id: _, revision, seq: _, revenue_vnd, reason, made_by: _, at, .. } = declaration;
        let Declaration { withheld_vat_vnd, withheld_pit_vnd, returned_revenue_vnd, returned_vat_vnd, .. } =
            declaration;
        let Declaration { returned_pit_vnd, carried_in_vat_vnd, carried_in_pit_vnd, declared_vat_vnd, .. } =
            declaration;
        let Declaration { declared_pit_vnd, carried_out_vat_vnd, carried_out_pit_vnd, .. } = declaration;
        let own = self.provinces.iter().filter(|part| part.declaration_id == id).cloned();
        let provinces = own.map(|part| {
            let OfProvince { declaration_id: _, province_code, province_name, sellers, vat_vnd, pit_vnd } = part;
            TaxOfProvinceView { province_code, province_name, sellers, vat_vnd, pit_vnd }
        });
        let filing = self.filings.iter().find(|filing| filing.declaration_id == id).cloned();
        let payments = self.payments.iter().filter(|payment| payment.declaration_id == id).cloned();
        TaxDeclarationView {
            id,
            revision,
            revenue_vnd,
            withheld_vat_vnd,
            withheld_pit_vnd,
            returned_revenue_vnd,
            returned_vat_vnd,
            returned_pit_vnd,
            carried_in_vat_vnd,
            carried_in_pit_vnd,
            declared_vat_vnd,
            declared_pit_vnd,
            carried_out_vat_vnd,
            carried_out_pit_vnd,
            reason,
            at,
            provinces: provinces.collect(),
            filing: filing.map(|Filing { reference, filed_on, at, .. }| TaxFilingView { reference, filed_on, at }),
            payments: payments.map(TaxPaymentView::from).collect(),
        }
    }
}
