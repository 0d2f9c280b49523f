import assert from 'node:assert/strict';
import { tlv } from '../../src/ber/encode.js';
import { BerReader } from '../../src/ber/reader.js';
import { DecodeError, Iec61850Error, LimitError } from '../../src/errors.js';
import { encodeMmsPdu, decodeMmsPdu } from '../../src/mms/pdu.js';
import {
  decodeServiceRequest,
  decodeServiceResponse,
  encodeServiceRequest,
  encodeServiceResponse,
  type ServiceRequest,
  type ServiceResponse,
} from '../../src/mms/services.js';
import { binaryTimeToMs, msToBinaryTime } from '../../src/model/timestamp.js';
import { generator, mutated } from '../support/mutate.js';

function reader(octets: Buffer): BerReader {
  const found = new BerReader(octets);
  found.next();
  return found;
}

const JOURNAL = { scope: 'domain', domain: 'LD', item: 'LLN0$Log' } as const;
const TIME = { ms: 1, days: 2 };
const ID = Buffer.from('0000000000000001', 'hex');
type Answer = Extract<ServiceResponse, { service: 'readJournal' }>;

function answerOf(hex: string): Answer {
  const answer = decodeServiceResponse(reader(Buffer.from(hex, 'hex')));
  assert.ok(answer.service === 'readJournal');
  return answer;
}

