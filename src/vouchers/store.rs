//! All SQL on vouchers.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Timestamptz, Uuid as SqlUuid};
use schema::{voucher_buyers, voucher_phones, voucher_share_lines, voucher_shares, voucher_uses, vouchers};

use super::discount::{Discount, Gives, Rule};
use super::model::{UseRefusal, VoucherKind, VoucherPayer, VoucherRefusal, VoucherStatus};
use crate::kernel::error::OnConstraint as _;
use crate::kernel::sql::Prepare;
use crate::kernel::{AccountId, CheckoutId, Error, ProducerId, Result, Tx, Vnd, VoucherId};

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = vouchers)]
pub struct Voucher {
    pub id: VoucherId,
    pub code: String,
    pub payer: VoucherPayer,
    pub producer_id: Option<ProducerId>,
    pub kind: VoucherKind,
    pub rate_bp: Option<i32>,
    pub amount_vnd: Vnd,
    pub minimum_vnd: Vnd,
    pub starts_on: NaiveDate,
    pub ends_on: NaiveDate,
    pub producer_ids: Vec<Option<ProducerId>>,
    pub product_sets: Vec<Option<i16>>,
    pub uses_max: i32,
    pub uses_per_buyer_max: i32,
    pub budget_vnd: Vnd,
    pub uses: i32,
    pub spent_vnd: Vnd,
    pub status: VoucherStatus,
    pub created_by: AccountId,
    pub version: i32,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl Voucher {
    pub fn rule(&self) -> Rule {
        let gives = match (self.kind, self.rate_bp) {
            (VoucherKind::Percent, rate_bp) => Gives::Percent {
                rate_bp: rate_bp.and_then(|rate| u32::try_from(rate).ok()).unwrap_or(0),
                most: self.amount_vnd,
            },
            (VoucherKind::Amount, _) => Gives::Amount(self.amount_vnd),
            (VoucherKind::FreeShipping, _) => Gives::FreeShipping { most: self.amount_vnd },
        };
        Rule {
            gives,
            minimum: self.minimum_vnd,
            producers: self.producer_ids.iter().flatten().copied().collect(),
            product_sets: self.product_sets.iter().flatten().copied().collect(),
        }
    }
}

/// Whose vouchers are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// Of the platform and the province, and every producer's.
    Operator,
    Producer(ProducerId),
}

pub fn insert(tx: &mut Tx<'_>, voucher: &Voucher) -> Result<()> {
    diesel::insert_into(vouchers::table)
        .values(voucher)
        .execute(tx.conn)
        .on_constraint("vouchers_code_key", VoucherRefusal::CodeTaken)?;
    Ok(())
}

pub fn find(tx: &mut Tx<'_>, owner: Owner, id: VoucherId) -> Result<Voucher> {
    let mut query = vouchers::table.find(id).select(Voucher::as_select()).into_boxed();
    if let Owner::Producer(producer_id) = owner {
        query = query.filter(vouchers::producer_id.eq(producer_id));
    }
    Ok(query.first(tx.conn)?)
}

pub fn find_by_code(tx: &mut Tx<'_>, code: &str) -> Result<Option<Voucher>> {
    let query = vouchers::table.filter(vouchers::code.eq(code)).select(Voucher::as_select());
    Ok(query.first(tx.conn).optional()?)
}

/// The newest first.
pub fn list(
    tx: &mut Tx<'_>,
    owner: Owner,
    status: Option<VoucherStatus>,
    before: Option<VoucherId>,
    rows_max: i64,
) -> Result<Vec<Voucher>> {
    let mut query =
        vouchers::table.select(Voucher::as_select()).order(vouchers::id.desc()).limit(rows_max).into_boxed();
    if let Owner::Producer(producer_id) = owner {
        query = query.filter(vouchers::producer_id.eq(producer_id));
    }
    if let Some(status) = status {
        query = query.filter(vouchers::status.eq(status));
    }
    if let Some(before) = before {
        query = query.filter(vouchers::id.lt(before));
    }
    Ok(query.load(tx.conn)?)
}

