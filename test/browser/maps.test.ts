/** Points, the Modbus map and MQTT topics as a person works on them in the browser. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { IedServer } from '../../src/server/ied-server.js';
import { Editor, needsBrowser } from './support/editor.js';
import { NodeRed } from './support/node-red.js';

const BAY = path.join(__dirname, '..', '..', 'examples', 'scl', 'bay.cid');
const BAY_IN_PACKAGE = '@substation/node-red-iec61850/examples/scl/bay.cid';
const TAB = { id: 'tab', type: 'tab', label: 'Flow 1' };
const PLACE = { z: 'tab', x: 200, y: 100, version: 1, wires: [[]] };

describe('maps in a browser', function () {
  this.timeout(180_000);
  let red: NodeRed;
  let server: IedServer;
  let port: number;
  let editor: Editor;

  before(async function () {
    needsBrowser(this);
    server = await IedServer.fromScl(BAY, { ied: 'BAY1', port: 0 });
    ({ port } = await server.listen());
    server.update([{ reference: 'BAY1CTRL/XCBR1.Pos[ST]', value: 2 }]);
    red = await NodeRed.start();
  });
  after(async () => {
    await red?.stop();
    await server?.close();
  });
  afterEach(async () => {
    await editor?.close();
  });

  const open = async (flows: object[]): Promise<Editor> => {
    await red.deploy([TAB, ...flows]);
    editor = await Editor.open(red);
    return editor;
  };
  const ied = (): object => ({
    ...{ id: 'ied', type: 'iec61850-ied', version: 1, name: 'BAY1', host: '127.0.0.1', port: String(port) },
    timeout: '5000',
  });
  const read = (tags: object[], wires: string[] = []): object => ({
    ...PLACE,
    ...{ id: 'read', type: 'iec61850-read', ied: 'ied', tags, mode: 'demand', wires: [wires] },
  });

  it('show live values beside the points in view, and in the tree', async () => {
    const { page, complaints } = await open([ied(), read([])]);
    await editor.edit('iec61850-read');
    await editor.openPicker();
    await page.fill('.iec61850-picker input[type=search]', 'breaker position');
    await page.click('.iec61850-picker button:has-text("Live values")');
    const row = page.locator('[role=treeitem]:has-text("XCBR1.Pos")').first();
    await row.locator('.iec61850-live', { hasText: 'Closed' }).waitFor();
    await page.fill('.iec61850-picker input[type=search]', '');
    await page.click('.iec61850-filters button:has-text("Tree")');
    await page.click('[role=treeitem]:has-text("BAY1CTRL") .iec61850-twisty');
    // The standard names the class where the IED describes nothing.
    await page.locator('[role=treeitem]:has-text("CILO1")', { hasText: 'interlocking' }).waitFor();
    assert.deepEqual(complaints, []);
  });

  it('move a row with its address by drag and by keys, and back', async () => {
    const row = (tag: string, address: number): object => ({
      ...{ ied: 'BAY1', tag, unit: 1, area: 'holding', address, type: 'Float32' },
    });
    const map = {
      ...PLACE,
      id: 'map',
      type: 'modbus-map-out',
      rows: [row('a', 0), row('b', 2), row('c', 4)],
      blocks: [],
    };
    const { page, complaints } = await open([map]);
    await editor.edit('modbus-map-out');
    const rows = page.locator('.iec61850-modbus-list .iec61850-modbus-row');
    const shown = (expected: string): Promise<unknown> =>
      page.waitForFunction((wanted) => {
        const found = [...document.querySelectorAll('.iec61850-modbus-list .iec61850-modbus-row')].map((one) => {
          const values = [...one.querySelectorAll('input')].map((input) => input.value);
          return `${values[1]}${values[3]}/${values[4]}`;
        });
        return found.join(' ') === wanted;
      }, expected);
    await shown('a40001/0 b40003/2 c40005/4');
    await rows
      .nth(2)
      .locator('.iec61850-modbus-handle')
      .dragTo(rows.nth(0), { targetPosition: { x: 120, y: 3 } });
    await shown('c40001/0 a40003/2 b40005/4');
    await page.locator('.iec61850-modbus-handle:focus').press('ArrowDown');
    await shown('a40001/0 c40003/2 b40005/4');
    await page.click('.iec61850-modbus button:has-text("Undo")');
    await shown('c40001/0 a40003/2 b40005/4');
    // An address that is taken is marked at once.
    await rows.nth(1).locator('input').nth(4).fill('1');
    await rows.nth(1).locator('input').nth(4).press('Tab');
    await page.waitForSelector('.iec61850-modbus-list .input-error');
    await page.click('.iec61850-modbus button:has-text("Assign")');
    await page.waitForSelector('.iec61850-modbus-list .input-error', { state: 'detached' });
    assert.deepEqual(complaints, []);
  });

  it('preview MQTT topics of the wired tags, with collisions and replaced characters first', async () => {
    const tags = ['plain', 'a/b', 'a+b'].map((tag, index) => ({
      ...{ tag, reference: `BAY1CTRL/GGIO1.Ind${index + 1}`, fc: 'ST' },
    }));
    const out = {
      ...PLACE,
      id: 'out',
      type: 'mqtt-map-out',
      x: 400,
      broker: '',
      root: 'plant',
      topics: ['value', 'state'],
    };
    const { page, complaints } = await open([ied(), read(tags, ['out']), out]);
    await editor.edit('mqtt-map-out');
    const lines = page.locator('.iec61850-mqtt-topic');
    await lines.filter({ hasText: 'its topic belongs to BAY1/a/b' }).waitFor();
    await lines.locator('.iec61850-mono', { hasText: 'plant/BAY1/a_b/value' }).waitFor();
    await lines.filter({ hasText: 'plant/BAY1/plain/state' }).waitFor();
    await page.fill('#node-input-root', 'site/7');
    await lines.filter({ hasText: 'site/7/BAY1/plain/value' }).waitFor();
    await page.fill('#node-input-root', 'site/#');
    await page.locator('#node-input-preview .iec61850-error').waitFor();
    assert.equal(await lines.filter({ visible: true }).count(), 0);
    assert.ok(
      complaints.every((one) => one.includes('400')),
      complaints.join('\n'),
    );
  });

  it('take points of the served model into a filter and into a mapping', async () => {
    const served = {
      id: 'srv',
      type: 'iec61850-server',
      version: 1,
      name: 'S',
      sclFile: BAY_IN_PACKAGE,
      sclIed: 'BAY1',
      port: '0',
    };
    const { page, complaints } = await open([
      { ...served, enabled: false },
      { ...PLACE, id: 'in', type: 'iec61850-server-in', server: 'srv', filter: '*GGIO1*' },
      { ...PLACE, id: 'to', type: 'iec61850-server-out', y: 200, server: 'srv', source: 'mapping', mapping: '' },
    ]);
    const pick = async (text: string): Promise<void> => {
      await page.waitForSelector('.iec61850-picker [role=treeitem]');
      await page.click(`[role=treeitem]:has-text("${text}") input[type=checkbox]`);
      await editor.donePicking();
    };
    await editor.edit('iec61850-server-in');
    await editor.openPicker();
    await pick('CSWI1.Pos');
    assert.equal(await page.inputValue('#node-input-filter'), '*GGIO1*, BAY1CTRL/CSWI1.Pos');
    await page.click('#node-dialog-cancel');
    await page.waitForSelector('#dialog-form', { state: 'detached' });
    await editor.edit('iec61850-server-out');
    await page.click('button:has-text("Choose points")');
    await pick('MMXU1.TotW');
    await page.waitForSelector('.iec61850-mapping-right');
    assert.match(
      await page.inputValue('.iec61850-mapping-text'),
      /\nMEAS\.MMXU1\.TotW,BAY1MEAS\/MMXU1\.TotW\[MX\],Float32,/,
    );
    assert.deepEqual(complaints, []);
  });
});
