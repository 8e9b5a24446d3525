//! Every operation, which row its path names, and a body that it takes. A slice adds its operations here.

mod after_sale;
mod books;
mod buying;
mod delivering;
mod outgoing;
mod refunds;
mod reconciling;
mod selling;
mod taxes;

use serde_json::Value;

pub use delivering::run;
pub use selling::harvest;

/// Which row the `{id}` or `{code}` of a path names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Names {
    Nothing,
    /// A published thing: it is nobody's own.
    PublicProduct,
    PublicVariant,
    PublicProducer,
    Commune,
    FormerCommune,
    Product,
    Variant,
    Order,
    Checkout,
    Attempt,
    Session,
    Account,
    Grant,
    Producer,
    Review,
    // Shipping
    Tariff,
    Hub,
    Stall,
    PublicPoint,
    Voucher,
    Lot,
    Shipment,
    /// Planned runs are everybody's to join.
    PublicRun,
    Run,
    Holiday,
    Complaint,
    DeliveredOrder,
    ProductReview,
    Notice,
    Endpoint,
    Delivery,
    OperatorEndpoint,
    OperatorDelivery,
    Photo,
    PublicPhoto,
    Harvest,
    Claim,
    Refund,
    // Money that leaves
    BankAccount,
    OutgoingTransfer,
    OutgoingBatch,
    OutgoingFile,
    // Reconciliation
    SettlementFile,
    Exception,
    Decision,
    Transfer,
    // Taxes
    TaxPeriod,
    TaxPayment,
    TaxCertificate,
}

impl Names {
    /// Whether this row belongs to somebody of the role, so that another of the same role must not find it.
    pub fn has_owner(self, audience: &str) -> bool {
        audience != "operator"
            && matches!(
                self,
                Names::Product
                    | Names::Variant
                    | Names::Order
                    | Names::Checkout
                    | Names::Attempt
                    | Names::Stall
                    | Names::Voucher
                    | Names::Lot
                    | Names::Shipment
                    | Names::Run
                    | Names::Complaint
                    | Names::DeliveredOrder
                    | Names::ProductReview
                    | Names::Endpoint
                    | Names::Delivery
                    | Names::Photo
                    | Names::Harvest
                    | Names::Claim
                    | Names::Refund
                    | Names::TaxCertificate
            )
            || matches!(self, Names::Session | Names::Notice)
    }
}

pub struct Operation {
    pub method: &'static str,
    pub path: &'static str,
    pub names: Names,
    pub body: Option<Value>,
}

pub const fn get(path: &'static str, names: Names) -> Operation {
    Operation { method: "get", path, names, body: None }
}

pub fn op(method: &'static str, path: &'static str, names: Names, body: Value) -> Operation {
    Operation { method, path, names, body: Some(body) }
}

pub fn table() -> Vec<Operation> {
    let mut table = buying::reads();
    table.extend(buying::writes_of_people());
    table.extend(selling::writes_of_producers());
    table.extend(selling::writes_of_operators());
    table.extend(delivering::shipping());
    table.extend(selling::vouchers());
    table.extend(selling::stock());
    table.extend(after_sale::after_the_sale());
    table.extend(after_sale::notices_and_webhooks());
    table.extend(selling::harvests());
    table.extend(buying::guests());
    table.extend(buying::on_delivery());
    table.extend(after_sale::claims());
    table.extend(buying::papers_and_counters());
    table.extend(books::books());
    table.extend(outgoing::outgoing());
    table.extend(refunds::refunds());
    table.extend(reconciling::reconciling());
    table.extend(taxes::taxes());
    table
}
