import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { FileError } from '../../src/errors.js';
import { filePathParts, Folder, pathParts } from '../../src/files/index.js';

const failure = (name: string) => (error: unknown) => error instanceof FileError && error.failure === name;

describe('names of files below a folder', () => {
  it('have / and \\ as separators, and no part that says nothing', () => {
    assert.deepEqual(pathParts('a/b\\c.cfg', 'relative'), ['a', 'b', 'c.cfg']);
    assert.deepEqual(pathParts('./a//b/', 'relative'), ['a', 'b']);
    assert.deepEqual(pathParts('', 'relative'), []);
    assert.deepEqual(pathParts('/COMTRADE\\a.cfg', 'rooted'), ['COMTRADE', 'a.cfg']);
    assert.deepEqual(pathParts('..a/b..', 'relative'), ['..a', 'b..']);
  });

  it('never lead out: .., absolute paths, drives', () => {
    for (const name of ['..', '../a', 'a/../../b', 'a\\..\\b', '/..', '/a/..'])
      assert.throws(() => pathParts(name, 'rooted'), failure('OUTSIDE'), name);
    for (const name of ['/etc/passwd', '\\\\server\\share', '\\a', 'C:\\a', 'c:a'])
      assert.throws(() => pathParts(name, 'relative'), failure('OUTSIDE'), name);
  });

  it('have no NUL, no control characters, and an end', () => {
    for (const name of ['a\0.cfg', 'a\nb', '\x7f', 'x'.repeat(2000), 'x'.repeat(256), 'a/'.repeat(80)])
      assert.throws(() => pathParts(name, 'rooted'), failure('NAME'), name.slice(0, 20));
    for (const name of ['', '/', '\\', './']) assert.throws(() => filePathParts(name, 'rooted'), failure('NAME'), name);
  });
});

