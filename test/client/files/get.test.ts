import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { IedClient, IedSession } from '../../../src/client/index.js';
import { FileError, Iec61850Error, ServiceError } from '../../../src/errors.js';
import type { ServiceRequest } from '../../../src/mms/services.js';
import { FILE_OTHER, FileIed, octets, type FileIedOptions } from './file-ied.js';

const failure = (name: string) => (error: unknown) => error instanceof FileError && error.failure === name;
const MODIFIED = '20261120134500.123Z';

async function online(session: IedSession): Promise<void> {
  while (session.state !== 'online') await once(session, 'state');
}

describe('files of an IED', () => {
  const closing: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });

  async function client(script: FileIedOptions, timeout = 2000): Promise<{ ied: FileIed; client: IedClient }> {
    const ied = new FileIed(script);
    await ied.listen();
    closing.push(() => ied.close());
    const one = new IedClient({ host: '127.0.0.1', port: ied.port, timeout, name: 'IED' });
    closing.push(() => one.close());
    await one.connect();
    return { ied, client: one };
  }

  async function session(script: FileIedOptions): Promise<{ ied: FileIed; session: IedSession }> {
    const ied = new FileIed(script);
    await ied.listen();
    closing.push(() => ied.close());
    const one = new IedSession({ name: 'IED', endpoints: [{ host: '127.0.0.1', port: ied.port }], timeout: 2000 });
    closing.push(() => one.close());
    one.start();
    await online(one);
    return { ied, session: one };
  }

  const count = (ied: FileIed, service: ServiceRequest['service']): number =>
    ied.requests.filter((request) => request.service === service).length;

  it('a directory is read page by page, with size, time and folders as the IED tells', async () => {
    const { ied, client: one } = await client({
      files: {
        'COMTRADE/': { data: Buffer.alloc(0) },
        'COMTRADE/a.cfg': { data: octets(10), lastModified: MODIFIED },
        'COMTRADE/a.dat': { data: octets(10), size: 0, lastModified: 'yesterday' },
      },
    });
    assert.deepEqual(await one.files.directory(), [
      { name: 'COMTRADE/', path: 'COMTRADE/', size: 0, lastModified: null, folder: true },
      {
        name: 'COMTRADE/a.cfg',
        path: 'COMTRADE/a.cfg',
        size: 10,
        lastModified: '2026-11-20T13:45:00.123Z',
        folder: false,
      },
      { name: 'COMTRADE/a.dat', path: 'COMTRADE/a.dat', size: 0, lastModified: null, folder: false },
    ]);
    assert.equal(count(ied, 'fileDirectory'), 2);
  });

  it('a directory that repeats its page, or promises more behind an empty one, ends (libiec61850 #554)', async () => {
    const entry = { name: ['a'], attributes: { size: 1 } };
    let entries = [entry];
    const { client: one } = await client({
      files: {},
      before: (request) =>
        request.service === 'fileDirectory' ? { service: 'fileDirectory', entries, moreFollows: true } : undefined,
    });
    assert.equal((await one.files.directory('x')).length, 1);
    entries = [];
    await assert.rejects(one.files.directory('x'), { code: 'IEC61850_MALFORMED' });
  });

  it('an IED that wants other separators, or a leading one, is understood', async () => {
    for (const name of ['\\COMTRADE\\a.cfg', '/COMTRADE/a.cfg', 'COMTRADE\\a.cfg']) {
      const { ied, client: one } = await client({
        files: { [name]: { data: octets(10) } },
        before: (request) =>
          request.service === 'fileDirectory' && !name.startsWith(request.specification?.join('/') ?? '-')
            ? FILE_OTHER
            : undefined,
      });
      assert.equal((await one.files.directory('COMTRADE')).length, 1, name);
      assert.equal((await one.files.get('COMTRADE/a.cfg')).data.length, 10, name);
      assert.equal(ied.open.size, 0);
    }
  });

  it('names within the folder get the folder before them', async () => {
    const { client: one } = await client({
      files: {},
      before: (request) =>
        request.service === 'fileDirectory'
          ? { service: 'fileDirectory', entries: [{ name: ['a.cfg'], attributes: { size: 1 } }], moreFollows: false }
          : undefined,
    });
    assert.equal((await one.files.directory('\\COMTRADE\\'))[0]?.path, '\\COMTRADE\\a.cfg');
    assert.equal((await one.files.directory('COMTRADE'))[0]?.path, 'COMTRADE/a.cfg');
    assert.equal((await one.files.directory('/'))[0]?.path, 'a.cfg');
  });

  it('a file name in UTF-8 or Latin-1 is shown as text and found again', async () => {
    const utf8 = Buffer.from('Störung.cfg').toString('latin1');
    const { client: one } = await client({
      files: { [utf8]: { data: octets(3) }, 'Gerät.cfg': { data: octets(4) } },
      page: 9,
    });
    assert.deepEqual(
      (await one.files.directory()).map(({ name }) => name),
      ['Störung.cfg', 'Gerät.cfg'],
    );
    assert.equal((await one.files.get('Störung.cfg')).data.length, 3);
    assert.equal((await one.files.get('Gerät.cfg')).data.length, 4);
  });

  it('gets a file whole, by a negative frsmID, with progress, and closes it', async () => {
    const data = octets(2500);
    const { ied, client: one } = await client({ files: { a: { data, lastModified: MODIFIED } } });
    const told: string[] = [];
    const got = await one.files.get('a', { onProgress: ({ received, size }) => told.push(`${received}/${size}`) });
    assert.ok(got.data.equals(data));
    assert.equal(got.lastModified, '2026-11-20T13:45:00.123Z');
    assert.deepEqual(told, ['1000/2500', '2000/2500', '2500/2500']);
    assert.equal(ied.closed, 1);
    assert.equal(ied.open.size, 0);
  });

  it('an empty file is one, and gives one empty chunk', async () => {
    const { client: one } = await client({ files: { a: { data: Buffer.alloc(0) } } });
    assert.equal((await one.files.get('a')).data.length, 0);
    const chunks = [];
    for await (const chunk of one.files.stream('a')) chunks.push(chunk.data.length);
    assert.deepEqual(chunks, [0]);
  });

  it('a size of 0 is no size: the file is got to its end', async () => {
    const data = octets(2500);
    const { client: one } = await client({ files: { a: { data, size: 0 } } });
    const sizes = [];
    const parts = [];
    for await (const chunk of one.files.stream('a')) {
      sizes.push(chunk.size);
      parts.push(chunk.data);
    }
    assert.ok(Buffer.concat(parts).equals(data));
    assert.deepEqual(sizes, [null, null, null]);
  });

  it('reads ahead, when told to, up to the size and not past it', async () => {
    const data = octets(10_500);
    const { ied, client: one } = await client({ files: { a: { data } } });
    const got = await one.files.get('a', { readAhead: 4 });
    assert.ok(got.data.equals(data));
    assert.equal(count(ied, 'fileRead'), 11);
  });

  it('an IED that answers out of order, or refuses more than one read at a time, is read one by one', async () => {
    const data = octets(10_500);
    let at = 0;
    const later = (request: ServiceRequest, ied: FileIed): ReturnType<NonNullable<FileIedOptions['before']>> => {
      // The second of two reads at a time is answered before the first.
      if (request.service !== 'fileRead' || ++at !== 2) return undefined;
      const answer = ied.respond(request);
      return new Promise((go) => setImmediate(() => setImmediate(() => go(answer as never))));
    };
    let busy = 0;
    const refuses = (request: ServiceRequest, ied: FileIed): ReturnType<NonNullable<FileIedOptions['before']>> => {
      if (request.service !== 'fileRead') return undefined;
      if (busy++ > 0) return FILE_OTHER;
      return new Promise((go) =>
        setImmediate(() => {
          busy = 0;
          go(ied.respond(request) as never);
        }),
      );
    };
    for (const before of [later, refuses]) {
      const { client: one } = await client({ files: { a: { data } }, before, maxOutstanding: 10 });
      const got = await one.files.get('a');
      assert.ok(got.data.equals(data), before.name);
      assert.equal(got.resumed, 1);
    }
  });

  it('the next chunk is asked for when the last one was taken', async () => {
    const { ied, client: one } = await client({ files: { a: { data: octets(5000) } } });
    const stream = one.files.stream('a');
    await stream.next();
    await one.identify();
    assert.equal(count(ied, 'fileRead'), 1);
    await stream.return();
    assert.equal(ied.open.size, 0, 'leaving the stream closes the file');
  });

  it('a file that shrinks while it is read fails by name, is closed, and the session goes on', async () => {
    const { ied, client: one } = await client({
      files: { a: { data: octets(3000) } },
      before: (request, { script }) => {
        if (request.service === 'fileRead') script.files.a = { data: octets(1500), size: 3000 };
        return undefined;
      },
    });
    await assert.rejects(one.files.get('a'), (error: unknown) => {
      assert.ok(failure('SHORT')(error));
      assert.match((error as Error).message, /a ended after 1500 of 3000 octets/);
      return true;
    });
    assert.equal(ied.open.size, 0);
    assert.equal((await one.identify()).vendor, 'test');
  });

  it('a file that is larger than allowed is not taken: by what the IED says, and by what it sends', async () => {
    const { ied, client: one } = await client({
      files: { a: { data: octets(3000) }, b: { data: octets(3000), size: 0 } },
    });
    for (const name of ['a', 'b']) await assert.rejects(one.files.get(name, { maxSize: 2000 }), failure('TOO_LARGE'));
    assert.equal(ied.open.size, 0);
  });

  it('an IED that sends nothing for ever is left', async () => {
    const { ied, client: one } = await client({
      files: { a: { data: octets(10) } },
      before: (request) =>
        request.service === 'fileRead' ? { service: 'fileRead', data: Buffer.alloc(0), moreFollows: true } : undefined,
    });
    await assert.rejects(one.files.get('a'), { code: 'IEC61850_MALFORMED' });
    assert.equal(ied.open.size, 0);
  });

  it('an IED that never says that the file is at its end, and refuses to read on, has sent it all', async () => {
    const data = octets(2000);
    const { client: one } = await client({
      files: { a: { data } },
      before: (request, ied) => {
        if (request.service !== 'fileRead') return undefined;
        const state = ied.open.get(request.frsmId);
        if (state?.at === data.length) return FILE_OTHER;
        const answer = ied.respond(request);
        return answer && 'service' in answer && answer.service === 'fileRead'
          ? { ...answer, moreFollows: true }
          : answer;
      },
    });
    assert.ok((await one.files.get('a')).data.equals(data));
  });

  it('a file that the IED closed by itself meanwhile is opened again where it was left, and a reused frsmID is not mistaken', async () => {
    const data = octets(5000);
    let reads = 0;
    const { ied, client: one } = await client({
      files: { a: { data, lastModified: MODIFIED } },
      before: (request, { open }) => {
        if (request.service === 'fileRead' && ++reads === 3) open.clear();
        return undefined;
      },
    });
    const got = await one.files.get('a');
    assert.ok(got.data.equals(data));
    assert.equal(got.resumed, 1);
    assert.deepEqual(ied.opened, ['a 0', 'a 2000']);
  });

  it('a read that fails again without an octet between fails the transfer', async () => {
    const { ied, client: one } = await client({
      files: { a: { data: octets(5000) } },
      before: (request, { open }) =>
        request.service === 'fileRead' && (open.get(request.frsmId)?.at ?? 0) >= 2000 ? FILE_OTHER : undefined,
    });
    await assert.rejects(one.files.get('a'), ServiceError);
    assert.equal(ied.opened.length, 2);
    assert.equal(ied.open.size, 0);
  });

  it('each step has its time limit, and what came after it is not taken for the next octets', async () => {
    const data = octets(5000);
    let silent = 1;
    const { ied, client: one } = await client({
      files: { a: { data } },
      before: (request, { open }) => {
        if (request.service !== 'fileRead' || (open.get(request.frsmId)?.at ?? 0) < 2000 || silent-- <= 0)
          return undefined;
        return 'silent';
      },
    });
    assert.ok((await one.files.get('a', { timeout: 50 })).data.equals(data));
    silent = Infinity;
    await assert.rejects(one.files.get('a', { timeout: 50 }), { code: 'IEC61850_TIMEOUT' });
    assert.equal(ied.open.size, 0);
    assert.equal((await one.identify()).vendor, 'test');
  });

  it('a transfer can be stopped', async () => {
    const { ied, client: one } = await client({ files: { a: { data: octets(5000) } } });
    const stop = new AbortController();
    await assert.rejects(
      one.files.get('a', { signal: stop.signal, onProgress: () => stop.abort() }),
      failure('STOPPED'),
    );
    assert.equal(ied.open.size, 0);
    await assert.rejects(one.files.get('a', { signal: stop.signal }), failure('STOPPED'));
  });

  it('the server closing in the middle of each service fails a client by name, with nothing left to wait for', async () => {
    const services = ['fileDirectory', 'fileOpen', 'fileRead', 'fileClose', 'fileDelete', 'fileRename', 'obtainFile'];
    for (const service of services) {
      const { client: one } = await client({
        files: { a: { data: octets(5000) } },
        before: (request) => (request.service === service ? 'close' : undefined),
      });
      const { files } = one;
      const actions: Record<string, () => Promise<unknown>> = {
        fileDirectory: () => files.directory(),
        fileDelete: () => files.delete('a'),
        fileRename: () => files.rename('a', 'b'),
        obtainFile: () => files.put(octets(10), 'b'),
      };
      const work = (actions[service] ?? (() => files.get('a')))();
      // The file was there already when the link broke over closing it.
      if (service === 'fileClose') await work;
      else await assert.rejects(work, { code: 'IEC61850_CONNECTION' }, service);
    }
  });

  it('deletes and renames, under the name that the IED knows', async () => {
    const { ied, client: one } = await client({ files: { '/a': { data: octets(1) }, b: { data: octets(2) } } });
    await one.files.delete('a');
    await one.files.rename('b', 'c');
    assert.deepEqual(Object.keys(ied.script.files), ['c']);
    await assert.rejects(one.files.delete('nothing'), { code: 'IEC61850_SERVICE_FILE_NON_EXISTENT' });
  });

  it('what is being read is neither deleted nor renamed (libiec61850 #75)', async () => {
    const { ied, client: one } = await client({ files: { 'D/a': { data: octets(5000) } } });
    const stream = one.files.stream('D/a');
    await stream.next();
    await assert.rejects(one.files.delete('\\D\\a'), failure('BUSY'));
    await assert.rejects(one.files.rename('/D/a', 'b'), failure('BUSY'));
    await stream.return();
    await one.files.delete('D/a');
    assert.deepEqual(Object.keys(ied.script.files), []);
  });

  it('a refusal that is not about the name is told at once', async () => {
    const { ied, client: one } = await client({ files: {}, before: () => 'reject' });
    await assert.rejects(one.files.get('a/b'), { code: 'IEC61850_REJECT' });
    assert.equal(ied.requests.length, 1);
  });

  describe('of a session', () => {
    const cutAfter = (reads: number): NonNullable<FileIedOptions['before']> => {
      let left = reads;
      return (request, { script }) => {
        if (request.service !== 'fileRead' || --left > 0) return undefined;
        delete script.before;
        return 'close';
      };
    };
    // The session waits a second before it connects again.
    it('a transfer goes on after a reconnect where it was left', async () => {
      const data = octets(5000);
      const { ied, session: one } = await session({
        files: { a: { data, lastModified: MODIFIED } },
        before: cutAfter(3),
      });
      const got = await one.files.get('a');
      assert.ok(got.data.equals(data));
      assert.equal(got.resumed, 1);
      assert.deepEqual(ied.opened, ['a 0', 'a 2000']);
    });

    for (const [what, now] of [
      ['another size', { data: octets(6000), lastModified: MODIFIED }],
      ['another time', { data: octets(5000), lastModified: '20261120134501Z' }],
    ] as const) {
      it(`a file that has ${what} after the reconnect fails by name`, async () => {
        const { ied, session: one } = await session({
          files: { a: { data: octets(5000), lastModified: MODIFIED } },
          before: cutAfter(3),
        });
        const work = one.files.get('a');
        one.once('state', () => {
          ied.script.files.a = now;
        });
        await assert.rejects(work, failure('CHANGED'));
        assert.equal(ied.open.size, 1, 'only the one that the lost association left');
      });
    }

    it('a file of which the IED tells neither size nor time is not gone on with', async () => {
      const { session: one } = await session({ files: { a: { data: octets(5000), size: 0 } }, before: cutAfter(3) });
      await assert.rejects(one.files.get('a'), failure('NOT_RESUMABLE'));
    });

    it('a session that is closed ends what waits for it', async () => {
      const { session: one } = await session({
        files: { a: { data: octets(5000), lastModified: MODIFIED } },
        before: cutAfter(3),
      });
      const work = one.files.get('a');
      one.once('state', () => void one.close());
      await assert.rejects(work, { code: 'IEC61850_CONNECTION' });
      await assert.rejects(one.files.get('a'), { code: 'IEC61850_CONNECTION' });
    });

    it('waiting for the IED has an end, or none is wanted, or it is stopped', async () => {
      const { ied, session: one } = await session({ files: { a: { data: octets(5000) } }, before: cutAfter(3) });
      await assert.rejects(one.files.get('a', { resumeWithin: 0 }), { code: 'IEC61850_CONNECTION' });
      await assert.rejects(one.files.get('a'), { code: 'IEC61850_CONNECTION' });
      await online(one);
      ied.script.before = cutAfter(3);
      await assert.rejects(one.files.get('a', { resumeWithin: 10 }), { code: 'IEC61850_TIMEOUT' });
      await online(one);
      ied.script.before = cutAfter(3);
      const stop = new AbortController();
      one.once('state', () => stop.abort());
      await assert.rejects(one.files.get('a', { signal: stop.signal }), failure('STOPPED'));
    });
  });

  describe('into a folder', () => {
    let folder = '';
    beforeEach(async () => {
      folder = await mkdtemp(path.join(tmpdir(), 'files-'));
    });
    afterEach(() => rm(folder, { recursive: true }));

    it('a file appears whole, under its last name or one that is given', async () => {
      const data = octets(2500);
      const { client: one } = await client({ files: { 'COMTRADE\\a.cfg': { data } } });
      const saved = await one.files.save('COMTRADE\\a.cfg', { folder });
      assert.equal(saved.file, path.join(folder, 'a.cfg'));
      assert.equal(saved.size, 2500);
      assert.ok((await readFile(saved.file)).equals(data));
      await one.files.save('COMTRADE\\a.cfg', { folder, name: 'IED/x' });
      assert.deepEqual((await readdir(folder)).sort(), ['IED', 'a.cfg']);
    });

    it('a transfer that fails leaves what was there before, and nothing else', async () => {
      await writeFile(path.join(folder, 'a'), 'before');
      const { client: one } = await client({ files: { a: { data: octets(1500), size: 3000 } } });
      await assert.rejects(one.files.save('a', { folder }), failure('SHORT'));
      assert.deepEqual(await readdir(folder), ['a']);
      assert.equal(await readFile(path.join(folder, 'a'), 'utf8'), 'before');
    });

    it('nothing is written outside it, whatever name the IED or the flow gives', async () => {
      const { ied, client: one } = await client({
        files: { '../../x': { data: octets(1) }, '..': { data: octets(1) }, 'a\0b': { data: octets(1) } },
      });
      assert.equal((await one.files.save('../../x', { folder })).file, path.join(folder, 'x'));
      await assert.rejects(one.files.save('..', { folder }), failure('OUTSIDE'));
      await assert.rejects(one.files.save('a\0b', { folder }), failure('NAME'));
      for (const name of ['../y', '/y', 'C:\\y', 'a/../../y'])
        await assert.rejects(one.files.save('../../x', { folder, name }), failure('OUTSIDE'), name);
      await assert.rejects(one.files.save('a', { folder: path.join(folder, 'nowhere') }), failure('NOT_FOUND'));
      assert.deepEqual(await readdir(folder), ['x']);
      assert.equal(ied.open.size, 0);
    });

    it('a COMTRADE record comes whole, in upper or lower case as the IED has it', async () => {
      const files = Object.fromEntries(
        ['FRA/Rec1.CFG', 'FRA/Rec1.DAT', 'FRA/Rec1.hdr', 'FRA/Rec10.CFG', 'FRA/rec1.txt', 'FRA/REC2.cff'].map(
          (name) => [name, { data: Buffer.from(name) }],
        ),
      );
      const { client: one } = await client({ files, page: 4 });
      const saved = await one.files.saveRecord('FRA/rec1', { folder });
      assert.deepEqual(
        saved.map(({ file }) => path.basename(file)),
        ['Rec1.CFG', 'Rec1.DAT', 'Rec1.hdr'],
      );
      assert.deepEqual((await readdir(folder)).sort(), ['Rec1.CFG', 'Rec1.DAT', 'Rec1.hdr']);
      assert.deepEqual(
        (await one.files.getRecord('FRA/REC2.CFF')).map(({ path: name, data }) => `${name} ${data.toString()}`),
        ['FRA/REC2.cff FRA/REC2.cff'],
      );
    });

    it('files of one name in several folders are not taken for one record', async () => {
      const names = ['A/r.cfg', 'A/r.dat', 'B/r.cfg', 'B/r.dat', 'B/C/r.hdr', 'C/s.cfg', 'C/s.dat'];
      const { client: one } = await client({
        files: Object.fromEntries(names.map((name) => [name, { data: octets(1) }])),
      });
      assert.deepEqual(await one.files.recordFiles('B/r'), ['B/r.cfg', 'B/r.dat']);
      assert.deepEqual(await one.files.recordFiles('s'), ['C/s.cfg', 'C/s.dat']);
      await assert.rejects(one.files.recordFiles('r'), failure('NAME'));
      await assert.rejects(one.files.recordFiles('C/r'), failure('NOT_FOUND'));
    });

    it('a COMTRADE record without .dat, and one that is not there, are told as that; and all of it is got or none', async () => {
      const { client: one } = await client({
        files: {
          'a.cfg': { data: octets(1) },
          'b.cfg': { data: octets(1) },
          'b.dat': { data: octets(1), size: 2 },
        },
      });
      await assert.rejects(one.files.saveRecord('a', { folder }), failure('INCOMPLETE'));
      await assert.rejects(one.files.saveRecord('c', { folder }), failure('NOT_FOUND'));
      await assert.rejects(one.files.saveRecord('b', { folder }), failure('SHORT'));
      assert.deepEqual(await readdir(folder), []);
    });

    it('a COMTRADE record of an IED without directory is got by its names', async () => {
      const { client: one } = await client({
        files: { 'a.cfg': { data: octets(1) }, 'a.dat': { data: octets(2) }, 'b.cfg': { data: octets(1) } },
        before: (request) => (request.service === 'fileDirectory' ? 'reject' : undefined),
      });
      assert.deepEqual(
        (await one.files.getRecord('a.cfg')).map(({ path: name }) => name),
        ['a.cfg', 'a.dat'],
      );
      await assert.rejects(one.files.getRecord('b.cfg'), failure('INCOMPLETE'));
      await assert.rejects(one.files.getRecord('A'), failure('NOT_FOUND'));
    });

    it('nothing else is done to an IED that answers with something else', async () => {
      const { client: one } = await client({
        files: {},
        before: () => ({ service: 'status', logical: 0, physical: 0 }),
      });
      for (const work of [one.files.get('a'), one.files.directory(), one.files.put(octets(1), 'a')])
        await assert.rejects(work, Iec61850Error);
    });
  });
});
