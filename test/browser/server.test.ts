import assert from 'node:assert/strict';
import { once } from 'node:events';
import path from 'node:path';
import { Controls } from '../../src/client/control/index.js';
import { IedSession } from '../../src/client/ied-session.js';
import { freePort } from '../support/free-port.js';
import { Editor, needsBrowser } from './support/editor.js';
import { NodeRed } from './support/node-red.js';

const TAB = { id: 'tab', type: 'tab', label: 'Flow 1' };
const BAY = '@substation/node-red-iec61850/examples/scl/bay.cid';
const POSITION = 'BAY1CTRL/CSWI2.Pos';

describe('the server nodes in a browser', function () {
  this.timeout(180_000);
  let red: NodeRed;
  let editor: Editor;
  let port = 0;

  before(async function () {
    needsBrowser(this);
    red = await NodeRed.start();
    port = await freePort();
  });
  after(async () => {
    await red?.stop();
  });
  afterEach(async () => {
    await editor?.close();
  });

  const server = (): object => ({
    id: 'server',
    type: 'iec61850-server',
    version: 1,
    sclFile: BAY,
    sclIed: 'BAY1',
    port: String(port),
  });
  const open = async (flows: object[], type: string): Promise<Editor> => {
    await red.deploy([TAB, server(), ...flows]);
    editor = await Editor.open(red);
    await editor.edit(type);
    return editor;
  };
  const saved = async (type: string): Promise<Record<string, unknown>> => {
    const found = (await red.flows()).find((node) => node.type === type);
    assert.ok(found);
    return found;
  };
  const shot = async (name: string): Promise<void> => {
    if (process.env.SCREENSHOTS) {
      await editor.page.screenshot({ path: path.join(process.env.SCREENSHOTS, `${name}.png`) });
    }
  };

  it('a mapping file is taken from the template, checked line by line, and works', async () => {
    const out = { id: 'out', type: 'iec61850-server-out', z: 'tab', x: 400, y: 100, server: 'server', wires: [] };
    const inject = {
      ...{ id: 'inject', type: 'inject', z: 'tab', x: 100, y: 100, wires: [['out']], props: [{ p: 'payload' }] },
      ...{
        repeat: '',
        crontab: '',
        once: false,
        payload: '{"MEAS.MMXU1.TotW":12.5,"CTRL.XCBR1.Pos":"Open"}',
        payloadType: 'json',
      },
    };
    const { page, complaints } = await open([out, inject], out.type);
    assert.equal(await page.isVisible('.iec61850-mapping-text'), false);
    await page.selectOption('#node-input-source', 'mapping');
    await page.click('#node-input-mapping-field button:has-text("Template of the server")');
    await page.waitForSelector('.iec61850-mapping-right');
    const template = await page.inputValue('.iec61850-mapping-text');
    assert.match(template, /MEAS\.MMXU1\.TotW,BAY1MEAS\/MMXU1\.TotW\.mag\.f\[MX\],Float32/);
    await page.fill('.iec61850-mapping-text', `${template}<b>x</b>,BAY1CTRL/XCBR9.Pos[ST]\n`);
    await page.waitForSelector('.iec61850-mapping-problems li');
    const problem = await page.textContent('.iec61850-mapping-problems li');
    assert.match(problem ?? '', /^Line \d+ reference: .*XCBR9/);
    await page.click('.iec61850-mapping-problems button');
    const selected = await page.evaluate(() => document.getSelection()?.toString() ?? '');
    assert.match(selected, /XCBR9/);
    await shot('server-out-mapping');
    await editor.doneEditing();
    await editor.deploy();
    const node = await saved(out.type);
    assert.equal(node.source, 'mapping');
    assert.match(String(node.mapping), /XCBR9/);
    await editor.status(/^0 val/);
    await fetch(`${red.url}/inject/inject`, { method: 'POST' });
    await editor.status(/^2 val/);
    assert.deepEqual(complaints, []);
  });

  it('a command of a client is asked about, and answered by the flow', async () => {
    const flow = [
      {
        id: 'in',
        type: 'iec61850-server-in',
        z: 'tab',
        x: 100,
        y: 100,
        server: 'server',
        timeout: '2000',
        wires: [[], ['reply']],
        outputs: 2,
      },
      {
        id: 'reply',
        type: 'iec61850-server-reply',
        z: 'tab',
        x: 400,
        y: 100,
        answer: 'refuse',
        cause: 'Blocked-by-interlocking',
        wires: [],
      },
    ];
    const { page, complaints } = await open(flow, 'iec61850-server-in');
    assert.equal(await page.isVisible('#node-input-timeout'), false);
    await page.check('#node-input-askControls');
    await page.uncheck('.iec61850-kinds input[value=file]');
    await page.fill('#node-input-timeout', '5000');
    await shot('server-in');
    await editor.doneEditing();
    await editor.deploy();
    const node = await saved('iec61850-server-in');
    assert.deepEqual([node.askControls, node.outputs, node.timeout], [true, 2, '5000']);
    assert.match(String(node.kinds), /^connect disconnect write control settingGroup controlBlock dataSet$/);
    await editor.status(/^0 cl · 0 ev$/);
    const session = new IedSession({ name: 'BAY1', endpoints: [{ host: '127.0.0.1', port }], timeout: 3000 });
    session.start();
    try {
      while (session.state !== 'online') await once(session, 'state');
      const outcome = await Controls.of(session).command({
        reference: POSITION,
        value: 'open',
        origin: { category: 3 },
      });
      assert.deepEqual([outcome.outcome, outcome.addCause?.name], ['refused', 'Blocked-by-interlocking']);
      await editor.status(/^1 cl · \d+ ev$/);
      await editor.status(/^refused$/);
    } finally {
      await session.close();
    }
    assert.deepEqual(complaints, []);
  });
});
