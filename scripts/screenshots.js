'use strict';
/*
 * Takes the pictures of the README and of docs/ from the real thing, the demo and the example flows: node scripts/screenshots.js
 * With `forms`, `demo`, `sidebar`, `trace` or `dashboards` behind it only that part of them.
 * Needs a Chromium; CHROMIUM names it when it is not at its usual place. The demo listens on the usual ports meanwhile.
 */
const { spawn } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { ROOT } = require('./lib/project');
const { readPorts } = require('./demo/ports');

const IMAGES = path.join(ROOT, 'docs', 'images');
const CHROMIUM =
  process.env.CHROMIUM ?? ['/usr/bin/chromium', '/usr/bin/google-chrome'].find((file) => fs.existsSync(file));

/** Starts the demo in a directory of its own; resolves when it is ready. */
function startDemo(folder) {
  return new Promise((resolve, reject) => {
    const demo = spawn(process.execPath, [path.join(ROOT, 'scripts', 'start.js')], {
      env: { ...process.env, DEMO_DIRECTORY: folder },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    demo.on('exit', (code) => reject(new Error(`The demo ended with ${code}`)));
    demo.stdout.on('data', (text) => {
      if (text.toString().includes('Ctrl-C')) resolve(demo);
    });
  });
}

async function takePictures(browser, address) {
  const editor = await browser.newPage({ viewport: { width: 1500, height: 960 } });
  await editor.goto(address);
  const dashboard = await browser.newPage({ viewport: { width: 1400, height: 1060 } });
  await dashboard.goto(`${address}/dashboard/bay1`);

  await dashboard.waitForTimeout(32_000);
  await dashboard.getByRole('button', { name: 'Line fault' }).click();
  await dashboard.getByText('Protection trip').waitFor();
  await dashboard.locator('.sld .open').first().waitFor();
  await dashboard.waitForTimeout(700);
  await dashboard.screenshot({ path: path.join(IMAGES, 'dashboard.png') });

  // Green once every value is good again.
  await editor.locator('.red-ui-flow-node-status-label', { hasText: '30 tags · ' }).waitFor({ timeout: 150_000 });
  await editor.screenshot({ path: path.join(IMAGES, 'editor.png') });

  const values = await browser.newPage({ viewport: { width: 1200, height: 520 } });
  await values.goto(`${address}/dashboard/my-values`);
  // The line carries power again.
  await values.locator('.my-values tr', { hasText: /[1-9][\d.]* MW\s*good/ }).waitFor({ timeout: 120_000 });
  await values.waitForTimeout(700);
  await values.screenshot({ path: path.join(IMAGES, 'my-values.png') });
  await takePoints(browser, address);
}

/** Example flows with a dashboard, imported beside the demo's own, with what happens in the bay meanwhile. */
async function takeDashboards(browser, address, bayPort) {
  const flows = await (await fetch(`${address}/flows`)).json();
  const present = new Set(flows.map(({ id }) => id));
  const base = flows.find(({ type }) => type === 'ui-base');
  for (const name of ['bay-overview', 'comtrade-on-trip']) {
    const text = fs.readFileSync(path.join(ROOT, 'examples', `${name}.json`), 'utf8');
    const nodes = JSON.parse(text.replaceAll('"port": "10102"', `"port": "${bayPort}"`));
    // There is one dashboard; the editor would join them at an import.
    const pages = nodes
      .filter(({ type }) => type !== 'ui-base')
      .map((node) => (node.ui ? { ...node, ui: base.id } : node));
    flows.push(...pages.filter(({ id }) => !present.has(id)));
    for (const { id } of nodes) present.add(id);
  }
  const headers = { 'content-type': 'application/json', 'Node-RED-Deployment-Type': 'flows' };
  await fetch(`${address}/flows`, { method: 'POST', headers, body: JSON.stringify(flows) });
  const bay = await browser.newPage({ viewport: { width: 1400, height: 1060 } });
  await bay.goto(`${address}/dashboard/bay-overview`);
  await bay.locator('[data-switch=QA1].closed').waitFor({ timeout: 120_000 });
  // A trend needs its time, and the trip is what it ends with.
  await bay.waitForTimeout(32_000);
  await fetch(`${address}/inject/comtrade-press-fault`, { method: 'POST' });
  await bay.locator('.alarms .trip.active').first().waitFor({ timeout: 30_000 });
  await bay.locator('[data-switch=QA1].open').waitFor();
  await bay.waitForTimeout(700);
  await bay.screenshot({ path: path.join(IMAGES, 'bay-overview.png') });
  await bay.close();
  const record = await browser.newPage({ viewport: { width: 1400, height: 900 } });
  await record.goto(`${address}/dashboard/disturbance`);
  await record.locator('.osc-plot').waitFor({ timeout: 60_000 });
  await record.waitForTimeout(700);
  await record.screenshot({ path: path.join(IMAGES, 'disturbance.png') });
  await record.close();
}

/** The dialog to choose points, with some chosen and probed. */
async function takePoints(browser, address) {
  const editor = await browser.newPage({ viewport: { width: 1500, height: 960 } });
  await editor.goto(address);
  await editor.locator('.red-ui-flow-node-group').first().waitFor();
  await editor.evaluate(() => {
    const { RED } = globalThis;
    RED.editor.edit(RED.nodes.node('my-values-read'));
  });
  await editor.locator('.iec61850-browse').click();
  await editor.locator('.iec61850-picker [role=treeitem]').first().waitFor();
  await editor.locator('.iec61850-picker input[type=search]').fill('current');
  await editor.locator('.iec61850-picker [role=treeitem]', { hasText: 'MMXU1.A.phsA' }).waitFor();
  await editor.getByRole('button', { name: 'Tick all shown' }).click();
  await editor.getByRole('button', { name: 'Probe' }).click();
  await editor.locator('.iec61850-list .iec61850-chosen strong').first().waitFor();
  await editor.waitForTimeout(700);
  await editor.screenshot({ path: path.join(IMAGES, 'points.png') });
  await editor.close();
}

/** Panels of the sidebar that the documentation shows, and the text that is there when they are complete. */
const PANELS = [
  ['ieds', /good/],
  ['values', /MMXU1/],
  ['activity', /messages\/s/],
  ['log', /online/],
  ['project', /Export/],
];

/** The editor with a sidebar that is wide enough for its panels. */
async function openSidebar(browser, address) {
  const editor = await browser.newPage({ viewport: { width: 1500, height: 820 } });
  await editor.goto(address);
  await editor.locator('.red-ui-flow-node-group').first().waitFor();
  await editor.evaluate((width) => {
    const { RED, document } = globalThis;
    document.querySelector('#red-ui-sidebar').style.width = `${width}px`;
    document.querySelector('#red-ui-workspace').style.right = `${width + 7}px`;
    document.querySelector('#red-ui-sidebar-separator').style.right = `${width + 2}px`;
    RED.events.emit('sidebar:resize');
    RED.actions.invoke('iec61850:show-sidebar');
  }, 420);
  return editor;
}

/** The sidebar, once beside the flow and then each panel. */
async function takeSidebar(browser, address, folder) {
  const editor = await openSidebar(browser, address);
  for (const [panel, text] of PANELS) {
    await editor.locator(`.iec61850-sb-nav [data-panel="${panel}"]`).click();
    await editor.locator('.iec61850-sb-panel').getByText(text).first().waitFor({ timeout: 60_000 });
    // Times and rates need some rounds.
    await editor.waitForTimeout(8000);
    if (panel === 'ieds') await editor.screenshot({ path: path.join(IMAGES, 'sidebar.png') });
    await editor.locator('#red-ui-sidebar').screenshot({ path: path.join(IMAGES, `sidebar-${panel}.png`) });
  }
  await takeSclCheck(editor, folder);
  await editor.close();
}

/** What goes over the association of the bay, with the answer to a read opened. */
async function takeTrace(browser, address) {
  const editor = await openSidebar(browser, address);
  await editor.locator('.iec61850-sb-nav [data-panel="trace"]').click();
  await editor.locator('.iec61850-sb-record').click();
  const lines = editor.locator('.iec61850-sb-traced');
  await lines.nth(8).waitFor({ timeout: 60_000 });
  await lines.filter({ hasText: 'read' }).and(editor.locator('[data-direction="received"]')).first().click();
  await editor.waitForTimeout(700);
  await editor.locator('#red-ui-sidebar').screenshot({ path: path.join(IMAGES, 'sidebar-trace.png') });
  await editor.close();
}

/** The bay against a file that is not quite the one that it was made of. */
async function takeSclCheck(editor, folder) {
  const bay = fs.readFileSync(path.join(ROOT, 'examples', 'scl', 'bay.cid'), 'utf8');
  const other = bay
    .replace(/(name="urcbAlarms"[^>]*confRev=")1"/, '$12"')
    .replace(/(<DataSet name="dsGoose"[^>]*>)/, '$1<FCDA ldInst="CTRL" lnClass="LLN0" doName="Beh" fc="ST"/>')
    .replace('lnClass="XCBR" inst="1"', 'lnClass="XCBR" inst="2"');
  fs.writeFileSync(path.join(folder, 'as-designed.cid'), other);
  await editor.locator('.iec61850-sb-nav [data-panel="scl-check"]').click();
  const file = editor.locator('.iec61850-scl-check-choice .iec61850-scl-path');
  await file.fill('as-designed.cid');
  await file.press('Tab');
  await editor.locator('.iec61850-scl-check').getByRole('button', { name: 'Compare' }).click();
  await editor.locator('.iec61850-finding').first().waitFor({ timeout: 60_000 });
  await editor.waitForTimeout(700);
  await editor.locator('#red-ui-sidebar').screenshot({ path: path.join(IMAGES, 'sidebar-scl-check.png') });
}

/** Tests the connection, as a person would before anything else. */
async function testConnection(page) {
  await page.locator('#node-config-input-test').getByRole('button', { name: 'Test' }).click();
  await page.locator('#node-config-input-test .iec61850-good').waitFor();
}

/** Makes a mapping file of all that the server has. */
async function mapServer(page) {
  await page.selectOption('#node-input-source', 'mapping');
  await page.getByRole('button', { name: 'Template of the server' }).click();
  await page.waitForTimeout(1000);
  await page.getByRole('button', { name: 'Check' }).click();
}

/** The topics stand at the end of the form. */
async function showTopics(page) {
  await page.locator('.iec61850-mqtt-topic').first().waitFor();
  await page.locator('#node-input-preview').scrollIntoViewIfNeeded();
}

/** Forms that the documentation shows: the example flow, the type of the node in it, the picture; what is done before. */
const FORMS = [
  ['iec61850-read', 'iec61850-ied', 'ied', testConnection],
  ['modbus-map-out', 'modbus-map-out', 'modbus-map'],
  ['mqtt-map-out', 'mqtt-map-out', 'mqtt-map', showTopics],
  ['iec61850-server-in', 'iec61850-server-in', 'server-in'],
  ['iec61850-server', 'iec61850-server-out', 'server-out', mapServer],
  ['iec61850-report', 'iec61850-report', 'report'],
  ['iec61850-control', 'iec61850-control', 'control'],
  ['iec61850-settings', 'iec61850-settings', 'settings'],
  ['iec61850-file', 'iec61850-file', 'file'],
  ['goose-in', 'goose-in', 'goose-in'],
  ['sv-in', 'sv-in', 'sv-in'],
  ['iec61850-server-in', 'iec61850-server', 'server'],
];

/** Imports an example, opens the form of one of its nodes, and takes the tray. */
async function takeForm(browser, address, bayPort, [example, type, name, prepare]) {
  const page = await browser.newPage({ viewport: { width: 1300, height: 900 } });
  await page.goto(address);
  await page.locator('.red-ui-palette-node').first().waitFor();
  const text = fs.readFileSync(path.join(ROOT, 'examples', `${example}.json`), 'utf8');
  // The simulated bay may have another port than the one of the examples.
  const flow = JSON.parse(text.replaceAll('"port": "10102"', `"port": "${bayPort}"`));
  await page.evaluate(
    ([nodes, wanted]) => {
      const { RED } = globalThis;
      const { nodeMap } = RED.nodes.import(nodes, { generateIds: true });
      const found = Object.values(nodeMap).find((node) => node.type === wanted);
      if (found.users) RED.editor.editConfig('', found.type, found.id);
      else RED.editor.edit(found);
    },
    [flow, type],
  );
  await page.locator('.red-ui-tray .iec61850-form').waitFor();
  // What the form asks the server for is there, and the tray has come to rest.
  await page.waitForTimeout(2500);
  await prepare?.(page);
  await page.waitForTimeout(500);
  await page
    .locator('.red-ui-tray')
    .last()
    .screenshot({ path: path.join(IMAGES, `form-${name}.png`) });
  await page.close();
}

async function main() {
  const { chromium } = require('playwright-core');
  const { connectHost, ports } = readPorts(process.env);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'iec61850-pictures-'));
  const demo = await startDemo(folder);
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  try {
    fs.mkdirSync(IMAGES, { recursive: true });
    const address = `http://${connectHost}:${ports.PORT}`;
    const takes = (part) => process.argv.length === 2 || process.argv.includes(part);
    if (takes('forms')) for (const form of FORMS) await takeForm(browser, address, ports.IEC61850_PORT, form);
    if (takes('demo')) await takePictures(browser, address);
    if (takes('sidebar')) await takeSidebar(browser, address, folder);
    if (takes('trace')) await takeTrace(browser, address);
    if (takes('dashboards')) await takeDashboards(browser, address, ports.IEC61850_PORT);
  } finally {
    await browser.close();
    demo.removeAllListeners('exit');
    const ended = once(demo, 'exit');
    demo.kill('SIGTERM');
    await ended;
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
