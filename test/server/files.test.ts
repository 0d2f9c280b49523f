import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, truncate, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sinon from 'sinon';
import { IedClient } from '../../src/client/index.js';
import { ClientAssociation } from '../../src/client/client-association.js';
import { Folder } from '../../src/files/index.js';
import type { ClientSession } from '../../src/server/client-session.js';
import { OpenFiles } from '../../src/server/files/open-files.js';
import { IedServer, type IedServerOptions } from '../../src/server/index.js';
import type { AccessEvent } from '../../src/server/access-log.js';
import { octets } from '../client/files/file-ied.js';
import { testModel } from './fixture.js';

const code = (name: string) => ({ code: `IEC61850_SERVICE_${name}` });

describe('files of a server', () => {
  const closing: (() => Promise<unknown>)[] = [];
  let outside = '';
  let root = '';
  beforeEach(async () => {
    outside = await mkdtemp(path.join(tmpdir(), 'served-'));
    root = path.join(outside, 'store');
    await mkdir(path.join(root, 'COMTRADE'), { recursive: true });
    await writeFile(path.join(outside, 'secret'), 'secret');
    await writeFile(path.join(root, 'COMTRADE', 'a.cfg'), 'abc');
    await writeFile(path.join(root, 'big'), octets(200_000));
  });
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
    await rm(outside, { recursive: true });
  });

  async function serve(
    options: Partial<IedServerOptions> = {},
  ): Promise<{ server: IedServer; port: number; log: AccessEvent[] }> {
    const server = IedServer.fromModel(testModel(), { port: 0, files: { folder: root }, ...options });
    const log: AccessEvent[] = [];
    server.on('access', (event) => log.push(event));
    server.on('error', (error) => assert.fail(error));
    const { port } = await server.listen();
    closing.push(() => server.close());
    return { server, port, log };
  }

  async function client(port: number, maxPduSize = 65_000): Promise<IedClient> {
    const one = new IedClient({ host: '127.0.0.1', port, timeout: 3000, maxPduSize });
    closing.push(() => one.close());
    await one.connect();
    return one;
  }

  async function raw(port: number): Promise<ClientAssociation> {
    const lost = (): void => undefined;
    const association = new ClientAssociation({ host: '127.0.0.1', port }, 'named', { lost });
    closing.push(() => association.close());
    await association.connect();
    return association;
  }

  it('there are none, and no service for them, unless a folder is given', async () => {
    const { port } = await serve({ files: undefined as never });
    const one = await client(port);
    await assert.rejects(one.files.directory(), { code: 'IEC61850_REJECT' });
    assert.equal(one.negotiated.peerServices.slice(72, 78), '000000');
  });

  it('are listed and got, by whatever separators', async () => {
    const { port, log } = await serve();
    const one = await client(port);
    const found = await one.files.directory();
    assert.deepEqual(
      found.map(({ name, size }) => `${name} ${size}`),
      ['COMTRADE/a.cfg 3', 'big 200000'],
    );
    assert.ok(Math.abs(Date.parse(found[0]?.lastModified ?? '') - Date.now()) < 60_000);
    for (const folder of ['COMTRADE', '/COMTRADE', '\\COMTRADE\\', 'COMTRADE/'])
      assert.equal((await one.files.directory(folder)).length, 1, folder);
    for (const name of ['COMTRADE/a.cfg', '\\COMTRADE\\a.cfg', '/COMTRADE/a.cfg'])
      assert.equal((await one.files.get(name)).data.toString(), 'abc', name);
    assert.ok((await one.files.get('big', { readAhead: 8 })).data.equals(octets(200_000)));
    assert.deepEqual([log.at(-1)?.action, log.at(-1)?.operation, log.at(-1)?.object], ['file', 'get', 'big']);
    assert.equal(one.negotiated.peerServices[77], '1');
  });

  it('a directory comes in pages that fit the PDU, from one listing', async () => {
    for (let i = 0; i < 300; i++) await writeFile(path.join(root, `file-${String(i).padStart(4, '0')}`), '');
    const { port } = await serve();
    const one = await raw(port);
    const small = await client(port, 1000);
    assert.equal((await small.files.directory()).length, 302);
    const names: string[] = [];
    let pages = 0;
    for (let after: string | undefined, more = true; more; pages++) {
      const page = await one.request({
        service: 'fileDirectory',
        ...(after !== undefined && { continueAfter: [after] }),
      });
      names.push(...page.entries.map(({ name }) => name.join('')));
      after = names.at(-1);
      more = page.moreFollows;
    }
    assert.equal(pages, 1);
    const [last] = (await one.request({ service: 'fileDirectory', continueAfter: ['/file-0298x'] })).entries;
    assert.equal(last?.name.join(''), 'file-0299', 'also after a name that is gone');
    assert.deepEqual(names, [...names].sort());
  });

  it('nothing outside the folder is seen, got, made, deleted or renamed (CVE-2022-3976)', async () => {
    await symlink(path.join(outside, 'secret'), path.join(root, 'link'));
    await symlink(outside, path.join(root, 'way-out'));
    const { port, log } = await serve({ files: { folder: root, writable: true } });
    const one = await client(port);
    const names = [
      '../secret',
      '..\\secret',
      'COMTRADE/../../secret',
      'link',
      'way-out/secret',
      '/../secret',
      'C:\\secret',
    ];
    for (const name of names) {
      await assert.rejects(one.files.get(name), { code: /NON_EXISTENT|SYNTAX/ }, name);
      await assert.rejects(
        one.files.put(octets(3), name === 'link' ? '../secret' : name),
        { code: /NON_EXISTENT|SYNTAX/ },
        name,
      );
      await assert.rejects(
        one.files.rename('big', name === 'link' ? '..' : name),
        { code: /NON_EXISTENT|SYNTAX|DUPLICATE/ },
        name,
      );
      if (name !== 'link') await assert.rejects(one.files.delete(name), { code: /NON_EXISTENT|SYNTAX/ }, name);
    }
    await assert.rejects(one.files.get('a\0b'), code('FILENAME_SYNTAX_ERROR'));
    await assert.rejects(one.files.get(`${outside}/secret`), code('FILE_NON_EXISTENT'));
    assert.deepEqual(
      (await one.files.directory()).map(({ name }) => name),
      ['COMTRADE/a.cfg', 'big'],
    );
    await assert.rejects(one.files.directory('..'), { code: /NON_EXISTENT/ });
    assert.equal(await readFile(path.join(outside, 'secret'), 'utf8'), 'secret');
    assert.deepEqual((await readdir(outside)).sort(), ['secret', 'store']);
    assert.ok(log.some(({ result, object }) => result === 'failed' && object === '../secret'));
  });

  it('cannot be changed unless that was allowed', async () => {
    const { port } = await serve();
    const one = await client(port);
    await assert.rejects(one.files.delete('big'), code('FILE_ACCESS_DENIED'));
    await assert.rejects(one.files.rename('big', 'x'), code('FILE_ACCESS_DENIED'));
    await assert.rejects(one.files.put(octets(3), 'x'), code('FILE_ACCESS_DENIED'));
    assert.deepEqual((await readdir(root)).sort(), ['COMTRADE', 'big']);
  });

  it('are deleted, renamed and given, where that was allowed', async () => {
    const { port, log } = await serve({ files: { folder: root, writable: true, maxSize: 300_000 } });
    const one = await client(port, 8000);
    await one.files.rename('big', 'COMTRADE\\b.dat');
    await assert.rejects(one.files.rename('COMTRADE/a.cfg', 'COMTRADE/b.dat'), code('DUPLICATE_FILENAME'));
    await one.files.delete('/COMTRADE/a.cfg');
    await assert.rejects(one.files.delete('COMTRADE'), code('FILE_NON_EXISTENT'));
    const data = octets(300_000, 9);
    await one.files.put(data, 'new/settings.bin');
    assert.ok((await readFile(path.join(root, 'new', 'settings.bin'))).equals(data));
    await assert.rejects(one.files.put(octets(300_001), 'large'), code('INSUFFICIENT_SPACE_IN_FILESTORE'));
    assert.deepEqual(await readdir(path.join(root, 'COMTRADE')), ['b.dat']);
    assert.deepEqual((await readdir(root)).sort(), ['COMTRADE', 'new']);
    assert.deepEqual(
      log.filter(({ action }) => action === 'file').map(({ operation, result }) => `${operation} ${result}`),
      ['rename accepted', 'rename failed', 'delete accepted', 'delete failed', 'put accepted', 'put failed'].flatMap(
        // A client tries other forms of a name that is not known.
        (text) => (text === 'delete failed' ? new Array<string>(3).fill(text) : [text]),
      ),
    );
  });

  it('a client that leaves while it gives a file leaves nothing behind', async () => {
    const { server, port } = await serve({ files: { folder: root, writable: true } });
    const association = await raw(port);
    const asked = new Promise<void>((go) => {
      association.peer.answerBy((request) => {
        if (request.service !== 'fileOpen') return undefined;
        go();
        return new Promise(() => undefined);
      });
    });
    const work = association.request({ service: 'obtainFile', source: ['a'], destination: ['given'] });
    work.catch(() => undefined);
    await asked;
    const gone = once(server, 'clientDisconnected');
    await association.close();
    await gone;
    await server.close();
    assert.deepEqual((await readdir(root)).sort(), ['COMTRADE', 'big']);
  });

  it('a position past the end is refused, and nothing stays open for it (CVE-2026-48503)', async () => {
    const { port } = await serve();
    const one = await raw(port);
    const close = sinon.spy(Folder.prototype, 'openForReading');
    closing.push(async () => close.restore());
    for (let i = 0; i < 40; i++) {
      await assert.rejects(
        one.request({ service: 'fileOpen', name: ['COMTRADE/a.cfg'], initialPosition: i % 2 === 0 ? 4 : 0xffffffff }),
        code('POSITION_INVALID'),
      );
    }
    for (const opened of close.returnValues) assert.equal((await opened).handle.fd, -1);
    const { frsmId } = await one.request({ service: 'fileOpen', name: ['COMTRADE/a.cfg'], initialPosition: 3 });
    const read = await one.request({ service: 'fileRead', frsmId });
    assert.deepEqual([read.data.length, read.moreFollows], [0, false]);
  });

  it('open files are bounded, known to their own client only, and closed with it', async () => {
    const { server, port } = await serve();
    const one = await raw(port);
    const other = await raw(port);
    const spy = sinon.spy(Folder.prototype, 'openForReading');
    closing.push(async () => spy.restore());
    const open = async (association: ClientAssociation): Promise<number> =>
      (await association.request({ service: 'fileOpen', name: ['big'], initialPosition: 0 })).frsmId;
    const ids = await Promise.all(Array.from({ length: 10 }, () => open(one)));
    for (let i = 10; i < 16; i++) ids.push(await open(one));
    await assert.rejects(open(one), code('CAPABILITY_UNAVAILABLE'));
    assert.equal(new Set(ids).size, 16);
    await open(other);
    await assert.rejects(other.request({ service: 'fileRead', frsmId: ids[0] ?? 0 }), code('OBJECT_UNDEFINED'));
    await assert.rejects(other.request({ service: 'fileClose', frsmId: ids[0] ?? 0 }), code('OBJECT_UNDEFINED'));
    await one.request({ service: 'fileClose', frsmId: ids[0] ?? 0 });
    await assert.rejects(one.request({ service: 'fileClose', frsmId: ids[0] ?? 0 }), code('OBJECT_UNDEFINED'));
    await open(one);
    const gone = once(server, 'clientDisconnected');
    await one.close();
    await gone;
    await server.close();
    for (const opened of spy.returnValues) assert.equal((await opened).handle.fd, -1);
  });

  it('an idle file is closed, and one that is read is not', async () => {
    const clock = sinon.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    try {
      let now = 0;
      const files = new OpenFiles(() => now, 1000);
      const session = { open: true } as ClientSession;
      const store = await Folder.at(root);
      const open = (): ReturnType<Folder['openForReading']> => store.openForReading('big');
      const idle = await files.open(session, 0, open);
      const busy = await files.open(session, 0, open);
      assert.ok(idle && idle !== 'past-end' && busy && busy !== 'past-end');
      now = 600;
      assert.ok(((await files.read(session, busy.frsmId, 100))?.length ?? 0) <= 100);
      now = 1200;
      clock.tick(250);
      assert.equal(files.size, 1);
      assert.equal(await files.read(session, idle.frsmId, 100), undefined);
      await files.stop();
      assert.equal(files.size, 0);
      assert.equal(clock.countTimers(), 0);
    } finally {
      clock.restore();
    }
  });

  it('reads of one file that a client asks for together are answered in their order, however the disk takes its time', async () => {
    const { port } = await serve();
    const one = await raw(port);
    const opened = sinon.spy(Folder.prototype, 'openForReading');
    closing.push(() => Promise.resolve(opened.restore()));
    const { frsmId } = await one.request({ service: 'fileOpen', name: ['big'], initialPosition: 0 });
    const { handle } = await (opened.firstCall.returnValue as ReturnType<Folder['openForReading']>);
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const read = handle.read.bind(handle) as (...given: unknown[]) => Promise<unknown>;
    let reads = 0;
    sinon.replace(handle, 'read', (async (...given: unknown[]) => {
      const first = reads++ === 0;
      const result = await read(...given);
      if (first) await held;
      else release();
      return result;
    }) as never);
    const order: number[] = [];
    const answers = await Promise.all(
      [0, 1, 2].map(async (number) => {
        const { data } = await one.request({ service: 'fileRead', frsmId });
        order.push(number);
        return data;
      }),
    );
    assert.deepEqual(order, [0, 1, 2]);
    const all = Buffer.concat(answers);
    assert.ok(all.equals(octets(200_000).subarray(0, all.length)));
  });

  it('a file that shrinks while it is read ends there; one that vanishes is read on', async () => {
    const { port } = await serve();
    const one = await raw(port);
    const { frsmId } = await one.request({ service: 'fileOpen', name: ['big'], initialPosition: 0 });
    const first = await one.request({ service: 'fileRead', frsmId });
    await truncate(path.join(root, 'big'), first.data.length + 10);
    const second = await one.request({ service: 'fileRead', frsmId });
    assert.deepEqual([second.data.length, second.moreFollows], [10, false]);
    const again = await one.request({ service: 'fileOpen', name: ['COMTRADE/a.cfg'], initialPosition: 1 });
    await unlink(path.join(root, 'COMTRADE', 'a.cfg'));
    assert.equal((await one.request({ service: 'fileRead', frsmId: again.frsmId })).data.toString(), 'bc');
  });

  it('a folder that is not there is told to the owner, and served when it comes', async () => {
    const later = path.join(outside, 'later');
    const server = IedServer.fromModel(testModel(), { port: 0, files: { folder: later } });
    const warned = once(server, 'warning');
    const { port } = await server.listen();
    closing.push(() => server.close());
    assert.match(String((await warned)[0]), /no files are served until the folder can be used/);
    const one = await client(port);
    await assert.rejects(one.files.directory(), code('FILE_NON_EXISTENT'));
    await mkdir(later);
    assert.deepEqual(await one.files.directory(), []);
    for (const files of [{ folder: '' }, { folder: 'a\0' }, { folder: root, maxSize: -1 }])
      assert.throws(() => IedServer.fromModel(testModel(), { files }), { code: 'IEC61850_ARGUMENT' });
  });

  it('a client whose role does not allow it changes nothing', async () => {
    const { port, log } = await serve({
      files: { folder: root, writable: true },
      clients: [{ name: 'reader', address: '127.0.0.1', role: 'viewer' }],
    });
    const one = await client(port);
    for (const work of [one.files.delete('big'), one.files.rename('big', 'x'), one.files.put(octets(3), 'x')])
      await assert.rejects(work, code('OBJECT_ACCESS_DENIED'));
    assert.equal((await one.files.get('COMTRADE/a.cfg')).data.length, 3);
    assert.equal(log.filter(({ action, result }) => action === 'file' && result === 'refused').length, 3);
  });
});
