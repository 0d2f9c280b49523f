/** Files: our client at libiec61850's server, and libiec61850's and OpenIEC61850's clients at ours, with tshark as a witness. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { IedClient, IedServer } from '../../src/index.js';
import { octets } from '../client/files/file-ied.js';
import { BAY_CID, PEER_CFG } from './fixtures.js';
import { freePort, needPeer, Peer, ROOT, spawnPeer, startPeerClient } from './peers/index.js';
import { Recorder } from './recorder.js';
import { complaints, fieldValues, isoOf } from './tshark.js';

const PYTHON = path.join(ROOT, '.peers', 'python', process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
const DATA = octets(300_000);

async function startFiles(role: 'server' | 'client', port: number, folder: string): Promise<Peer> {
  const args = ['libiec61850_files.py', role, '--port', String(port), '--folder', folder, '--model', PEER_CFG];
  const peer = new Peer(spawnPeer(PYTHON, args), port);
  await peer.ready;
  return peer;
}

/** A folder with files of several sizes, and one beside it that nobody may see. */
function makeStore(): { place: string; store: string } {
  const place = mkdtempSync(path.join(tmpdir(), 'iec61850-files-'));
  const store = path.join(place, 'store');
  mkdirSync(path.join(store, 'COMTRADE'), { recursive: true });
  writeFileSync(path.join(store, 'large.bin'), DATA);
  writeFileSync(path.join(store, 'empty'), '');
  writeFileSync(path.join(store, 'COMTRADE', 'rec1.cfg'), 'cfg');
  writeFileSync(path.join(store, 'COMTRADE', 'rec1.dat'), DATA.subarray(0, 1000));
  writeFileSync(path.join(place, 'secret'), 'secret');
  return { place, store };
}

const NAMES = ['COMTRADE/rec1.cfg', 'COMTRADE/rec1.dat', 'empty', 'large.bin'];

describe('cFt: our client at a libiec61850 server', function () {
  this.timeout(60_000);
  let place: string;
  let store: string;
  let peer: Peer;
  let recorder: Recorder;
  let client: IedClient;

  before(async function () {
    needPeer(this, 'libiec61850');
    ({ place, store } = makeStore());
    peer = await startFiles('server', await freePort(), store);
    recorder = new Recorder();
    client = new IedClient({ host: '127.0.0.1', port: await recorder.listen(peer.port), timeout: 5000, name: 'PEER' });
    await client.connect();
  });
  after(async () => {
    await client?.close();
    await recorder?.close();
    await peer?.stop();
    if (place) rmSync(place, { recursive: true, force: true });
  });

  it('directory: the whole store, a folder by every separator, a file', async () => {
    const all = await client.files.directory();
    assert.deepEqual(all.map(({ path: name }) => name).sort(), NAMES);
    const large = all.find(({ path: name }) => name === 'large.bin');
    assert.equal(large?.size, DATA.length);
    const modified = statSync(path.join(store, 'large.bin')).mtimeMs;
    assert.ok(Math.abs(Date.parse(large.lastModified ?? '') - modified) < 2000);
    for (const folder of ['COMTRADE', 'COMTRADE/', '/COMTRADE', '\\COMTRADE'])
      assert.equal((await client.files.directory(folder)).length, 2, folder);
    assert.equal((await client.files.directory('empty')).length, 1);
    await assert.rejects(client.files.directory('nowhere'), { code: 'IEC61850_SERVICE_FILE_NON_EXISTENT' });
  });

  it('directory in many pages', async () => {
    mkdirSync(path.join(store, 'many'));
    for (let i = 0; i < 300; i++) writeFileSync(path.join(store, 'many', `a-file-with-a-name-that-is-long-${i}`), '');
    const small = new IedClient({ host: '127.0.0.1', port: peer.port, timeout: 5000, maxPduSize: 2000 });
    await small.connect();
    const found = await small.files.directory('many');
    await small.close();
    rmSync(path.join(store, 'many'), { recursive: true });
    assert.equal(new Set(found.map(({ path: name }) => name)).size, 300);
  });

  it('get: large, empty, by the other separator, with and without reading ahead; what is not there', async () => {
    for (const readAhead of [1, 4]) {
      const got = await client.files.get('large.bin', { readAhead });
      assert.ok(got.data.equals(DATA), `readAhead ${readAhead}`);
    }
    assert.equal((await client.files.get('empty')).data.length, 0);
    assert.equal((await client.files.get('COMTRADE\\rec1.cfg')).data.toString(), 'cfg');
    await assert.rejects(client.files.get('nothing'), (error: Error) =>
      /nothing: the IED answered file-non-existent/.test(error.message),
    );
  });

  it('a COMTRADE record whole', async () => {
    const record = await client.files.getRecord('COMTRADE/REC1');
    assert.deepEqual(
      record.map(({ path: name, data }) => `${name} ${data.length}`),
      ['COMTRADE/rec1.cfg 3', 'COMTRADE/rec1.dat 1000'],
    );
  });

  it('put by obtainFile: it fetches the file from us', async () => {
    await client.files.put(DATA, 'given.bin');
    assert.ok(readFileSync(path.join(store, 'given.bin')).equals(DATA));
    await client.files.put(Buffer.from('x'), 'COMTRADE/given.cfg');
    assert.equal(readFileSync(path.join(store, 'COMTRADE', 'given.cfg'), 'utf8'), 'x');
  });

  it('delete; and rename, which it does not have', async () => {
    await client.files.delete('COMTRADE/given.cfg');
    assert.deepEqual(readdirSync(path.join(store, 'COMTRADE')).sort(), ['rec1.cfg', 'rec1.dat']);
    await assert.rejects(client.files.delete('COMTRADE/given.cfg'), { code: 'IEC61850_SERVICE_FILE_NON_EXISTENT' });
    await assert.rejects(client.files.rename('given.bin', 'x'), { code: 'IEC61850_REJECT' });
    assert.equal((await client.identify()).vendor.length > 0, true, 'the association goes on');
  });

  it('a stream that is left early gives the file back: more than it can have open are got one after the other', async () => {
    for (let i = 0; i < 20; i++) {
      for await (const { data } of client.files.stream('large.bin')) {
        assert.ok(data.length > 0);
        break;
      }
    }
    assert.equal((await client.files.get('COMTRADE/rec1.cfg')).data.length, 3);
  });

  it('tshark finds nothing malformed in all of this', function () {
    needPeer(this, 'tshark');
    const file = path.join(place, 'session.pcapng');
    recorder.write(file);
    assert.deepEqual(complaints(file), []);
    const services = new Set(
      fieldValues(file, ['mms.confirmedServiceRequest'], 'from client')['mms.confirmedServiceRequest'],
    );
    for (const service of ['46', '72', '73', '74', '75', '76', '77']) assert.ok(services.has(service), service);
  });
});

