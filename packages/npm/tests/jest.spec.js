const { useMock } = require('counterpart');

const counterpart = useMock();

test('the vendors in the program are served to jest', async () => {
  expect(Object.keys(counterpart.mock.vendors)).toHaveLength(4);
  expect(await counterpart.session.requests()).toEqual([]);
});
