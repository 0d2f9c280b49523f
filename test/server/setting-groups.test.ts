/** Setting groups (IEC 61850-7-2 §16), by the UCA test group sSg. */
import assert from 'node:assert/strict';
import sinon from 'sinon';
import { ArgumentError } from '../../src/errors.js';
import type { MmsData } from '../../src/mms/data.js';
import { AccessError } from '../../src/server/selection.js';
import { ValueStore } from '../../src/server/value-store.js';
import { EVERYTHING } from '../../src/server/rights.js';
import { Loopback } from './loopback.js';
import { settingsModel } from './settings-model.js';

const SGCB = 'RELAYPROT/LLN0$SP$SGCB';
const ACTIVE = 'RELAYPROT/PTOC1$SG$StrVal$setMag$f';
const EDITED = 'RELAYPROT/PTOC1$SE$StrVal$setMag$f';
const { temporarilyUnavailable, objectAccessDenied, objectValueInvalid, typeInconsistent } = AccessError;

const unsigned = (value: number): MmsData => ({ type: 'unsigned', value });
const float = (value: number): MmsData => ({ type: 'float', value, width: 32 });
const TRUE: MmsData = { type: 'boolean', value: true };

const open = (writable: ('SG' | 'SE')[] = ['SG', 'SE']): Loopback =>
  Loopback.open({ iedModel: settingsModel(), writable });
const second = (first: Loopback): Loopback => Loopback.open({ core: first.core });
const plain = (data: MmsData | number): unknown => (typeof data === 'object' && 'value' in data ? data.value : data);

function actions(client: Loopback): unknown[] {
  return client.events
    .filter(([name]) => name === 'settingGroup')
    .map(([, event]) => {
      const { action, group, client: who } = event as { action: string; group: number; client?: { port: number } };
      return [action, group, who !== undefined];
    });
}

