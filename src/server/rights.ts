/** What a client may do beyond reading, in the terms of the roles that are given to people (IEC 62351-8). */

/** `files` is changing files; `reports` is writing report and log control blocks. */
export type Right = 'write' | 'control' | 'settingGroups' | 'files' | 'dataSets' | 'reports';

export interface ClientRights {
  /** Name of the role, for logs. */
  readonly role: string;
  allows(right: Right): boolean;
}

/** A server that was not told who may do what lets each client do whatever the server's own options allow. */
export const EVERYTHING: ClientRights = { role: 'any', allows: () => true };
