/**
 * Our own client as a process that can be killed: report_client.ts PORT RESUME_FILE. Says one line for each event of the
 * buffered control block, its value and EntryID, and `armed` whenever it was armed.
 */
import { IedSession, ReportHub, ResumeFile } from '../../../src/client/index.js';

const [port, file] = process.argv.slice(2) as [string, string];
const session = new IedSession({ name: 'RPTS', endpoints: [{ host: '127.0.0.1', port: Number(port) }] });
const lease = ReportHub.of(session).subscribe({
  reference: 'RPTSCTRL/LLN0.brcbWhole01[BR]',
  store: new ResumeFile(file),
  interrogate: false,
});
const say = (line: string): void => void process.stdout.write(`${line}\n`);
lease.consumer.on('report', ({ values, entryId }) => {
  for (const { tag, value, reason } of values)
    if (tag.endsWith('IntIn1') && reason?.includes('data-change')) say(`${Number(value)} ${entryId ?? ''}`);
});
lease.consumer.on('warning', ({ code }) => say(`warning ${code}`));
lease.consumer.on('state', ({ phase }) => phase === 'armed' && say('armed'));
session.start();
