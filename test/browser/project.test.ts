/** Projects and the live SCL check in the browser. */
import assert from 'node:assert/strict';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { IedServer } from '../../src/server/ied-server.js';
import { Editor, needsBrowser } from './support/editor.js';
import { NodeRed } from './support/node-red.js';

const BAY = path.join(__dirname, '..', '..', 'examples', 'scl', 'bay.cid');

describe('an engineering project in a browser', function () {
  this.timeout(180_000);
  let red: NodeRed;
  let server: IedServer;
  let port: number;
  let editor: Editor;

  before(async function () {
    needsBrowser(this);
    server = await IedServer.fromScl(BAY, { ied: 'BAY1', port: 0 });
    ({ port } = await server.listen());
    red = await NodeRed.start();
    await mkdir(path.join(red.userDir, 'station'));
  });
  after(async () => {
    await red?.stop();
    await server?.close();
  });
  afterEach(async () => {
    await editor?.close();
  });

  const flows = (): object[] => [
    { id: 'tab', type: 'tab', label: 'Bay 1' },
    { id: 'other', type: 'tab', label: 'Lights' },
    {
      ...{ id: 'ied', type: 'iec61850-ied', version: 1, name: 'BAY1', host: '127.0.0.1', port: String(port) },
      ...{ timeout: '5000', sclFile: 'station/bay.cid', sclIed: 'BAY1', sclAccessPoint: 'AP1' },
    },
    {
      ...{ id: 'read', type: 'iec61850-read', z: 'tab', x: 200, y: 100, wires: [[]], version: 1, ied: 'ied' },
      ...{
        mode: 'demand',
        interval: '1000',
        deadband: '',
        output: 'single',
        tags: [{ tag: 'Pos', reference: 'BAY1CTRL/XCBR1.Pos', fc: 'ST' }],
      },
    },
    { id: 'lamp', type: 'comment', z: 'other', x: 200, y: 100, wires: [], name: 'lamp' },
  ];
  const open = async (deployed: object[]): Promise<Page> => {
    await red.deploy(deployed);
    editor = await Editor.open(red);
    return editor.page;
  };
  const act = (page: Page, action: string): Promise<void> =>
    page.evaluate((name) => {
      (window as unknown as { RED: { actions: { invoke(name: string): void } } }).RED.actions.invoke(name);
    }, action);
  const scl = (): string => path.join(red.userDir, 'station', 'bay.cid');

  it('goes out with its SCL file as one file, and in again through Node-RED’s own import', async () => {
    await writeFile(scl(), await readFile(BAY));
    let page = await open(flows());
    await act(page, 'iec61850:export-project');
    const download = page.waitForEvent('download');
    await page.click('button:has-text("Export project")');
    const file = path.join(red.userDir, (await download).suggestedFilename());
    await (await download).saveAs(file);
    assert.equal(path.basename(file), 'Bay_1.iec61850.json');
    const project = JSON.parse(await readFile(file, 'utf8')) as { flows: { id: string }[]; files: { path: string }[] };
    assert.deepEqual(project.flows.map(({ id }) => id).sort(), ['ied', 'read', 'tab']);
    assert.deepEqual(
      project.files.map((one) => one.path),
      ['station/bay.cid'],
    );
    assert.deepEqual(editor.complaints, []);
    await editor.close();

    await rm(scl());
    page = await open([{ id: 'empty', type: 'tab', label: 'Empty' }]);
    await act(page, 'iec61850:import-project');
    const chooser = page.waitForEvent('filechooser');
    await page.click('button:has-text("Choose a project")');
    await (await chooser).setFiles(file);
    await page.click('.iec61850-project-go button:has-text("Import")');
    await page.waitForSelector('.iec61850-project li:has-text("station/bay.cid: written")');
    assert.ok((await readFile(scl())).equals(await readFile(BAY)));
    // Node-RED looks at what is in its field a moment later.
    await page.locator('#red-ui-clipboard-dialog-ok:not([disabled])').click();
    await page.waitForSelector('.red-ui-tab-label:has-text("Bay 1")');
    await editor.deploy();
    const deployed = await red.flows();
    assert.ok(deployed.some(({ type, sclFile }) => type === 'iec61850-ied' && sclFile === 'station/bay.cid'));
    assert.deepEqual(editor.complaints, []);
  });

  it('is held against the device: in the form of the IED, and in the sidebar', async () => {
    const text = (await readFile(BAY, 'utf8')).replace(/(name="urcbAlarms"[^>]*confRev=")1"/, '$17"');
    await writeFile(scl(), text);
    const page = await open(flows());
    await page.evaluate(() => {
      const { RED } = window as unknown as { RED: { editor: { editConfig(...names: string[]): void } } };
      RED.editor.editConfig('', 'iec61850-ied', 'ied');
    });
    await page.click('button:has-text("Compare with the SCL file")');
    await page.waitForSelector('.iec61850-finding:has-text("BAY1CTRL/LLN0.urcbAlarms01")');
    await page.fill('.iec61850-scl-check input[type=search]', 'revision 7');
    await page.waitForSelector('.iec61850-finding:has-text("file: 7 · IED: 1")');
    await page.fill('.iec61850-scl-check input[type=search]', 'nothing like this');
    await page.waitForSelector('.iec61850-finding', { state: 'detached' });
    await page.click('#iec61850-scl-check-done');
    await page.waitForSelector('.iec61850-scl-check', { state: 'detached' });
    await editor.settled();
    await page.click('#node-config-dialog-cancel');
    await page.waitForSelector('#node-config-dialog-cancel', { state: 'detached' });

    await page.evaluate(() => {
      (window as unknown as { Iec61850: { showSidebar(panel: string): void } }).Iec61850.showSidebar('scl-check');
    });
    await page.click('.iec61850-scl-check button:has-text("Compare")');
    await page.waitForSelector('.iec61850-finding:has-text("another configuration revision")');
    const download = page.waitForEvent('download');
    await page.click('.iec61850-scl-check button[title="Save as CSV"]');
    assert.match((await download).suggestedFilename(), /^BAY1-scl-check-.*\.csv$/);
    assert.deepEqual(editor.complaints, []);
  });
});
