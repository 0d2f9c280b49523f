import { BerReader } from '../ber/reader.js';
import { DecodeError } from '../errors.js';
import { MAX_KNOWN_SHAPES } from '../limits.js';
import { DataTag, type MmsData } from './data.js';
import { decodeData } from './data-codec.js';

interface Node {
  children: Map<number, Node>;
  target: number;
}

const NOTHING: Node = { children: new Map(), target: -1 };

/**
 * Where members of a variable's Data stand in one encoding of it: every identifier and length up to the last member of
 * interest is noted. As long as other encodings have exactly these, the members stand at the same places. A place is
 * never used whose headers were not compared.
 */
export class DataShape {
  /** By target: first header octet, first content octet and content length, relative to the variable's first octet. */
  readonly headerAt: Int32Array;
  readonly contentAt: Int32Array;
  readonly contentLength: Int32Array;
  /** Octets of the whole encoding. */
  total = 0;
  private readonly checkAt: number[] = [];
  private readonly checkWord: number[] = [];
  /** Whether equal headers mean equal places. */
  reusable = true;

  constructor(targets: number) {
    this.headerAt = new Int32Array(targets);
    this.contentAt = new Int32Array(targets);
    this.contentLength = new Int32Array(targets).fill(-1);
  }

  /** Whether the encoding at `start` has this shape; `view` spans the same octets. */
  matches(view: DataView, start: number, end: number): boolean {
    const { checkAt, checkWord } = this;
    if (start + this.total > end || !this.reusable) return false;
    for (let i = 0; i < checkAt.length; i++) {
      if (view.getUint16(start + (checkAt[i] as number)) !== checkWord[i]) return false;
    }
    return true;
  }

  /** Adds two octets to what other encodings must have, such as the exponent width of a float. */
  alsoCheck(octets: Buffer, start: number, at: number): void {
    this.checkAt.push(at - start);
    this.checkWord.push(octets.readUInt16BE(at));
  }
}

/**
 * The shapes that variables of one type were seen in. They differ in the lengths of integers and texts only, so that
 * thousands of variables share a few.
 */
export class DataShapes {
  private readonly root: Node = { children: new Map(), target: -1 };
  private readonly known: DataShape[] = [];

  /**
   * @param paths of the members of interest, each as indices from the variable inwards; the empty path is the variable.
   * Targets are numbered in their order.
   * @param check throws when a member is not what the caller needs, and may add to what a shape compares
   */
  constructor(
    private readonly paths: readonly (readonly number[])[],
    private readonly check: (shape: DataShape, octets: Buffer, start: number) => void,
  ) {
    paths.forEach((path, target) => this.add(path, target));
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

  /**
   * The shape of the encoding at `start`: a known one, or one that is noted by walking it.
   * @throws DecodeError when members of interest are missing or not what they should be
   */
  of(octets: Buffer, view: DataView, start: number, end: number): DataShape {
    for (const shape of this.known) if (shape.matches(view, start, end)) return shape;
    const shape = this.learn(octets, start, end);
    if (shape.reusable && this.known.length < MAX_KNOWN_SHAPES) this.known.push(shape);
    return shape;
  }

  private learn(octets: Buffer, start: number, end: number): DataShape {
    const shape = new DataShape(this.paths.length);
    const reader = new BerReader(octets, start, end);
    if (!reader.next()) throw new DecodeError('the answer ends before its last object');
    shape.total = reader.after - start;
    walk(reader, this.root, shape, start);
    for (const length of shape.contentLength) {
      if (length < 0) throw new DecodeError('the answer has fewer members than its type');
    }
    this.check(shape, octets, start);
    return shape;
  }
}

function walk(reader: BerReader, node: Node, shape: DataShape, base: number): void {
  // An indefinite length does not tell where the element ends, so that every encoding of it is walked.
  if (reader.after !== reader.end) shape.reusable = false;
  // Every octet of the header is compared later, two by two.
  const last = Math.max(reader.header, reader.start - 2);
  for (let at = reader.header; at <= last; at++) shape.alsoCheck(reader.octets, base, at);
  if (node.target >= 0) {
    shape.headerAt[node.target] = reader.header - base;
    shape.contentAt[node.target] = reader.start - base;
    shape.contentLength[node.target] = reader.end - reader.start;
  }
  if (node.children.size === 0) return;
  if (reader.tag !== DataTag.structure) throw new DecodeError('the answer has a value where its type has a structure');
  const inner = reader.enter();
  let found = 0;
  for (let index = 0; found < node.children.size && inner.next(); index++) {
    const child = node.children.get(index);
    if (child) found++;
    walk(inner, child ?? NOTHING, shape, base);
  }
}

/** Data encoded in `octets[start … end)`. @throws DecodeError, LimitError */
export function decodeDataAt(octets: Buffer, start: number, end: number): MmsData {
  const reader = new BerReader(octets, start, end);
  if (!reader.next()) throw new DecodeError('MMS data is empty');
  return decodeData(reader);
}
