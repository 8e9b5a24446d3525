use serde::Serialize;

use crate::kernel::Text;
use crate::kernel::input::{FaultCode, Faults, Whole};
use crate::{input, text_enum};

text_enum! {
    /// What one unit of an amount is.
    pub enum AmountUnit {
        Dong = "dong",
        /// Đồng times a hundred.
        Hundredth = "hundredth",
    }
}

text_enum! {
    /// How a moment is written: the order of day, month, year of four digits, hours, minutes and seconds, each of two, and
    /// what stands between; in Vietnam's time, but for RFC 3339.
    pub enum TimeFormat {
        SlashedSeconds = "d/m/y h:m:s",
        SlashedMinutes = "d/m/y h:m",
        SlashedDay = "d/m/y",
        DashedSeconds = "d-m-y h:m:s",
        Seconds = "y-m-d h:m:s",
        Day = "y-m-d",
        Digits = "ymdhms",
        Rfc3339 = "rfc3339",
    }
}

input! {
    /// Which column is what. A column is named as in the file, in either case; `#3` is the third, whatever it is called.
    /// With numbers alone there need be no row of names.
    #[derive(Debug, Serialize)]
    pub struct SettlementRules {
        /// Our reference.
        #[schema(example = "Mã tham chiếu")]
        pub reference: Option<Text<80>>,
        /// Whether the reference stands somewhere in a text, as in what a buyer writes in a transfer.
        pub reference_is_text: bool,
        /// The number that the provider or the bank gives the transaction.
        #[schema(example = "Mã giao dịch")]
        pub transaction: Option<Text<80>>,
        /// What was paid, whole, before the fee; below zero what was paid back.
        #[schema(example = "Số tiền")]
        pub amount: Text<80>,
        pub amount_unit: AmountUnit,
        /// What was paid back, where it stands in a column of its own.
        pub outgoing: Option<Text<80>>,
        /// Whether a row without an amount is none of ours, as one of a statement that shows other movements too.
        pub skips_without_amount: bool,
        /// What the provider kept.
        #[schema(example = "Phí")]
        pub fee: Option<Text<80>>,
        #[schema(example = "Thời gian")]
        pub time: Option<Text<80>>,
        pub time_format: TimeFormat,
        /// Whether it is done.
        #[schema(example = "Trạng thái")]
        pub status: Option<Text<80>>,
        /// Which statuses count; with a column of statuses at least one.
        #[schema(max_items = 100, example = json!(["Thành công"]))]
        pub counting: Vec<Text<80>>,
        /// Whether it was paid or paid back.
        pub kind: Option<Text<80>>,
        /// What says that it was paid back; with a column of kinds at least one.
        #[schema(max_items = 100, example = json!(["Hoàn tiền"]))]
        pub refunding: Vec<Text<80>>,
        /// Rows before the names of the columns, or before the first movement.
        pub rows_skipped: Whole<0, 100>,
        /// How rows begin that are none: sums.
        #[schema(max_items = 100, example = json!(["Tổng cộng"]))]
        pub ending: Vec<Text<80>>,
    }
}

impl SettlementRules {
    /// The columns that are looked for.
    pub fn columns(&self) -> Vec<&str> {
        let optional =
            [&self.reference, &self.transaction, &self.outgoing, &self.fee, &self.time, &self.status, &self.kind];
        let named = optional.into_iter().flatten().chain([&self.amount]);
        let mut names: Vec<&str> = named.map(Text::as_str).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Whether refunds can stand in such a file.
    pub fn reads_refunds(&self) -> bool {
        self.kind.is_some() || self.outgoing.is_some()
    }

    /// What several fields say together.
    pub fn look(&self, at: &mut Faults) {
        if self.reference.is_none() && self.transaction.is_none() {
            at.inside("reference", |at| at.add(FaultCode::Missing, ""));
        }
        for (column, words, name) in
            [(&self.status, &self.counting, "counting"), (&self.kind, &self.refunding, "refunding")]
        {
            if column.is_some() && words.is_empty() {
                at.inside(name, |at| at.add(FaultCode::Empty, ""));
            }
        }
    }
}

/// Columns that tests of the reader use.
#[cfg(test)]
pub fn plain_rules() -> SettlementRules {
    let text = |text: &str| {
        use crate::kernel::input::Input as _;
        Text::<80>::read(&text.into(), &mut Faults::default()).unwrap()
    };
    SettlementRules {
        reference: Some(text("Ref")),
        reference_is_text: false,
        transaction: Some(text("Txn")),
        amount: text("Amount"),
        amount_unit: AmountUnit::Dong,
        outgoing: None,
        skips_without_amount: false,
        fee: Some(text("Fee")),
        time: Some(text("Time")),
        time_format: TimeFormat::Seconds,
        status: None,
        counting: Vec::new(),
        kind: None,
        refunding: Vec::new(),
        rows_skipped: {
            use crate::kernel::input::Input as _;
            Whole::read(&0.into(), &mut Faults::default()).unwrap()
        },
        ending: vec![text("Tổng")],
    }
}
