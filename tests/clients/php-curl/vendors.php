<?php
// PHP's curl on one kept handle, as vendors' own SDKs use it: contacts of all four vendors.
declare(strict_types=1);

$base = $argv[1];
$handle = curl_init();
const NAME = 'Zoë <&> 𝄞';

function is_equal(string $what, mixed $actual, mixed $expected): void
{
    if ($actual !== $expected) {
        fwrite(STDERR, "$what is " . var_export($actual, true) . ', not ' . var_export($expected, true) . "\n");
        exit(1);
    }
}

function ask(string $method, string $path, int $status, array $headers = [], mixed $body = null): string
{
    global $base, $handle;
    curl_reset($handle);
    curl_setopt_array($handle, [
        CURLOPT_URL => $base . $path,
        CURLOPT_CUSTOMREQUEST => $method,
        CURLOPT_HTTPHEADER => $headers,
        CURLOPT_RETURNTRANSFER => true,
        CURLOPT_ENCODING => '',
    ]);
    if ($body !== null) {
        curl_setopt($handle, CURLOPT_POSTFIELDS, $body);
    }
    $text = curl_exec($handle);
    is_equal("$method $path: curl's error", curl_error($handle), '');
    is_equal("$method $path: the status (of $text)", curl_getinfo($handle, CURLINFO_RESPONSE_CODE), $status);
    return $text;
}

$path = '/quentn/public/api/V1/contact';
$key = ['Authorization: Bearer quentn-key', 'Content-Type: application/json'];
$id = json_decode(ask('POST', $path, 200, $key, json_encode(['contact' => ['mail' => 'zoe@example.com', 'first_name' => NAME]])))->id;
is_equal('quentn: the name', json_decode(ask('GET', "$path/$id", 200, $key))->first_name, NAME);
ask('PUT', "$path/$id", 200, $key, '{"first_name": "Zed"}');
ask('DELETE', "$path/$id", 200, $key);
ask('GET', "$path/$id", 404, $key);

$path = '/maileon/1.0/contacts/externalid/zoe';
$key = ['Authorization: Basic ' . base64_encode('maileon-key-0001:'), 'Content-Type: application/vnd.maileon.api+xml; charset=utf-8'];
$contact = new SimpleXMLElement('<contact/>');
$contact->email = 'zoe@example.com';
$contact->standard_fields->field->name = 'LASTNAME';
$contact->standard_fields->field->value = NAME;
ask('POST', "$path?permission=1", 201, $key, $contact->asXML());
$found = new SimpleXMLElement(ask('GET', "$path?standard_field=LASTNAME", 200, $key));
is_equal('maileon: the name', (string) $found->contact->standard_fields->field->value, NAME);
ask('GET', $path, 401);

$path = '/loyaltii/api/v1/Contacts';
$contact = ['RegistrationSource' => 'fair', 'FirstName' => NAME, 'LastName' => 'Lie', 'Phone' => '47123456'];
$made = json_decode(ask('POST', $path, 201, [], http_build_query($contact)));
is_equal('loyaltii: the name', $made->FirstName, NAME);
ask('POST', $path, 409, ['Content-Type: application/json'], json_encode($contact));

$found = new SimpleXMLElement(ask('GET', '/cake/api/1/get.asmx/Departments?api_key=cake-key', 200));
is_equal('cake: departments', count($found->Department), 3);
ask('GET', '/cake/api/1/addedit.asmx/Contact?api_key=cake-key', 500);
