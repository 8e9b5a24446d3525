//! Accounts, kinds of movements, and a movement.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use schema::ledger_transfers;
use uuid::Uuid;

use crate::kernel::{OrderId, ProducerId, RefundId, TransferId, Vnd};
use crate::{refusals, text_enum};

text_enum! {
    /// Where money can be; the module says what each holds.
    pub enum LedgerAccount {
        Clearing = "clearing",
        Bank = "bank",
        Orders = "orders",
        Producer = "producer",
        RefundsOwed = "refunds_owed",
        PayoutsInTransit = "payouts_in_transit",
        Carriage = "carriage",
        Vat = "vat",
        Pit = "pit",
        Commission = "commission",
        ProviderFees = "provider_fees",
        Vouchers = "vouchers",
        Province = "province",
        Suspense = "suspense",
        SetAside = "set_aside",
    }
}

impl LedgerAccount {
    /// Whether it is ours, or owed to us, and so grows by its debits.
    pub fn grows_by_debits(self) -> bool {
        match self {
            Self::Clearing | Self::Bank | Self::ProviderFees | Self::Vouchers | Self::Province => true,
            Self::Orders
            | Self::Producer
            | Self::RefundsOwed
            | Self::PayoutsInTransit
            | Self::Carriage
            | Self::Vat
            | Self::Pit
            | Self::Commission
            | Self::Suspense
            | Self::SetAside => false,
        }
    }
}

text_enum! {
    /// Why money moves; the database knows between which accounts each may move it.
    pub enum TransferKind {
        Capture = "capture",
        OddMoney = "odd_money",
        OddMoneyReturned = "odd_money_returned",
        OddMoneyMissing = "odd_money_missing",
        OddMoneySetAside = "odd_money_set_aside",
        Refund = "refund",
        LateRefund = "late_refund",
        RefundSent = "refund_sent",
        Sale = "sale",
        Carriage = "carriage",
        CarriageShort = "carriage_short",
        /// Of cash that nobody paid.
        CarriageBorne = "carriage_borne",
        Voucher = "voucher",
        VoucherTakenBack = "voucher_taken_back",
        Fee = "fee",
        FeeReturned = "fee_returned",
        Vat = "vat",
        VatReturned = "vat_returned",
        Pit = "pit",
        PitReturned = "pit_returned",
        VatPaid = "vat_paid",
        PitPaid = "pit_paid",
        Payout = "payout",
        PayoutSent = "payout_sent",
        PayoutFailed = "payout_failed",
        Settlement = "settlement",
        ProviderFee = "provider_fee",
        /// Decided by two people.
        Correction = "correction",
        Reversal = "reversal",
    }
}

impl TransferKind {
    /// What a producer reads in a statement.
    pub fn explained(self) -> &'static str {
        match self {
            Self::Capture => "Khách đã thanh toán đơn hàng",
            Self::OddMoney => "Khoản tiền chưa rõ, đang chờ xử lý",
            Self::OddMoneyReturned => "Đã trả lại khoản tiền chưa rõ",
            Self::OddMoneyMissing => "Không có khoản tiền này",
            Self::OddMoneySetAside => "Đã giữ riêng khoản tiền chưa rõ",
            Self::Refund => "Tiền phải hoàn cho khách",
            Self::LateRefund => "Hoàn tiền cho khách sau khi đơn đã hoàn tất",
            Self::RefundSent => "Đã chuyển tiền hoàn cho khách",
            Self::Sale => "Tiền của đơn hàng đã hoàn tất",
            Self::Carriage => "Tiền vận chuyển trả cho bên giao hàng",
            Self::CarriageShort => "Tiền vận chuyển còn thiếu của đơn đã hoàn tiền",
            Self::CarriageBorne => "Tiền vận chuyển sàn chịu của đơn không thu được tiền",
            Self::Voucher => "Tiền giảm giá được bù lại cho đơn hàng",
            Self::VoucherTakenBack => "Thu lại tiền bù giảm giá của phần đã hoàn tiền",
            Self::Fee => "Phí sàn",
            Self::FeeReturned => "Trả lại phí sàn của phần đã hoàn tiền",
            Self::Vat => "Thuế giá trị gia tăng đã khấu trừ",
            Self::VatReturned => "Trả lại thuế giá trị gia tăng của phần đã hoàn tiền",
            Self::Pit => "Thuế thu nhập cá nhân đã khấu trừ",
            Self::PitReturned => "Trả lại thuế thu nhập cá nhân của phần đã hoàn tiền",
            Self::VatPaid => "Đã nộp thuế giá trị gia tăng vào ngân sách nhà nước",
            Self::PitPaid => "Đã nộp thuế thu nhập cá nhân vào ngân sách nhà nước",
            Self::Payout => "Chuyển tiền về tài khoản ngân hàng của bạn",
            Self::PayoutSent => "Ngân hàng đã chuyển tiền",
            Self::PayoutFailed => "Chuyển tiền không thành, tiền trở lại số dư",
            Self::Settlement => "Đơn vị thanh toán đã chuyển tiền về",
            Self::ProviderFee => "Phí của đơn vị thanh toán",
            Self::Correction => "Bút toán điều chỉnh",
            Self::Reversal => "Bút toán đảo",
        }
    }
}

