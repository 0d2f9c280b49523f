/** Names of the confirmed services by their tags (ISO 9506-2 §7.2), also of those that IEC 61850 does not use. */
const NAMES: Readonly<Record<number, string>> = {
  0: 'status',
  1: 'getNameList',
  2: 'identify',
  3: 'rename',
  4: 'read',
  5: 'write',
  6: 'getVariableAccessAttributes',
  7: 'defineNamedVariable',
  10: 'deleteVariableAccess',
  11: 'defineNamedVariableList',
  12: 'getNamedVariableListAttributes',
  13: 'deleteNamedVariableList',
  46: 'obtainFile',
  65: 'readJournal',
  67: 'initializeJournal',
  68: 'reportJournalStatus',
  72: 'fileOpen',
  73: 'fileRead',
  74: 'fileClose',
  75: 'fileRename',
  76: 'fileDelete',
  77: 'fileDirectory',
};

/** The tag numbers over 30 take a second octet; those over 127 do not occur among the services. */
const LONG_FORM = 0x1f;

/** Name of the confirmed service, request or response, whose identifier octets stand at `at`; `service [n]` for others. */
export function serviceNameAt(octets: Buffer, at: number): string {
  const low = (octets[at] ?? 0) & LONG_FORM;
  const number = low === LONG_FORM ? (octets[at + 1] ?? 0) & 0x7f : low;
  return NAMES[number] ?? `service [${number}]`;
}
