// node's `soap`: a contact is created and edited over SOAP 1.1 and 1.2, refusals and a fault are read.
'use strict';
const assert = require('node:assert/strict');
const soap = require('soap');

const base = `${process.argv[2]}/cake/api/1`;
const first = 'Zoë <&> 𝄞';
const last = 'O\'"Brien 日本';

const contact = (changes = {}) => ({
  api_key: 'cake-key',
  entity_type: 'affiliate',
  entity_id: 123456,
  contact_id: 0,
  include_in_mass_email: true,
  contact_first_name: first,
  contact_last_name: last,
  contact_email_address: 'zoe@example.com',
  contact_title: '',
  contact_department_id: 0,
  contact_language_id: 0,
  ...changes,
});

async function throughPort(port, forceSoap12Headers) {
  const client = await soap.createClientAsync(`${base}/addedit.asmx?WSDL`, { forceSoap12Headers });
  const call = client.addedit[port].Contact;
  const send = (args, options) =>
    new Promise((resolve, reject) =>
      call(args, (error, result) => (error ? reject(error) : resolve(result.ContactResult)), options));

  const made = await send(contact());
  assert.equal(made.success, true);
  assert.equal(made.message, `Contact ${first} ${last} Created`);
  assert.equal(typeof made.contact_id, 'number');

  const edited = await send(contact({ contact_id: made.contact_id, contact_first_name: 'Zed' }));
  assert.equal(edited.message, `Contact Zed ${last} Updated`);
  assert.equal(edited.contact_id, made.contact_id);

  for (const [change, message] of [
    [{ api_key: 'wrong' }, 'Invalid API Key'],
    [{ contact_id: 99999 }, 'Invalid Contact ID'],
    [{ contact_timezone: 'too long' }, 'Invalid Contact Time Zone'],
  ]) {
    const refused = await send(contact(change));
    assert.equal(refused.success, false, port);
    assert.equal(refused.message, message, port);
  }

  await assert.rejects(send(contact({ entity_id: 'abc' })), (error) => {
    const text = JSON.stringify(error.root);
    assert.match(text, /not in a correct format/, `${port}: ${text}`);
    assert.match(text, forceSoap12Headers ? /Sender/ : /Client/, `${port}: ${text}`);
    return true;
  });
}

async function lists() {
  const client = await soap.createClientAsync(`${base}/get.asmx?WSDL`);
  const [departments] = await client.DepartmentsAsync({ api_key: 'cake-key' });
  assert.deepEqual(
    departments.DepartmentsResult.Department.map((d) => d.department_name),
    ['Accounting', 'Marketing', 'Technical']);
  const [languages] = await client.LanguagesAsync({ api_key: 'cake-key' });
  assert.deepEqual(languages.LanguagesResult.Language.map((l) => l.language_id), [1, 2, 3]);
}

(async () => {
  await throughPort('addeditSoap', false);
  await throughPort('addeditSoap12', true);
  await lists();
})().catch((error) => {
  console.error(error.stack ?? error);
  process.exit(1);
});
