"""A libiec61850 client that commands: libiec61850_control_client.py --port N, then commands as JSON lines on stdin.

`select`, `selectWithValue`, `operate`, `cancel` give `{ok, error, addCause}`; `terminations` what CommandTerminations came
for an object, each `{ok, addCause}`. Origin, checks and test are set by `set`.
"""
import argparse
import ctypes as c

from libiec61850 import B, I, L, P, S, declare, from_json, lib, linked_list, say, serve_commands

parser = argparse.ArgumentParser()
parser.add_argument("--port", type=int, required=True)
options = parser.parse_args()


class LastApplError(c.Structure):
    _fields_ = [("ctlNum", I), ("error", I), ("addCause", I)]


MORE = {
    "IedConnection_create": (P, []),
    "IedConnection_destroy": (None, [P]),
    "IedConnection_connect": (None, [P, P, S, I]),
    "IedConnection_close": (None, [P]),
    "IedConnection_getServerDirectory": (P, [P, P, B]),
    "ControlObjectClient_create": (P, [S, P]),
    "ControlObjectClient_destroy": (None, [P]),
    "ControlObjectClient_getControlModel": (I, [P]),
    "ControlObjectClient_select": (B, [P]),
    "ControlObjectClient_selectWithValue": (B, [P, P]),
    "ControlObjectClient_operate": (B, [P, P, L]),
    "ControlObjectClient_cancel": (B, [P]),
    "ControlObjectClient_getLastError": (I, [P]),
    "ControlObjectClient_getLastApplError": (LastApplError, [P]),
    "ControlObjectClient_setOrigin": (None, [P, S, I]),
    "ControlObjectClient_setInterlockCheck": (None, [P, B]),
    "ControlObjectClient_setSynchroCheck": (None, [P, B]),
    "ControlObjectClient_setTestMode": (None, [P, B]),
    "ControlObjectClient_setCommandTerminationHandler": (None, [P, P, P]),
}
declare(MORE)

TERMINATED = c.CFUNCTYPE(None, P, P)
error = c.c_int(0)
err = c.byref(error)


def associate():
    """See libiec61850_client.py: an association that is lost without a word on the wire is given up for another one."""
    for _ in range(20):
        made = lib.IedConnection_create()
        lib.IedConnection_connect(made, err, b"127.0.0.1", options.port)
        if error.value != 0:
            say(event="failed", error="connect: %d" % error.value)
            raise SystemExit(2)
        directory = lib.IedConnection_getServerDirectory(made, err, False)
        if error.value == 0 and list(linked_list(directory)):
            return made
        error.value = 0
        lib.IedConnection_destroy(made)
    raise SystemExit("the connection is lost each time")


connection = associate()
objects = {}
terminations = {}
kept = []  # callbacks must outlive the connection


def control(reference):
    if reference not in objects:
        made = lib.ControlObjectClient_create(reference.encode(), connection)
        if not made:
            raise RuntimeError("no control object " + reference)
        terminations[reference] = []

        def terminated(_parameter, _client):
            last = lib.ControlObjectClient_getLastApplError(made)
            terminations[reference].append({"ok": last.error == 0 and last.addCause == 0, "addCause": last.addCause})

        handler = TERMINATED(terminated)
        kept.append(handler)
        lib.ControlObjectClient_setCommandTerminationHandler(made, c.cast(handler, P), None)
        objects[reference] = made
    return objects[reference]


def outcome(made, ok):
    last = lib.ControlObjectClient_getLastApplError(made)
    return {"ok": bool(ok), "error": lib.ControlObjectClient_getLastError(made), "addCause": last.addCause}


def command(function, with_value=False):
    def run(request):
        made = control(request["reference"])
        if not with_value:
            return outcome(made, function(made))
        value = from_json(request["kind"], request["value"])
        extra = [request.get("at", 0)] if function is lib.ControlObjectClient_operate else []
        ok = function(made, value, *extra)
        lib.MmsValue_delete(value)
        return outcome(made, ok)

    return run


def set_parameters(request):
    made = control(request["reference"])
    lib.ControlObjectClient_setOrigin(made, request.get("orIdent", "libiec61850").encode(), request.get("orCat", 3))
    lib.ControlObjectClient_setInterlockCheck(made, request.get("interlockCheck", False))
    lib.ControlObjectClient_setSynchroCheck(made, request.get("synchroCheck", False))
    lib.ControlObjectClient_setTestMode(made, request.get("test", False))


def taken(request):
    came = terminations[request["reference"]]
    result = list(came)
    came.clear()
    return result


say(event="ready")
serve_commands(
    {
        "model": lambda request: lib.ControlObjectClient_getControlModel(control(request["reference"])),
        "select": command(lib.ControlObjectClient_select),
        "selectWithValue": command(lib.ControlObjectClient_selectWithValue, True),
        "operate": command(lib.ControlObjectClient_operate, True),
        "cancel": command(lib.ControlObjectClient_cancel),
        "set": set_parameters,
        "terminations": taken,
    }
)
for made in objects.values():
    lib.ControlObjectClient_destroy(made)
lib.IedConnection_close(connection)
lib.IedConnection_destroy(connection)
