/** orIdent of an Originator (IEC 61850-7-3 §6.8) for people: as text where it is one, else as hex. */
export function originText(orIdent: Buffer): string {
  const text = orIdent.toString('latin1');
  return /^[\x20-\x7e]*$/.test(text) ? text : orIdent.toString('hex');
}
