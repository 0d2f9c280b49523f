/**
 * `${NAME}` in configuration fields. Node-RED itself replaces a field that is nothing but `${NAME}` when a flow starts;
 * this does the same anywhere in a text, and for forms that were never deployed.
 */
import { ArgumentError } from '../../src/errors.js';
import type { Node, NodeDef, RED } from './red.js';

export type EnvironmentLookup = (name: string) => string | undefined;

const VARIABLE = /\$\{([^}\s]+)\}/g;

/**
 * Replaces every `${NAME}` of a text.
 * @throws ArgumentError that names the field and the variable when there is none of that name.
 */
export function expandEnvironment(text: string, lookup: EnvironmentLookup, field = 'the field'): string {
  return text.replace(VARIABLE, (_match, name: string) => {
    const value = lookup(name);
    if (value === undefined) {
      throw new ArgumentError(
        `${field} uses \${${name}}, which is not set`,
        `Set the environment variable ${name}, in the system, the flow or the global environment of Node-RED.`,
      );
    }
    return value;
  });
}

/** Variables as a running node sees them: group, flow, global and process. */
export function nodeEnvironment(red: RED, node: Node): EnvironmentLookup {
  return (name) => asText(red.util.getSetting(node, name));
}

interface EnvironmentEntry {
  name: string;
  value: unknown;
  type?: string;
}

/**
 * Variables as an undeployed form would see them: those of its flow, the global ones, then those of the process.
 * @param flowId Flow tab that the form belongs to; config nodes have none as a rule.
 */
export function formEnvironment(red: RED, flowId?: string): EnvironmentLookup {
  const layers: EnvironmentEntry[][] = [];
  red.nodes.eachNode((definition: NodeDef & { env?: unknown }) => {
    if (!Array.isArray(definition.env)) return;
    if (definition.type === 'tab' && definition.id === flowId) layers.unshift(definition.env as EnvironmentEntry[]);
    if (definition.type === 'global-config') layers.push(definition.env as EnvironmentEntry[]);
  });
  const excluded: unknown = (red.settings as unknown as Record<string, unknown>).envVarExcludes;
  const hidden = new Set(Array.isArray(excluded) ? excluded.map(String) : []);
  const processVariable: EnvironmentLookup = (name) => (hidden.has(name) ? undefined : process.env[name]);
  return (name) => {
    for (const layer of layers) {
      const entry = layer.find((candidate) => candidate.name === name);
      // Secrets and expressions are known to the runtime alone; a deploy makes them available.
      if (!entry || entry.type === 'cred' || entry.type === 'jsonata') continue;
      if (entry.type === 'env') return processVariable(String(entry.value).replace(/^\$\{(.*)\}$/, '$1'));
      return asText(entry.value);
    }
    return processVariable(name);
  };
}

function asText(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === 'object' ? JSON.stringify(value) : String(value as string | number | boolean);
}
