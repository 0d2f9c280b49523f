/** A model with every control model and every controllable class, and what tests write to it. */
import assert from 'node:assert/strict';
import sinon from 'sinon';
import type { MmsData } from '../../src/mms/data.js';
import { decodeMmsPdu, type MmsPdu } from '../../src/mms/pdu.js';
import { decodeServiceResponse, encodeServiceRequest, type ServiceRequest } from '../../src/mms/services.js';
import { BerReader } from '../../src/mms/wire.js';
import type { BasicType, DataAttribute, DataObject, IedModel } from '../../src/model/ied-model.js';
import { msToUtcTime } from '../../src/model/timestamp.js';
import { decodeDataPpdu } from '../../src/osi/presentation.js';
import type { Controlled } from '../../src/server/control/control-handler.js';
import { da, dataObject, logicalNode, struct } from './fixture.js';
import { Loopback, nameOf, type LoopbackOptions, type ResponseOf } from './loopback.js';

const OR_CAT = {
  enumLiterals: Object.fromEntries(
    ['not-supported', 'bay-control', 'station-control', 'remote-control', 'automatic-bay', 'automatic-station']
      .concat(['automatic-remote', 'maintenance', 'process'])
      .map((text, i) => [i, text]),
  ),
};
const CTL_MODEL = {
  enumLiterals: {
    0: 'status-only',
    1: 'direct-with-normal-security',
    2: 'sbo-with-normal-security',
    3: 'direct-with-enhanced-security',
    4: 'sbo-with-enhanced-security',
  },
};
const QUALIFIER = { enumLiterals: { 0: 'pulse', 1: 'persistent', 2: 'persistent-feedback' } };

export interface ObjectOptions {
  model: 0 | 1 | 2 | 3 | 4;
  /** Type of ctlVal; a structure for APC. */
  value?: BasicType;
  /** Attributes of the status. */
  status?: DataAttribute[];
  /** Further attributes of CF. */
  configuration?: DataAttribute[];
  /** Time-activated operate. */
  timed?: boolean;
}

const origin = (fc: 'ST' | 'MX' | 'CO'): DataAttribute =>
  struct(fc, 'origin', da(fc, 'orCat', 'Enum', OR_CAT), da(fc, 'orIdent', 'Octet64'));

/** A controllable data object with the members of Edition 2. */
export function controllable(name: string, cdc: string, options: ObjectOptions): DataObject {
  const fc = cdc === 'APC' || cdc === 'BAC' ? 'MX' : 'ST';
  const ctlVal = (): DataAttribute =>
    cdc === 'APC'
      ? struct('CO', 'ctlVal', da('CO', 'f', 'FLOAT32'))
      : da('CO', 'ctlVal', options.value ?? 'BOOLEAN', cdc === 'ENC' ? { enumLiterals: MODES } : {});
  const service = (serviceName: string, withCheck: boolean): DataAttribute =>
    struct(
      'CO',
      serviceName,
      ctlVal(),
      ...(options.timed ? [da('CO', 'operTm', 'Timestamp')] : []),
      origin('CO'),
      da('CO', 'ctlNum', 'INT8U'),
      da('CO', 'T', 'Timestamp'),
      da('CO', 'Test', 'BOOLEAN'),
      ...(withCheck ? [da('CO', 'Check', 'Check')] : []),
    );
  return dataObject(name, cdc, [
    ...(options.model === 2 ? [da('CO', 'SBO', 'VisString129')] : []),
    ...(options.model === 4 ? [service('SBOw', true)] : []),
    ...(options.model === 0 ? [] : [service('Oper', true), service('Cancel', false)]),
    origin(fc),
    da(fc, 'ctlNum', 'INT8U'),
    ...(options.status ?? [da('ST', 'stVal', cdc === 'DPC' ? 'Dbpos' : 'BOOLEAN', { dchg: true })]),
    da(fc, 'q', 'Quality'),
    da(fc, 't', 'Timestamp'),
    da(fc, 'stSeld', 'BOOLEAN', { dchg: true }),
    da('OR', 'opRcvd', 'BOOLEAN', { dchg: true }),
    da('OR', 'opOk', 'BOOLEAN', { dchg: true }),
    da('OR', 'tOpOk', 'Timestamp'),
    da('CF', 'ctlModel', 'Enum', { ...CTL_MODEL, value: String(options.model) }),
    da('CF', 'sboTimeout', 'INT32U', { value: '5000' }),
    da('CF', 'sboClass', 'Enum', { enumLiterals: { 0: 'operate-once', 1: 'operate-many' }, value: '0' }),
    da('CF', 'operTimeout', 'INT32U', { value: '3000' }),
    ...(options.configuration ?? []),
  ]);
}

