/** TLS and expected clients in the forms, as a person fills them in. */
import assert from 'node:assert/strict';
import { Editor, needsBrowser } from './support/editor.js';
import { NodeRed } from './support/node-red.js';

const BAY = '@substation/node-red-iec61850/examples/scl/bay.cid';
const TAB = { id: 'tab', type: 'tab', label: 'Flow 1' };
const PLACE = { z: 'tab', x: 200, y: 100, wires: [[]], version: 1 };
const FINGERPRINT = 'ab'.repeat(32);

describe('security in the forms', function () {
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

  const saved = (id: string): Promise<Record<string, unknown>> =>
    editor.page.evaluate((wanted) => {
      const { RED } = window as unknown as { RED: { nodes: { node(id: string): Record<string, unknown> } } };
      const { secure, port, clients, unknownClients, tlsCa, tlsKnownPeers, credentials } = RED.nodes.node(wanted);
      return JSON.parse(
        JSON.stringify({ secure, port, clients, unknownClients, tlsCa, tlsKnownPeers, credentials: credentials ?? {} }),
      ) as Record<string, unknown>;
    }, id);

  it('a server gets TLS on its usual port, a client with a role, and a password that is no part of the flow', async () => {
    const server = {
      id: 'server',
      type: 'iec61850-server',
      version: 1,
      name: 'bay',
      sclFile: BAY,
      host: '127.0.0.1',
      port: '102',
    };
    const out = { id: 'out', type: 'iec61850-server-out', ...PLACE, server: 'server' };
    await red.deploy([TAB, server, out]);
    editor = await Editor.open(red);
    await editor.edit('iec61850-server-out');
    const { page, complaints } = editor;
    await page.click('#node-input-lookup-server, #node-input-btn-server-edit');
    await page.waitForSelector('#node-config-input-host');
    await editor.settled();
    await page.click('#node-config-input-security summary');
    await page.check('#node-config-input-secure');
    assert.equal(await page.inputValue('#node-config-input-port'), '3782');
    await page.fill('#node-config-input-tlsCa', 'plant-ca.pem');
    await page.fill('#node-config-input-tlsKnownPeers', FINGERPRINT);
    await page.click('#node-config-input-access summary');
    await page.click('button:has-text("Add a client")');
    await page.fill('input[aria-label="Name 1"]', 'SCADA');
    await page.selectOption('select[aria-label="Role 1"]', 'operator');
    await page.fill('input[aria-label="Fingerprint 1"]', FINGERPRINT);
    await page.fill('input[aria-label="Password 1"]', 'secret');
    await page.locator('input[aria-label="Password 1"]').blur();
    await page.selectOption('#node-config-input-unknownClients', 'viewer');
    await page.click('#node-config-dialog-ok');
    await page.waitForSelector('#node-config-input-host', { state: 'detached' });
    const { credentials, ...node } = await saved('server');
    assert.deepEqual(node, {
      secure: true,
      port: '3782',
      clients: [{ name: 'SCADA', role: 'operator', certificate: FINGERPRINT }],
      unknownClients: 'viewer',
      tlsCa: 'plant-ca.pem',
      tlsKnownPeers: FINGERPRINT,
    });
    assert.equal((credentials as { clientPasswords?: string }).clientPasswords, '{"SCADA":"secret"}');
    assert.deepEqual(complaints, []);
  });
});
