//! All SQL on places. Nothing here is ever changed by a request.

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Date, Integer, Nullable, Text};
use schema::{communes, provinces};
use serde::Serialize;
use utoipa::ToSchema;

use super::model::{CommuneCode, Coverage, DistrictCode, FormerCommuneCode, PlaceName, ProvinceCode, Successor};
use crate::kernel::{Result, Tx};

/// A province of today.
#[derive(Debug, Serialize, ToSchema, Queryable)]
pub struct Province {
    pub code: ProvinceCode,
    #[schema(example = "Tuyên Quang", max_length = 100)]
    pub name: String,
    pub effective_from: NaiveDate,
}

pub fn provinces(tx: &mut Tx<'_>) -> Result<Vec<Province>> {
    let rows = provinces::table
        .select((provinces::code, provinces::name, provinces::effective_from))
        .order(provinces::code)
        .load(tx.conn)?;
    Ok(rows)
}

/// The codes among these that no commune of today has.
pub fn unknown(tx: &mut Tx<'_>, codes: &[CommuneCode]) -> Result<Vec<CommuneCode>> {
    let known: Vec<CommuneCode> =
        communes::table.filter(communes::code.eq_any(codes)).select(communes::code).load(tx.conn)?;
    Ok(codes.iter().filter(|code| !known.contains(code)).cloned().collect())
}

/// Where a former unit lies today, the main part first.
pub fn successors(tx: &mut Tx<'_>, former: &FormerCommuneCode) -> Result<Vec<Successor>> {
    let rows = diesel::sql_query(
        "select c.code, c.name, s.coverage from commune_successions s join communes c on c.code = s.commune_code \
         where s.former_commune_code = $1 order by s.coverage = 'part', c.code",
    )
    .bind::<Text, _>(former)
    .load(tx.conn)?;
    Ok(rows)
}

#[derive(QueryableByName)]
struct Names {
    #[diesel(sql_type = Text)]
    names: String,
}

pub fn names_for_search(tx: &mut Tx<'_>, code: &CommuneCode) -> Result<String> {
    let row: Names = diesel::sql_query(
        "select concat_ws(' ', c.search_key, d.search_key, \
           (select string_agg(distinct f.search_key, ' ') from commune_successions s \
              join former_communes f on f.code = s.former_commune_code where s.commune_code = c.code)) as names \
         from communes c join former_districts d on d.code = c.former_district_code where c.code = $1",
    )
    .bind::<Text, _>(code)
    .get_result(tx.conn)?;
    Ok(row.names)
}

pub fn names(tx: &mut Tx<'_>, code: &CommuneCode) -> Result<PlaceName> {
    let row = diesel::sql_query(
        "select c.code, c.name, d.name as former_district_name \
         from communes c join former_districts d on d.code = c.former_district_code where c.code = $1",
    )
    .bind::<Text, _>(code)
    .get_result(tx.conn)?;
    Ok(row)
}

/// What a list of communes is narrowed to. `pattern` is folded and escaped.
#[derive(Debug, Clone, Default)]
pub struct CommuneFilter {
    pub pattern: Option<String>,
    pub province_code: Option<ProvinceCode>,
    pub former_district_code: Option<DistrictCode>,
}

/// A commune or ward of today in a list.
#[derive(Debug, Serialize, ToSchema, QueryableByName)]
pub struct CommuneItem {
    #[diesel(sql_type = Text)]
    pub code: CommuneCode,
    /// Without its kind.
    #[diesel(sql_type = Text)]
    #[schema(example = "Đồng Văn", max_length = 100)]
    pub name: String,
    /// `commune` or `ward`.
    #[diesel(sql_type = Text)]
    #[schema(example = "commune", max_length = 20)]
    pub kind: String,
    #[diesel(sql_type = Text)]
    pub province_code: ProvinceCode,
    #[diesel(sql_type = Text)]
    #[schema(example = "Tuyên Quang", max_length = 100)]
    pub province_name: String,
    #[diesel(sql_type = Text)]
    pub former_district_code: DistrictCode,
    #[diesel(sql_type = Text)]
    #[schema(example = "Đồng Văn", max_length = 100)]
    pub former_district_name: String,
    /// The former names that the search word was found in; empty when the name of today matched alone.
    #[diesel(sql_type = Array<Text>)]
    #[schema(max_items = 20, max_length = 100)]
    pub matched_former_names: Vec<String>,
}

