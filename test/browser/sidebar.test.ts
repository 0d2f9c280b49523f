import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import type { Locator } from 'playwright-core';
import type { SupportRecord } from '../../nodes/shared/monitor/support-record.js';
import { readCapture } from '../../src/ethernet/capture/capture-file.js';
import { IedServer } from '../../src/server/ied-server.js';
import { ROOT } from '../interop/peers/index.js';
import { Editor, needsBrowser } from './support/editor.js';
import { NodeRed } from './support/node-red.js';

const BAY = `${ROOT}/examples/scl/bay.cid`;
const MANY = 10_000;
/** A name that tries to be markup. */
const MARKUP = '<img src=x onerror="window.stolen=1">';
const POSITION = { tag: 'CTRL.XCBR1.Pos', reference: 'BAY1CTRL/XCBR1.Pos', fc: 'ST' };
const POINTS = ['BAY1CTRL/XSWI1.Pos[ST]', 'BAY1MEAS/MMXU1.TotW[MX]', 'BAY1MEAS/MMXU1.Hz[MX]'];
/** Tags enough for a station, of few objects. */
const TAGS = Array.from({ length: MANY - 1 }, (_, i) => {
  const [reference, fc] = (POINTS[i % POINTS.length] as string).slice(0, -1).split('[');
  return { tag: `point${String(i).padStart(5, '0')}`, reference, fc };
});

