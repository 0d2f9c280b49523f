/** Admin routes of the process-bus nodes: interfaces of this machine, and the GOOSE control blocks of an SCL file. */
import { networkInterfaces } from 'node:os';
import { ArgumentError } from '../../src/errors.js';
import { interfaceNames } from '../../src/ethernet/linux/interface-info.js';
import { gooseBlocks } from '../../src/gateway/process-bus/index.js';
import { adminRoute, jsonBody, once, textField } from './admin.js';
import type { RED } from './red.js';
import { sclLibrary } from './scl-library.js';
import { SCL_PERMISSION } from './scl-routes.js';
import { parseSclSource } from './scl-source.js';

/** A GOOSE control block as the editor shows it. */
export interface OfferedGooseBlock {
  reference: string;
  gocbRef: string;
  description: string;
  mac: string;
  /** Hexadecimal, as SCL writes it. */
  appId: string;
  confRev: string;
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
      const body = jsonBody(request);
      const source = parseSclSource(body.sclFile);
      if (!source) throw new ArgumentError('No SCL file is chosen', 'Upload one, or give its path.');
      const document = await sclLibrary(red).open(source);
      const ied = textField(body.ied, 'ied') || document.ieds[0]?.name || '';
      const blocks = gooseBlocks(document.model(ied)).map(
        ({ reference, gocbRef, block, dataSet }): OfferedGooseBlock => ({
          reference,
          gocbRef,
          description: block.description ?? '',
          mac: block.address?.mac ?? '',
          appId: block.address?.appId?.toString(16).toUpperCase().padStart(4, '0') ?? '',
          confRev: block.confRev?.toString() ?? '',
          dataSet: block.dataSet ?? '',
          members: dataSet?.members.map((member) => `${member.reference}[${member.fc}]`) ?? [],
        }),
      );
      return { ied, blocks };
    });
  });
}