/// Moves the status; `None` when it has changed since it was read.
pub fn change(tx: &mut Tx<'_>, old: &Voucher, next: VoucherStatus) -> Result<Option<Voucher>> {
    let row = diesel::update(vouchers::table.find(old.id))
        .filter(vouchers::status.eq(old.status))
        .set((vouchers::status.eq(next), vouchers::version.eq(vouchers::version + 1), vouchers::updated_at.eq(tx.now)))
        .returning(Voucher::as_returning())
        .get_result(tx.conn)
        .optional()?;
    Ok(row)
}

/// How often the buyer has a use of the voucher now.
pub fn uses_of(tx: &mut Tx<'_>, voucher_id: VoucherId, buyer_id: AccountId) -> Result<i32> {
    let query = voucher_buyers::table.find((voucher_id, buyer_id)).select(voucher_buyers::uses);
    Ok(query.first(tx.conn).optional()?.unwrap_or(0))
}

/// Counts a use and its money where the voucher is active and has both left; whether it had.
pub fn count_use(tx: &mut Tx<'_>, voucher_id: VoucherId, spent: Vnd) -> Result<bool> {
    let counted: Option<VoucherId> = diesel::update(vouchers::table.find(voucher_id))
        .filter(vouchers::status.eq(VoucherStatus::Active))
        .filter(vouchers::uses.lt(vouchers::uses_max))
        .filter((vouchers::spent_vnd + spent).le(vouchers::budget_vnd))
        .set((vouchers::uses.eq(vouchers::uses + 1), vouchers::spent_vnd.eq(vouchers::spent_vnd + spent)))
        .returning(vouchers::id)
        .prepared()
        .get_result(tx.conn)
        .optional()?;
    Ok(counted.is_some())
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = SqlUuid)]
    #[expect(dead_code, reason = "only whether there is one")]
    voucher_id: uuid::Uuid,
}

/// Counts a use for its buyer where he has one left; whether he had.
pub fn count_buyer(tx: &mut Tx<'_>, voucher: &Voucher, buyer_id: AccountId) -> Result<bool> {
    let counted: Vec<Counted> = diesel::sql_query(
        "insert into voucher_buyers as b (voucher_id, buyer_account_id, uses) values ($1, $2, 1) \
         on conflict (voucher_id, buyer_account_id) do update set uses = b.uses + 1 where b.uses < $3 \
         returning b.voucher_id",
    )
    .bind::<SqlUuid, _>(voucher.id)
    .bind::<SqlUuid, _>(buyer_id)
    .bind::<diesel::sql_types::Integer, _>(voucher.uses_per_buyer_max)
    .prepared()
    .load(tx.conn)?;
    Ok(!counted.is_empty())
}

#[derive(QueryableByName)]
struct Phone {
    #[diesel(sql_type = diesel::sql_types::Nullable<diesel::sql_types::Text>)]
    phone: Option<String>,
}

/// The number of the person who buys: of his account, or if a guest buys the one that the purchase's orders name.
pub fn phone_of(tx: &mut Tx<'_>, checkout_id: Option<CheckoutId>, buyer_id: AccountId) -> Result<Option<String>> {
    let row: Phone = diesel::sql_query(
        "select coalesce(a.phone, (select o.recipient_phone from orders o where o.checkout_id = $2 \
           and o.buyer_account_id = a.id order by o.id limit 1)) as phone from accounts a where a.id = $1",
    )
    .bind::<SqlUuid, _>(buyer_id)
    .bind::<diesel::sql_types::Nullable<SqlUuid>, _>(checkout_id)
    .prepared()
    .get_result(tx.conn)?;
    Ok(row.phone)
}

/// How often the person of a number has a use of the voucher now.
pub fn uses_of_phone(tx: &mut Tx<'_>, voucher_id: VoucherId, phone: &str) -> Result<i32> {
    let query = voucher_phones::table.find((voucher_id, phone)).select(voucher_phones::uses);
    Ok(query.first(tx.conn).optional()?.unwrap_or(0))
}

