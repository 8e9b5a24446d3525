"""The tour of the README with the generated Python client: `tour.py BASE LOG`."""

import hashlib
import hmac
import json
import re
import sys
import time
import urllib.request
import uuid
from pathlib import Path

from ocop_market_client import AuthenticatedClient, Client
from ocop_market_client.api.buying import make_quote, place_checkout, put_cart_line, show_checkout
from ocop_market_client.api.catalogue import create_product, list_offers, publish_product, submit_product
from ocop_market_client.api.insights import report_sales_of_territory
from ocop_market_client.api.paying import start_payment_attempt
from ocop_market_client.api.producers import approve_producer, register_producer, submit_producer
from ocop_market_client.api.selling import list_producer_orders
from ocop_market_client.api.shipping import put_own_delivery
from ocop_market_client.api.sign_in import request_code, sign_in_with_password, verify_code
from ocop_market_client.models import (
    Audience, CodeRequest, CodeVerification, GroupBy, MakeQuote, NewProduct, NewVariant, NoBody, OrderStatus,
    OwnDeliveryInput, OwnZoneInput, PasswordSignIn, PlaceCheckout, PlaceOfToday, ProblemBody, ProducerKind, ProviderId,
    PutCartLine, RecipientInput, Registration, StartAttempt, Unit, Zone,
)
from ocop_market_client.types import UNSET

BASE, LOG = sys.argv[1], Path(sys.argv[2])
DEVICE = str(uuid.uuid4())
VISITOR = Client(base_url=BASE)


def good(answer):
    assert answer is not None and not isinstance(answer, ProblemBody), answer
    return answer


def key():
    return str(uuid.uuid4())


def sign_in(phone, audience, password=UNSET):
    seen = LOG.stat().st_size
    sent = good(request_code.sync(client=VISITOR, body=CodeRequest(phone=phone, device_id=DEVICE)))
    for _ in range(100):
        found = re.search(rb'"code":"([0-9]{6})"', LOG.read_bytes()[seen:])
        if found:
            break
        time.sleep(0.1)
    body = CodeVerification(
        otp_request_id=sent.otp_request_id, phone=phone, code=found.group(1).decode(), device_id=DEVICE,
        audience=audience, password=password,
    )
    return signed_in(good(verify_code.sync(client=VISITOR, body=body)))


def signed_in(tokens):
    return AuthenticatedClient(base_url=BASE, token=tokens.access_token)


household = sign_in(f"0912{uuid.uuid4().int % 10**6:06}", Audience.PRODUCER)
place = PlaceOfToday(commune_code="00769")
registration = Registration(
    kind=ProducerKind.HOUSEHOLD, name="Hộ nuôi ong của tôi", representative_name="Vàng Thị Máy", residence=place,
    production=place, address="Thôn Làng Giang",
)
producer = good(register_producer.sync(client=household, body=registration))
good(submit_producer.sync(client=household, body=NoBody()))

operator = sign_in("0900000001", Audience.OPERATOR, "ban moi nguoi van hanh san")
good(approve_producer.sync(producer.id, client=operator, body=NoBody()))

brought = OwnZoneInput(zone=Zone.BORDERING_COMMUNE, fee_vnd=10_000, weight_g_max=20_000, days_min=1, days_max=3)
good(put_own_delivery.sync(client=household, body=OwnDeliveryInput(zones=[brought])))
honey = NewProduct(
    title="Mật ong bạc hà của tôi", description="Mật ong hoa bạc hà của cao nguyên đá.", product_set=4, origin=place,
    variants=[NewVariant(label="Chai 1 lít", unit=Unit.L, net_weight_g=1400, price_vnd=450_000, quantity=20)],
)
product = good(create_product.sync(client=household, body=honey, idempotency_key=key()))
good(submit_product.sync(product.id, client=household, body=NoBody()))
good(publish_product.sync(product.id, client=operator, body=NoBody()))
assert any(offer.id == product.id for offer in good(list_offers.sync(client=VISITOR, q="mat ong cua toi")).data)

password = PasswordSignIn(
    phone="0900000003", password="ban moi nguoi mua", device_id=DEVICE, audience=Audience.BUYER,
)
buyer = signed_in(good(sign_in_with_password.sync(client=VISITOR, body=password)))
good(put_cart_line.sync(product.variants[0].id, client=buyer, body=PutCartLine(quantity=2)))
recipient = RecipientInput(name="Nguyễn Thị Hoà", phone="0912345678", commune_code="00721", address="Số 1, tổ 3")
quote = good(make_quote.sync(client=buyer, body=MakeQuote(commune_code=recipient.commune_code)))
assert quote.total_vnd == 910_000 and len(quote.producers) == 1, quote
wish = PlaceCheckout(
    quote_id=quote.id, contract_sha256=quote.contract_sha256, expected_total_vnd=quote.total_vnd, recipient=recipient,
)
checkout = good(place_checkout.sync(client=buyer, body=wish, idempotency_key=key()))
transfer = StartAttempt(provider=ProviderId.BANK_TRANSFER)
attempt = good(start_payment_attempt.sync(checkout.id, client=buyer, body=transfer, idempotency_key=key()))

# The bank is no client of ours: its notice is signed over the bytes of the body.
now = int(time.time())
notice = json.dumps({
    "id": now, "gateway": "Tour", "transactionDate": "2026-11-24 10:00:00", "accountNumber": "0123499999",
    "subAccount": None, "code": None, "content": f"{attempt.reference} thanh toan", "transferType": "in",
    "transferAmount": attempt.amount_vnd, "accumulated": 0, "referenceCode": f"TOUR{now}", "description": "",
}).encode()
signature = hmac.new(b"development-only-SEPAY_HMAC_SECRET", b"%d." % now + notice, hashlib.sha256).hexdigest()
headers = {
    "Content-Type": "application/json", "X-SePay-Timestamp": str(now), "X-SePay-Signature": f"sha256={signature}",
}
urllib.request.urlopen(urllib.request.Request(f"{BASE}/v1/callbacks/sepay", notice, headers), timeout=10).close()
assert good(show_checkout.sync(checkout.id, client=buyer)).status == "paid"

assert good(list_producer_orders.sync(client=household, status=OrderStatus.PAID)).data[0].checkout_id == checkout.id
official = sign_in("0900000002", Audience.OFFICIAL, "ban moi can bo so cong thuong")
report = good(report_sales_of_territory.sync(client=official, group_by=GroupBy.PRODUCER, producer_id=producer.id))
assert report.total.value_vnd == 900_000, report
print("the tour ends well in Python")
