'use strict';
/* Frames of the example recordings as a pcap file of Ethernet, with microseconds. */

const MAGIC = 0xa1b2c3d4;
const ETHERNET = 1;

/** @param {{ seconds: number, microseconds: number, octets: Buffer }[]} frames */
function encodePcap(frames) {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(MAGIC, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(65_535, 16);
  header.writeUInt32LE(ETHERNET, 20);
  const parts = frames.flatMap(({ seconds, microseconds, octets }) => {
    const record = Buffer.alloc(16);
    record.writeUInt32LE(seconds, 0);
    record.writeUInt32LE(microseconds, 4);
    record.writeUInt32LE(octets.length, 8);
    record.writeUInt32LE(octets.length, 12);
    return [record, octets];
  });
  return Buffer.concat([header, ...parts]);
}

module.exports = { encodePcap };
