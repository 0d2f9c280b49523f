/** Supervision of subscriptions as a server shows it: LGOS and LSVS (IEC 61850-7-4 §6.3), and LPHD.Sim. */
import type { DataObject, IedModel, LogicalNode } from '../../model/ied-model.js';
import type { IedServer, Update } from '../../server/index.js';

/** LGOS supervises GOOSE, LSVS sampled values. */
export type SupervisionClass = 'LGOS' | 'LSVS';

/** What is known of one subscription. What is not given is not shown. */
export interface SubscriptionState {
  /** The control block that is subscribed, `LD/LN.name` or `LD/LN$GO$name`. */
  controlBlock: string;
  /** St: frames that can be used come in time. */
  live: boolean;
  /** SimSt: simulated frames come, and are taken. */
  simulated: boolean;
  /** NdsCom: what comes is not what is subscribed (another confRev or data set), or its publisher says ndsCom. */
  needsCommissioning: boolean;
  /** ConfRevNum: the one that is expected. */
  confRev?: number;
  /** RxConfRevNum: the one that came. */
  receivedConfRev?: number;
  /** LastStNum. */
  stNum?: number;
  /** OosCnt. */
  outOfOrder?: number;
  /** TalCnt: how often timeAllowedtoLive passed. */
  expiries?: number;
  /** MsgLosCnt: frames, or samples, that are missing. */
  lost?: number;
  /** SmpSynch: source of the samples' clock, 0 none, 1 local, 2 global. */
  smpSynch?: number;
}

/** Data objects that are set, in the two classes alike; a logical node has those of its type. */
const OBJECTS: Readonly<Record<string, keyof SubscriptionState>> = {
  St: 'live',
  SimSt: 'simulated',
  NdsCom: 'needsCommissioning',
  ConfRevNum: 'confRev',
  RxConfRevNum: 'receivedConfRev',
  LastStNum: 'stNum',
  OosCnt: 'outOfOrder',
  TalCnt: 'expiries',
  MsgLosCnt: 'lost',
  SmpSynch: 'smpSynch',
};

/** Data object that names the supervised control block. */
const REFERENCES: Readonly<Record<SupervisionClass, string>> = { LGOS: 'GoCBRef', LSVS: 'SvCBRef' };

/** Logical nodes of a model that supervise. Which control block each one does is asked at each use: it can be set online. */
export class SupervisionNodes {
  private readonly nodes: { name: string; objects: DataObject[] }[];

  constructor(
    private readonly server: Pick<IedServer, 'model' | 'read'>,
    private readonly lnClass: SupervisionClass,
  ) {
    this.nodes = nodesOf(server.model, lnClass).map(([name, { dataObjects }]) => ({ name, objects: dataObjects }));
  }

  /** Names of the logical nodes that supervise a control block, `LD/LN`. */
  of(controlBlock: string): string[] {
    return this.supervising(controlBlock).map(({ name }) => name);
  }

  /** What the server has to show of a subscription. */
  updates(state: SubscriptionState): Update[] {
    return this.shown(state.controlBlock, (member) => state[member]);
  }

  /** What it has to show when nobody knows any more: the last values, invalid. */
  endUpdates(controlBlock: string): Update[] {
    return this.shown(controlBlock, () => null);
  }

  private supervising(controlBlock: string): { name: string; objects: DataObject[] }[] {
    const wanted = plainReference(controlBlock);
    return this.nodes.filter(({ name, objects }) => {
      const reference = this.referenceOf(name, objects);
      return reference !== undefined && plainReference(reference) === wanted;
    });
  }

  private shown(controlBlock: string, valueOf: (member: keyof SubscriptionState) => unknown): Update[] {
    return this.supervising(controlBlock).flatMap(({ name, objects }) =>
      objects.flatMap((object): Update[] => {
        const member = Object.hasOwn(OBJECTS, object.name) ? OBJECTS[object.name] : undefined;
        const value = member && valueOf(member);
        return value !== undefined && hasState(object) ? [{ reference: `${name}.${object.name}[ST]`, value }] : [];
      }),
    );
  }

  private referenceOf(name: string, objects: DataObject[]): string | undefined {
    const object = objects.find((one) => one.name === REFERENCES[this.lnClass]);
    const attribute = object?.attributes.find((one) => one.name === 'setSrcRef');
    if (!object || !attribute) return undefined;
    const { value } = this.server.read(`${name}.${object.name}.setSrcRef[${attribute.fc}]`);
    return typeof value === 'string' && value !== '' ? value : undefined;
  }
}

/** References of the server's LPHD.Sim (IEC 61850-7-4 §6.3.4): whether the device takes simulated messages. */
export function simulationReferences(model: IedModel): string[] {
  return nodesOf(model, 'LPHD').flatMap(([name, { dataObjects }]) => {
    const sim = dataObjects.find((object) => object.name === 'Sim');
    return sim && hasState(sim) ? [`${name}.Sim.stVal[ST]`] : [];
  });
}

function hasState({ attributes }: DataObject): boolean {
  return attributes.some(({ name, fc }) => name === 'stVal' && fc === 'ST');
}

function nodesOf(model: IedModel, lnClass: string): [name: string, node: LogicalNode][] {
  return model.logicalDevices.flatMap((device) =>
    device.logicalNodes
      .filter((node) => node.lnClass === lnClass)
      .map((node): [string, LogicalNode] => [`${device.name}/${node.name}`, node]),
  );
}

/** `LD/LN.name` of a control block, however it is written: with `$GO$` as frames have it, or with dots. */
function plainReference(reference: string): string {
  return reference.trim().replace(/[.$](?:(?:GO|MS|US)[.$])?/g, '.');
}
