import type { IedModel } from '../model/ied-model.js';
import type { SclSummary } from './document.js';

/** What the worker is to read: content, or a path, which it opens itself so that the octets are never copied. */
export interface WorkerRequest {
  content?: Buffer | string;
  path?: string;
  strict: boolean;
}

/**
 * What it answers. Logical devices come as octets of `v8.serialize`, one for each server, which cost the event loop
 * nothing until somebody asks for that IED, and in which objects that are shared stay shared.
 */
export interface WorkerResult {
  summary: SclSummary;
  models: WorkerModel[];
  servers: Uint8Array[];
}

export interface WorkerModel {
  key: string;
  ied: Omit<IedModel, 'logicalDevices'>;
  /** Index in `servers`. */
  server: number;
}

/** An SclError in a form that survives the way between threads. */
export interface WorkerFailure {
  code: string;
  message: string;
  hint: string;
  line?: number;
  column?: number;
}

export type WorkerReply = { result: WorkerResult } | { failure: WorkerFailure };
