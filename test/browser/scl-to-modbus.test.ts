/** From an SCD file of 3 MB, or from the palette, to registers that a Modbus master reads. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { IedServer } from '../../src/server/ied-server.js';
import { withModbus } from '../start/programs.js';
import { freePort } from '../support/free-port.js';
import { Editor, needsBrowser } from './support/editor.js';
import { NodeRed } from './support/node-red.js';

const BAY = path.join(__dirname, '..', '..', 'examples', 'scl', 'bay.cid');
const TAB = { id: 'tab', type: 'tab', label: 'Flow 1' };
const PLACE = { z: 'tab', x: 200, y: 100, version: 1, wires: [[]] };
const POSITION_ADDRESS = 16;
const MEGABYTE = 1 << 20;

/** The IED of the example bay many times, under names of their own. */
function stationScd(octets: number): string {
  const bay = readFileSync(BAY, 'utf8');
  const begin = bay.indexOf('<IED ');
  const end = bay.indexOf('</IED>') + '</IED>'.length;
  const ied = bay.slice(begin, end);
  let all = '';
  for (let i = 1; all.length < octets; i++) all += `${ied.replaceAll('"BAY1"', `"BAY${i}"`)}\n`;
  return bay.slice(0, begin) + all + bay.slice(end);
}

// The name begins so that these run on Node-RED 5 as well.
describe('the editor, from SCL to a Modbus master', function () {
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
    server.update([{ reference: 'BAY1MEAS/MMXU1.TotW[MX]', value: 38.5 }]);
    red = await NodeRed.start();
  });
  after(async () => {
    await red?.stop();
    await server?.close();
  });
  afterEach(async () => {
    await editor?.close();
  });

  async function open(flows: object[]): Promise<Editor> {
    await red.deploy([TAB, ...flows]);
    editor = await Editor.open(red);
    return editor;
  }

  it('takes the tags of a read node into the map, moves one, and serves what the map says', async () => {
    const master = await freePort();
    const tag = (name: string, reference: string, fc: string, type: string): object => ({
      tag: name,
      reference,
      fc,
      type,
    });
    const { page, complaints } = await open([
      { id: 'ied', type: 'iec61850-ied', version: 1, name: 'BAY1', host: '127.0.0.1', port: String(port) },
      {
        ...PLACE,
        ...{ id: 'read', type: 'iec61850-read', ied: 'ied', mode: 'poll', interval: '200', output: 'single' },
        tags: [tag('Pos', 'BAY1CTRL/XCBR1.Pos', 'ST', 'Dbpos'), tag('TotW', 'BAY1MEAS/MMXU1.TotW', 'MX', 'Float32')],
        wires: [['map']],
      },
      {
        ...PLACE,
        ...{ id: 'map', type: 'modbus-map-out', x: 420, host: '127.0.0.1', port: String(master), unit: '1' },
        rows: [],
      },
    ]);
    await editor.edit('modbus-map-out');
    await page.click('button:has-text("Take tags from read nodes")');
    const address = page.locator('input[aria-label="Address BAY1/Pos"]');
    await address.waitFor();
    assert.equal(await address.inputValue(), '30001');
    await address.fill(String(30001 + POSITION_ADDRESS));
    await address.press('Tab');
    await editor.doneEditing();
    await editor.deploy();
    await editor.status(/2 tags/);
    await withModbus(master, async (client) => {
      const limit = Date.now() + 60_000;
      for (;;) {
        assert.ok(Date.now() < limit, 'the values do not arrive');
        // Before its first value a register is an exception, and NaN where it is a float.
        const position = await client.readInputRegisters(POSITION_ADDRESS, 1).catch(() => undefined);
        const power = await client.readHoldingRegisters(0, 2).catch(() => undefined);
        if (position?.data[0] === 2 && power?.buffer.readFloatBE(0) === 38.5) break;
      }
    });
    assert.deepEqual(complaints, []);
  });

  it('imports a file of 3 MB, with an IED and its points', async () => {
    const scd = path.join(red.userDir, 'station.scd');
    const text = stationScd(3 * MEGABYTE);
    await writeFile(scd, text);
    const names = [...text.matchAll(/<IED name="(BAY\d+)"/g)].map((match) => match[1] ?? '');
    const last = names.at(-1) ?? '';
    const { page, complaints } = await open([
      { ...PLACE, id: 'import', type: 'scl-import', sclFile: '', output: 'points', points: 'chosen', tags: [] },
    ]);
    await editor.edit('scl-import');
    const choosing = page.waitForEvent('filechooser');
    await page.click('#dialog-form button:has-text("Upload")');
    await (await choosing).setFiles(scd);
    await page.waitForSelector(`.iec61850-scl-state:has-text("${names.length} IEDs")`);
    await page.selectOption(`#dialog-form select:has(option[value="${last}"])`, last);
    await editor.openPicker();
    await page.fill('.iec61850-picker input[type=search]', 'breaker position');
    await page.click('[role=treeitem]:has-text("XCBR1.Pos")');
    await page.locator('.iec61850-chosen input[type=text]').first().waitFor();
    await editor.donePicking();
    await editor.doneEditing();
    await editor.deploy();
    const saved = (await red.flows()).find(({ type }) => type === 'scl-import');
    assert.equal(saved?.sclIed, last);
    assert.deepEqual(
      (saved?.tags as { reference: string }[]).map(({ reference }) => reference),
      [`${last}CTRL/XCBR1.Pos`],
    );
    assert.deepEqual(complaints, []);
  });
});
