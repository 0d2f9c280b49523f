/**
 * Literals of the standard's enumerations (IEC 61850-7-2, 7-3 and 7-4, Edition 1 and 2 where they agree), for
 * browsing online, where an IED shows numbers only. A name that the standard uses for several enumerations gives none.
 */
type Literals = Readonly<Record<number, string>>;

/** Literals from a list whose first number is `start`; an empty text leaves its number out. */
function literals(start: number, ...texts: string[]): Literals {
  return Object.fromEntries(texts.map((text, i) => [start + i, text] as const).filter(([, text]) => text !== ''));
}

const DIRECTION = literals(0, 'unknown', 'forward', 'backward');
const RANGE = literals(0, 'normal', 'high', 'low', 'high-high', 'low-low');
const BEHAVIOUR = literals(1, 'on', 'blocked', 'test', 'test/blocked', 'off');
const HEALTH = literals(1, 'Ok', 'Warning', 'Alarm');
const SERVICE_ERROR = literals(
  0,
  'no-error',
  'instance-not-available',
  'instance-in-use',
  'access-violation',
  'access-not-allowed-in-current-state',
  'parameter-value-inappropriate',
  'parameter-value-inconsistent',
  'class-not-supported',
  'instance-locked-by-other-client',
  'control-must-be-selected',
  'type-conflict',
  'failed-due-to-communications-constraint',
  'failed-due-to-server-constraint',
);