describe('sFt: foreign clients at our server', function () {
  this.timeout(60_000);
  let place: string;
  let store: string;
  let server: IedServer;
  let port: number;

  beforeEach(async () => {
    ({ place, store } = makeStore());
    server = await IedServer.fromScl(BAY_CID, { ied: 'BAY1', port: 0, files: { folder: store, writable: true } });
    ({ port } = await server.listen());
  });
  afterEach(async () => {
    await server.close();
    rmSync(place, { recursive: true, force: true });
  });

  describe('libiec61850', () => {
    let peer: Peer;
    let recorder: Recorder;
    let local: string;
    beforeEach(async function () {
      needPeer(this, 'libiec61850');
      local = path.join(place, 'local');
      mkdirSync(local);
      writeFileSync(path.join(local, 'mine.bin'), DATA);
      recorder = new Recorder();
      peer = await startFiles('client', await recorder.listen(port), local);
    });
    afterEach(async () => {
      await peer?.stop();
      await recorder?.close();
    });

    const get = async (name: string, position = 0): Promise<Buffer> =>
      Buffer.from((await peer.call<{ octets: string }>('get', { name, position })).octets, 'hex');
    interface Page {
      files: [name: string, size: number, modified: number][];
      more: boolean;
    }

    it('directory, get from any position, delete, rename', async () => {
      const { files, more } = await peer.call<Page>('directory', { folder: '' });
      assert.deepEqual(
        files.map(([name]) => name),
        NAMES,
      );
      assert.equal(more, false);
      const modified = statSync(path.join(store, 'large.bin')).mtimeMs;
      assert.ok(Math.abs((files[3]?.[2] ?? 0) - modified) < 2000);
      assert.equal((await peer.call<Page>('directory', { folder: '/COMTRADE' })).files.length, 2);
      assert.equal((await peer.call<Page>('directory', { folder: '', after: 'empty' })).files.length, 1);
      assert.ok((await get('large.bin')).equals(DATA));
      assert.ok((await get('large.bin', 299_990)).equals(DATA.subarray(299_990)));
      assert.equal((await get('empty')).length, 0);
      await peer.call('rename', { name: 'large.bin', to: 'COMTRADE/moved.bin' });
      await peer.call('delete', { name: 'COMTRADE/rec1.cfg' });
      assert.deepEqual(readdirSync(path.join(store, 'COMTRADE')).sort(), ['moved.bin', 'rec1.dat']);
    });

    it('gives a file, which our server fetches from it', async () => {
      await peer.call('put', { name: 'mine.bin', to: 'given/yours.bin' });
      assert.ok(readFileSync(path.join(store, 'given', 'yours.bin')).equals(DATA));
    });

    it('nothing outside, nothing past the end, nothing that is not there', async () => {
      for (const name of ['../secret', '/../secret', 'COMTRADE/../../secret', path.join(place, 'secret'), 'nothing'])
        await assert.rejects(get(name), /mms-error/, name);
      await assert.rejects(get('empty', 1), /mms-error/);
      await assert.rejects(peer.call('delete', { name: '../secret' }), /mms-error/);
      await assert.rejects(peer.call('rename', { name: 'empty', to: '../x' }), /mms-error/);
      await assert.rejects(peer.call('put', { name: 'mine.bin', to: '../x' }), /mms-error/);
      await assert.rejects(peer.call('put', { name: 'not-mine', to: 'x' }), /mms-error/);
      assert.deepEqual(readdirSync(place).sort(), ['local', 'secret', 'store']);
      assert.deepEqual(readdirSync(store).sort(), ['COMTRADE', 'empty', 'large.bin']);
    });

    it('a directory of 2,000 files, page after page', async () => {
      for (let i = 0; i < 2000; i++) writeFileSync(path.join(store, `file-${String(i).padStart(5, '0')}`), '');
      const names: string[] = [];
      for (let after: string | undefined, more = true; more;) {
        const page: Page = await peer.call<Page>('directory', { folder: '', ...(after !== undefined && { after }) });
        names.push(...page.files.map(([name]) => name));
        ({ more } = page);
        after = names.at(-1);
      }
      assert.equal(new Set(names).size, 2004);
    });

    it('tshark finds nothing malformed in it', async function () {
      needPeer(this, 'tshark');
      await peer.call('directory', { folder: '' });
      await get('large.bin');
      await get('nothing').catch(() => undefined);
      await peer.call('put', { name: 'mine.bin', to: 'x' });
      await peer.call('rename', { name: 'x', to: 'y' });
      await peer.call('delete', { name: 'y' });
      const file = path.join(place, 'session.pcapng');
      recorder.write(file);
      assert.deepEqual(complaints(file), []);
    });
  });

  it('OpenIEC61850: directory, get, delete', async function () {
    needPeer(this, 'java');
    const peer = await startPeerClient('java', { port });
    try {
      assert.deepEqual(await peer.call('fileDirectory', { folder: '' }), [
        'COMTRADE/rec1.cfg 3',
        'COMTRADE/rec1.dat 1000',
        'empty 0',
        'large.bin 300000',
      ]);
      assert.ok(Buffer.from(await peer.call<string>('fileGet', { name: 'large.bin' }), 'hex').equals(DATA));
      assert.equal(await peer.call<string>('fileGet', { name: 'COMTRADE/rec1.cfg' }), '636667');
      await peer.call('fileDelete', { name: 'empty' });
      assert.deepEqual(readdirSync(store).sort(), ['COMTRADE', 'large.bin']);
      await assert.rejects(peer.call('fileGet', { name: '../secret' }));
    } finally {
      await peer.stop();
    }
  });
});

