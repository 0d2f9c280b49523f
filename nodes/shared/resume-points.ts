/** The resume points of all nodes of one kind in one Node-RED, in one small file of its user directory. */
import path from 'node:path';
import { ResumeFile } from '../../src/client/index.js';
import { userDirectory, type RED } from './red.js';

const stores = new Map<string, ResumeFile>();

export function resumePoints(red: RED, kind: 'report' | 'log'): ResumeFile {
  const file = path.join(userDirectory(red), 'iec61850', `${kind}-resume-points.json`);
  let store = stores.get(file);
  if (!store) {
    store = new ResumeFile(file, (error) =>
      red.log.warn(`[iec61850] the resume points of ${kind}s cannot be kept: ${error.message}`),
    );
    stores.set(file, store);
  }
  return store;
}
