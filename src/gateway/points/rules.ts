/**
 * What a data object is for, by its logical node class, its name and its common data class. The first rule that fits
 * decides, so the table reads from the particular to the general.
 */
import type { PointCategory } from './point.js';

export interface PointRule {
  /** Logical node class; any when absent. */
  lnClass?: RegExp;
  /** Data object without its instance number, `Ind` for `Ind12`; any when absent. */
  name?: RegExp;
  /** Sub data object, `phsA`; any or none when absent. */
  sub?: RegExp;
  /** Common data class of the (sub) data object; any when absent. */
  cdc?: RegExp;
  category: PointCategory;
  /** 1 to 9; up to {@link LAST_RECOMMENDED_RANK} is recommended. */
  rank: number;
  /** Left out of the list unless hidden points are asked for. */
  hidden?: boolean;
  key: string;
  reason: string;
}

export const LAST_RECOMMENDED_RANK = 5;

const PROTECTION = /^P[A-Z]{3}$/;
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
  { name: /^Beh$/, category: 'health', rank: 8, hidden: true, key: 'hidden.beh', reason: 'Behaviour of a logical node' },
  { name: /^Mod$/, category: 'control', rank: 8, hidden: true, key: 'hidden.mod', reason: 'Mode of a logical node' },
  { name: /^Health$/, category: 'health', rank: 7, hidden: true, key: 'hidden.health', reason: 'Health of a logical node' },
  { name: /^NamPlt$/, category: 'other', rank: 9, hidden: true, key: 'hidden.namePlate', reason: 'Name plate' },

  // Positions.
  { lnClass: /^CSWI$/, name: /^Pos$/, category: 'position', rank: 1, key: 'position.controller', reason: 'Switch position at the bay controller' },
  { lnClass: /^XCBR$/, name: /^Pos$/, category: 'position', rank: 2, key: 'position.breaker', reason: 'Circuit breaker position at the process' },
  { lnClass: /^XSWI$/, name: /^Pos$/, category: 'position', rank: 2, key: 'position.switch', reason: 'Switch position at the process' },
  { lnClass: SWITCH, name: /^Pos[ABC]$/, category: 'position', rank: 3, key: 'position.phase', reason: 'Position of one pole' },

  // Protection.
  { lnClass: /^PTRC$/, name: /^(Tr|Op)$/, category: 'protection', rank: 1, key: 'protection.trip', reason: 'Trip' },
  { lnClass: PROTECTION, name: /^(Op|Tr)$/, category: 'protection', rank: 2, key: 'protection.operate', reason: 'Protection operate' },
  { lnClass: PROTECTION, name: /^Str$/, category: 'protection', rank: 3, key: 'protection.start', reason: 'Protection start' },
  { lnClass: PROTECTION, name: ALARM_NAME, cdc: /^(SPS|ACT|ACD)$/, category: 'alarm', rank: 3, key: 'alarm.protection', reason: 'Protection alarm' },
  { lnClass: PROTECTION, name: /^Alm\w+$/, cdc: /^(SPS|ACT|ACD)$/, category: 'alarm', rank: 3, key: 'alarm.protection', reason: 'Protection alarm' },
  { lnClass: PROTECTION, cdc: /^(ACT|ACD)$/, category: 'protection', rank: 4, key: 'protection.other', reason: 'Protection signal' },
  { lnClass: /^RBRF$/, name: /^(OpEx|OpIn)$/, category: 'protection', rank: 2, key: 'protection.breakerFailure', reason: 'Breaker failure operate' },
  { lnClass: /^RBRF$/, name: /^Str$/, category: 'protection', rank: 3, key: 'protection.breakerFailureStart', reason: 'Breaker failure start' },
  { lnClass: /^RREC$/, name: /^(Op|OpCls|AutoRecSt)$/, category: 'protection', rank: 3, key: 'protection.reclosing', reason: 'Auto-reclosing' },
  { lnClass: /^R(PSB|DIR|FLO|SYN)$/, cdc: /^(ACT|ACD)$/, category: 'protection', rank: 4, key: 'protection.related', reason: 'Protection related signal' },
  { lnClass: /^RSYN$/, name: /^Rel$/, category: 'protection', rank: 4, key: 'protection.synchrocheck', reason: 'Synchrocheck release' },
  { lnClass: /^RFLO$/, name: /^(FltZ|FltDis\w*)$/, category: 'protection', rank: 4, key: 'protection.faultLocation', reason: 'Fault location' },
  { lnClass: /^RDRE$/, name: /^(RcdMade|FltNum)$/, category: 'status', rank: 4, key: 'status.recorder', reason: 'Disturbance record' },

  // Measurements.
  { lnClass: MEASUREMENT, name: /^(TotW|TotVAr|TotVA|TotPF)$/, category: 'measurement', rank: 2, key: 'measurement.totalPower', reason: 'Total power' },
  { lnClass: MEASUREMENT, name: /^Hz$/, category: 'measurement', rank: 2, key: 'measurement.frequency', reason: 'Frequency' },
  { lnClass: /^MMXU$/, name: /^(A|PhV|PPV)$/, sub: PHASE, category: 'measurement', rank: 2, key: 'measurement.phase', reason: 'Phase or line quantity' },
  { lnClass: /^MMXU$/, name: /^(A|PhV|PPV|PNV|W|VAr|VA)$/, sub: NEUTRAL, category: 'measurement', rank: 4, key: 'measurement.neutral', reason: 'Neutral or residual quantity' },
  { lnClass: /^MMXU$/, name: /^(W|VAr|VA|PF|PNV)$/, sub: PHASE, category: 'measurement', rank: 4, key: 'measurement.phasePower', reason: 'Power of one phase' },
  { lnClass: /^MMXN$/, name: /^(Amp|Vol|Watt|VolAmpr|VolAmp|PwrFact)$/, category: 'measurement', rank: 2, key: 'measurement.single', reason: 'Single-phase quantity' },
  { lnClass: /^MMDC$/, name: /^(Watt|Amp|Vol)$/, category: 'measurement', rank: 3, key: 'measurement.dc', reason: 'DC quantity' },
  { lnClass: /^MSQI$/, sub: /^c[123]$/, category: 'measurement', rank: 4, key: 'measurement.sequence', reason: 'Symmetrical component' },
  { lnClass: /^MSQI$/, cdc: ANALOGUE, category: 'measurement', rank: 4, key: 'measurement.imbalance', reason: 'Imbalance' },
  { lnClass: /^MMT[RN]$/, cdc: /^BCR$/, category: 'energy', rank: 3, key: 'energy.meter', reason: 'Energy' },
  { lnClass: /^M(HAI|HAN|STA|FLK)$/, cdc: ANALOGUE, category: 'measurement', rank: 6, key: 'measurement.statistics', reason: 'Power quality or statistics' },
  { lnClass: /^T[A-Z]{3}$/, cdc: /^SAV$/, category: 'measurement', rank: 8, key: 'measurement.sampled', reason: 'Sampled value, meant for the process bus' },

  // Generic inputs and outputs.
  { lnClass: /^GGIO$/, name: /^(Alm|Wrn)$/, category: 'alarm', rank: 3, key: 'alarm.generic', reason: 'Generic alarm' },
  { lnClass: /^GGIO$/, name: /^(Ind|DPInd|IntIn|EnIn)$/, category: 'status', rank: 3, key: 'status.generic', reason: 'Generic indication' },
  { lnClass: /^GGIO$/, name: /^(AnIn|AnOut)$/, category: 'measurement', rank: 3, key: 'measurement.generic', reason: 'Generic analogue value' },
  { lnClass: /^GGIO$/, name: /^(SPCSO|DPCSO|ISCSO|BSCSO|EnCSO)$/, category: 'control', rank: 4, key: 'control.generic', reason: 'Generic output' },
  { lnClass: /^GGIO$/, name: /^CntRs$/, category: 'energy', rank: 4, key: 'energy.counter', reason: 'Counter' },

  // Tap changers, interlocking and what belongs to a switch.
  { lnClass: TAP_CLASS, name: /^(TapPos|TapChg|ColPos|ShOp)$/, category: 'position', rank: 3, key: 'position.tap', reason: 'Tap or step position' },
  { lnClass: /^CILO$/, name: /^(EnaOpn|EnaCls)$/, category: 'status', rank: 4, key: 'status.interlocking', reason: 'Interlocking release' },
  { name: /^(Loc|LocKey|LocSta)$/, cdc: /^(SPS|SPC|ENS|INS)$/, category: 'status', rank: 4, key: 'status.local', reason: 'Local or remote operation' },
  { lnClass: /^XCBR$/, name: /^CBOpCap$/, category: 'status', rank: 4, key: 'status.operatingCapability', reason: 'Operating capability of the breaker' },
  { lnClass: SWITCH, name: /^(BlkOpn|BlkCls)$/, category: 'status', rank: 4, key: 'status.blocked', reason: 'Switching is blocked' },
  { lnClass: SWITCH, name: /^(OpOpn|OpCls|SelOpn|SelCls)$/, category: 'status', rank: 6, key: 'status.command', reason: 'Command to the switch' },
  { name: /^(OpCnt|OpCntRs)$/, category: 'status', rank: 5, key: 'status.operations', reason: 'Operation counter' },

  // Supervision.
  { lnClass: /^S[A-Z]{3}$/, cdc: BINARY, category: 'alarm', rank: 3, key: 'alarm.supervision', reason: 'Supervision alarm' },
  { lnClass: /^S[A-Z]{3}$/, cdc: ANALOGUE, category: 'measurement', rank: 4, key: 'measurement.supervision', reason: 'Supervision measurement' },
  { lnClass: /^L(GOS|SVS)$/, name: /^St$/, category: 'health', rank: 5, key: 'health.subscription', reason: 'Subscription is alive' },
  { lnClass: /^LCCH$/, name: /^(ChLiv|RedChLiv)$/, category: 'health', rank: 5, key: 'health.channel', reason: 'Communication channel is alive' },
  { lnClass: /^LTMS$/, name: /^TmSyn$/, category: 'health', rank: 5, key: 'health.time', reason: 'Time synchronisation' },
  { lnClass: /^LPHD$/, name: /^PhyHealth$/, category: 'health', rank: 5, key: 'health.device', reason: 'Health of the device' },
  { name: ALARM_NAME, cdc: BINARY, category: 'alarm', rank: 4, key: 'alarm.named', reason: 'Alarm by its name' },
  { cdc: /^ALM$/, category: 'alarm', rank: 4, key: 'alarm.class', reason: 'Alarm by its class' },
  { lnClass: /^L[A-Z0-9]{3}$/, cdc: STATUS, category: 'health', rank: 7, key: 'health.system', reason: 'System status' },
  { lnClass: /^L[A-Z0-9]{3}$/, cdc: CONTROL, category: 'control', rank: 7, key: 'control.system', reason: 'System control' },

  // Whatever else there is, by its class: further groups, wind turbines (61400-25), distributed energy (7-420), hydro (7-410).
  { cdc: /^BCR$/, category: 'energy', rank: 5, key: 'energy.counter', reason: 'Counter' },
  { cdc: ANALOGUE, category: 'measurement', rank: 5, key: 'measurement.class', reason: 'Measured value' },
  { cdc: /^(DPS|DPC)$/, category: 'position', rank: 5, key: 'position.class', reason: 'Double point' },
  { cdc: /^(BSC|ISC)$/, category: 'position', rank: 5, key: 'position.step', reason: 'Step position' },
  { cdc: /^(ACT|ACD)$/, category: 'protection', rank: 6, key: 'protection.class', reason: 'Activation signal' },
  { cdc: STATUS, category: 'status', rank: 6, key: 'status.class', reason: 'Status' },
  { cdc: /^(SEC|HST)$/, category: 'status', rank: 7, key: 'status.counter', reason: 'Status counter' },
  { cdc: CONTROL, category: 'control', rank: 6, key: 'control.class', reason: 'State of a controllable object' },
  { cdc: /^SAV$/, category: 'measurement', rank: 8, key: 'measurement.sampled', reason: 'Sampled value, meant for the process bus' },
  { cdc: SETTING, category: 'setting', rank: 8, key: 'setting.class', reason: 'Setting' },
  { category: 'other', rank: 9, key: 'other.class', reason: 'Other data object' },
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