const MODES = { 1: 'on', 2: 'on-blocked', 3: 'test', 4: 'test/blocked', 5: 'off' };
const mode = (name: string): DataObject =>
  dataObject(name, 'ENS', [
    da('ST', 'stVal', 'Enum', { enumLiterals: MODES, value: '1', dchg: true }),
    da('ST', 'q', 'Quality', { value: '0000000000000' }),
    da('ST', 't', 'Timestamp'),
  ]);
const flag = (name: string): DataObject =>
  dataObject(name, 'SPS', [
    da('ST', 'stVal', 'BOOLEAN', { dchg: true }),
    da('ST', 'q', 'Quality'),
    da('ST', 't', 'Timestamp'),
  ]);
const number = (basicType: BasicType): DataAttribute[] => [
  da('ST', 'stVal', basicType, { dchg: true, ...(basicType === 'Enum' && { enumLiterals: MODES }) }),
];
const pulse = (cmdQual: number, onDur: number, offDur: number, numPls: number): DataAttribute =>
  struct(
    'CF',
    'pulseConfig',
    da('CF', 'cmdQual', 'Enum', { ...QUALIFIER, value: String(cmdQual) }),
    da('CF', 'onDur', 'INT32U', { value: String(onDur) }),
    da('CF', 'offDur', 'INT32U', { value: String(offDur) }),
    da('CF', 'numPls', 'INT32U', { value: String(numPls) }),
  );
const position = (basicType: 'INT8' | 'INT32'): DataAttribute[] => [
  struct('ST', 'valWTr', da('ST', 'posVal', basicType, { dchg: true }), da('ST', 'transInd', 'BOOLEAN')),
];
const limits = (low: number, high: number): DataAttribute[] => [
  da('CF', 'minVal', 'INT32', { value: String(low) }),
  da('CF', 'maxVal', 'INT32', { value: String(high) }),
];
const analogueLimits = (low: number, high: number): DataAttribute[] => [
  struct('CF', 'minVal', da('CF', 'f', 'FLOAT32', { value: String(low) })),
  struct('CF', 'maxVal', da('CF', 'f', 'FLOAT32', { value: String(high) })),
];
const measured = (): DataAttribute[] => [struct('MX', 'mxVal', da('MX', 'f', 'FLOAT32', { dchg: true }))];

/** `CTLLD1/GGIO1.SPCSO1` to `SPCSO4` and those of GGIO3 have the control model of their number, `SPCSO5` is status-only. */
export function controlModel(more: Partial<IedModel> = {}): IedModel {
  return {
    name: 'CTL',
    edition: '2',
    logicalDevices: [
      {
        name: 'CTLLD1',
        inst: 'LD1',
        logicalNodes: [
          logicalNode('LLN0', [
            controllable('Mod', 'ENC', { model: 1, value: 'Enum', status: number('Enum') }),
            mode('Beh'),
            flag('Loc'),
            flag('LocKey'),
            controllable('LocSta', 'SPC', { model: 1 }),
            dataObject('MltLev', 'SPG', [da('SP', 'setVal', 'BOOLEAN')]),
          ]),
          logicalNode('GGIO1', [
            mode('Beh'),
            ...([1, 2, 3, 4] as const).map((model) =>
              controllable(`SPCSO${model}`, 'SPC', { model, timed: true, configuration: [pulse(1, 0, 0, 1)] }),
            ),
            controllable('SPCSO5', 'SPC', { model: 0 }),
            controllable('SPCSO6', 'SPC', { model: 3, configuration: [pulse(0, 100, 50, 3)] }),
          ]),
          // Without operTm, which some clients do not know.
          logicalNode(
            'GGIO3',
            ([1, 2, 3, 4] as const).map((model) => controllable(`SPCSO${model}`, 'SPC', { model })),
          ),
          logicalNode('CSWI1', [mode('Beh'), flag('CmdBlk'), controllable('Pos', 'DPC', { model: 4 })]),
          logicalNode('XSWI1', [flag('Loc'), controllable('Pos', 'DPC', { model: 1 })]),
          logicalNode('GGIO2', [
            controllable('ISCSO1', 'INC', {
              model: 3,
              value: 'INT32',
              status: number('INT32'),
              configuration: limits(-5, 60),
            }),
            controllable('EnCSO1', 'ENC', { model: 3, value: 'Enum', status: number('Enum') }),
            controllable('TapChg', 'BSC', {
              model: 3,
              value: 'Tcmd',
              status: position('INT8'),
              configuration: limits(-2, 2),
            }),
            controllable('TapPos', 'ISC', {
              model: 3,
              value: 'INT8',
              status: position('INT8'),
              configuration: limits(1, 17),
            }),
            controllable('AnOut', 'APC', { model: 3, status: measured(), configuration: analogueLimits(0, 60) }),
            controllable('VolSpt', 'BAC', { model: 3, value: 'Tcmd', status: measured() }),
          ]),
        ],
      },
    ],
    ...more,
  };
}

