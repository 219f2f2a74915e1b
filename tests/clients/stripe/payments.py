"""stripe, the official library: customers, intents, refunds, pages, expansion, retries and webhooks.

    payments.py BASE
"""

import http.server
import json
import sys
import threading
import urllib.request

import stripe

BASE = sys.argv[1]
SESSION = BASE + "/@stripe"
KEY = "sk_test_counterpart"


def client(key=KEY, **more):
    return stripe.StripeClient(key, base_addresses={"api": SESSION + "/stripe"}, **more).v1


api = client()


def is_equal(what, actual, expected):
    assert actual == expected, f"{what} is {actual!r}, not {expected!r}"


def refused(what, kind, call, **expected):
    """The call has to raise that error, with these members."""
    try:
        call()
    except kind as error:
        for name, value in expected.items():
            is_equal(f"{what}: {name}", getattr(error, name), value)
        return error
    raise AssertionError(f"{what}: nothing was refused")


def control(method, path, body=None):
    request = urllib.request.Request(SESSION + "/_counterpart/" + path, method=method)
    if body is not None:
        request.data = json.dumps(body).encode()
        request.add_header("Content-Type", "application/json")
    with urllib.request.urlopen(request) as answer:
        text = answer.read()
    return json.loads(text) if text else None


def keys():
    broken = client("sk_test_wrong")
    error = refused("a wrong key", stripe.AuthenticationError, lambda: broken.customers.list(), http_status=401)
    assert "Invalid API Key" in str(error), error
    error = refused("a key that is no secret", stripe.AuthenticationError, lambda: client("rk").customers.create())
    assert error.request_id.startswith("req_"), error.request_id


def customers():
    made = api.customers.create({
        "name": "Zoë <&> 𝄞",
        "email": "zoe+1@example.com",
        "address": {"line1": "Gate 7", "city": "Oslo", "country": "NO"},
        "preferred_locales": ["nb", "en"],
        "metadata": {"order": "6735", "of this &": "x=1&y"},
    })
    found = api.customers.retrieve(made.id)
    is_equal("the name", found.name, "Zoë <&> 𝄞")
    is_equal("the address", found.address.city, "Oslo")
    is_equal("the list", found.preferred_locales, ["nb", "en"])
    is_equal("metadata", found.metadata.to_dict(), {"order": "6735", "of this &": "x=1&y"})
    changed = api.customers.update(made.id, {"email": "", "metadata": {"order": "", "ref": "7"}})
    is_equal("an email that was unset", changed.email, None)
    is_equal("the name is as it was", changed.name, "Zoë <&> 𝄞")
    is_equal("metadata merges, and what is empty goes", changed.metadata.to_dict(), {"of this &": "x=1&y", "ref": "7"})
    is_equal("empty metadata takes away all", api.customers.update(made.id, {"metadata": ""}).metadata.to_dict(), {})
    is_equal("deleted", api.customers.delete(made.id).deleted, True)
    is_equal("a deleted customer", api.customers.retrieve(made.id).deleted, True)
    refused("who is not there", stripe.InvalidRequestError, lambda: api.customers.retrieve("cus_none"),
            http_status=404, code="resource_missing", param="id")
    refused("an unknown parameter", stripe.InvalidRequestError, lambda: api.customers.create({"nam": "x"}),
            http_status=400, code="parameter_unknown", param="nam")
    refused("an unknown part of one", stripe.InvalidRequestError, lambda: api.customers.create({"address": {"town": "Oslo"}}),
            code="parameter_unknown", param="address[town]")
    refused("more than 500 characters", stripe.InvalidRequestError, lambda: api.customers.create({"metadata": {"a": "x" * 501}}),
            http_status=400, param="metadata[a]")


def pages():
    for number in range(25):
        api.products.create({"name": f"product {number}"})
    first = api.products.list({"limit": 10})
    is_equal("the newest first", first.data[0].name, "product 24")
    is_equal("more", first.has_more, True)
    names = [product.name for product in api.products.list({"limit": 10}).auto_paging_iter()]
    is_equal("all pages", names, [f"product {number}" for number in reversed(range(25))])
    is_equal("the last page", api.products.list({"limit": 10, "starting_after": first.next_page().data[-1].id}).has_more, False)
    back = api.products.list({"limit": 10, "ending_before": first.next_page().data[0].id})
    is_equal("back", [one.id for one in back.data], [one.id for one in first.data])
    backwards = [one.name for one in api.products.list({"limit": 7, "ending_before": first.data[9].id}).auto_paging_iter()]
    is_equal("backwards", backwards, [f"product {number}" for number in range(16, 25)])
    for name in ("one", "two", "three"):
        api.customers.create({"name": name, "email": "three@example.com"})
    listed = api.customers.list({"limit": 2, "email": "three@example.com"})
    is_equal("customers", [one.name for one in listed.auto_paging_iter()], ["three", "two", "one"])
    refused("a limit of 101", stripe.InvalidRequestError, lambda: api.products.list({"limit": 101}), http_status=400, param="limit")
    refused("a cursor that is nothing", stripe.InvalidRequestError, lambda: api.products.list({"starting_after": "prod_none"}),
            code="resource_missing", param="starting_after")


