//! Paying back through the provider that was paid, where it has a way for that.

use super::configured::Providers;
use super::providers::{HttpAnswer, HttpCall, Provider as _, ProviderId, Question, RefundQuestion, Refunded};

impl Providers {
    /// Whether this provider can be asked to pay back.
    pub fn pays_back(&self, id: ProviderId) -> bool {
        match id {
            ProviderId::Vnpay => self.vnpay.as_ref().is_some_and(|vnpay| vnpay.api_url.is_some()),
            ProviderId::Momo => self.momo.is_some(),
            ProviderId::Zalopay => self.zalopay.is_some(),
            ProviderId::BankTransfer | ProviderId::Payos | ProviderId::VietqrVn => false,
            ProviderId::Ghn | ProviderId::Ghtk | ProviderId::ViettelPost => false,
        }
    }

    /// Asks a provider to pay back.
    pub fn refund(&self, id: ProviderId, refund: &RefundQuestion<'_>) -> Option<HttpCall> {
        match id {
            ProviderId::Vnpay => self.vnpay.as_ref()?.refund(refund),
            ProviderId::Momo => Some(self.momo.as_ref()?.refund(refund)),
            ProviderId::Zalopay => Some(self.zalopay.as_ref()?.refund(refund)),
            ProviderId::BankTransfer | ProviderId::Payos | ProviderId::VietqrVn => None,
            ProviderId::Ghn | ProviderId::Ghtk | ProviderId::ViettelPost => None,
        }
    }

    /// Asks what became of a refund; VNPAY and MoMo tell it with the payment. The number of the question is new.
    pub fn ask_refund(&self, id: ProviderId, refund: &RefundQuestion<'_>, number: &str) -> Option<HttpCall> {
        let RefundQuestion { reference, captured, created_at, now, .. } = *refund;
        let question = Question { reference, order: None, amount: captured, created_at, now, number };
        match id {
            ProviderId::Vnpay => self.vnpay.as_ref()?.ask(&question),
            ProviderId::Momo => self.momo.as_ref()?.ask(&question),
            ProviderId::Zalopay => Some(self.zalopay.as_ref()?.ask_refund(refund)),
            ProviderId::BankTransfer | ProviderId::Payos | ProviderId::VietqrVn => None,
            ProviderId::Ghn | ProviderId::Ghtk | ProviderId::ViettelPost => None,
        }
    }

    /// What the provider says when it is asked to pay back.
    pub fn read_refund(&self, id: ProviderId, refund: &RefundQuestion<'_>, answer: &HttpAnswer) -> Refunded {
        let read = match id {
            ProviderId::Vnpay => self.vnpay.as_ref().map(|vnpay| vnpay.read_refund(refund, answer)),
            ProviderId::Momo => self.momo.as_ref().map(|momo| momo.read_refund(refund, answer)),
            ProviderId::Zalopay => self.zalopay.as_ref().map(|zalopay| zalopay.read_refund(answer)),
            ProviderId::BankTransfer | ProviderId::Payos | ProviderId::VietqrVn => None,
            ProviderId::Ghn | ProviderId::Ghtk | ProviderId::ViettelPost => None,
        };
        read.unwrap_or_else(nobody)
    }

    /// What the provider says when it is asked what became of a refund.
    pub fn read_refund_asked(&self, id: ProviderId, refund: &RefundQuestion<'_>, answer: &HttpAnswer) -> Refunded {
        let read = match id {
            ProviderId::Vnpay => self.vnpay.as_ref().map(|vnpay| vnpay.read_refund_asked(refund, answer)),
            ProviderId::Momo => self.momo.as_ref().map(|momo| momo.read_refund_asked(refund, answer)),
            ProviderId::Zalopay => self.zalopay.as_ref().map(|zalopay| zalopay.read_refund(answer)),
            ProviderId::BankTransfer | ProviderId::Payos | ProviderId::VietqrVn => None,
            ProviderId::Ghn | ProviderId::Ghtk | ProviderId::ViettelPost => None,
        };
        read.unwrap_or_else(nobody)
    }
}

fn nobody() -> Refunded {
    Refunded::Unclear("nobody was asked".to_owned())
}
