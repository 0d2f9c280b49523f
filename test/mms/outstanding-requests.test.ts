import assert from 'node:assert/strict';
import { OutstandingRequests, type PreparedRequest, type ResponseHandler } from '../../src/mms/outstanding-requests.js';

const HANDLER: ResponseHandler = { response: () => undefined, failed: () => undefined };
const ALL_INVOKE_IDS = 0x8000;

const prepared = (): PreparedRequest => ({ octets: Buffer.alloc(2), invokeIdAt: 0, busy: false });
const send = (requests: OutstandingRequests, deadline: number): number =>
  requests.add(prepared(), HANDLER, deadline).readUInt16BE(0);

describe('outstanding requests', () => {
  it('the late answer to a request that timed out is not taken for that of a later one', () => {
    const requests = new OutstandingRequests();
    const late = send(requests, 10);
    requests.expire(10);
    for (let i = 0; i < ALL_INVOKE_IDS; i++) {
      const invokeId = send(requests, 20);
      assert.notEqual(invokeId, late);
      requests.take(invokeId);
    }
    assert.equal(requests.take(late), undefined);
    // Now nothing of it is to come any more.
    const again = Array.from({ length: ALL_INVOKE_IDS }, () => {
      const invokeId = send(requests, 20);
      requests.take(invokeId);
      return invokeId;
    });
    assert.ok(again.includes(late));
  });

  it('an IED that never answers does not use up the invokeIDs', () => {
    const requests = new OutstandingRequests();
    for (let i = 0; i < 2 * ALL_INVOKE_IDS; i++) {
      send(requests, i);
      requests.expire(i);
    }
    assert.equal(requests.size, 0);
  });

  it('a prepared request that may still wait in a socket is copied', () => {
    const requests = new OutstandingRequests();
    const request = prepared();
    const first = requests.add(request, HANDLER, 0);
    const second = requests.add(request, HANDLER, 0);
    assert.equal(first, request.octets);
    assert.notEqual(second, first);
    assert.notEqual(second.readUInt16BE(0), first.readUInt16BE(0));
    requests.take(first.readUInt16BE(0));
    assert.equal(requests.add(request, HANDLER, 0), request.octets);
  });
});
