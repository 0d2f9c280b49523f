import { BerReader } from '../ber/reader.js';
import { DecodeError } from '../errors.js';
import { DataTag, type MmsData } from './data.js';
import { decodeData } from './data-codec.js';

interface Node {
  children: Map<number, Node>;
  target: number;
}

const NOTHING: Node = { children: new Map(), target: -1 };

/**
 * Where members of one variable's Data stand in its encoding. The first encoding is walked and its shape noted: every
 * identifier and length up to the last member of interest. As long as later encodings have exactly these, the members
 * stand at the same places; one of another shape must be walked and noted anew. A place is never used whose headers
 * were not compared.
 */
export class DataShape {
  /** By target: first header octet, first content octet and content length, relative to the variable's first octet. */
  readonly headerAt: Int32Array;
  readonly contentAt: Int32Array;
  readonly contentLength: Int32Array;
  /** Octets of the whole encoding; -1 while no shape is noted. */
  total = -1;
  private readonly root: Node = { children: new Map(), target: -1 };
  private checkAt: number[] = [];
  private checkWord: number[] = [];

  /**
   * @param paths of the members of interest, each as indices from the variable inwards; the empty path is the variable.
   * Targets are numbered in their order.
   */
  constructor(paths: readonly (readonly number[])[]) {
    paths.forEach((path, target) => this.add(path, target));
    this.headerAt = new Int32Array(paths.length);
    this.contentAt = new Int32Array(paths.length);
    this.contentLength = new Int32Array(paths.length);
  }

  private add(path: readonly number[], target: number): void {
    let node = this.root;
    for (const index of path) {
      let child = node.children.get(index);
      if (!child) node.children.set(index, (child = { children: new Map(), target: -1 }));
      node = child;
    }
    node.target = target;
  }

  /** Whether the encoding at `start` has the noted shape; `view` spans the same octets. */
  matches(view: DataView, start: number, end: number): boolean {
    const { total, checkAt, checkWord } = this;
    if (total < 0 || start + total > end) return false;
    for (let i = 0; i < checkAt.length; i++) {
      if (view.getUint16(start + (checkAt[i] as number)) !== checkWord[i]) return false;
    }
    return true;
  }

  /** Forgets the shape, as when a member of it is not what the caller needs. */
  forget(): void {
    this.total = -1;
  }

  /** Walks the encoding at `start` and notes its shape. @throws DecodeError when members of interest are missing */
  learn(octets: Buffer, start: number, end: number): void {
    this.forget();
    this.checkAt = [];
    this.checkWord = [];
    this.contentLength.fill(-1);
    const reader = new BerReader(octets, start, end);
    if (!reader.next()) throw new DecodeError('the answer ends before its last object');
    const total = reader.end - start;
    this.walk(reader, this.root, start);
    for (const length of this.contentLength) {
      if (length < 0) throw new DecodeError('the answer has fewer members than its type');
    }
    this.total = total;
  }

  /** Adds two octets to what later encodings must have, such as the exponent width of a float. */
  alsoCheck(octets: Buffer, start: number, at: number): void {
    this.checkAt.push(at - start);
    this.checkWord.push(octets.readUInt16BE(at));
  }

  private walk(reader: BerReader, node: Node, base: number): void {
    // Every octet of the header is compared later, two by two.
    const last = Math.max(reader.header, reader.start - 2);
    for (let at = reader.header; at <= last; at++) this.alsoCheck(reader.octets, base, at);
    if (node.target >= 0) {
      this.headerAt[node.target] = reader.header - base;
      this.contentAt[node.target] = reader.start - base;
      this.contentLength[node.target] = reader.end - reader.start;
    }
    if (node.children.size === 0) return;
    if (reader.tag !== DataTag.structure)
      throw new DecodeError('the answer has a value where its type has a structure');
    const inner = reader.enter();
    let found = 0;
    for (let index = 0; found < node.children.size && inner.next(); index++) {
      const child = node.children.get(index);
      if (child) found++;
      this.walk(inner, child ?? NOTHING, base);
    }
  }
}

/** Data encoded in `octets[start … end)`. @throws DecodeError, LimitError */
export function decodeDataAt(octets: Buffer, start: number, end: number): MmsData {
  const reader = new BerReader(octets, start, end);
  if (!reader.next()) throw new DecodeError('MMS data is empty');
  return decodeData(reader);
}
