import { AssociationError, DecodeError, Iec61850Error } from '../errors.js';
import * as acse from './acse.js';
import {
  readAssociationRequest,
  readAssociationResponse,
  refusalOf,
  type AssociationRequest,
} from './association-phase.js';
import {
  COTP_DATA_HEADER_LENGTH,
  PROPOSED_TPDU_SIZE,
  decodeCotp,
  disconnectReasonText,
  encodeCotpConnection,
} from './cotp.js';
import type { CotpConnection } from './cotp.js';
import { MASKED_PASSWORD, withoutSecrets, type PacketTap } from './packet-tap.js';
import * as presentation from './presentation.js';
import * as session from './session.js';
import { TPKT_HEADER_LENGTH, TpktFramer, encodeTpkt } from './tpkt.js';
import { TsduAssembler, dataPackets, tsduPackets } from './tsdu.js';

export type { AcseAuthentication } from './acse.js';
export type { AssociationRequest } from './association-phase.js';
export type { PacketTap } from './packet-tap.js';

/** Addresses of both ends; selectors are octet strings (libiec61850 issue 546). */
export interface OsiParameters {
  localTSelector?: Buffer;
  remoteTSelector?: Buffer;
  localSSelector?: Buffer;
  remoteSSelector?: Buffer;
  localPSelector?: Buffer;
  remotePSelector?: Buffer;
  local: acse.AcseNames;
  remote: acse.AcseNames;
  /** ACSE password (client role). */
  password?: string;
  /** What else the client proves itself by; asked for when the association request is made. */
  authentication?: () => acse.AcseAuthentication | undefined;
}

export interface OsiHandler {
  /** Octets for the wire. */
  send(octets: Buffer): void;
  /**
   * Server: an association is asked for, with the Initiate request in it. The handler answers at once or later by
   * {@link OsiConnection.accept} or {@link OsiConnection.refuse}. Client: it was accepted, with the Initiate response
   * and what the server proves itself by.
   */
  connected(userData: Buffer, request?: AssociationRequest, authentication?: acse.AcseAuthentication): void;
  /** One MMS PDU; the slice is valid until the handler returns. */
  data(octets: Buffer, start: number, end: number): void;
  /** The peer asks for an orderly release; the answer has been sent. */
  released(): void;
  /** The association is over: refused, aborted, or broken by octets that cannot be followed. */
  ended(error: Iec61850Error): void;
}

type State = 'idle' | 'transport' | 'association' | 'answering' | 'open' | 'releasing' | 'ended';

/**
 * The layers from TPKT to ACSE of one association, without socket or clock. What comes in goes to {@link receive};
 * what must go out comes by {@link OsiHandler.send}.
 */
export class OsiConnection {
  /** Sees the packets; nobody by default. */
  tap: PacketTap | undefined;
  private state: State = 'idle';
  private readonly framer = new TpktFramer();
  private readonly assembler = new TsduAssembler();
  private tpduSize = PROPOSED_TPDU_SIZE;
  private acseContextId: number = presentation.DEFAULT_CONTEXT_ID.acse;
  private mmsContextId: number = presentation.DEFAULT_CONTEXT_ID.mms;
  private connectUserData: Buffer | undefined;
  private contexts: presentation.PresentationContext[] = [];
  private requestedPSelector: Buffer | undefined;
  private requestedSSelector: Buffer | undefined;
  private cotpRequest: CotpConnection | undefined;

  constructor(
    private readonly role: 'client' | 'server',
    private readonly parameters: OsiParameters,
    private readonly handler: OsiHandler,
  ) {}

  get open(): boolean {
    return this.state === 'open';
  }

  /** Client: the TCP connection stands; asks for an association with this MMS Initiate request. */
  connect(userData: Buffer): void {
    const { localTSelector, remoteTSelector } = this.parameters;
    this.connectUserData = userData;
    this.state = 'transport';
    this.sendTpkt(
      encodeCotpConnection('connection-request', {
        sourceReference: 1,
        destinationReference: 0,
        tpduSize: PROPOSED_TPDU_SIZE,
        ...(localTSelector && { callingSelector: localTSelector }),
        ...(remoteTSelector && { calledSelector: remoteTSelector }),
      }),
    );
  }

