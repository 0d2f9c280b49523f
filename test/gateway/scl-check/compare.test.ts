import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { compareModels, findingsToCsv, type Finding } from '../../../src/gateway/scl-check/index.js';
import type { DataObject, IedModel } from '../../../src/model/ied-model.js';
import { parseScl } from '../../../src/scl/index.js';

const BAY = readFileSync(path.join(__dirname, '..', '..', '..', 'examples', 'scl', 'bay.cid'), 'utf8');

const bay = (): IedModel => parseScl(BAY).model('BAY1');

/** A model that can be changed by hand. */
function loose(): IedModel {
  return structuredClone(bay());
}

const node = (model: IedModel, ld: string, ln: string): IedModel['logicalDevices'][number]['logicalNodes'][number] => {
  const found = model.logicalDevices.find(({ name }) => name === ld)?.logicalNodes.find(({ name }) => name === ln);
  assert.ok(found, `${ld}/${ln}`);
  return found;
};

const brief = ({ kind, part, reference, attribute, file, device }: Finding): string =>
  [kind, part, reference, attribute, file, device].filter((text) => text !== undefined).join(' | ');
const differences = (file: IedModel, device: IedModel): string[] => compareModels(file, device).findings.map(brief);

describe('an SCL file against a device', () => {
  it('finds nothing between a file and itself, and says how much was compared', () => {
    const { findings, compared } = compareModels(bay(), bay());
    assert.deepEqual(findings, []);
    assert.equal(compared.logicalDevices, 3);
    assert.ok(compared.dataObjects > 100 && compared.dataSets > 3 && compared.controlBlocks > 3);
  });

  it('names the highest place that is missing or extra, and nothing below it', () => {
    const device = loose();
    device.logicalDevices = device.logicalDevices.filter(({ name }) => name !== 'BAY1PROT');
    const measuring = node(device, 'BAY1MEAS', 'MMXU1');
    measuring.dataObjects = measuring.dataObjects.filter(({ name }) => name !== 'TotW');
    assert.deepEqual(differences(bay(), device).sort(), [
      'missing | dataObject | BAY1MEAS/MMXU1.TotW',
      'missing | logicalDevice | BAY1PROT',
    ]);
    assert.deepEqual(differences(device, bay()).sort(), [
      'extra | dataObject | BAY1MEAS/MMXU1.TotW',
      'extra | logicalDevice | BAY1PROT',
    ]);
  });

  it('tells an attribute that is missing from one of another type, by its coding', () => {
    const device = loose();
    const [position] = node(device, 'BAY1CTRL', 'XCBR1').dataObjects.filter(({ name }) => name === 'Pos');
    assert.ok(position);
    const value = position.attributes.find(({ name }) => name === 'stVal');
    assert.ok(value);
    Object.assign(value, { basicType: 'BOOLEAN', type: 'Boolean' });
    position.attributes = position.attributes.filter(({ name, fc }) => !(name === 'q' && fc === 'ST'));
    const found = differences(bay(), device);
    assert.deepEqual(found.sort(), [
      'missing | attribute | BAY1CTRL/XCBR1.Pos.q[ST]',
      'type | attribute | BAY1CTRL/XCBR1.Pos.stVal[ST] | Dbpos, bit string 2 | BOOLEAN, boolean',
    ]);
  });

  it('takes an enumeration for the integer that a device shows it as', () => {
    const device = loose();
    for (const { logicalNodes } of device.logicalDevices) {
      for (const { dataObjects } of logicalNodes) {
        for (const attribute of dataObjects.flatMap(({ attributes }) => attributes)) {
          if (attribute.type === 'Enum') Object.assign(attribute, { basicType: 'INT16', type: 'Int16' });
        }
      }
    }
    assert.deepEqual(differences(bay(), device), []);
  });

  it('does not ask for the services of an object that cannot be operated', () => {
    const device = loose();
    const position = (model: IedModel): DataObject =>
      node(model, 'BAY1CTRL', 'CSWI1').dataObjects.find(({ name }) => name === 'Pos') as DataObject;
    position(device).attributes = position(device).attributes.filter(
      ({ fc, name }) => fc !== 'CO' && name !== 'ctlModel',
    );
    const file = loose();
    const severity = (): string | undefined =>
      compareModels(file, device).findings.find(({ reference }) => reference === 'BAY1CTRL/CSWI1.Pos[CO]')?.severity;
    assert.equal(severity(), 'error');
    for (const attribute of position(file).attributes)
      if (attribute.name === 'ctlModel') attribute.value = 'status-only';
    assert.equal(severity(), 'info');
  });

  it('shows what a data set holds instead, and an order that is another one', () => {
    const device = loose();
    const sets = node(device, 'BAY1CTRL', 'LLN0').dataSets.filter(({ members }) => members.length > 2);
    const [first] = sets;
    assert.ok(first);
    const [a, b, ...rest] = first.members;
    assert.ok(a && b);
    first.members = [b, a, ...rest];
    assert.deepEqual(differences(bay(), device), [
      `order | dataSet | BAY1CTRL/LLN0.${first.name} | 1: ${a.reference}[${a.fc}] | 1: ${b.reference}[${b.fc}]`,
    ]);
    first.members = [a, ...rest];
    assert.match(differences(bay(), device)[0] ?? '', /^members \| dataSet \| BAY1CTRL\/LLN0/);
  });

  it('tells a configuration revision that is another one from other settings of a control block', () => {
    const device = loose();
    const [block] = node(device, 'BAY1CTRL', 'LLN0').reportControlBlocks;
    assert.ok(block?.confRev !== undefined && block.dataSet);
    const { confRev, dataSet, name } = block;
    Object.assign(block, { confRev: confRev + 1, dataSet: 'Other' });
    assert.deepEqual(differences(bay(), device), [
      `confRev | reportControl | BAY1CTRL/LLN0.${name} | ConfRev | ${confRev} | ${confRev + 1}`,
      `value | reportControl | BAY1CTRL/LLN0.${name} | DatSet | BAY1CTRL/LLN0.${dataSet} | BAY1CTRL/LLN0.Other`,
    ]);
    // What was not read is not compared.
    delete (block as Partial<typeof block>).confRev;
    delete block.dataSet;
    assert.deepEqual(differences(bay(), device), []);
  });

  it('finds the same logical devices under the name of another IED, as a template has them', () => {
    const file = parseScl(BAY.replaceAll('ame="BAY1"', 'ame="TEMPLATE"')).model('TEMPLATE');
    const found = compareModels(file, bay()).findings;
    assert.deepEqual(
      found.map(({ kind, part }) => `${kind} ${part}`),
      Array.from({ length: 3 }, () => 'name logicalDevice'),
    );
    assert.equal(found[0]?.file, 'TEMPLATECTRL');
  });

  it('writes a table in which no cell becomes a formula', () => {
    const csv = findingsToCsv([
      { kind: 'missing', part: 'dataObject', severity: 'error', reference: '=HYPERLINK("x")', file: 'a,b' },
    ]);
    assert.match(csv, /^severity,kind,part,reference,attribute,file,device\r?\n/);
    assert.doesNotMatch(csv, /[\n,]=/);
    assert.match(csv, /"a,b"/);
  });
});
