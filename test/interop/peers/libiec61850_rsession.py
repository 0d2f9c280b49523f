"""libiec61850's R-GOOSE and R-SV on loopback: libiec61850_rsession.py --port UNUSED.

`goosePublisher` and `svPublisher` make one towards a UDP port, `publish` sends a frame of it; `gooseSubscriber` and
`svSubscriber` hear a port that they choose, `received` gives what came so far. A key is `{id, hex, security, signature}` with
the numbers of the standard; version 1 takes the algorithms from `security` and `signature` as well.
"""
import argparse
import ctypes as c
import os
import socket
import sys

# The library prints every SPDU to its standard output, which is ours to answer on.
sys.stdout = os.fdopen(os.dup(1), "w")
os.dup2(os.open(os.devnull, os.O_WRONLY), 1)

from libiec61850 import P, B, I, L, S, U, declare, from_json, lib, new_list, say, serve_commands, to_json

parser = argparse.ArgumentParser()
parser.add_argument("--port", type=int)
parser.parse_args()

MORE = {
    "RSession_create": (P, []),
    "RSession_setLocalAddress": (I, [P, S, I]),
    "RSession_setRemoteAddress": (I, [P, S, I]),
    "RSession_addKey": (I, [P, U, P, I, I, I]),
    "RSession_setActiveKey": (I, [P, U]),
    "RSession_setSecurity": (I, [P, I, I]),
    "RSession_start": (I, [P]),
    "GoosePublisher_createRemote": (P, [P, c.c_uint16]),
    "GoosePublisher_setGoCbRef": (None, [P, S]),
    "GoosePublisher_setDataSetRef": (None, [P, S]),
    "GoosePublisher_setGoID": (None, [P, S]),
    "GoosePublisher_setConfRev": (None, [P, U]),
    "GoosePublisher_setTimeAllowedToLive": (None, [P, U]),
    "GoosePublisher_setSimulation": (None, [P, B]),
    "GoosePublisher_increaseStNum": (L, [P]),
    "GoosePublisher_publish": (I, [P, P]),
    "GooseReceiver_createRemote": (P, [P]),
    "GooseReceiver_addSubscriber": (None, [P, P]),
    "GooseReceiver_start": (None, [P]),
    "GooseReceiver_isRunning": (B, [P]),
    "GooseSubscriber_create": (P, [S, P]),
    "GooseSubscriber_setAppId": (None, [P, c.c_uint16]),
    "GooseSubscriber_setListener": (None, [P, P, P]),
    "GooseSubscriber_getStNum": (U, [P]),
    "GooseSubscriber_getSqNum": (U, [P]),
    "GooseSubscriber_isTest": (B, [P]),
    "GooseSubscriber_isValid": (B, [P]),
    "GooseSubscriber_getDataSetValues": (P, [P]),
    "SVPublisher_createRemote": (P, [P, c.c_uint16]),
    "SVPublisher_addASDU": (P, [P, S, S, U]),
    "SVPublisher_ASDU_addFLOAT": (I, [P]),
    "SVPublisher_ASDU_setFLOAT": (None, [P, I, c.c_float]),
    "SVPublisher_ASDU_setSmpCnt": (None, [P, c.c_uint16]),
    "SVPublisher_setupComplete": (None, [P]),
    "SVPublisher_publish": (None, [P]),
    "SVReceiver_createRemote": (P, [P]),
    "SVReceiver_addSubscriber": (None, [P, P]),
    "SVReceiver_start": (None, [P]),
    "SVReceiver_isRunning": (B, [P]),
    "SVSubscriber_create": (P, [P, c.c_uint16]),
    "SVSubscriber_setListener": (None, [P, P, P]),
    "SVSubscriber_ASDU_getSvId": (S, [P]),
    "SVSubscriber_ASDU_getSmpCnt": (c.c_uint16, [P]),
    "SVSubscriber_ASDU_getFLOAT32": (c.c_float, [P, I]),
}
declare(MORE)

GOOSE_LISTENER = c.CFUNCTYPE(None, P, P)
SV_LISTENER = c.CFUNCTYPE(None, P, P, P)
frames, kept, publishing = [], [], {}


def session(key):
    made = lib.RSession_create()
    if key:
        octets = bytes.fromhex(key["hex"])
        lib.RSession_addKey(made, key["id"], octets, len(octets), key["security"], key["signature"])
        lib.RSession_setActiveKey(made, key["id"])
        lib.RSession_setSecurity(made, key["security"], key["signature"])
    return made


