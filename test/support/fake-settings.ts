/** An IED with setting groups, for tests of the client: three groups of three settings, which misbehaves as a test wants. */
import type { MmsData } from '../../src/mms/data.js';
import { ObjectClass, type ServiceRequest, type ServiceResponse } from '../../src/mms/services.js';
import type { TypeDescription } from '../../src/mms/type-description.js';
import { FakeIed, type FakeVariable } from './fake-ied.js';

const FLOAT: TypeDescription = { type: 'float', formatWidth: 32, exponentWidth: 8 };
const INT32: TypeDescription = { type: 'integer', size: 32 };
const INT8U: TypeDescription = { type: 'unsigned', size: 8 };
const structure = (members: Record<string, TypeDescription>): TypeDescription => ({
  type: 'structure',
  components: Object.entries(members).map(([name, type]) => ({ name, type })),
});

/** Settings by their path below `PTOC1$SG$`, with the type of the data object around each. */
const SETTINGS: Record<string, { leaf: TypeDescription; object: TypeDescription }> = {
  StrVal$setMag$f: { leaf: FLOAT, object: structure({ setMag: structure({ f: FLOAT }) }) },
  OpDlTmms$setVal: { leaf: INT32, object: structure({ setVal: INT32 }) },
  RsDlTmms$setVal: { leaf: INT32, object: structure({ setVal: INT32 }) },
};
const SGCB = 'LLN0$SP$SGCB';
const TYPE_INCONSISTENT = 7;

type Group = Record<string, number>;

export interface FakeSettingsOptions {
  /** DataAccessError by the item that is written, `SGCB$EditSG` or `StrVal$setMag$f`. */
  refuse?(item: string, value: number | boolean): number | undefined;
  /** What the IED does in place of an answer, by service and item; a write that it does not answer is done all the same. */
  instead?(service: string, item: string, value: number | boolean | undefined): 'silent' | 'close' | undefined;
  /** The value that is kept for what was written, as by an IED with steps. */
  keeps?(item: string, value: number): number;
  /** Goes on showing EditSG after a confirmation, until it is released. */
  keepsEditing?: boolean;
  /** Shows the group that was activated only after so many reads of the control block; never with Infinity. */
  activationReads?: number;
  /** Without ResvTms, as Edition 1. */
  edition1?: boolean;
  /** Numbers of groups are signed, and taken in no other form. */
  signed?: boolean;
  /** EditSG that another client holds. */
  heldByOther?: number;
}

export class FakeSettings {
  readonly ied: FakeIed;
  readonly groups: Record<number, Group> = {};
  active = 1;
  editing: number;
  /** Items that were written, in order, with their values. */
  readonly writes: [item: string, value: number | boolean][] = [];
  private buffer: Group = {};
  private activation: { group: number; reads: number } | undefined;

  constructor(readonly options: FakeSettingsOptions = {}) {
    this.editing = options.heldByOther ?? 0;
    for (const group of [1, 2, 3])
      this.groups[group] = { StrVal$setMag$f: group, OpDlTmms$setVal: 100 * group, RsDlTmms$setVal: 10 * group };
    this.ied = new FakeIed({ variables: this.variables(), answer: (request) => this.answer(request) });
  }

  private variables(): Record<string, FakeVariable> {
    const groupNumber: TypeDescription = this.options.signed ? { type: 'integer', size: 8 } : INT8U;
    const components: Record<string, TypeDescription> = {
      NumOfSG: groupNumber,
      ActSG: groupNumber,
      EditSG: groupNumber,
      CnfEdit: { type: 'boolean' },
      LActTm: { type: 'utc-time' },
      ...(!this.options.edition1 && { ResvTms: { type: 'unsigned', size: 16 } as const }),
    };
    const found: Record<string, FakeVariable> = {
      [`LD/${SGCB}`]: { type: structure(components), data: () => this.block() },
      'LD/PTOC1$SP$TmACrv': { type: structure({ setVal: INT32 }), data: { type: 'structure', items: [] } },
    };
    for (const [path, { leaf, object }] of Object.entries(SETTINGS)) {
      const [name = ''] = path.split('$');
      const nested = (fc: string): MmsData => {
        let data = dataOf(leaf, this.values(fc)[path] as number);
        for (let depth = path.split('$').length - 1; depth > 0; depth--) data = { type: 'structure', items: [data] };
        return data;
      };
      for (const fc of ['SG', 'SE']) {
        found[`LD/PTOC1$${fc}$${name}`] = { type: object, data: () => nested(fc) };
        found[`LD/PTOC1$${fc}$${path}`] = { type: leaf, data: () => dataOf(leaf, this.values(fc)[path] as number) };
      }
    }
    return found;
  }