describe('the editor: its sidebar "IEC 61850"', function () {
  this.timeout(180_000);
  let server: IedServer;
  let red: NodeRed;
  let editor: Editor;

  before(async function () {
    needsBrowser(this);
    server = await IedServer.fromScl(BAY, { ied: 'BAY1', port: 0 });
    const { port } = await server.listen();
    setPosition(1);
    server.update(POINTS.map((reference) => ({ reference, value: 1 })));
    red = await NodeRed.start();
    await red.deploy([
      { id: 'tab', type: 'tab', label: 'Bay' },
      {
        id: 'ied',
        type: 'iec61850-ied',
        version: 1,
        name: 'BAY1',
        host: '127.0.0.1',
        port: String(port),
        timeout: '20000',
      },
      {
        ...{ id: 'read', type: 'iec61850-read', z: 'tab', x: 200, y: 100, version: 1, name: MARKUP, ied: 'ied' },
        ...{ mode: 'poll', interval: '1000', onChange: true, output: 'single', tags: [POSITION, ...TAGS], wires: [[]] },
      },
    ]);
    editor = await Editor.open(red);
  });
  after(async () => {
    await editor?.close();
    await red?.stop();
    await server?.close();
  });

  const setPosition = (value: number): void => {
    server.update([{ reference: 'BAY1CTRL/XCBR1.Pos[ST]', value, timestamp: '2026-03-01T12:00:00.123Z' }]);
  };
  const panel = (id: string): Promise<void> => editor.page.click(`.iec61850-sb-nav [data-panel="${id}"]`);
  const row = (text: string): Locator => editor.page.locator('.iec61850-sb-value[role="option"]', { hasText: text });
  const count = (text: string): Promise<void> =>
    editor.page.locator('.iec61850-sb-count', { hasText: text }).waitFor({ timeout: 30_000 });

  it('opens by its keys and shows the IED with its association and tags', async () => {
    await editor.page.locator('#red-ui-workspace-chart').click();
    await editor.page.keyboard.press('Control+g');
    await editor.page.keyboard.press('s');
    await panel('ieds');
    const card = editor.page.locator('.iec61850-sb-card');
    await card.getByText(/^online/).waitFor({ timeout: 30_000 });
    await card.getByText(/PDU .* at a time/).waitFor();
    await card.getByText('10,000 good').waitFor({ timeout: 30_000 });
    // The name of a node is text, whatever it holds.
    await card.getByText(MARKUP).waitFor();
    assert.equal(await editor.page.evaluate(() => 'stolen' in window), false);
  });

  it('shows values as they change, and lets a person freeze them', async () => {
    await panel('values');
    await count('10,000 of 10,000');
    await editor.page.fill('.iec61850-sb-search', 'xcbr1');
    await count('1 of 10,000');
    await row('Open').waitFor({ timeout: 30_000 });
    setPosition(2);
    await row('Closed').waitFor({ timeout: 30_000 });
    assert.match(await row('Closed').innerText(), /CTRL\.XCBR1\.Pos[^]*good[^]*Dbpos/);
    await editor.page.getByRole('button', { name: 'Freeze' }).click();
    await count('frozen at');
    setPosition(0);
    // Search goes on in what was frozen.
    await editor.page.fill('.iec61850-sb-search', 'point00002');
    await count('1 of 10,000');
    await editor.page.fill('.iec61850-sb-search', 'xcbr1');
    await row('Closed').waitFor();
    await editor.page.getByRole('button', { name: 'Freeze' }).click();
    await row('Intermediate').waitFor({ timeout: 30_000 });
  });

  it('scrolls through ten thousand tags with few elements, and sorts them', async () => {
    await editor.page.fill('.iec61850-sb-search', '');
    await count('10,000 of 10,000');
    const list = editor.page.locator('.iec61850-sb-list');
    for (const share of [0.2, 0.5, 0.9]) {
      await list.evaluate((element, at) => element.scrollTo(0, element.scrollHeight * at), share);
    }
    await list.evaluate((element) => element.scrollTo(0, element.scrollHeight));
    await row('point09998').getByText('good').waitFor({ timeout: 30_000 });
    assert.ok((await list.locator('[role="option"]').count()) < 150);
    await editor.page.getByRole('button', { name: 'Sort by Type' }).click();
    await list.evaluate((element) => element.scrollTo(0, 0));
    await editor.page.locator('[data-column="type"][data-sort="ascending"]').waitFor();
    await row('Dbpos').first().waitFor({ timeout: 30_000 });
  });

  it('exports what it shows', async () => {
    await panel('export');
    const download = editor.page.waitForEvent('download');
    await editor.page.getByRole('button', { name: 'All as JSON' }).click();
    const record = JSON.parse(await readFile(await (await download).path(), 'utf8')) as SupportRecord;
    assert.equal(record.values.length, MANY);
    assert.equal(record.connections.ieds[0]?.state, 'online');
    assert.match(record.header.nodeRed, /^\d+\./);
    assert.ok(record.log.some(({ text }) => text.startsWith('online')));
  });

  it('traces the services of the IED, and saves them for Wireshark', async () => {
    const { page } = editor;
    await panel('ieds');
    await page.click('.iec61850-sb-to-trace');
    await page.getByRole('button', { name: 'Trace', exact: true }).click();
    const line = page.locator('.iec61850-sb-traced', { hasText: 'BAY1CTRL/XCBR1$ST$Pos' });
    await line.first().waitFor({ timeout: 30_000 });
    await line.first().click();
    await page.locator('.iec61850-sb-detail', { hasText: 'invokeID' }).waitFor();
    await page.selectOption('select[aria-label="Which lines"]', 'association');
    await page.locator('.iec61850-sb-traced', { hasText: 'initiate-response' }).waitFor({ timeout: 30_000 });
    await page.getByRole('button', { name: 'Stop', exact: true }).click();
    await page.getByRole('button', { name: 'Trace', exact: true }).waitFor();
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save as a file for Wireshark' }).click();
    const file = await (await download).path();
    // The association and one poll at the least, however slow the machine is.
    assert.ok([...readCapture(await readFile(file))].length >= 3);
    assert.equal((await download).suggestedFilename(), 'BAY1-mms.pcapng');
  });

  it('makes every panel, and no error of the page', async () => {
    const ids = await editor.page
      .locator('.iec61850-sb-nav [data-panel]')
      .evaluateAll((buttons) => buttons.map((button) => button.getAttribute('data-panel') ?? ''));
    for (const id of ids) {
      await panel(id);
      await editor.page.locator(`[data-panel="${id}"][aria-selected="true"]`).waitFor();
      assert.ok((await editor.page.locator('.iec61850-sb-panel').innerHTML()) !== '', id);
    }
    await panel('ieds');
    assert.deepEqual(editor.complaints, []);
  });
});
