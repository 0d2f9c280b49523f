/** Substitution and blocking (IEC 61850-7-2 §12), by the UCA test group sSub. */
import assert from 'node:assert/strict';
import type { MmsData } from '../../src/mms/data.js';
import { AccessError } from '../../src/server/selection.js';
import { da, dataObject, logicalNode, struct } from './fixture.js';
import { Loopback } from './loopback.js';
import { settingsModel } from './settings-model.js';

const IND = 'RELAYPROT/GGIO1.Ind1';
const SV = 'RELAYPROT/GGIO1$SV$Ind1';
const ANALOGUE = 'RELAYPROT/GGIO1.AnIn1';
const TRUE: MmsData = { type: 'boolean', value: true };
const FALSE: MmsData = { type: 'boolean', value: false };
const float = (value: number): MmsData => ({ type: 'float', value, width: 32 });
const quality = (bits: string): MmsData => ({ type: 'bit-string', bits });
const T1 = '2026-01-01T00:00:01.000Z';

const open = (): Loopback => Loopback.open({ iedModel: settingsModel(), writable: ['SV', 'BL'] });

function shown(client: Loopback, reference: string): [unknown, string | undefined] {
  const { value, quality: q } = client.core.read(reference);
  return [value, q?.text];
}

function update(client: Loopback, reference: string, value: unknown, more: object = {}): void {
  const { errors } = client.core.update([{ reference, value, ...more }], Date.parse(T1));
  assert.deepEqual(errors, []);
}

