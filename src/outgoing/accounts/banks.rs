//! The banks that can be paid to within seconds, by their BIN in the network of NAPAS.
//!
//! Source: the list of VietQR's member banks, <https://api.vietqr.io/v2/banks>, without wallets.

/// A bank as people know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bank {
    pub bin: &'static str,
    pub name: &'static str,
}

const fn bank(bin: &'static str, name: &'static str) -> Bank {
    Bank { bin, name }
}

/// By BIN.
pub const BANKS: &[Bank] = &[
    bank("422589", "CIMB"),
    bank("458761", "HSBC"),
    bank("546034", "CAKE by VPBank"),
    bank("546035", "Ubank by VPBank"),
    bank("668888", "KBank"),
    bank("796500", "DBS"),
    bank("801011", "Nonghyup"),
    bank("963388", "Timo by BVBank"),
    bank("970400", "SaigonBank"),
    bank("970403", "Sacombank"),
    bank("970405", "Agribank"),
    bank("970406", "Vikki Bank"),
    bank("970407", "Techcombank"),
    bank("970408", "GPBank"),
    bank("970409", "Bac A Bank"),
    bank("970410", "Standard Chartered"),
    bank("970412", "PVcomBank"),
    bank("970414", "MBV"),
    bank("970415", "VietinBank"),
    bank("970416", "ACB"),
    bank("970418", "BIDV"),
    bank("970419", "NCB"),
    bank("970421", "VRB"),
    bank("970422", "MB Bank"),
    bank("970423", "TPBank"),
    bank("970424", "Shinhan Bank"),
    bank("970425", "ABBANK"),
    bank("970426", "MSB"),
    bank("970427", "VietABank"),
    bank("970428", "Nam A Bank"),
    bank("970429", "SCB"),
    bank("970430", "PGBank"),
    bank("970431", "Eximbank"),
    bank("970432", "VPBank"),
    bank("970433", "VietBank"),
    bank("970434", "Indovina Bank"),
    bank("970436", "Vietcombank"),
    bank("970437", "HDBank"),
    bank("970438", "BaoViet Bank"),
    bank("970439", "Public Bank"),
    bank("970440", "SeABank"),
    bank("970441", "VIB"),
    bank("970442", "Hong Leong Bank"),
    bank("970443", "SHB"),
    bank("970444", "VCBNeo"),
    bank("970446", "Co-opBank"),
    bank("970448", "OCB"),
    bank("970449", "LPBank"),
    bank("970452", "KienlongBank"),
    bank("970454", "BVBank"),
    bank("970455", "IBK Hà Nội"),
    bank("970456", "IBK TP. Hồ Chí Minh"),
    bank("970457", "Woori Bank"),
    bank("970458", "UOB"),
    bank("970462", "Kookmin Hà Nội"),
    bank("970463", "Kookmin TP. Hồ Chí Minh"),
    bank("970466", "KEB Hana TP. Hồ Chí Minh"),
    bank("970467", "KEB Hana Hà Nội"),
    bank("999888", "Ngân hàng Chính sách xã hội"),
];

pub fn bank_name(bin: &str) -> &'static str {
    BANKS.iter().find(|bank| bank.bin == bin).map_or("Ngân hàng", |bank| bank.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bank_stands_once_and_in_order() {
        assert!(BANKS.is_sorted_by(|one, two| one.bin < two.bin));
        assert!(BANKS.iter().all(|bank| bank.bin.len() == 6 && bank.bin.bytes().all(|b| b.is_ascii_digit())));
        assert_eq!((bank_name("970405"), bank_name("000000")), ("Agribank", "Ngân hàng"));
    }
}