export interface Parameters {
  ctlVal?: MmsData;
  operTm?: number;
  orCat?: number;
  orIdent?: string;
  ctlNum?: number;
  t?: number;
  test?: boolean;
  /** Synchrocheck, interlock-check. */
  check?: string;
}

export const on: MmsData = { type: 'boolean', value: true };
export const off: MmsData = { type: 'boolean', value: false };

const time = (ms: number): MmsData => ({ type: 'utc-time', ...msToUtcTime(ms), quality: 0 });

/** What LastApplError says. */
export interface Explanation {
  object: string;
  error: number;
  orCat: number;
  orIdent: string;
  ctlNum: number;
  addCause: number;
}

/** What the server sent: an answer, LastApplError, or a termination with its error if it is negative. */
export type Arrival =
  | { arrived: 'answer' }
  | { arrived: 'explanation'; explanation: Explanation }
  | { arrived: 'termination'; object: string; written: MmsData; explanation?: Explanation };

/** A client that commands. */
export class ControlClient extends Loopback {
  static connect(options: LoopbackOptions = {}): ControlClient {
    const client = new ControlClient({ iedModel: controlModel(), ...options });
    client.connect();
    if (!client.negotiated) throw client.clientEnd?.error ?? new Error('no association');
    client.sent = [];
    return client;
  }

  /** Another client of the same server. */
  another(): ControlClient {
    return ControlClient.connect({ core: this.core });
  }

  /** What the server told its owner of commands. */
  get controlled(): Controlled[] {
    return this.events.filter(([name]) => name === 'controlled').map(([, event]) => event as Controlled);
  }

  /** Kind and result of each command, `operate accepted`. */
  get told(): string[] {
    return this.controlled.map(({ kind, result }) => `${kind} ${result}`);
  }

  /** What came since the last look. */
  arrivals(): Arrival[] {
    this.settle();
    const { sent } = this;
    this.sent = [];
    return sent.flatMap((octets) => {
      const { start, end } = decodeDataPpdu(octets, PPDU_AT, octets.length);
      return arrivalOf(decodeMmsPdu(octets, start, end)) ?? [];
    });
  }

  /** The AddCause that came with a negative answer; undefined without one. */
  addCause(): number | undefined {
    const [first, second] = this.arrivals();
    assert.ok(first?.arrived !== 'explanation' || second?.arrived === 'answer', 'it comes before the answer');
    return first?.arrived === 'explanation' ? first.explanation.addCause : undefined;
  }

  operate(object: string, parameters: Parameters = {}): number | undefined {
    return this.service(object, 'Oper', parameters);
  }

  selectWithValue(object: string, parameters: Parameters = {}): number | undefined {
    return this.service(object, 'SBOw', parameters);
  }

  cancel(object: string, parameters: Parameters = {}): number | undefined {
    return this.service(object, 'Cancel', parameters);
  }

  /** The answer to reading SBO. */
  select(object: string): string | number {
    const data = this.value(`${placeOf(object)}$SBO`);
    return typeof data === 'object' && data.type === 'visible-string' ? data.value : Number(data);
  }

  /** Asks without waiting: the answer comes when others have decided. */
  later<R extends ServiceRequest>(request: R): Promise<ResponseOf<R['service']>> {
    return new Promise((resolve, reject) => {
      this.association.request(
        encodeServiceRequest(request),
        {
          response: (octets, start, end) => {
            const reader = new BerReader(octets, start, end);
            reader.next();
            resolve(decodeServiceResponse(reader) as ResponseOf<R['service']>);
          },
          failed: reject,
        },
        0,
      );
      this.settle();
    });
  }

