"""A libiec61850 server whose controls do what a test tells them: libiec61850_control_server.py --model FILE --port N.

`behave` sets what the next commands of an object meet: `check` (-1 accepts, else a DataAccessError), `operate` (`ok`,
`fail`), `addCause`, `delay` in ms before the operation ends, `follow` (whether the status value goes along). `log` gives
what the handlers saw, in order.
"""
import argparse
import ctypes as c
import time

from libiec61850 import P, B, I, L, declare, from_json, lib, say, serve_commands, to_json

parser = argparse.ArgumentParser()
parser.add_argument("--model", required=True)
parser.add_argument("--port", type=int, required=True)
options = parser.parse_args()

MORE = {
    "IedServer_setControlHandler": (None, [P, P, P, P]),
    "IedServer_setPerformCheckHandler": (None, [P, P, P, P]),
    "IedServer_setSelectStateChangedHandler": (None, [P, P, P, P]),
    "ControlAction_setAddCause": (None, [P, I]),
    "ControlAction_isSelect": (B, [P]),
    "ControlAction_getOrCat": (I, [P]),
    "ControlAction_getOrIdent": (P, [P, c.POINTER(I)]),
    "ControlAction_getCtlNum": (I, [P]),
    "ControlAction_getControlTime": (L, [P]),
    "ControlAction_getInterlockCheck": (B, [P]),
    "ControlAction_getSynchroCheck": (B, [P]),
}
declare(MORE)

CHECK = c.CFUNCTYPE(I, P, P, P, B, B)
OPERATE = c.CFUNCTYPE(I, P, P, P, B)
SELECTED = c.CFUNCTYPE(None, P, P, B, I)
FAILED, OK, WAITING = 0, 1, 2
ACCEPTED = -1
WRITABLE = (2, 3, 4, 5)  # SP, SV, CF, DC
ACCESS_POLICY_ALLOW = 0
NORMAL = {"check": ACCEPTED, "operate": "ok", "addCause": 0, "delay": 0, "follow": True}

model = lib.ConfigFileParser_createModelFromConfigFileEx(options.model.encode())
if not model:
    raise SystemExit("the model file cannot be read: " + options.model)
config = lib.IedServerConfig_create()
lib.IedServerConfig_setMaxMmsConnections(config, 5)
server = lib.IedServer_createWithConfig(model, None, config)
lib.IedServer_setLocalIpAddress(server, b"127.0.0.1")
for constraint in WRITABLE:
    lib.IedServer_setWriteAccessPolicy(server, constraint, ACCESS_POLICY_ALLOW)

behaviour = {}
seen = []
kept = []  # callbacks must outlive the server


def find(reference):
    return lib.IedModel_getModelNodeByObjectReference(model, reference.encode())


def describe(action, value, test):
    size = I(0)
    octets = lib.ControlAction_getOrIdent(action, c.byref(size))
    return {
        "select": lib.ControlAction_isSelect(action),
        "value": to_json(value) if value else None,
        "orCat": lib.ControlAction_getOrCat(action),
        "orIdent": c.string_at(octets, size.value).hex() if octets else "",
        "ctlNum": lib.ControlAction_getCtlNum(action),
        "operTm": lib.ControlAction_getControlTime(action),
        "interlockCheck": lib.ControlAction_getInterlockCheck(action),
        "synchroCheck": lib.ControlAction_getSynchroCheck(action),
        "test": test,
    }


def follow(reference, value):
    """The status value goes along with the command."""
    given = to_json(value)
    status = find(reference + ".stVal")
    if status:
        kind = lib.MmsValue_getType(lib.IedServer_getAttributeValue(server, status))
        if kind == 3:  # a position, from a truth value or from two bits
            bits = given["bits"] if isinstance(given, dict) else ("10" if given else "01")
            made = from_json("bit-string", bits)
        elif kind == 2:
            made = from_json("boolean", given)
        else:
            made = from_json("integer", given)
        lib.IedServer_updateAttributeValue(server, status, made)
        lib.MmsValue_delete(made)
        return
    for path, make in ((".valWTr.posVal", step), (".mxVal.f", level)):
        place = find(reference + path)
        if place:
            made = make(to_json(lib.IedServer_getAttributeValue(server, place)), given)
            lib.IedServer_updateAttributeValue(server, place, made)
            lib.MmsValue_delete(made)
            return


def step(before, given):
    change = {"01": -1, "10": 1, "00": 0}[given["bits"]] if isinstance(given, dict) else given - before
    return from_json("integer", before + change)


def level(before, given):
    if isinstance(given, dict):
        return from_json("float32", before + {"01": -1, "10": 1, "00": 0}[given["bits"]])
    return from_json("float32", given[0])


def add_control(reference):
    started = {}

    def settings():
        return {**NORMAL, **behaviour.get(reference, {})}

    @CHECK
    def check(action, _parameter, value, test, _interlock):
        now = settings()
        seen.append({"reference": reference, "handler": "check", **describe(action, value, test)})
        if now["check"] != ACCEPTED:
            lib.ControlAction_setAddCause(action, now["addCause"])
        return now["check"]

    @OPERATE
    def operate(action, _parameter, value, test):
        now = settings()
        if "at" not in started:
            started["at"] = time.monotonic()
            seen.append({"reference": reference, "handler": "operate", **describe(action, value, test)})
        if (time.monotonic() - started["at"]) * 1000 < now["delay"]:
            return WAITING
        del started["at"]
        if now["operate"] == "fail":
            lib.ControlAction_setAddCause(action, now["addCause"])
            return FAILED
        if now["follow"] and not test:
            follow(reference, value)
        return OK

    @SELECTED
    def selected(_action, _parameter, is_selected, reason):
        seen.append({"reference": reference, "handler": "selected" if is_selected else "unselected", "reason": reason})

    kept.extend((check, operate, selected))
    node = find(reference)
    lib.IedServer_setPerformCheckHandler(server, node, c.cast(check, P), None)
    lib.IedServer_setControlHandler(server, node, c.cast(operate, P), None)
    lib.IedServer_setSelectStateChangedHandler(server, node, c.cast(selected, P), None)


def behave(request):
    behaviour[request["reference"]] = request["behaviour"]


def log(_request):
    taken = list(seen)
    seen.clear()
    return taken


def get(request):
    return to_json(lib.IedServer_getAttributeValue(server, find(request["reference"])))


CONTROLS = [
    "CTLCTRL/LLN0.Mod", "CTLCTRL/CSWI1.Pos", "CTLCTRL/CSWI2.Pos", "CTLCTRL/ATCC1.TapChg", "CTLCTRL/ATCC1.TapPos",
    "CTLCTRL/AVCO1.VolSpt", "CTLCTRL/GGIO1.ISCSO1", "CTLCTRL/GGIO1.AnOut1",
    *("CTLCTRL/GGIO1.SPCSO%d" % i for i in (1, 2, 3, 4, 6, 7, 8)),
]
for control in CONTROLS:
    add_control(control)
lib.IedServer_start(server, options.port)
if not lib.IedServer_isRunning(server):
    raise SystemExit("cannot listen on port %d" % options.port)
say(event="ready", port=options.port)
serve_commands({"behave": behave, "log": log, "get": get})
lib.IedServer_stop(server)
