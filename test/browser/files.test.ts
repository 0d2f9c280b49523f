import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePort, needPeer, Peer, ROOT, spawnPeer } from '../interop/peers/index.js';
import { Editor, needsBrowser } from './support/editor.js';
import { NodeRed } from './support/node-red.js';

const MODEL = path.join(ROOT, 'test', 'interop', 'models', 'peer.cfg');
const PYTHON = path.join(ROOT, '.peers', 'python', process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
const TAB = { id: 'tab', type: 'tab', label: 'Flow 1' };
/** Rows of the form that each action shows, by their fields. */
const SHOWN: Record<string, string[]> = {
  directory: ['path'],
  get: ['path', 'comtrade', 'output'],
  put: ['path', 'from', 'allowed'],
  delete: ['path', 'allowed'],
  rename: ['path', 'newPath', 'allowed'],
  receive: ['folder'],
};
const FIELDS = [...new Set(Object.values(SHOWN).flat()), 'acknowledge', 'filename'];

describe('files in a browser', function () {
  this.timeout(180_000);
  let red: NodeRed;
  let editor: Editor;
  let peer: Peer;
  let place: string;

  before(async function () {
    needsBrowser(this);
    needPeer(this, 'libiec61850');
    place = mkdtempSync(path.join(tmpdir(), 'iec61850-files-'));
    const store = path.join(place, 'store');
    mkdirSync(path.join(store, 'COMTRADE'), { recursive: true });
    mkdirSync(path.join(place, 'records'));
    writeFileSync(path.join(store, 'COMTRADE', 'rec1.cfg'), 'cfg');
    writeFileSync(path.join(store, 'COMTRADE', 'rec1.dat'), Buffer.alloc(100_000, 7));
    const port = await freePort();
    const driver = ['libiec61850_files.py', 'server', '--model', MODEL, '--folder', store, '--port', String(port)];
    peer = new Peer(spawnPeer(PYTHON, driver), port);
    await peer.ready;
    red = await NodeRed.start();
  });
  after(async () => {
    await red?.stop();
    await peer?.stop();
    if (place) rmSync(place, { recursive: true, force: true });
  });
  afterEach(async () => {
    await editor?.close();
  });

  const flow = (settings: object = {}): object[] => [
    TAB,
    {
      id: 'ied',
      type: 'iec61850-ied',
      version: 1,
      name: 'PEER',
      host: '127.0.0.1',
      port: String(peer.port),
      sclFile: '',
    },
    { id: 'file', type: 'iec61850-file', z: 'tab', x: 400, y: 100, ied: 'ied', wires: [[]], ...settings },
    {
      ...{ id: 'inject', type: 'inject', z: 'tab', x: 100, y: 100, wires: [['file']], props: [{ p: 'payload' }] },
      ...{ repeat: '', crontab: '', once: false, payload: 'content', payloadType: 'str' },
    },
  ];
  const open = async (settings?: object, locale?: string): Promise<Editor> => {
    await red.deploy(flow(settings));
    editor = await Editor.open(red, locale);
    await editor.edit('iec61850-file');
    return editor;
  };
  const press = (): Promise<Response> => fetch(`${red.url}/inject/inject`, { method: 'POST' });

  it('shows for each action what it needs, in both languages, and as it works where a flow leaves it out', async () => {
    const { page, complaints } = await open();
    assert.deepEqual(complaints, []);
    assert.equal(await page.inputValue('#node-input-action'), 'directory');
    assert.equal(await page.inputValue('#node-input-output'), 'buffer');
    assert.equal(await page.isChecked('#node-input-allowed'), false);
    for (const [action, shown] of Object.entries(SHOWN)) {
      await page.selectOption('#node-input-action', action);
      for (const field of FIELDS)
        assert.equal(await page.isVisible(`#node-input-${field}`), shown.includes(field), `${action} ${field}`);
    }
    await page.selectOption('#node-input-action', 'get');
    await page.selectOption('#node-input-output', 'stream');
    assert.equal(await page.isVisible('#node-input-acknowledge'), true);
    assert.deepEqual(complaints, []);
    await editor.close();
    const german = await open({ action: 'delete' }, 'de');
    assert.match((await german.page.textContent('.iec61850-form')) ?? '', /Dieser Flow darf Dateien des IED ändern/);
    assert.deepEqual(german.complaints, []);
  });

  it('gets a COMTRADE record of a foreign server into a folder', async () => {
    const { page, complaints } = await open();
    await page.selectOption('#node-input-action', 'get');
    await page.fill('#node-input-path', 'COMTRADE/rec1');
    await page.check('#node-input-comtrade');
    await page.selectOption('#node-input-output', 'file');
    await page.fill('#node-input-folder', path.join(place, 'records'));
    if (process.env.SCREENSHOTS) await page.screenshot({ path: path.join(process.env.SCREENSHOTS, 'file.png') });
    await editor.doneEditing();
    await editor.deploy();
    await editor.status(/^ready$/);
    await press();
    assert.equal(await editor.status(/^got/), 'got 100.0 kB');
    assert.deepEqual(readdirSync(path.join(place, 'records')).sort(), ['rec1.cfg', 'rec1.dat']);
    assert.deepEqual(complaints, []);
  });

  it('gives a file to a foreign server when a person has said that it may', async () => {
    const { page, complaints } = await open({ action: 'put', path: 'given.txt' });
    await editor.doneEditing();
    await editor.deploy();
    await editor.status(/^ready$/);
    await press();
    assert.equal(await editor.status(/allowed/), 'not allowed');
    await editor.edit('iec61850-file');
    await page.check('#node-input-allowed');
    await editor.doneEditing();
    await editor.deploy();
    await editor.status(/^ready$/);
    await press();
    assert.equal(await editor.status(/^put/), 'put 7 B');
    assert.equal(readFileSync(path.join(place, 'store', 'given.txt'), 'utf8'), 'content');
    assert.deepEqual(complaints, []);
  });
});
