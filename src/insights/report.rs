//! Asking for the figures.

use super::model::{Figures, Question, ROWS_MAX, SalesQuery};
use super::store::{self, Area};
use crate::kernel::error::CommonProblem;
use crate::kernel::time::vietnam_day;
use crate::kernel::{Audience, Result, Role, Territory, Tx};

/// The sales of one day, place, product set or producer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub key: String,
    pub name: String,
    pub figures: Figures,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    pub question: Question,
    pub rows: Vec<Row>,
    /// Over everything asked for, also what `rows` had no room for. Each order counts once.
    pub total: Figures,
    pub is_cut: bool,
}

/// Sums what was sold: for an official inside their territory, for the operator everywhere.
pub fn report(tx: &mut Tx<'_>, query: &SalesQuery) -> Result<Report> {
    let area = area_of(tx)?;
    let question = query.question(vietnam_day(tx.now))?;
    let (total, mut rows) = store::sales(tx, &question, &area)?;
    let kept = usize::try_from(ROWS_MAX).unwrap_or(usize::MAX);
    let is_cut = rows.len() > kept;
    rows.truncate(kept);
    Ok(Report { question, rows, total, is_cut })
}

fn area_of(tx: &Tx<'_>) -> Result<Area> {
    if tx.who.role == Role::Holder(Audience::Operator) {
        tx.who.must(Audience::Operator)?;
        return Ok(Area::Everywhere);
    }
    tx.who.must(Audience::Official)?;
    match tx.who.territory.clone() {
        Some(Territory::Province(code)) => Ok(Area::Province(code)),
        Some(Territory::Communes(codes)) => Ok(Area::Communes(codes)),
        None => Err(CommonProblem::Forbidden.into()),
    }
}
