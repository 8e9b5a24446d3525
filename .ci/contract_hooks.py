"""What the generated requests of `.ci/contract` need to know: who signs in, and that a call is a call of its own.

Every surface is called by the people who may: two where one could see what is the other's.
"""

import json
import os
import random
import re
import threading
import unicodedata
import time
import uuid
from datetime import datetime, timedelta, timezone
from pathlib import Path

import requests
import schemathesis
from schemathesis.auths import CachingAuthProvider
from schemathesis.core import NOT_SET
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation import GenerationMode
from schemathesis.wfc.escalation import EscalatingAuthProvider

# Not the generator that the tests of one seed share: people must differ.
RANDOM = random.SystemRandom()
BASE = os.environ["CONTRACT_BASE"]
LOG = Path(os.environ["CONTRACT_LOG"])
SURFACE = os.environ["CONTRACT_SURFACE"]

# Access tokens live ten minutes.
TOKEN_FRESH_S = 480
# The demo's sign-ins, as `run` prints them; the others are other people of the demo.
PASSWORDS = {
    "0900000003": "ban moi nguoi mua",
    "0900002000": "ban moi nguoi ban",
    "0900000002": "ban moi can bo so cong thuong",
    "0900000001": "ban moi nguoi van hanh san",
}
# Whose password is tried; other buyers buy, so that neither is in the other's way.
BUYER = "0900000003"
PEOPLE = {
    "buyer": ["0900001002", "0900001004"],
    "producer": ["0900002000", "0900002001"],
    "official": ["0900000002"],
    "operator": ["0900000001"],
}
_one_code_at_a_time = threading.Lock()


def _address():
    return f"10.{RANDOM.randrange(256)}.{RANDOM.randrange(256)}.7"


def _new_phone():
    return f"09{RANDOM.randrange(10**8):08}"


def _post(path, body):
    response = requests.post(BASE + path, json=body, headers={"X-Forwarded-For": _address()}, timeout=30)
    if response.status_code == 429:
        # A number gets one code a minute, and somebody was faster.
        time.sleep(min(int(response.headers["Retry-After"]), 60) + 1)
        response = requests.post(BASE + path, json=body, headers={"X-Forwarded-For": _address()}, timeout=30)
    if not response.ok:
        raise RuntimeError(f"{path}: {response.status_code} {response.text}")
    return response.json()


def _code(phone, device):
    """A one-time code, which a developer's machine writes into its log."""
    with _one_code_at_a_time:
        seen = LOG.stat().st_size
        request = _post("/v1/auth/otp", {"phone": phone, "device_id": device})["otp_request_id"]
        for _ in range(100):
            with LOG.open("rb") as log:
                log.seek(seen)
                found = re.search(rb'"code":"([0-9]{6})"', log.read())
            if found:
                return request, found.group(1).decode()
            time.sleep(0.1)
    raise RuntimeError("no one-time code in the log")


class Person:
    """Signs in as the app does: with the code once, then with the refresh token while it is good."""

    def __init__(self, phone, audience):
        self.phone, self.audience = phone, audience
        self.device, self.refresh = str(uuid.uuid4()), None

    def get(self, case, context):
        answer = self._refreshed() or self._signed_in()
        self.refresh = answer["refresh_token"]
        return answer["access_token"]

    def set(self, case, data, context):
        case.headers["Authorization"] = f"Bearer {data}"

    def _refreshed(self):
        if self.refresh is None:
            return None
        try:
            return _post("/v1/auth/refresh", {"refresh_token": self.refresh, "device_id": self.device})
        except RuntimeError:
            return None

    def _signed_in(self):
        request, code = _code(self.phone, self.device)
        body = {"otp_request_id": request, "phone": self.phone, "code": code, "device_id": self.device,
                "audience": self.audience}
        if self.audience in ("official", "operator"):
            body["password"] = PASSWORDS[self.phone]
        return _post("/v1/auth/otp/verify", body)


