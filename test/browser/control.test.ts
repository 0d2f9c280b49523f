import assert from 'node:assert/strict';
import path from 'node:path';
import { IedServer } from '../../src/server/ied-server.js';
import { freePort, needPeer, Peer, ROOT, spawnPeer } from '../interop/peers/index.js';
import { Editor, needsBrowser } from './support/editor.js';
import { NodeRed } from './support/node-red.js';

const TAB = { id: 'tab', type: 'tab', label: 'Flow 1' };
const BAY = path.join(ROOT, 'examples', 'scl', 'bay.cid');
const MODEL = path.join(ROOT, 'test', 'interop', 'models', 'control.cfg');
const PYTHON = path.join(ROOT, '.peers', 'python', process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');

describe('control and write in a browser', function () {
  this.timeout(180_000);
  let red: NodeRed;
  let editor: Editor;

  before(async function () {
    needsBrowser(this);
    red = await NodeRed.start();
  });
  after(async () => {
    await red?.stop();
  });
  afterEach(async () => {
    await editor?.close();
  });

  const ied = (name: string, port: number): object => ({
    ...{ id: 'ied', type: 'iec61850-ied', version: 1, name, host: '127.0.0.1', port: String(port), timeout: '2000' },
    sclFile: '',
  });
  const inject = (to: string, payload: string): object => ({
    ...{ id: 'inject', type: 'inject', z: 'tab', x: 100, y: 100, wires: [[to]], props: [{ p: 'payload' }] },
    ...{ repeat: '', crontab: '', once: false, payload, payloadType: 'str' },
  });
  const open = async (flows: object[], type: string): Promise<Editor> => {
    await red.deploy([TAB, ...flows]);
    editor = await Editor.open(red);
    await editor.edit(type);
    return editor;
  };
  const pick = async (text: string, row: string): Promise<void> => {
    const { page } = editor;
    await editor.openPicker();
    await page.waitForSelector('.iec61850-picker [role=treeitem]');
    await page.fill('.iec61850-picker input[type=search]', text);
    await page.click(`[role=treeitem]:has-text("${row}") input[type=checkbox]`);
    await page.waitForSelector('.iec61850-chosen input[type=text]');
    await editor.donePicking();
  };
  const press = (): Promise<Response> => fetch(`${red.url}/inject/inject`, { method: 'POST' });
  const saved = async (type: string): Promise<Record<string, unknown>> => {
    const found = (await red.flows()).find((node) => node.type === type);
    assert.ok(found);
    return found;
  };

  it('an object of a foreign server is picked, allowed, and closed', async function () {
    needPeer(this, 'libiec61850');
    const port = await freePort();
    const driver = ['libiec61850_control_server.py', '--model', MODEL, '--port', String(port)];
    const peer = new Peer(spawnPeer(PYTHON, driver), port);
    await peer.ready;
    try {
      const control = {
        id: 'control',
        type: 'iec61850-control',
        z: 'tab',
        x: 300,
        y: 100,
        ied: 'ied',
        wires: [[], []],
      };
      const { page, complaints } = await open([ied('CTL', port), control, inject('control', 'close')], control.type);
      assert.equal(await page.isChecked('#node-input-allowed'), false);
      await pick('CSWI1.Pos', 'CSWI1.Pos');
      assert.equal(await page.inputValue('#node-input-reference'), 'CTLCTRL/CSWI1.Pos');
      await page.check('#node-input-allowed');
      await page.check('#node-input-audit');
      await page.fill('#node-input-feedback', '2');
      if (process.env.SCREENSHOTS) await page.screenshot({ path: path.join(process.env.SCREENSHOTS, 'control.png') });
      await editor.doneEditing();
      await editor.deploy();
      const node = await saved('iec61850-control');
      assert.equal(node.reference, 'CTLCTRL/CSWI1.Pos');
      assert.equal(node.cdc, 'DPC');
      assert.equal(node.allowed, true);
      assert.equal(node.outputs, 3);
      await editor.status(/^ready$/);
      await press();
      assert.equal(await editor.status(/done/), 'close done');
      assert.deepEqual(await peer.call('get', { reference: 'CTLCTRL/CSWI1.Pos.stVal' }), { bits: '10' });
      assert.deepEqual(complaints, []);
    } finally {
      await peer.stop();
    }
  });

  it('a point of the simulated IED is picked, allowed, and written', async () => {
    const server = await IedServer.fromScl(BAY, { ied: 'BAY1', port: 0, writable: ['SV'] });
    const { port } = await server.listen();
    try {
      const write = { id: 'write', type: 'iec61850-write', z: 'tab', x: 300, y: 100, ied: 'ied', wires: [[]] };
      const { page, complaints } = await open([ied('BAY1', port), write, inject('write', 'open')], write.type);
      assert.equal(await page.isChecked('#node-input-allowed'), false);
      assert.equal(await page.isVisible('#node-input-subID'), false);
      await page.selectOption('#node-input-action', 'substitute');
      await pick('XCBR1.Pos', 'XCBR1.Pos');
      assert.equal(await page.inputValue('#node-input-reference'), 'BAY1CTRL/XCBR1.Pos');
      await page.fill('#node-input-subID', 'desk');
      await page.check('#node-input-allowed');
      if (process.env.SCREENSHOTS) await page.screenshot({ path: path.join(process.env.SCREENSHOTS, 'write.png') });
      await editor.doneEditing();
      await editor.deploy();
      assert.equal((await saved('iec61850-write')).allowed, true);
      await editor.status(/^ready$/);
      await press();
      assert.equal(await editor.status(/substituted/), 'substituted');
      assert.deepEqual(complaints, []);
    } finally {
      await server.close();
    }
  });
});