  /** Status attribute as the owner reads it. */
  shown(reference: string): unknown {
    return this.core.read(`CTLLD1/${reference}`).value;
  }

  private service(object: string, service: 'Oper' | 'SBOw' | 'Cancel', parameters: Parameters): number | undefined {
    this.sent = [];
    return this.write(`${placeOf(object)}$${service}`, this.structure(object, service, parameters));
  }

  /** The structure with the members that the model has. */
  structure(object: string, service: string, parameters: Parameters): MmsData {
    const name = nameOf(`${placeOf(object)}$${service}`);
    const { type } = this.request({ service: 'getVariableAccessAttributes', name });
    this.sent = [];
    assert.ok(type.type === 'structure');
    return { type: 'structure', items: type.components.map((member) => memberData(member.name, parameters)) };
  }
}

/** TPKT, COTP and session headers of data take so many octets. */
const PPDU_AT = 11;

/** `GGIO1.SPCSO1` as `CTLLD1/GGIO1$CO$SPCSO1`. */
export function placeOf(object: string): string {
  const [logicalNode, dataObject] = object.split('.');
  return `CTLLD1/${logicalNode}$CO$${dataObject}`;
}

function memberData(name: string, parameters: Parameters): MmsData {
  const { ctlVal = on, operTm = 0, orCat = 3, orIdent = 'desk', ctlNum = 1, t = Date.now() } = parameters;
  switch (name) {
    case 'ctlVal':
      return ctlVal;
    case 'operTm':
      return time(operTm);
    case 'origin':
      return {
        type: 'structure',
        items: [
          { type: 'integer', value: orCat },
          { type: 'octet-string', octets: Buffer.from(orIdent) },
        ],
      };
    case 'ctlNum':
      return { type: 'unsigned', value: ctlNum };
    case 'T':
      return time(t);
    case 'Test':
      return { type: 'boolean', value: parameters.test ?? false };
    default:
      return { type: 'bit-string', bits: parameters.check ?? '00' };
  }
}

function arrivalOf(pdu: MmsPdu): Arrival | undefined {
  if (pdu.pdu === 'confirmed-response') return { arrived: 'answer' };
  if (pdu.pdu !== 'information-report' || !('list' in pdu.access)) return undefined;
  const values = pdu.results.map((result) => {
    assert.ok(result.success);
    return result.data;
  });
  const names = pdu.access.list.map(({ name }) =>
    name.scope === 'domain' ? `${name.domain}/${name.item}` : name.item,
  );
  const explained = names.indexOf('LastApplError');
  const explanation = explained < 0 ? undefined : explanationOf(values[explained] as MmsData);
  const operated = names.findIndex((name) => name.endsWith('$Oper'));
  if (operated < 0) return explanation && { arrived: 'explanation', explanation };
  return {
    arrived: 'termination',
    object: names[operated] as string,
    written: values[operated] as MmsData,
    ...(explanation && { explanation }),
  };
}

function explanationOf(data: MmsData): Explanation {
  assert.ok(data.type === 'structure');
  const [object, error, origin, ctlNum, addCause] = data.items;
  assert.ok(object?.type === 'visible-string' && error?.type === 'integer' && origin?.type === 'structure');
  assert.ok(ctlNum?.type === 'unsigned' && addCause?.type === 'integer' && data.items.length === 5);
  const [orCat, orIdent] = origin.items;
  assert.ok(orCat?.type === 'integer' && orIdent?.type === 'octet-string');
  return {
    object: object.value,
    error: Number(error.value),
    orCat: Number(orCat.value),
    orIdent: orIdent.octets.toString(),
    ctlNum: Number(ctlNum.value),
    addCause: Number(addCause.value),
  };
}

/** A clock that stands still, but for what a test lets pass. */
export function stoppedClock(): sinon.SinonFakeTimers {
  return sinon.useFakeTimers({
    now: Date.UTC(2026, 0, 31),
    toFake: ['Date', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'setImmediate', 'clearImmediate'],
  });
}

/** Closes the server, and sees that no timer of it is left. */
export async function closeServer({ core }: ControlClient, clock: sinon.SinonFakeTimers): Promise<void> {
  try {
    await core.stop();
    await clock.tickAsync(1);
    assert.equal(clock.countTimers(), 0, 'timers are left');
  } finally {
    clock.restore();
  }
}
