/** What clients do, as messages. */
import { isoTime } from '../../src/model/timestamp.js';
import type { AccessClient, AccessEvent } from '../../src/server/access-log.js';
import type { ControlCommand, Controlled } from '../../src/server/control/control-handler.js';
import type { WriteRequest } from '../../src/server/services/write.js';
import type { NodeMessage } from '../shared/red.js';

/** The client for people: its name where it is known, else its address. */
export function clientText({ name, address }: Pick<AccessClient, 'name' | 'address'>): string {
  return name ?? address;
}

/** `msg.topic` names the object, or for connections the client; `msg.payload` the value, or what was done. */
export function eventMessage(event: AccessEvent): NodeMessage {
  const { action, operation, object, value, client } = event;
  return message(object === '' ? clientText(client) : object, value ?? operation ?? action, event);
}

export function controlMessage(command: Controlled, now: number): NodeMessage {
  return message(command.reference, command.value, commandEvent(command, now));
}

/** A command that waits for an answer; it can be wired to an `iec61850-control` node as it is. */
export function commandMessage(command: ControlCommand, now: number): NodeMessage {
  const { reference, value, kind, origin, test, interlockCheck, synchroCheck } = command;
  return Object.assign(message(reference, value, commandEvent(command, now)), {
    ...{ action: kind, test, interlockCheck, synchroCheck },
    ...(origin && { origin: { category: origin.category, identifier: origin.identifier } }),
  });
}

/** As an access event, with all that is known of the command; the time that the client gave it is `clientTime`. */
function commandEvent(command: ControlCommand | Controlled, now: number): object {
  const { reference, kind, time: clientTime, ...rest } = command;
  return { ...rest, time: isoTime(now), action: 'control', operation: kind, object: reference, clientTime };
}

/** A write that waits for an answer. */
export function writeMessage(request: WriteRequest, now: number): NodeMessage {
  const { client, reference, fc, value } = request;
  return message(reference, value, { time: isoTime(now), action: 'write', object: reference, client, fc, value });
}

function message(topic: string, payload: unknown, event: object): NodeMessage {
  return { topic, payload, event } as NodeMessage;
}
