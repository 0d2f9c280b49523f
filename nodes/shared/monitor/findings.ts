/** What the gateway itself can say to the rows of the validation matrix, by their ids. */
import type { SupportRecord } from './support-record.js';

export interface Finding {
  text?: string;
  result?: 'fail' | 'n/a';
}

/** Things that one row names; the rest is counted. */
const MAX_NAMED = 8;
const NONE: Finding = { result: 'n/a' };

export function findings(record: SupportRecord): Map<string, Finding> {
  return new Map(
    Object.entries({
      ...connections(record),
      ...values(record),
      ...reports(record),
      ...modbus(record),
      ...mqtt(record),
      ...controls(record),
      ...processBus(record),
      ...servers(record),
      ...machine(record),
    }),
  );
}

function connections({ connections: { ieds } }: SupportRecord): Record<string, Finding> {
  const ids = ['CON-01', 'CON-02', 'CON-03', 'CON-04'];
  if (ieds.length === 0) return notUsed([...ids, 'CON-05']);
  const used = ieds.filter(({ state }) => state !== 'idle');
  const agreed = used.map(({ ied, state, address, association }) => {
    const where = address ? ` at ${address.host}:${address.port ?? 102}` : '';
    if (!association) return `${ied} ${state}${where}`;
    const { maxPduSize, maxOutstanding } = association;
    return `${ied} ${state}${where}, PDU ${maxPduSize} octets, ${maxOutstanding} requests at a time`;
  });
  const polls = used.flatMap(({ ied, users }) =>
    users.flatMap(({ name, polls: all }) =>
      all.map(({ interval, tags, ms, polls: count, late }) => {
        return `${ied}, ${name}: ${tags} tags each ${interval} ms in ${ms.toFixed(1)} ms, ${late} of ${count} late`;
      }),
    ),
  );
  return {
    'CON-01': { text: named(agreed), ...(used.some(({ state }) => state === 'offline') && { result: 'fail' }) },
    'CON-02': { text: named(used.map(({ ied, address }) => `${ied} by ${address?.host ?? 'no address'}`)) },
    'CON-03': {
      text: named(
        used.map(({ ied, connects, lastError }) => {
          const last = lastError ? `, last ${new Date(lastError.time).toISOString()} ${lastError.code}` : '';
          return `${ied}: ${connects} associations since start${last}`;
        }),
      ),
    },
    'CON-04': { text: named(polls) },
    'CON-05': { text: `${used.length} associations of ${ieds.length} IED nodes` },
  };
}

function values({ values: all }: SupportRecord): Record<string, Finding> {
  if (all.length === 0) return notUsed(['VAL-01', 'VAL-02', 'VAL-03', 'VAL-04', 'VAL-05', 'VAL-06']);
  const live = all.filter(({ status }) => status === 'live');
  const name = ({ ied, tag }: { ied: string; tag: string }): string => `${ied}/${tag}`;
  const positions = all.filter(({ type }) => type === 'Dbpos');
  const doubtful = live.filter(({ quality }) => quality && quality.text !== 'good');
  const failed = all.filter(({ status }) => status === 'error');
  const unsynchronised = all.filter(
    ({ timeQuality }) => timeQuality?.clockNotSynchronized || timeQuality?.clockFailure,
  );
  return {
    'VAL-01': { text: `${all.length} tags, ${live.length} live, ${live.length - doubtful.length} of them good` },
    'VAL-02':
      positions.length === 0 ? NONE : { text: named(positions.map((one) => `${name(one)} ${one.text ?? 'no value'}`)) },
    'VAL-03': {
      text: orNone(
        doubtful.map((one) => `${name(one)} ${one.quality?.text ?? ''}`),
        'every live tag is good',
      ),
    },
    'VAL-04': { text: `${all.filter(({ timestamp }) => timestamp).length} tags have the time of their device` },
    'VAL-05': { text: orNone(unsynchronised.map(name), 'no tag says so') },
    'VAL-06': {
      text: orNone(
        failed.map((one) => `${name(one)}: ${one.error?.code ?? ''}`),
        'no tag is in error',
      ),
    },
  };
}

function reports({ reports: all }: SupportRecord): Record<string, Finding> {
  if (all.length === 0) return notUsed(['REP-01', 'REP-02', 'REP-03', 'REP-04']);
  const sum = (count: (one: (typeof all)[number]) => number): number =>
    all.reduce((total, one) => total + count(one), 0);
  const reserved = all.filter(({ phase }) => phase === 'reserved').map(({ controlBlock }) => controlBlock);
  return {
    'REP-01': {
      text: named(all.map(({ controlBlock, phase, reports: count }) => `${controlBlock} ${phase}, ${count} reports`)),
    },
    'REP-02': {
      text: `${sum(({ missed }) => missed)} missed, ${sum(({ dropped }) => dropped)} dropped, ${sum(({ repeats }) => repeats)} came again`,
    },
    'REP-03': { text: `${sum(({ overflows }) => overflows)} overflows` },
    'REP-04': { text: orNone(reserved, 'none is reserved by others') },
  };
}

