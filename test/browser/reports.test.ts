import assert from 'node:assert/strict';
import path from 'node:path';
import { needPeer, ROOT, startPeerServer } from '../interop/peers/index.js';
import { Editor, needsBrowser } from './support/editor.js';
import { NodeRed } from './support/node-red.js';

const TAB = { id: 'tab', type: 'tab', label: 'Flow 1' };
const MODEL = path.join(ROOT, 'test', 'interop', 'models', 'reports.cfg');
const BLOCK = 'RPTSCTRL/LLN0.brcbWhole01[BR]';

describe('reports in a browser', function () {
  this.timeout(180_000);
  let red: NodeRed;
  let editor: Editor | undefined;

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

  it('a control block of a foreign server is listed with its members, chosen, and armed', async function () {
    needPeer(this, 'libiec61850');
    const peer = await startPeerServer('libiec61850', { model: MODEL });
    try {
      const ied = {
        ...{ id: 'ied', type: 'iec61850-ied', version: 1, name: 'RPTS', host: '127.0.0.1' },
        ...{ port: String(peer.port), timeout: '2000', sclFile: '' },
      };
      const report = { id: 'report', type: 'iec61850-report', z: 'tab', x: 300, y: 100, ied: 'ied', wires: [[]] };
      await red.deploy([TAB, ied, report]);
      editor = await Editor.open(red);
      const { page, complaints } = editor;
      await editor.edit('iec61850-report');
      await page.click('#node-input-report-blocks button:has-text("List from the IED")');
      const row = `.iec61850-report-blocks tbody tr:has-text("${BLOCK}")`;
      await page.waitForSelector(row);
      const text = await page.textContent(row);
      assert.match(text ?? '', /RPTSCTRL\/LLN0\.Whole, 4 members/);
      assert.match(text ?? '', /RPTSCTRL\/XCBR1\.Pos\[ST\]/);
      assert.match(text ?? '', /free/);
      await page.check(`${row} input[type=checkbox]`);
      if (process.env.SCREENSHOTS) await page.screenshot({ path: path.join(process.env.SCREENSHOTS, 'report.png') });
      await editor.doneEditing();
      await editor.deploy();
      const saved = (await red.flows()).find(({ type }) => type === 'iec61850-report');
      assert.deepEqual(saved?.blocks, [BLOCK]);
      assert.equal(await editor.status(/armed/), '1 RCB armed');
      assert.deepEqual(complaints, []);
    } finally {
      await peer.stop();
    }
  });
});
