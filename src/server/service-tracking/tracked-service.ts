/** What a client did, as a tracking object tells it (IEC 61850-7-3 §8). */
import type { AccessEvent } from '../access-log.js';
import type { Controlled } from '../control/control-handler.js';
import { ServiceName, ServiceStatus } from './service-names.js';

export interface TrackedService {
  /** Tracking objects that it goes to, the first of them that the model has. */
  trackers: readonly string[];
  serviceType: number;
  errorCode: number;
  /** Object of the service; empty for associations. */
  objRef: string;
  /** Text or octets that tell who it was. */
  originator: string;
  /** Further attributes of the tracking object by their names. */
  values?: Readonly<Record<string, unknown>>;
  /** Control block whose attributes the tracking object shows. */
  block?: string;
}

const GENERAL = 'GenTrk';
const CONTROL_TRACKERS: Readonly<Record<string, readonly string[]>> = {
  SPC: ['SpcTrk'],
  DPC: ['DpcTrk'],
  INC: ['IncTrk'],
  ENC: ['EncTrk1', 'EncTrk'],
  APC: ['ApcFTrk', 'ApcIntTrk'],
  BSC: ['BscTrk'],
  ISC: ['IscTrk'],
  BAC: ['BacTrk'],
};
const BLOCKS: Readonly<Record<string, readonly [tracker: string, serviceType: number]>> = {
  BR: ['BrcbTrk', ServiceName.setBRCBValues],
  RP: ['UrcbTrk', ServiceName.setURCBValues],
  LG: ['LocbTrk', ServiceName.setLCBValues],
  GO: ['GocbTrk', ServiceName.setGoCBValues],
  MS: ['MsvcbTrk', ServiceName.setMSVCBValues],
  US: ['UsvcbTrk', ServiceName.setUSVCBValues],
};
/** AddCauses that say more than that the state does not allow it. */
const STATUS_BY_CAUSE: Readonly<Record<number, number>> = {
  16: ServiceStatus.failedDueToServerConstraint,
  18: ServiceStatus.controlMustBeSelected,
  20: ServiceStatus.accessViolation,
  26: ServiceStatus.parameterValueInconsistent,
  27: ServiceStatus.instanceLockedByOtherClient,
};
const NO_CAUSE = 25;

/** A command, or how one ended. Undefined for selections that ended by themselves. */
export function trackedCommand(command: Controlled): TrackedService | undefined {
  const { result, reference, cdc, addCause, origin, value, ctlNum, test, client } = command;
  if (result === 'released') return undefined;
  const failed = result === 'refused' || result === 'failed';
  return {
    trackers: [...(CONTROL_TRACKERS[cdc] ?? []), GENERAL],
    serviceType: commandService(command),
    errorCode: failed
      ? (STATUS_BY_CAUSE[addCause?.code ?? 0] ?? ServiceStatus.accessNotAllowedInCurrentState)
      : ServiceStatus.noError,
    objRef: reference,
    originator: origin?.identifier || (client.apTitle ?? client.address),
    values: {
      ...(value !== null && { ctlVal: value }),
      ...(origin && { origin: { orCat: origin.category, orIdent: octetsOf(origin.identifier) } }),
      ...(ctlNum !== null && { ctlNum }),
      ...(command.time !== null && { T: command.time }),
      Test: test,
      Check: `${Number(command.synchroCheck)}${Number(command.interlockCheck)}`,
      respAddCause: addCause?.code ?? NO_CAUSE,
    },
  };
}

function commandService({ kind, result, model, operateAt }: Controlled): number {
  if (result === 'done' || result === 'failed') return ServiceName.commandTermination;
  if (kind === 'cancel') return ServiceName.cancel;
  if (kind === 'operate') {
    return result === 'scheduled' || operateAt !== null ? ServiceName.timeActivatedOperate : ServiceName.operate;
  }
  return model === 'sbo-with-enhanced-security' ? ServiceName.selectWithValue : ServiceName.select;
}

/** What else a client did. Undefined for commands, which are told with more, and for what is no service of ACSI. */
export function trackedAccess(event: AccessEvent): TrackedService | undefined {
  const { object, result, client, value } = event;
  const common = {
    objRef: object.replace(/\[\w+\]$/, ''),
    originator: client.name ?? client.apTitle ?? client.address,
    errorCode: { accepted: ServiceStatus.noError, refused: ServiceStatus.accessViolation, failed: 12 }[result],
  };
  const general = (serviceType: number | undefined): TrackedService | undefined =>
    serviceType === undefined ? undefined : { ...common, trackers: [GENERAL], serviceType };
  switch (event.action) {
    case 'connect':
      return general(ServiceName.associate);
    case 'disconnect':
      return general(event.reason === undefined ? ServiceName.release : ServiceName.abort);
    case 'write':
      return general(ServiceName.setDataValues);
    case 'dataSet':
      return general(event.operation === 'create' ? ServiceName.createDataSet : ServiceName.deleteDataSet);
    case 'file':
      return general(FILE_SERVICES[event.operation ?? '']);
    case 'settingGroup':
      return settingGroup(event, common, value);
    case 'controlBlock':
      return controlBlock(object, common);
    default:
      return undefined;
  }
}

type Common = Pick<TrackedService, 'objRef' | 'originator' | 'errorCode'>;

const FILE_SERVICES: Readonly<Record<string, number>> = {
  get: ServiceName.getFile,
  put: ServiceName.setFile,
  delete: ServiceName.deleteFile,
};
const GROUP_SERVICES: readonly (readonly [operation: string, attribute: string, serviceType: number])[] = [
  ['activated', 'ActSG', ServiceName.selectActiveSG],
  ['selected', 'EditSG', ServiceName.selectEditSG],
  ['confirmed', 'CnfEdit', ServiceName.confirmEditSGValues],
];

/** One that was taken has a name; one that was refused is known by the attribute that was written. */
function settingGroup({ operation, object }: AccessEvent, common: Common, group: unknown): TrackedService | undefined {
  if (operation === 'released') return undefined;
  const attribute = object
    .replace(/\[\w+\]$/, '')
    .split('.')
    .at(-1);
  const found = GROUP_SERVICES.find(([name, written]) => name === operation || written === attribute);
  const block = `${object.split('/')[0] ?? ''}/LLN0.SGCB[SP]`;
  return {
    ...common,
    ...(found && { objRef: block.slice(0, -'[SP]'.length) }),
    trackers: ['SgcbTrk', GENERAL],
    serviceType: found?.[2] ?? ServiceName.setEditSGValue,
    block,
    ...(operation === 'selected' && { values: { editSG: group } }),
  };
}

/** `LD/LN.name.RptEna[BR]`. */
function controlBlock(object: string, common: Common): TrackedService | undefined {
  const [, path = '', name = '', fc = ''] = /^([^/]+\/[^.]+)\.([^.[]+).*\[(\w+)\]$/.exec(object) ?? [];
  const found = BLOCKS[fc];
  return (
    found && {
      ...common,
      objRef: `${path}.${name}`,
      trackers: [found[0], GENERAL],
      serviceType: found[1],
      block: `${path}.${name}[${fc}]`,
    }
  );
}

/** An identifier that is no text is told in hexadecimal digits, which are octets as well. */
function octetsOf(identifier: string): Buffer {
  return Buffer.from(identifier);
}