/// Counts a use for the person of a number where he has one left; whether he had.
pub fn count_phone(tx: &mut Tx<'_>, voucher: &Voucher, phone: &str) -> Result<bool> {
    let counted: Vec<Counted> = diesel::sql_query(
        "insert into voucher_phones as p (voucher_id, phone, uses) values ($1, $2, 1) \
         on conflict (voucher_id, phone) do update set uses = p.uses + 1 where p.uses < $3 \
         returning p.voucher_id",
    )
    .bind::<SqlUuid, _>(voucher.id)
    .bind::<diesel::sql_types::Text, _>(phone)
    .bind::<diesel::sql_types::Integer, _>(voucher.uses_per_buyer_max)
    .prepared()
    .load(tx.conn)?;
    Ok(!counted.is_empty())
}

/// Who uses a voucher.
#[derive(Debug, Clone)]
pub struct User {
    pub buyer_id: AccountId,
    /// Unknown of uses from before numbers were counted.
    pub phone: Option<String>,
}

/// What of a use falls on one producer's order.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = voucher_shares)]
pub struct Share {
    pub checkout_id: CheckoutId,
    pub producer_id: ProducerId,
    pub buyer_account_id: AccountId,
    pub goods_vnd: Vnd,
    pub shipping_vnd: Vnd,
    pub given_back_at: Option<DateTime<Utc>>,
}

/// Writes a use down: one row per checkout, per producer and per line.
pub fn insert_use(
    tx: &mut Tx<'_>,
    (checkout_id, voucher_id): (CheckoutId, VoucherId),
    user: &User,
    shares: &[Share],
    discount: &Discount,
) -> Result<()> {
    let buyer_id = user.buyer_id;
    diesel::insert_into(voucher_uses::table)
        .values((
            voucher_uses::checkout_id.eq(checkout_id),
            voucher_uses::voucher_id.eq(voucher_id),
            voucher_uses::buyer_account_id.eq(buyer_id),
            voucher_uses::taken_at.eq(tx.now),
            voucher_uses::phone.eq(&user.phone),
        ))
        .execute(tx.conn)
        .on_constraint("voucher_uses_pkey", UseRefusal::OnePerCheckout)?;
    let shares = diesel::insert_into(voucher_shares::table).values(shares).returning(voucher_shares::producer_id);
    shares.prepared().load::<ProducerId>(tx.conn)?;
    if discount.lines.is_empty() {
        return Ok(());
    }
    let lines: Vec<_> = discount
        .lines
        .iter()
        .map(|line| {
            (
                voucher_share_lines::checkout_id.eq(checkout_id),
                voucher_share_lines::producer_id.eq(line.producer_id),
                voucher_share_lines::variant_id.eq(line.variant_id),
                voucher_share_lines::buyer_account_id.eq(buyer_id),
                voucher_share_lines::discount_vnd.eq(line.discount_vnd),
            )
        })
        .collect();
    let lines =
        diesel::insert_into(voucher_share_lines::table).values(lines).returning(voucher_share_lines::variant_id);
    lines.prepared().load::<crate::kernel::VariantId>(tx.conn)?;
    Ok(())
}

/// A checkout's shares, those given back included, in the order of their producers.
pub fn shares(tx: &mut Tx<'_>, checkout_id: CheckoutId) -> Result<Vec<Share>> {
    let query = voucher_shares::table
        .filter(voucher_shares::checkout_id.eq(checkout_id))
        .order(voucher_shares::producer_id)
        .select(Share::as_select());
    Ok(query.load(tx.conn)?)
}

/// The voucher of a checkout.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Used {
    pub voucher_id: VoucherId,
    pub code: String,
    pub payer: VoucherPayer,
    /// The producer who pays, if one does.
    pub producer_id: Option<ProducerId>,
}

pub fn used(tx: &mut Tx<'_>, checkout_id: CheckoutId) -> Result<Option<Used>> {
    let query = voucher_uses::table
        .find(checkout_id)
        .inner_join(vouchers::table)
        .filter(voucher_uses::given_back_at.is_null())
        .select((vouchers::id, vouchers::code, vouchers::payer, vouchers::producer_id));
    Ok(query.first(tx.conn).optional()?)
}