describe('a folder', () => {
  let outside = '';
  let root = '';
  let folder: Folder;
  before(async () => {
    outside = await mkdtemp(path.join(tmpdir(), 'folder-'));
    root = path.join(outside, 'root');
    await mkdir(path.join(root, 'COMTRADE'), { recursive: true });
    await mkdir(path.join(outside, 'root-2'));
    await writeFile(path.join(outside, 'secret'), 'secret');
    await writeFile(path.join(outside, 'root-2', 'secret'), 'secret');
    await writeFile(path.join(root, 'COMTRADE', 'a.cfg'), 'abc');
    await writeFile(path.join(root, 'z'), '');
    await symlink(path.join(outside, 'secret'), path.join(root, 'link-out'));
    await symlink(path.join('COMTRADE', 'a.cfg'), path.join(root, 'link-in'));
    await symlink(outside, path.join(root, 'folder-out'));
    await symlink(path.join(outside, 'root-2'), path.join(root, 'sibling'));
    await symlink('.', path.join(root, 'circle'));
    await symlink('nothing', path.join(root, 'broken'));
    execFileSync('mkfifo', [path.join(root, 'pipe')]);
    folder = await Folder.at(root, 'rooted');
  });
  after(() => rm(outside, { recursive: true }));

  it('must be one', async () => {
    await assert.rejects(Folder.at(path.join(root, 'z')), failure('NOT_FOUND'));
    await assert.rejects(Folder.at(path.join(root, 'nowhere')), failure('NOT_FOUND'));
    await assert.rejects(Folder.at(''), failure('NAME'));
  });

  it('lists its files with their folders; links that leave it, circles, pipes and incomplete files are not there', async () => {
    const incomplete = '.incoming-0123456789abcdef';
    await writeFile(path.join(root, incomplete), 'x');
    await assert.rejects(folder.openForReading(incomplete), failure('NOT_FOUND'));
    await assert.rejects(folder.delete(incomplete), failure('NOT_FOUND'));
    await assert.rejects(folder.create(`${incomplete}/x`), failure('NOT_FOUND'));
    const names = (await folder.list('', 100)).map(({ name, size }) => `${name} ${size}`);
    assert.deepEqual(names, ['COMTRADE/a.cfg 3', 'link-in 3', 'z 0']);
    assert.deepEqual(
      (await folder.list('\\COMTRADE\\', 100)).map(({ name }) => name),
      ['COMTRADE/a.cfg'],
    );
    assert.deepEqual(
      (await folder.list('COMTRADE/a.cfg', 100)).map(({ name }) => name),
      ['COMTRADE/a.cfg'],
    );
    await assert.rejects(folder.list('', 2), failure('TOO_LARGE'));
    await assert.rejects(folder.list('folder-out', 100), failure('OUTSIDE'));
    await assert.rejects(folder.list('nowhere', 100), failure('NOT_FOUND'));
  });

  it('opens what is in it, links within it among that, and nothing else', async () => {
    for (const name of ['COMTRADE/a.cfg', 'link-in', '/COMTRADE\\a.cfg', 'circle/circle/link-in']) {
      const { handle, size } = await folder.openForReading(name);
      await handle.close();
      assert.equal(size, 3);
    }
    for (const name of ['link-out', 'folder-out/secret', 'sibling/secret', '../secret'])
      await assert.rejects(folder.openForReading(name), failure('OUTSIDE'), name);
    for (const name of ['COMTRADE', 'nowhere', 'broken', 'pipe', 'z/a'])
      await assert.rejects(folder.openForReading(name), failure('NOT_FOUND'), name);
  });

  it('a file appears when it is complete, whole, and replaces a link rather than what that leads to', async () => {
    const incoming = await folder.create('new/deep/b.dat');
    await incoming.write(Buffer.from('12'));
    await incoming.write(Buffer.from('34'));
    await assert.rejects(readFile(incoming.place));
    assert.equal(incoming.size, 4);
    await incoming.commit();
    assert.equal(await readFile(path.join(root, 'new', 'deep', 'b.dat'), 'utf8'), '1234');
    await symlink(path.join(outside, 'secret'), path.join(root, 'new', 'link'));
    const over = await folder.create('new/link');
    await over.write(Buffer.from('mine'));
    await over.commit();
    assert.equal(await readFile(path.join(outside, 'secret'), 'utf8'), 'secret');
    assert.equal(await readFile(path.join(root, 'new', 'link'), 'utf8'), 'mine');
  });

  it('a file that was not completed leaves nothing behind', async () => {
    const incoming = await folder.create('gone/x');
    await incoming.write(Buffer.from('12'));
    await incoming.discard();
    assert.deepEqual(await readdir(path.join(root, 'gone')), []);
    await assert.rejects(incoming.write(Buffer.from('3')), failure('IO'));
  });

  it('nothing is made outside, nor in place of a folder', async () => {
    for (const name of ['folder-out/x', 'sibling/sub/x', '../x'])
      await assert.rejects(folder.create(name), failure('OUTSIDE'), name);
    await assert.rejects(folder.create('COMTRADE'), failure('EXISTS'));
    await assert.rejects(folder.create('z/x'), FileError);
    assert.deepEqual(await readdir(path.join(outside, 'root-2')), ['secret']);
  });

  it('deletes and renames files of its own only', async () => {
    await writeFile(path.join(root, 'old'), 'old');
    await folder.rename('old', 'COMTRADE/new');
    await assert.rejects(folder.rename('COMTRADE/new', 'z'), failure('EXISTS'));
    await assert.rejects(folder.rename('COMTRADE/new', '../new'), failure('OUTSIDE'));
    await assert.rejects(folder.rename('folder-out/secret', 'mine'), failure('OUTSIDE'));
    await assert.rejects(folder.rename('nowhere', 'mine'), failure('NOT_FOUND'));
    await folder.delete('COMTRADE/new');
    await assert.rejects(folder.delete('COMTRADE/new'), failure('NOT_FOUND'));
    await assert.rejects(folder.delete('COMTRADE'), failure('NOT_FOUND'));
    await assert.rejects(folder.delete('folder-out/secret'), failure('OUTSIDE'));
    await folder.delete('link-out');
    assert.equal(await readFile(path.join(outside, 'secret'), 'utf8'), 'secret');
  });
});
