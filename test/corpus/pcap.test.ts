/**
 * Captures of real devices and of other stacks: every MMS PDU decodes and comes out again octet for octet, or stands
 * here with the reason. An entry that no longer applies fails as well, so that the list cannot rot.
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Iec61850Error } from '../../src/errors.js';
import { decodeMmsPdu, encodeMmsPdu } from '../../src/mms/pdu.js';
import { carriedBy } from './associations.js';
import { ETHERTYPE, etherType, readCapture, tcpConnections } from './pcap.js';

const FOLDER = path.resolve(__dirname, '../../../shared/corpus/pcap');

interface Listed {
  reason: string;
  /** PDUs that are refused, or come out in other octets. */
  pdus?: number;
  /** What the layers below MMS cannot follow, by the words of our error. */
  problem?: RegExp;
}

const TRUE_AS_FF: Listed = {
  reason: 'writes TRUE as ff; we send 01, as both are legal BER and 01 is what we send everywhere',
  pdus: 1,
};
const EMPTY_RESPONSE =
  'the simulated server answers with a confirmed response that holds no service, and its session ACCEPT claims more octets than follow';
const PLAIN_MMS =
  'a made-up client: the nesting level of its Initiate request is 2056, where ISO 9506-2 has an Integer8; the answers are in TPKTs whose length is wrong';
const plainMms = (pdus = 1): Listed => ({ reason: PLAIN_MMS, pdus, problem: /TPKT length 5 is too short/ });
const emptyResponse = (pdus: number): Listed => ({
  reason: EMPTY_RESPONSE,
  ...(pdus > 0 && { pdus }),
  problem: /session SPDU is longer than its packet/,
});

const LISTED: Record<string, Listed> = {
  'ITI-ICS-Security-Tools__iec61850_get_name_list.pcap': emptyResponse(2),
  'ITI-ICS-Security-Tools__iec61850_get_variable_access_attributes.pcap': emptyResponse(2),
  'ITI-ICS-Security-Tools__iec61850_read.pcap': {
    ...emptyResponse(2),
    reason: `${EMPTY_RESPONSE}; its read request writes specificationWithResult FALSE, which is the default and which we leave out`,
  },
  'ITI-ICS-Security-Tools__iec61850_release.pcap': emptyResponse(0),
  'ITI-ICS-Security-Tools__iec61850_write.pcap': emptyResponse(2),
  'ITI-ICS-Security-Tools__mms-cancelRequest.pcap': plainMms(),
  'ITI-ICS-Security-Tools__mms-confirmedRequestPDU.pcap': {
    ...plainMms(2),
    reason: `${PLAIN_MMS}; the confirmed request holds no service`,
  },
  'ITI-ICS-Security-Tools__mms-deleteProgramInvocation.pcap': plainMms(),
  'ITI-ICS-Security-Tools__mms-getAlarmSummary.pcap': plainMms(),
  'ITI-ICS-Security-Tools__mms-getDomainAttributes.pcap': plainMms(),
  'ITI-ICS-Security-Tools__mms-initiateDownloadSequence.pcap': plainMms(),
  'ITI-ICS-Security-Tools__mms-initiateUploadSequence.pcap': plainMms(),
  'ITI-ICS-Security-Tools__mms-killRequest.pcap': plainMms(),
  'ITI-ICS-Security-Tools__mms-readRequest.pcap': plainMms(),
  'ITI-ICS-Security-Tools__mms-relinquishControl.pcap': plainMms(),
  'ITI-ICS-Security-Tools__mms-resetRequest.pcap': plainMms(),
  'ITI-ICS-Security-Tools__mms-resumeRequest.pcap': plainMms(),
  'ITI-ICS-Security-Tools__mms-startRequest.pcap': plainMms(),
  'ITI-ICS-Security-Tools__mms-stopRequest.pcap': plainMms(),
  'ITI-ICS-Security-Tools__mms-takeControl.pcap': plainMms(),
  'ITI-ICS-Security-Tools__mms-terminateUploadSequence.pcap': plainMms(),
  'smartgridadsc-MMS-protocol-parser-for-Zeek-IDS__getVariableAccessAttributes_optional_address.pcap': {
    reason:
      'the answer holds an address, which ISO 9506-2 has for unnamed variables and IEC 61850 does not use; we do not keep it',
    pdus: 1,
  },
  'smartgridadsc-MMS-protocol-parser-for-Zeek-IDS__status_0.pcap': TRUE_AS_FF,
  'smartgridadsc-MMS-protocol-parser-for-Zeek-IDS__status_1.pcap': TRUE_AS_FF,
  'smartgridadsc-MMS-protocol-parser-for-Zeek-IDS__status_2.pcap': TRUE_AS_FF,
  'smartgridadsc-MMS-protocol-parser-for-Zeek-IDS__status_3.pcap': TRUE_AS_FF,
};

/** Why a PDU does not come out as it went in; undefined when it does. */
function difference(octets: Buffer): string | undefined {
  try {
    const again = encodeMmsPdu(decodeMmsPdu(octets));
    return again.equals(octets) ? undefined : `${octets.toString('hex')} becomes ${again.toString('hex')}`;
  } catch (error) {
    if (!(error instanceof Iec61850Error)) throw error;
    return `${octets.toString('hex')}: ${error.message}`;
  }
}

describe('Captures of the corpus', () => {
  if (!existsSync(FOLDER)) {
    it(`is skipped: there is no ${FOLDER}`, function () {
      this.skip();
    });
    return;
  }
  const files = readdirSync(FOLDER).sort();
  let total = 0;

  for (const file of files) {
    const frames = readCapture(readFileSync(path.join(FOLDER, file)));
    const types = new Set(frames.map(etherType));
    const carried = tcpConnections(frames).map(carriedBy);
    const pdus = carried.flatMap((one) => one.pdus);
    const problems = carried.flatMap((one) => one.problems);
    if (pdus.length === 0 && (types.has(ETHERTYPE.goose) || types.has(ETHERTYPE.sampledValues))) {
      it(`${file}: process bus only, a later issue's`, () => assert.deepEqual(problems, []));
      continue;
    }
    const listed = LISTED[file];
    it(`${file}: ${pdus.length} MMS PDUs${listed ? `, listed: ${listed.reason}` : ' come out as they went in'}`, () => {
      assert.ok(pdus.length > 0, 'no MMS PDU was found');
      const differences = pdus.map(difference).filter((text) => text !== undefined);
      if (listed?.problem) {
        assert.ok(problems.length > 0, 'nothing is wrong below MMS any more; take it off the list');
        for (const problem of problems) assert.match(problem, listed.problem);
      } else {
        assert.deepEqual(problems, []);
      }
      assert.equal(differences.length, listed?.pdus ?? 0, differences.join('\n'));
      total += pdus.length - differences.length;
    });
  }

  it('every listed capture is there', () => {
    assert.deepEqual(
      Object.keys(LISTED).filter((file) => !files.includes(file)),
      [],
    );
  });

  after(() => console.log(`    ${total} MMS PDUs of ${files.length} captures came out octet for octet`));
});
