/** Roles that a client can be given, after those of IEC 62351-8, and what they allow. */
import type { ClientRights, Right } from '../rights.js';

export const ROLES = ['viewer', 'operator', 'engineer'] as const;
/** Everyone may read, browse, take reports and fetch files; an operator commands as well, an engineer changes settings. */
export type Role = (typeof ROLES)[number];

const ALLOWED: Readonly<Record<Role, readonly Right[]>> = {
  viewer: ['reports'],
  operator: ['reports', 'control'],
  engineer: ['reports', 'control', 'write', 'settingGroups', 'files', 'dataSets'],
};

/** The rights of a role, within what the options of the server allow to anybody. */
export function rightsOf(role: Role): ClientRights {
  const allowed = ALLOWED[role];
  return { role, allows: (right) => allowed.includes(right) };
}

export function isRole(text: unknown): text is Role {
  return ROLES.some((role) => role === text);
}
