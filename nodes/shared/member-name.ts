/** Name of a data set's member as a tag: `CTRL.XCBR1.Pos` of `BAY1CTRL/XCBR1.Pos`, as points are named by default. */
export function memberName(ied: string, reference: string): string {
  const own = reference.startsWith(ied) && !reference.startsWith(`${ied}/`);
  return (own ? reference.slice(ied.length) : reference).replace('/', '.');
}
