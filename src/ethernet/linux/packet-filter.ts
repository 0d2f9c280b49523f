/** A filter that the kernel runs for each frame (classic BPF), so that foreign frames do not wake this process. */
import { parseAddress } from '../frame.js';
import type { LinkFilter } from '../frame-link.js';

const LOAD_WORD = 0x20;
const LOAD_HALF = 0x28;
const JUMP_IF_EQUAL = 0x15;
const RETURN = 0x06;
const WHOLE_FRAME = 0x40000;
const ETHER_TYPE_AT = 12;
/** The kernel takes 4096 instructions, and a jump goes 255 far. */
const MAX_DESTINATIONS = 500;

type Instruction = [code: number, ifTrue: number, ifFalse: number, operand: number];

/**
 * Octets of the `sock_filter` array. The kernel has taken VLAN tags off before it runs this. With more destinations
 * than a filter can name, every destination passes.
 */
export function packetFilter({ etherTypes, destinations = [] }: LinkFilter): Buffer {
  const program: Instruction[] = [[LOAD_HALF, 0, 0, ETHER_TYPE_AT]];
  // Each jump leads past the rest of the list and the refusal after it.
  etherTypes.forEach((type, i) => program.push([JUMP_IF_EQUAL, etherTypes.length - i, 0, type]));
  program.push([RETURN, 0, 0, 0]);
  if (destinations.length > 0 && destinations.length <= MAX_DESTINATIONS) {
    for (const destination of destinations) {
      const address = parseAddress(destination);
      program.push([LOAD_WORD, 0, 0, 0], [JUMP_IF_EQUAL, 0, 3, address.readUInt32BE(0)]);
      program.push([LOAD_HALF, 0, 0, 4], [JUMP_IF_EQUAL, 0, 1, address.readUInt16BE(4)]);
      program.push([RETURN, 0, 0, WHOLE_FRAME]);
    }
    program.push([RETURN, 0, 0, 0]);
  } else program.push([RETURN, 0, 0, WHOLE_FRAME]);
  const octets = Buffer.alloc(program.length * 8);
  program.forEach(([code, ifTrue, ifFalse, operand], i) => {
    octets.writeUInt16LE(code, i * 8);
    octets[i * 8 + 2] = ifTrue;
    octets[i * 8 + 3] = ifFalse;
    octets.writeUInt32LE(operand, i * 8 + 4);
  });
  return octets;
}
