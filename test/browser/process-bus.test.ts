import assert from 'node:assert/strict';
import path from 'node:path';
import { Editor, needsBrowser } from './support/editor.js';
import { NodeRed } from './support/node-red.js';

const PACKAGE = '@substation/node-red-iec61850';
const BAY = `${PACKAGE}/examples/scl/bay.cid`;
const BLOCK = 'BAY1CTRL/LLN0.gcbPositions';
const TAB = { id: 'tab', type: 'tab', label: 'Flow 1' };
const PLACE = { z: 'tab', x: 200, y: 100, version: 1 };
const RECORDING = `${PACKAGE}/examples/recordings/goose-positions.pcap`;

describe('the process bus in a browser', function () {
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

  const open = async (flows: object[], type: string, locale?: string): Promise<Editor> => {
    await red.deploy([TAB, ...flows]);
    editor = await Editor.open(red, locale);
    await editor.edit(type);
    return editor;
  };
  const saved = async (type: string): Promise<Record<string, unknown>> => {
    const found = (await red.flows()).find((node) => node.type === type);
    assert.ok(found);
    return found;
  };
  /** What the fields of the open form say, by their names. */
  const fields = (names: readonly string[]): Promise<unknown[]> =>
    Promise.all(names.map((name) => editor.page.inputValue(`#node-input-${name}`)));
  const screenshot = async (name: string): Promise<void> => {
    const folder = process.env.SCREENSHOTS;
    if (folder) await editor.page.screenshot({ path: path.join(folder, `${name}.png`) });
  };

  it('goose-in: the shipped recording with its SCL file is chosen, kept, deployed, and its values are seen', async () => {
    const node = {
      ...PLACE,
      id: 'in',
      type: 'goose-in',
      source: 'interface',
      mode: 'scl',
      blocks: [],
      wires: [['out'], []],
    };
    const debug = {
      z: 'tab',
      id: 'out',
      type: 'debug',
      x: 500,
      y: 100,
      active: true,
      tosidebar: true,
      complete: 'payload',
    };
    const { page, complaints } = await open([node, { ...debug, targetType: 'msg', wires: [] }], 'goose-in');
    await page.selectOption('#node-input-source', 'capture');
    assert.equal(await page.isVisible('#node-input-interface'), false);
    await page.fill('#node-input-capture', RECORDING);
    await page.fill('#node-input-speed', '20');
    await page.check('#node-input-repeat');
    await page.fill('#node-input-scl-field input[type=text]', BAY);
    await page.locator('#node-input-scl-field input[type=text]').blur();
    await page.check(`input[aria-label="${BLOCK}"]`);
    assert.match(
      (await page.textContent('.iec61850-control-blocks tbody')) ?? '',
      /01-0C-CD-01-00-01 · 0001.*9 members/,
    );
    await screenshot('goose-in');
    await editor.doneEditing();
    await editor.edit('goose-in');
    assert.deepEqual(await fields(['source', 'capture', 'speed', 'mode']), ['capture', RECORDING, '20', 'scl']);
    assert.equal(await page.isChecked(`input[aria-label="${BLOCK}"]`), true);
    await editor.doneEditing();
    await editor.deploy();
    const { capture, repeat, blocks, sclFile } = await saved('goose-in');
    assert.deepEqual([capture, repeat, blocks, sclFile], [RECORDING, true, [BLOCK], BAY]);
    assert.equal(await editor.status(/live/), '1 live');
    await page
      .locator('.red-ui-debug-msg-topic', { hasText: 'BAY1/CTRL.XCBR1.Pos.stVal' })
      .first()
      .waitFor({ state: 'attached' });
    assert.deepEqual(complaints, []);
  });

  it('goose-in: control blocks by their reference are kept; in German', async () => {
    const node = {
      ...PLACE,
      id: 'in',
      type: 'goose-in',
      source: 'interface',
      interface: 'lo',
      mode: 'scl',
      wires: [[], []],
    };
    const { page, complaints } = await open([node], 'goose-in', 'de');
    await page.selectOption('#node-input-mode', 'typed');
    assert.equal(await page.isVisible('#node-input-scl-field'), false);
    await page.click('.iec61850-goose-typed .red-ui-editableList-addButton');
    await page.fill('input[aria-label="Referenz des Control Blocks"]', 'BAY1CTRL/LLN0$GO$gcb1');
    await page.fill('input[aria-label="APPID, hexadezimal"]', '3001');
    await editor.doneEditing();
    await editor.edit('goose-in');
    assert.equal(await page.inputValue('input[aria-label="Referenz des Control Blocks"]'), 'BAY1CTRL/LLN0$GO$gcb1');
    await editor.doneEditing();
    await editor.deploy();
    assert.deepEqual((await saved('goose-in')).streams, [
      { gocbRef: 'BAY1CTRL/LLN0$GO$gcb1', appId: '3001', address: '' },
    ]);
    assert.deepEqual(complaints, []);
  });

  it('goose-out: one control block of a file is chosen, and nothing is allowed by itself', async () => {
    const node = { ...PLACE, id: 'out', type: 'goose-out', interface: '', sclFile: BAY, sclIed: 'BAY1', wires: [] };
    const { page, complaints } = await open([node], 'goose-out');
    assert.equal(await page.isChecked('#node-input-allowed'), false);
    await page.fill('#node-input-interface', 'none0');
    await page.check(`input[aria-label="${BLOCK}"]`);
    await page.fill('#node-input-reference', 'BAY1CTRL/XCBR1.Pos[ST]');
    await screenshot('goose-out');
    await editor.doneEditing();
    await editor.edit('goose-out');
    assert.equal(await page.isChecked(`input[aria-label="${BLOCK}"]`), true);
    await editor.doneEditing();
    await editor.deploy();
    const { allowed, blocks, reference } = await saved('goose-out');
    assert.deepEqual([allowed, blocks, reference], [false, [BLOCK], 'BAY1CTRL/XCBR1.Pos[ST]']);
    assert.equal(await editor.status(/./), 'not allowed');
    assert.deepEqual(complaints, []);
  });

  it('goose-out: a publisher is typed in, kept with its members, and a field that is wrong is marked', async () => {
    const node = { ...PLACE, id: 'out', type: 'goose-out', interface: 'none0', wires: [] };
    const { page, complaints } = await open([node], 'goose-out');
    await page.selectOption('#node-input-mode', 'typed');
    assert.equal(await page.isVisible('#node-input-scl-field'), false);
    await page.getByLabel('gocbRef').fill('TEST/LLN0$GO$gcb1');
    await page.getByLabel('Multicast address').fill('01-0C');
    await page.waitForSelector('#iec61850-publisher-address.input-error');
    await page.getByLabel('Multicast address').fill('01-0C-CD-01-00-07');
    await page.waitForSelector('#iec61850-publisher-address:not(.input-error)');
    await page.getByLabel('APPID (hex)').fill('3007');
    await page.getByLabel('Fixed length').check();
    for (const [name, type] of [
      ['Pos', 'Dbpos'],
      ['Pos.q', 'Quality'],
    ] as const) {
      await page.click('#node-input-publisher-fields .red-ui-editableList-addButton');
      await page.getByLabel('Name of the member').last().fill(name);
      await page.getByLabel('Type of the member').last().selectOption(type);
    }
    await screenshot('goose-out-typed');
    await editor.doneEditing();
    await editor.edit('goose-out');
    assert.equal(await page.getByLabel('gocbRef').inputValue(), 'TEST/LLN0$GO$gcb1');
    assert.equal(await page.getByLabel('Name of the member').last().inputValue(), 'Pos.q');
    await editor.doneEditing();
    await editor.deploy();
    const { mode, publisher } = (await saved('goose-out')) as { mode: string; publisher: Record<string, unknown> };
    assert.deepEqual([mode, publisher.appId, publisher.fixedLength], ['typed', '3007', true]);
    assert.deepEqual(publisher.members, [
      { name: 'Pos', type: 'Dbpos', initial: '' },
      { name: 'Pos.q', type: 'Quality', initial: '' },
    ]);
    assert.deepEqual(complaints, []);
  });

  it('sv-in: the shipped recording is chosen, kept, and measured', async () => {
    const capture = `${PACKAGE}/examples/recordings/sv-9-2le.pcap`;
    const node = {
      ...PLACE,
      id: 'in',
      type: 'sv-in',
      source: 'capture',
      mode: 'listen',
      frequency: '50',
      wires: [[], []],
    };
    const { page, complaints } = await open([node], 'sv-in');
    await page.fill('#node-input-capture', capture);
    await page.check('#node-input-repeat');
    await page.selectOption('#node-input-mode', 'scl');
    assert.equal(await page.isVisible('#node-input-scl-field'), true);
    await page.selectOption('#node-input-mode', 'listen');
    assert.equal(await page.isVisible('#node-input-scl-field'), false);
    await page.fill('#node-input-interval', '200');
    assert.equal(await page.isVisible('#node-input-trigger'), false);
    // A node of an earlier version shows what is taken for what it does not have.
    assert.deepEqual(await fields(['output', 'before', 'trigger']), ['measurements', '100', 'message']);
    await page.check('#node-input-waveform');
    assert.equal(await page.isVisible('#node-input-level'), false);
    await page.selectOption('#node-input-trigger', 'rmsAbove');
    await page.fill('#node-input-channels', 'Ia, Ib, Ic');
    await page.fill('#node-input-level', '1000');
    await page.selectOption('#node-input-comtrade', 'ASCII');
    assert.equal(await page.isVisible('#node-input-folder'), true);
    await page.selectOption('#node-input-comtrade', '');
    await screenshot('sv-in');
    await editor.doneEditing();
    await editor.edit('sv-in');
    assert.deepEqual(await fields(['source', 'capture', 'mode', 'interval']), ['capture', capture, 'listen', '200']);
    assert.deepEqual(await fields(['trigger', 'channels', 'level']), ['rmsAbove', 'Ia, Ib, Ic', '1000']);
    await editor.doneEditing();
    await editor.deploy();
    assert.match(await editor.status(/live/), /1 live/);
    assert.deepEqual(complaints, []);
  });
});