describe('Files between our client and our server, dissected by tshark', function () {
  this.timeout(60_000);

  it('names, positions, sizes, times and frsmIDs are the same, and nothing is malformed', async function () {
    needPeer(this, 'tshark');
    const { place, store } = makeStore();
    const server = await IedServer.fromScl(BAY_CID, { ied: 'BAY1', port: 0, files: { folder: store, writable: true } });
    const recorder = new Recorder();
    try {
      const { port } = await server.listen();
      const client = new IedClient({ host: '127.0.0.1', port: await recorder.listen(port) });
      await client.connect();
      const listed = await client.files.directory();
      for (const { path: name } of listed) await client.files.get(name);
      await client.files.put(DATA, 'given.bin');
      await client.files.rename('given.bin', 'COMTRADE/given.bin');
      await client.files.delete('COMTRADE/given.bin');
      await client.close();
      const file = path.join(place, 'session.pcapng');
      recorder.write(file);
      assert.deepEqual(complaints(file), []);
      const fields = ['mms.FileName_item', 'mms.initialPosition', 'mms.fileRead', 'mms.fileClose', 'mms.frsmID'];
      const asked = fieldValues(file, fields, 'from client');
      const opened = [...NAMES, 'given.bin', 'given.bin', 'given.bin', 'COMTRADE/given.bin', 'COMTRADE/given.bin'];
      assert.deepEqual(asked['mms.FileName_item']?.slice(-opened.length), opened);
      assert.deepEqual(
        asked['mms.initialPosition'],
        NAMES.map(() => '0'),
      );
      assert.deepEqual(asked['mms.fileClose'], ['1', '2', '3', '4']);
      assert.deepEqual([...new Set(asked['mms.fileRead'])], ['1', '2', '3', '4']);
      // What the client gave while the server fetched it.
      assert.deepEqual(asked['mms.frsmID'], ['1']);
      const told = fieldValues(
        file,
        ['mms.sizeOfFile', 'mms.lastModified', 'mms.frsmID', 'mms.FileName_item'],
        'from server',
      );
      const sizes = listed.map(({ size }) => String(size));
      assert.deepEqual(told['mms.sizeOfFile'], [...sizes, ...sizes]);
      const times = listed.map(({ lastModified }) => lastModified);
      assert.deepEqual(told['mms.lastModified']?.map(isoOf), [...times, ...times]);
      assert.deepEqual(told['mms.frsmID'], ['1', '2', '3', '4']);
      assert.deepEqual(told['mms.FileName_item'], [...NAMES, 'given.bin']);
    } finally {
      await recorder.close();
      await server.close();
      rmSync(place, { recursive: true, force: true });
    }
  });
});
