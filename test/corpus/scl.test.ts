/**
 * Real SCL files: every well-formed one loads with as many IEDs, logical nodes and data sets as the corpus's own index
 * counted in its XML, or stands here with the reason; every broken one is refused with line and column.
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { SclError } from '../../src/errors.js';
import type { DataAttribute, DataObject, LogicalDevice } from '../../src/model/ied-model.js';
import { loadScl, type SclDocument } from '../../src/scl/index.js';

const CORPUS = path.resolve(__dirname, '../../../shared/corpus');
const FOLDER = path.join(CORPUS, 'scl');

type Counts = [ieds: number, logicalNodes: number, dataSets: number];

/** Files that are not well-formed XML, with the place of their first error. */
const BROKEN: Record<string, [line: number, column: number]> = {
  'com-pas-compas-scl-validator__invalid.scd': [10, 5],
  'openscd-open-scd__parsererror.iid': [1, 1],
  'sprinteins-oscd-plugins__bay-designer-output.ssd': [7, 1],
};

/** Files of which the model has less than the XML, each part that is left out being an error among the diagnostics. */
const LESS: Record<string, { counts: Counts; why: string }> = {
  'OpenEnergyTools-scl-lib__incomplete.iid': {
    counts: [1, 0, 0],
    why: 'the LNodeType of its only logical node is missing',
  },
  'openscd-open-scd__MessageBindingSMV2007B4.scd': { counts: [4, 49, 7], why: 'LNodeType Dummy.THARDE is missing' },
  'openscd-open-scd__valid2007B4.scd': { counts: [3, 33, 5], why: 'LNodeType Dummy.THARDE is missing' },
  'danyill-oscd-supervision__supervisions.scd': { counts: [11, 105, 7], why: 'a second LGOS3 in one logical device' },
  'drMAle-scl_parser__malformed.icd': { counts: [1, 31, 4], why: 'a DataSet whose name is written "ame"' },
  'sprinteins-oscd-plugins__SCL_Combined.xml': {
    counts: [0, 0, 0],
    why: 'a pattern of the schema: all names are empty',
  },
};

describe('the corpus of SCL files', function () {
  this.timeout(120_000);
  if (!existsSync(FOLDER)) {
    it.skip('is not here (../shared/corpus/scl): nothing to read');
    return;
  }
  const indexed = readIndex();
  const files = readdirSync(FOLDER).sort();

  it('is listed in its index, file by file', () => {
    assert.deepEqual([...indexed.keys()].sort(), files);
  });

  for (const file of files) {
    const place = BROKEN[file];
    if (place) {
      it(`${file} is refused with line and column`, async () => {
        await assert.rejects(loadScl(path.join(FOLDER, file)), (error) => {
          assert.ok(error instanceof SclError);
          assert.deepEqual([error.code, error.line, error.column], ['SCL_NOT_WELL_FORMED', ...place], error.message);
          return true;
        });
      });
      continue;
    }
    it(`${file} loads, and each of its IEDs unfolds`, async () => {
      const document = await loadScl(path.join(FOLDER, file));
      assert.deepEqual(countsOf(document), LESS[file]?.counts ?? indexed.get(file));
      const errors = document.diagnostics.filter(({ severity }) => severity === 'error');
      if (LESS[file]) assert.notEqual(errors.length, 0, 'what is left out must be an error');
      for (const { line, column } of document.diagnostics) assert.ok((line ?? 0) >= 1 && (column ?? 0) >= 1);
      for (const device of devicesOf(document)) checkDevice(device);
    });
  }
});

/** The table of INDEX.md: IEDs, LNs and data sets by file. */
function readIndex(): Map<string, Counts> {
  const rows = readFileSync(path.join(CORPUS, 'INDEX.md'), 'utf8').split('\n');
  const counts = new Map<string, Counts>();
  for (const row of rows) {
    const cells = row.split('|').map((cell) => cell.trim());
    const [ieds, nodes, dataSets] = cells.slice(4, 7).map(Number);
    if (cells.length > 9 && ieds !== undefined && nodes !== undefined && dataSets !== undefined && ieds >= 0) {
      counts.set(cells[1] as string, [ieds, nodes, dataSets]);
    }
  }
  return counts;
}

/** Logical devices of all servers; one that two access points share comes once. */
function devicesOf(document: SclDocument): LogicalDevice[] {
  const servers = document.ieds.flatMap(({ name, accessPoints }) =>
    accessPoints
      .filter(({ server }) => server)
      .map((accessPoint) => document.model(name, accessPoint.name).logicalDevices),
  );
  return [...new Set(servers)].flat();
}

function countsOf(document: SclDocument): Counts {
  const nodes = devicesOf(document).flatMap(({ logicalNodes }) => logicalNodes);
  const clients = document.ieds.flatMap(({ accessPoints }) =>
    accessPoints.flatMap((entry) => entry.clientLogicalNodes),
  );
  const dataSets = nodes.reduce((sum, node) => sum + node.dataSets.length, 0);
  return [document.ieds.length, nodes.length + clients.length, dataSets];
}

function checkDevice(device: LogicalDevice): void {
  assert.notEqual(device.name, '');
  for (const node of device.logicalNodes) {
    for (const object of node.dataObjects) checkObject(object);
    for (const { members } of node.dataSets) {
      for (const { reference } of members) assert.match(reference, /^[^/]+\/[^/.]+(\.[^/.]+)+$/);
    }
  }
}

function checkObject(object: DataObject): void {
  for (const member of object.dataObjects) checkObject(member);
  for (const attribute of object.attributes) checkAttribute(attribute);
}

function checkAttribute(attribute: DataAttribute): void {
  assert.equal(attribute.attributes.length > 0, attribute.type === 'Structure', attribute.name);
  for (const member of attribute.attributes) {
    assert.equal(member.fc, attribute.fc);
    checkAttribute(member);
  }
}