describe('Setting groups', () => {
  it('show each setting as SG and as SE, whichever of both the file has', () => {
    const client = open();
    const { names } = client.names('RELAYPROT');
    for (const node of ['PTOC1', 'PTOC2']) {
      for (const fc of ['SG', 'SE']) assert.ok(names.includes(`${node}$${fc}$OpDlTmms$setVal`), `${node} ${fc}`);
    }
    assert.deepEqual(client.core.problems.list, []);
  });

  it('start with the values that the file gives the active group (sSg1)', () => {
    const client = Loopback.open({ iedModel: settingsModel({ active: 2 }) });
    assert.equal(plain(client.value(ACTIVE)), 2.5);
    assert.equal(plain(client.value('RELAYPROT/PTOC1$SG$OpDlTmms$setVal')), 200);
    assert.deepEqual(
      ['NumOfSG', 'ActSG', 'EditSG'].map((name) => plain(client.value(`${SGCB}$${name}`))),
      [3, 2, 0],
    );
  });

  it('change all settings at once when a client chooses another group (sSg2)', () => {
    const client = open();
    const apply = sinon.spy(ValueStore.prototype, 'apply');
    assert.equal(client.write(`${SGCB}$ActSG`, unsigned(2)), undefined);
    assert.equal(plain(client.value(ACTIVE)), 2.5);
    assert.equal(plain(client.value('RELAYPROT/PTOC2$SG$OpDlTmms$setVal')), 200);
    assert.equal(plain(client.value(`${SGCB}$ActSG`)), 2);
    const activated = client.value(`${SGCB}$LActTm`) as MmsData & { seconds: number };
    assert.ok(activated.seconds > 1_600_000_000);
    // Three settings, ActSG and LActTm.
    assert.deepEqual(
      apply.args.map(([values]) => values.size),
      [5],
    );
    apply.restore();
    assert.deepEqual(actions(client), [['activated', 2, true]]);
  });

  it('are edited: select, write, confirm, release (sSg3)', () => {
    const client = open();
    assert.equal(client.write(`${SGCB}$EditSG`, unsigned(2)), undefined);
    assert.equal(plain(client.value(EDITED)), 2.5);
    assert.equal(client.write(EDITED, float(9)), undefined);
    assert.equal(plain(client.value(EDITED)), 9);
    assert.equal(plain(client.value(ACTIVE)), 1.5);
    assert.equal(client.write(`${SGCB}$CnfEdit`, TRUE), undefined);
    assert.equal(plain(client.value(`${SGCB}$CnfEdit`)), false);
    assert.equal(plain(client.value(`${SGCB}$EditSG`)), 0);
    // A client that releases what is released already has no error to tell.
    assert.equal(client.write(`${SGCB}$EditSG`, unsigned(0)), undefined);
    assert.equal(plain(client.value(ACTIVE)), 1.5);
    assert.equal(client.write(`${SGCB}$ActSG`, unsigned(2)), undefined);
    assert.equal(plain(client.value(ACTIVE)), 9);
    assert.deepEqual(actions(client), [
      ['selected', 2, true],
      ['confirmed', 2, true],
      ['released', 2, true],
      ['activated', 2, true],
    ]);
    assert.deepEqual(
      client.written.map(({ reference, value }) => [reference, value]),
      [['RELAYPROT/PTOC1.StrVal.setMag.f[SE]', 9]],
    );
  });

  it('take new values at once when the group that was edited is the active one', () => {
    const client = open();
    client.write(`${SGCB}$EditSG`, unsigned(1));
    client.write(EDITED, float(7));
    assert.equal(client.write(`${SGCB}$CnfEdit`, TRUE), undefined);
    assert.equal(plain(client.value(ACTIVE)), 7);
  });

  it('forget what was not confirmed (sSg4)', () => {
    const client = open();
    client.write(`${SGCB}$EditSG`, unsigned(1));
    client.write(EDITED, float(7));
    assert.equal(client.write(`${SGCB}$EditSG`, unsigned(0)), undefined);
    client.write(`${SGCB}$EditSG`, unsigned(1));
    assert.equal(plain(client.value(EDITED)), 1.5);
  });

  it('have no edited values while nobody edits (sSgN1)', () => {
    const client = open();
    assert.equal(client.value(EDITED), temporarilyUnavailable);
    assert.equal(client.write(EDITED, float(1)), temporarilyUnavailable);
    assert.equal(client.write(`${SGCB}$CnfEdit`, TRUE), temporarilyUnavailable);
  });

  it('refuse groups that do not exist, and values of another type (sSgN2)', () => {
    const client = open();
    for (const wrong of [0, 4, 255]) {
      assert.equal(client.write(`${SGCB}$ActSG`, unsigned(wrong)), objectValueInvalid, `ActSG ${wrong}`);
    }
    assert.equal(client.write(`${SGCB}$EditSG`, unsigned(4)), objectValueInvalid);
    assert.equal(client.write(`${SGCB}$ActSG`, { type: 'integer', value: 2 }), typeInconsistent);
    assert.equal(client.write(`${SGCB}$CnfEdit`, unsigned(1)), typeInconsistent);
    for (const name of ['NumOfSG', 'LActTm', 'ResvTms']) {
      assert.equal(client.write(`${SGCB}$${name}`, unsigned(1)), objectAccessDenied, name);
    }
    assert.equal(client.write(ACTIVE, float(1)), objectAccessDenied);
    assert.equal(plain(client.value(`${SGCB}$ActSG`)), 1);
    assert.deepEqual(actions(client), []);
  });

  it('are edited by one client at a time, and free when it leaves (sSgN3)', () => {
    const first = open();
    const other = second(first);
    first.write(`${SGCB}$EditSG`, unsigned(2));
    assert.equal(other.write(`${SGCB}$EditSG`, unsigned(3)), temporarilyUnavailable);
    assert.equal(other.write(`${SGCB}$EditSG`, unsigned(0)), temporarilyUnavailable);
    assert.equal(other.write(EDITED, float(1)), temporarilyUnavailable);
    assert.equal(other.write(`${SGCB}$CnfEdit`, TRUE), temporarilyUnavailable);
    assert.equal(plain(other.value(EDITED)), 2.5);
    first.write(EDITED, float(8));
    first.connection.disconnected(0);
    assert.equal(other.value(EDITED), temporarilyUnavailable);
    assert.equal(other.write(`${SGCB}$EditSG`, unsigned(2)), undefined);
    assert.equal(plain(other.value(EDITED)), 2.5);
  });

  it('are free again when the editing client is silent for the reservation time', () => {
    const clock = sinon.useFakeTimers({ now: Date.parse('2026-01-01T00:00:00Z') });
    try {
      const client = open();
      client.write(`${SGCB}$EditSG`, unsigned(2));
      assert.equal(plain(client.value(`${SGCB}$ResvTms`)), 300);
      clock.tick(200_000);
      assert.equal(plain(client.value(`${SGCB}$ResvTms`)), 100);
      client.write(EDITED, float(8));
      clock.tick(299_000);
      assert.equal(plain(client.value(`${SGCB}$EditSG`)), 2);
      clock.tick(1000);
      assert.equal(plain(client.value(`${SGCB}$EditSG`)), 0);
      assert.equal(plain(client.value(`${SGCB}$ResvTms`)), 0);
      assert.equal(client.write(`${SGCB}$CnfEdit`, TRUE), temporarilyUnavailable);
      assert.deepEqual(actions(client).at(-1), ['released', 2, false]);
    } finally {
      clock.restore();
    }
  });

  it('are changed by nobody unless the owner said so, each service by itself', () => {
    const none = open([]);
    assert.equal(none.write(`${SGCB}$ActSG`, unsigned(2)), objectAccessDenied);
    assert.equal(none.write(`${SGCB}$EditSG`, unsigned(2)), objectAccessDenied);
    const activate = open(['SG']);
    assert.equal(activate.write(`${SGCB}$ActSG`, unsigned(2)), undefined);
    assert.equal(activate.write(`${SGCB}$EditSG`, unsigned(2)), objectAccessDenied);
    assert.equal(activate.write(ACTIVE, float(1)), objectAccessDenied);
    const edit = open(['SE']);
    assert.equal(edit.write(`${SGCB}$ActSG`, unsigned(2)), objectAccessDenied);
    assert.equal(edit.write(`${SGCB}$EditSG`, unsigned(2)), undefined);
  });

  it('need the right to setting groups', () => {
    const client = open();
    const opened = sinon.spy(client.core, 'opened');
    const other = second(client);
    const session = opened.firstCall.args[0];
    session.rights = { role: 'viewer', allows: (right) => right !== 'settingGroups' };
    assert.equal(other.write(`${SGCB}$ActSG`, unsigned(2)), objectAccessDenied);
    assert.equal(other.write(`${SGCB}$EditSG`, unsigned(2)), objectAccessDenied);
    session.rights = EVERYTHING;
    assert.equal(other.write(`${SGCB}$EditSG`, unsigned(2)), undefined);
    session.rights = { role: 'viewer', allows: (right) => right !== 'settingGroups' };
    assert.equal(other.write(EDITED, float(3)), objectAccessDenied);
  });

  it('ask the owner about each edited value', () => {
    const client = open();
    client.core.decideWrites(({ value }) => (value === 13 ? objectValueInvalid : undefined));
    client.write(`${SGCB}$EditSG`, unsigned(2));
    assert.equal(client.write(EDITED, float(13)), objectValueInvalid);
    assert.equal(plain(client.value(EDITED)), 2.5);
    assert.equal(client.write(EDITED, float(12)), undefined);
  });

  it('ask the owner about the choice of another active group', () => {
    const client = open();
    const asked: unknown[] = [];
    client.core.decideWrites(({ reference, fc, value }) => {
      asked.push([reference, fc, value]);
      return value === 3 ? objectAccessDenied : undefined;
    });
    assert.equal(client.write(`${SGCB}$ActSG`, unsigned(3)), objectAccessDenied);
    assert.equal(plain(client.value(`${SGCB}$ActSG`)), 1);
    assert.equal(client.write(`${SGCB}$ActSG`, unsigned(2)), undefined);
    assert.equal(plain(client.value(`${SGCB}$ActSG`)), 2);
    assert.deepEqual(asked, [
      ['RELAYPROT/LLN0.SGCB.ActSG[SP]', 'SP', 3],
      ['RELAYPROT/LLN0.SGCB.ActSG[SP]', 'SP', 2],
    ]);
  });

  it('are chosen and set by the owner as well', () => {
    const client = open();
    const { settingGroups } = client.core;
    settingGroups.activate(3);
    assert.equal(plain(client.value(ACTIVE)), 3.5);
    assert.deepEqual(settingGroups.list(), [{ logicalDevice: 'RELAYPROT', numberOfGroups: 3, active: 3, edited: 0 }]);
    assert.deepEqual(actions(client), [['activated', 3, false]]);
    client.core.update([{ reference: 'RELAYPROT/PTOC1.StrVal.setMag.f[SG]', value: 30 }], 0);
    settingGroups.activate(1);
    settingGroups.activate(3, 'RELAYPROT');
    assert.equal(plain(client.value(ACTIVE)), 30);
    assert.throws(() => settingGroups.activate(4), ArgumentError);
    assert.throws(() => settingGroups.activate(1, 'NOPE'), ArgumentError);
  });

  it('of a file with impossible numbers are served as far as they are sound', () => {
    const client = Loopback.open({ iedModel: settingsModel({ groups: 0, active: 9 }), writable: ['SG'] });
    assert.equal(plain(client.value(`${SGCB}$NumOfSG`)), 1);
    assert.equal(plain(client.value(`${SGCB}$ActSG`)), 1);
    assert.equal(client.core.problems.list.length, 1);
  });
});
