//! Sales as they are recorded and asked for.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDate, TimeDelta};

use crate::kernel::input::{FaultCode, Faults, Whole};
use crate::kernel::{Error, ProducerId, Result, Vnd};
use crate::places::{CommuneCode, DistrictCode};

/// The longest period of a report, in days, both ends included.
pub const DAYS_MAX: i64 = 400;
/// The period when none is asked for: today and the days before it.
const DAYS_DEFAULT: i64 = 30;
/// Rows of one report. Only groups by producer can be more; the total covers them all.
pub const ROWS_MAX: i64 = 1000;

/// One line of a paid order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SoldLine {
    /// Where the product comes from.
    pub commune_code: String,
    pub product_set: i16,
    pub value: Vnd,
    /// Sale units of the variant.
    pub units: i64,
    pub grams: i64,
}

/// One order, as it counts in the figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sale {
    pub producer_id: ProducerId,
    /// The Vietnamese day of payment, also when a cancellation undoes the sale later.
    pub sold_on: NaiveDate,
    pub lines: Vec<SoldLine>,
}

/// Whether a sale is added to the figures or taken out again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    Sold,
    Undone,
}

/// A place and a kind of goods; sorted by commune, then by number of the set.
pub type Cell = (String, i16);

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CellFigures {
    pub value_vnd: i64,
    pub units: i64,
    pub grams: i64,
}

impl CellFigures {
    fn plus(self, line: &SoldLine) -> Option<CellFigures> {
        Some(CellFigures {
            value_vnd: self.value_vnd.checked_add(line.value.amount())?,
            units: self.units.checked_add(line.units)?,
            grams: self.grams.checked_add(line.grams)?,
        })
    }
}

/// What sales add up to: one row of each table that keeps them, in the one order in which those rows are locked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sums {
    pub cells: BTreeMap<(ProducerId, NaiveDate, Cell), CellFigures>,
    /// Orders by what they hold: their cells, written as `commune/set,commune/set`.
    pub baskets: BTreeMap<(ProducerId, NaiveDate, String), i32>,
}

impl Sums {
    pub fn of(sales: &[Sale]) -> Result<Sums> {
        let mut sums = Sums::default();
        for sale in sales {
            let too_much = || Error::internal("sales are too large to count");
            let mut held: BTreeSet<Cell> = BTreeSet::new();
            for line in &sale.lines {
                let cell = (line.commune_code.clone(), line.product_set);
                let sum = sums.cells.entry((sale.producer_id, sale.sold_on, cell.clone())).or_default();
                *sum = sum.plus(line).ok_or_else(too_much)?;
                held.insert(cell);
            }
            let held: Vec<String> = held.iter().map(|(commune, set)| format!("{commune}/{set}")).collect();
            let number = sums.baskets.entry((sale.producer_id, sale.sold_on, held.join(","))).or_default();
            *number = number.checked_add(1).ok_or_else(too_much)?;
        }
        Ok(sums)
    }
}

crate::text_enum! {
    /// What one row of a report stands for.
    pub enum GroupBy {
        Day = "day",
        Commune = "commune",
        FormerDistrict = "former_district",
        ProductSet = "product_set",
        Producer = "producer",
    }
}

crate::input! {
    /// Period, grouping and filters of a sales report.
    #[derive(utoipa::IntoParams)]
    #[into_params(parameter_in = Query)]
    pub struct SalesQuery {
        /// First day; by default 29 days before `to`.
        pub from: Option<NaiveDate>,
        /// Last day, included; by default today in Vietnam.
        pub to: Option<NaiveDate>,
        /// What a row stands for; by default `day`.
        pub group_by: Option<GroupBy>,
        /// Only products from this commune.
        pub commune_code: Option<CommuneCode>,
        /// Only products from this former district.
        pub former_district_code: Option<DistrictCode>,
        /// Only this product set.
        #[param(inline)]
        pub product_set: Option<Whole<1, 26>>,
        /// Only this producer.
        pub producer_id: Option<ProducerId>,
    }
}

/// A question whose period and codes are right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    pub from: NaiveDate,
    pub to: NaiveDate,
    pub group_by: GroupBy,
    pub commune_code: Option<String>,
    pub former_district_code: Option<String>,
    pub product_set: Option<i16>,
    pub producer_id: Option<ProducerId>,
}

