"""libiec61850's publisher of sampled values: libiec61850_sv.py --interface NAME.

`publisher` makes one with its ASDUs and their channels, `publish` sends frames of it: for each frame and ASDU the values of
all channels. Needs the privilege to open raw sockets.
"""
import argparse
import ctypes as c
import time

from libiec61850 import CommParameters, P, B, I, L, S, U, declare, lib, say, serve_commands

parser = argparse.ArgumentParser()
parser.add_argument("--interface", required=True)
options = parser.parse_args()
INTERFACE = options.interface.encode()

MORE = {
    "SVPublisher_createEx": (P, [P, S, B]),
    "SVPublisher_addASDU": (P, [P, S, S, U]),
    "SVPublisher_setupComplete": (None, [P]),
    "SVPublisher_publish": (None, [P]),
    "SVPublisher_destroy": (None, [P]),
    "SVPublisher_ASDU_addINT32": (I, [P]),
    "SVPublisher_ASDU_setINT32": (None, [P, I, c.c_int32]),
    "SVPublisher_ASDU_addFLOAT": (I, [P]),
    "SVPublisher_ASDU_setFLOAT": (None, [P, I, c.c_float]),
    "SVPublisher_ASDU_addQuality": (I, [P]),
    "SVPublisher_ASDU_setQuality": (None, [P, I, c.c_uint16]),
    "SVPublisher_ASDU_setSmpCnt": (None, [P, c.c_uint16]),
    "SVPublisher_ASDU_setSmpSynch": (None, [P, c.c_uint16]),
    "SVPublisher_ASDU_setSmpRate": (None, [P, c.c_uint16]),
    "SVPublisher_ASDU_setSmpMod": (None, [P, c.c_uint8]),
    "SVPublisher_ASDU_enableRefrTm": (None, [P]),
    "SVPublisher_ASDU_setRefrTmNs": (None, [P, L]),
}
declare(MORE)


# The library keeps the names that it is given by their address.
publishers, names = {}, []


def publisher(request):
    address = (c.c_uint8 * 6)(*bytes.fromhex(request["address"].replace("-", "")))
    priority, vlan = request.get("vlan") or [4, 0]
    parameters = CommParameters(priority, vlan, request["appId"], address)
    made = lib.SVPublisher_createEx(c.byref(parameters), INTERFACE, request.get("vlan") is not None)
    if not made:
        raise OSError("the interface cannot be opened")
    sv_id = request["svId"].encode()
    data_set = request["datSet"].encode() if request.get("datSet") else None
    names.append((sv_id, data_set))
    asdus = []
    for _ in range(request.get("asdus", 1)):
        asdu = lib.SVPublisher_addASDU(made, sv_id, data_set, request["confRev"])
        channels = []
        for kind in request["channels"]:
            add = {"INT32": lib.SVPublisher_ASDU_addINT32, "FLOAT32": lib.SVPublisher_ASDU_addFLOAT}[kind]
            channels.append((kind, add(asdu), lib.SVPublisher_ASDU_addQuality(asdu)))
        if request.get("smpMod") is not None:
            lib.SVPublisher_ASDU_setSmpMod(asdu, request["smpMod"])
        if request.get("smpRate") is not None:
            lib.SVPublisher_ASDU_setSmpRate(asdu, request["smpRate"])
        if request.get("refrTm"):
            lib.SVPublisher_ASDU_enableRefrTm(asdu)
        asdus.append((asdu, channels))
    lib.SVPublisher_setupComplete(made)
    publishers[request["svId"]] = (made, asdus)


def publish(request):
    """`frames`: a list of frames, each a list of ASDUs: [smpCnt, [value, …], [quality, …]]."""
    made, asdus = publishers[request["svId"]]
    for frame in request["frames"]:
        for (asdu, channels), (count, values, qualities) in zip(asdus, frame):
            lib.SVPublisher_ASDU_setSmpCnt(asdu, count)
            lib.SVPublisher_ASDU_setSmpSynch(asdu, request.get("smpSynch", 2))
            if request.get("refrTm"):
                lib.SVPublisher_ASDU_setRefrTmNs(asdu, request["refrTm"])
            for (kind, at, quality_at), value, quality in zip(channels, values, qualities):
                if kind == "INT32":
                    lib.SVPublisher_ASDU_setINT32(asdu, at, value)
                else:
                    lib.SVPublisher_ASDU_setFLOAT(asdu, at, value)
                lib.SVPublisher_ASDU_setQuality(asdu, quality_at, quality)
        lib.SVPublisher_publish(made)
        if request.get("pause"):
            time.sleep(request["pause"])


say(event="ready")
serve_commands({"publisher": publisher, "publish": publish})
