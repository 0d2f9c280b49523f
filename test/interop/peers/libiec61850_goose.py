"""libiec61850 on the process bus: libiec61850_goose.py --interface NAME.

`subscribe` follows a control block, `received` gives its frames so far; `publisher` makes one, `publish` sends a frame of
it. Needs the privilege to open raw sockets.
"""
import argparse
import ctypes as c

from libiec61850 import (
    CommParameters, P, B, I, L, S, U, declare, from_json, lib, new_list, say, serve_commands, to_json,
)

parser = argparse.ArgumentParser()
parser.add_argument("--interface", required=True)
options = parser.parse_args()
INTERFACE = options.interface.encode()

MORE = {
    "GooseReceiver_create": (P, []),
    "GooseReceiver_setInterfaceId": (None, [P, S]),
    "GooseReceiver_addSubscriber": (None, [P, P]),
    "GooseReceiver_start": (None, [P]),
    "GooseReceiver_isRunning": (B, [P]),
    "GooseSubscriber_create": (P, [S, P]),
    "GooseSubscriber_setAppId": (None, [P, c.c_uint16]),
    "GooseSubscriber_setListener": (None, [P, P, P]),
    "GooseSubscriber_getStNum": (U, [P]),
    "GooseSubscriber_getSqNum": (U, [P]),
    "GooseSubscriber_getConfRev": (U, [P]),
    "GooseSubscriber_getTimeAllowedToLive": (U, [P]),
    "GooseSubscriber_getTimestamp": (L, [P]),
    "GooseSubscriber_getGoId": (S, [P]),
    "GooseSubscriber_getDataSet": (S, [P]),
    "GooseSubscriber_isTest": (B, [P]),
    "GooseSubscriber_isValid": (B, [P]),
    "GooseSubscriber_needsCommission": (B, [P]),
    "GooseSubscriber_isVlanSet": (B, [P]),
    "GooseSubscriber_getVlanId": (c.c_uint16, [P]),
    "GooseSubscriber_getVlanPrio": (c.c_uint8, [P]),
    "GooseSubscriber_getParseError": (I, [P]),
    "GooseSubscriber_getDataSetValues": (P, [P]),
    "GoosePublisher_createEx": (P, [P, S, B]),
    "GoosePublisher_setGoCbRef": (None, [P, S]),
    "GoosePublisher_setDataSetRef": (None, [P, S]),
    "GoosePublisher_setGoID": (None, [P, S]),
    "GoosePublisher_setConfRev": (None, [P, U]),
    "GoosePublisher_setTimeAllowedToLive": (None, [P, U]),
    "GoosePublisher_setSimulation": (None, [P, B]),
    "GoosePublisher_setNeedsCommission": (None, [P, B]),
    "GoosePublisher_increaseStNum": (L, [P]),
    "GoosePublisher_publish": (I, [P, P]),
}
declare(MORE)


LISTENER = c.CFUNCTYPE(None, P, P)
frames, publishers, kept = [], {}, []


def heard(subscriber, _parameter):
    frames.append(
        {
            "stNum": lib.GooseSubscriber_getStNum(subscriber),
            "sqNum": lib.GooseSubscriber_getSqNum(subscriber),
            "confRev": lib.GooseSubscriber_getConfRev(subscriber),
            "timeAllowedToLive": lib.GooseSubscriber_getTimeAllowedToLive(subscriber),
            "t": lib.GooseSubscriber_getTimestamp(subscriber),
            "goId": lib.GooseSubscriber_getGoId(subscriber).decode(),
            "datSet": lib.GooseSubscriber_getDataSet(subscriber).decode(),
            "simulation": lib.GooseSubscriber_isTest(subscriber),
            "valid": lib.GooseSubscriber_isValid(subscriber),
            "ndsCom": lib.GooseSubscriber_needsCommission(subscriber),
            "vlan": [lib.GooseSubscriber_getVlanPrio(subscriber), lib.GooseSubscriber_getVlanId(subscriber)]
            if lib.GooseSubscriber_isVlanSet(subscriber)
            else None,
            "parseError": lib.GooseSubscriber_getParseError(subscriber),
            "values": to_json(lib.GooseSubscriber_getDataSetValues(subscriber)),
        }
    )


def subscribe(request):
    subscriber = lib.GooseSubscriber_create(request["gocbRef"].encode(), None)
    lib.GooseSubscriber_setAppId(subscriber, request["appId"])
    listener = LISTENER(heard)
    kept.append(listener)
    lib.GooseSubscriber_setListener(subscriber, listener, None)
    receiver = lib.GooseReceiver_create()
    lib.GooseReceiver_setInterfaceId(receiver, INTERFACE)
    lib.GooseReceiver_addSubscriber(receiver, subscriber)
    lib.GooseReceiver_start(receiver)
    return lib.GooseReceiver_isRunning(receiver)


def publisher(request):
    address = (c.c_uint8 * 6)(*bytes.fromhex(request["address"].replace("-", "")))
    priority, vlan = request.get("vlan") or [4, 0]
    parameters = CommParameters(priority, vlan, request["appId"], address)
    made = lib.GoosePublisher_createEx(c.byref(parameters), INTERFACE, request.get("vlan") is not None)
    if not made:
        raise OSError("the interface cannot be opened")
    lib.GoosePublisher_setGoCbRef(made, request["gocbRef"].encode())
    lib.GoosePublisher_setDataSetRef(made, request["datSet"].encode())
    lib.GoosePublisher_setGoID(made, request["goId"].encode())
    lib.GoosePublisher_setConfRev(made, request["confRev"])
    lib.GoosePublisher_setTimeAllowedToLive(made, request.get("timeAllowedToLive", 2000))
    lib.GoosePublisher_setSimulation(made, request.get("simulation", False))
    lib.GoosePublisher_setNeedsCommission(made, request.get("ndsCom", False))
    publishers[request["gocbRef"]] = made


def publish(request):
    made = publishers[request["gocbRef"]]
    if request.get("changed"):
        lib.GoosePublisher_increaseStNum(made)
    values = new_list([from_json(kind, value) for kind, value in request["values"]])
    return lib.GoosePublisher_publish(made, values)


say(event="ready")
serve_commands(
    {"subscribe": subscribe, "received": lambda _request: frames, "publisher": publisher, "publish": publish}
)
