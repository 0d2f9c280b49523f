import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, readdir, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ArgumentError, LimitError } from '../../src/errors.js';
import { SclStore } from '../../nodes/shared/scl-store.js';

async function* chunks(...texts: string[]): AsyncGenerator<Buffer> {
  for (const text of texts) yield Buffer.from(text);
}

describe('SCL store', () => {
  let base: string;
  let userDir: string;
  let store: SclStore;

  beforeEach(async () => {
    base = await realpath(await mkdtemp(path.join(tmpdir(), 'iec61850-store-')));
    userDir = path.join(base, 'user');
    await mkdir(userDir);
    store = new SclStore({ userDir });
  });
  afterEach(() => rm(base, { recursive: true, force: true }));

  it('keeps an upload under the SHA-256 of its octets, with the name beside it', async () => {
    const stored = await store.save(chunks('<SCL', '/>'), 'C:\\work\\bay.cid');
    assert.equal(stored.hash, createHash('sha256').update('<SCL/>').digest('hex'));
    assert.equal(stored.name, 'bay.cid');
    assert.equal(stored.size, 6);
    const file = await store.resolve(stored);
    assert.equal(file, path.join(userDir, 'iec61850', 'scl', `${stored.hash}.scl`));
    assert.equal(await readFile(file, 'utf8'), '<SCL/>');
    assert.deepEqual(
      (await store.list()).map(({ name, hash }) => ({ name, hash })),
      [{ name: 'bay.cid', hash: stored.hash }],
    );
  });

  it('stores the same octets once', async () => {
    await store.save(chunks('<SCL/>'), 'a.cid');
    await store.save(chunks('<', 'SCL/>'), 'b.cid');
    assert.deepEqual(
      (await store.list()).map(({ name }) => name),
      ['b.cid'],
    );
  });

  it('leaves nothing behind when an upload is too large, empty, or breaks off', async () => {
    await assert.rejects(store.save(chunks('12345', '67890'), 'big.scd', 8), LimitError);
    await assert.rejects(store.save(chunks(), 'empty.scd'), ArgumentError);
    async function* broken(): AsyncGenerator<Buffer> {
      yield Buffer.from('<SCL>');
      throw new Error('the browser went away');
    }
    await assert.rejects(store.save(broken(), 'cut.scd'), /went away/);
    assert.deepEqual(await readdir(store.folder), []);
  });

  it('says what to do when a flow names a file that this machine does not have', async () => {
    await assert.rejects(store.resolve({ name: 'bay.cid', hash: 'a'.repeat(64) }), (error: ArgumentError) => {
      assert.match(error.message, /bay\.cid/);
      assert.match(error.hint, /upload it again/);
      return true;
    });
  });

  it('takes a path relative to the user directory, and an absolute one inside it', async () => {
    await mkdir(path.join(userDir, 'scl'));
    const file = path.join(userDir, 'scl', 'bay.cid');
    await writeFile(file, '<SCL/>');
    assert.equal(await store.resolve('scl/bay.cid'), file);
    assert.equal(await store.resolve('scl\\bay.cid'), file);
    assert.equal(await store.resolve(file), file);
  });

  it('takes a path in an installed package, ours included', async () => {
    const other = path.join(userDir, 'node_modules', '@plant', 'files');
    await mkdir(path.join(other, 'scl'), { recursive: true });
    await writeFile(path.join(other, 'package.json'), '{}');
    await writeFile(path.join(other, 'scl', 'x.cid'), '<SCL/>');
    assert.equal(await store.resolve('@plant/files/scl/x.cid'), path.join(other, 'scl', 'x.cid'));
    const own = await store.resolve('@substation/node-red-iec61850/package.json');
    assert.equal(own, await realpath(path.join(__dirname, '..', '..', 'package.json')));
  });

  it('refuses every way out of its folders', async () => {
    const outside = path.join(base, 'secret.cid');
    await writeFile(outside, '<SCL/>');
    await symlink(outside, path.join(userDir, 'link.cid'));
    await symlink(base, path.join(userDir, 'folder'));
    await mkdir(path.join(base, 'user-2'));
    await writeFile(path.join(base, 'user-2', 'bay.cid'), '<SCL/>');
    const ways = [
      '../secret.cid',
      'a/../../secret.cid',
      '..\\secret.cid',
      outside,
      'link.cid',
      'folder/secret.cid',
      path.join(base, 'user-2', 'bay.cid'),
      '/etc/passwd',
      'C:\\windows\\win.ini',
      '@substation/node-red-iec61850/../../etc/passwd',
      'x\0.cid',
      '.',
      ' ',
    ];
    for (const way of ways) await assert.rejects(store.resolve(way), ArgumentError, way);
  });

  it('follows absolute paths anywhere when the settings of the user allow it', async () => {
    const outside = path.join(base, 'bay.cid');
    await writeFile(outside, '<SCL/>');
    const open = new SclStore({ userDir, allowAbsolute: true });
    assert.equal(await open.resolve(outside), outside);
    await assert.rejects(open.resolve('../bay.cid'), ArgumentError);
  });

  it('refuses a hash that is none', async () => {
    await assert.rejects(store.resolve({ name: 'x', hash: '../../../etc/passwd' }), ArgumentError);
    await assert.rejects(store.remove('..'), ArgumentError);
  });
});
