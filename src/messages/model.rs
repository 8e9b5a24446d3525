use chrono::{DateTime, TimeDelta, Utc};

use crate::orders::Order;
use crate::{refusals, text_enum};

/// Messages of one conversation.
pub const MESSAGES_MAX: i32 = 1000;
/// Messages of one side about one order within [`HOUR`].
pub const MESSAGES_PER_HOUR_MAX: i64 = 30;
pub const HOUR: TimeDelta = TimeDelta::hours(1);
/// How long after its end an order can still be written about.
pub const OPEN_AFTER_END: TimeDelta = TimeDelta::days(30);

refusals! {
    pub enum MessageRefusal {
        NotOpen = 409 "messages.not_open" "Không thể nhắn tin về đơn hàng này: đơn chưa thanh toán hoặc đã kết thúc quá lâu" "This order cannot be written about: it is unpaid or ended too long ago",
        ConversationFull = 409 "messages.conversation_full" "Cuộc trò chuyện này đã quá dài" "This conversation is too long",
        TooMany = 429 "messages.too_many" "Bạn gửi tin quá nhanh, hãy chờ" "Too many messages, wait",
        NoOpenComplaint = 409 "messages.no_open_complaint" "Chỉ được đọc khi khiếu nại về đơn hàng đang mở" "Only readable while the complaint about the order is open",
    }
}

text_enum! {
    /// Who wrote a message.
    pub enum Sender {
        Buyer = "buyer",
        Producer = "producer",
    }
}

/// Whether an order can be written about: from its payment until some time after its end.
pub fn is_open(order: &Order, now: DateTime<Utc>) -> bool {
    let has_ended = order.status.has_ended();
    let is_long_ago = order.updated_at + OPEN_AFTER_END < now;
    order.paid_at.is_some() && !(has_ended && is_long_ago)
}
