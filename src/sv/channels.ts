/** Channels of a sampled-value stream: where each stands among the samples, and what its numbers mean. */
import { ArgumentError } from '../errors.js';
import { MAX_SV_CHANNELS } from '../limits.js';
import type { DataObject, DataSet, IedModel } from '../model/ied-model.js';
import { memberNode, type MemberNode } from '../model/member-node.js';
import type { TagType } from '../model/tag-value.js';
import { unitText } from '../model/units.js';

export interface SvChannel {
  name: string;
  /** First octet of the value among the samples of an ASDU. */
  at: number;
  type: 'Int16' | 'Int32' | 'Float32';
  /** What is measured is the number times `scale`, plus `offset`. */
  scale: number;
  offset: number;
  unit: string;
  /** First octet of the quality that belongs to it. */
  qualityAt?: number;
}

export interface SvLayout {
  channels: SvChannel[];
  /** Octets of the samples of one ASDU. */
  length: number;
}

/** Octets of a value; basic types have a fixed length here (IEC 61850-9-2 Table 14). */
const LENGTHS: Partial<Record<TagType, number>> = {
  Boolean: 1,
  Int8: 1,
  Int16: 2,
  Int32: 4,
  Int64: 8,
  UInt8: 1,
  UInt16: 2,
  UInt32: 4,
  Float32: 4,
  Float64: 8,
  Enum: 4,
  Quality: 4,
  Timestamp: 8,
};

/** Eight channels of 9-2LE: currents in mA, voltages in 10 mV, each with its quality. */
export function lightEditionLayout(): SvLayout {
  const names = ['Ia', 'Ib', 'Ic', 'In', 'Va', 'Vb', 'Vc', 'Vn'];
  return {
    channels: names.map((name, i) => ({
      name,
      at: i * 8,
      type: 'Int32',
      scale: i < 4 ? 0.001 : 0.01,
      offset: 0,
      unit: i < 4 ? 'A' : 'V',
      qualityAt: i * 8 + 4,
    })),
    length: 64,
  };
}

/** @throws ArgumentError when the model lacks a member, or a member has a type that samples cannot have */
export function layoutOf(model: IedModel, dataSet: DataSet): SvLayout {
  const channels: SvChannel[] = [];
  let at = 0;
  for (const { reference, fc } of dataSet.members) {
    const { node, dataObject } = memberNode(model, reference, fc);
    for (const leaf of leaves(node)) {
      const { type } = leaf;
      const length = LENGTHS[type];
      if (length === undefined) {
        throw new ArgumentError(`${reference} has members of the type ${type}, which samples cannot have`);
      }
      if (type === 'Quality') {
        // A quality goes with the channels before it that have none yet.
        for (const channel of channels) channel.qualityAt ??= at;
      } else if (type === 'Int32' || type === 'Int16' || type === 'Float32') {
        channels.push({
          name: nameOf(reference),
          at,
          type,
          ...scalingOf(dataObject, type),
          unit: unitOf(dataObject, reference),
        });
      }
      at += length;
    }
  }
  if (channels.length === 0 || channels.length > MAX_SV_CHANNELS) {
    throw new ArgumentError(`the data set ${dataSet.name} has ${channels.length} channels`);
  }
  return { channels, length: at };
}

function* leaves(node: MemberNode): Generator<MemberNode> {
  if (node.children.length === 0) yield node;
  else for (const child of node.children) yield* leaves(child);
}

/** `TCTR1.AmpSv` of `MU01MU/TCTR1.AmpSv.instMag.i`. */
function nameOf(reference: string): string {
  const [, path = reference] = reference.split('/');
  return path.split('.').slice(0, 2).join('.');
}

function scalingOf(object: DataObject, type: TagType): { scale: number; offset: number } {
  if (type === 'Float32') return { scale: 1, offset: 0 };
  const scaling = object.attributes.find(({ name }) => name === 'sVC');
  const of = (name: string, otherwise: number): number => {
    const value = Number(scaling?.attributes.find((member) => member.name === name)?.value ?? NaN);
    return Number.isFinite(value) && (name === 'offset' || value !== 0) ? value : otherwise;
  };
  return { scale: of('scaleFactor', 1), offset: of('offset', 0) };
}

function unitOf(object: DataObject, reference: string): string {
  const units = object.attributes.find(({ name }) => name === 'units');
  const value = (name: string): string | undefined => units?.attributes.find((member) => member.name === name)?.value;
  const given = unitText(value('SIUnit'), value('multiplier'));
  if (given) return given;
  return /\/[^.]*TCTR/.test(reference) ? 'A' : /\/[^.]*TVTR/.test(reference) ? 'V' : '';
}