/** By the name of the attribute, whatever data object holds it. */
const BY_ATTRIBUTE: Readonly<Record<string, Literals>> = {
  ctlModel: literals(
    0,
    'status-only',
    'direct-with-normal-security',
    'sbo-with-normal-security',
    'direct-with-enhanced-security',
    'sbo-with-enhanced-security',
  ),
  sboClass: literals(0, 'operate-once', 'operate-many'),
  orCat: literals(
    0,
    'not-supported',
    'bay-control',
    'station-control',
    'remote-control',
    'automatic-bay',
    'automatic-station',
    'automatic-remote',
    'maintenance',
    'process',
  ),
  dirGeneral: literals(0, 'unknown', 'forward', 'backward', 'both'),
  dirPhsA: DIRECTION,
  dirPhsB: DIRECTION,
  dirPhsC: DIRECTION,
  dirNeut: DIRECTION,
  range: RANGE,
  rangeAng: RANGE,
  sev: literals(0, 'unknown', 'critical', 'major', 'minor', 'warning'),
  seqT: literals(0, 'pos-neg-zero', 'dir-quad-zero'),
  phsRef: literals(0, 'A', 'B', 'C'),
  hvRef: literals(0, 'fundamental', 'rms', 'absolute'),
  cmdQual: literals(0, 'pulse', 'persistent', 'persistent-feedback'),
  errorCode: SERVICE_ERROR,
  occType: literals(0, 'Time', 'WeekDay', 'WeekOfYear', 'DayOfMonth', 'DayOfYear'),
  occPer: literals(0, 'Hour', 'Day', 'Week', 'Month', 'Year'),
  weekDay: literals(1, 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'),
  month: literals(
    1,
    ...['January', 'February', 'March', 'April', 'May', 'June'],
    ...['July', 'August', 'September', 'October', 'November', 'December'],
  ),
  setCharact: literals(
    1,
    ...['ANSI Extremely Inverse', 'ANSI Very Inverse', 'ANSI Normal Inverse', 'ANSI Moderate Inverse'],
    ...['ANSI Definite Time', 'Long-Time Extremely Inverse', 'Long-Time Very Inverse', 'Long-Time Inverse'],
    ...['IEC Normal Inverse', 'IEC Very Inverse', 'IEC Inverse', 'IEC Extremely Inverse'],
    ...['IEC Short-Time Inverse', 'IEC Long-Time Inverse', 'IEC Definite Time'],
  ),
};

/** Angle references: of a WYE or DEL as a whole, and of one complex value (IEC 61850-7-3 §7.4). */
const GROUP_ANGLE_REFERENCE = literals(0, 'Va', 'Vb', 'Vc', 'Aa', 'Ab', 'Ac', 'Vab', 'Vbc', 'Vca', 'Vother', 'Aother');
const ANGLE_REFERENCE = literals(0, 'V', 'A', 'other');
const SUB_DATA_OBJECT = /\.(phs[ABC]{1,2}|neut|net|res|c[123])$/;
const GROUPS: ReadonlySet<string> = new Set([
  ...['A', 'PhV', 'PPV', 'PNV', 'W', 'VAr', 'VA', 'PF', 'Z', 'PhsA', 'DifA', 'DifACLC', 'RstA', 'ADmd', 'PhVDmd'],
]);

/** By the name of the data object, for its value: `stVal`, `setVal`, `subVal` or `ctlVal`. */
const BY_DATA_OBJECT: Readonly<Record<string, Literals>> = {
  Beh: BEHAVIOUR,
  Mod: BEHAVIOUR,
  Health: HEALTH,
  PhyHealth: HEALTH,
  EEHealth: HEALTH,
  CBOpCap: literals(
    1,
    'None',
    'Open',
    'Close-Open',
    'Open-Close-Open',
    'Close-Open-Close-Open',
    'Open-Close-Open-Close-Open',
    'more',
  ),
  POWCap: literals(1, 'None', 'Close', 'Open', 'Close and Open'),
  SwOpCap: literals(1, 'None', 'Open', 'Close', 'Open and Close'),
  SwTyp: literals(1, 'Load Break', 'Disconnector', 'Earthing Switch', 'High Speed Earthing Switch'),
  FltLoop: literals(
    1,
    'PhaseAtoGround',
    'PhaseBtoGround',
    'PhaseCtoGround',
    'PhaseAtoB',
    'PhaseBtoC',
    'PhaseCtoA',
    'Others',
  ),
  AutoRecSt: literals(
    1,
    ...['Ready', 'InProgress', 'Successful', 'WaitingForTrip', 'TripFromProtection', 'FaultDisappeared'],
    ...['WaitToComplete', 'CBclosed', 'CycleUnsuccessful', 'Unsuccessful', 'Aborted'],
  ),
  DirMod: literals(1, 'NonDirectional', 'Forward', 'Reverse'),
  TypRsCrv: literals(1, 'None', 'Definite Time Delayed Reset', 'Inverse Reset'),
  PolQty: literals(
    1,
    'None',
    'Zero Sequence Current',
    'Zero Sequence Voltage',
    'Negative Sequence Voltage',
    'Phase to Phase Voltages',
    'Phase to Ground Voltages',
    'Positive sequence voltage',
  ),
  ClcIntvTyp: literals(1, 'MS', 'PER_CYCLE', 'CYCLE', 'DAY', 'WEEK', 'MONTH', 'YEAR', 'EXTERNAL'),
  ClcMod: literals(1, 'TOTAL', 'PERIOD', 'SLIDING'),
  ClcMth: literals(
    1,
    ...['UNSPECIFIED', 'TRUE_RMS', 'PEAK_FUNDAMENTAL', 'RMS_FUNDAMENTAL', 'MIN', 'MAX', 'AVG', 'SDV'],
    ...['PREDICTION', 'RATE'],
  ),
};

/** Names that mean one thing in one logical node class and another, or nothing, elsewhere. */
const BY_CLASS: Readonly<Record<string, Literals>> = {
  'PTRC.TrMod': literals(1, '3 phase tripping', '1 or 3 phase tripping', 'specific', '1 phase tripping'),
  'RBRF.TrMod': literals(1, '3 phase tripping', '1 or 3 phase tripping', 'specific', '1 phase tripping'),
  'RBRF.FailMod': literals(1, 'Current', 'Breaker Status', 'Both current and breaker status', 'Other'),
  'PSCH.SchTyp': literals(1, 'None', 'Intertrip', 'Permissive Underreach', 'Permissive Overreach', 'Blocking'),
  'PSCH.WeiMod': literals(1, 'Off', 'Operate', 'Echo', 'Echo & Operate'),
  'PSCH.UnBlkMod': literals(1, 'Off', 'Permanent', 'Time window'),
  'RDRE.LevMod': literals(1, 'Positive or Rising', 'Negative or Falling', 'Both', 'Other'),
  'RBDR.LevMod': literals(1, 'Positive or Rising', 'Negative or Falling', 'Both', 'Other'),
  'RADR.LevMod': literals(1, 'Positive or Rising', 'Negative or Falling', 'Both', 'Other'),
  'RDRE.RcdMod': literals(1, 'Overwrite existing values', 'Stop when full or saturated'),
  'RDRE.TrgMod': literals(1, 'Internal', 'External', 'Both'),
  'RBDR.TrgMod': literals(1, 'Internal', 'External', 'Both'),
  'RADR.TrgMod': literals(1, 'Internal', 'External', 'Both'),
  'LTMS.TmSrcTyp': literals(1, 'Unknown', 'SNTP', 'PTP', 'IRIG-B', 'Substation internal'),
  'LTMS.TmSyn': literals(0, 'InternalClock', 'LocalAreaClock', 'GlobalAreaClock'),
};

const VALUE_ATTRIBUTES: ReadonlySet<string> = new Set(['stVal', 'setVal', 'subVal', 'ctlVal']);

/**
 * Literals by number of a standard enumeration; undefined when the standard has none for this name.
 * @param lnClass `XCBR`
 * @param doName data object, with sub data objects dotted, `A.phsA`
 * @param daName attribute, dotted where nested, `Oper.origin.orCat`
 */
export function standardEnum(lnClass: string, doName: string, daName: string): Record<number, string> | undefined {
  const attribute = daName.slice(daName.lastIndexOf('.') + 1);
  if (VALUE_ATTRIBUTES.has(attribute)) return own(BY_CLASS, `${lnClass}.${doName}`) ?? own(BY_DATA_OBJECT, doName);
  if (attribute === 'angRef') {
    if (SUB_DATA_OBJECT.test(doName)) return ANGLE_REFERENCE;
    return GROUPS.has(doName) ? GROUP_ANGLE_REFERENCE : undefined;
  }
  return own(BY_ATTRIBUTE, attribute);
}

function own(table: Readonly<Record<string, Literals>>, name: string): Record<number, string> | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}
