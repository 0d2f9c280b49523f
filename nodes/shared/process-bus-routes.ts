/** Admin routes of the process-bus nodes: interfaces of this machine, and the GOOSE and sampled-value control blocks of an SCL file. */
import { networkInterfaces } from 'node:os';
import { ArgumentError } from '../../src/errors.js';
import { interfaceNames } from '../../src/ethernet/open-link.js';
import { gooseBlocks, svBlocks } from '../../src/gateway/process-bus/index.js';
import type { DataSet, GooseControlBlock, IedModel, SampledValueControlBlock } from '../../src/model/ied-model.js';
import { adminRoute, jsonBody, once, textField } from './admin.js';
import type { RED } from './red.js';
import { sclLibrary } from './scl-library.js';
import { SCL_PERMISSION } from './scl-routes.js';
import { parseSclSource } from './scl-source.js';

/** A control block as the editor shows it. */
export interface OfferedBlock {
  reference: string;
  description: string;
  mac: string;
  /** Hexadecimal, as SCL writes it. */
  appId: string;
  dataSet: string;
  members: string[];
}

/** Adds the routes once. */
export function registerProcessBusRoutes(red: RED): void {
  once(red, 'process-bus', () => {
    adminRoute(red, 'get', '/iec61850/interfaces', SCL_PERMISSION, async () => {
      const names = await interfaceNames();
      return { interfaces: names.length > 0 ? names : Object.keys(networkInterfaces()) };
    });

    adminRoute(red, 'post', '/iec61850/goose', SCL_PERMISSION, async (request) => {
      const { ied, model } = await modelOf(red, jsonBody(request));
      const blocks = gooseBlocks(model).map(({ reference, block, dataSet }) => offered(reference, block, dataSet));
      return { ied, blocks };
    });

    adminRoute(red, 'post', '/iec61850/sv', SCL_PERMISSION, async (request) => {
      const { ied, model } = await modelOf(red, jsonBody(request));
      const blocks = svBlocks(model).map(({ reference, block, dataSet }) => offered(reference, block, dataSet));
      return { ied, blocks };
    });
  });
}

async function modelOf(red: RED, body: Record<string, unknown>): Promise<{ ied: string; model: IedModel }> {
  const source = parseSclSource(body.sclFile);
  if (!source) throw new ArgumentError('No SCL file is chosen', 'Upload one, or give its path.');
  const document = await sclLibrary(red).open(source);
  const ied = textField(body.ied, 'ied') || document.ieds[0]?.name || '';
  return { ied, model: document.model(ied) };
}

function offered(
  reference: string,
  { description, address, dataSet: name }: GooseControlBlock | SampledValueControlBlock,
  dataSet: DataSet | undefined,
): OfferedBlock {
  return {
    reference,
    description: description ?? '',
    mac: address?.mac ?? '',
    appId: address?.appId?.toString(16).toUpperCase().padStart(4, '0') ?? '',
    dataSet: name ?? '',
    members: dataSet?.members.map((member) => `${member.reference}[${member.fc}]`) ?? [],
  };
}
