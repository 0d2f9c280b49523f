/**
 * What a data object is for, by its logical node class, its name and its common data class. The first rule that fits
 * decides, so the table reads from the particular to the general.
 */
import type { PointCategory } from './point.js';

/** What a rule asks for; what is absent fits everything. */
interface RuleFits {
  lnClass?: RegExp;
  /** Data object without its instance number, `Ind` for `Ind12`. */
  name?: RegExp;
  /** Last sub data object, `phsA`. */
  sub?: RegExp;
  /** Common data class of the (sub) data object. */
  cdc?: RegExp;
  /** Left out of the list unless hidden points are asked for. */
  hidden?: boolean;
}

export interface PointRule extends RuleFits {
  category: PointCategory;
  /** 1 to 9; up to {@link LAST_RECOMMENDED_RANK} is recommended. */
  rank: number;
  /** Key of the reason in a catalogue, `position.breaker`. */
  key: string;
  reason: string;
  /** Whether the rule is so general that the reason should name the logical node class. */
  namesClass: boolean;
}

function rule(category: PointCategory, rank: number, key: string, reason: string, fits: RuleFits): PointRule {
  const namesClass = fits.lnClass === undefined || GROUPS.has(fits.lnClass);
  return { ...fits, category, rank, key: `${category}.${key}`, reason, namesClass };
}

export const LAST_RECOMMENDED_RANK = 5;

const PROTECTION = /^P[A-Z]{3}$/;
const SUPERVISION = /^S[A-Z]{3}$/;
const SYSTEM = /^L[A-Z0-9]{3}$/;
const TRANSFORMER = /^T[A-Z]{3}$/;
/** Whole groups of classes: there the reason says which class it is. */
const GROUPS: ReadonlySet<RegExp> = new Set([PROTECTION, SUPERVISION, SYSTEM, TRANSFORMER]);
const MEASUREMENT = /^MMX[UN]$/;
const TAP_CLASS = /^(ATCC|YLTC|SLTC|YPSH|ARIS|ANCR|YEFN)$/;
const SWITCH = /^(CSWI|XCBR|XSWI)$/;
const PHASE = /^phs[ABC]{1,2}$/;
const NEUTRAL = /^(neut|net|res)$/;
const ALARM_NAME = /(Alm|Wrn|Trbl|Fail|Flt|Fail[A-Z]\w*)$/;
const BINARY = /^(SPS|SPC|ACT|ACD)$/;
const STATUS = /^(SPS|INS|ENS|ACT|ACD|VSS)$/;
const CONTROL = /^(SPC|DPC|INC|ENC|BSC|ISC|APC|BAC)$/;
const SETTING = /^(SPG|ING|ENG|ASG|TSG|CUG|VSG|CURVE|CSG)$/;
const ANALOGUE = /^(MV|CMV)$/;

