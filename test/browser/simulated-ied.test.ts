/** Reports, control, setting groups and files of the simulated IED, and writing and logs of a foreign server. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { IedServer } from '../../src/server/ied-server.js';
import type { IedServerOptions } from '../../src/server/options.js';
import { needPeer, ROOT, startDriver } from '../interop/peers/index.js';
import { Editor, needsBrowser } from './support/editor.js';
import { NodeRed } from './support/node-red.js';

const BAY = path.join(ROOT, 'examples', 'scl', 'bay.cid');
const MODEL = path.join(ROOT, 'test', 'interop', 'models', 'settings.cfg');
const PLACE = { z: 'tab', x: 300, y: 100, ied: 'ied', version: 1, wires: [[], []] };

describe('service nodes in a browser', function () {
  this.timeout(180_000);
  let red: NodeRed;
  let editor: Editor;
  let folder: string;

  before(async function () {
    needsBrowser(this);
    folder = mkdtempSync(path.join(tmpdir(), 'iec61850-browser-'));
    red = await NodeRed.start();
  });
  after(async () => {
    await red?.stop();
    if (folder) rmSync(folder, { recursive: true, force: true });
  });
  afterEach(async () => {
    await editor?.close();
  });

  /** Deploys one node with its IED and a button, and opens its form. */
  async function open(type: string, port: number, settings: object, payload = '', kind = 'str'): Promise<Editor> {
    await red.deploy([
      { id: 'tab', type: 'tab', label: 'Flow 1' },
      { id: 'ied', type: 'iec61850-ied', version: 1, name: 'IED', host: '127.0.0.1', port: String(port), sclFile: '' },
      { ...PLACE, id: 'node', type, ...settings },
      {
        ...{ id: 'inject', type: 'inject', z: 'tab', x: 100, y: 100, wires: [['node']], props: [{ p: 'payload' }] },
        ...{ repeat: '', crontab: '', once: false, payload, payloadType: kind },
      },
    ]);
    editor = await Editor.open(red);
    await editor.edit(type);
    return editor;
  }
  const press = (): Promise<Response> => fetch(`${red.url}/inject/inject`, { method: 'POST' });
  /** Closes the form, deploys, and presses the button when the node is ready; gives the status that fits. */
  async function run(result: RegExp): Promise<string> {
    await editor.doneEditing();
    await editor.deploy();
    await editor.status(/^ready$/);
    await press();
    const text = await editor.status(result);
    assert.deepEqual(editor.complaints, []);
    return text;
  }

  describe('against the simulated IED', () => {
    let server: IedServer;
    let port: number;

    before(async () => {
      const store = path.join(folder, 'store');
      mkdirSync(path.join(store, 'COMTRADE'), { recursive: true });
      mkdirSync(path.join(folder, 'records'));
      for (const end of ['cfg', 'dat']) writeFileSync(path.join(store, 'COMTRADE', `rec1.${end}`), end);
      const options: IedServerOptions = { operate: 'simulate', writable: ['SG', 'SE'], files: { folder: store } };
      server = await IedServer.fromScl(BAY, { ied: 'BAY1', port: 0, ...options });
      ({ port } = await server.listen());
    });
    after(async () => {
      await server?.close();
    });

    it('a control block is listed, chosen and armed', async () => {
      const { page, complaints } = await open('iec61850-report', port, {});
      const row = '.iec61850-report-blocks tbody tr:has-text("BAY1PROT/LLN0.brcbProtection01[BR]")';
      await page.click('#node-input-report-blocks button:has-text("List from the IED")');
      await page.waitForSelector(row);
      await page.check(`${row} input[type=checkbox]`);
      await editor.doneEditing();
      await editor.deploy();
      assert.equal(await editor.status(/armed/), '1 RCB armed');
      assert.deepEqual(complaints, []);
    });

    it('a switch is allowed and opened', async () => {
      const settings = { reference: 'BAY1CTRL/CSWI1.Pos', cdc: 'DPC', feedback: '2' };
      const { page } = await open('iec61850-control', port, settings, 'open');
      await page.check('#node-input-allowed');
      assert.equal(await run(/done|refused|unknown/), 'open done');
      assert.equal(server.read('BAY1CTRL/CSWI1.Pos.stVal[ST]').value, 1);
    });

    it('a setting is allowed and changed in a group that is not active', async () => {
      const payload = '{"BAY1PROT/PTOC1.StrVal": 2600}';
      const { page } = await open('iec61850-settings', port, { logicalDevice: 'BAY1PROT' }, payload, 'json');
      await page.selectOption('#node-input-action', 'edit');
      await page.fill('#node-input-group', '2');
      await page.check('#node-input-allowed');
      assert.equal(await run(/set in|refused/), '1 set in 2');
    });

    it('a COMTRADE record comes into a folder', async () => {
      const { page } = await open('iec61850-file', port, {});
      await page.selectOption('#node-input-action', 'get');
      await page.fill('#node-input-path', 'COMTRADE/rec1');
      await page.check('#node-input-comtrade');
      await page.selectOption('#node-input-output', 'file');
      await page.fill('#node-input-folder', path.join(folder, 'records'));
      assert.equal(await run(/^got|refused/), 'got 6 B');
      assert.equal(readFileSync(path.join(folder, 'records', 'rec1.dat'), 'utf8'), 'dat');
    });
  });

  describe('against a foreign server', () => {
    it('a setting is allowed and written', async function () {
      needPeer(this, 'libiec61850');
      const peer = await startDriver('libiec61850_settings_server.py', '--model', MODEL);
      try {
        const settings = { reference: 'SETTPROT/LLN0.SGCB.ActSG[SP]' };
        const { page } = await open('iec61850-write', peer.port, settings, '2', 'num');
        await page.check('#node-input-allowed');
        assert.equal(await run(/^written|refused/), 'written');
        assert.deepEqual((await peer.call<{ seen: unknown }>('state')).seen, [['activate', 2]]);
      } finally {
        await peer.stop();
      }
    });

    it('a log is listed and read', async function () {
      needPeer(this, 'libiec61850');
      const peer = await startDriver('libiec61850_settings_server.py', '--model', MODEL);
      try {
        const { page } = await open('iec61850-log', peer.port, {});
        await page.click('.iec61850-ask');
        await page.click('.iec61850-listed button:has-text("SETTPROT/LLN0.EventLog")');
        await peer.call('update', { values: [['SETTPROT/GGIO1.Ind1.stVal', 'boolean', true]] });
        assert.match(await run(/entr/), /^\d+ entr(y|ies)$/);
      } finally {
        await peer.stop();
      }
    });
  });
});