class Newcomer(Person):
    """Somebody new after each lost session: signing out and changing passwords is what is tried here."""

    def __init__(self):
        super().__init__(None, "buyer")

    def _signed_in(self):
        self.phone, self.device = _new_phone(), str(uuid.uuid4())
        return super()._signed_in()


@schemathesis.hook
def after_load_schema(context, schema):
    """One identity of the surface makes the calls; where there are two, the other must not see its rows."""
    if SURFACE == "auth":
        providers, names = [CachingAuthProvider(Newcomer(), refresh_interval=TOKEN_FRESH_S)], ["newcomer"]
    else:
        names = PEOPLE.get(SURFACE, [])
        providers = [CachingAuthProvider(Person(name, SURFACE), refresh_interval=TOKEN_FRESH_S) for name in names]
    if SURFACE == "buyer":
        _shop(providers[0].get(None, None))
    if len(providers) > 1:
        schema.auth.providers.append(
            EscalatingAuthProvider(providers, names, peers=tuple(names), pinned=names[0])
        )
    else:
        schema.auth.providers.extend(providers)


def _shop(token):
    """A purchase that waits for its payment, and the next one in the cart: where the links begin."""

    def call(method, path, body=None):
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": str(uuid.uuid4())}
        response = requests.request(method, BASE + path, json=body, headers=headers, timeout=30)
        response.raise_for_status()
        return response.json()

    offers = [call("GET", f"/v1/public/products/{offer['id']}") for offer in call("GET", "/v1/public/products")["data"]]
    line = next(v["id"] for offer in offers for v in offer["variants"] if v["available"] > 100)
    for is_bought in (True, False):
        call("PUT", f"/v1/buyer/cart/lines/{line}", {"quantity": 2})
        if is_bought:
            recipient = {"name": "Nguyễn Thị Hoà", "phone": BUYER, "commune_code": "00721", "address": "Số 1, tổ 3"}
            quote = call("POST", "/v1/buyer/quotes", {"commune_code": recipient["commune_code"]})
            confirmed = {"quote_id": quote["id"], "contract_sha256": quote["contract_sha256"]}
            wish = {**confirmed, "expected_total_vnd": quote["total_vnd"], "recipient": recipient}
            call("POST", "/v1/buyer/checkouts", wish)


@schemathesis.hook
def before_call(context, case, kwargs):
    """Makes a call one of its own, and now and then one that succeeds where generated values never would."""
    for name in list(case.headers or {}):
        # A key used again with another body is refused (422), and rightly.
        if name.lower() == "idempotency-key" and re.fullmatch(r"[!-~]{16,128}", str(case.headers[name])):
            case.headers[name] = str(uuid.uuid4())
    # Each call comes from a network of its own: codes and visitors are limited by network.
    case.headers["X-Forwarded-For"] = _address()
    # JSON Schema takes 1.0 for a whole number; this interface does not, by decision (B-09 of the bad inputs). A file is
    # left as it is: what is assigned is held against its schema anew, and no file is a string of JSON.
    if isinstance(case.body, (dict, list, float)):
        case.body = _whole(case.body)
    if case.meta is not None and case.meta.generation.mode == GenerationMode.POSITIVE:
        _make_plausible(case)


def _make_plausible(case):
    """What only the server or a phone can know is put in for every second generated value."""
    operation = case.operation.definition.raw.get("operationId")
    if isinstance(case.query, dict) and len(str(case.query.get("cursor", ""))) % 2:
        del case.query["cursor"]
    if not isinstance(case.body, dict) or len(str(case.body)) % 2:
        return
    case.body = _latin(_orderly(case.body))
    _fit_to_kind(operation, case.body)
    if operation == "sign_in_with_password":
        case.body.update(phone=BUYER, password=PASSWORDS[BUYER], audience="buyer")
    elif operation == "verify_code":
        phone, device = _new_phone(), str(uuid.uuid4())
        request, code = _code(phone, device)
        case.body.update(phone=phone, device_id=device, otp_request_id=request, code=code, audience="buyer")
    elif operation == "refresh_tokens":
        person = Newcomer()
        person.get(None, None)
        case.body.update(refresh_token=person.refresh, device_id=person.device)