pub fn communes(
    tx: &mut Tx<'_>,
    filter: &CommuneFilter,
    after: Option<&CommuneCode>,
    rows_max: i64,
) -> Result<Vec<CommuneItem>> {
    let rows = diesel::sql_query(
        "select c.code, c.name, c.kind, c.province_code, p.name as province_name, c.former_district_code, \
           d.name as former_district_name, m.names as matched_former_names \
         from communes c join provinces p on p.code = c.province_code \
           join former_districts d on d.code = c.former_district_code \
           cross join lateral (select coalesce(array_agg(f.name order by f.code), '{}') as names \
             from commune_successions s join former_communes f on f.code = s.former_commune_code \
             where s.commune_code = c.code and ' ' || f.search_key like '% ' || $1::text || '%') m \
         where ($1::text is null or ' ' || c.search_key like '% ' || $1::text || '%' or cardinality(m.names) > 0) \
           and ($2::text is null or c.province_code = $2) \
           and ($3::text is null or c.former_district_code = $3) \
           and ($4::text is null or c.code > $4) \
         order by c.code limit $5",
    )
    .bind::<Nullable<Text>, _>(filter.pattern.as_deref())
    .bind::<Nullable<Text>, _>(filter.province_code.as_ref())
    .bind::<Nullable<Text>, _>(filter.former_district_code.as_ref())
    .bind::<Nullable<Text>, _>(after)
    .bind::<BigInt, _>(rows_max)
    .load(tx.conn)?;
    Ok(rows)
}

#[derive(Debug, QueryableByName)]
pub struct Commune {
    #[diesel(sql_type = Text)]
    pub code: CommuneCode,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Text)]
    pub kind: String,
    #[diesel(sql_type = Text)]
    pub province_code: ProvinceCode,
    #[diesel(sql_type = Text)]
    pub province_name: String,
    #[diesel(sql_type = Text)]
    pub former_district_code: DistrictCode,
    #[diesel(sql_type = Text)]
    pub former_district_name: String,
    #[diesel(sql_type = BigInt)]
    pub area_ha: i64,
    #[diesel(sql_type = Integer)]
    pub latitude_e6: i32,
    #[diesel(sql_type = Integer)]
    pub longitude_e6: i32,
    #[diesel(sql_type = Date)]
    pub effective_from: NaiveDate,
}

pub fn commune(tx: &mut Tx<'_>, code: &CommuneCode) -> Result<Commune> {
    let row = diesel::sql_query(
        "select c.code, c.name, c.kind, c.province_code, p.name as province_name, c.former_district_code, \
           d.name as former_district_name, c.area_ha, c.latitude_e6, c.longitude_e6, c.effective_from \
         from communes c join provinces p on p.code = c.province_code \
           join former_districts d on d.code = c.former_district_code where c.code = $1",
    )
    .bind::<Text, _>(code)
    .get_result(tx.conn)?;
    Ok(row)
}

/// A former unit that a commune of today was made of.
#[derive(Debug, Serialize, ToSchema, QueryableByName)]
pub struct FormerPart {
    #[diesel(sql_type = Text)]
    pub code: FormerCommuneCode,
    #[diesel(sql_type = Text)]
    #[schema(example = "Tả Lủng", max_length = 100)]
    pub name: String,
    /// `commune`, `ward` or `township`.
    #[diesel(sql_type = Text)]
    #[schema(example = "commune", max_length = 20)]
    pub kind: String,
    #[diesel(sql_type = Text)]
    #[schema(example = "Đồng Văn", max_length = 100)]
    pub former_district_name: String,
    #[diesel(sql_type = Text)]
    pub coverage: Coverage,
}