/// A movement of money that is to be posted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer {
    pub kind: TransferKind,
    /// What it is about; with the kind it names the movement for ever.
    pub subject_id: Uuid,
    pub debit: LedgerAccount,
    pub credit: LedgerAccount,
    pub amount: Vnd,
    pub provider: Option<String>,
    pub producer_id: Option<ProducerId>,
    pub order_id: Option<OrderId>,
    pub refund_id: Option<RefundId>,
    pub reverses: Option<TransferId>,
}

impl Transfer {
    pub fn new(
        kind: TransferKind,
        subject_id: Uuid,
        (debit, credit): (LedgerAccount, LedgerAccount),
        amount: Vnd,
    ) -> Self {
        Self {
            kind,
            subject_id,
            debit,
            credit,
            amount,
            provider: None,
            producer_id: None,
            order_id: None,
            refund_id: None,
            reverses: None,
        }
    }

    pub fn through(mut self, provider: &str) -> Self {
        self.provider = Some(provider.to_owned());
        self
    }

    pub fn of_producer(mut self, producer_id: ProducerId) -> Self {
        self.producer_id = Some(producer_id);
        self
    }

    pub fn of_order(mut self, order_id: OrderId) -> Self {
        self.order_id = Some(order_id);
        self
    }

    pub fn of_refund(mut self, refund_id: RefundId) -> Self {
        self.refund_id = Some(refund_id);
        self
    }
}

/// A movement as it stands in the books.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = ledger_transfers)]
pub struct Posted {
    pub id: TransferId,
    pub kind: TransferKind,
    pub subject_id: Uuid,
    pub debit: LedgerAccount,
    pub credit: LedgerAccount,
    pub amount_vnd: Vnd,
    pub provider: Option<String>,
    pub producer_id: Option<ProducerId>,
    pub order_id: Option<OrderId>,
    pub refund_id: Option<RefundId>,
    pub reverses: Option<TransferId>,
    pub at: DateTime<Utc>,
}

impl Posted {
    /// What corrects it.
    pub fn mirror(&self) -> Transfer {
        Transfer {
            kind: TransferKind::Reversal,
            subject_id: self.id.0,
            debit: self.credit,
            credit: self.debit,
            amount: self.amount_vnd,
            provider: self.provider.clone(),
            producer_id: self.producer_id,
            order_id: self.order_id,
            refund_id: self.refund_id,
            reverses: Some(self.id),
        }
    }
}

refusals! {
    /// What posting refuses: problems of whoever's operations post.
    pub enum LedgerRefusal {
        NotEnough = 409 "ledger.not_enough" "Số dư không đủ" "The balance is not enough",
        AlreadyReversed = 409 "ledger.already_reversed" "Bút toán này đã được đảo" "The transfer has been reversed",
        IsReversal = 409 "ledger.is_reversal" "Không thể đảo một bút toán đảo" "A reversal cannot be reversed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mirror_takes_back_all_of_its_transfer_and_nothing_else() {
        let id = TransferId(Uuid::from_u128(1));
        let posted = Posted {
            id,
            kind: TransferKind::Sale,
            subject_id: Uuid::from_u128(2),
            debit: LedgerAccount::Orders,
            credit: LedgerAccount::Producer,
            amount_vnd: Vnd::new(7).unwrap(),
            provider: None,
            producer_id: Some(ProducerId(Uuid::from_u128(3))),
            order_id: Some(OrderId(Uuid::from_u128(2))),
            refund_id: None,
            reverses: None,
            at: DateTime::UNIX_EPOCH,
        };
        let mirror = posted.mirror();
        assert_eq!((mirror.debit, mirror.credit, mirror.amount), (posted.credit, posted.debit, posted.amount_vnd));
        assert_eq!((mirror.subject_id, mirror.reverses), (id.0, Some(id)));
        assert_eq!((mirror.producer_id, mirror.order_id), (posted.producer_id, posted.order_id));
    }

    #[test]
    fn every_kind_is_explained_in_its_own_words() {
        let mut texts: Vec<&str> = TransferKind::ALL.iter().map(|kind| kind.explained()).collect();
        texts.sort_unstable();
        texts.dedup();
        assert_eq!(texts.len(), TransferKind::ALL.len());
    }
}
