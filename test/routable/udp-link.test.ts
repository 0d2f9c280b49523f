import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import type { BusFrame } from '../../src/bus-link/bus-link.js';
import { UdpLink, type UdpLinkOptions } from '../../src/bus-link/udp-link.js';
import { addressOn, bindError, isMulticast } from '../../src/bus-link/udp-socket.js';
import { ArgumentError, EthernetError } from '../../src/errors.js';
import { encodeApplicationFrame, EtherType } from '../../src/mms/application-header.js';
import type { BusSecurityState } from '../../src/routable/bus-security.js';
import { busKey, GOOSE_APDU, SV_APDU } from './frames.js';

const GOOSE = {
  destination: '',
  etherType: EtherType.goose,
  payload: encodeApplicationFrame(0x3001, true, GOOSE_APDU),
};

describe('a link over UDP', () => {
  const open: UdpLink[] = [];
  afterEach(() => Promise.all(open.splice(0).map((link) => link.close())));

  async function receiver(
    options: Partial<UdpLinkOptions> = {},
  ): Promise<{ link: UdpLink; port: number; next: () => Promise<BusFrame>; state: Promise<BusSecurityState> }> {
    const waiting: ((frame: BusFrame) => void)[] = [];
    const came: BusFrame[] = [];
    let told: (state: BusSecurityState) => void = () => undefined;
    const state = new Promise<BusSecurityState>((resolve) => (told = resolve));
    const link = await UdpLink.open(
      { address: '127.0.0.1', port: 0, direction: 'receive', ...options },
      {
        frame: (frame) => {
          const waiter = waiting.shift();
          if (waiter) waiter(frame);
          else came.push(frame);
        },
        security: (now) => told(now),
      },
    );
    open.push(link);
    link.listen({ etherTypes: [EtherType.goose] });
    const next = (): Promise<BusFrame> => {
      const [frame] = came.splice(0, 1);
      return frame ? Promise.resolve(frame) : new Promise((resolve) => waiting.push(resolve));
    };
    return { link, port: link.port as number, next, state };
  }
  async function sender(port: number, options: Partial<UdpLinkOptions> = {}): Promise<UdpLink> {
    const link = await UdpLink.open(
      { address: '127.0.0.1', port, direction: 'send', ...options },
      { frame: () => undefined },
    );
    open.push(link);
    return link;
  }

  for (const [address, own] of [
    ['127.0.0.1', undefined],
    ['::1', undefined],
    ['239.192.90.5', '127.0.0.1'],
  ] as const) {
    it(`brings a frame of Ethernet from one machine to another at ${address}`, async function () {
      if (address === '::1' && addressOn('::1', '::1') === undefined) return this.skip();
      const to = { address, ...(own && { interface: own }) };
      const { port, next, link } = await receiver(to);
      const sending = await sender(port, to);
      sending.send(GOOSE);
      const frame = await next();
      assert.deepEqual(frame.payload, GOOSE.payload);
      assert.equal(frame.etherType, EtherType.goose);
      assert.match(frame.source, /^(127\.0\.0\.1|::1):\d+$/);
      assert.equal(link.statistics().received, 1);
      assert.equal(sending.statistics().sent, 1);
      return undefined;
    });
  }

  it('is shared by several receivers of one group', async () => {
    const to = { address: '239.192.90.6', interface: '127.0.0.1' };
    const one = await receiver(to);
    const other = await receiver({ ...to, port: one.port });
    (await sender(one.port, to)).send(GOOSE);
    const frames = await Promise.all([one.next(), other.next()]);
    assert.equal(frames.length, 2);
  });

  it('hears nothing of other groups on the same port', async () => {
    const one = await receiver({ address: '239.192.90.7', interface: '127.0.0.1' });
    const other = await receiver({ address: '239.192.90.8', interface: '127.0.0.1', port: one.port });
    (await sender(one.port, { address: '239.192.90.8', interface: '127.0.0.1' })).send(GOOSE);
    await other.next();
    assert.equal(one.link.statistics().received, 0);
  });

  it('gives frames of the EtherType that is listened to, and no others', async () => {
    const { port, next } = await receiver();
    const sending = await sender(port);
    sending.send({
      ...GOOSE,
      etherType: EtherType.sampledValues,
      payload: encodeApplicationFrame(0x4000, false, SV_APDU),
    });
    sending.send(GOOSE);
    assert.equal((await next()).etherType, EtherType.goose);
  });

  it('refuses what it has no key for, counts it and says so', async () => {
    const { port, next, link, state } = await receiver({ keys: [busKey('HMAC-SHA256-128')] });
    (await sender(port)).send(GOOSE);
    assert.equal(await state, 'unsigned');
    (await sender(port, { keys: [busKey('HMAC-SHA256-128')] })).send(GOOSE);
    assert.equal((await next()).security?.verdict, 'verified');
    const { security } = link.statistics();
    assert.deepEqual([security.state, security.unsigned, security.verified], ['unsigned', 1, 1]);
  });

  it('counts what is no SPDU', async () => {
    const { port, next, link } = await receiver();
    const socket = createSocket('udp4');
    await new Promise((resolve) => socket.send('hello', port, '127.0.0.1', resolve));
    socket.close();
    (await sender(port)).send(GOOSE);
    await next();
    assert.equal(link.statistics().malformed, 1);
  });

  for (const [what, options, expected] of [
    ['no address', { address: '' }, /no IP address/],
    ['a name', { address: 'relay1' }, /no IP address/],
    ['a port that is none', { port: 70_000 }, /UDP port 70000/],
    ['a TTL that is none', { ttl: 0 }, /TTL/],
    ['an interface that is not there', { interface: 'none0' }, /none0/],
    ['an address that this machine does not have', { address: '192.0.2.1' }, /cannot be listened to/],
  ] as const) {
    it(`is refused with ${what}`, async () => {
      await assert.rejects(
        receiver(options),
        (error) => (error instanceof ArgumentError || error instanceof EthernetError) && expected.test(error.message),
      );
    });
  }

  it('says that a port is taken', async () => {
    const { port } = await receiver();
    await assert.rejects(receiver({ port }), /taken by another/);
  });

  it('names the command that lets it listen on port 102', () => {
    const denied = bindError(Object.assign(new Error('bind EACCES'), { code: 'EACCES' }), '239.192.0.1', 102);
    assert.ok(denied instanceof EthernetError);
    assert.equal(denied.code, 'IEC61850_NO_PRIVILEGE');
    assert.match(denied.message, /UDP port 102/);
    assert.match(denied.hint, /setcap cap_net_bind_service\+ep/);
  });

  it('knows groups from addresses', () => {
    assert.deepEqual(['239.0.0.1', '224.0.0.1', '10.0.0.1', 'ff05::1', 'fe80::1'].map(isMulticast), [
      true,
      true,
      false,
      true,
      false,
    ]);
  });
});