export const POINT_RULES: readonly PointRule[] = [
  // In every logical node.
  rule('health', 8, 'beh', 'Behaviour of a logical node', { name: /^Beh$/, hidden: true }),
  rule('control', 8, 'mod', 'Mode of a logical node', { name: /^Mod$/, hidden: true }),
  rule('health', 7, 'health', 'Health of a logical node', { name: /^Health$/, hidden: true }),
  rule('other', 9, 'namePlate', 'Name plate', { name: /^NamPlt$/, hidden: true }),

  // Positions.
  rule('position', 1, 'controller', 'Switch position at the bay controller', { lnClass: /^CSWI$/, name: /^Pos$/ }),
  rule('position', 2, 'breaker', 'Circuit breaker position at the process', { lnClass: /^XCBR$/, name: /^Pos$/ }),
  rule('position', 2, 'switch', 'Switch position at the process', { lnClass: /^XSWI$/, name: /^Pos$/ }),
  rule('position', 3, 'phase', 'Position of one pole', { lnClass: SWITCH, name: /^Pos[ABC]$/ }),

  // Protection.
  rule('protection', 1, 'trip', 'Trip', { lnClass: /^PTRC$/, name: /^(Tr|Op)$/ }),
  rule('protection', 2, 'operate', 'Protection operate', { lnClass: PROTECTION, name: /^(Op|Tr)$/ }),
  rule('protection', 3, 'start', 'Protection start', { lnClass: PROTECTION, name: /^Str$/ }),
  rule('alarm', 3, 'protection', 'Protection alarm', { lnClass: PROTECTION, name: ALARM_NAME, cdc: /^(SPS|ACT|ACD)$/ }),
  rule('alarm', 3, 'protection', 'Protection alarm', { lnClass: PROTECTION, name: /^Alm\w+$/, cdc: /^(SPS|ACT|ACD)$/ }),
  rule('protection', 4, 'other', 'Protection signal', { lnClass: PROTECTION, cdc: /^(ACT|ACD)$/ }),
  rule('protection', 2, 'breakerFailure', 'Breaker failure operate', { lnClass: /^RBRF$/, name: /^(OpEx|OpIn)$/ }),
  rule('protection', 3, 'breakerFailureStart', 'Breaker failure start', { lnClass: /^RBRF$/, name: /^Str$/ }),
  rule('protection', 3, 'reclosing', 'Auto-reclosing', { lnClass: /^RREC$/, name: /^(Op|OpCls|AutoRecSt)$/ }),
  rule('protection', 4, 'related', 'Protection related signal', {
    lnClass: /^R(PSB|DIR|FLO|SYN)$/,
    cdc: /^(ACT|ACD)$/,
  }),
  rule('protection', 4, 'synchrocheck', 'Synchrocheck release', { lnClass: /^RSYN$/, name: /^Rel$/ }),
  rule('protection', 4, 'faultLocation', 'Fault location', { lnClass: /^RFLO$/, name: /^(FltZ|FltDis\w*)$/ }),
  rule('status', 4, 'recorder', 'Disturbance record', { lnClass: /^RDRE$/, name: /^(RcdMade|FltNum)$/ }),

  // Measurements.
  rule('measurement', 2, 'activePower', 'Active power', { lnClass: MEASUREMENT, name: /^TotW$/ }),
  rule('measurement', 2, 'reactivePower', 'Reactive power', { lnClass: MEASUREMENT, name: /^TotVAr$/ }),
  rule('measurement', 2, 'apparentPower', 'Apparent power', { lnClass: MEASUREMENT, name: /^TotVA$/ }),
  rule('measurement', 2, 'powerFactor', 'Power factor', { lnClass: MEASUREMENT, name: /^TotPF$/ }),
  rule('measurement', 2, 'frequency', 'Frequency', { lnClass: MEASUREMENT, name: /^Hz$/ }),
  rule('measurement', 2, 'phaseToPhase', 'Phase-to-phase voltage', { lnClass: /^MMXU$/, name: /^PPV$/, sub: PHASE }),
  rule('measurement', 2, 'phaseVoltage', 'Phase voltage', { lnClass: /^MMXU$/, name: /^PhV$/, sub: PHASE }),
  rule('measurement', 2, 'phaseCurrent', 'Phase current', { lnClass: /^MMXU$/, name: /^A$/, sub: PHASE }),
  rule('measurement', 4, 'neutral', 'Neutral or residual quantity', {
    lnClass: /^MMXU$/,
    name: /^(A|PhV|PPV|PNV|W|VAr|VA)$/,
    sub: NEUTRAL,
  }),
  rule('measurement', 4, 'phasePower', 'Power of one phase', {
    lnClass: /^MMXU$/,
    name: /^(W|VAr|VA|PF|PNV)$/,
    sub: PHASE,
  }),
  rule('measurement', 2, 'single', 'Single-phase quantity', {
    lnClass: /^MMXN$/,
    name: /^(Amp|Vol|Watt|VolAmpr|VolAmp|PwrFact)$/,
  }),
  rule('measurement', 3, 'dc', 'DC quantity', { lnClass: /^MMDC$/, name: /^(Watt|Amp|Vol)$/ }),
  rule('measurement', 4, 'sequence', 'Symmetrical component', { lnClass: /^MSQI$/, sub: /^c[123]$/ }),
  rule('measurement', 4, 'imbalance', 'Imbalance', { lnClass: /^MSQI$/, cdc: ANALOGUE }),
  rule('energy', 3, 'meter', 'Energy', { lnClass: /^MMT[RN]$/, cdc: /^BCR$/ }),
  rule('measurement', 6, 'statistics', 'Power quality or statistics', {
    lnClass: /^M(HAI|HAN|STA|FLK)$/,
    cdc: ANALOGUE,
  }),
  rule('measurement', 8, 'sampled', 'Sampled value, meant for the process bus', {
    lnClass: TRANSFORMER,
    cdc: /^SAV$/,
  }),

  // Generic inputs and outputs.
  rule('alarm', 3, 'generic', 'Generic alarm', { lnClass: /^GGIO$/, name: /^(Alm|Wrn)$/ }),
  rule('status', 3, 'generic', 'Generic indication', { lnClass: /^GGIO$/, name: /^(Ind|DPInd|IntIn|EnIn)$/ }),
  rule('measurement', 3, 'generic', 'Generic analogue value', { lnClass: /^GGIO$/, name: /^(AnIn|AnOut)$/ }),
  rule('control', 4, 'generic', 'Generic output', { lnClass: /^GGIO$/, name: /^(SPCSO|DPCSO|ISCSO|BSCSO|EnCSO)$/ }),
  rule('energy', 4, 'counter', 'Counter', { lnClass: /^GGIO$/, name: /^CntRs$/ }),

  // Tap changers, interlocking and what belongs to a switch.
  rule('position', 3, 'tap', 'Tap or step position', { lnClass: TAP_CLASS, name: /^(TapPos|TapChg|ColPos|ShOp)$/ }),
  rule('status', 4, 'interlocking', 'Interlocking release', { lnClass: /^CILO$/, name: /^(EnaOpn|EnaCls)$/ }),
  rule('status', 4, 'local', 'Local or remote operation', {
    name: /^(Loc|LocKey|LocSta)$/,
    cdc: /^(SPS|SPC|ENS|INS)$/,
  }),
  rule('status', 4, 'operatingCapability', 'Operating capability of the breaker', {
    lnClass: /^XCBR$/,
    name: /^CBOpCap$/,
  }),
  rule('status', 4, 'blocked', 'Switching is blocked', { lnClass: SWITCH, name: /^(BlkOpn|BlkCls)$/ }),
  rule('status', 6, 'command', 'Command to the switch', { lnClass: SWITCH, name: /^(OpOpn|OpCls|SelOpn|SelCls)$/ }),
  rule('status', 5, 'operations', 'Operation counter', { name: /^(OpCnt|OpCntRs)$/ }),

  // Supervision.
  rule('alarm', 3, 'supervision', 'Supervision alarm', { lnClass: SUPERVISION, cdc: BINARY }),
  rule('measurement', 4, 'supervision', 'Supervision measurement', { lnClass: SUPERVISION, cdc: ANALOGUE }),
  rule('health', 5, 'subscription', 'Subscription is alive', { lnClass: /^L(GOS|SVS)$/, name: /^St$/ }),
  rule('health', 5, 'channel', 'Communication channel is alive', { lnClass: /^LCCH$/, name: /^(ChLiv|RedChLiv)$/ }),
  rule('health', 5, 'time', 'Time synchronisation', { lnClass: /^LTMS$/, name: /^TmSyn$/ }),
  rule('health', 5, 'device', 'Health of the device', { lnClass: /^LPHD$/, name: /^PhyHealth$/ }),
  rule('alarm', 4, 'named', 'Alarm by its name', { name: ALARM_NAME, cdc: BINARY }),
  rule('alarm', 4, 'class', 'Alarm by its class', { cdc: /^ALM$/ }),
  rule('health', 7, 'system', 'System status', { lnClass: SYSTEM, cdc: STATUS }),
  rule('control', 7, 'system', 'System control', { lnClass: SYSTEM, cdc: CONTROL }),

  // Whatever else there is, by its class: further groups, wind turbines (61400-25), distributed energy (7-420), hydro (7-410).
  rule('energy', 5, 'counter', 'Counter', { cdc: /^BCR$/ }),
  rule('measurement', 5, 'class', 'Measured value', { cdc: ANALOGUE }),
  rule('position', 5, 'class', 'Double point', { cdc: /^(DPS|DPC)$/ }),
  rule('position', 5, 'step', 'Step position', { cdc: /^(BSC|ISC)$/ }),
  rule('protection', 6, 'class', 'Activation signal', { cdc: /^(ACT|ACD)$/ }),
  rule('status', 6, 'class', 'Status', { cdc: STATUS }),
  rule('status', 7, 'counter', 'Status counter', { cdc: /^(SEC|HST)$/ }),
  rule('control', 6, 'class', 'State of a controllable object', { cdc: CONTROL }),
  rule('measurement', 8, 'sampled', 'Sampled value, meant for the process bus', { cdc: /^SAV$/ }),
  rule('setting', 8, 'class', 'Setting', { cdc: SETTING }),
  rule('other', 9, 'class', 'Other data object', {}),
];

/** The rule for a data object; the last one fits everything. */
export function ruleFor(lnClass: string, path: readonly string[], cdc: string | undefined): PointRule {
  const name = (path[0] as string).replace(/\d+$/, '');
  const sub = path.length > 1 ? (path.at(-1) as string) : '';
  return POINT_RULES.find(
    (rule) =>
      (!rule.lnClass || rule.lnClass.test(lnClass)) &&
      (!rule.name || rule.name.test(name)) &&
      (!rule.sub || rule.sub.test(sub)) &&
      (!rule.cdc || rule.cdc.test(cdc ?? '')),
  ) as PointRule;
}