  /** Takes octets of the TCP stream. Never throws: what cannot be followed ends the association. */
  receive(chunk: Buffer): void {
    if (this.state === 'ended') return;
    try {
      this.framer.push(chunk, (octets, start, end) => {
        if (this.tap) this.tapReceived(octets, start, end);
        this.tpkt(octets, start, end);
        return !this.hasEnded();
      });
    } catch (error) {
      this.fail(error instanceof Iec61850Error ? error : new DecodeError(String(error), { cause: error }));
    }
  }

  /** Server: accepts, with the MMS Initiate response and what the server proves itself by. */
  accept(userData: Buffer, authentication?: acse.AcseAuthentication): void {
    if (this.state !== 'answering') return;
    this.state = 'open';
    const aare = acse.encodeAare(
      { result: 0, diagnostic: 0, responding: this.parameters.local, ...(authentication && { authentication }) },
      this.mmsContextId,
      userData,
    );
    const respondingSelector = this.requestedPSelector ?? this.parameters.localPSelector;
    const ppdu = presentation.encodeAcceptPpdu(
      { ...(respondingSelector && { respondingSelector }), contexts: this.contexts, acseContextId: this.acseContextId },
      aare,
    );
    this.sendTsdu(
      session.encodeSessionConnect('accept', {
        ...(this.requestedSSelector && { calledSelector: this.requestedSSelector }),
        userData: ppdu,
      }),
    );
  }

  /** Server: refuses with an ACSE diagnostic, permanently; `userData` may be an MMS Initiate error. */
  refuse(diagnostic: number, userData?: Buffer): void {
    if (this.state !== 'answering') return;
    this.state = 'ended';
    const aare = acse.encodeAare(
      { result: 1, diagnostic, responding: this.parameters.local },
      this.mmsContextId,
      userData,
    );
    this.sendTsdu(session.encodeSessionRefuse(presentation.encodeRejectPpdu(this.acseContextId, aare)));
  }

  /** Sends one MMS PDU, given in parts that follow each other. */
  send(parts: readonly Uint8Array[], length: number): void {
    if (this.state !== 'open') throw new AssociationError('the association is not open');
    this.sendPackets(this.frame(parts, length));
  }

  /** Sends what {@link frame} made. */
  sendPackets(octets: Buffer): void {
    this.tap?.('sent', octets);
    this.handler.send(octets);
  }

  /** TPKTs that carry one MMS PDU, as {@link send} puts them on the wire; for PDUs that are built once and sent often. */
  frame(parts: readonly Uint8Array[], length: number): Buffer {
    return dataPackets(parts, length, this.mmsContextId, this.tpduSize);
  }

  /** Asks for an orderly release (client role, after MMS Conclude). */
  release(): void {
    if (this.state !== 'open') return;
    this.state = 'releasing';
    const rlrq = presentation.encodeUserData(this.acseContextId, acse.encodeRelease('rlrq'));
    this.sendTsdu(session.encodeSessionRelease('finish', rlrq));
  }

  /** Ends the association at once, telling the peer where one stands. */
  abort(): void {
    if (
      this.state === 'open' ||
      this.state === 'releasing' ||
      this.state === 'association' ||
      this.state === 'answering'
    ) {
      const ppdu = presentation.encodeAbortPpdu(this.acseContextId, acse.encodeAbrt(0));
      this.sendTsdu(session.encodeSessionAbort(ppdu));
    }
    this.state = 'ended';
    this.assembler.clear();
  }

  private hasEnded(): boolean {
    return this.state === 'ended';
  }

  private fail(error: Iec61850Error): void {
    if (this.hasEnded()) return;
    this.state = 'ended';
    this.assembler.clear();
    this.handler.ended(error);
  }

  private sendTpkt(tpdu: Buffer): void {
    this.sendPackets(encodeTpkt(tpdu));
  }

  /** @param shown to who looks on, in place of the TSDU itself */
  private sendTsdu(tsdu: Buffer, shown = tsdu): void {
    if (this.tap) this.tapTsdu('sent', shown);
    this.handler.send(tsduPackets([tsdu], this.tpduSize));
  }

