//! Papers as PDF: order confirmation, packing list, contract and pick-up manifest, in Vietnamese; tables as CSV and XLSX.
//!
//! This slice knows no feature. It takes plain structs of what stands on a paper and draws them, without the database
//! and without a clock: the same paper is the same bytes, so that its hash can be kept with an order. Whoever draws a
//! paper later, from the same data, gets the paper that was shown, as long as the program draws it as then; what must
//! be proved is kept as bytes.
//!
//! Lengths are whole twentieths of a point; only `ink` turns them into the numbers of a PDF.

mod clean;
mod font;
mod layout;
mod table;
mod ink;
mod order_paper;
mod contract;
mod manifest;
pub mod sheet;
#[cfg(test)]
mod tests;

pub use clean::{day, grouped, moment};
pub use contract::{ContractPaper, Duty, contract_summary};
pub use layout::{Align, Column, Document, Letterhead, Part, Table};
pub use manifest::{Delivery, ManifestPaper, Stop, pick_up_manifest};
pub use order_paper::{OrderPaper, PaperLine, Party, order_confirmation, packing_list};

use crate::kernel::Result;

/// What papers are.
pub const PDF: &str = "application/pdf";
/// Who issues what the platform says of itself.
pub const PLATFORM: &str = "Sàn thương mại điện tử sản phẩm OCOP";

/// Draws any paper.
pub fn draw(document: &Document) -> Result<Vec<u8>> {
    ink::write(document, &layout::pages(document)?)
}