  private values(fc: string): Group {
    return fc === 'SE' ? this.buffer : (this.groups[this.active] as Group);
  }

  private block(): MmsData {
    const { activation } = this;
    if (activation && activation.reads-- <= 0) {
      this.active = activation.group;
      this.activation = undefined;
    }
    const type = this.options.signed ? 'integer' : 'unsigned';
    const number = (value: number): MmsData => ({ type, value });
    return {
      type: 'structure',
      items: [
        number(3),
        number(this.active),
        number(this.editing),
        { type: 'boolean', value: false },
        { type: 'utc-time', seconds: 1_700_000_000, fraction: 0, quality: 0 },
        ...(this.options.edition1 ? [] : [number(this.editing ? 300 : 0)]),
      ],
    };
  }

  private answer(request: ServiceRequest): ServiceResponse | 'silent' | 'close' | undefined {
    if (request.service === 'getNameList') {
      if (request.objectClass !== ObjectClass.namedVariable) return undefined;
      const names = Object.keys(this.ied.options.variables ?? {}).map((name) => name.slice(3));
      return { service: 'getNameList', names: names.sort(), moreFollows: false };
    }
    if ((request.service !== 'read' && request.service !== 'write') || !('list' in request.access)) return undefined;
    const [name] = request.access.list.map((one) => one.name.item);
    const item = (name ?? '').replace(/^(PTOC1\$SE|LLN0\$SP)\$/, '');
    if (request.service === 'read') {
      const instead = this.options.instead?.('read', item, undefined);
      if (instead) return instead;
      const closed = this.editing === 0 && name?.includes('$SE$');
      return closed
        ? { service: 'read', results: request.access.list.map(() => ({ success: false, error: 2 })) }
        : undefined;
    }
    const [data] = request.data;
    const value = data && 'value' in data && typeof data.value !== 'bigint' ? (data.value as number | boolean) : NaN;
    this.writes.push([item, value]);
    const wrong = item.endsWith('SG') && data?.type !== (this.options.signed ? 'integer' : 'unsigned');
    const error = wrong ? TYPE_INCONSISTENT : (this.options.refuse?.(item, value) ?? this.write(item, value));
    const result = error === undefined ? ({ success: true } as const) : ({ success: false, error } as const);
    return this.options.instead?.('write', item, value) ?? { service: 'write', results: [result] };
  }

  /** @returns the DataAccessError, if there is one */
  private write(item: string, value: number | boolean): number | undefined {
    const { options } = this;
    const number = Number(value);
    switch (item) {
      case 'SGCB$ActSG':
        if (options.activationReads === undefined) this.active = number;
        else this.activation = { group: number, reads: options.activationReads };
        return undefined;
      case 'SGCB$EditSG':
        if (options.heldByOther !== undefined) return 2;
        this.editing = number;
        this.buffer = { ...this.groups[number] };
        return undefined;
      case 'SGCB$CnfEdit':
        this.groups[this.editing] = { ...this.buffer };
        if (!options.keepsEditing) this.editing = 0;
        return undefined;
      default:
        if (this.editing === 0 || !(item in this.buffer)) return 3;
        this.buffer[item] = options.keeps?.(item, number) ?? number;
        return undefined;
    }
  }
}

function dataOf(type: TypeDescription, value: number): MmsData {
  return type.type === 'float' ? { type: 'float', value, width: 32 } : { type: 'integer', value };
}