impl SalesQuery {
    /// Fills in what was left out, by today's day in Vietnam.
    pub fn question(&self, today: NaiveDate) -> Result<Question> {
        let mut faults = Faults::default();
        let to = self.to.unwrap_or(today);
        let from = self.from.unwrap_or_else(|| to - TimeDelta::days(DAYS_DEFAULT - 1));
        if from > to {
            faults.inside("from", |at| at.add(FaultCode::OutOfRange, "from ≤ to"));
        } else if (to - from).num_days() >= DAYS_MAX {
            faults.inside("from", |at| at.add(FaultCode::OutOfRange, &format!("1–{DAYS_MAX}")));
        }
        let product_set =
            self.product_set.map(|set| i16::try_from(set.value())).transpose().map_err(Error::internal)?;
        if !faults.is_clean() {
            return Err(Error::Invalid(faults.into_found()));
        }
        Ok(Question {
            from,
            to,
            group_by: self.group_by.unwrap_or(GroupBy::Day),
            commune_code: self.commune_code.as_ref().map(|code| code.as_str().to_owned()),
            former_district_code: self.former_district_code.as_ref().map(|code| code.as_str().to_owned()),
            product_set,
            producer_id: self.producer_id,
        })
    }
}

/// What was sold: sums over lines, and orders counted once each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Figures {
    pub value_vnd: i64,
    pub orders: i64,
    pub units: i64,
    pub grams: i64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::input::Input as _;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn query(json: serde_json::Value) -> SalesQuery {
        let mut faults = Faults::of_query();
        SalesQuery::read(&json, &mut faults).unwrap()
    }

    fn pointers(outcome: Result<Question>) -> Vec<String> {
        match outcome {
            Err(Error::Invalid(faults)) => faults.into_iter().map(|fault| fault.pointer).collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn lines_of_one_cell_are_summed_and_cells_are_sorted_by_number() {
        let line = |commune: &str, product_set, value, units, grams| SoldLine {
            commune_code: commune.to_owned(),
            product_set,
            value: Vnd::new(value).unwrap(),
            units,
            grams,
        };
        let sale = Sale {
            producer_id: ProducerId(uuid::Uuid::nil()),
            sold_on: day("2026-11-24"),
            lines: vec![
                line("00769", 4, 100, 1, 500),
                line("00721", 11, 200, 2, 0),
                line("00721", 4, 300, 3, 10),
                line("00769", 4, 1, 1, 1),
            ],
        };
        let (producer, day) = (sale.producer_id, sale.sold_on);
        let figures = |value_vnd, units, grams| CellFigures { value_vnd, units, grams };
        let one = Sums::of(std::slice::from_ref(&sale)).unwrap();
        assert_eq!(
            one.cells.into_iter().collect::<Vec<_>>(),
            [
                ((producer, day, ("00721".to_owned(), 4)), figures(300, 3, 10)),
                ((producer, day, ("00721".to_owned(), 11)), figures(200, 2, 0)),
                ((producer, day, ("00769".to_owned(), 4)), figures(101, 2, 501)),
            ]
        );
        let basket = (producer, day, "00721/4,00721/11,00769/4".to_owned());
        assert_eq!(one.baskets.into_iter().collect::<Vec<_>>(), [(basket.clone(), 1)]);

        let less = Sale { lines: vec![line("00769", 4, 9, 1, 1)], ..sale.clone() };
        let three = Sums::of(&[sale.clone(), less, sale]).unwrap();
        assert_eq!(three.cells[&(producer, day, ("00769".to_owned(), 4))], figures(211, 5, 1003));
        assert_eq!((three.baskets[&basket], three.baskets[&(producer, day, "00769/4".to_owned())]), (2, 1));
    }

    #[test]
    fn the_period_is_30_days_until_today_when_none_is_asked_for() {
        let asked = query(serde_json::json!({})).question(day("2026-11-24")).unwrap();
        assert_eq!((asked.from, asked.to, asked.group_by), (day("2026-10-26"), day("2026-11-24"), GroupBy::Day));
    }

    #[test]
    fn a_period_has_at_most_400_days() {
        let today = day("2026-11-24");
        let asked = |from: &str| query(serde_json::json!({"from": from, "to": "2026-11-24"})).question(today);
        assert!(asked("2025-10-21").is_ok(), "400 days");
        assert_eq!(pointers(asked("2025-10-20")), ["/from"], "401 days");
        assert!(asked("2026-11-24").is_ok(), "one day");
        assert_eq!(pointers(asked("2026-11-25")), ["/from"], "ends before it begins");
    }
}
