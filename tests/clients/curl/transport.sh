#!/usr/bin/env bash
# curl: what HTTP/1 lets a client do beside a plain request, and each vendor's wire forms.
set -euo pipefail
base=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# ask STATUS ARGUMENT...: the answer is left in $folder/body and $folder/head.
ask() {
    local expected=$1 status
    shift
    : >"$folder/body"
    status=$(curl -sS -o "$folder/body" -D "$folder/head" -w '%{http_code}' --max-time 60 "$@")
    if [ "$status" != "$expected" ]; then
        echo "curl $*: $status, not $expected: $(head -c 500 "$folder/body")" >&2
        exit 1
    fi
}

# has FILE TEXT
has() {
    grep -qiF -- "$2" "$folder/$1" || {
        echo "'$2' is not in the $1: $(head -c 500 "$folder/$1")" >&2
        exit 1
    }
}

contact=$base/quentn/public/api/V1/contact
key=(-H 'Authorization: Bearer quentn-key')
json=("${key[@]}" -H 'Content-Type: application/json')

ask 200 "$contact" "${json[@]}" -d '{"contact": {"mail": "zoe@example.com", "first_name": "Zoë <&> 𝄞"}}'
id=$(tr -dc 0-9 <"$folder/body")
ask 200 "$contact/$id" "${key[@]}" --compressed
has body '"first_name":"Zoë <&> 𝄞"'
ask 200 "$contact/$id" "${key[@]}" --http1.0
has body '"first_name"'
ask 200 "$contact/$id" "${key[@]}" --http2              # asks for an upgrade, which is declined
ask 200 "$contact/$id" "${key[@]}" --head
has head content-length
[ ! -s "$folder/body" ] || has body HTTP                # -I writes the head there
ask 200 "$contact/$id" "${key[@]}" -H 'Connection: close'
ask 200 "$contact/$id?fields=mail" "${key[@]}" --range 0-3
has body zoe@example.com
ask 401 "$contact/$id"
ask 405 "$base/cake/api/1/addedit.asmx" -X PATCH

# Two requests over one connection.
connects=$(curl -sS -o "$folder/body" -o "$folder/body" -w '%{num_connects}' "${key[@]}" "$contact/$id" "$contact/$id")
[ "$connects" = 10 ] || { echo "a kept connection is opened again: $connects" >&2; exit 1; }

# Large bodies: curl waits for 100 Continue, and sends on; over the limit it is told so.
python3 - "$folder" <<'EOF'
import json, sys
text = lambda megabytes: json.dumps({"contact": {"mail": "large@example.com", "first_name": "x" * (megabytes << 20)}})
open(sys.argv[1] + "/large", "w").write(text(2))
open(sys.argv[1] + "/too-large", "w").write(text(11))
EOF
for expect in 'Expect: 100-continue' 'Expect:'; do
    # Two megabytes are no first name: it has been read to its end, and refused by the rule.
    ask 400 "$contact" "${json[@]}" -H "$expect" --data-binary "@$folder/large"
    has body first_name
    ask 413 "$contact" "${json[@]}" -H "$expect" --data-binary "@$folder/too-large"
done
ask 400 "$contact" "${json[@]}" -H 'Transfer-Encoding: chunked' --data-binary "@$folder/large"
has body first_name
ask 413 "$contact" "${json[@]}" -H 'Transfer-Encoding: chunked' --data-binary "@$folder/too-large"
printf '{"contact": {"mail": "chunks@example.com"}}' | ask 200 "$contact" "${json[@]}" -X POST -T -

external=$base/maileon/1.0/contacts/externalid/zo%C3%AB
xml=(-u maileon-key-0001: -H 'Content-Type: application/vnd.maileon.api+xml; charset=utf-8')
ask 201 "$external?permission=1" "${xml[@]}" -d '<contact><email>zoe@example.com</email></contact>'
ask 200 "$external" "${xml[@]}"
has body '<external_id>zoë</external_id>'
ask 400 "$external?permission=1" "${xml[@]}" -d '<contact><email>'
ask 401 "$external" -u wrong:

contacts=$base/loyaltii/api/v1/Contacts
ask 201 "$contacts" --data-urlencode 'RegistrationSource=web' --data-urlencode 'FirstName=Zoë <&> 𝄞' \
    --data-urlencode 'LastName=Lie' --data-urlencode 'Phone=47123456'
has body '"FirstName":"Zoë <&> 𝄞"'
ask 409 "$contacts" -d 'RegistrationSource=web&FirstName=Kari&LastName=Nes&Phone=47123456'
ask 415 "$contacts" -F RegistrationSource=web           # multipart, which this vendor does not take

soap='<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><Departments xmlns="http://cakemarketing.com/api/1/"><api_key>cake-key</api_key></Departments></e:Body></e:Envelope>'
lists=$base/cake/api/1/get.asmx
ask 200 "$lists" -H 'Content-Type: text/xml; charset=utf-8' -H 'SOAPAction: "http://cakemarketing.com/api/1/Departments"' -d "$soap"
has body '<department_name>Marketing</department_name>'
ask 500 "$lists" -H 'Content-Type: text/xml; charset=utf-8' -H 'SOAPAction: "urn:nothing"' -d "$soap"
has body '<faultcode>soap:Client</faultcode>'
ask 200 "$lists/Languages?api_key=cake-key"
has body '<language_name>German</language_name>'
ask 200 "$base/cake/api/1/addedit.asmx?WSDL"
has body '<wsdl:definitions'
