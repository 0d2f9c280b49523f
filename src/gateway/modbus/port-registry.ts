/** Ports that servers of this process listen on, so that a second one can be told who has its port. */

const owners = new Map<number, Set<string>>();

/** Notes that `owner` listens on a port. @returns what takes the note back */
export function claimPort(port: number, owner: string): () => void {
  const names = owners.get(port) ?? new Set<string>();
  owners.set(port, names);
  names.add(owner);
  return () => {
    names.delete(owner);
    if (names.size === 0 && owners.get(port) === names) owners.delete(port);
  };
}

/** Who listens on a port in this process; undefined when nobody does. */
export function portOwner(port: number): string | undefined {
  return owners.get(port)?.values().next().value;
}
