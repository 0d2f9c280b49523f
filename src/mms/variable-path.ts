import type { AccessStep, VariableSpecification } from './variable-access.js';

/**
 * The MMS variable of a path whose steps may have an `(index)` (IEC 61850-8-1 §24.4): the name up to the first array, and
 * alternate access below it. Components that follow one another are one selection, with `$` between them.
 * @param prefix of the item: logical node and functional constraint
 */
export function variableOfPath(
  domain: string,
  prefix: readonly string[],
  path: readonly string[],
): VariableSpecification {
  const names = [...prefix];
  const access: AccessStep[] = [];
  let components: string[] = [];
  const endComponents = (): void => {
    if (components.length > 0) access.push({ select: 'component', name: components.join('$') });
    components = [];
  };
  for (const step of path) {
    const [, name, index] = /^(.*?)(?:\((\d+)\))?$/.exec(step) as unknown as [string, string, string | undefined];
    (access.length === 0 ? names : components).push(name);
    if (index === undefined) continue;
    endComponents();
    access.push({ select: 'index', index: Number(index) });
  }
  endComponents();
  return { name: { scope: 'domain', domain, item: names.join('$') }, ...(access.length > 0 && { access }) };
}
