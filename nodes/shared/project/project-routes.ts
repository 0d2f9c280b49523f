/** Admin routes of projects: flows and files out as one file, and in again. */
import { ArgumentError } from '../../../src/errors.js';
import { MAX_PROJECT_BYTES } from '../../../src/limits.js';
import { adminRoute, jsonBody, once, textField } from '../admin.js';
import { userDirectory, type RED, type Request } from '../red.js';
import { sclLibrary } from '../scl-library.js';
import { requireOctets } from '../scl-routes.js';
import { collectFiles } from './collect-files.js';
import { PendingProjects } from './import-project.js';
import { formatProject, parseProject, tooLarge, type FlowNode } from './project-file.js';

/** Of both ways: an export gives out what SCL files hold. */
export const PROJECT_PERMISSION = 'iec61850-project.write';

/** Adds the routes once. */
export function registerProjectRoutes(red: RED): void {
  once(red, 'project', () => {
    const library = sclLibrary(red);
    const userDir = userDirectory(red);
    const pending = new PendingProjects(library, userDir);

    // Flows come as octets: a body parser would stop at its own limit.
    adminRoute(red, 'post', '/iec61850/project/export', PROJECT_PERMISSION, async (request) => {
      const flows = flowsOf(await textOf(request));
      const { files, maps, leftOut } = await collectFiles(flows, library, userDir);
      const name = textField(request.query.name, 'name', 200);
      const text = formatProject({ name, created: new Date().toISOString(), flows, files, maps });
      if (text.length > MAX_PROJECT_BYTES) throw tooLarge();
      return { text, files: files.map((file) => file.name), leftOut };
    });
    adminRoute(red, 'post', '/iec61850/project/inspect', PROJECT_PERMISSION, async (request) =>
      pending.add(parseProject(await textOf(request))),
    );
    adminRoute(red, 'post', '/iec61850/project/:id/apply', PROJECT_PERMISSION, async (request) => {
      const { overwrite } = jsonBody(request);
      const paths = Array.isArray(overwrite) ? overwrite.map((one) => textField(one, 'path')) : [];
      return pending.apply(textField(request.params.id, 'id', 64), new Set(paths));
    });
    adminRoute(red, 'delete', '/iec61850/project/:id', PROJECT_PERMISSION, async (request) => {
      pending.remove(textField(request.params.id, 'id', 64));
    });
  });
}

async function textOf(request: Request): Promise<string> {
  requireOctets(request);
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_PROJECT_BYTES) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function flowsOf(text: string): FlowNode[] {
  try {
    const flows: unknown = JSON.parse(text);
    if (Array.isArray(flows) && flows.every(isFlowNode)) return flows;
  } catch {
    // Told below.
  }
  throw new ArgumentError('The flows cannot be read');
}

function isFlowNode(value: unknown): value is FlowNode {
  const { id, type } = (value ?? {}) as Record<string, unknown>;
  return typeof id === 'string' && typeof type === 'string';
}