def prices():
    price = api.prices.create({"currency": "usd", "unit_amount": 1200, "product_data": {"name": "Tea"}, "recurring": {"interval": "month"}, "expand": ["product"]})
    is_equal("the product", price.product.name, "Tea")
    is_equal("the kind", (price.type, price.recurring.interval_count), ("recurring", 1))
    is_equal("an id in its place", api.prices.retrieve(price.id).product, price.product.id)
    listed = api.prices.list({"product": price.product.id, "expand": ["data.product"]})
    is_equal("expanded in a list", [one.product.name for one in listed.data], ["Tea"])
    refused("what cannot be expanded", stripe.InvalidRequestError, lambda: api.prices.retrieve(price.id, {"expand": ["seller"]}), http_status=400)
    refused("another interval", stripe.InvalidRequestError,
            lambda: api.prices.create({"currency": "usd", "unit_amount": 1, "product": price.product.id, "recurring": {"interval": "fortnight"}}),
            param="recurring[interval]")
    refused("no interval", stripe.InvalidRequestError,
            lambda: api.prices.create({"currency": "usd", "unit_amount": 1, "product": price.product.id, "recurring": {"interval_count": 1}}),
            code="parameter_missing", param="recurring[interval]")
    refused("a product with prices", stripe.InvalidRequestError, lambda: api.products.delete(price.product.id), http_status=400)


def payments():
    customer = api.customers.create({"name": "Ann"})
    paid = api.payment_intents.create({
        "amount": 2000, "currency": "usd", "customer": customer.id, "payment_method": "pm_card_visa", "confirm": True,
        "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"}, "expand": ["latest_charge", "customer"],
    })
    is_equal("the status", paid.status, "succeeded")
    is_equal("the charge", (paid.latest_charge.amount_captured, paid.latest_charge.payment_method_details.card.last4), (2000, "4242"))
    is_equal("the customer", paid.customer.name, "Ann")

    refused("nothing", stripe.InvalidRequestError, lambda: api.payment_intents.create({}), http_status=400, code="parameter_missing")
    error = refused("no amount", stripe.InvalidRequestError, lambda: api.payment_intents.create({"currency": "usd"}),
                    http_status=400, code="parameter_missing", param="amount")
    is_equal("its kind", error.error.type, "invalid_request_error")
    refused("a word for an amount", stripe.InvalidRequestError, lambda: api.payment_intents.create({"amount": "ten", "currency": "usd"}),
            code="parameter_invalid_integer", param="amount")
    refused("49 cents", stripe.InvalidRequestError, lambda: api.payment_intents.create({"amount": 49, "currency": "usd"}), code="amount_too_small")

    declined = refused("a card that is declined", stripe.CardError,
                       lambda: api.payment_intents.create({"amount": 500, "currency": "usd", "payment_method": "pm_card_chargeCustomerFail", "confirm": True}),
                       http_status=402, code="card_declined")
    is_equal("why", declined.error.decline_code, "generic_decline")
    again = declined.error.payment_intent.id
    is_equal("the intent is kept", api.payment_intents.retrieve(again).status, "requires_payment_method")
    is_equal("with another card", api.payment_intents.confirm(again, {"payment_method": "pm_card_mastercard"}).status, "succeeded")

    step = api.payment_intents.create({"amount": 500, "currency": "usd"})
    is_equal("first", step.status, "requires_payment_method")
    refused("nothing to pay with", stripe.InvalidRequestError, lambda: api.payment_intents.confirm(step.id), code="payment_intent_unexpected_state")
    card = api.payment_methods.create({"type": "card", "card": {"number": "4242424242424242", "exp_month": 8, "exp_year": 2034, "cvc": "314"}})
    is_equal("its owner", api.payment_methods.attach(card.id, {"customer": customer.id}).customer, customer.id)
    is_equal("then", api.payment_intents.update(step.id, {"payment_method": card.id}).status, "requires_confirmation")
    is_equal("at last", api.payment_intents.confirm(step.id).status, "succeeded")
    refused("too late", stripe.InvalidRequestError, lambda: api.payment_intents.cancel(step.id), code="payment_intent_unexpected_state")

    held = api.payment_intents.create({"amount": 900, "currency": "usd", "payment_method": "pm_card_visa", "confirm": True, "capture_method": "manual"})
    is_equal("held", (held.status, held.amount_capturable), ("requires_capture", 900))
    refused("more than is held", stripe.InvalidRequestError, lambda: api.payment_intents.capture(held.id, {"amount_to_capture": 901}), code="amount_too_large")
    is_equal("captured in part", api.payment_intents.capture(held.id, {"amount_to_capture": 600}).amount_received, 600)
    given_up = api.payment_intents.create({"amount": 900, "currency": "usd"})
    is_equal("canceled", api.payment_intents.cancel(given_up.id, {"cancellation_reason": "abandoned"}).status, "canceled")

    # A customer who has to authenticate, and does.
    action = api.payment_intents.create({"amount": 500, "currency": "usd", "payment_method": "pm_card_authenticationRequired", "confirm": True, "return_url": BASE + "/_counterpart/live"})
    is_equal("authentication", action.status, "requires_action")
    urllib.request.urlopen(action.next_action.redirect_to_url.url).read()
    is_equal("after it", api.payment_intents.retrieve(action.id).status, "succeeded")
    listed = api.payment_intents.list({"customer": customer.id, "expand": ["data.customer"]})
    is_equal("the customer's", [one.customer.name for one in listed.data], ["Ann"])

    refund = api.refunds.create({"payment_intent": paid.id, "amount": 500, "reason": "requested_by_customer", "expand": ["charge"]})
    is_equal("refunded in part", (refund.status, refund.charge.amount_refunded, refund.charge.refunded), ("succeeded", 500, False))
    error = refused("more than is left", stripe.InvalidRequestError, lambda: api.refunds.create({"charge": paid.latest_charge.id, "amount": 1501}), param="amount")
    is_equal("how much", error.user_message, "Refund amount ($15.01) is greater than unrefunded amount on charge ($15.00)")
    api.refunds.create({"charge": paid.latest_charge.id})
    is_equal("all of it", api.charges.retrieve(paid.latest_charge.id).refunded, True)
    refused("once more", stripe.InvalidRequestError, lambda: api.refunds.create({"charge": paid.latest_charge.id}), code="charge_already_refunded")
    is_equal("refunds", [one.amount for one in api.refunds.list({"payment_intent": paid.id}).data], [1500, 500])


