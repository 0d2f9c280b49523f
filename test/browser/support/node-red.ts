/** Node-RED as a program of its own, with this package installed, and an empty user directory. */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Program, freePorts } from '../../start/programs.js';

const ROOT = path.join(__dirname, '..', '..', '..');

/**
 * Node-RED 4 of this project; with NODE_RED=5 the one that `npm run test:node-red-5` has installed, whose editor is
 * another one.
 */
function whichNodeRed(): { node: string; red: string } {
  if (process.env.NODE_RED !== '5') {
    return { node: process.execPath, red: path.join(ROOT, 'node_modules', 'node-red', 'red.js') };
  }
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- a script of this project in plain JavaScript
  const { nodeRed5 } = require('../../../scripts/setup-node-red-5.js') as {
    nodeRed5(): { node?: string; nodeRed: string };
  };
  const { node, nodeRed } = nodeRed5();
  if (!node || !existsSync(nodeRed)) throw new Error('Node-RED 5 is not there: npm run test:node-red-5 installs it');
  return { node, red: nodeRed };
}

export interface NodeRedOptions {
  /** Further lines of `settings.js`, as JavaScript. */
  settings?: string;
  environment?: Record<string, string>;
}

export class NodeRed {
  private constructor(
    readonly url: string,
    readonly userDir: string,
    private readonly program: Program,
  ) {}

  static async start({ settings = '', environment = {} }: NodeRedOptions = {}): Promise<NodeRed> {
    if (!existsSync(path.join(ROOT, 'dist', 'nodes'))) throw new Error('The package is not built: npm run build');
    const userDir = await mkdtemp(path.join(tmpdir(), 'iec61850-editor-'));
    const scope = path.join(userDir, 'node_modules', '@substation');
    await mkdir(scope, { recursive: true });
    // A junction, since Windows lets only administrators make symbolic links.
    await symlink(ROOT, path.join(scope, 'node-red-iec61850'), 'junction');
    const [port] = await freePorts(1);
    await writeFile(
      path.join(userDir, 'settings.js'),
      `module.exports = {
        uiHost: '127.0.0.1', uiPort: ${port}, flowFile: 'flows.json', credentialSecret: false, telemetry: { enabled: false },
        editorTheme: { tours: false, palette: { catalogues: [] } },
        ${settings}
      };`,
    );
    const { node, red } = whichNodeRed();
    const program = new Program(node, [red, '-u', userDir, '-s', path.join(userDir, 'settings.js')], {
      cwd: userDir,
      env: { ...process.env, ...environment },
    });
    await program.says(/Started flows/);
    return new NodeRed(`http://127.0.0.1:${port}`, userDir, program);
  }

  get log(): string {
    return this.program.output;
  }

  async stop(): Promise<void> {
    await this.program.kill();
    await rm(this.userDir, { recursive: true, force: true });
  }

  /** Puts flows in place of the present ones. */
  async deploy(flows: object[]): Promise<void> {
    const response = await fetch(`${this.url}/flows`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(flows),
    });
    if (!response.ok) throw new Error(`The flows were refused: ${await response.text()}`);
  }

  async flows(): Promise<Record<string, unknown>[]> {
    return (await (await fetch(`${this.url}/flows`)).json()) as Record<string, unknown>[];
  }
}