# Days of one thing follow one another, and begin today or later; what is labelled was harvested before. In days from
# today.
DAYS = {
    "harvested_on": -2, "packed_on": -1, "expires_on": 30, "run_on": 1, "effective_from": 0, "starts_on": 0,
    "ends_on": 9,
    "orders_from": 0, "orders_until": 3, "harvest_from": 5, "harvest_until": 6, "ships_from": 7, "ships_until": 9,
}
VIETNAM = timezone(timedelta(hours=7))


def _orderly(value, name=None):
    """Days that can be, and times from the shorter to the longer."""
    if isinstance(value, dict):
        value = {key: _orderly(inner, key) for key, inner in value.items()}
        if isinstance(value.get("days_min"), int) and isinstance(value.get("days_max"), int):
            value["days_min"], value["days_max"] = sorted((value["days_min"], value["days_max"]))
        return value
    if isinstance(value, list):
        return [_orderly(inner) for inner in value]
    if isinstance(value, str) and name in DAYS:
        return str((datetime.now(VIETNAM) + timedelta(days=DAYS[name])).date())
    return value


def _fit_to_kind(operation, body):
    """Makes the fields fit that depend on what another one says."""
    if operation in ("create_voucher", "create_producer_voucher"):
        body["producer_ids"] = []
        body["payer"] = "platform" if operation == "create_voucher" else None
        body["rate_bp"] = (body.get("rate_bp") or 500) if body.get("kind") == "percent" else None
        body["product_sets"] = [number for number in body.get("product_sets", []) if number not in SPIRITS]
    elif operation == "import_carrier_addresses":
        for number, row in enumerate(body["rows"]):
            row.update(province_code=str(number), district_code=str(number), ward_code=str(number))
    elif operation == "create_shipping_tariff":
        for number, row in enumerate(body["rows"]):
            row.update(zone=ZONES[number % len(ZONES)], transport_classes=["ambient"])
            steps = range(1, len(row["steps"]) % 30 + 1)
            row["steps"] = [{"weight_g_max": 500 * step, "fee_vnd": 1000 * step} for step in steps]
    elif operation == "adjust_stock":
        body["delta"] = body["delta"] or 1
        body.pop("lot_id" if body.get("lot") else "lot", None)
        if body.get("lot"):
            body.update(reason="harvested", delta=abs(body["delta"]))


ZONES = ["same_commune", "bordering_commune", "same_district", "same_province", "other_province"]
# Product sets that may not be promoted.
SPIRITS = {14, 15}
# Names of businesses, goods and what stands on labels are in Latin letters, which no regular expression says in every
# language.
LATIN_NAMES = {"name", "representative_name", "title", "label", "code"}