function modbus({ modbus: all }: SupportRecord): Record<string, Finding> {
  if (all.length === 0) return notUsed(['MOD-01', 'MOD-02', 'MOD-03', 'MOD-04', 'MOD-05', 'MOD-06']);
  const counts = all.map(({ name, requests, exceptions }) => `${name}: ${requests} requests, ${exceptions} exceptions`);
  return {
    'MOD-01': {
      text: named(
        all.map(({ name, host, port, badRows, unknown }) => {
          return `${name} on ${host}:${port}, ${badRows} rows with errors, ${unknown} tags not in the map`;
        }),
      ),
      ...(all.some(({ badRows }) => badRows > 0) && { result: 'fail' }),
    },
    'MOD-03': { text: named(counts) },
    'MOD-06': {
      text: named(all.map(({ name, masters }) => `${name}: ${masters.length} masters`).concat(counts)),
      ...(all.some(({ listening }) => !listening) && { result: 'fail' }),
    },
  };
}

function mqtt({ mqtt: all }: SupportRecord): Record<string, Finding> {
  if (all.length === 0) return notUsed(['MQT-01', 'MQT-02']);
  return {
    'MQT-01': {
      text: named(
        all.map(({ broker, root, state, published }) => `${broker} ${root}: ${state}, ${published} published`),
      ),
      ...(all.some(({ state }) => state === 'away') && { result: 'fail' }),
    },
    'MQT-02': {
      text: named(all.map(({ broker, queued, dropped }) => `${broker}: ${queued} waiting, ${dropped} dropped`)),
    },
  };
}

function controls({ log }: SupportRecord): Record<string, Finding> {
  const said = log.filter(({ kind }) => kind === 'iec61850-control').map(({ time, text }) => `${time} ${text}`);
  return { 'CTL-03': { text: said.length > 0 ? named(said) : '' } };
}

function processBus({ bus }: SupportRecord): Record<string, Finding> {
  const streams = bus.flatMap(({ statistics }) => {
    const { controlBlocks = [] } = (statistics ?? {}) as { controlBlocks?: { gocbRef: string; state: string }[] };
    return controlBlocks;
  });
  if (!bus.some(({ type }) => type === 'goose-in')) return notUsed(['GSE-01', 'GSE-02', 'GSE-03']);
  const listed = named(streams.map(({ gocbRef, state }) => `${gocbRef} ${state}`));
  return { 'GSE-01': { text: listed }, 'GSE-02': { text: listed }, 'GSE-03': { text: listed } };
}

function servers({ connections: { servers: all }, modbus: masters }: SupportRecord): Record<string, Finding> {
  const clients = all.flatMap(({ name, clients: now }) =>
    now.map(({ address, port, role }) => `${name}: ${address}:${port}${role ? ` as ${role}` : ''}`),
  );
  const listening = [
    ...all.flatMap(({ name, address }) => (address ? [`${name} ${address.host}:${address.port}`] : [])),
    ...masters.filter((one) => one.listening).map(({ name, host, port }) => `${name} ${host}:${port}`),
  ];
  return {
    ...(all.length === 0
      ? notUsed(['SRV-01', 'SRV-02'])
      : { 'SRV-01': { text: orNone(clients, 'no client is connected') } }),
    'SEC-01': { text: orNone(listening, 'nothing listens besides Node-RED itself') },
  };
}

function machine({ header, connections: { ieds }, log }: SupportRecord): Record<string, Finding> {
  const count = (level: string): number => log.filter((entry) => entry.level === level).length;
  const secure = ieds.flatMap(({ ied, association }) =>
    association
      ? [`${ied} ${association.tls ? `${association.tls.version} ${association.tls.cipher}` : 'without TLS'}`]
      : [],
  );
  const hours = (header.uptime / 3600).toFixed(1);
  const mebibytes = Math.round(header.memory / 2 ** 20);
  return {
    'SEC-03': { text: orNone(secure, 'no association') },
    'RUN-01': {
      text: `${hours} h up, ${mebibytes} MiB, ${count('error')} errors, ${count('warn')} warnings in the log`,
    },
    'DOC-01': { text: `${header.package.name} ${header.package.version}, flows ${header.flows.sha256}` },
  };
}

const notUsed = (ids: readonly string[]): Record<string, Finding> => Object.fromEntries(ids.map((id) => [id, NONE]));

function named(texts: readonly string[]): string {
  const rest = texts.length - MAX_NAMED;
  return texts.slice(0, MAX_NAMED).join('; ') + (rest > 0 ? `; and ${rest} more` : '');
}

const orNone = (texts: readonly string[], none: string): string => (texts.length === 0 ? none : named(texts));
