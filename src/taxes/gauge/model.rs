//! The steps to the threshold, and what they mean.

use crate::text_enum;

text_enum! {
    /// How near a year's revenue is to the threshold.
    pub enum GaugeStep {
        Below = "below",
        /// From 70 % on.
        Near = "near",
        /// From 90 % on.
        VeryNear = "very_near",
        /// More than the threshold. Exactly as much is not more.
        Passed = "passed",
    }
}

impl GaugeStep {
    pub fn of(revenue: i64, threshold: i64) -> GaugeStep {
        let reached = |percent: i128| i128::from(revenue) * 100 >= i128::from(threshold) * percent;
        if revenue > threshold {
            GaugeStep::Passed
        } else if reached(90) {
            GaugeStep::VeryNear
        } else if reached(70) {
            GaugeStep::Near
        } else {
            GaugeStep::Below
        }
    }

    /// Of which people are told, once each in a year.
    pub fn percent(self) -> Option<i32> {
        match self {
            GaugeStep::Below => None,
            GaugeStep::Near => Some(70),
            GaugeStep::VeryNear => Some(90),
            GaugeStep::Passed => Some(100),
        }
    }

    /// What it means for a household, in its language.
    pub fn explained(self) -> &'static str {
        match self {
            GaugeStep::Below => {
                "Doanh thu cả năm từ ngưỡng trở xuống thì không phải nộp thuế giá trị gia tăng và thuế thu nhập cá nhân. Sàn vẫn \
                 khấu trừ theo từng đơn hàng; hết năm bạn đề nghị hoàn lại hoặc bù trừ và báo cáo doanh thu chậm nhất ngày 31 tháng 1."
            }
            GaugeStep::Near | GaugeStep::VeryNear => {
                "Doanh thu sắp tới ngưỡng. Nếu cả năm không vượt ngưỡng, thuế đã khấu trừ được hoàn lại hoặc bù trừ. Nếu vượt, \
                 bạn phải nộp thuế và dùng hóa đơn điện tử, nên hãy chuẩn bị đăng ký."
            }
            GaugeStep::Passed => {
                "Doanh thu đã vượt ngưỡng nên phải nộp thuế. Thuế thu nhập cá nhân chỉ tính trên phần doanh thu vượt ngưỡng (trên 3 \
                 tỷ đồng thì tính trên thu nhập), nên sàn có thể đã khấu trừ nhiều hơn số phải nộp: hãy quyết toán với cơ quan thuế. \
                 Bạn phải dùng hóa đơn điện tử; hãy đăng ký trong 30 ngày kể từ khi kết thúc kỳ tính thuế có doanh thu vượt ngưỡng."
            }
        }
    }
}

/// A part in basis points, rounded down.
pub fn share_bp(revenue: i64, threshold: i64) -> i64 {
    let exact = i128::from(revenue.max(0)).saturating_mul(10_000).checked_div(i128::from(threshold)).unwrap_or(0);
    i64::try_from(exact).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_threshold_itself_is_not_passed() {
        const THRESHOLD: i64 = 1_000_000_000;
        for (revenue, step) in [
            (-1, GaugeStep::Below),
            (699_999_999, GaugeStep::Below),
            (700_000_000, GaugeStep::Near),
            (899_999_999, GaugeStep::Near),
            (900_000_000, GaugeStep::VeryNear),
            (THRESHOLD, GaugeStep::VeryNear),
            (THRESHOLD + 1, GaugeStep::Passed),
        ] {
            assert_eq!(GaugeStep::of(revenue, THRESHOLD), step, "{revenue}");
        }
        assert_eq!([0, 1, 850_000_000, 2_000_000_000].map(|n| share_bp(n, THRESHOLD)), [0, 0, 8_500, 20_000]);
        assert_eq!(share_bp(-5, THRESHOLD), 0);
    }

    proptest! {
        #[test]
        fn more_revenue_is_never_a_lower_step(one in any::<i64>(), two in any::<i64>(), threshold in 1..=100_000_000_000_i64) {
            let (less, more) = (one.min(two), one.max(two));
            prop_assert!(GaugeStep::of(less, threshold) <= GaugeStep::of(more, threshold));
            prop_assert!(share_bp(less, threshold) <= share_bp(more, threshold));
        }
    }
}
