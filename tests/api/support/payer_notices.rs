//! The notices of payOS, MoMo, ZaloPay and VietQR.vn, signed.
#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a helper of tests fails by panicking")]

use reqwest::Method;
use serde_json::{Value, json};

use super::payers::{
    MOMO, MOMO_ACCESS, MOMO_SECRET, PAYOS, VIETQR_VN, VIETQR_VN_ACCOUNT, VIETQR_VN_BASIC, VIETQR_VN_TOKEN, ZALOPAY,
    ZALOPAY_KEY2, payos_link, payos_signature, sha256,
};
use super::{Reply, World};

impl World {
    /// A body to one of the providers' addresses.
    pub async fn notice(&self, path: &str, body: &Value) -> Reply {
        self.visitor().send(Method::POST, path, &[("content-type", "application/json")], Some(body.to_string())).await
    }

    /// A notice of MoMo, signed.
    pub async fn momo(&self, reference: &str, amount: i64, (code, transaction): (i64, i64)) -> Reply {
        let signed = format!(
            "accessKey={MOMO_ACCESS}&amount={amount}&extraData=&message=x&orderId={reference}&orderInfo=y&orderType=momo_wallet\
             &partnerCode=MOMO&payType=qr&requestId={reference}&responseTime=1795428983000&resultCode={code}&transId={transaction}"
        );
        let body = json!({"partnerCode": "MOMO", "orderId": reference, "requestId": reference, "amount": amount, "orderInfo": "y",
            "orderType": "momo_wallet", "transId": transaction, "resultCode": code, "message": "x", "payType": "qr",
            "responseTime": 1_795_428_983_000_i64, "extraData": "", "signature": sha256(MOMO_SECRET, &signed)});
        self.notice(MOMO, &body).await
    }

    /// A callback of ZaloPay, signed.
    pub async fn zalopay(&self, reference: &str, amount: i64, transaction: i64) -> Reply {
        let data = json!({"app_id": 2553, "app_trans_id": reference, "app_time": 1_795_428_983_000_i64, "app_user": "ocop_hg", "amount": amount,
            "embed_data": "{}", "item": "[]", "zp_trans_id": transaction, "server_time": 1_795_428_983_000_i64, "channel": 38})
        .to_string();
        let mac = sha256(ZALOPAY_KEY2, &data);
        self.notice(ZALOPAY, &json!({"data": data, "mac": mac, "type": 1})).await
    }

    /// A webhook of payOS, signed.
    pub async fn payos(&self, reference: &str, amount: i64, transfer: &str) -> Reply {
        let code: i64 = reference.parse().expect("a number");
        let data = json!({"orderCode": code, "amount": amount, "description": "x", "accountNumber": "113366668888", "reference": transfer,
            "transactionDateTime": "2026-11-24 10:00:00", "currency": "VND", "paymentLinkId": payos_link(reference), "code": "00",
            "desc": "Thành công", "counterAccountName": null});
        let signature = payos_signature(&data);
        self.notice(
            PAYOS,
            &json!({"code": "00", "desc": "success", "success": true, "data": data, "signature": signature}),
        )
        .await
    }

    /// A fresh token for VietQR.vn.
    pub async fn vietqr_vn_token(&self) -> String {
        let headers = [("content-type", "application/json"), ("authorization", VIETQR_VN_BASIC)];
        let answer = self.visitor().send(Method::POST, VIETQR_VN_TOKEN, &headers, Some("{}".to_owned())).await;
        answer.expect(200)["access_token"].as_str().expect("a token").to_owned()
    }

    /// A transfer as VietQR.vn tells it, in (`C`) or out (`D`).
    pub async fn vietqr_vn(&self, reference: &str, amount: i64, (transfer, kind): (&str, &str)) -> Reply {
        let authorization = format!("Bearer {}", self.vietqr_vn_token().await);
        let body = json!({"transactionid": format!("t-{transfer}"), "transactiontime": 1_795_428_983_000_i64, "referencenumber": transfer,
            "amount": amount, "content": format!("VQR1 {reference}"), "bankaccount": VIETQR_VN_ACCOUNT, "transType": kind, "orderId": ""});
        let headers = [("content-type", "application/json"), ("authorization", authorization.as_str())];
        self.visitor().send(Method::POST, VIETQR_VN, &headers, Some(body.to_string())).await
    }
}