describe('ReadJournal', () => {
  const requests: ServiceRequest[] = [
    { service: 'readJournal', journal: JOURNAL },
    { service: 'readJournal', journal: JOURNAL, start: { time: TIME }, stop: { time: { ms: 5 } } },
    { service: 'readJournal', journal: JOURNAL, start: { entry: ID }, stop: { entries: 10 } },
    { service: 'readJournal', journal: JOURNAL, stop: { entries: -10 } },
    { service: 'readJournal', journal: { scope: 'vmd', item: 'Log' }, variables: ['a', 'LD/LLN0$ST$Mod'] },
    { service: 'readJournal', journal: JOURNAL, after: { time: TIME, entry: ID } },
  ];
  const responses: Answer[] = [
    { service: 'readJournal', entries: [], moreFollows: false },
    {
      service: 'readJournal',
      moreFollows: true,
      entries: [
        {
          entryId: ID,
          time: TIME,
          variables: [
            { tag: 'LD/GGIO1$ST$Ind1', data: { type: 'structure', items: [{ type: 'boolean', value: true }] } },
            { tag: 'ReasonCode', data: { type: 'bit-string', bits: '010000' } },
          ],
        },
        { originatingApplication: Buffer.from('3003820105', 'hex'), time: TIME, annotation: 'started' },
        { entryId: ID, time: TIME, event: Buffer.from('a00480024543810102', 'hex') },
      ],
    },
  ];

  it('requests survive both ways', () => {
    for (const request of requests)
      assert.deepEqual(decodeServiceRequest(reader(encodeServiceRequest(request))), request);
  });

  it('answers survive both ways', () => {
    for (const response of responses)
      assert.deepEqual(decodeServiceResponse(reader(encodeServiceResponse(response))), response);
  });

  it('the octets are those of ISO 9506-2, with a service tag of two octets', () => {
    const [whole, byTime, byEntry, , , after] = requests.map((one) => encodeServiceRequest(one).toString('hex'));
    const journal = 'a010a10e1a024c441a084c4c4e30244c6f67';
    assert.equal(whole, `bf4112${journal}`);
    assert.equal(byTime, `bf4124${journal}a1088006000000010002a206800400000005`);
    assert.equal(byEntry, `bf4123${journal}a10a81080000000000000001a20381010a`);
    assert.equal(after, `bf4126${journal}a512800600000001000281080000000000000001`);
    assert.equal(
      encodeServiceResponse({
        service: 'readJournal',
        moreFollows: true,
        entries: [
          {
            entryId: ID,
            time: TIME,
            variables: [{ tag: 'v', data: { type: 'boolean', value: true } }],
          },
        ],
      }).toString('hex'),
      'bf412da028302680080000000000000001a1023000a2168006000000010002a20ca10a3008800176a103830101810101',
    );
  });

  it('moreFollows is DEFAULT FALSE: absent means that this was all', () => {
    assert.equal(answerOf('bf4102a000').moreFollows, false);
    assert.equal(answerOf('bf4105a000810101').moreFollows, true);
  });

  it('a request is told from others in a PDU', () => {
    const [request] = requests as [ServiceRequest];
    const pdu = encodeMmsPdu({ pdu: 'confirmed-request', invokeId: 7, request });
    assert.deepEqual(decodeMmsPdu(pdu), { pdu: 'confirmed-request', invokeId: 7, request });
  });

  /** An answer with one entry of this content. */
  const answerWith = (...content: Buffer[]): string =>
    tlv(0xbf41, tlv(0xa0, tlv(0x30, tlv(0xa1, tlv(0x30)), tlv(0xa2, ...content)))).toString('hex');
  const time = tlv(0x80, Buffer.from('000000010002', 'hex'));
  const variables = (...list: Buffer[]): Buffer => tlv(0xa2, tlv(0xa1, ...list));
  const octets = (hex: string): Buffer => Buffer.from(hex, 'hex');

  it('texts are read with implicit and with explicit tags', () => {
    for (const tag of ['800176', 'a0031a0176']) {
      const [entry] = answerOf(answerWith(time, variables(tlv(0x30, octets(tag), octets('a1038a0161'))))).entries;
      assert.deepEqual(entry?.variables, [{ tag: 'v', data: { type: 'visible-string', value: 'a' } }]);
    }
    for (const annotation of ['8303796573', 'a3051a03796573'])
      assert.equal(answerOf(answerWith(time, octets(annotation))).entries[0]?.annotation, 'yes');
  });

  it('an entry without its identifier is read', () => {
    assert.deepEqual(answerOf(answerWith(time)).entries, [{ time: TIME }]);
  });

  it('a value of unknown type is kept as octets, and the others with it', () => {
    const unknown = tlv(0x30, octets('800176'), octets('a1049f020101'));
    const inside = tlv(0x30, octets('800177'), octets('a107a2058301019e00'));
    const known = tlv(0x30, octets('800178'), octets('a103850107'));
    const answer = answerOf(answerWith(time, variables(unknown, inside, known)));
    assert.deepEqual(answer.entries[0]?.variables, [
      { tag: 'v', data: { type: 'other', tag: 0x9f02, octets: Buffer.of(1) } },
      { tag: 'w', data: { type: 'other', tag: 0xa2, octets: octets('8301019e00') } },
      { tag: 'x', data: { type: 'integer', value: 7 } },
    ]);
  });

  const brokenAnswers: Readonly<Record<string, string>> = {
    'no list of entries': 'bf4100',
    'another element in its place': 'bf4102a100',
    'an entry that is no SEQUENCE': 'bf4104a0028000',
    'an entry without content': 'bf4104a0023000',
    'content without a time': answerWith(),
    'a time of one octet': answerWith(octets('800100')),
    'a variable that is no SEQUENCE': answerWith(time, variables(octets('800176'))),
    'a variable without tag': answerWith(time, variables(tlv(0x30))),
    'a variable without value': answerWith(time, variables(tlv(0x30, octets('800176')))),
    'a variable with an empty value': answerWith(time, variables(tlv(0x30, octets('800176a100')))),
    'a BOOLEAN of two octets': 'bf4106a00081020101',
    'an entry that is longer than its list': 'bf4104a002307f',
  };
  for (const [what, hex] of Object.entries(brokenAnswers)) {
    it(`an answer with ${what} is refused`, () => {
      assert.throws(() => answerOf(hex), DecodeError);
    });
  }

  const journal = tlv(0xa0, octets('80016a'));
  const brokenRequests: Readonly<Record<string, Buffer>> = {
    'no journal': tlv(0xbf41),
    'an empty name': tlv(0xbf41, tlv(0xa0)),
    'an empty start': tlv(0xbf41, journal, tlv(0xa1)),
    'an unknown start': tlv(0xbf41, journal, tlv(0xa1, octets('870100'))),
    'an unknown end': tlv(0xbf41, journal, tlv(0xa2, octets('870100'))),
    'a number of entries beyond 32 bits': tlv(0xbf41, journal, tlv(0xa2, octets('81050100000000'))),
    'a time of no octets': tlv(0xbf41, journal, tlv(0xa5, octets('8000'))),
    'a time without its entry': tlv(0xbf41, journal, tlv(0xa5, time)),
  };
  for (const [what, request] of Object.entries(brokenRequests)) {
    it(`a request with ${what} is refused`, () => {
      assert.throws(() => decodeServiceRequest(reader(request)), DecodeError);
    });
  }

  it('an entry identifier of unreasonable length is refused before it is kept', () => {
    const entry = Buffer.alloc(65, 1);
    assert.throws(
      () =>
        decodeServiceRequest(
          reader(encodeServiceRequest({ service: 'readJournal', journal: JOURNAL, start: { entry } })),
        ),
      LimitError,
    );
  });

  it('no mutation of an answer does more than be refused', () => {
    const whole = encodeServiceResponse(responses[1] as Answer);
    const random = generator(65);
    for (let i = 0; i < 3000; i++) {
      try {
        decodeServiceResponse(reader(mutated(whole, random)));
      } catch (error) {
        assert.ok(error instanceof Iec61850Error, String(error));
      }
    }
  });

  it('times of a journal keep every millisecond', () => {
    for (const iso of ['1984-01-01T00:00:00.000Z', '2026-11-20T13:44:33.999Z', '2163-06-06T23:59:59.999Z']) {
      const { ms, days } = msToBinaryTime(Date.parse(iso));
      assert.equal(new Date(binaryTimeToMs(ms, days)).toISOString(), iso);
    }
    assert.deepEqual(msToBinaryTime(0), { ms: 0, days: 0 });
    assert.deepEqual(msToBinaryTime(Infinity), { ms: 86_399_999, days: 65535 });
  });
});
