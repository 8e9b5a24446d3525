//! The words of every topic in Vietnamese and English, with gaps for the facts.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;

use super::model::{Group, Language, Reach, Topic};
use crate::kernel::time::vietnam;
use crate::kernel::{Error, Result};

pub struct Template {
    topic: Topic,
    pub group: Group,
    pub reach: Reach,
    vi: (&'static str, &'static str),
    en: (&'static str, &'static str),
}

const fn template(
    topic: Topic,
    group: Group,
    reach: Reach,
    vi: (&'static str, &'static str),
    en: (&'static str, &'static str),
) -> Template {
    Template { topic, group, reach, vi, en }
}

#[rustfmt::skip]
const TEMPLATES: &[Template] = &[
    template(Topic::OrderPaid, Group::Selling, Reach::Urgent,
        ("Đơn hàng mới", "Đơn {order_code} đã được thanh toán {total_vnd}. Hãy nhận đơn trước {accept_by}."),
        ("New order", "Order {order_code} has been paid: {total_vnd}. Accept it before {accept_by}.")),
    template(Topic::OrderConfirmed, Group::Selling, Reach::Urgent,
        ("Đơn hàng mới", "Đơn {order_code} trị giá {total_vnd}, người mua trả tiền khi nhận hàng. Hãy nhận đơn trước {accept_by}."),
        ("New order", "Order {order_code} of {total_vnd} is paid on delivery. Accept it before {accept_by}.")),
    template(Topic::OrderRefusedUnpaid, Group::Buying, Reach::Push,
        ("Đơn hàng bị từ chối", "{producer_name} không nhận đơn {order_code}: {reason}. Bạn không phải trả tiền cho đơn này."),
        ("Order refused", "{producer_name} has refused order {order_code}: {reason}. There is nothing to pay.")),
    template(Topic::OrderCancelledUnpaid, Group::Buying, Reach::Push,
        ("Đơn hàng đã tự huỷ", "Đơn {order_code} của {producer_name} đã tự huỷ vì quá hạn trả lời. Người mua không phải trả tiền."),
        ("Order cancelled by the deadline", "Order {order_code} of {producer_name} was cancelled because nobody answered in time. There is nothing to pay.")),
    template(Topic::OrderCollects, Group::Buying, Reach::Push,
        ("Đơn hàng đang được giao", "Đơn {order_code} đã giao cho {carrier_name}. Hãy chuẩn bị {total_vnd} để trả khi nhận hàng."),
        ("Order on its way", "Order {order_code} was handed to {carrier_name}. Please have {total_vnd} ready for the delivery.")),
    template(Topic::OrderReminder, Group::Selling, Reach::Push,
        ("Đơn hàng đang chờ bạn", "Đơn {order_code} chưa được nhận. Nếu không nhận trước {accept_by}, đơn sẽ tự huỷ."),
        ("An order waits for you", "Order {order_code} is not accepted yet. It is cancelled if nobody accepts it before {accept_by}.")),
    template(Topic::OrderReminderHelper, Group::Selling, Reach::Push,
        ("Hộ cần được nhắc nhận đơn", "{producer_name} chưa nhận đơn {order_code}, hạn {accept_by}. Hãy liên hệ giúp bà con."),
        ("A household needs a reminder", "{producer_name} has not accepted order {order_code}, due {accept_by}. Please get in touch.")),
    template(Topic::OrderReminderOfficer, Group::Selling, Reach::Push,
        ("Đơn hàng trong xã sắp quá hạn", "{producer_name} chưa nhận đơn {order_code}, hạn {accept_by}. Hãy phân công người hỗ trợ."),
        ("An order in your commune is nearly overdue", "{producer_name} has not accepted order {order_code}, due {accept_by}. Please send somebody to help.")),
    template(Topic::OrderAccepted, Group::Buying, Reach::Push,
        ("Đơn hàng đã được nhận", "{producer_name} đã nhận đơn {order_code} và đang chuẩn bị hàng."),
        ("Order accepted", "{producer_name} has accepted order {order_code} and prepares the goods.")),
    template(Topic::OrderRefused, Group::Buying, Reach::Push,
        ("Đơn hàng bị từ chối", "{producer_name} không nhận đơn {order_code}: {reason}. Bạn được hoàn {refund_vnd}."),
        ("Order refused", "{producer_name} has refused order {order_code}: {reason}. {refund_vnd} will be paid back.")),
    template(Topic::OrderAutoCancelled, Group::Buying, Reach::Push,
        ("Đơn hàng đã tự huỷ", "Đơn {order_code} của {producer_name} đã tự huỷ vì quá hạn trả lời. Người mua được hoàn {refund_vnd}."),
        ("Order cancelled by the deadline", "Order {order_code} of {producer_name} was cancelled because nobody answered in time. The buyer gets {refund_vnd} back.")),
    template(Topic::OrderCancelled, Group::Selling, Reach::Push,
        ("Đơn hàng đã bị huỷ", "Người mua đã huỷ đơn {order_code}. Hàng đã được trả lại kho của bạn."),
        ("Order cancelled", "The buyer has cancelled order {order_code}. Its goods are back in your stock.")),
    template(Topic::OrderPacked, Group::Buying, Reach::Inbox,
        ("Đơn hàng đã đóng gói", "{producer_name} đã đóng gói đơn {order_code}."),
        ("Order packed", "{producer_name} has packed order {order_code}.")),
    template(Topic::WeightQuestion, Group::Buying, Reach::Push,
        ("Khối lượng thực tế khác đơn đặt", "{product_title} trong đơn {order_code} nặng {weighed_g} thay vì {ordered_g}, tổng tiền là {total_vnd}. Hãy trả lời trước {answer_by}, nếu không đơn sẽ bị hủy, tiền đã trả được hoàn lại."),
        ("The real weight differs", "{product_title} in order {order_code} weighs {weighed_g} instead of {ordered_g}; the total is {total_vnd}. Answer before {answer_by}, or the order is cancelled and what was paid is refunded.")),
    template(Topic::OrderHandedOver, Group::Buying, Reach::Push,
        ("Đơn hàng đang trên đường", "Đơn {order_code} đã được giao cho {carrier_name}. Hãy xem hành trình trong ứng dụng."),
        ("Order on its way", "Order {order_code} was handed over to {carrier_name}. Follow it in the app.")),
    template(Topic::ReadyForPickup, Group::Buying, Reach::Push,
        ("Mời bạn đến nhận hàng", "Đơn {order_code} đã sẵn sàng tại {place_name} (mở cửa: {opening}). Mã nhận hàng có trong ứng dụng."),
        ("Ready for pick-up", "Order {order_code} waits at {place_name} (open: {opening}). The pick-up code is in the app.")),
    template(Topic::OrderDelivered, Group::Buying, Reach::Push,
        ("Đơn hàng đã giao", "Đơn {order_code} đã được giao. Nếu hàng có vấn đề, hãy báo trước {claim_by}."),
        ("Order delivered", "Order {order_code} was delivered. If anything is wrong, say so before {claim_by}.")),
    template(Topic::DeliveryFailed, Group::Buying, Reach::Push,
        ("Giao hàng không thành công", "Đơn {order_code} chưa giao được: {reason}."),
        ("Delivery failed", "Order {order_code} could not be delivered: {reason}.")),
    template(Topic::OrderReturned, Group::Selling, Reach::Push,
        ("Hàng đã được hoàn về", "Hàng của đơn {order_code} đã được hoàn về."),
        ("Goods came back", "The goods of order {order_code} have come back.")),
    template(Topic::RefundOwed, Group::Money, Reach::Push,
        ("Bạn sẽ được hoàn tiền", "Đơn {order_code}: {refund_vnd} sẽ được hoàn theo cách bạn đã thanh toán. Nếu đã chuyển khoản, hãy cho biết số tài khoản nhận tiền trong đơn hàng."),
        ("Money will be paid back", "Order {order_code}: {refund_vnd} will be paid back the way you paid. If that was a bank transfer, name in the order the account that gets it.")),
    template(Topic::RefundSent, Group::Money, Reach::Push,
        ("Tiền đã được hoàn", "Đơn {order_code}: {refund_vnd} đã được hoàn cho bạn. Tuỳ ngân hàng hoặc ví, tiền có thể về sau vài ngày."),
        ("Money paid back", "Order {order_code}: {refund_vnd} has been paid back. Depending on the bank or wallet it may take a few days to arrive.")),
    template(Topic::HarvestDue, Group::Selling, Reach::Push,
        ("Hãy khai báo sản lượng thu hoạch", "Vụ thu hoạch {product_title} có {ordered} đơn vị đã được đặt trước. Nếu không khai báo sản lượng trước {declare_by}, các đơn đặt trước sẽ tự huỷ và được hoàn tiền."),
        ("Say what you harvested", "Of your harvest of {product_title}, {ordered} units are ordered. Unless you say before {declare_by} what came, those orders are cancelled and refunded.")),
    template(Topic::HarvestIn, Group::Buying, Reach::Push,
        ("Hàng đặt trước đã thu hoạch", "{product_title} đã thu hoạch ngày {harvest_on}: đơn {order_code} nhận đủ {ordered} đã đặt."),
        ("Your pre-order is harvested", "{product_title} was harvested on {harvest_on}: order {order_code} gets all {ordered} that you ordered.")),
    template(Topic::HarvestShort, Group::Buying, Reach::Push,
        ("Sản lượng thu hoạch thấp hơn dự kiến", "Vụ thu hoạch {product_title} ngày {harvest_on} không đủ: đơn {order_code} nhận {got} trong số {ordered} đã đặt. Bạn được hoàn {refund_vnd}."),
        ("The harvest is smaller than planned", "The harvest of {product_title} on {harvest_on} was too small: order {order_code} gets {got} of the {ordered} ordered. {refund_vnd} will be paid back.")),
    template(Topic::LotRecalled, Group::Safety, Reach::Urgent,
        ("Thu hồi sản phẩm: đừng sử dụng", "Lô {lot_code} của {product_title} trong đơn {order_code} bị thu hồi: {reason}. Đừng sử dụng sản phẩm và xem hướng dẫn trong ứng dụng."),
        ("Recall: do not use the product", "Lot {lot_code} of {product_title} in order {order_code} is recalled: {reason}. Do not use it and read the instructions in the app.")),
    template(Topic::ClaimOpened, Group::Talk, Reach::Push,
        ("Người mua khiếu nại đơn hàng", "Người mua báo hàng của đơn {order_code} có vấn đề. Hãy trả lời trước {answer_by}."),
        ("The buyer makes a claim", "The buyer says that something is wrong with order {order_code}. Answer before {answer_by}.")),
    template(Topic::ClaimOffered, Group::Talk, Reach::Push,
        ("Người bán đề nghị hoàn tiền", "Với yêu cầu về đơn {order_code}, người bán đề nghị hoàn {offered_vnd}. Hãy trả lời trước {answer_by}, nếu không sàn sẽ quyết định."),
        ("The seller makes an offer", "For the claim about order {order_code} the seller offers {offered_vnd}. Answer before {answer_by}, or the platform decides.")),
    template(Topic::ClaimReturnAsked, Group::Talk, Reach::Push,
        ("Người bán đề nghị trả lại hàng", "Hãy gửi trả hàng của đơn {order_code} trước {return_by}. Bạn được hoàn tiền khi người bán nhận lại hàng."),
        ("The seller asks for the goods", "Send the goods of order {order_code} back before {return_by}. You are refunded when the seller has received them.")),
    template(Topic::ClaimInReview, Group::Talk, Reach::Push,
        ("Yêu cầu được chuyển cho sàn", "Yêu cầu về đơn {order_code} đã chuyển cho sàn xem xét, hạn quyết định {decide_by}."),
        ("The platform decides on a claim", "The claim about order {order_code} is with the platform, which decides before {decide_by}.")),
    template(Topic::ClaimDecided, Group::Talk, Reach::Push,
        ("Đã có quyết định cho yêu cầu của bạn", "Yêu cầu về đơn {order_code} đã được quyết định. Số tiền hoàn: {refund_vnd}."),
        ("Your claim was decided", "The claim about order {order_code} was decided. Paid back: {refund_vnd}.")),
    template(Topic::ClaimEnded, Group::Talk, Reach::Push,
        ("Yêu cầu của người mua đã kết thúc", "Yêu cầu về đơn {order_code} đã kết thúc. Số tiền hoàn cho người mua: {refund_vnd}."),
        ("The buyer's claim has ended", "The claim about order {order_code} has ended. Paid back to the buyer: {refund_vnd}.")),
    template(Topic::ClaimWithdrawn, Group::Talk, Reach::Inbox,
        ("Người mua đã rút yêu cầu", "Người mua đã rút yêu cầu về đơn {order_code}."),
        ("The buyer withdrew the claim", "The buyer has withdrawn the claim about order {order_code}.")),
    template(Topic::ComplaintReceived, Group::Talk, Reach::Push,
        ("Có khiếu nại cần trả lời", "Khiếu nại {complaint_code} cần được trả lời trước {answer_by}."),
        ("A complaint needs an answer", "Complaint {complaint_code} needs an answer before {answer_by}.")),
    template(Topic::ComplaintAnswered, Group::Talk, Reach::Push,
        ("Khiếu nại của bạn đã được trả lời", "Khiếu nại {complaint_code} đã được trả lời."),
        ("Your complaint was answered", "Complaint {complaint_code} has an answer.")),
    template(Topic::MessageReceived, Group::Talk, Reach::Inbox,
        ("Tin nhắn mới", "{sender_name} đã nhắn về đơn {order_code}."),
        ("New message", "{sender_name} wrote about order {order_code}.")),
    template(Topic::ReviewWritten, Group::Talk, Reach::Inbox,
        ("Đánh giá mới", "{product_title} được đánh giá {stars}/5 sao."),
        ("New review", "{product_title} was given {stars} of 5 stars.")),
    template(Topic::ReviewAnswered, Group::Talk, Reach::Inbox,
        ("Đánh giá của bạn đã được trả lời", "{producer_name} đã trả lời đánh giá của bạn về {product_title}."),
        ("Your review was answered", "{producer_name} has answered your review of {product_title}.")),
    template(Topic::VoucherSpentOut, Group::Money, Reach::Push,
        ("Mã giảm giá đã dùng hết", "Mã {voucher_code} đã dùng hết ngân sách, tổng cộng {spent_vnd}."),
        ("A voucher is spent", "Voucher {voucher_code} has used up its budget: {spent_vnd}.")),
    template(Topic::ComplaintOpened, Group::Talk, Reach::Push,
        ("Đã có khiếu nại mới", "Khiếu nại {complaint_code} về đơn {order_code} đã được gửi đến sàn. Sàn tiếp nhận chậm nhất ngày {due_on}."),
        ("A complaint was made", "Complaint {complaint_code} about order {order_code} was sent to the platform, which acknowledges it by {due_on}.")),
    template(Topic::ComplaintAcknowledged, Group::Talk, Reach::Push,
        ("Khiếu nại đã được tiếp nhận", "Sàn đã tiếp nhận khiếu nại {complaint_code} và sẽ bắt đầu thương lượng hoặc trả lời chậm nhất ngày {due_on}."),
        ("The complaint was acknowledged", "The platform has acknowledged complaint {complaint_code}; negotiation or an answer follows by {due_on}.")),
    template(Topic::ComplaintNegotiating, Group::Talk, Reach::Push,
        ("Khiếu nại đang được thương lượng", "Việc thương lượng về khiếu nại {complaint_code} đã bắt đầu và kết thúc chậm nhất ngày {due_on}."),
        ("The complaint is negotiated", "Negotiation about complaint {complaint_code} has begun and ends by {due_on}.")),
    template(Topic::ComplaintReferred, Group::Talk, Reach::Inbox,
        ("Khiếu nại được chuyển cho bên liên quan", "Sàn đã chuyển khiếu nại {complaint_code} cho bên thứ ba có liên quan."),
        ("The complaint was referred", "The platform has handed complaint {complaint_code} to a third party concerned.")),
    template(Topic::ComplaintSettled, Group::Talk, Reach::Push,
        ("Khiếu nại đã được giải quyết", "Khiếu nại {complaint_code} đã thương lượng thành công. Hãy xem kết quả trong ứng dụng."),
        ("The complaint was settled", "Complaint {complaint_code} was settled. See the result in the app.")),
    template(Topic::ComplaintRefused, Group::Talk, Reach::Push,
        ("Khiếu nại không được chấp nhận", "Sàn không chấp nhận khiếu nại {complaint_code}. Hãy xem lý do và quyền tiếp theo trong ứng dụng."),
        ("The complaint was refused", "The platform has refused complaint {complaint_code}. See the reason and further rights in the app.")),
    template(Topic::ComplaintEscalated, Group::Talk, Reach::Push,
        ("Khiếu nại được chuyển lên cơ quan nhà nước", "Người mua đã đưa khiếu nại {complaint_code} lên cơ quan có thẩm quyền."),
        ("The complaint goes to the authority", "The buyer has brought complaint {complaint_code} before the authority.")),
    template(Topic::ComplaintClosed, Group::Talk, Reach::Inbox,
        ("Khiếu nại đã kết thúc", "Khiếu nại {complaint_code} đã kết thúc."),
        ("The complaint is closed", "Complaint {complaint_code} is closed.")),
    template(Topic::ReviewHidden, Group::Talk, Reach::Push,
        ("Đánh giá của bạn đã bị ẩn", "Đánh giá của bạn về {product_title} đã bị ẩn: {reason}. Bạn có thể đề nghị xem xét lại."),
        ("Your review was hidden", "Your review of {product_title} was hidden: {reason}. You can ask for another look.")),
    template(Topic::ReviewUpheld, Group::Talk, Reach::Push,
        ("Đánh giá của bạn vẫn bị ẩn", "Sau khi xem xét lại, đánh giá của bạn về {product_title} vẫn bị ẩn: {reason}."),
        ("Your review stays hidden", "After another look your review of {product_title} stays hidden: {reason}.")),
    template(Topic::ReviewRestored, Group::Talk, Reach::Inbox,
        ("Đánh giá của bạn đã được hiển thị lại", "Đánh giá của bạn về {product_title} đã được hiển thị lại."),
        ("Your review is shown again", "Your review of {product_title} is shown again.")),
    template(Topic::ProducerApproved, Group::Selling, Reach::Push,
        ("Hồ sơ đã được duyệt", "Hồ sơ của {producer_name} đã được duyệt. Bạn có thể đăng bán sản phẩm."),
        ("The profile was approved", "The profile of {producer_name} was approved. You can offer products now.")),
    template(Topic::ProducerRejected, Group::Selling, Reach::Push,
        ("Hồ sơ không được duyệt", "Hồ sơ của {producer_name} không được duyệt: {reason}."),
        ("The profile was rejected", "The profile of {producer_name} was rejected: {reason}.")),
    template(Topic::ProducerNeedsChanges, Group::Selling, Reach::Push,
        ("Hồ sơ cần bổ sung", "Hồ sơ của {producer_name} cần sửa hoặc bổ sung: {reason}."),
        ("The profile needs changes", "The profile of {producer_name} needs changes: {reason}.")),
    template(Topic::ProductPublished, Group::Selling, Reach::Inbox,
        ("Sản phẩm đã được đăng bán", "{product_title} đã được duyệt và đang bán trên sàn."),
        ("The product is for sale", "{product_title} was approved and is for sale now.")),
    template(Topic::ProductRejected, Group::Selling, Reach::Push,
        ("Sản phẩm không được duyệt", "{product_title} không được duyệt: {reason}."),
        ("The product was rejected", "{product_title} was rejected: {reason}.")),
    template(Topic::ProductNeedsChanges, Group::Selling, Reach::Push,
        ("Sản phẩm cần sửa", "{product_title} cần sửa trước khi đăng bán: {reason}."),
        ("The product needs changes", "{product_title} needs changes before it can be sold: {reason}.")),
    template(Topic::BankAccountGiven, Group::Money, Reach::Urgent,
        ("Tài khoản nhận tiền đã thay đổi", "Tài khoản nhận tiền mới: {bank_name}, số cuối {last_digits}. Sàn chỉ chuyển tiền vào đó từ {usable_at}. Nếu không phải bạn thay đổi, hãy báo ngay cho sàn."),
        ("The account for your money was changed", "The new account is at {bank_name}, ending in {last_digits}. Nothing is paid to it before {usable_at}. If this was not you, tell the platform at once.")),
    template(Topic::BankAccountVerified, Group::Money, Reach::Push,
        ("Tài khoản nhận tiền đã được xác nhận", "Tài khoản {bank_name}, số cuối {last_digits}, đã được xác nhận và dùng được từ {usable_at}."),
        ("The bank account was verified", "The account at {bank_name} ending in {last_digits} was verified and can be paid to from {usable_at}.")),
    template(Topic::BankAccountRejected, Group::Money, Reach::Push,
        ("Tài khoản nhận tiền không được chấp nhận", "Tài khoản {bank_name}, số cuối {last_digits}, không được chấp nhận: {reason}. Hãy khai báo tài khoản khác."),
        ("The bank account was refused", "The account at {bank_name} ending in {last_digits} was refused: {reason}. Please give another one.")),
    template(Topic::PayoutWaits, Group::Money, Reach::Push,
        ("Bạn có tiền chưa nhận được", "Bạn có {amount_vnd} chưa được chuyển vì chưa có tài khoản ngân hàng dùng được, hoặc một khoản trước đang được xử lý. Hãy xem mục Chi trả trong ứng dụng."),
        ("Your money waits", "{amount_vnd} could not be paid to you: there is no bank account that can be used, or an earlier payout is under way. See the payouts in the app.")),
    template(Topic::PayoutPaid, Group::Money, Reach::Push,
        ("Tiền bán hàng đã được chuyển", "{amount_vnd} đã được chuyển vào tài khoản {bank_name}, số cuối {last_digits}."),
        ("You were paid", "{amount_vnd} was sent to the account at {bank_name} ending in {last_digits}.")),
    template(Topic::PayoutFailed, Group::Money, Reach::Push,
        ("Chưa chuyển được tiền bán hàng", "{amount_vnd} chưa chuyển được vào tài khoản {bank_name}, số cuối {last_digits}. Số tiền đã trở lại số dư của bạn và sẽ được chuyển vào lần chi trả sau."),
        ("A payout failed", "{amount_vnd} could not be sent to the account at {bank_name} ending in {last_digits}. It is in your balance again and follows with the next payout.")),
    template(Topic::TaxThresholdNear, Group::Money, Reach::Push,
        ("Doanh thu sắp tới ngưỡng chịu thuế", "Doanh thu năm {year} qua sàn là {revenue_vnd}, hơn {percent}% ngưỡng {threshold_vnd}. Nếu vượt ngưỡng, bạn phải nộp thuế và dùng hóa đơn điện tử."),
        ("Revenue is near the tax threshold", "Revenue of {year} through the platform is {revenue_vnd}, more than {percent} % of the threshold of {threshold_vnd}. Above it tax is owed and e-invoices are compulsory.")),
    template(Topic::TaxThresholdPassed, Group::Money, Reach::Push,
        ("Doanh thu đã vượt ngưỡng chịu thuế", "Doanh thu năm {year} qua sàn là {revenue_vnd}, vượt ngưỡng {threshold_vnd} nên phải nộp thuế. Hãy quyết toán số đã khấu trừ với cơ quan thuế và đăng ký hóa đơn điện tử đúng hạn."),
        ("Revenue has passed the tax threshold", "Revenue of {year} through the platform is {revenue_vnd}, above the threshold of {threshold_vnd}, so tax is owed. Settle what was withheld with the tax office and register for e-invoices in time.")),
    template(Topic::TransferOverdue, Group::Money, Reach::Push,
        ("Khoản chuyển tiền chưa rõ kết quả", "Khoản chuyển {reference}, {amount_vnd}, gửi lúc {sent_at} vẫn chưa rõ kết quả. Hãy kiểm tra với ngân hàng và ghi nhận kết quả."),
        ("A transfer has no end", "Nobody knows what became of transfer {reference} of {amount_vnd}, sent at {sent_at}. Ask the bank and record it.")),
    template(Topic::RefundOverdue, Group::Money, Reach::Push,
        ("Khoản hoàn tiền chưa rõ kết quả", "Khoản hoàn {refund_vnd} của đơn {order_code}, gửi lúc {sent_at}, vẫn chưa rõ kết quả. Hãy kiểm tra với đơn vị thanh toán và ghi nhận kết quả."),
        ("A refund has no end", "Nobody knows what became of the refund of {refund_vnd} for order {order_code}, sent at {sent_at}. Ask the provider and record it.")),
    template(Topic::FeeAnnounced, Group::Money, Reach::Push,
        ("Phí sàn sẽ thay đổi", "Từ ngày {effective_on}, phí sàn là {percent}% tiền hàng thay cho {percent_before}%. Đơn đặt trước ngày đó vẫn tính theo mức cũ."),
        ("The platform's fee will change", "From {effective_on} the platform's fee is {percent}% of the goods instead of {percent_before}%. Orders placed before that day keep the old rate.")),
];

