import { MAX_SV_NAME } from '../limits.js';
import { decodeApplicationHeader } from '../mms/application-header.js';
import type { BerReader } from '../mms/wire.js';
import { decodeSvPdu, type SvAsdu, type SvNames } from './sv-pdu.js';

export interface SvFrame {
  appId: number;
  simulated: boolean;
  asdus: SvAsdu[];
}

/** @throws DecodeError, LimitError */
export function decodeSvFrame(payload: Buffer, names?: SvNames): SvFrame {
  const { appId, simulated, start, end } = decodeApplicationHeader(payload);
  return { appId, simulated, asdus: decodeSvPdu(payload, start, end, names) };
}

/** Names that are remembered: streams of one interface are few, and each frame says its name again. */
const REMEMBERED = 16;

/** Makes the text of a stream's name once, and not thousands of times a second. */
export class SvFrameNames implements SvNames {
  private readonly known: { octets: Buffer; text: string }[] = [];

  read(field: BerReader): string {
    const { octets, start, end } = field;
    for (const one of this.known) {
      if (one.octets.length === end - start && octets.compare(one.octets, 0, one.octets.length, start, end) === 0) {
        return one.text;
      }
    }
    const text = field.visibleString(MAX_SV_NAME);
    this.known.push({ octets: Buffer.from(field.content()), text });
    if (this.known.length > REMEMBERED) this.known.shift();
    return text;
  }
}
