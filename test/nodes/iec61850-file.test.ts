import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { NodeMessage } from 'node-red';
import type { FileEntry } from '../../src/client/index.js';
import type { IedServer } from '../../src/server/ied-server.js';
import type { Iec61850Error } from '../../src/errors.js';
import { FileIed, octets } from '../client/files/file-ied.js';
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

const file = nodeModule('../../../nodes/iec61850-file/iec61850-file.js');

interface Answer extends NodeMessage {
  payload: Buffer;
  filename?: string;
  file: { path: string; size: number; resumed: number; filename?: string };
  files: { path: string }[];
  parts: { id: string; index: number; count?: number; type: string };
  ticket?: number;
}

describe('iec61850-file', () => {
  let server: IedServer;
  let port: number;
  let place = '';
  let store = '';
  let folder = '';

  before(startRed);
  after(stopRed);
  beforeEach(async () => {
    place = await mkdtemp(path.join(tmpdir(), 'file-node-'));
    store = path.join(place, 'store');
    folder = path.join(place, 'local');
    await mkdir(path.join(store, 'COMTRADE'), { recursive: true });
    await mkdir(folder);
    await writeFile(path.join(store, 'COMTRADE', 'REC1.CFG'), 'cfg');
    await writeFile(path.join(store, 'COMTRADE', 'REC1.DAT'), octets(150_000));
    await writeFile(path.join(place, 'secret'), 'secret');
    ({ server, port } = await startBay({ files: { folder: store, writable: true } }));
  });
  afterEach(async () => {
    await helper.unload();
    await server.close();
    await rm(place, { recursive: true });
  });

  async function start({ port: other, ...settings }: Properties = {}): Promise<void> {
    const flow = [
      ...watchers(['file']),
      {
        id: 'ied',
        type: 'iec61850-ied',
        version: 1,
        name: 'BAY1',
        host: '127.0.0.1',
        port: other ?? String(port),
        timeout: '1000',
      },
      { id: 'file', ...PLACE, type: 'iec61850-file', version: 1, ied: 'ied', ...settings, wires: [['out']] },
      { id: 'out', ...PLACE, type: 'helper' },
    ];
    await helper.load([nodes.ied, file, nodes.catch, nodes.status], flow as never);
    if (settings.broken !== true) await message<Status>('statuses', ({ status }) => status.text === 'ready');
  }
  const send = (msg: object): void => node('file').receive(msg as NodeMessage);
  const done = (msg: object): Promise<Answer> => {
    const answer = message<Answer>('out');
    send(msg);
    return answer;
  };
  const failed = async (msg: object): Promise<string> => {
    const answer = message<Caught>('caught');
    send(msg);
    return (await answer).error.message;
  };

  it('lists the directory, or the folder that a message names', async () => {
    await start();
    const status = message<Status>('statuses', (msg) => msg.status.text === '2 files');
    const all = await done({ ticket: 3 });
    const names = (payload: unknown): string[] => (payload as FileEntry[]).map(({ path: name }) => name);
    assert.deepEqual(names(all.payload), ['COMTRADE/REC1.CFG', 'COMTRADE/REC1.DAT']);
    assert.deepEqual([all.topic, all.ticket], ['BAY1/', 3]);
    assert.equal((await status).status.fill, 'green');
    assert.deepEqual(names((await done({ path: 'COMTRADE/REC1.CFG' })).payload), ['COMTRADE/REC1.CFG']);
    assert.match(await failed({ path: 'nowhere' }), /BAY1.*nowhere.*file-non-existent.*List the directory/);
  });

  it('gets a file as a Buffer, with progress in the status', async () => {
    await start({ action: 'get', path: 'COMTRADE/REC1.DAT' });
    const status = message<Status>('statuses', (msg) => /^REC1\.DAT \d+ %$/.test(msg.status.text));
    const got = await done({});
    assert.ok(got.payload.equals(octets(150_000)));
    assert.equal(got.topic, 'BAY1/COMTRADE/REC1.DAT');
    assert.deepEqual([got.file.size, got.file.resumed], [150_000, 0]);
    assert.equal((await status).status.fill, 'yellow');
  });

  it('gets a COMTRADE record whole, as Buffers by extension or as files', async () => {
    await start({ action: 'get', path: 'COMTRADE/rec1', comtrade: true, folder });
    const got = await done({});
    const payload = got.payload as unknown as Record<string, Buffer>;
    assert.deepEqual(Object.keys(payload), ['cfg', 'dat']);
    assert.equal(payload.cfg?.toString(), 'cfg');
    const saved = await done({ output: 'file' });
    assert.deepEqual(saved.payload as unknown, {
      cfg: path.join(folder, 'REC1.CFG'),
      dat: path.join(folder, 'REC1.DAT'),
    });
    assert.deepEqual((await readdir(folder)).sort(), ['REC1.CFG', 'REC1.DAT']);
    const named = await done({ output: 'file', filename: 'trips/today' });
    assert.deepEqual(named.payload as unknown, {
      cfg: path.join(folder, 'trips', 'today.CFG'),
      dat: path.join(folder, 'trips', 'today.DAT'),
    });
    await rm(path.join(store, 'COMTRADE', 'REC1.DAT'));
    assert.match(await failed({}), /no \.dat/);
  });

  it('writes below its folder and nowhere else, whatever a message names', async () => {
    await start({ action: 'get', path: 'COMTRADE/REC1.CFG', output: 'file', folder });
    const saved = await done({});
    assert.equal(saved.payload as unknown, path.join(folder, 'REC1.CFG'));
    assert.equal(saved.file.filename, path.join(folder, 'REC1.CFG'));
    assert.equal(saved.filename, undefined);
    await done({ filename: 'BAY1/x.cfg' });
    assert.equal(await readFile(path.join(folder, 'BAY1', 'x.cfg'), 'utf8'), 'cfg');
    for (const filename of ['../x', '/tmp/x', 'a/../../x', 'C:\\x', 'a\0', 5])
      assert.match(
        await failed({ filename }),
        /leaves the folder|absolute|control characters|no text/,
        String(filename),
      );
    assert.deepEqual((await readdir(place)).sort(), ['local', 'secret', 'store']);
  });

  it('sends chunk after chunk, of which the last one tells how many there were', async () => {
    await start({ action: 'get', path: 'COMTRADE/REC1.DAT', output: 'stream' });
    const chunks: Answer[] = [];
    const whole = new Promise<void>((go) => {
      node('out').on('input', (msg: unknown) => {
        chunks.push(msg as Answer);
        if ((msg as Answer).parts.count !== undefined) go();
      });
    });
    send({});
    await whole;
    assert.ok(Buffer.concat(chunks.map(({ payload }) => payload)).equals(octets(150_000)));
    assert.deepEqual(
      chunks.map(({ parts }) => parts.index),
      chunks.map((_chunk, index) => index),
    );
    assert.equal(chunks.at(-1)?.parts.count, chunks.length);
    assert.equal(new Set(chunks.map(({ parts }) => parts.id)).size, 1);
    assert.equal(chunks[0]?.parts.type, 'buffer');
  });

  it('waits with the next chunk for an acknowledgement, and can be stopped', async () => {
    await start({ action: 'get', path: 'COMTRADE/REC1.DAT', output: 'stream', acknowledge: true });
    const first = await done({});
    assert.equal(first.parts.index, 0);
    const second = await done({ acknowledge: true });
    assert.equal(second.parts.index, 1);
    const stopped = message<Caught>('caught');
    send({ action: 'stop' });
    assert.match((await stopped).error.message, /stopped/);
    assert.equal((await done({ action: 'directory', path: '' })).topic, 'BAY1/', 'and goes on with the next');
  });

  it('changes nothing in the IED until a person says that the flow may', async () => {
    for (const action of ['put', 'delete', 'rename']) {
      await start({ action, path: 'COMTRADE/REC1.CFG', newPath: 'x' });
      const status = message<Status>('statuses', (msg) => msg.status.text === 'not allowed');
      assert.match(await failed({ payload: 'x' }), /may not change files.*Tick/);
      await status;
      await helper.unload();
    }
    await start({ action: 'get', path: 'COMTRADE/REC1.CFG' });
    assert.match(await failed({ action: 'delete' }), /may not change files.*Tick/);
    assert.equal((await readdir(path.join(store, 'COMTRADE'))).length, 2);
  });

  it('gives, renames and deletes files of the IED where it may', async () => {
    await start({ action: 'put', allowed: true, folder });
    assert.equal((await done({ path: 'SET/a.txt', payload: 'eins' })).file.size, 4);
    assert.equal(await readFile(path.join(store, 'SET', 'a.txt'), 'utf8'), 'eins');
    await done({ path: 'SET/b.bin', payload: octets(100_000) });
    await done({ action: 'rename', path: 'SET/a.txt', newPath: 'SET/c.txt' });
    await done({ action: 'delete', path: 'SET/b.bin' });
    assert.deepEqual(await readdir(path.join(store, 'SET')), ['c.txt']);
    const wrong: [object, RegExp][] = [
      [{ payload: 'x' }, /no file is named/],
      [{ path: 'x', payload: { a: 1 } }, /no content of a file/],
      [{ path: 'x', payload: 'x', retain: true }, /retained message/],
      [{ path: 5, payload: 'x' }, /no text/],
      [{ path: 'x', action: 'erase' }, /none of directory/],
      [{ path: 'x', action: 'rename' }, /no new name/],
      [{ path: '../x', payload: 'x' }, /file-non-existent/],
    ];
    for (const [msg, reason] of wrong) assert.match(await failed(msg), reason);
  });

  it('gives a file of its folder, and none outside', async () => {
    await writeFile(path.join(folder, 'local.bin'), octets(5000));
    await start({ action: 'put', path: 'given.bin', from: 'file', folder, allowed: true });
    await done({ filename: 'local.bin' });
    assert.ok((await readFile(path.join(store, 'given.bin'))).equals(octets(5000)));
    for (const filename of ['../secret', path.join(place, 'secret')])
      assert.match(await failed({ filename }), /leaves the folder|absolute/);
    assert.match(await failed({}), /no local file is named/);
    assert.match(
      await failed({ filename: 'local.bin', path: 'other' }),
      /msg\.path names other, and the node given\.bin/,
    );
  });

  it('receives what the IED gives by itself into its folder, and sends where it is', async () => {
    const ied = new FileIed({ files: { 'own.bin': { data: octets(5000) } } });
    await ied.listen();
    try {
      await start({ action: 'receive', folder, port: String(ied.port) });
      const give = async (destination: string): Promise<string> =>
        ied.ask({ service: 'obtainFile', source: ['own.bin'], destination: [destination] }).then(
          ({ service }) => service,
          (error: unknown) => (error as Iec61850Error).code,
        );
      const received = message<Answer>('out');
      assert.equal(await give('in/own.bin'), 'obtainFile');
      const { payload, file: details, topic } = await received;
      assert.equal(payload as unknown, path.join(folder, 'in', 'own.bin'));
      assert.deepEqual([details.path, details.size, topic], ['own.bin', 5000, 'BAY1/own.bin']);
      const caught = message<Caught>('caught');
      assert.equal(await give('../own.bin'), 'IEC61850_SERVICE_FILE_NON_EXISTENT');
      assert.match((await caught).error.message, /leaves the folder/);
      assert.match(await failed({ path: 'x' }), /takes no messages/);
      assert.deepEqual(await readdir(folder), ['in']);
    } finally {
      await helper.unload();
      await ied.close();
    }
  });

  it('fails at once while the IED is away, and keeps nothing waiting', async () => {
    await start({ action: 'get', path: 'COMTRADE/REC1.CFG' });
    const offline = message<Status>('statuses', (msg) => msg.status.text === 'offline');
    await server.close();
    await offline;
    assert.match(await failed({}), /BAY1.*not connected/);
  });

  it('says what is wrong in its settings', async () => {
    const wrong: [Properties, RegExp][] = [
      [{ action: 'get', output: 'file' }, /no folder/],
      [{ action: 'receive' }, /no folder/],
      [{ action: 'steal' }, /none of/],
      [{ maxSize: '-1' }, /maxSize/],
      [{ resumeWithin: '4000' }, /resumeWithin/],
      [{ ied: '' }, /no IED/],
    ];
    for (const [settings, reason] of wrong) {
      const status = start({ ...settings, broken: true });
      await status;
      assert.match(await failed({}), reason);
      await helper.unload();
    }
  });

  it('a node that is closed while it gets a file lets go of it', async () => {
    await start({ action: 'get', path: 'COMTRADE/REC1.DAT', output: 'stream', acknowledge: true });
    await done({});
    await helper.unload();
    // Windows would refuse to delete an open file; elsewhere the session would not have ended.
    assert.equal(server.connections <= 1, true);
  });
});
