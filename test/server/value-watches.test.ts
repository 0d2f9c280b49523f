import assert from 'node:assert/strict';
import path from 'node:path';
import { ArgumentError, DataAccessError } from '../../src/errors.js';
import { IedServer } from '../../src/server/ied-server.js';
import { loadScl } from '../../src/scl/index.js';

const BAY = path.join(__dirname, '../../examples/scl/bay.cid');
const POSITION = 'BAY1CTRL/XCBR1.Pos[ST]';

describe('a value of a server that is watched', () => {
  let server: IedServer;
  const seen: unknown[] = [];

  beforeEach(async () => {
    seen.length = 0;
    server = await IedServer.fromScl(await loadScl(BAY, { path: true }), { ied: 'BAY1' });
  });
  const set = (value: string): void => void server.update([{ reference: POSITION, value }]);

  it('is told at each setting when it is in place, until that is ended', () => {
    const end = server.watch(POSITION, ({ value }) => seen.push(value));
    set('Open');
    set('Open');
    server.update([{ reference: 'BAY1CTRL/XSWI1.Pos[ST]', value: 'Open' }]);
    end();
    set('Closed');
    assert.deepEqual(seen, [1, 1]);
  });

  it('may be watched by several, one of which fails without harm', () => {
    const errors: Error[] = [];
    server.on('error', (error) => errors.push(error));
    server.watch(POSITION, () => {
      throw new Error('mine');
    });
    server.watch(POSITION, ({ quality }) => seen.push(quality?.validity));
    set('Open');
    assert.deepEqual(seen, ['good']);
    assert.deepEqual(
      errors.map(({ message }) => message),
      ['mine'],
    );
  });

  it('has to be there', () => {
    assert.throws(() => server.watch('BAY1CTRL/XCBR1.None[ST]', () => undefined), DataAccessError);
    assert.throws(() => server.watch('nonsense', () => undefined), ArgumentError);
  });
});
