import assert from 'node:assert/strict';
import type { NodeMessage } from 'node-red';
import type { IedServer } from '../../src/server/ied-server.js';
import {
  helper,
  message,
  node,
  nodeModule,
  nodes,
  PLACE,
  startBay,
  startRed,
  stopRed,
  watchers,
  type Caught,
  type Properties,
  type Status,
} from './support/red.js';

const write = nodeModule('../../../nodes/iec61850-write/iec61850-write.js');
const DESCRIPTION = 'BAY1CTRL/GGIO1.SPCSO1.d[DC]';
const POSITION = 'BAY1CTRL/XCBR1.Pos';

interface Written extends NodeMessage {
  written: string[];
}

describe('iec61850-write', () => {
  let server: IedServer;
  let port: number;
  const taken: [reference: string, value: unknown][] = [];

  before(startRed);
  after(stopRed);
  beforeEach(async () => {
    ({ server, port } = await startBay({ writable: ['DC', 'CF', 'SV'] }));
    taken.length = 0;
    server.on('written', ({ reference, value }) => taken.push([reference, value]));
  });
  afterEach(async () => {
    await helper.unload();
    await server.close();
  });

  async function start(settings: Properties = {}): Promise<void> {
    const flow = [
      ...watchers(['write']),
      {
        id: 'ied',
        type: 'iec61850-ied',
        version: 1,
        name: 'BAY1',
        host: '127.0.0.1',
        port: String(port),
        timeout: '500',
      },
      {
        id: 'write',
        ...PLACE,
        type: 'iec61850-write',
        version: 1,
        ied: 'ied',
        reference: DESCRIPTION,
        allowed: true,
        ...settings,
        wires: [['out']],
      },
      { id: 'out', ...PLACE, type: 'helper' },
    ];
    await helper.load([nodes.ied, write, nodes.catch, nodes.status], flow as never);
    if (!('allowed' in settings) && settings.ied !== '')
      await message<Status>('statuses', ({ status }) => status.text === 'ready');
  }
  const send = (msg: object): void => node('write').receive(msg as NodeMessage);
  const done = (msg: object): Promise<Written> => {
    const answer = message<Written>('out');
    send(msg);
    return answer;
  };
  const failed = async (msg: object): Promise<string> => {
    const answer = message<Caught>('caught');
    send(msg);
    return (await answer).error.message;
  };

  it("writes the payload with the live type of the node's point", async () => {
    await start();
    const status = message<Status>('statuses', (msg) => msg.status.text === 'written');
    const msg = await done({ payload: 'feeder 1', ticket: 3 });
    assert.deepEqual(msg.written, [DESCRIPTION]);
    assert.equal(msg.ticket, 3);
    assert.deepEqual(taken, [[DESCRIPTION, 'feeder 1']]);
    assert.equal((await status).status.fill, 'green');
  });

  it('is off until a person says that this flow may write', async () => {
    for (const allowed of [false, undefined]) {
      await start({ allowed });
      assert.match(await failed({ payload: 'x' }), /may not write.*Tick/);
      await helper.unload();
    }
    assert.deepEqual(taken, []);
  });

  it('writes what messages name when the node names nothing', async () => {
    await start({ reference: '' });
    assert.deepEqual((await done({ reference: DESCRIPTION, payload: 'a' })).written, [DESCRIPTION]);
    const several = { [DESCRIPTION]: 'b', 'BAY1CTRL/GGIO1.SPCSO2.d[DC]': 'c' };
    assert.deepEqual((await done({ payload: several })).written, Object.keys(several));
    assert.deepEqual(
      taken.map(([, value]) => value),
      ['a', 'b', 'c'],
    );
  });

  it('stops at the first of several that fails, and says which were written', async () => {
    await start({ reference: '' });
    const error = await failed({
      payload: { [DESCRIPTION]: 'b', 'BAY1CTRL/GGIO1.Nothing.d[DC]': 'c', 'BAY1CTRL/GGIO1.SPCSO2.d[DC]': 'd' },
    });
    assert.match(error, /Nothing/);
    assert.match(error, /written before it: BAY1CTRL\/GGIO1\.SPCSO1/);
    assert.equal(taken.length, 1);
  });

  it('refuses what cannot be meant, before anything is sent', async () => {
    await start({ reference: '' });
    const wrong: [object, RegExp][] = [
      [{ payload: 'x' }, /does not say what to write/],
      [{ payload: [1] }, /does not say what to write/],
      [{ payload: {} }, /0 values/],
      [{ reference: 'BAY1CTRL/GGIO1.SPCSO1.Oper.ctlVal[CO]', payload: true }, /is a control.*iec61850-control/],
      [{ reference: 'BAY1CTRL/GGIO1.SPCSO1.d', payload: 'x' }, /\[FC\]/],
      [{ reference: DESCRIPTION }, /no value/],
      [{ reference: DESCRIPTION, payload: null }, /no value/],
      [{ reference: DESCRIPTION, payload: 5 }, /no text/],
      [{ reference: DESCRIPTION, payload: 'x', action: 'erase' }, /none of write/],
      [{ reference: 'somewhere', payload: 'x' }, /not a reference/],
    ];
    for (const [msg, reason] of wrong) assert.match(await failed(msg), reason);
    assert.deepEqual(taken, []);
  });

  it('does not let a message choose another point than the node', async () => {
    await start();
    assert.match(await failed({ reference: 'BAY1CTRL/GGIO1.SPCSO2.d[DC]', payload: 'x' }), /another one/);
    assert.deepEqual(taken, []);
  });

  it("names the point and the IED's reason when it refuses", async () => {
    await start({ reference: '' });
    const status = message<Status>('statuses', (msg) => msg.status.text === 'refused');
    const error = await failed({ reference: `${POSITION}.stVal[ST]`, payload: 1 });
    assert.match(error, /XCBR1\.Pos\.stVal\[ST\].*object-access-denied/);
    assert.equal((await status).status.fill, 'yellow');
  });

  it('substitutes value, quality and author as one action, and ends it', async () => {
    await start({ reference: POSITION, action: 'substitute', subID: 'desk' });
    await done({ payload: 'open', subQ: { validity: 'questionable' } });
    assert.deepEqual(taken, [
      [`${POSITION}.subVal[SV]`, 1],
      [`${POSITION}.subQ[SV]`, '1100000000100'],
      [`${POSITION}.subID[SV]`, 'desk'],
      [`${POSITION}.subEna[SV]`, true],
    ]);
    taken.length = 0;
    await done({ payload: null });
    await done({ payload: 'whatever', action: 'release' });
    assert.deepEqual(taken, [
      [`${POSITION}.subEna[SV]`, false],
      [`${POSITION}.subEna[SV]`, false],
    ]);
  });

  it('leaves the process value alone when a part of a substitution cannot be', async () => {
    await start({ reference: POSITION, action: 'substitute' });
    assert.match(await failed({ payload: 'ajar' }), /subVal/);
    assert.match(await failed({ payload: 'open', subQ: 'good' }), /subQ/);
    assert.match(await failed({ payload: 'open', subID: 'x'.repeat(65) }), /subID/);
    assert.deepEqual(taken, []);
  });

  it('writes a data set whole, and tells which of its members were refused', async () => {
    await start({ reference: 'BAY1CTRL/LLN0.dsPositions', action: 'writeDataSet' });
    assert.match(await failed({ payload: 1 }), /no values/);
    assert.match(await failed({ payload: [1] }), /members, and there are 1 values/);
    assert.deepEqual(taken, []);
  });

  it('makes a data set, writes it, and deletes it', async () => {
    await start({ reference: '' });
    const made = { reference: 'BAY1CTRL/LLN0.Made' };
    const members = [DESCRIPTION, 'BAY1CTRL/GGIO1.SPCSO2.d[DC]'];
    const created = await done({ ...made, action: 'createDataSet', payload: members });
    assert.deepEqual(created.written, ['BAY1CTRL/LLN0.Made']);
    const written = await done({ ...made, action: 'writeDataSet', payload: ['a', 'b'] });
    assert.deepEqual(written.written, members);
    assert.deepEqual(taken, [
      [members[0], 'a'],
      [members[1], 'b'],
    ]);
    assert.match(
      await failed({ ...made, action: 'createDataSet', payload: members }),
      /create data set BAY1CTRL\/LLN0\.Made: .*object-exists/,
    );
    await done({ ...made, action: 'deleteDataSet' });
    assert.match(await failed({ ...made, action: 'deleteDataSet' }), /no data set BAY1CTRL\/LLN0\.Made/);
    assert.match(
      await failed({ reference: 'BAY1CTRL/LLN0.dsPositions', action: 'deleteDataSet' }),
      /part of its configuration/,
    );
  });

  it('says which members of a data set the IED refused, and never writes a control by one', async () => {
    await start({ reference: '@own', action: 'createDataSet' });
    const members = [DESCRIPTION, 'BAY1CTRL/XCBR1.Pos.stVal[ST]'];
    await done({ action: 'createDataSet', payload: members });
    const error = await failed({ action: 'writeDataSet', payload: ['a', 1] });
    assert.match(error, /1 of 2 members were refused.*XCBR1\.Pos\.stVal\[ST\]: object-access-denied/);
    assert.equal(taken.length, 1);
    await done({ action: 'deleteDataSet' });
    await done({ action: 'createDataSet', payload: ['BAY1CTRL/GGIO1.SPCSO1.Oper.ctlVal[CO]'] });
    assert.match(await failed({ action: 'writeDataSet', payload: [true] }), /is a control.*iec61850-control/);
  });

  it('refuses data sets that cannot be meant, before anything is sent', async () => {
    await start({ reference: '' });
    const one = ['BAY1CTRL/XCBR1.Pos[ST]'];
    const wrong: [object, RegExp][] = [
      [{ action: 'createDataSet', payload: one }, /names no data set/],
      [{ action: 'createDataSet', reference: 'Made', payload: one }, /names no data set/],
      [{ action: 'createDataSet', reference: 'BAY1CTRL/LLN0.1st', payload: one }, /cannot be the name/],
      [{ action: 'createDataSet', reference: '@own', payload: [] }, /0 members/],
      [{ action: 'createDataSet', reference: '@own', payload: [7] }, /no reference/],
      [{ action: 'createDataSet', reference: '@own', payload: ['BAY1CTRL/XCBR1.Pos'] }, /cannot be a member/],
      [{ action: 'writeDataSet', reference: 'BAY1CTRL/LLN0.Positions', payload: 'x' }, /no values/],
    ];
    for (const [msg, reason] of wrong) assert.match(await failed(msg), reason);
  });

  it('queues nothing while the IED is away', async () => {
    await start();
    const offline = message<Status>('statuses', ({ status }) => status.text === 'offline');
    await server.close();
    await offline;
    assert.match(await failed({ payload: 'x' }), /not connected/);
    ({ server } = await startBay());
  });

  it('says what to do when its settings are wrong', async () => {
    await start({ ied: '' });
    assert.match(await failed({ payload: 'x' }), /choose an IED/);
    await helper.unload();
    await start({ reference: 'BAY1CTRL/GGIO1.SPCSO1.d', allowed: true }).catch(() => undefined);
    assert.match(await failed({ payload: 'x' }), /\[FC\]/);
  });
});
