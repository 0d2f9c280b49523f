/** Data sets in the forms of the nodes that read, write and report them. */
import assert from 'node:assert/strict';
import { Editor, needsBrowser } from './support/editor.js';
import { NodeRed } from './support/node-red.js';

const TAB = { id: 'tab', type: 'tab', label: 'Flow 1' };
const IED = { id: 'ied', type: 'iec61850-ied', version: 1, name: 'BAY1', host: '127.0.0.1', port: '102' };
const PLACE = { z: 'tab', x: 200, y: 100, wires: [[]], version: 1, ied: 'ied' };

describe('data sets in a browser', function () {
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

  const open = async (node: object, type: string): Promise<Editor> => {
    await red.deploy([TAB, IED, { id: 'node', type, ...PLACE, ...node }]);
    editor = await Editor.open(red);
    await editor.edit(type);
    return editor;
  };

  it('take the place of the tags in the read node, and a name that is none is marked', async () => {
    const { page, complaints } = await open({ tags: [], mode: 'poll', interval: '1000' }, 'iec61850-read');
    assert.equal(await page.inputValue('#node-input-source'), 'tags');
    assert.equal(await page.isVisible('#node-input-dataSet'), false);
    await page.selectOption('#node-input-source', 'dataSet');
    assert.equal(await page.isVisible('#node-input-tag-table'), false);
    await page.fill('#node-input-dataSet', 'Positions');
    await page.locator('#node-input-dataSet').blur();
    await editor.doneEditing();
    await editor.edit('iec61850-read');
    await page.waitForSelector('#node-input-dataSet.input-error');
    await page.fill('#node-input-dataSet', 'BAY1CTRL/LLN0.dsPositions');
    await page.locator('#node-input-dataSet').blur();
    await page.waitForSelector('#node-input-dataSet:not(.input-error)');
    assert.deepEqual(complaints, []);
  });

  it('are named in the write node where points were', async () => {
    const { page, complaints } = await open({ action: 'write', reference: '' }, 'iec61850-write');
    assert.equal(await page.textContent('#node-input-reference-label'), 'Point');
    assert.equal(await page.isVisible('#node-input-browse'), true);
    for (const action of ['writeDataSet', 'createDataSet', 'deleteDataSet']) {
      await page.selectOption('#node-input-action', action);
      assert.equal(await page.textContent('#node-input-reference-label'), 'Data set', action);
      assert.equal(await page.isVisible('#node-input-browse'), false, action);
    }
    assert.match((await page.getAttribute('#node-input-reference', 'placeholder')) ?? '', /@name/);
    assert.deepEqual(complaints, []);
  });

  it('can be made for the rest of the tags in the report node, whose one control block has RptID and DatSet', async () => {
    const { page, complaints } = await open({ mode: 'tags', tags: [], blocks: [] }, 'iec61850-report');
    assert.equal(await page.inputValue('#node-input-makeDataSets'), '');
    await page.selectOption('#node-input-makeDataSets', 'persistent');
    await page.selectOption('#node-input-mode', 'blocks');
    assert.equal(await page.isVisible('#node-input-makeDataSets'), false);
    await page.click('details.iec61850-advanced summary');
    assert.equal(await page.isVisible('#node-input-rptId'), true);
    assert.equal(await page.isVisible('#node-input-dataSet'), true);
    assert.deepEqual(complaints, []);
  });
});
