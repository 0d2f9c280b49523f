/** AddCause and Error of a refused control (IEC 61850-7-2 §20.5.2.9) in words that tell a person what to do. */

export interface AddCause {
  /** Number on the wire. */
  code: number;
  /** Name of the standard, `Blocked-by-switching-hierarchy`. */
  name: string;
  /** Under 20 characters, for a status line. */
  short: string;
  /** What it means in the bay. */
  meaning: string;
  /** What to do next. */
  action: string;
}

type Row = readonly [name: string, short: string, meaning: string, action: string];

const ROWS: readonly Row[] = [
  ['Unknown', 'refused', 'the IED gives no cause', "Look at the IED's own display and event list."],
  [
    'Not-supported',
    'not supported',
    'the IED does not support this control service for the object',
    'Compare ctlModel and the service: direct or select, time-activated or not.',
  ],
  [
    'Blocked-by-switching-hierarchy',
    'bay is in local',
    'blocked by switching hierarchy: the bay is in local, or another control level has authority',
    'Switch the bay to remote, or send the origin category that has authority (Loc, LocSta, LocKey).',
  ],
  [
    'Select-failed',
    'select failed',
    'the object could not be selected',
    'Another client may hold it; wait until its selection ends and try again.',
  ],
  [
    'Invalid-position',
    'invalid position',
    'the position is invalid: the switch stands between its ends or its contacts contradict each other',
    'Look at the switch and its auxiliary contacts before a new command.',
  ],
  [
    'Position-reached',
    'already there',
    'the switch is in this position already',
    'Nothing needs to be done; check that this was the switch that you meant.',
  ],
  [
    'Parameter-change-in-execution',
    'parameters change',
    'parameters of the IED are being changed',
    'Wait until the change of settings has ended.',
  ],
  ['Step-limit', 'step limit', 'the tap changer stands at its end', 'Use the other direction.'],
  [
    'Blocked-by-mode',
    'blocked by mode',
    'blocked by mode: the logical node is off, blocked, or in test while the command is not (or the other way round)',
    'Look at Mod and Beh, and set Test as the mode asks for.',
  ],
  [
    'Blocked-by-process',
    'blocked by process',
    'blocked by the process: something in the bay forbids it, such as low gas pressure or an external block',
    'Look at the alarms of the bay (EEHealth, BlkOpn, BlkCls).',
  ],
  [
    'Blocked-by-interlocking',
    'interlocked',
    'blocked by interlocking: the positions of other switches forbid it',
    'Check the positions of the other switches of the bay and of the busbar (CILO EnaOpn, EnaCls).',
  ],
  [
    'Blocked-by-synchrocheck',
    'no synchronism',
    'blocked by synchrocheck: the voltages on both sides are not in step',
    'Compare voltage, frequency and angle of both sides (RSYN), and try again when they fit.',
  ],
  [
    'Command-already-in-execution',
    'command running',
    'a command is being executed already',
    'Wait for its end; cancel it if it must not go on.',
  ],
  [
    'Blocked-by-health',
    'blocked by health',
    'blocked by health: the IED or the equipment reports a fault',
    "Look at Health and EEHealth, and at the IED's own display.",
  ],
  [
    '1-of-n-control',
    'other one selected',
    'another object of the bay or station is selected, and only one may be at a time',
    'Wait until the other command has ended.',
  ],
  [
    'Abortion-by-cancel',
    'cancelled',
    'a Cancel ended the command',
    'Check the position; operate again if it is needed.',
  ],
  [
    'Time-limit-over',
    'time limit over',
    'the command did not end within the time limit of the IED',
    'Check the position and the drive; the switch may be stuck.',
  ],
  [
    'Abortion-by-trip',
    'trip',
    'a trip of the protection ended the command',
    'Find out why the protection tripped before a new command.',
  ],
  [
    'Object-not-selected',
    'not selected',
    'the object is not selected, or the selection has run out',
    'Select it and operate within the select time-out (sboTimeout).',
  ],
  [
    'Object-already-selected',
    'already selected',
    'the object is selected already',
    'Another client holds it; wait until its selection ends, or let it cancel.',
  ],
  [
    'No-access-authority',
    'no authority',
    'this client has no authority to control the object',
    'Check roles and rights in the IED, and the origin of the command.',
  ],
  [
    'Ended-with-overshoot',
    'overshoot',
    'the command was executed, but the end position was overshot',
    'Check the position and the drive.',
  ],
  [
    'Abortion-due-to-deviation',
    'deviation',
    'the command was ended as value and set point differ too much',
    'Check the actual value and the drive.',
  ],
  [
    'Abortion-by-communication-loss',
    'lost contact',
    'the command was ended as the IED lost the link to the client or the process',
    'Check the network, then the position, before a new command.',
  ],
  [
    'Blocked-by-command',
    'blocked by command',
    'blocked by another command (CmdBlk, or the opposite command)',
    'Look at CmdBlk of the logical node, and wait for the other command.',
  ],
  ['None', 'refused', 'the IED refuses and says that there is no cause', "Look at the IED's own event list."],
  [
    'Inconsistent-parameters',
    'inconsistent',
    'Operate differs from what was selected (value, origin, ctlNum, Test or Check)',
    'Select again, and operate with the same value and origin.',
  ],
  [
    'Locked-by-other-client',
    'other client has it',
    'another client has selected or locked the object',
    'Wait until that client ends, or let it cancel.',
  ],
];

/** AddCause `None`: with error 0, it says that nothing went wrong. */
export const ADD_CAUSE_NONE = 25;

/** The words for an AddCause; for one that no edition has, its number. */
export function addCause(code: number): AddCause {
  const row = ROWS[code];
  if (row) {
    const [name, short, meaning, action] = row;
    return { code, name, short, meaning, action };
  }
  return {
    code,
    name: `AddCause ${code}`,
    short: `AddCause ${code}`,
    meaning: `the IED gives the cause ${code}, which no edition of the standard has`,
    action: "Look it up in the IED's manual (PIXIT).",
  };
}

/** How many AddCauses the standard has, from 0 on. */
export const ADD_CAUSES = ROWS.length;

/** The number of an AddCause by its name, whatever its case and hyphens; undefined for one that no edition has. */
export function addCauseNumber(name: string): number | undefined {
  const plain = (text: string): string => text.replace(/[\s_-]/g, '').toLowerCase();
  const code = ROWS.findIndex(([known]) => plain(known) === plain(name));
  return code < 0 ? undefined : code;
}

const CONTROL_ERRORS = ['no error', 'unknown error', 'time-out test not OK', 'operator test not OK'];

/** `Error` of LastApplError in words. */
export function controlErrorName(code: number): string {
  return CONTROL_ERRORS[code] ?? `error ${code}`;
}
