/** The tour of the README with the generated TypeScript types: `tour.js BASE LOG`. */

import { createHmac, randomInt, randomUUID } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

import createClient from "openapi-fetch";

import type { components, paths } from "./api.js";

type Schemas = components["schemas"];

const [, , base, log] = process.argv as [string, string, string, string];
const device = randomUUID();
const visitor = createClient<paths>({ baseUrl: base });

type Answer<T> = { data?: T; error?: unknown; response: Response };

async function good<T>(answer: Promise<Answer<T>>): Promise<T> {
    const { data, error, response } = await answer;
    if (data === undefined) throw new Error(`${response.url}: ${response.status} ${JSON.stringify(error)}`);
    return data;
}

function holds(is: boolean, what: string): void {
    if (!is) throw new Error(what);
}

/** A key of its own for each intent. */
const key = () => ({ "Idempotency-Key": randomUUID() });

function signedIn(tokens: Schemas["TokenAnswer"]) {
    return createClient<paths>({ baseUrl: base, headers: { Authorization: `Bearer ${tokens.access_token}` } });
}

async function signIn(phone: string, audience: Schemas["Audience"], password?: string) {
    const seen = statSync(log).size;
    const sent = await good(visitor.POST("/v1/auth/otp", { body: { phone, device_id: device } }));
    let code: string | undefined;
    for (let i = 0; i < 100 && code === undefined; i++) {
        code = /"code":"([0-9]{6})"/.exec(readFileSync(log).subarray(seen).toString())?.[1];
        if (code === undefined) await sleep(100);
    }
    const body = { otp_request_id: sent.otp_request_id, phone, code: code ?? "", device_id: device, audience, password };
    return signedIn(await good(visitor.POST("/v1/auth/otp/verify", { body })));
}

const household = await signIn(`0912${randomInt(100_000, 999_999)}`, "producer");
const place = { commune_code: "00769" };
const producer = await good(household.POST("/v1/producer/registration", {
    body: {
        kind: "household", name: "Hộ nuôi ong của tôi", representative_name: "Vàng Thị Máy",
        residence: place, production: place, address: "Thôn Làng Giang",
    },
}));
await good(household.POST("/v1/producer/profile/submit", { body: {} }));

const operator = await signIn("0900000001", "operator", "ban moi nguoi van hanh san");
await good(operator.POST("/v1/operator/producers/{id}/approve", { params: { path: { id: producer.id } }, body: {} }));

await good(household.PUT("/v1/producer/own-delivery", {
    body: { zones: [{ zone: "bordering_commune", fee_vnd: 10_000, weight_g_max: 20_000, days_min: 1, days_max: 3 }] },
}));
const product = await good(household.POST("/v1/producer/products", {
    params: { header: key() },
    body: {
        title: "Mật ong bạc hà của tôi", description: "Mật ong hoa bạc hà của cao nguyên đá.", product_set: 4, origin: place,
        variants: [{ label: "Chai 1 lít", unit: "l", net_weight_g: 1400, price_vnd: 450_000, quantity: 20 }],
    },
}));
const own = { params: { path: { id: product.id } }, body: {} };
await good(household.POST("/v1/producer/products/{id}/submit", own));
await good(operator.POST("/v1/operator/products/{id}/publish", own));
const offers = await good(visitor.GET("/v1/public/products", { params: { query: { q: "mat ong cua toi" } } }));
holds(offers.data.some((offer) => offer.id === product.id), "the product is found");

const tokens = await good(visitor.POST("/v1/auth/password/sign-in", {
    body: { phone: "0900000003", password: "ban moi nguoi mua", device_id: device, audience: "buyer" },
}));
const buyer = signedIn(tokens);
const variant = product.variants[0];
if (variant === undefined) throw new Error("no variant");
await good(buyer.PUT("/v1/buyer/cart/lines/{id}", {
    params: { path: { id: variant.id } }, body: { quantity: 2 },
}));
const quote = await good(buyer.POST("/v1/buyer/quotes", { body: { commune_code: "00721" } }));
holds(quote.total_vnd === 910_000 && quote.producers.length === 1, "the quote says what two bottles cost, delivered");
const checkout = await good(buyer.POST("/v1/buyer/checkouts", {
    params: { header: key() },
    body: {
        quote_id: quote.id, contract_sha256: quote.contract_sha256, expected_total_vnd: quote.total_vnd,
        recipient: { name: "Nguyễn Thị Hoà", phone: "0912345678", commune_code: "00721", address: "Số 1, tổ 3" },
    },
}));
const attempt = await good(buyer.POST("/v1/buyer/checkouts/{id}/payment-attempts", {
    params: { path: { id: checkout.id }, header: key() }, body: { provider: "bank_transfer" },
}));

// The bank is no client of ours: its notice is signed over the bytes of the body.
const now = Math.floor(Date.now() / 1000);
const notice = JSON.stringify({
    id: now, gateway: "Tour", transactionDate: "2026-11-24 10:00:00", accountNumber: "0123499999", subAccount: null,
    code: null, content: `${attempt.reference} thanh toan`, transferType: "in", transferAmount: attempt.amount_vnd,
    accumulated: 0, referenceCode: `TOUR${now}`, description: "",
});
const signature = createHmac("sha256", "development-only-SEPAY_HMAC_SECRET").update(`${now}.${notice}`).digest("hex");
const stored = await fetch(`${base}/v1/callbacks/sepay`, {
    method: "POST", body: notice,
    headers: {
        "Content-Type": "application/json", "X-SePay-Timestamp": `${now}`, "X-SePay-Signature": `sha256=${signature}`,
    },
});
holds(stored.status === 200, "the notice is stored");
const paid = await good(buyer.GET("/v1/buyer/checkouts/{id}", { params: { path: { id: checkout.id } } }));
holds(paid.status === "paid", "the purchase is paid");

const inbox = await good(household.GET("/v1/producer/orders", { params: { query: { status: "paid" } } }));
holds(inbox.data[0]?.checkout_id === checkout.id, "the order is in the inbox");
const official = await signIn("0900000002", "official", "ban moi can bo so cong thuong");
const report = await good(official.GET("/v1/official/sales", {
    params: { query: { group_by: "producer", producer_id: producer.id } },
}));
holds(report.total.value_vnd === 900_000, "the official sees the sale");
console.log("the tour ends well in TypeScript");