def idempotency():
    options = {"idempotency_key": "order-17"}
    first = api.customers.create({"name": "Once"}, options)
    second = api.customers.create({"name": "Once"}, options)
    is_equal("the same customer", second.id, first.id)
    is_equal("and said so", second.last_response.headers["idempotent-replayed"], "true")
    refused("another request", stripe.IdempotencyError, lambda: api.customers.create({"name": "Twice"}, options), http_status=400)

    # The request is done, but its answer is lost: the library sends it again, with the same key.
    control("POST", "faults", {"operation": "create_customer", "times": 1, "fault": "reset"})
    retried = client(max_network_retries=2).customers.create({"name": "Lost", "email": "lost@example.com"})
    is_equal("a retry", retried.last_response.headers["idempotent-replayed"], "true")
    is_equal("made once", len(api.customers.list({"email": "lost@example.com"}).data), 1)


class Listener(http.server.BaseHTTPRequestHandler):
    """Refuses the first request, and keeps all."""

    got = []
    came = threading.Condition()

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        with self.came:
            self.send_response(200 if self.got else 500)
            self.send_header("Content-Length", "0")
            self.end_headers()
            self.got.append((body, self.headers["Stripe-Signature"]))
            self.came.notify_all()

    def log_message(self, *_):
        pass

    @classmethod
    def wait(cls, count):
        with cls.came:
            assert cls.came.wait_for(lambda: len(cls.got) >= count, 30), f"{len(cls.got)} of {count} events came"
        return cls.got


def webhooks():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Listener)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/hook"
    endpoint = api.webhook_endpoints.create({"url": url, "enabled_events": ["customer.created", "payment_intent.succeeded"]})
    assert endpoint.secret.startswith("whsec_"), endpoint.secret
    is_equal("told once", getattr(api.webhook_endpoints.retrieve(endpoint.id), "secret", None), None)
    customer = api.customers.create({"name": "Hooked"})
    body, signature = Listener.wait(1)[0]
    event = stripe.Webhook.construct_event(body, signature, endpoint.secret)
    is_equal("the event", (event.type, event.data.object.id, event.data.object.name), ("customer.created", customer.id, "Hooked"))
    refused("another secret", stripe.SignatureVerificationError, lambda: stripe.Webhook.construct_event(body, signature, "whsec_other"))
    refused("another body", stripe.SignatureVerificationError, lambda: stripe.Webhook.construct_event(body.replace("Hooked", "Hacked"), signature, endpoint.secret))

    # It was answered with 500, so it comes again, as the same event.
    control("POST", "clock/advance", {"by": "PT1H"})
    body, signature = Listener.wait(2)[1]
    is_equal("again", stripe.Webhook.construct_event(body, signature, endpoint.secret).id, event.id)
    api.customers.update(customer.id, {"name": "nobody listens to it"})
    api.payment_intents.create({"amount": 2000, "currency": "usd", "payment_method": "pm_card_visa", "confirm": True})
    body, signature = Listener.wait(3)[2]
    is_equal("what is asked for", stripe.Webhook.construct_event(body, signature, endpoint.secret, tolerance=7200).type, "payment_intent.succeeded")
    api.webhook_endpoints.delete(endpoint.id)
    api.customers.create({"name": "Unheard"})
    control("POST", "clock/advance", {"by": "PT12H"})
    is_equal("events that came", len(Listener.got), 3)
    is_equal("events there are", [one.type for one in api.events.list({"type": "customer.updated", "limit": 1}).data], ["customer.updated"])
    is_equal("as it was", api.events.retrieve(event.id).data.object.name, "Hooked")
    server.shutdown()


for part in (keys, customers, pages, prices, payments, idempotency, webhooks):
    part()
