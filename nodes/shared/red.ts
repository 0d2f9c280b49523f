/** The few types of Node-RED that our nodes use, in one place, and what its published types leave out. */
import type { Node, NodeAPI, NodeAPISettingsWithData, NodeDef } from 'node-red';

export type { Node, NodeDef, NodeMessage, NodeMessageInFlow, NodeStatus } from 'node-red';
export type { Request, Response } from 'express';

export type RED = NodeAPI<NodeAPISettingsWithData>;

/** What `input` listeners get to send with. */
export type Send = Parameters<Parameters<Node['on']>[1]> extends [unknown, infer S, ...unknown[]] ? S : never;
export type Done = (error?: Error) => void;

/** Every node of ours saves which form of its configuration it has; see `migrate.ts`. */
export interface VersionedDef extends NodeDef {
  version?: number;
}

/** Node-RED's user directory; the working directory where the host has set none. */
export function userDirectory(red: RED): string {
  const directory: unknown = red.settings.userDir;
  return typeof directory === 'string' && directory !== '' ? directory : process.cwd();
}

/** A setting of the user's `settings.js` by its name. */
export function userSetting(red: RED, name: string): unknown {
  return (red.settings as unknown as Record<string, unknown>)[name];
}
