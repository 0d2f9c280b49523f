import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { IedClient, type SavedFile } from '../../../src/client/index.js';
import { ServiceError, type Iec61850Error } from '../../../src/errors.js';
import type { ServiceRequest } from '../../../src/mms/services.js';
import { FileIed, octets, type FileIedOptions } from './file-ied.js';

const DONE = { service: 'obtainFile' } as const;

describe('files that are given', () => {
  const closing: (() => Promise<unknown>)[] = [];
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'files-'));
  });
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
    await rm(folder, { recursive: true });
  });

  async function client(script: Partial<FileIedOptions> = {}): Promise<{ ied: FileIed; client: IedClient }> {
    const ied = new FileIed({ files: {}, ...script });
    await ied.listen();
    closing.push(() => ied.close());
    const one = new IedClient({ host: '127.0.0.1', port: ied.port, timeout: 1000, name: 'IED', maxPduSize: 2000 });
    closing.push(() => one.close());
    await one.connect();
    return { ied, client: one };
  }

  /** What a server does that obtains a file. */
  async function fetch(
    ied: FileIed,
    name: string,
    position = 0,
    pause = (): Promise<void> => Promise.resolve(),
  ): Promise<Buffer> {
    const opened = await ied.ask({ service: 'fileOpen', name: [name], initialPosition: position });
    assert.ok(opened.service === 'fileOpen');
    const { frsmId } = opened;
    const parts: Buffer[] = [];
    for (let more = true; more;) {
      await pause();
      const answer = await ied.ask({ service: 'fileRead', frsmId });
      assert.ok(answer.service === 'fileRead');
      parts.push(answer.data);
      more = answer.moreFollows;
    }
    assert.equal((await ied.ask({ service: 'fileClose', frsmId })).service, 'fileClose');
    return Buffer.concat(parts);
  }

  const obtaining =
    (work: (ied: FileIed, source: string, destination: string) => Promise<void>): FileIedOptions['before'] =>
    (request, ied) =>
      request.service === 'obtainFile'
        ? work(ied, request.source.join('/'), request.destination.join('/')).then(() => DONE)
        : undefined;

  it('the IED fetches the file from us on the same association, also where one request may be outstanding', async () => {
    const data = octets(5000);
    const progress: number[] = [];
    for (const maxOutstanding of [1, 5]) {
      const { ied, client: one } = await client({
        maxOutstanding,
        before: obtaining(async (self, source, destination) => {
          self.script.files[destination] = { data: await fetch(self, source) };
        }),
      });
      const { size } = await one.files.put(data, 'SET/a.bin', {
        onProgress: ({ received }) => progress.push(received),
      });
      assert.equal(size, 5000);
      assert.ok(ied.file('SET/a.bin').data.equals(data));
      assert.equal(progress.at(-1), 5000);
    }
  });

  it('a local file is given, under a name of its own for the fetching, and from any position', async () => {
    const file = path.join(folder, 'local');
    await writeFile(file, octets(3000));
    let got = Buffer.alloc(0);
    const { client: one } = await client({
      before: obtaining(async (ied, source) => {
        assert.equal(source, 'here');
        got = Buffer.concat([octets(3000).subarray(0, 2990), await fetch(ied, '/here', 2990)]);
        assert.equal((await fetch(ied, 'here', 3000)).length, 0);
      }),
    });
    await one.files.put({ file }, 'there', { source: 'here' });
    assert.ok(got.equals(octets(3000)));
  });

  it('no other file is given, none by another service, and nothing before or after', async () => {
    const refused: string[] = [];
    const asks: ServiceRequest[] = [
      { service: 'fileOpen', name: ['/etc/passwd'], initialPosition: 0 },
      { service: 'fileOpen', name: ['a.bin'], initialPosition: 11 },
      { service: 'fileDirectory' },
      { service: 'fileDelete', name: ['a.bin'] },
      { service: 'obtainFile', source: ['x'], destination: ['y'] },
      { service: 'fileRead', frsmId: 77 },
      { service: 'fileClose', frsmId: 77 },
      { service: 'identify' },
    ];
    const askAll = async (ied: FileIed): Promise<void> => {
      for (const ask of asks)
        await ied.ask(ask).then(
          ({ service }) => assert.fail(service),
          (error: unknown) => refused.push(`${ask.service} ${(error as Iec61850Error).code}`),
        );
    };
    const { ied, client: one } = await client({ before: obtaining(askAll) });
    await askAll(ied);
    assert.ok(
      refused.every((text) => text.endsWith('IEC61850_REJECT')),
      refused.join(),
    );
    refused.length = 0;
    await one.files.put(octets(10), 'a.bin');
    assert.deepEqual(refused, [
      'fileOpen IEC61850_SERVICE_FILE_NON_EXISTENT',
      'fileOpen IEC61850_SERVICE_POSITION_INVALID',
      'fileDirectory IEC61850_REJECT',
      'fileDelete IEC61850_REJECT',
      'obtainFile IEC61850_REJECT',
      'fileRead IEC61850_SERVICE_OBJECT_UNDEFINED',
      'fileClose IEC61850_SERVICE_OBJECT_UNDEFINED',
      'identify IEC61850_REJECT',
    ]);
    refused.length = 0;
    await askAll(ied);
    assert.ok(
      refused.every((text) => text.endsWith('IEC61850_REJECT')),
      refused.join(),
    );
  });

  it('an IED that opens and never closes is bounded', async () => {
    let opened = 0;
    const { client: one } = await client({
      before: obtaining(async (ied) => {
        for (let i = 0; i < 20; i++)
          await ied.ask({ service: 'fileOpen', name: ['a'], initialPosition: 0 }).then(
            () => opened++,
            () => undefined,
          );
      }),
    });
    await one.files.put(octets(10), 'a');
    assert.equal(opened, 8);
  });

  it('the time limit runs from each step of the IED, and the session goes on after it', async () => {
    const data = octets(5000);
    let idle = false;
    const pause = (): Promise<void> => new Promise((go) => setTimeout(go, 60));
    const { ied, client: one } = await client({
      before: obtaining(async (self, source, destination) => {
        if (idle) return new Promise<void>(() => undefined);
        self.script.files[destination] = { data: await fetch(self, source, 0, pause) };
      }),
    });
    await one.files.put(data, 'a', { timeout: 150 });
    assert.ok(ied.file('a').data.equals(data));
    idle = true;
    await assert.rejects(one.files.put(data, 'b', { timeout: 150 }), { code: 'IEC61850_TIMEOUT' });
    assert.equal((await one.identify()).vendor, 'test');
  });

  it('what the IED refuses, and what is no file here, is told', async () => {
    const { ied, client: one } = await client({
      before: (request) => (request.service === 'obtainFile' ? 'error' : undefined),
    });
    await assert.rejects(one.files.put(octets(1), 'a'), ServiceError);
    await assert.rejects(one.files.put({ file: path.join(folder, 'nowhere') }, 'a'), {
      code: 'IEC61850_FILE_NOT_FOUND',
    });
    await assert.rejects(one.files.put({ file: folder }, 'a'), { code: 'IEC61850_FILE_NOT_FOUND' });
    execFileSync('mkfifo', [path.join(folder, 'pipe')]);
    await assert.rejects(one.files.put({ file: path.join(folder, 'pipe') }, 'a'), { code: 'IEC61850_FILE_NOT_FOUND' });
    await assert.rejects(one.files.put(undefined as never, 'a'), { code: 'IEC61850_ARGUMENT' });
    assert.equal(ied.requests.length, 1);
  });

  it('files are given one after the other', async () => {
    let at = 0;
    let most = 0;
    const { client: one } = await client({
      before: obtaining(async (ied, source) => {
        most = Math.max(most, ++at);
        await fetch(ied, source);
        at--;
      }),
    });
    await Promise.all([one.files.put(octets(10), 'a'), one.files.put(octets(20), 'b')]);
    assert.equal(most, 1);
  });

  describe('by the IED to us', () => {
    it('is refused unless somebody asked for it', async () => {
      const { ied } = await client({ files: { a: { data: octets(10) } } });
      await assert.rejects(ied.ask({ service: 'obtainFile', source: ['a'], destination: ['a'] }), {
        code: 'IEC61850_REJECT',
      });
    });

    it('goes into one folder, whole or not at all, and never outside', async () => {
      const data = octets(5000);
      const { ied, client: one } = await client({
        files: { a: { data }, short: { data: octets(10), size: 20 } },
      });
      const received: SavedFile[] = [];
      const failed: string[] = [];
      const end = await one.files.receive(folder, {
        maxSize: 5000,
        onReceived: (file) => received.push(file),
        onFailed: ({ code }, name) => failed.push(`${name} ${code}`),
      });
      assert.equal(
        (await ied.ask({ service: 'obtainFile', source: ['a'], destination: ['/in/a'] })).service,
        'obtainFile',
      );
      assert.equal(received[0]?.file, path.join(folder, 'in', 'a'));
      assert.ok((await readFile(path.join(folder, 'in', 'a'))).equals(data));
      for (const [source, destination, code] of [
        ['a', '../x', 'IEC61850_SERVICE_FILE_NON_EXISTENT'],
        ['a', 'C:\\x', 'IEC61850_SERVICE_FILE_NON_EXISTENT'],
        ['a', 'x\0', 'IEC61850_SERVICE_FILENAME_SYNTAX_ERROR'],
        ['nothing', 'x', 'IEC61850_SERVICE_OTHER'],
        ['short', 'x', 'IEC61850_SERVICE_OTHER'],
      ] as const)
        await assert.rejects(ied.ask({ service: 'obtainFile', source: [source], destination: [destination] }), {
          code,
        });
      assert.equal(failed.length, 5);
      assert.deepEqual(await readdir(folder), ['in']);
      end();
      await assert.rejects(ied.ask({ service: 'obtainFile', source: ['a'], destination: ['a'] }), {
        code: 'IEC61850_REJECT',
      });
    });
  });
});
