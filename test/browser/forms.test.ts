import assert from 'node:assert/strict';
import { Editor, needsBrowser } from './support/editor.js';
import { NodeRed } from './support/node-red.js';

const BAY = '@substation/node-red-iec61850/examples/scl/bay.cid';
const TAB = { id: 'tab', type: 'tab', label: 'Flow 1' };
const PLACE = { z: 'tab', x: 200, y: 100, wires: [[]], version: 1 };

describe('the forms in a browser', function () {
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

  const open = async (flows: object[], type: string): Promise<Editor> => {
    await red.deploy([TAB, ...flows]);
    editor = await Editor.open(red);
    await editor.edit(type);
    return editor;
  };

  it('give back the tags that one click has removed', async () => {
    const tags = [{ tag: 'Q1', reference: 'BAY1CTRL/XCBR1.Pos', fc: 'ST', type: 'Dbpos' }];
    const read = { id: 'read', type: 'iec61850-read', ...PLACE, ied: '', tags, mode: 'poll', interval: '1000' };
    const { page, complaints } = await open([read], 'iec61850-read');
    await page.click('button[aria-label="Remove all tags"]');
    await page.waitForSelector('.iec61850-tags :text("1 tag was removed.")');
    await page.click('button:has-text("Undo")');
    assert.equal(await page.inputValue('.iec61850-tags .iec61850-list input'), 'Q1');
    assert.deepEqual(complaints, []);
  });

  it('give back the Modbus map that one click has removed, with its addresses', async () => {
    const rows = [
      { ied: 'BAY1', tag: 'W', unit: 1, area: 'holding', address: 6, type: 'Float32', policy: 'nan' },
      { ied: 'BAY1', tag: 'VAr', unit: 1, area: 'holding', address: 7, type: 'Float32', policy: 'nan' },
    ];
    const map = { id: 'map', type: 'modbus-map-out', ...PLACE, host: '127.0.0.1', port: '1502', unit: '1', rows };
    const { page, complaints } = await open([map], 'modbus-map-out');
    await page.waitForSelector('summary:text-is("1 error")');
    await page.click('button[aria-label="Remove all rows"]');
    await page.waitForSelector(':text("2 tags were removed.")');
    await page.click('button:has-text("Undo")');
    await page.waitForSelector('input[aria-label="Address BAY1/W"]');
    assert.equal(await page.inputValue('input[aria-label="Address BAY1/W"]'), '40007');
    assert.deepEqual(complaints, []);
  });

  it('mark a selector that is not hexadecimal as soon as it is written', async () => {
    const ied = { id: 'ied', type: 'iec61850-ied', version: 1, name: 'BAY1', host: '127.0.0.1', port: '102' };
    const read = { id: 'read', type: 'iec61850-read', ...PLACE, ied: 'ied', tags: [], mode: 'demand' };
    const { page } = await open([ied, read], 'iec61850-read');
    await page.click('#node-input-lookup-ied, #node-input-btn-ied-edit');
    await page.waitForSelector('#node-config-input-host');
    await editor.settled();
    await page.click('#node-config-input-advanced summary');
    const selector = page.locator('#node-config-input-remoteTSelector');
    await selector.fill('zz');
    await selector.blur();
    await page.waitForSelector('#node-config-input-remoteTSelector.input-error');
    await selector.fill('0001');
    await selector.blur();
    await page.waitForSelector('#node-config-input-remoteTSelector:not(.input-error)');
  });

  it('cut the device of a long reference, and not the point', async () => {
    const node = { id: 'import', type: 'scl-import', ...PLACE, sclFile: BAY, sclIed: 'BAY1', output: 'points' };
    const { page } = await open([{ ...node, points: 'chosen', tags: [] }], 'scl-import');
    await editor.openPicker();
    const name = page.locator('.iec61850-reference').first();
    await name.waitFor();
    // As narrow as a device name of 40 letters makes it.
    const widths = await name.evaluate((element) => {
      element.style.maxWidth = `${(element.lastElementChild?.getBoundingClientRect().width ?? 0) + 30}px`;
      return [...element.children].map((part) => part.scrollWidth - part.clientWidth);
    });
    assert.ok((widths[0] ?? 0) > 0, 'the device is cut');
    assert.ok((widths[1] ?? 0) <= 0, 'the point is whole');
  });
});
