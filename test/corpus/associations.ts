/** The MMS PDUs that a TCP connection of a capture carried, through our own decoders of the layers below. */
import { Iec61850Error } from '../../src/errors.js';
import { decodeAcse } from '../../src/osi/acse.js';
import { decodeCotp } from '../../src/osi/cotp.js';
import { decodeAcceptPpdu, decodeConnectPpdu, decodeDataPpdu, findUserData } from '../../src/osi/presentation.js';
import { decodeSpdu } from '../../src/osi/session.js';
import { TpktFramer } from '../../src/osi/tpkt.js';
import type { TcpConnection, TcpDirection } from './pcap.js';

export interface Carried {
  /** MMS PDUs in the order of one direction. */
  pdus: Buffer[];
  /** TSDUs that carried no MMS PDU: releases, aborts. */
  others: string[];
  /** What could not be followed, by what our decoders said. */
  problems: string[];
}

/** Whether a direction speaks RFC 1006. */
function speaksTpkt(direction: TcpDirection): boolean {
  return direction.runs.some((run) => run[0] === 3 && run[1] === 0);
}

export function carriedBy(connection: TcpConnection): Carried {
  const carried: Carried = { pdus: [], others: [], problems: [] };
  for (const direction of connection.directions) {
    if (speaksTpkt(direction)) for (const run of direction.runs) follow(run, carried);
  }
  return carried;
}

function follow(run: Buffer, carried: Carried): void {
  const attempt = (work: () => void): void => {
    try {
      work();
    } catch (error) {
      if (!(error instanceof Iec61850Error)) throw error;
      carried.problems.push(error.message);
    }
  };
  let fragments: Buffer[] = [];
  const framer = new TpktFramer();
  attempt(() =>
    framer.push(run, (octets, start, end) => {
      attempt(() => {
        const tpdu = decodeCotp(octets, start, end);
        if (tpdu.type !== 'data') return;
        fragments.push(octets.subarray(tpdu.start, tpdu.end));
        if (!tpdu.endOfTsdu) return;
        const tsdu = Buffer.concat(fragments);
        fragments = [];
        readTsdu(tsdu, carried);
      });
      return true;
    }),
  );
}

/** Session SPDUs begin with these; an MMS PDU never does. */
const SESSION_FIRST_OCTETS = new Set([1, 9, 10, 12, 13, 14, 25, 26]);

function readTsdu(tsdu: Buffer, carried: Carried): void {
  // Plain MMS over RFC 1006, without session, presentation and ACSE, as some captures of other trades have it.
  if (!SESSION_FIRST_OCTETS.has(tsdu[0] as number)) {
    carried.pdus.push(tsdu);
    return;
  }
  const spdu = decodeSpdu(tsdu, 0, tsdu.length);
  switch (spdu.type) {
    case 'data': {
      const data = decodeDataPpdu(tsdu, spdu.start, spdu.end);
      carried.pdus.push(tsdu.subarray(data.start, data.end));
      return;
    }
    case 'connect':
    case 'accept': {
      const decode = spdu.type === 'connect' ? decodeConnectPpdu : decodeAcceptPpdu;
      const { userData } = decode(spdu.userData, 0, spdu.userData.length);
      if (!userData) return void carried.others.push(`${spdu.type} without user data`);
      const apdu = decodeAcse(spdu.userData, userData.start, userData.end);
      if ((apdu.type === 'aarq' || apdu.type === 'aare') && apdu.userData) carried.pdus.push(apdu.userData);
      else carried.others.push(apdu.type);
      return;
    }
    case 'abort':
      // Not read further, here as in our stack: libiec61850 gives its length two octets too long.
      carried.others.push('abort');
      return;
    case 'finish':
    case 'disconnect':
    case 'refuse': {
      const inner = spdu.userData.length > 0 ? findUserData(spdu.userData) : undefined;
      const acse = inner && decodeAcse(spdu.userData, inner.start, inner.end);
      if (acse?.type === 'aare' && acse.userData) carried.pdus.push(acse.userData);
      carried.others.push(acse ? `${spdu.type} ${acse.type}` : spdu.type);
      return;
    }
    case 'abort-accept':
      carried.others.push(spdu.type);
  }
}
