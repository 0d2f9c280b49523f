/** Which right a change needs, by what it changes. */
import type { ServiceRequest } from '../../mms/services.js';
import type { ObjectName } from '../../mms/object-name.js';
import type { ServiceName } from '../server-part.js';
import type { AccessAction } from '../access-log.js';
import type { ClientSession } from '../client-session.js';
import type { Right } from '../rights.js';
import { constraintOf, type Variable } from '../variable.js';

interface Change {
  /** Undefined for what every client may do, and that is written down all the same. */
  right?: Right;
  action: AccessAction;
  operation?: string;
}

/** Functional constraints of control blocks that only tell clients something (IEC 61850-7-2 Table 20). */
const REPORTING = new Set(['RP', 'BR', 'LG', 'GO', 'MS', 'US']);
const SETTING_GROUP_BLOCK = 'SGCB';

/** What writing a variable is. */
export function changeByWriting(variable: Variable): Change & { right: Right } {
  const fc = constraintOf(variable) ?? '';
  if (fc === 'CO') return { right: 'control', action: 'control' };
  if (REPORTING.has(fc)) return { right: 'reports', action: 'controlBlock' };
  if (fc === 'SE' || isBelow(variable, SETTING_GROUP_BLOCK)) return { right: 'settingGroups', action: 'settingGroup' };
  return { right: 'write', action: 'write' };
}

/** Whether the role of a client lets it write a variable, whatever else may stand against it. */
export function mayChange({ rights }: ClientSession, variable: Variable): boolean {
  return rights.allows(changeByWriting(variable).right);
}

function isBelow(variable: Variable, name: string): boolean {
  for (let at: Variable | undefined = variable; at; at = at.parent) if (at.name === name) return true;
  return false;
}

const SERVICES: { readonly [S in ServiceName]?: Change } = {
  defineNamedVariableList: { right: 'dataSets', action: 'dataSet', operation: 'create' },
  deleteNamedVariableList: { right: 'dataSets', action: 'dataSet', operation: 'delete' },
  fileOpen: { action: 'file', operation: 'get' },
  obtainFile: { right: 'files', action: 'file', operation: 'put' },
  fileRename: { right: 'files', action: 'file', operation: 'rename' },
  fileDelete: { right: 'files', action: 'file', operation: 'delete' },
};

/** What a service changes, or does that is written down; undefined for all others. */
export function changeByService(service: ServiceName): Change | undefined {
  return SERVICES[service];
}

/** What a request is about, as the access log names it. */
export function serviceObject(request: ServiceRequest): string {
  switch (request.service) {
    case 'defineNamedVariableList':
      return nameText(request.name);
    case 'deleteNamedVariableList':
      return request.names ? request.names.map(nameText).join(', ') : '';
    case 'fileOpen':
    case 'fileDelete':
      return request.name.join('/');
    case 'fileRename':
      return `${request.currentName.join('/')} → ${request.newName.join('/')}`;
    case 'obtainFile':
      return `${request.source.join('/')} → ${request.destination.join('/')}`;
    default:
      return '';
  }
}

function nameText(name: ObjectName): string {
  return name.scope === 'domain' ? `${name.domain}/${name.item}` : name.item;
}