describe('Substitution', () => {
  it('shows subVal and subQ with source substituted, and the process value again afterwards (sSub1)', () => {
    const client = open();
    update(client, IND, false);
    assert.equal(client.write(`${SV}$subVal`, TRUE), undefined);
    assert.equal(client.write(`${SV}$subQ`, quality('1100000000000')), undefined);
    assert.equal(client.write(`${SV}$subID`, { type: 'visible-string', value: 'operator 7' }), undefined);
    assert.deepEqual(shown(client, IND), [false, 'good']);
    assert.equal(client.write(`${SV}$subEna`, TRUE), undefined);
    assert.deepEqual(shown(client, IND), [true, 'questionable, substituted']);
    assert.ok((client.core.read(IND).timestamp ?? '') > T1);
    update(client, IND, false, { quality: 'invalid' });
    assert.deepEqual(shown(client, IND), [true, 'questionable, substituted']);
    assert.equal(client.write(`${SV}$subEna`, FALSE), undefined);
    assert.deepEqual(shown(client, IND), [false, 'invalid']);
  });

  it('shows what the process gave before, when it gave nothing meanwhile', () => {
    const client = open();
    update(client, IND, true);
    client.write(`${SV}$subVal`, FALSE);
    client.write(`${SV}$subEna`, TRUE);
    assert.deepEqual(shown(client, IND), [false, 'good, substituted']);
    client.write(`${SV}$subEna`, FALSE);
    assert.deepEqual(shown(client, IND), [true, 'good']);
  });

  it('follows a substitute that changes while it is shown', () => {
    const client = open();
    client.write(`${SV}$subEna`, TRUE);
    client.write(`${SV}$subVal`, TRUE);
    client.write(`${SV}$subQ`, quality('0000000000010'));
    assert.deepEqual(shown(client, IND), [true, 'good, substituted, test']);
  });

  it('replaces analogue values, instantaneous and dead-banded', () => {
    const client = open();
    update(client, `${ANALOGUE}.instMag.f[MX]`, 5);
    update(client, ANALOGUE, 5);
    client.write('RELAYPROT/GGIO1$SV$AnIn1$subMag$f', float(42));
    client.write('RELAYPROT/GGIO1$SV$AnIn1$subEna', TRUE);
    assert.deepEqual(shown(client, ANALOGUE), [42, 'good, substituted']);
    assert.equal(client.core.read(`${ANALOGUE}.instMag.f[MX]`).value, 42);
    update(client, `${ANALOGUE}.instMag.f[MX]`, 6);
    update(client, ANALOGUE, 7);
    assert.deepEqual(shown(client, ANALOGUE), [42, 'good, substituted']);
    client.write('RELAYPROT/GGIO1$SV$AnIn1$subEna', FALSE);
    assert.equal(client.core.read(`${ANALOGUE}.mag.f[MX]`).value, 7);
  });

  it('is written by nobody unless the owner gave writes to SV, or without the right', () => {
    const none = Loopback.open({ iedModel: settingsModel() });
    assert.equal(none.write(`${SV}$subEna`, TRUE), AccessError.objectAccessDenied);
  });

  it('leaves the time alone that it was switched on, whatever the process gives', () => {
    const client = open();
    client.write(`${SV}$subVal`, TRUE);
    client.write(`${SV}$subEna`, TRUE);
    const { timestamp } = client.core.read(IND);
    for (let i = 0; i < 5; i++) client.core.update([{ reference: IND, value: i % 2 === 0 }], Date.parse('2030-01-01'));
    assert.equal(client.core.read(IND).timestamp, timestamp);
  });

  it('of the file is there from the start', () => {
    const model = settingsModel();
    const node = logicalNode('GGIO2', [
      dataObject('Ind1', 'SPS', [
        da('ST', 'stVal', 'BOOLEAN', { dchg: true }),
        da('ST', 'q', 'Quality'),
        da('ST', 't', 'Timestamp'),
        da('SV', 'subEna', 'BOOLEAN', { value: 'true' }),
        da('SV', 'subVal', 'BOOLEAN', { value: 'true' }),
      ]),
    ]);
    model.logicalDevices[0]?.logicalNodes.push(node);
    const client = Loopback.open({ iedModel: model, writable: ['SV'] });
    assert.deepEqual(shown(client, 'RELAYPROT/GGIO2.Ind1'), [true, 'good, substituted']);
    client.write('RELAYPROT/GGIO2$SV$Ind1$subEna', FALSE);
    assert.deepEqual(shown(client, 'RELAYPROT/GGIO2.Ind1'), [false, 'invalid']);
  });

  it('goes together with the test mode of the logical node, whichever begins and ends first', () => {
    const model = settingsModel();
    const mode = (name: string): ReturnType<typeof dataObject> =>
      dataObject(name, 'ENS', [
        da('ST', 'stVal', 'Enum', { value: 'on', enumLiterals: { 1: 'on', 3: 'test' } }),
        da('ST', 'q', 'Quality', { value: '0000000000000' }),
        da('ST', 't', 'Timestamp'),
      ]);
    const ggio = model.logicalDevices[0]?.logicalNodes.find(({ name }) => name === 'GGIO1');
    ggio?.dataObjects.unshift(mode('Mod'), mode('Beh'));
    const client = Loopback.open({ iedModel: model, writable: ['SV'] });
    const setMode = (value: string): void => update(client, 'RELAYPROT/GGIO1.Mod.stVal[ST]', value);
    update(client, IND, false);
    setMode('test');
    assert.deepEqual(shown(client, IND), [false, 'good, test']);
    client.write(`${SV}$subVal`, TRUE);
    client.write(`${SV}$subEna`, TRUE);
    assert.deepEqual(shown(client, IND), [true, 'good, substituted, test']);
    setMode('on');
    assert.deepEqual(shown(client, IND), [true, 'good, substituted']);
    client.write(`${SV}$subEna`, FALSE);
    assert.deepEqual(shown(client, IND), [false, 'good']);
    client.write(`${SV}$subEna`, TRUE);
    setMode('test');
    assert.deepEqual(shown(client, IND), [true, 'good, substituted, test']);
    client.write(`${SV}$subEna`, FALSE);
    assert.deepEqual(shown(client, IND), [false, 'good, test']);
    setMode('on');
    assert.deepEqual(shown(client, IND), [false, 'good']);
  });

  it('reaches sub data objects, such as the phases of a measurement', () => {
    const model = settingsModel();
    const phase = dataObject('phsA', 'CMV', [
      struct('MX', 'cVal', struct('MX', 'mag', da('MX', 'f', 'FLOAT32'))),
      da('MX', 'q', 'Quality'),
      da('SV', 'subEna', 'BOOLEAN'),
      struct('SV', 'subCVal', struct('SV', 'mag', da('SV', 'f', 'FLOAT32'))),
    ]);
    model.logicalDevices[0]?.logicalNodes.push(
      logicalNode('MMXU1', [dataObject('A', 'WYE', [], { dataObjects: [phase] })]),
    );
    const client = Loopback.open({ iedModel: model, writable: ['SV'] });
    client.write('RELAYPROT/MMXU1$SV$A$phsA$subCVal$mag$f', float(3));
    client.write('RELAYPROT/MMXU1$SV$A$phsA$subEna', TRUE);
    assert.deepEqual(shown(client, 'RELAYPROT/MMXU1.A.phsA'), [3, 'good, substituted']);
  });
});

describe('Blocking by blkEna', () => {
  const BLK = 'RELAYPROT/GGIO1$BL$Ind1$blkEna';

  it('freezes the value with operatorBlocked and oldData, and lets it go with what the process gave meanwhile', () => {
    const client = open();
    update(client, IND, true);
    assert.equal(client.write(BLK, TRUE), undefined);
    assert.deepEqual(shown(client, IND), [true, 'questionable (oldData), operatorBlocked']);
    update(client, IND, false);
    assert.deepEqual(shown(client, IND), [true, 'questionable (oldData), operatorBlocked']);
    assert.equal(client.write(BLK, FALSE), undefined);
    assert.deepEqual(shown(client, IND), [false, 'good']);
  });

  it('stays when a substitution over it ends', () => {
    const client = open();
    update(client, IND, true);
    client.write(BLK, TRUE);
    update(client, IND, false);
    client.write(`${SV}$subEna`, TRUE);
    assert.deepEqual(shown(client, IND), [false, 'questionable (oldData), substituted, operatorBlocked']);
    client.write(`${SV}$subEna`, FALSE);
    assert.deepEqual(shown(client, IND), [true, 'questionable (oldData), operatorBlocked']);
    client.write(BLK, FALSE);
    assert.deepEqual(shown(client, IND), [false, 'good']);
  });
});