  private tapTsdu(direction: 'sent' | 'received', tsdu: Buffer): void {
    const safe = withoutSecrets(tsdu);
    if (safe) this.tap?.(direction, tsduPackets([safe], this.tpduSize));
  }

  /** Before the association stands, data is shown by whole TSDUs, in which the secrets are found. */
  private tapReceived(octets: Buffer, start: number, end: number): void {
    const stands = this.state === 'open' || this.state === 'releasing';
    if (stands || !isData(octets, start)) this.tap?.('received', octets.subarray(start - TPKT_HEADER_LENGTH, end));
  }

  private tpkt(octets: Buffer, start: number, end: number): void {
    // The packets of an open association are data in one fragment nearly always.
    if (
      this.assembler.empty &&
      octets[start] === 2 &&
      octets[start + 1] === 0xf0 &&
      octets[start + 2] === 0x80 &&
      this.transportOpen()
    ) {
      this.tsdu(octets, start + COTP_DATA_HEADER_LENGTH, end);
      return;
    }
    const tpdu = decodeCotp(octets, start, end);
    switch (tpdu.type) {
      case 'data':
        if (!this.transportOpen()) throw new DecodeError('COTP data came before the connection was confirmed');
        this.dataTpdu(octets, tpdu);
        return;
      case 'connection-request':
        this.transportRequested(tpdu);
        return;
      case 'connection-confirm':
        this.transportConfirmed(tpdu);
        return;
      case 'disconnect-request':
        throw new AssociationError(
          `the transport connection was refused: ${disconnectReasonText(tpdu.reason)}`,
          'Check the T-selector.',
        );
      case 'error':
        throw new AssociationError(`the peer answered with a COTP error, cause ${tpdu.cause}`);
    }
  }

  private transportOpen(): boolean {
    return this.state !== 'idle' && this.state !== 'transport';
  }

  private dataTpdu(octets: Buffer, tpdu: { endOfTsdu: boolean; start: number; end: number }): void {
    const whole = this.assembler.add(octets, tpdu);
    if (!whole) return;
    // What comes before the association stands may have to be looked at later (certificates); MMS PDUs are done with now.
    const open = this.state === 'open';
    this.tsdu(whole, 0, whole.length);
    if (open) this.assembler.release(whole);
  }

  private transportRequested(tpdu: CotpConnection): void {
    if (this.role !== 'server' || this.state !== 'idle')
      throw new DecodeError('COTP connection request came unexpectedly');
    const { localTSelector } = this.parameters;
    if (localTSelector && tpdu.calledSelector && !localTSelector.equals(tpdu.calledSelector)) {
      throw new AssociationError('a client called with a wrong T-selector');
    }
    this.cotpRequest = tpdu;
    this.tpduSize = Math.min(tpdu.tpduSize ?? PROPOSED_TPDU_SIZE, PROPOSED_TPDU_SIZE);
    this.state = 'association';
    this.sendTpkt(
      encodeCotpConnection('connection-confirm', {
        sourceReference: 1,
        destinationReference: tpdu.sourceReference,
        tpduSize: this.tpduSize,
        ...(tpdu.callingSelector && { callingSelector: tpdu.callingSelector }),
        ...(tpdu.calledSelector && { calledSelector: tpdu.calledSelector }),
      }),
    );
  }

  private transportConfirmed(tpdu: CotpConnection): void {
    if (this.role !== 'client' || this.state !== 'transport')
      throw new DecodeError('COTP connection confirm came unexpectedly');
    this.tpduSize = Math.min(tpdu.tpduSize ?? PROPOSED_TPDU_SIZE, PROPOSED_TPDU_SIZE);
    this.state = 'association';
    const { password } = this.parameters;
    const authentication = this.parameters.authentication?.();
    this.sendTsdu(
      this.connectTsdu(password, authentication),
      this.tap && this.connectTsdu(password === undefined ? undefined : MASKED_PASSWORD, authentication),
    );
  }

