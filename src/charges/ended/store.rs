use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::kernel::{OrderId, ProducerId, RefundId, Result, Tx, Vnd};

/// An order that ended as sold, or a refund of one after its end.
#[derive(Debug, Clone, QueryableByName)]
pub struct Happened {
    /// The refund, or else the order.
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub order_id: OrderId,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub refund_id: Option<RefundId>,
    /// What the producer got of the order, or has less of it.
    #[diesel(sql_type = BigInt)]
    pub amount_vnd: Vnd,
    #[diesel(sql_type = Timestamptz)]
    pub at: DateTime<Utc>,
}

/// Of one producer, the first first, after a place.
pub fn happened_in(
    tx: &mut Tx<'_>,
    producer_id: ProducerId,
    (from, until): (DateTime<Utc>, DateTime<Utc>),
    after: Option<(DateTime<Utc>, Uuid)>,
    rows: i64,
) -> Result<Vec<Happened>> {
    let (after_at, after_id) = after.unzip();
    Ok(diesel::sql_query(
        "select * from ( \
             select order_id as id, order_id, null::uuid as refund_id, earned_vnd as amount_vnd, at from order_charges \
             where producer_id = $1 and at >= $2 and at < $3 \
             union all \
             select refund_id, order_id, refund_id, less_vnd, at from charge_returns \
             where producer_id = $1 and at >= $2 and at < $3) x \
         where $4 is null or (at, id) > ($4, $5) order by at, id limit $6",
    )
    .bind::<SqlUuid, _>(producer_id)
    .bind::<Timestamptz, _>(from)
    .bind::<Timestamptz, _>(until)
    .bind::<Nullable<Timestamptz>, _>(after_at)
    .bind::<Nullable<SqlUuid>, _>(after_id)
    .bind::<BigInt, _>(rows)
    .load(tx.conn)?)
}
