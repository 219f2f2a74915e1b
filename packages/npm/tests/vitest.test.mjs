import * as vitest from 'vitest';
import { useMock } from 'counterpart';

const counterpart = useMock({}, vitest);

vitest.test('the vendors in the program are served to vitest', async () => {
  vitest.expect(Object.keys(counterpart.mock.vendors)).toHaveLength(4);
  vitest.expect(await counterpart.session.requests()).toEqual([]);
});