/// Locks the use of a checkout while it counts; who used which voucher.
pub fn lock_use(tx: &mut Tx<'_>, checkout_id: CheckoutId) -> Result<Option<(VoucherId, User)>> {
    let query = voucher_uses::table
        .find(checkout_id)
        .filter(voucher_uses::given_back_at.is_null())
        .select((voucher_uses::voucher_id, voucher_uses::buyer_account_id, voucher_uses::phone))
        .for_no_key_update();
    let row: Option<(VoucherId, AccountId, Option<String>)> = query.first(tx.conn).optional()?;
    Ok(row.map(|(voucher_id, buyer_id, phone)| (voucher_id, User { buyer_id, phone })))
}

#[derive(QueryableByName)]
struct Freed {
    #[diesel(sql_type = BigInt)]
    amount: Vnd,
}

/// Takes back what still counts of the shares, of one producer or of all; how much that was.
pub fn free_shares(tx: &mut Tx<'_>, checkout_id: CheckoutId, producer_id: Option<ProducerId>) -> Result<Vnd> {
    let freed: Freed = diesel::sql_query(
        "with freed as (update voucher_shares set given_back_at = $3 \
           where checkout_id = $1 and ($2 is null or producer_id = $2) and given_back_at is null \
           returning goods_vnd + shipping_vnd as amount) \
         select coalesce(sum(amount), 0)::bigint as amount from freed",
    )
    .bind::<SqlUuid, _>(checkout_id)
    .bind::<diesel::sql_types::Nullable<SqlUuid>, _>(producer_id)
    .bind::<Timestamptz, _>(tx.now)
    .prepared()
    .get_result(tx.conn)?;
    Ok(freed.amount)
}

pub fn counts_still(tx: &mut Tx<'_>, checkout_id: CheckoutId) -> Result<bool> {
    let query = voucher_shares::table
        .filter(voucher_shares::checkout_id.eq(checkout_id))
        .filter(voucher_shares::given_back_at.is_null());
    Ok(diesel::select(diesel::dsl::exists(query)).get_result(tx.conn)?)
}

pub fn lower_spent(tx: &mut Tx<'_>, voucher_id: VoucherId, amount: Vnd) -> Result<()> {
    let changed = diesel::update(vouchers::table.find(voucher_id))
        .set(vouchers::spent_vnd.eq(vouchers::spent_vnd - amount))
        .execute(tx.conn)?;
    one(changed)
}

/// The use of a checkout, which the caller has locked, counts no more: not on the voucher and not for whoever used it.
pub fn end_use(tx: &mut Tx<'_>, checkout_id: CheckoutId, (voucher_id, user): (VoucherId, &User)) -> Result<()> {
    let ended = diesel::update(voucher_uses::table.find(checkout_id))
        .filter(voucher_uses::given_back_at.is_null())
        .set(voucher_uses::given_back_at.eq(tx.now))
        .execute(tx.conn)?;
    one(ended)?;
    let voucher =
        diesel::update(vouchers::table.find(voucher_id)).set(vouchers::uses.eq(vouchers::uses - 1)).execute(tx.conn)?;
    one(voucher)?;
    let buyer = diesel::update(voucher_buyers::table.find((voucher_id, user.buyer_id)))
        .set(voucher_buyers::uses.eq(voucher_buyers::uses - 1))
        .execute(tx.conn)?;
    one(buyer)?;
    let Some(phone) = &user.phone else { return Ok(()) };
    let person = diesel::update(voucher_phones::table.find((voucher_id, phone)))
        .set(voucher_phones::uses.eq(voucher_phones::uses - 1))
        .execute(tx.conn)?;
    one(person)
}

fn one(changed: usize) -> Result<()> {
    if changed == 1 { Ok(()) } else { Err(Error::internal("a counter of a voucher is gone")) }
}
