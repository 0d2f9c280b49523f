import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { AdminError } from '../../nodes/shared/admin.js';
import type { LeftOut } from '../../nodes/shared/project/collect-files.js';
import type { ImportedFile, ProjectPreview } from '../../nodes/shared/project/import-project.js';
import {
  formatProject,
  parseProject,
  sha256,
  type FlowNode,
  type ProjectFile,
} from '../../nodes/shared/project/project-file.js';
import { BAY, BAY_IN_PACKAGE, helper, nodes, startRed, stopRed, userDirectory } from './support/red.js';

interface Exported {
  text: string;
  files: string[];
  leftOut: LeftOut[];
}

describe('a project as one file', () => {
  let bay: Buffer;

  before(async () => {
    bay = await readFile(BAY);
  });
  beforeEach(async () => {
    await startRed();
    await helper.load([nodes.ied], [] as never);
  });
  afterEach(stopRed);

  async function send<T>(way: string, body: string | Buffer, status = 200): Promise<T> {
    const response = await helper
      .request()
      .post(`/iec61850/${way}`)
      .set('content-type', 'application/octet-stream')
      .send(body);
    assert.equal(response.status, status, JSON.stringify(response.body));
    return response.body as T;
  }
  async function apply(id: string, overwrite: string[] = []): Promise<{ files: ImportedFile[]; flows: FlowNode[] }> {
    const response = await helper.request().post(`/iec61850/project/${id}/apply`).send({ overwrite });
    assert.equal(response.status, 200, JSON.stringify(response.body));
    return response.body as { files: ImportedFile[]; flows: FlowNode[] };
  }
  const inUserDir = (file: string): string => path.join(userDirectory(), file);
  const exportOf = (flows: object[]): Promise<Exported> =>
    send<Exported>('project/export?name=Bay%201', JSON.stringify(flows));

  const file = (octets: Buffer, more: Partial<ProjectFile> = {}): ProjectFile => ({
    name: 'bay.cid',
    sha256: sha256(octets),
    octets,
    ...more,
  });
  const project = (files: ProjectFile[], flows: object[] = []): string =>
    formatProject({ name: 'P', created: '2026-01-01T00:00:00.000Z', flows: flows as FlowNode[], files, maps: [] });
  const inspect = (files: ProjectFile[]): Promise<ProjectPreview> =>
    send<ProjectPreview>('project/inspect', project(files));

  it('carries flows and SCL files to another machine, and their credentials not', async () => {
    await mkdir(inUserDir('station'));
    await writeFile(inUserDir('station/bay.cid'), bay);
    // Octets of another encoding, which are no UTF-8.
    const latin = Buffer.concat([
      Buffer.from('<?xml version="1.0" encoding="ISO-8859-1"?>\r\n<!-- '),
      Buffer.from([0xe4]),
      Buffer.from(' -->\r\n'),
      bay.subarray(bay.indexOf('<SCL')),
    ]);
    const stored = await send<{ source: { name: string; hash: string } }>('scl?name=latin.cid', latin);
    const flows = [
      { id: 'tab', type: 'tab', label: 'Bay 1', env: [{ name: 'KEY', type: 'cred', value: 'secret-env' }] },
      { id: 'ied', type: 'iec61850-ied', sclFile: 'station/bay.cid', credentials: { password: 'secret-word' } },
      { id: 'in', type: 'goose-in', z: 'tab', sclFile: stored.source, capture: 'frames.pcap' },
      { id: 'own', type: 'scl-import', z: 'tab', sclFile: BAY_IN_PACKAGE },
      { id: 'other', type: 'scl-import', z: 'tab', name: 'by variable', sclFile: '${SCL}' },
      {
        id: 'map',
        type: 'modbus-map-out',
        z: 'tab',
        rows: [{ ied: 'BAY1', tag: 'CTRL.XCBR1.Pos', unit: 1, area: 'input', address: 0, type: 'UInt16' }],
        blocks: [],
      },
    ];
    const { text, files, leftOut } = await exportOf(flows);
    assert.deepEqual(files.sort(), ['bay.cid', 'latin.cid']);
    assert.deepEqual(
      leftOut.map(({ file: name, reason }) => `${name} ${reason}`),
      ['frames.pcap other', 'bay.cid package', '${SCL} variable'],
    );
    assert.doesNotMatch(text, /secret/);
    assert.match(text, /"BAY1,CTRL\.XCBR1\.Pos,/);

    await stopRed();
    await startRed();
    await helper.load([nodes.ied], [] as never);
    const preview = await send<ProjectPreview>('project/inspect', text);
    assert.equal(preview.name, 'Bay 1');
    assert.deepEqual(preview.tabs, ['Bay 1']);
    assert.equal(preview.types['scl-import'], 2);
    assert.deepEqual(
      preview.files.map(({ name, state }) => `${name} ${state}`),
      ['bay.cid new', 'latin.cid new'],
    );
    const applied = await apply(preview.id);
    assert.deepEqual(
      applied.files.map(({ result }) => result),
      ['written', 'written'],
    );
    assert.ok((await readFile(inUserDir('station/bay.cid'))).equals(bay));
    assert.ok((await readFile(inUserDir(`iec61850/scl/${stored.source.hash}.scl`))).equals(latin));
    assert.deepEqual(applied.flows.find(({ id }) => id === 'in')?.sclFile, stored.source);
    assert.equal('credentials' in (applied.flows.find(({ id }) => id === 'ied') ?? {}), false);
    // A second time everything is there.
    const again = await send<ProjectPreview>('project/inspect', text);
    assert.ok(again.files.every(({ state }) => state === 'same'));
  });

  it('gives out nothing but SCL files, whatever flows name', async () => {
    await writeFile(inUserDir('settings.js'), 'module.exports = { credentialSecret: "hush" };');
    await writeFile(inUserDir('secret.cid'), 'hush');
    await mkdir(inUserDir('.hidden'));
    await writeFile(inUserDir('.hidden/bay.cid'), bay);
    const names = ['settings.js', 'secret.cid', '.hidden/bay.cid', '../x.cid', '/etc/passwd'];
    const { text, files, leftOut } = await exportOf(
      names.map((sclFile, id) => ({ id: String(id), type: 'x', sclFile })),
    );
    assert.deepEqual(files, []);
    assert.equal(leftOut.length, names.length);
    assert.ok(leftOut.every(({ reason, problem }) => reason === 'unreadable' && problem));
    assert.doesNotMatch(text, /hush|root:/);
  });

  it('overwrites a file only when a person said so', async () => {
    const mine = Buffer.from(bay.toString().replace('110 kV', '220 kV'));
    await writeFile(inUserDir('bay.cid'), mine);
    const first = await inspect([file(bay, { path: 'bay.cid' })]);
    assert.equal(first.files[0]?.state, 'different');
    assert.equal((await apply(first.id)).files[0]?.result, 'kept');
    assert.ok((await readFile(inUserDir('bay.cid'))).equals(mine));
    const second = await inspect([file(bay, { path: 'bay.cid' })]);
    assert.equal((await apply(second.id, ['bay.cid'])).files[0]?.result, 'written');
    assert.ok((await readFile(inUserDir('bay.cid'))).equals(bay));
    // What was asked once is not asked twice.
    const late = await helper.request().post(`/iec61850/project/${second.id}/apply`).send({});
    assert.equal(late.status, 400);
  });

  for (const place of [
    '../bay.cid',
    '/etc/bay.cid',
    'C:\\bay.cid',
    'node_modules/x/bay.cid',
    '.config/bay.cid',
    'settings.js',
    'flows.json',
    'scl/../../bay.cid',
    'a\0.cid',
    `iec61850/scl/${'0'.repeat(64)}.scl`,
  ]) {
    it(`writes nothing to ${JSON.stringify(place)}`, async () => {
      const { id, files } = await inspect([file(bay, { path: place })]);
      assert.equal(files[0]?.state, 'refused');
      assert.notEqual(files[0]?.problem ?? '', '');
      assert.equal((await apply(id, [place])).files[0]?.result, 'failed');
    });
  }

  it('follows no link out of the user directory', async () => {
    const outside = await mkdtemp(path.join(tmpdir(), 'iec61850-outside-'));
    try {
      await symlink(outside, inUserDir('station'), 'junction');
      const { id, files } = await inspect([file(bay, { path: 'station/bay.cid' })]);
      assert.equal(files[0]?.state, 'refused');
      assert.equal((await apply(id, ['station/bay.cid'])).files[0]?.result, 'failed');
      await assert.rejects(readFile(path.join(outside, 'bay.cid')));
    } finally {
      await rm(outside, { recursive: true, force: true });
    }
  });

  it('takes no file that is not SCL, whatever its name', async () => {
    const page = Buffer.from('<html>no</html>');
    const { id } = await inspect([file(page, { path: 'page.xml' }), file(page, { name: 'stored.cid' })]);
    const applied = await apply(id);
    assert.deepEqual(
      applied.files.map(({ result }) => result),
      ['failed', 'failed'],
    );
    await assert.rejects(readFile(inUserDir('page.xml')));
    const { files } = (await helper.request().get('/iec61850/scl')).body as { files: unknown[] };
    assert.deepEqual(files, []);
  });

  it('says what is wrong with a file that is no project, or not as it was', async () => {
    const refusal = async (text: string): Promise<string> =>
      (await send<AdminError>('project/inspect', text, 400)).message;
    const good = project([file(bay)]);
    assert.match(await refusal('no'), /not JSON/);
    assert.match(await refusal('[]'), /not what a project has/);
    assert.match(await refusal('{"flows":[]}'), /not a project/);
    assert.match(await refusal(good.replace('"version": 1', '"version": 2')), /version 2/);
    assert.match(await refusal(good.replace('110 kV', '111 kV')), /hash/);
    assert.match(await refusal(project([file(bay), file(bay)])), /one place/);
    assert.match(await refusal(project([], [{ type: 'tab' }])), /id/);
    assert.match(await refusal(good.replace('"kind": "scl"', '"kind": "js"')), /not an SCL file/);
  });

  it('is the same text for the same project, so that two can be compared', () => {
    const text = project([file(bay)], [{ id: 'a', type: 'tab', label: 'A' }]);
    const read = parseProject(text);
    assert.equal(formatProject(read), text);
    assert.ok(text.split('\n').length > 500);
  });
});