  private connectTsdu(password: string | undefined, authentication: acse.AcseAuthentication | undefined): Buffer {
    const { parameters } = this;
    const aarq = acse.encodeAarq(
      {
        called: parameters.remote,
        calling: parameters.local,
        ...(password !== undefined && { password }),
        ...(authentication && { authentication }),
      },
      this.mmsContextId,
      this.connectUserData ?? Buffer.alloc(0),
    );
    const ppdu = presentation.encodeConnectPpdu(
      {
        ...(parameters.localPSelector && { callingSelector: parameters.localPSelector }),
        ...(parameters.remotePSelector && { calledSelector: parameters.remotePSelector }),
        authentication: authentication !== undefined,
      },
      aarq,
    );
    return session.encodeSessionConnect('connect', {
      ...(parameters.localSSelector && { callingSelector: parameters.localSSelector }),
      ...(parameters.remoteSSelector && { calledSelector: parameters.remoteSSelector }),
      userData: ppdu,
    });
  }

  private tsdu(octets: Buffer, start: number, end: number): void {
    if (this.tap && this.state === 'association') this.tapTsdu('received', octets.subarray(start, end));
    if (
      this.state === 'open' &&
      octets[start] === 1 &&
      octets[start + 1] === 0 &&
      octets[start + 2] === 1 &&
      octets[start + 3] === 0
    ) {
      const data = presentation.decodeDataPpdu(octets, start + 4, end);
      if (data.contextId !== this.mmsContextId)
        throw new DecodeError(`data came in presentation context ${data.contextId}`);
      this.handler.data(octets, data.start, data.end);
      return;
    }
    const spdu = session.decodeSpdu(octets, start, end);
    switch (spdu.type) {
      case 'connect':
        this.associationRequested(spdu);
        return;
      case 'accept':
        this.associationAccepted(spdu.userData);
        return;
      case 'refuse':
        throw refusalOf(spdu);
      case 'finish': {
        // Both ends may release at once; then the answer to our own FINISH is still to come.
        const collision = this.state === 'releasing';
        if (this.state !== 'open' && !collision) throw new DecodeError('session FINISH came unexpectedly');
        this.sendTsdu(
          session.encodeSessionRelease(
            'disconnect',
            presentation.encodeUserData(this.acseContextId, acse.encodeRelease('rlre')),
          ),
        );
        if (collision) return;
        this.state = 'ended';
        this.handler.released();
        return;
      }
      case 'disconnect':
        if (this.state !== 'releasing') throw new DecodeError('session DISCONNECT came unexpectedly');
        this.state = 'ended';
        this.handler.released();
        return;
      case 'abort':
        throw new AssociationError(
          'the peer aborted the association',
          'The IED may have no free client slot, or refuse what was sent.',
        );
      case 'abort-accept':
        return;
      case 'data':
        // Data that crosses a release is not delivered; before the association stands it is an error.
        if (this.state !== 'releasing') throw new DecodeError('session data came before the association stood');
        return;
    }
  }

  private associationRequested(spdu: session.SessionConnect): void {
    if (this.role !== 'server' || this.state !== 'association')
      throw new DecodeError('session CONNECT came unexpectedly');
    const { userData, request, contexts, acseContextId, mmsContextId } = readAssociationRequest(spdu);
    this.acseContextId = acseContextId;
    this.mmsContextId = mmsContextId;
    this.contexts = contexts;
    this.requestedPSelector = request.calledPSelector;
    this.requestedSSelector = request.calledSSelector;
    this.state = 'answering';
    this.handler.connected(userData, { cotp: this.cotpRequest as CotpConnection, ...request });
  }

  private associationAccepted(userData: Buffer): void {
    if (this.role !== 'client' || this.state !== 'association')
      throw new DecodeError('session ACCEPT came unexpectedly');
    const answer = readAssociationResponse(userData);
    this.state = 'open';
    this.handler.connected(answer.userData, undefined, answer.authentication);
  }
}

/** Whether a TPDU carries data. */
function isData(octets: Buffer, start: number): boolean {
  return ((octets[start + 1] ?? 0) & 0xf0) === 0xf0;
}