def _latin(value, name=None):
    if isinstance(value, dict):
        return {key: _latin(inner, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [_latin(inner) for inner in value]
    if isinstance(value, str) and name in LATIN_NAMES:
        return "".join("x" if character.isalnum() and not character.isascii() else character for character in value)
    return value


def _whole(value):
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {key: _whole(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_whole(inner) for inner in value]
    return value


# Refusals of data that fits its schema, by rules that a schema cannot say.
# Of the whole problem: a cursor is signed by the server, a former commune may have been split since, some passwords are
# the first that everybody tries, and only who reads the e-mail knows its code.
UNSAYABLE_PROBLEMS = {
    "cursor_mismatch", "places.former_commune_split", "identity.password_common", "notifications.email_code_wrong",
}
# Of one field: what it says depends on another field, or on what there is. A fault that names what would be right is
# dropped only when something else was sent.
UNSAYABLE_FAULTS = [
    # A code or id that nothing has.
    (r".*", r".*", "unknown"),
    # The last day is not before the first, and not more than 400 days after it.
    (r"report_sales|report_sales_of_territory", r"/from", "out_of_range"),
    # Words to look for have an order of their own.
    (r"list_offers", r"/sort", "not_one_of"),
    # Cooperatives and companies are known by their registration, others need none.
    (r"register_producer|edit_profile", r"/registration_number", "missing"),
    # Only an official has a territory, and an official must: a province or communes.
    (r"grant_role", r"/province_code|/commune_codes", "missing|duplicate|out_of_range"),
    # Letters of names are Latin.
    (r".*", r".*/(name|representative_name|holder_name|title|label)", "forbidden_character"),
    (r"note_waybill", r"/code", "forbidden_character"),
    # Days are not past, or not to come, and one is not before another.
    (r"plan_run", r"/run_on", "out_of_range"),
    (r"create_shipping_tariff", r"/effective_from", "out_of_range"),
    (r"create_voucher|create_producer_voucher", r"/ends_on", "out_of_range"),
    (r"plan_harvest", r"/(orders|harvest|ships)_(from|until)", "out_of_range"),
    (r"open_lot|edit_lot|adjust_stock|declare_harvest", r"(/lot)?/(harvested|packed|expires)_on", "out_of_range"),
    # What takes longest takes no less than what is fastest.
    (r"put_own_delivery|create_shipping_tariff", r"/(zones|rows)/\d+/days_max", "out_of_range"),
    # A zone has one price, or one for each class of goods.
    (r"put_own_delivery", r"/zones/\d+/zone", "duplicate"),
    (r"create_shipping_tariff", r"/rows/\d+/transport_classes/\d+", "duplicate"),
    # Each way carries other goods, up to another weight, and more weight costs no less.
    (r"create_shipping_tariff", r"/rows/\d+/transport_classes/\d+", "not_one_of"),
    (r"create_shipping_tariff", r"/rows/\d+/steps/\d+/(weight_g_max|fee_vnd)", "out_of_range"),
    # Each carrier has numbers of its own, and one for a commune.
    (r"import_carrier_addresses", r"/rows/\d+/(province|district|ward)_code", "malformed|missing"),
    (r"import_carrier_addresses", r"/rows/\d+/commune_code", "duplicate"),
    # A voucher has a rate if it is a percentage, is paid by who makes it, and not for what may not be promoted.
    (r"create_voucher|create_producer_voucher", r"/rate_bp", "missing|unknown_field"),
    (r"create_voucher|create_producer_voucher", r"/payer", "missing|not_one_of"),
    (r"create_producer_voucher", r"/producer_ids", "not_one_of"),
    (r"create_voucher|create_producer_voucher", r"/product_sets/\d+", "not_one_of"),
    # What is harvested has a label, or a lot that is there.
    (r"adjust_stock", r"/lot_id", "duplicate"),
    (r"adjust_stock", r"/lot", "unknown_field"),
    # A change of nothing is none.
    (r"adjust_stock", r"/delta", "out_of_range"),
    # What is said to have happened has happened; a statement has an end after its beginning, and both have a size.
    (r"declare_tax_period|propose_tax_payment", r"/(filed|paid)_on", "out_of_range"),
    (r"show_statement_paper|download_statement", r"/until", "out_of_range"),
    (r"download_invoice_data|download_invoice_table", r"/month", "out_of_range"),
    # Spirits burn, whatever else is said of them.
    (r"create_product|edit_product", r"/transport_class", "not_one_of"),
    # Only a visit weighs nothing.
    (r"create_product|add_variant", r".*/net_weight_g", "out_of_range"),
    # What is settled is over, and a file is read whole: each fault names what would be right where it stands.
    (r"import_settlement_file", r"/settled_on", "out_of_range"),
    (r"import_settlement_file", r"/(file|columns|rows)(/.*)?", ".*"),
    # Movements are found by a reference or a number, and a column of words needs words.
    (r"configure_settlement_mapping", r"/rules/reference", "missing"),
    (r"configure_settlement_mapping", r"/rules/(counting|refunding)", "empty"),
    # Accounts that each provider or producer has need one, and money moves between two.
    (r"propose_correction", r"/postings/\d+/(provider|producer_id)", "missing"),
    (r"propose_correction", r"/postings/\d+/credit", "duplicate"),
]


@schemathesis.hook
def filter_failure(context, failure, case, response):
    """Drops a complaint about refused data only when the answer names a rule from above and nothing else."""
    if type(failure).__name__ == "AcceptedNegativeData":
        return not _is_nothing_wrong(case)
    if type(failure).__name__ != "RejectedPositiveData":
        return True
    try:
        problem = json.loads(response.content)
    except ValueError:
        return True
    if problem.get("code") in UNSAYABLE_PROBLEMS:
        return False
    faults = problem.get("errors") or []
    return not faults or not all(_is_unsayable(case, fault) for fault in faults)


# What these ask for is done if it is understood; HTTP has nothing to refuse in them (RFC 9110).
PREFERENCES = {"accept-language", "if-none-match"}


def _is_nothing_wrong(case):
    """Whether all that is wrong with a request is a preference that nobody can read, or a body that was left out
    where none need be sent."""
    wrong = {place for place in case.meta.components if case.meta.is_negative_at(place)}
    if case.body is NOT_SET and not case.operation.definition.raw.get("requestBody", {}).get("required", False):
        wrong.discard(ParameterLocation.BODY)
    data = case.meta.phase.data
    names = {data.parameter, *(change.parameter for change in data.mutations if change.parameter_location in wrong)}
    if {str(name).lower() for name in names - {None}} <= PREFERENCES and names - {None}:
        wrong.discard(ParameterLocation.HEADER)
    return not wrong


def _is_unsayable(case, fault):
    operation = case.operation.definition.raw.get("operationId", "")
    for operations, pointers, codes in UNSAYABLE_FAULTS:
        if (re.fullmatch(operations, operation) and re.fullmatch(pointers, fault["pointer"])
                and re.fullmatch(codes, fault["code"])):
            return not _is_as_expected(_at(case, fault["pointer"]), fault)
    if fault["code"] == "malformed" and fault["pointer"] == "/email":
        # A name of parts with dots between; no regular expression in every language counts over all of them.
        return len(str(_at(case, fault["pointer"])).rpartition("@")[0]) > EMAIL_NAME_MAX
    return fault["code"] in ("forbidden_character", "too_long") and _is_beyond_pattern(_at(case, fault["pointer"]))


# RFC 5321.
EMAIL_NAME_MAX = 64


def _is_as_expected(value, fault):
    """Whether what was sent is what the fault says would be right: then the refusal itself is wrong."""
    code, expected = fault["code"], fault["expected"]
    if code == "not_one_of":
        return value in expected.split(", ")
    if code == "malformed" and expected == "0–9":
        return isinstance(value, str) and value.isdigit()
    if code != "out_of_range":
        return False
    if expected == "≠ 0":
        return value != 0
    first, _, last = expected.removeprefix("≥ ").partition("–")
    if isinstance(value, int):
        return all(re.fullmatch("-?[0-9]+", end) for end in (first, last)) and int(first) <= value <= int(last)
    is_day = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}").fullmatch
    return isinstance(value, str) and bool(is_day(first)) and first <= value and (not last or value <= last)


def _at(case, pointer):
    """What was sent where a fault points."""
    steps = [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]
    value = case.body if steps and isinstance(case.body, (dict, list)) else case.query
    for step in steps:
        try:
            value = value[int(step)] if isinstance(value, list) else value[step]
        except (KeyError, IndexError, TypeError, ValueError):
            return None
    return value


def _is_beyond_pattern(text):
    """Tag characters, joiners that join no pictures, more than four marks on a letter, and letters that are several
    in Unicode's composed form: no regular expression says these in every language."""
    if not isinstance(text, str):
        return False
    marks = 0
    for character in unicodedata.normalize("NFD", text):
        marks = marks + 1 if unicodedata.category(character).startswith("M") else 0
        if marks > 4 or character == "\u200d" or 0xE0000 <= ord(character) <= 0xE007F:
            return True
    return len(unicodedata.normalize("NFC", text)) > len(text)
