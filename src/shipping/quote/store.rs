use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Date, Integer, Nullable, Text, Uuid as SqlUuid};
use uuid::Uuid;

use super::options::Consignment;
use crate::kernel::sql::Prepare;
use crate::kernel::time::vietnam_day;
use crate::kernel::{PickupPointId, ProducerId, Result, Tx, Vnd};
use crate::places::CommuneCode;
use crate::shipping::model::{Method, PointKind, Service, TransportClass};
use crate::shipping::pickup::PickupPoint;

/// One way for one consignment.
#[derive(Debug)]
pub struct Found {
    /// Which consignment, from 0.
    pub place: i32,
    pub method: Method,
    pub service: Option<Service>,
    pub fee_vnd: Vnd,
    pub days_min: i32,
    pub days_max: i32,
    pub point: Option<PickupPoint>,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Integer)]
    place: i32,
    #[diesel(sql_type = Text)]
    method: Method,
    #[diesel(sql_type = Nullable<Text>)]
    service: Option<Service>,
    #[diesel(sql_type = BigInt)]
    fee_vnd: Vnd,
    #[diesel(sql_type = Integer)]
    days_min: i32,
    #[diesel(sql_type = Integer)]
    days_max: i32,
    #[diesel(embed)]
    point: PointRow,
}

/// The pick-up point of a row, if it has one.
#[derive(QueryableByName)]
struct PointRow {
    #[diesel(sql_type = Nullable<SqlUuid>)]
    id: Option<Uuid>,
    #[diesel(sql_type = Nullable<Text>)]
    kind: Option<PointKind>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    producer_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<Text>)]
    name: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    commune_code: Option<CommuneCode>,
    #[diesel(sql_type = Nullable<Text>)]
    address: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    opening: Option<String>,
    #[diesel(sql_type = Nullable<Bool>)]
    keeps_cold: Option<bool>,
}

impl PointRow {
    fn into_point(self) -> Option<PickupPoint> {
        let PointRow { id, kind, producer_id, name, commune_code, address, opening, keeps_cold } = self;
        Some(PickupPoint {
            id: PickupPointId(id?),
            kind: kind?,
            producer_id: producer_id.map(ProducerId),
            name: name?,
            commune_code: commune_code?,
            address: address?,
            opening: opening?,
            keeps_cold: keeps_cold?,
        })
    }
}

/// A service is a way when its tariff in force has a step for every class of the goods; the dearest class decides. Of
/// hubs, those near the buyer; of stalls, the producer's own.
const WAYS: &str = "
with wanted as (
    select * from unnest($1::int[], $2::uuid[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::bigint[])
        as w (place, producer_id, origin, destination, weight_g, classes, goods_vnd)),
zoned as materialized (
    select w.place, w.producer_id, w.destination, w.weight_g, w.goods_vnd, string_to_array(w.classes, ',') as classes,
           d.former_district_code,
           case when o.code = d.code then 'same_commune'
                when exists (select from commune_borders b where b.commune_code = least(o.code, d.code)
                             and b.neighbour_code = greatest(o.code, d.code)) then 'bordering_commune'
                when o.former_district_code = d.former_district_code then 'same_district'
                when o.province_code = d.province_code then 'same_province'
                else 'other_province' end as zone
    from wanted w join communes o on o.code = w.origin join communes d on d.code = w.destination),
in_force as (
    select distinct on (service) id, service from shipping_tariffs where effective_from <= $8
    order by service, effective_from desc),
carried as (
    select z.place, t.service, max(s.fee_vnd) as fee_vnd, max(s.days_min) as days_min, max(s.days_max) as days_max
    from zoned z cross join in_force t cross join lateral unnest(z.classes) as k (class)
        cross join lateral (select fee_vnd, days_min, days_max from shipping_tariff_steps
            where tariff_id = t.id and zone = z.zone and transport_class = k.class and weight_g_max >= z.weight_g
            order by weight_g_max limit 1) s
    group by z.place, z.classes, t.service having count(*) = cardinality(z.classes))
select place, case service when 'pooled' then 'pooled' else 'carrier' end as method, service, fee_vnd, days_min, days_max,
       null::uuid as id, null as kind, null::uuid as producer_id, null as name, null as commune_code, null as address,
       null as opening, null::boolean as keeps_cold
from carried
union all
select z.place, 'own', null, case when z.goods_vnd >= o.free_from_vnd then 0 else o.fee_vnd end, o.days_min, o.days_max,
       null, null, null, null, null, null, null, null
from zoned z join own_deliveries o on o.producer_id = z.producer_id and o.zone = z.zone and o.weight_g_max >= z.weight_g
union all
select z.place, 'pickup', null, 0, p.days_min, p.days_max,
       p.id, p.kind, p.producer_id, p.name, p.commune_code, p.address, p.opening, p.keeps_cold
from zoned z cross join lateral (
    select p.*, case p.kind when 'stall' then 0 else 1 end as days_min, case p.kind when 'stall' then 1 else 3 end as days_max
    from pickup_points p join communes c on c.code = p.commune_code
    where p.closed_at is null and (p.keeps_cold or not z.classes && array['chilled', 'frozen'])
      and (p.producer_id = z.producer_id or (p.kind = 'hub' and (c.former_district_code = z.former_district_code
           or exists (select from commune_borders b where b.commune_code = least(c.code, z.destination)
                      and b.neighbour_code = greatest(c.code, z.destination)))))
    order by p.commune_code <> z.destination, p.id limit $9) p";

/// Pick-up points offered for one consignment.
const POINTS_MAX: i64 = 10;

pub fn ways(tx: &mut Tx<'_>, consignments: &[Consignment]) -> Result<Vec<Found>> {
    let classes = |consignment: &Consignment| -> String {
        let named: Vec<&str> = consignment.classes.iter().map(|class| class.as_str()).collect();
        if named.is_empty() { TransportClass::Ambient.as_str().to_owned() } else { named.join(",") }
    };
    let all = || consignments.iter();
    let rows: Vec<Row> = diesel::sql_query(WAYS)
        .bind::<Array<Integer>, _>((0..).take(consignments.len()).collect::<Vec<i32>>())
        .bind::<Array<SqlUuid>, _>(all().map(|c| c.producer_id).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(all().map(|c| c.origin_commune.as_str()).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(all().map(|c| c.destination_commune.as_str()).collect::<Vec<_>>())
        .bind::<Array<BigInt>, _>(all().map(|c| c.weight_g).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(all().map(classes).collect::<Vec<_>>())
        .bind::<Array<BigInt>, _>(all().map(|c| c.goods_vnd).collect::<Vec<_>>())
        .bind::<Date, _>(vietnam_day(tx.now))
        .bind::<BigInt, _>(POINTS_MAX)
        .prepared()
        .load(tx.conn)?;
    let found = |row: Row| {
        let Row { place, method, service, fee_vnd, days_min, days_max, point } = row;
        Found { place, method, service, fee_vnd, days_min, days_max, point: point.into_point() }
    };
    Ok(rows.into_iter().map(found).collect())
}
