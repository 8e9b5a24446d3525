//! The producers of the list and what they offer.

use std::collections::BTreeMap;

use serde_json::json;

use super::input;
use super::people::Person;
use crate::app::Shared;
use crate::catalog::{self, NewProduct};
use crate::kernel::{Actor, Audience, Error, ProducerId, Result, VariantId, Vnd};
use crate::producers::{self, ProducerKind, Registration};

/// Names, places, units and weights as published; a price without a public source is marked where buyers read it.
const LIST: &str = include_str!("products.csv");
/// Pieces of each product at the beginning.
const OPENING_STOCK: i64 = 3_000;

pub struct Market {
    pub producers: BTreeMap<ProducerId, Person>,
    pub offers: Vec<Offer>,
}

#[derive(Clone)]
pub struct Offer {
    pub variant_id: VariantId,
    pub price: Vnd,
    pub commune_code: String,
}

/// A row of the list.
struct Row {
    title: String,
    product_set: i64,
    producer: String,
    kind: String,
    commune_code: String,
    unit: String,
    net_weight_g: i64,
    price_vnd: i64,
    has_public_price: bool,
}

impl Row {
    fn read(line: &str) -> Result<Row> {
        let fields = fields(line);
        let [title, set, producer, kind, commune, unit, weight, price, source] = fields.as_slice() else {
            return Err(Error::internal("a row of the demo has not nine fields"));
        };
        let number = |text: &str| text.parse::<i64>().map_err(Error::internal);
        Ok(Row {
            title: title.clone(),
            product_set: number(set)?,
            producer: producer.clone(),
            kind: kind.clone(),
            commune_code: commune.clone(),
            unit: unit.clone(),
            net_weight_g: number(weight)?,
            price_vnd: number(price)?,
            has_public_price: source == "public",
        })
    }

    fn product(&self) -> Result<NewProduct> {
        let note = if self.has_public_price { "" } else { " (Giá minh hoạ.)" };
        input(&json!({
            "title": self.title, "description": format!("{} của {}.{note}", self.title, self.producer),
            "product_set": self.product_set, "origin": {"commune_code": self.commune_code},
            "variants": [{"label": self.label(), "unit": self.unit, "net_weight_g": self.net_weight_g,
                          "price_vnd": self.price_vnd, "quantity": OPENING_STOCK}],
        }))
    }

    fn label(&self) -> &'static str {
        match self.unit.as_str() {
            "kg" => "1 kg",
            "l" => "Chai 1 lít",
            "box" => "Hộp",
            "jar" => "Lọ",
            "metre" => "1 mét",
            "visit" => "Một lượt khách",
            _ => "Một chiếc",
        }
    }

    fn registration(&self, number: usize) -> Result<Registration> {
        let needs_registration =
            ProducerKind::ALL.iter().any(|kind| kind.as_str() == self.kind && kind.needs_registration());
        let registration_number = needs_registration.then(|| format!("DEMO-{:04}", number.saturating_add(1)));
        let place = json!({"commune_code": self.commune_code});
        input(&json!({
            "kind": self.kind, "name": self.producer, "representative_name": "Người đại diện (minh hoạ)",
            "registration_number": registration_number, "residence": place, "production": place,
            "address": "Địa chỉ minh hoạ",
        }))
    }
}

/// The fields of a line; quotes protect commas, and nothing in the list needs more.
fn fields(line: &str) -> Vec<String> {
    let (mut fields, mut is_quoted) = (vec![String::new()], false);
    for symbol in line.chars() {
        match symbol {
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => fields.push(String::new()),
            _ => fields.last_mut().into_iter().for_each(|field| field.push(symbol)),
        }
    }
    fields
}

/// Registers and approves every producer, then offers and publishes what they have.
pub async fn offer(app: &Shared, operator: &mut Person) -> Result<Market> {
    let mut by_producer: Vec<(String, Vec<Row>)> = Vec::new();
    for line in LIST.lines().skip(1) {
        let row = Row::read(line)?;
        match by_producer.iter_mut().find(|(name, _)| *name == row.producer) {
            Some((_, rows)) => rows.push(row),
            None => by_producer.push((row.producer.clone(), vec![row])),
        }
    }
    let mut market = Market { producers: BTreeMap::new(), offers: Vec::new() };
    for (number, (name, rows)) in by_producer.iter().enumerate() {
        let mut person = Person::new(name, &format!("09000{:05}", number.saturating_add(2000)), Audience::Producer)?;
        let actor = person.actor(app).await?;
        let operator = operator.actor(app).await?;
        let producer_id = register(app, (&actor, &operator), rows, number).await?;
        for row in rows {
            market.offers.push(publish(app, (&actor, &operator), row).await?);
        }
        market.producers.insert(producer_id, person);
    }
    Ok(market)
}

async fn register(
    app: &Shared,
    (actor, operator): (&Actor, &Actor),
    rows: &[Row],
    number: usize,
) -> Result<ProducerId> {
    let row = rows.first().ok_or_else(|| Error::internal("a producer without products"))?;
    let registration = row.registration(number)?;
    let id = app
        .db
        .write(actor, move |tx| {
            producers::register(tx, registration.clone())?;
            Ok(producers::submit(tx)?.id)
        })
        .await?;
    app.db.write(operator, move |tx| producers::approve(tx, id)).await?;
    Ok(id)
}

async fn publish(app: &Shared, (actor, operator): (&Actor, &Actor), row: &Row) -> Result<Offer> {
    let new = row.product()?;
    let (product_id, variants) = app
        .db
        .write(actor, move |tx| {
            let product = catalog::create(tx, new.clone())?;
            catalog::submit(tx, product.id)?;
            Ok((product.id, catalog::variants_of(tx, &[product.id])?))
        })
        .await?;
    app.db.write(operator, move |tx| catalog::publish(tx, product_id)).await?;
    let variant = variants.first().ok_or_else(|| Error::internal("a product without a variant"))?;
    Ok(Offer { variant_id: variant.id, price: variant.price_vnd, commune_code: row.commune_code.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_list_can_be_offered() {
        for (number, line) in LIST.lines().skip(1).enumerate() {
            let row = Row::read(line).unwrap();
            assert!(row.product().is_ok() && row.registration(number).is_ok(), "{line}");
        }
    }

    #[test]
    fn quotes_protect_commas() {
        assert_eq!(fields(r#""Cam CS1, CT36",1,x"#), ["Cam CS1, CT36", "1", "x"]);
    }
}
