use chrono::TimeDelta;

use crate::{refusals, text_enum};

/// How long an author may change a review.
pub const EDITABLE_FOR: TimeDelta = TimeDelta::days(14);

refusals! {
    pub enum ReviewRefusal {
        NotDelivered = 409 "reviews.not_delivered" "Chỉ đánh giá được khi đơn hàng đã giao" "Only what was delivered can be reviewed",
        AlreadyReviewed = 409 "reviews.already_reviewed" "Bạn đã đánh giá sản phẩm này của đơn hàng" "This product of the order has been reviewed already",
        OwnProduct = 409 "reviews.own_product" "Không thể tự đánh giá sản phẩm của mình" "Nobody reviews what he sells himself",
        TooLate = 409 "reviews.too_late" "Đã quá 14 ngày, không sửa được đánh giá nữa" "A review can be changed for 14 days only",
        IllegalAction = 409 "reviews.illegal_action" "Trạng thái của đánh giá không cho phép thao tác này" "The review's status does not allow this action",
    }
}

text_enum! {
    pub enum ProductReviewStatus {
        Visible = "visible",
        Hidden = "hidden",
        /// Hidden, and the author asks for another look.
        Appealed = "appealed",
        /// Hidden after another look.
        Upheld = "upheld",
    }
}

text_enum! {
    /// The only reasons for which a review is hidden.
    pub enum HideReason {
        PersonalData = "personal_data",
        Insult = "insult",
        Advertising = "advertising",
        UnlawfulContent = "unlawful_content",
        NotAboutTheProduct = "not_about_the_product",
        /// Of an order that was made to write it.
        FakeOrder = "fake_order",
    }
}

text_enum! {
    /// What can happen to a review. The text is the verb of its route.
    pub enum ProductReviewEvent {
        Write = "write",
        Edit = "edit",
        Answer = "answer",
        Hide = "hide",
        Appeal = "appeal",
        Restore = "restore",
        Uphold = "uphold",
    }
}

/// Who acts on a review.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Author {
    Buyer,
    Producer,
    Operator,
}

impl ProductReviewStatus {
    /// The only place where a review's status moves.
    pub fn after(self, author: Author, event: ProductReviewEvent) -> Option<ProductReviewStatus> {
        use Author::{Buyer, Operator, Producer};
        use ProductReviewEvent as E;
        use ProductReviewStatus::{Appealed, Hidden, Upheld, Visible};
        match (self, author, event) {
            (Visible, Buyer, E::Edit) | (Visible, Producer, E::Answer) => Some(Visible),
            (Visible, Operator, E::Hide) => Some(Hidden),
            (Hidden, Buyer, E::Appeal) => Some(Appealed),
            (Hidden | Appealed | Upheld, Operator, E::Restore) => Some(Visible),
            (Appealed, Operator, E::Uphold) => Some(Upheld),
            _ => None,
        }
    }

    pub fn actions(self, author: Author) -> Vec<ProductReviewEvent> {
        ProductReviewEvent::ALL.iter().copied().filter(|event| self.after(author, *event).is_some()).collect()
    }
}

/// The average number of stars in hundredths, half a hundredth rounded up; nothing of nothing.
pub fn average_hundredths(stars: i64, reviews: i64) -> Option<i64> {
    let doubled = stars.checked_mul(200)?.checked_add(reviews)?;
    doubled.checked_div(reviews.checked_mul(2)?)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The whole machine: everything that is not here is refused.
    const TABLE: &str = include_str!("machine.txt");

    #[test]
    fn the_review_machine_is_exactly_this_table() {
        let mut table = String::new();
        for status in ProductReviewStatus::ALL {
            for author in [Author::Buyer, Author::Producer, Author::Operator] {
                for event in ProductReviewEvent::ALL {
                    if let Some(next) = status.after(author, *event) {
                        table.push_str(&format!("{status} --{event}--> {next} by {author:?}\n").to_lowercase());
                    }
                }
            }
        }
        assert_eq!(table, TABLE);
    }

    #[test]
    fn averages_are_rounded_to_hundredths() {
        for (stars, reviews, average) in [(5, 1, 500), (14, 3, 467), (13, 3, 433), (9, 2, 450), (1601, 400, 400)] {
            assert_eq!(average_hundredths(stars, reviews), Some(average), "{stars}/{reviews}");
        }
        assert_eq!(average_hundredths(0, 0), None);
    }

    proptest! {
        #[test]
        fn an_average_is_as_near_as_hundredths_can_be(each in prop::collection::vec(1..=5_i64, 1..300)) {
            let (stars, reviews) = (each.iter().sum::<i64>(), i64::try_from(each.len()).unwrap());
            let average = average_hundredths(stars, reviews).unwrap();
            prop_assert!((100..=500).contains(&average));
            prop_assert!(2 * (average * reviews - stars * 100).abs() <= reviews);
        }
    }
}
