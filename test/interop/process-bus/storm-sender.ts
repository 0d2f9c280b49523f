/**
 * A process that sends Ethernet frames as quick as it is told: `{ interface, frames, perSecond, foreign }` as its argument.
 * Every second frame is IPv4's EtherType, the others are GOOSE of control blocks that nobody subscribed, with the address
 * and APPID of `ours`. It then says what it sent, and repeats `ours` until its input ends.
 */
import { encodeFrame } from '../../../src/ethernet/frame.js';
import { interfaceInfo } from '../../../src/ethernet/linux/interface-info.js';
import { loadLibc } from '../../../src/ethernet/linux/libc.js';
import { PacketSocket } from '../../../src/ethernet/linux/packet-socket.js';
import { encodeGoosePdu } from '../../../src/goose/goose-pdu.js';
import { encodeApplicationFrame, EtherType } from '../../../src/mms/application-header.js';
import { goosePdu } from '../../goose/frames.js';

/** What the sender is told. */
export interface StormOrder {
  interface: string;
  frames: number;
  perSecond: number;
}

/** What it says when it is done. */
export interface StormReport {
  /** GOOSE frames, ours not among them. */
  goose: number;
  others: number;
  perSecond: number;
}

export const STORM = { address: '01-0C-CD-01-00-33', appId: 0x3033, gocbRef: 'OURSCTRL/LLN0$GO$gcb1' } as const;
const BURST = 250;
const NAMES = 100;

function gooseFrame(gocbRef: string, sqNum: number): Buffer {
  const apdu = encodeGoosePdu(goosePdu({ gocbRef, sqNum, stNum: 5 }));
  return encodeFrame({
    destination: STORM.address,
    source: '02-00-00-00-00-33',
    etherType: EtherType.goose,
    payload: encodeApplicationFrame(STORM.appId, false, apdu),
  });
}

async function main({ interface: name, frames, perSecond }: StormOrder): Promise<void> {
  const info = await interfaceInfo(name);
  if (!info) throw new Error(`there is no ${name}`);
  const libc = await loadLibc();
  const socket = PacketSocket.open(libc, info.index, { frame: () => undefined, lost: () => undefined });
  socket.bindForSending();
  const foreign = Array.from({ length: NAMES }, (_, i) => gooseFrame(`OTHER${i}/LLN0$GO$gcb1`, 1));
  const other = encodeFrame({
    ...{ destination: STORM.address, source: '02-00-00-00-00-33', etherType: 0x0800, payload: Buffer.alloc(100) },
  });
  const report = { goose: 0, others: 0 };
  const send = (frame: Buffer): boolean => {
    try {
      socket.send(frame);
      return true;
    } catch {
      // The queue of the interface is full: what did not leave is not counted.
      return false;
    }
  };
  const start = performance.now();
  for (let at = 0; at < frames; at++) {
    if (at % 2 === 0) report.goose += Number(send(foreign[(at / 2) % NAMES] as Buffer));
    else report.others += Number(send(other));
    const ahead = (at / perSecond) * 1000 - (performance.now() - start);
    if (at % BURST === 0 && ahead > 1) await new Promise((resolve) => setTimeout(resolve, ahead));
  }
  const rate = (frames / (performance.now() - start)) * 1000;
  const said: StormReport = { ...report, perSecond: Math.round(rate) };
  console.log(JSON.stringify(said));
  let sqNum = 1;
  const timer = setInterval(() => send(gooseFrame(STORM.gocbRef, sqNum++)), 50);
  process.stdin.on('end', () => {
    clearInterval(timer);
    socket.close();
    process.exit(0);
  });
  process.stdin.resume();
}

if (require.main === module) {
  main(JSON.parse(process.argv[2] ?? '') as StormOrder).catch((error: unknown) => {
    console.error(error);
    process.exit(1);
  });
}