def sending(request):
    made = session(request.get("key"))
    lib.RSession_setLocalAddress(made, b"127.0.0.1", 0)
    lib.RSession_setRemoteAddress(made, b"127.0.0.1", request["port"])
    return made


def goose_publisher(request):
    made = sending(request)
    publisher = lib.GoosePublisher_createRemote(made, request["appId"])
    lib.GoosePublisher_setGoCbRef(publisher, request["gocbRef"].encode())
    lib.GoosePublisher_setDataSetRef(publisher, request["datSet"].encode())
    lib.GoosePublisher_setGoID(publisher, b"peer")
    lib.GoosePublisher_setConfRev(publisher, 1)
    lib.GoosePublisher_setTimeAllowedToLive(publisher, 5000)
    lib.GoosePublisher_setSimulation(publisher, request.get("simulation", False))
    lib.RSession_start(made)
    publishing["goose"] = publisher


def sv_publisher(request):
    made = sending(request)
    publisher = lib.SVPublisher_createRemote(made, request["appId"])
    name = request["svId"].encode()
    # The library keeps the pointer.
    kept.append(name)
    asdu = lib.SVPublisher_addASDU(publisher, name, None, 1)
    places = [lib.SVPublisher_ASDU_addFLOAT(asdu) for _ in range(2)]
    lib.SVPublisher_setupComplete(publisher)
    lib.RSession_start(made)
    publishing["sv"] = (publisher, asdu, places)


def publish(request):
    if "values" in request:
        values = new_list([from_json(kind, value) for kind, value in request["values"]])
        if request.get("changed"):
            lib.GoosePublisher_increaseStNum(publishing["goose"])
        return lib.GoosePublisher_publish(publishing["goose"], values)
    publisher, asdu, places = publishing["sv"]
    for place, value in zip(places, request["samples"]):
        lib.SVPublisher_ASDU_setFLOAT(asdu, place, value)
    lib.SVPublisher_ASDU_setSmpCnt(asdu, request["smpCnt"])
    lib.SVPublisher_publish(publisher)
    return 0


def goose_heard(subscriber, _parameter):
    frames.append(
        {
            "stNum": lib.GooseSubscriber_getStNum(subscriber),
            "sqNum": lib.GooseSubscriber_getSqNum(subscriber),
            "simulation": lib.GooseSubscriber_isTest(subscriber),
            "valid": lib.GooseSubscriber_isValid(subscriber),
            "values": to_json(lib.GooseSubscriber_getDataSetValues(subscriber)),
        }
    )


def sv_heard(_subscriber, _parameter, asdu):
    frames.append(
        {
            "svId": lib.SVSubscriber_ASDU_getSvId(asdu).decode(),
            "smpCnt": lib.SVSubscriber_ASDU_getSmpCnt(asdu),
            "samples": [lib.SVSubscriber_ASDU_getFLOAT32(asdu, at) for at in (0, 4)],
        }
    )


def free_udp_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def listening(request):
    made, port = session(request.get("key")), free_udp_port()
    lib.RSession_setLocalAddress(made, b"127.0.0.1", port)
    return made, port


def goose_subscriber(request):
    made, port = listening(request)
    subscriber = lib.GooseSubscriber_create(request["gocbRef"].encode(), None)
    lib.GooseSubscriber_setAppId(subscriber, request["appId"])
    listener = GOOSE_LISTENER(goose_heard)
    kept.append(listener)
    lib.GooseSubscriber_setListener(subscriber, listener, None)
    receiver = lib.GooseReceiver_createRemote(made)
    lib.GooseReceiver_addSubscriber(receiver, subscriber)
    lib.GooseReceiver_start(receiver)
    if not lib.GooseReceiver_isRunning(receiver):
        raise OSError("the receiver does not run")
    return port


def sv_subscriber(request):
    made, port = listening(request)
    subscriber = lib.SVSubscriber_create(None, request["appId"])
    listener = SV_LISTENER(sv_heard)
    kept.append(listener)
    lib.SVSubscriber_setListener(subscriber, listener, None)
    receiver = lib.SVReceiver_createRemote(made)
    lib.SVReceiver_addSubscriber(receiver, subscriber)
    lib.SVReceiver_start(receiver)
    if not lib.SVReceiver_isRunning(receiver):
        raise OSError("the receiver does not run")
    return port


say(event="ready")
serve_commands(
    {
        "goosePublisher": goose_publisher,
        "svPublisher": sv_publisher,
        "publish": publish,
        "gooseSubscriber": goose_subscriber,
        "svSubscriber": sv_subscriber,
        "received": lambda _request: frames,
    }
)