pub fn of(topic: Topic) -> Result<&'static Template> {
    TEMPLATES.iter().find(|t| t.topic == topic).ok_or_else(|| Error::internal(format!("{topic} has no words")))
}

/// Title and text with the facts in their gaps.
pub fn words(topic: Topic, facts: &Value, language: Language) -> Result<(String, String)> {
    let template = of(topic)?;
    let (title, text) = match language {
        Language::Vietnamese => template.vi,
        Language::English => template.en,
    };
    Ok((title.to_owned(), filled(text, facts)))
}

/// What every fact looks like in a sentence, by name; for templates that are filled elsewhere.
pub fn gaps(facts: &Value) -> Vec<(String, String)> {
    facts.as_object().into_iter().flatten().map(|(name, fact)| (name.clone(), shown(name, fact))).collect()
}

/// A fact that is missing in old news leaves its gap empty.
fn filled(text: &str, facts: &Value) -> String {
    let mut parts = text.split('{');
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once('}').unwrap_or((part, ""));
        filled.push_str(&facts.get(name).map(|fact| shown(name, fact)).unwrap_or_default());
        filled.push_str(rest);
    }
    filled
}

fn shown(name: &str, fact: &Value) -> String {
    let moment = || fact.as_str().and_then(|text| text.parse::<DateTime<Utc>>().ok());
    let day = || fact.as_str().and_then(|text| text.parse::<NaiveDate>().ok());
    let known = match name.rsplit('_').next() {
        Some("vnd") => fact.as_i64().map(|amount| format!("{} đ", grouped(amount))),
        Some("g") => fact.as_i64().map(|grams| format!("{} g", grouped(grams))),
        Some("by" | "at") => moment().map(|at| vietnam(at).format("%H:%M %d/%m/%Y").to_string()),
        Some("on") => day().map(|on| on.format("%d/%m/%Y").to_string()),
        _ => None,
    };
    known.unwrap_or_else(|| fact.as_str().map_or_else(|| fact.to_string(), str::to_owned))
}

