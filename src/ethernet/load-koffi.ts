/** The optional package koffi, by which functions of the system are called: loaded when an interface is opened. */
import type * as Koffi from 'koffi' with { 'resolution-mode': 'import' };
import { EthernetError } from '../errors.js';

export type { Koffi };

/** @throws EthernetError */
export async function loadKoffi(): Promise<typeof Koffi> {
  try {
    return await import('koffi');
  } catch (cause) {
    throw new EthernetError(
      'IEC61850_NO_RAW_ETHERNET',
      'the optional package koffi, which raw Ethernet needs, is not installed',
      'Run "npm install koffi" in the folder of the Node-RED user directory, and restart.',
      { cause },
    );
  }
}
