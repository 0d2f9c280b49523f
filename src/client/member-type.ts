import type { TypeDescription } from '../mms/type-description.js';

/** The type below a dotted path of component names; undefined when a name is missing. The empty path is the type itself. */
export function memberType(type: TypeDescription, path: readonly string[]): TypeDescription | undefined {
  let at: TypeDescription | undefined = type;
  for (const name of path) {
    if (at?.type !== 'structure') return undefined;
    at = at.components.find((component) => component.name === name)?.type;
  }
  return at;
}

/** Component indices of a path; undefined when a name is missing. */
export function memberIndices(type: TypeDescription, path: readonly string[]): number[] | undefined {
  const indices: number[] = [];
  let at: TypeDescription = type;
  for (const name of path) {
    if (at.type !== 'structure') return undefined;
    const index = at.components.findIndex((component) => component.name === name);
    const component = at.components[index];
    if (!component) return undefined;
    indices.push(index);
    at = component.type;
  }
  return indices;
}
