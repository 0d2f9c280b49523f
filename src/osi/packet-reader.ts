/** Reads the packets of one direction of an association for whoever looks on: no state machine, and nothing is answered. */
import * as acse from './acse.js';
import { decodeCotp, disconnectReasonText } from './cotp.js';
import * as presentation from './presentation.js';
import * as session from './session.js';
import { TpktFramer } from './tpkt.js';
import { TsduAssembler } from './tsdu.js';

/** What a packet, or the last one of a TSDU, turned out to be. */
export type PacketUnit =
  /** TPDUs without data: connection-request, connection-confirm, disconnect-request, error. */
  | { kind: 'transport'; type: string; detail: string }
  /** Session SPDUs other than data, with what ACSE says in them, and the MMS Initiate where one is carried. */
  | { kind: 'session'; type: string; detail: string; mms?: Buffer }
  /** An MMS PDU; valid until the next packet is read. */
  | { kind: 'data'; octets: Buffer; start: number; end: number };

export class PacketReader {
  private framer = new TpktFramer();
  private readonly assembler = new TsduAssembler();
  /** The beginning of a TSDU was not seen: what follows of it means nothing. */
  private lost = false;

  /** Packets before the next one are missing. */
  skip(): void {
    this.framer = new TpktFramer();
    this.assembler.clear();
    this.lost = true;
  }

  /** @param packets whole TPKTs @throws DecodeError, LimitError */
  read(packets: Buffer): PacketUnit[] {
    const units: PacketUnit[] = [];
    this.framer.push(packets, (octets, start, end) => {
      const unit = this.tpdu(octets, start, end);
      if (unit) units.push(unit);
      return true;
    });
    return units;
  }

  private tpdu(octets: Buffer, start: number, end: number): PacketUnit | undefined {
    const tpdu = decodeCotp(octets, start, end);
    switch (tpdu.type) {
      case 'data': {
        if (this.lost && !beginsTsdu(octets, tpdu.start)) return undefined;
        this.lost = false;
        if (this.assembler.empty && tpdu.endOfTsdu) return this.tsdu(octets, tpdu.start, tpdu.end);
        const whole = this.assembler.add(octets, tpdu);
        return whole && this.tsdu(whole, 0, whole.length);
      }
      case 'disconnect-request':
        return { kind: 'transport', type: tpdu.type, detail: disconnectReasonText(tpdu.reason) };
      case 'error':
        return { kind: 'transport', type: tpdu.type, detail: `cause ${tpdu.cause}` };
      default:
        return { kind: 'transport', type: tpdu.type, detail: selectorsText(tpdu.callingSelector, tpdu.calledSelector) };
    }
  }

  private tsdu(octets: Buffer, start: number, end: number): PacketUnit {
    const spdu = session.decodeSpdu(octets, start, end);
    switch (spdu.type) {
      case 'data': {
        const data = presentation.decodeDataPpdu(octets, spdu.start, spdu.end);
        return { kind: 'data', octets, start: data.start, end: data.end };
      }
      case 'connect':
      case 'accept': {
        const detail = selectorsText(spdu.callingSelector, spdu.calledSelector);
        return { kind: 'session', type: spdu.type, ...association(spdu.userData, detail) };
      }
      case 'refuse':
        return {
          kind: 'session',
          type: spdu.type,
          ...association(spdu.userData, session.refuseReasonText(spdu.reason)),
        };
      default:
        return { kind: 'session', type: spdu.type, detail: '' };
    }
  }
}

/** Session SPDUs other than data, each of which is a TSDU. */
const SPDU_IDENTIFIERS: ReadonlySet<number> = new Set([9, 10, 12, 13, 14, 25, 26]);

function beginsTsdu(octets: Buffer, at: number): boolean {
  if (octets[at] === 1) return octets[at + 1] === 0 && octets[at + 2] === 1 && octets[at + 3] === 0;
  return SPDU_IDENTIFIERS.has(octets[at] ?? -1);
}

function association(userData: Buffer, detail: string): { detail: string; mms?: Buffer } {
  const inner = userData.length > 0 ? presentation.findUserData(userData) : undefined;
  if (!inner) return { detail };
  const apdu = acse.decodeAcse(userData, inner.start, inner.end);
  if (apdu.type === 'aarq') return { detail, mms: apdu.userData };
  if (apdu.type !== 'aare') return { detail };
  const refused = apdu.result === 0 ? detail : acse.diagnosticText(apdu.diagnostic);
  return { detail: refused, ...(apdu.userData && { mms: apdu.userData }) };
}

function selectorsText(calling: Buffer | undefined, called: Buffer | undefined): string {
  const text = (selector: Buffer | undefined): string => selector?.toString('hex') ?? '–';
  return calling || called ? `${text(calling)} → ${text(called)}` : '';
}