pub fn former_parts(tx: &mut Tx<'_>, code: &CommuneCode) -> Result<Vec<FormerPart>> {
    let rows = diesel::sql_query(
        "select f.code, f.name, f.kind, d.name as former_district_name, s.coverage \
         from commune_successions s join former_communes f on f.code = s.former_commune_code \
           join former_districts d on d.code = f.former_district_code \
         where s.commune_code = $1 order by f.code",
    )
    .bind::<Text, _>(code)
    .load(tx.conn)?;
    Ok(rows)
}

/// A commune that shares a border.
#[derive(Debug, Serialize, ToSchema, QueryableByName)]
pub struct Neighbour {
    #[diesel(sql_type = Text)]
    pub code: CommuneCode,
    #[diesel(sql_type = Text)]
    #[schema(example = "Sà Phìn", max_length = 100)]
    pub name: String,
    /// Metres of common border, approximate.
    #[diesel(sql_type = Integer)]
    #[schema(minimum = 1)]
    pub shared_m: i32,
}

pub fn neighbours(tx: &mut Tx<'_>, code: &CommuneCode) -> Result<Vec<Neighbour>> {
    let rows = diesel::sql_query(
        "select c.code, c.name, b.shared_m from ( \
           select neighbour_code as code, shared_m from commune_borders where commune_code = $1 \
           union all select commune_code, shared_m from commune_borders where neighbour_code = $1) b \
         join communes c on c.code = b.code order by b.shared_m desc, c.code",
    )
    .bind::<Text, _>(code)
    .load(tx.conn)?;
    Ok(rows)
}

/// A unit until 30 June 2025.
#[derive(Debug, Clone, Serialize, ToSchema, QueryableByName)]
pub struct FormerItem {
    #[diesel(sql_type = Text)]
    pub code: FormerCommuneCode,
    #[diesel(sql_type = Text)]
    #[schema(example = "Quang Trung", max_length = 100)]
    pub name: String,
    /// `commune`, `ward` or `township`.
    #[diesel(sql_type = Text)]
    #[schema(example = "ward", max_length = 20)]
    pub kind: String,
    #[diesel(sql_type = Text)]
    pub former_district_code: DistrictCode,
    #[diesel(sql_type = Text)]
    #[schema(example = "Hà Giang", max_length = 100)]
    pub former_district_name: String,
    /// Whether it was split, so that a person must say which commune of today is meant.
    #[diesel(sql_type = Bool)]
    pub ask: bool,
}

const FORMER_ITEM: &str = "select f.code, f.name, f.kind, f.former_district_code, d.name as former_district_name, \
      (select count(*) > 1 from commune_successions s where s.former_commune_code = f.code) as ask \
    from former_communes f join former_districts d on d.code = f.former_district_code";

pub fn former_communes(
    tx: &mut Tx<'_>,
    pattern: Option<&str>,
    after: Option<&FormerCommuneCode>,
    rows_max: i64,
) -> Result<Vec<FormerItem>> {
    let rows = diesel::sql_query(format!(
        "{FORMER_ITEM} where ($1::text is null or ' ' || f.search_key like '% ' || $1::text || '%') \
           and ($2::text is null or f.code > $2) order by f.code limit $3"
    ))
    .bind::<Nullable<Text>, _>(pattern)
    .bind::<Nullable<Text>, _>(after)
    .bind::<BigInt, _>(rows_max)
    .load(tx.conn)?;
    Ok(rows)
}

pub fn former_commune(tx: &mut Tx<'_>, code: &FormerCommuneCode) -> Result<FormerItem> {
    let row =
        diesel::sql_query(format!("{FORMER_ITEM} where f.code = $1")).bind::<Text, _>(code).get_result(tx.conn)?;
    Ok(row)
}
