/** What `scl-import` gives out of an SCL file. */
import { ArgumentError } from '../../src/errors.js';
import { checkTags } from '../../src/gateway/points/validate.js';
import type { PointCandidate } from '../../src/gateway/points/point.js';
import { recommendPoints } from '../../src/gateway/points/recommend.js';
import { pointRows, type PointRow } from '../../src/gateway/points/table.js';
import type { IedModel } from '../../src/model/ied-model.js';
import type { Tag } from '../../src/model/tag.js';
import type { SclAccessPoint, SclDocument } from '../../src/scl/index.js';
import type { NodeMessage } from '../shared/red.js';
import { connectionAddress, type SclFormAddress } from '../shared/scl-summary.js';

export type ImportOutput = 'points' | 'connection' | 'model';
/** Which points: those ticked in the node, the recommended ones, every data object, or every attribute as well. */
export type PointSelection = 'chosen' | 'recommended' | 'objects' | 'attributes';

export interface ImportRequest {
  output: ImportOutput;
  points: PointSelection;
  /** Empty when the file has to have one IED only. */
  ied: string;
  /** Empty for the first access point with a server. */
  accessPoint: string;
  chosen: readonly Tag[];
}

export interface ConnectionInfo extends Partial<SclFormAddress> {
  name: string;
  accessPoint: string;
  manufacturer?: string;
  type?: string;
  description?: string;
}

/** Properties of the message to send, and a few words for the status. */
export interface ImportResult {
  properties: NodeMessage & { payload: PointRow[] | ConnectionInfo | IedModel };
  status: string;
}

/**
 * @throws ArgumentError when the file has several IEDs and none was named, or has none of that name; SclError when the
 * IED has no server.
 */
export function importScl(document: SclDocument, request: ImportRequest): ImportResult {
  const ied = chooseIed(document, request.ied);
  if (request.output === 'connection') {
    const payload = connectionInfo(document, ied, request.accessPoint);
    return { properties: { payload, ied }, status: payload.host ? `${payload.host}:${payload.port}` : `${ied}: no IP` };
  }
  const model = document.model(ied, request.accessPoint || undefined);
  if (request.output === 'model') {
    // The library keeps the tree and shares its parts: a flow gets its own.
    return { properties: { payload: structuredClone(model), ied }, status: ied };
  }
  const points = selectPoints(model, request);
  const tags = points.map(({ tag }) => tag);
  return { properties: { payload: pointRows(points), tags, ied }, status: `${ied} · ${tags.length} points` };
}

function chooseIed(document: SclDocument, wanted: string): string {
  const names = document.ieds.map(({ name }) => name);
  const list = names.slice(0, 10).join(', ') + (names.length > 10 ? ` and ${names.length - 10} more` : '');
  if (wanted !== '') {
    if (names.includes(wanted)) return wanted;
    throw new ArgumentError(`The file has no IED "${wanted}"`, `It has ${list || 'none'}.`);
  }
  const [only] = names;
  if (only === undefined)
    throw new ArgumentError('The file has no IED', 'Export the file with its IEDs (CID, SCD or IID).');
  if (names.length > 1) {
    throw new ArgumentError(`The file has ${names.length} IEDs`, `Choose one in the node or by msg.ied: ${list}.`);
  }
  return only;
}

function connectionInfo(document: SclDocument, name: string, wanted: string): ConnectionInfo {
  const ied = document.ieds.find((candidate) => candidate.name === name);
  const servers = ied?.accessPoints.filter((point) => point.server) ?? [];
  const point: SclAccessPoint | undefined =
    wanted === '' ? servers[0] : servers.find((server) => server.name === wanted);
  if (!ied || !point) {
    const known = servers.map((server) => server.name).join(', ');
    throw new ArgumentError(
      wanted === '' ? `${name} has no server` : `${name} has no access point "${wanted}" with a server`,
      known === '' ? 'Choose another IED.' : `It has ${known}.`,
    );
  }
  const { manufacturer, type, description } = ied;
  return {
    name,
    accessPoint: point.name,
    ...connectionAddress(point),
    ...(manufacturer && { manufacturer }),
    ...(type && { type }),
    ...(description && { description }),
  };
}

function selectPoints(model: IedModel, { points, chosen }: ImportRequest): PointCandidate[] {
  switch (points) {
    case 'chosen':
      return withRanks(model, chosen);
    case 'recommended':
      return recommendPoints(model).filter(({ recommended }) => recommended);
    case 'objects':
      return recommendPoints(model);
    case 'attributes':
      return recommendPoints(model, { hidden: true });
  }
}

/** The tags of the node with what the file says about their rank. */
function withRanks(model: IedModel, chosen: readonly Tag[]): PointCandidate[] {
  const known = new Map(
    recommendPoints(model, { hidden: true }).map((candidate) => [
      `${candidate.tag.reference}[${candidate.tag.fc}]`,
      candidate,
    ]),
  );
  return checkTags(chosen, { ied: model.name }).tags.map((tag) => {
    const candidate = known.get(`${tag.reference}[${tag.fc}]`);
    const about = candidate ?? { category: 'other', rank: 9, reason: '', reasonKey: '', recommended: false };
    return { ...about, tag };
  });
}
