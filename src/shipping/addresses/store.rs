use diesel::prelude::*;
use diesel::sql_types::{Array, Nullable, Text};
use schema::carrier_addresses;

use crate::kernel::{Error, Result, Tx};
use crate::places::CommuneCode;
use crate::shipping::carriers::{AddressCodes, Spot};
use crate::shipping::model::Carrier;

#[derive(QueryableByName)]
struct SpotRow {
    #[diesel(sql_type = Text)]
    commune_code: CommuneCode,
    #[diesel(sql_type = Text)]
    commune_name: String,
    #[diesel(sql_type = Text)]
    former_district_name: String,
    #[diesel(sql_type = Text)]
    province_name: String,
    #[diesel(sql_type = Nullable<Text>)]
    province_code: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    district_code: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    ward_code: Option<String>,
}

/// These communes as the carrier knows them; without numbers where nobody has mapped them.
pub fn spots(tx: &mut Tx<'_>, carrier: Carrier, communes: [&CommuneCode; 2]) -> Result<[Spot; 2]> {
    let rows: Vec<SpotRow> = diesel::sql_query(
        "select c.code as commune_code, case c.kind when 'ward' then 'Phường ' else 'Xã ' end || c.name as commune_name, \
           d.name as former_district_name, p.name as province_name, a.province_code, a.district_code, a.ward_code \
         from communes c join former_districts d on d.code = c.former_district_code \
           join provinces p on p.code = c.province_code \
           left join carrier_addresses a on a.commune_code = c.code and a.carrier = $1 \
         where c.code = any($2)",
    )
    .bind::<Text, _>(carrier)
    .bind::<Array<Text>, _>(communes.map(CommuneCode::as_str).to_vec())
    .load(tx.conn)?;
    let spot = |code: &CommuneCode| -> Result<Spot> {
        let row = rows.iter().find(|row| row.commune_code == *code);
        row.map(SpotRow::spot).ok_or_else(|| Error::internal("a parcel from or to nowhere"))
    };
    let [from, to] = communes;
    Ok([spot(from)?, spot(to)?])
}

impl SpotRow {
    fn spot(&self) -> Spot {
        let codes = self.district_code.clone().zip(self.ward_code.clone());
        Spot {
            commune_code: self.commune_code.clone(),
            commune_name: self.commune_name.clone(),
            former_district_name: self.former_district_name.clone(),
            province_name: self.province_name.clone(),
            codes: codes.map(|(district, ward)| AddressCodes { province: self.province_code.clone(), district, ward }),
        }
    }
}

/// A mapped commune.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = carrier_addresses)]
pub struct Mapped {
    pub carrier: Carrier,
    pub commune_code: CommuneCode,
    pub province_code: Option<String>,
    pub district_code: String,
    pub ward_code: String,
}

/// Writes these over what was known of the same communes.
pub fn put(tx: &mut Tx<'_>, rows: &[Mapped]) -> Result<()> {
    for row in rows {
        diesel::insert_into(carrier_addresses::table)
            .values((row, carrier_addresses::updated_at.eq(tx.now)))
            .on_conflict((carrier_addresses::carrier, carrier_addresses::commune_code))
            .do_update()
            .set((
                carrier_addresses::province_code.eq(&row.province_code),
                carrier_addresses::district_code.eq(&row.district_code),
                carrier_addresses::ward_code.eq(&row.ward_code),
                carrier_addresses::updated_at.eq(tx.now),
            ))
            .execute(tx.conn)?;
    }
    Ok(())
}

pub fn list(tx: &mut Tx<'_>, carrier: Carrier) -> Result<Vec<Mapped>> {
    let rows = carrier_addresses::table
        .filter(carrier_addresses::carrier.eq(carrier))
        .order(carrier_addresses::commune_code)
        .select(Mapped::as_select())
        .load(tx.conn)?;
    Ok(rows)
}

#[derive(QueryableByName)]
struct Code {
    #[diesel(sql_type = Text)]
    code: CommuneCode,
}

/// Communes that the carrier could not find.
pub fn unmapped(tx: &mut Tx<'_>, carrier: Carrier) -> Result<Vec<CommuneCode>> {
    let rows: Vec<Code> = diesel::sql_query(
        "select code from communes c where not exists ( \
           select from carrier_addresses a where a.commune_code = c.code and a.carrier = $1) order by code",
    )
    .bind::<Text, _>(carrier)
    .load(tx.conn)?;
    Ok(rows.into_iter().map(|row| row.code).collect())
}
