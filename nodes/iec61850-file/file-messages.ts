/** What an `iec61850-file` node sends. */
import path from 'node:path';
import type { FileEntry, GotFile, SavedFile } from '../../src/client/index.js';
import type { NodeMessage } from '../shared/red.js';

/** What is told of a file in `msg.file`. */
interface FileDetails {
  /** Name at the IED. */
  path: string;
  /** Octets; null where the IED does not tell. */
  size: number | null;
  lastModified: string | null;
  /** How often the transfer went on after a failure. */
  resumed: number;
}

export function directoryMessage(msg: NodeMessage, topic: string, entries: readonly FileEntry[]): NodeMessage {
  return { ...msg, topic, payload: entries };
}

export function bufferMessage(msg: NodeMessage, topic: string, got: GotFile): NodeMessage {
  return { ...msg, topic, payload: got.data, file: detailsOfGot(got) };
}

/** The Buffers of a COMTRADE record by their extensions: `payload.cfg`, `payload.dat`, … */
export function recordBufferMessage(msg: NodeMessage, topic: string, files: readonly GotFile[]): NodeMessage {
  const payload = Object.fromEntries(files.map((file) => [extensionOf(file.path), file.data]));
  return { ...msg, topic, payload, files: files.map(detailsOfGot) };
}

export function savedMessage(msg: NodeMessage, topic: string, saved: SavedFile): NodeMessage {
  return { ...msg, topic, payload: saved.file, file: detailsOfSaved(saved) };
}

export function recordSavedMessage(msg: NodeMessage, topic: string, files: readonly SavedFile[]): NodeMessage {
  const payload = Object.fromEntries(files.map((file) => [extensionOf(file.path), file.file]));
  return { ...msg, topic, payload, files: files.map(detailsOfSaved) };
}

/** A chunk of a stream, as the `file in` node of Node-RED sends them; the last one tells how many there were. */
export function chunkMessage(
  msg: NodeMessage,
  topic: string,
  chunk: { data: Buffer; position: number } & FileDetails,
  parts: { id: string; index: number; count?: number },
): NodeMessage {
  const { data, position, ...file } = chunk;
  return { ...msg, topic, payload: data, parts: { type: 'buffer', ch: '', ...parts }, file: { ...file, position } };
}

function detailsOfGot({ path: name, data, lastModified, resumed }: GotFile): FileDetails {
  return { path: name, size: data.length, lastModified, resumed };
}

function detailsOfSaved({
  path: name,
  file,
  size,
  lastModified,
  resumed,
}: SavedFile): FileDetails & { filename: string } {
  return { path: name, filename: file, size, lastModified, resumed };
}

function extensionOf(name: string): string {
  return path.extname(name).slice(1).toLowerCase();
}
