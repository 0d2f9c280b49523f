import assert from 'node:assert/strict';
import path from 'node:path';
import { needPeer, ROOT, startDriver, type Peer } from '../interop/peers/index.js';
import { IedServer } from '../../src/server/ied-server.js';
import { Editor, needsBrowser } from './support/editor.js';
import { NodeRed } from './support/node-red.js';

const TAB = { id: 'tab', type: 'tab', label: 'Flow 1' };
const BAY = path.join(ROOT, 'examples', 'scl', 'bay.cid');
const MODEL = path.join(ROOT, 'test', 'interop', 'models', 'settings.cfg');
const BAY_IN_PACKAGE = '@substation/node-red-iec61850/examples/scl/bay.cid';

describe('setting groups and logs in a browser', function () {
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

  const ied = (name: string, port: number, more: object = {}): object => ({
    ...{ id: 'ied', type: 'iec61850-ied', version: 1, name, host: '127.0.0.1', port: String(port), timeout: '2000' },
    ...{ sclFile: '', ...more },
  });
  const inject = (to: string, payload: string, payloadType = 'str'): object => ({
    ...{ id: 'inject', type: 'inject', z: 'tab', x: 100, y: 100, wires: [[to]], props: [{ p: 'payload' }] },
    ...{ repeat: '', crontab: '', once: false, payload, payloadType },
  });
  const open = async (flows: object[], type: string, locale?: string): Promise<Editor> => {
    await red.deploy([TAB, ...flows]);
    editor = await Editor.open(red, locale);
    await editor.edit(type);
    return editor;
  };
  const press = (): Promise<Response> => fetch(`${red.url}/inject/inject`, { method: 'POST' });
  const saved = async (type: string): Promise<Record<string, unknown>> => {
    const found = (await red.flows()).find((node) => node.type === type);
    assert.ok(found);
    return found;
  };
  const screenshot = async (name: string): Promise<void> => {
    const folder = process.env.SCREENSHOTS;
    if (folder) await editor.page.screenshot({ path: path.join(folder, `${name}.png`) });
  };

  it('a group of a foreign server is listed, allowed and activated', async function () {
    needPeer(this, 'libiec61850');
    const peer: Peer = await startDriver('libiec61850_settings_server.py', '--model', MODEL);
    try {
      const node = { id: 'settings', type: 'iec61850-settings', z: 'tab', x: 300, y: 100, ied: 'ied', wires: [[]] };
      const { page, complaints } = await open([ied('SETT', peer.port), node, inject('settings', '2')], node.type);
      assert.equal(await page.isChecked('#node-input-allowed'), false);
      assert.equal(await page.isChecked('#node-input-verify'), true, 'what a hand-written flow leaves out');
      assert.equal(await page.inputValue('#node-input-action'), 'state');
      assert.equal(await page.isVisible('#node-input-group'), false);
      assert.equal(await page.isVisible('#node-input-name'), true, 'the rows that all forms have');
      await page.click('.iec61850-ask');
      await page.waitForSelector('.iec61850-listed :text("3 groups, 1 active")');
      await screenshot('settings');
      await page.click('.iec61850-listed button:has-text("SETTPROT")');
      assert.equal(await page.inputValue('#node-input-logicalDevice'), 'SETTPROT');
      await page.selectOption('#node-input-action', 'activate');
      await page.fill('#node-input-group', '300');
      await page.locator('#node-input-group').blur();
      await page.waitForSelector('#node-input-group.input-error');
      await page.fill('#node-input-group', '');
      await page.check('#node-input-allowed');
      await editor.doneEditing();
      await editor.deploy();
      const { allowed, action, logicalDevice } = await saved(node.type);
      assert.deepEqual([allowed, action, logicalDevice], [true, 'activate', 'SETTPROT']);
      await editor.status(/^ready$/);
      await press();
      assert.equal(await editor.status(/active/), 'group 2 active');
      assert.deepEqual((await peer.call<{ seen: unknown }>('state')).seen, [['activate', 2]]);
      assert.deepEqual(complaints, []);
    } finally {
      await peer.stop();
    }
  });

  it('a log of the simulated IED is listed and followed', async () => {
    const server = await IedServer.fromScl(BAY, { ied: 'BAY1', port: 0 });
    const { port } = await server.listen();
    try {
      const node = { id: 'log', type: 'iec61850-log', z: 'tab', x: 300, y: 100, ied: 'ied', wires: [[]] };
      const { page, complaints } = await open([ied('BAY1', port), node, inject('log', '')], node.type);
      assert.equal(await page.isChecked('#node-input-resume'), true);
      assert.equal(await page.isVisible('#node-input-span'), false);
      await page.fill('#node-input-interval', '10');
      await page.locator('#node-input-interval').blur();
      await page.click('.iec61850-ask');
      await page.click('.iec61850-listed button:has-text("BAY1CTRL/LLN0.EventLog")');
      assert.equal(await page.inputValue('#node-input-log'), 'BAY1CTRL/LLN0.EventLog');
      await page.fill('#node-input-interval', '');
      await screenshot('log');
      await editor.doneEditing();
      await editor.deploy();
      const { log, mode, resume } = await saved(node.type);
      assert.deepEqual([log, mode, resume], ['BAY1CTRL/LLN0.EventLog', 'follow', true]);
      await editor.status(/^ready$/);
      server.update([{ reference: 'BAY1CTRL/XCBR1.Pos.stVal[ST]', value: 'off' }]);
      await press();
      assert.match(await editor.status(/entr/), /^\d+ entr(y|ies)$/);
      assert.deepEqual(complaints, []);
    } finally {
      await server.close();
    }
  });

  it('an IED that does not answer says so, and its SCL file tells instead; in German', async () => {
    const file = { sclFile: BAY_IN_PACKAGE, sclIed: 'BAY1', sclAccessPoint: 'AP1' };
    const node = { id: 'settings', type: 'iec61850-settings', z: 'tab', x: 300, y: 100, ied: 'ied', wires: [[]] };
    const { page } = await open([ied('BAY1', 1, file), node], node.type, 'de');
    assert.equal(await page.textContent('label[for="node-input-logicalDevice"] span'), 'Gerät');
    await page.click('.iec61850-ask');
    await page.waitForSelector('.iec61850-listed .iec61850-error');
    await page.click('.iec61850-listed button:has-text("Aus SCL")');
    await page.waitForSelector('.iec61850-listed :text("4 Gruppen")');
    await page.click('.iec61850-listed button:has-text("BAY1PROT")');
    assert.equal(await page.inputValue('#node-input-logicalDevice'), 'BAY1PROT');
  });
});
