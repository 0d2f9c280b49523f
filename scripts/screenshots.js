'use strict';
/*
 * Takes the pictures of the README from the demo itself: node scripts/screenshots.js
 * Needs a Chromium; CHROMIUM names it when it is not at its usual place. The demo listens on the usual ports meanwhile.
 */
const { spawn } = require('node:child_process');
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
}

async function main() {
  const { chromium } = require('playwright-core');
  const { connectHost, ports } = readPorts(process.env);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'iec61850-pictures-'));
  const demo = await startDemo(folder);
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  try {
    fs.mkdirSync(IMAGES, { recursive: true });
    await takePictures(browser, `http://${connectHost}:${ports.PORT}`);
  } finally {
    await browser.close();
    demo.removeAllListeners('exit');
    demo.kill('SIGTERM');
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
