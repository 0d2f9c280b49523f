/**
 * Words that people type, in English and German, and the names of the standard that they stand for: logical node
 * classes, data objects, or a category written `#alarm`. Words are folded as {@link foldText} does.
 */
const SYNONYMS: ReadonlyArray<readonly [words: string, names: string]> = [
  ['breaker circuit-breaker cb leistungsschalter schalter ls', 'XCBR CSWI SCBR'],
  ['disconnector isolator disconnect trenner trennschalter switch lasttrennschalter', 'XSWI CSWI SSWI'],
  ['earthing grounding earth-switch erder erdungsschalter', 'XSWI CSWI'],
  ['position stellung schalterstellung stellungsmeldung', 'Pos #position'],
  ['voltage volt spannung leiterspannung', 'PhV PPV PNV Vol SeqV VolPhs PPVPhs'],
  ['current ampere strom leiterstrom', 'A Amp SeqA APhs'],
  ['l1 r phsa', 'phsA'],
  ['l2 s phsb', 'phsB'],
  ['l3 t phsc', 'phsC'],
  ['l12 phsab', 'phsAB'],
  ['l23 phsbc', 'phsBC'],
  ['l31 phsca', 'phsCA'],
  ['power leistung', 'TotW TotVAr TotVA W VAr VA Watt VolAmp VolAmpr'],
  ['active real wirkleistung', 'TotW W Watt'],
  ['reactive blindleistung', 'TotVAr VAr VolAmpr'],
  ['apparent scheinleistung', 'TotVA VA VolAmp'],
  ['powerfactor power-factor cosphi leistungsfaktor', 'TotPF PF PwrFact'],
  ['frequency frequenz hertz', 'Hz PTOF PTUF PFRC'],
  ['energy metering meter energie zahler arbeit', '#energy MMTR MMTN'],
  ['counter zahler schaltspiele', 'OpCnt CntRs #energy'],
  ['trip tripping auslosung auslose aus-kommando', 'Tr Op OpEx OpIn PTRC'],
  ['operate ansprechen', 'Op OpEx OpIn'],
  ['start pickup pick-up anregung', 'Str'],
  ['protection schutz', '#protection'],
  ['fault fehler kurzschluss', '#protection'],
  ['overcurrent uberstrom uberstromschutz', 'PTOC PIOC PVOC'],
  ['undercurrent unterstrom', 'PTUC'],
  ['distance distanz distanzschutz', 'PDIS'],
  ['differential differenzial differential differentialschutz', 'PDIF'],
  ['overvoltage uberspannung', 'PTOV'],
  ['undervoltage unterspannung', 'PTUV'],
  ['overfrequency uberfrequenz', 'PTOF'],
  ['underfrequency unterfrequenz', 'PTUF'],
  ['earth-fault ground-fault earthfault erdschluss erdfehler erdkurzschluss', 'PTEF PSDE PTOC PDEF'],
  ['thermal overload uberlast thermisch', 'PTTR'],
  ['breaker-failure breakerfailure schalterversager schalterversagerschutz', 'RBRF'],
  ['reclose reclosing recloser auto-reclose wiedereinschaltung awe', 'RREC AutoRecSt'],
  ['synchrocheck synchronism synchronizer synchrokontrolle synchron', 'RSYN'],
  ['fault-locator fault-location fehlerort fehlerorter', 'RFLO'],
  ['recorder disturbance storschrieb storschreiber', 'RDRE'],
  ['interlocking interlock verriegelung schaltfehlerschutz', 'CILO'],
  ['release freigabe', 'EnaOpn EnaCls Rel'],
  ['blocked blocking blockierung blockiert', 'BlkOpn BlkCls'],
  ['tap stufe stufenstellung stufensteller stufenschalter', 'TapPos TapChg ATCC YLTC'],
  ['transformer trafo transformator umspanner', 'YPTR SPTR YLTC ATCC'],
  ['local remote ort fern ortfern ort-fern', 'Loc LocKey LocSta'],
  ['alarm warning warnung storung storungsmeldung', '#alarm'],
  ['indication meldung', 'Ind #alarm'],
  ['measurement measurand measured messwert messung', '#measurement'],
  ['analog analogue analogwert', 'AnIn AnOut'],
  ['temperature temperatur', 'Tmp STMP'],
  ['pressure druck gasdruck', 'Pres InsPres SIMG'],
  ['gas sf6 isoliergas', 'SIMG'],
  ['command control befehl steuerung', '#control'],
  ['setting parameter einstellung einstellwert', '#setting'],
  ['health gesundheit zustand', '#health Health PhyHealth'],
  ['time clock sync uhrzeit zeitsynchronisation', 'TmSyn LTMS LTIM'],
  ['sequence mitsystem gegensystem nullsystem symmetrische', 'SeqA SeqV MSQI'],
  ['neutral sternpunkt nullleiter', 'neut res net'],
  ['battery batterie', 'ZBAT'],
  ['wind windturbine windenergie windkraft', 'WTUR WGEN WROT WNAC WMET WCNV WTRM WTOW WYAW WALM WAVL WTRF WREP'],
];

const WORDS: ReadonlyArray<readonly [word: string, names: readonly string[]]> = SYNONYMS.flatMap(([words, names]) =>
  words.split(' ').map((word) => [word, names.split(' ')] as const),
);

/** Letters after which a word that is being typed is taken for the beginning of a synonym. */
const MIN_PREFIX = 4;

/** Small letters without accents, ß as ss: `Auslösung` and `auslosung` are one word, and so is `Ausloesung`. */
export function foldText(text: string): string {
  return text
    .toLowerCase()
    .replace(/ß/g, 'ss')
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '');
}

/** Names that a folded word stands for; an unfinished word of four letters or more stands for what it begins. */
export function namesFor(word: string): ReadonlySet<string> {
  const names = new Set<string>();
  // Umlauts that were written out: ausloesung, ueberstrom, zaehler.
  const spellings = [word, word.replace(/([aou])e/g, '$1')];
  for (const [synonym, meant] of WORDS) {
    if (spellings.some((it) => it === synonym || (it.length >= MIN_PREFIX && synonym.startsWith(it)))) {
      for (const name of meant) names.add(name);
    }
  }
  return names;
}
