// node's fetch (undici): contacts of all four vendors.
'use strict';
const assert = require('node:assert/strict');

const base = process.argv[2];
const name = 'Zoë <&> 𝄞';

async function ask(method, path, status, { headers = {}, ...rest } = {}) {
  const answer = await fetch(base + path, { method, headers, ...rest });
  const text = await answer.text();
  assert.equal(answer.status, status, `${method} ${path}: ${answer.status}, not ${status}: ${text}`);
  return { text, headers: answer.headers, json: () => JSON.parse(text) };
}

async function quentn() {
  const path = '/quentn/public/api/V1/contact';
  const headers = { Authorization: 'Bearer quentn-key', 'Content-Type': 'application/json' };
  const send = (method, where, status, value) =>
    ask(method, where, status, { headers, body: value === undefined ? undefined : JSON.stringify(value) });
  const { id } = (await send('POST', path, 200, { contact: { mail: 'zoe+1@example.com', first_name: name } })).json();
  const found = await send('GET', `${path}/${id}?fields=first_name,mail`, 200);
  assert.deepEqual(found.json(), { id, first_name: name, mail: 'zoe+1@example.com' });
  assert.equal((await send('HEAD', `${path}/${id}`, 200)).text, '');
  assert.deepEqual((await send('PUT', `${path}/${id}`, 200, { first_name: 'Zed' })).json(), { success: 'true' });
  await send('POST', `${path}/${id}/terms`, 200, [12, 65]);
  await send('DELETE', `${path}/${id}/terms`, 200, [12]);
  assert.deepEqual((await send('GET', `${path}/${id}/terms`, 200)).json().map((term) => term.id), [65]);
  assert.match((await send('POST', path, 400, { contact: { mail: 'zoe' } })).json().message, /mail/);
  await ask('GET', `${path}/${id}`, 401);
  await send('DELETE', `${path}/${id}`, 200);
  await send('GET', `${path}/${id}`, 404);

  // A stream goes in chunks.
  const stream = new Blob([JSON.stringify({ contact: { mail: 'chunks@example.com' } })]).stream();
  await ask('POST', path, 200, { headers, body: stream, duplex: 'half' });

  const many = await Promise.all(
    Array.from({ length: 50 }, (_, i) => send('POST', path, 200, { contact: { mail: `many${i}@example.com` } })));
  assert.equal(new Set(many.map((answer) => answer.json().id)).size, 50, 'fifty at once have fifty ids');
}

async function maileon() {
  const path = '/maileon/1.0/contacts/externalid/zo%C3%AB';
  const headers = {
    Authorization: `Basic ${Buffer.from('maileon-key-0001:').toString('base64')}`,
    'Content-Type': 'application/vnd.maileon.api+xml; charset=utf-8',
  };
  const body = `<contact><email>zoe@example.com</email><standard_fields><field><name>LASTNAME</name><value>Zoë &lt;&amp;&gt; 𝄞</value></field></standard_fields></contact>`;
  await ask('POST', `${path}?permission=1`, 201, { headers, body });
  const found = await ask('GET', `${path}?standard_field=LASTNAME`, 200, { headers });
  assert.equal(found.headers.get('content-type'), 'application/vnd.maileon.api+xml');
  assert.match(found.text, /<value>Zoë &lt;&amp;&gt; 𝄞<\/value>/);
  assert.match((await ask('POST', `${path}?permission=9`, 400, { headers, body })).text, /permission/);
  await ask('GET', path, 401);
  await ask('DELETE', path, 200, { headers });
  await ask('GET', path, 404, { headers });
}

async function loyaltii() {
  const path = '/loyaltii/api/v1/Contacts';
  const contact = { RegistrationSource: 'fair', FirstName: name, LastName: 'Lie', Phone: '47123456' };
  const headers = { 'Content-Type': 'application/json' };
  const made = (await ask('POST', path, 201, { headers, body: JSON.stringify(contact) })).json();
  assert.deepEqual((await ask('GET', `${path}/${made.Id}`, 200)).json(), made);
  const again = await ask('POST', path, 409, { body: new URLSearchParams({ ...contact, LastName: 'Nes' }) });
  assert.equal(again.json().Message, 'A contact with the same phone number already exists.');
  const byForm = await ask('POST', path, 201, { body: new URLSearchParams({ ...contact, LastName: 'Nes', Phone: '47123457' }) });
  assert.equal(byForm.json().FirstName, name);
}

async function cake() {
  const path = '/cake/api/1/addedit.asmx/Contact';
  const names = `api_key entity_type entity_id contact_id include_in_mass_email contact_first_name
    contact_middle_name contact_last_name contact_email_address contact_password contact_title
    contact_department_id contact_phone_work contact_phone_cell contact_phone_fax
    contact_im_service contact_im_name contact_timezone contact_language_id`.split(/\s+/);
  const contact = {
    ...Object.fromEntries(names.map((field) => [field, ''])),
    api_key: 'cake-key', entity_type: 'affiliate', entity_id: '123456', contact_id: '0',
    include_in_mass_email: 'TRUE', contact_first_name: name, contact_last_name: 'Last',
    contact_email_address: 'zoe@example.com', contact_im_service: '-1',
  };
  const created = /<message>Contact Zoë &lt;&amp;&gt; 𝄞 Last Created<\/message>/;
  assert.match((await ask('GET', `${path}?${new URLSearchParams(contact)}`, 200)).text, created);
  assert.match((await ask('POST', path, 200, { body: new URLSearchParams(contact) })).text, created);
  contact.api_key = 'wrong';
  assert.match((await ask('POST', path, 200, { body: new URLSearchParams(contact) })).text, /Invalid API Key/);
  const lists = await ask('GET', '/cake/api/1/get.asmx/Languages?api_key=cake-key', 200);
  assert.equal(lists.text.match(/<language_id>/g).length, 3);
}

(async () => {
  for (const vendor of [quentn, maileon, loyaltii, cake]) {
    await vendor();
  }
})().catch((error) => {
  console.error(error.stack ?? error);
  process.exit(1);
});
