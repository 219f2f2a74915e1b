<?php
// PHP's SoapClient: a contact is created and edited over SOAP 1.1 and 1.2, refusals and faults are read.
declare(strict_types=1);

$base = $argv[1] . '/cake/api/1';
const FIRST = 'Zoë <&> 𝄞';
const LAST = 'O\'"Brien 日本';

function is_equal(string $what, mixed $actual, mixed $expected): void
{
    if ($actual !== $expected) {
        fwrite(STDERR, "$what is " . var_export($actual, true) . ', not ' . var_export($expected, true) . "\n");
        exit(1);
    }
}

/** Writes a word where a number belongs, which SoapClient itself would not send. */
class Misspelling extends SoapClient
{
    public bool $on = false;

    public function __doRequest(string $request, string $location, string $action, int $version, bool $oneWay = false): ?string
    {
        if ($this->on) {
            $request = str_replace('entity_id>123456<', 'entity_id>abc<', $request);
        }
        return parent::__doRequest($request, $location, $action, $version, $oneWay);
    }
}

function contact(array $changes = []): array
{
    return $changes + [
        'api_key' => 'cake-key',
        'entity_type' => 'affiliate',
        'entity_id' => 123456,
        'contact_id' => 0,
        'include_in_mass_email' => true,
        'contact_first_name' => FIRST,
        'contact_middle_name' => null,
        'contact_last_name' => LAST,
        'contact_email_address' => 'zoe@example.com',
        'contact_password' => '',
        'contact_department_id' => 0,
        'contact_language_id' => 0,
    ];
}

foreach ([SOAP_1_1 => 'Client', SOAP_1_2 => 'Sender'] as $version => $code) {
    $options = ['soap_version' => $version, 'cache_wsdl' => WSDL_CACHE_NONE, 'exceptions' => true];
    $client = new Misspelling("$base/addedit.asmx?WSDL", $options);
    $made = $client->Contact(contact())->ContactResult;
    is_equal("$code: success", $made->success, true);
    is_equal("$code: message", $made->message, 'Contact ' . FIRST . ' ' . LAST . ' Created');
    is_equal("$code: contact_id", is_int($made->contact_id), true);

    $edited = $client->Contact(contact(['contact_id' => $made->contact_id, 'contact_first_name' => 'Zed']))->ContactResult;
    is_equal("$code: the edit", $edited->message, 'Contact Zed ' . LAST . ' Updated');
    is_equal("$code: contact_id of the edit", $edited->contact_id, $made->contact_id);

    foreach (
        [
            'Invalid API Key' => ['api_key' => 'wrong'],
            'Invalid Contact ID' => ['contact_id' => 99999],
            'Invalid Contact Password' => ['contact_password' => str_repeat('x', 26)],
        ] as $message => $change
    ) {
        $refused = $client->Contact(contact($change))->ContactResult;
        is_equal("$code: success where $message", $refused->success, false);
        is_equal("$code: message", $refused->message, $message);
    }

    $client->on = true;
    try {
        $client->Contact(contact());
        is_equal("$code: a word for a number", 'accepted', 'refused');
    } catch (SoapFault $fault) {
        is_equal("$code: the fault's reason", str_contains($fault->faultstring, 'not in a correct format'), true);
        is_equal("$code: the fault's code", str_contains($fault->faultcode, $code), true);
    }

    $get = new SoapClient("$base/get.asmx?WSDL", $options);
    $departments = $get->Departments(['api_key' => 'cake-key'])->DepartmentsResult->Department;
    is_equal("$code: departments", array_column($departments, 'department_name'), ['Accounting', 'Marketing', 'Technical']);
    $languages = $get->Languages(['api_key' => 'cake-key'])->LanguagesResult->Language;
    is_equal("$code: languages", array_column($languages, 'language_id'), [1, 2, 3]);
}