/// 1.250.000
fn grouped(number: i64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        let left = digits.len().saturating_sub(place);
        if place > 0 && left.is_multiple_of(3) {
            grouped.push('.');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::news::samples;
    use super::*;

    fn gaps_of(text: &str) -> BTreeSet<&str> {
        text.split('{').skip(1).filter_map(|part| part.split('}').next()).collect()
    }

    #[test]
    fn every_topic_has_news_and_words_in_both_languages_that_name_its_facts() {
        let mut seen = BTreeSet::new();
        for news in samples::all() {
            let facts = serde_json::to_value(&news).unwrap();
            let topic = Topic::parse(facts["topic"].as_str().unwrap()).expect("a topic");
            let template = of(topic).unwrap();
            let known: BTreeSet<&str> =
                facts.as_object().unwrap().keys().map(String::as_str).filter(|k| *k != "topic").collect();
            assert_eq!(gaps_of(template.vi.1), known, "{topic}");
            assert_eq!(gaps_of(template.en.1), known, "{topic}");
            seen.insert(topic);
        }
        assert_eq!(seen, Topic::ALL.iter().copied().collect());
        assert_eq!(TEMPLATES.len(), Topic::ALL.len());
    }

    #[test]
    fn facts_are_shown_as_people_write_them() {
        let facts =
            serde_json::json!({"order_code": "HG-1", "total_vnd": 1_250_000, "accept_by": "2026-11-25T03:30:00Z"});
        let (title, text) = words(Topic::OrderPaid, &facts, Language::Vietnamese).unwrap();
        assert_eq!(title, "Đơn hàng mới");
        assert_eq!(text, "Đơn HG-1 đã được thanh toán 1.250.000 đ. Hãy nhận đơn trước 10:30 25/11/2026.");
        assert_eq!(shown("harvest_on", &"2026-12-01".into()), "01/12/2026");
        assert_eq!([0, 7, 999, 1000, 1_000_000].map(grouped), ["0", "7", "999", "1.000", "1.000.000"]);
    }

    #[test]
    fn what_a_person_wrote_is_no_gap() {
        let facts = serde_json::json!({"order_code": "{reason}", "reason": "<b>{order_code}</b>"});
        let (_, text) = words(Topic::DeliveryFailed, &facts, Language::English).unwrap();
        assert_eq!(text, "Order {reason} could not be delivered: <b>{order_code}</b>.");
    }

    #[test]
    fn what_is_pushed_fits_into_a_short_message() {
        for news in samples::all() {
            let facts = serde_json::to_value(&news).unwrap();
            let topic = Topic::parse(facts["topic"].as_str().unwrap()).unwrap();
            let (_, text) = words(topic, &facts, Language::Vietnamese).unwrap();
            assert!(text.chars().count() <= 200, "{topic}: {text}");
        }
    }
}
