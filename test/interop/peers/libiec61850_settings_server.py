"""A libiec61850 server with setting groups and logs: libiec61850_settings_server.py --model FILE --port N.

The library keeps neither: an application holds the values of the groups and stores the entries. Both stand in memory here.
`refuse` sets what the application refuses: `activate`, `edit`. `log` adds entries of the test's own. `state` gives what the
handlers saw.
"""
import argparse
import ctypes as c

from libiec61850 import P, S, B, I, L, declare, from_json, lib, say, serve_commands, to_json

parser = argparse.ArgumentParser()
parser.add_argument("--model", required=True)
parser.add_argument("--port", type=int, required=True)
options = parser.parse_args()

U8 = c.c_uint8
MORE = {
    "IedServerConfig_enableLogService": (None, [P, B]),
    "IedServerConfig_enableEditSG": (None, [P, B]),
    "IedServerConfig_enableResvTmsForSGCB": (None, [P, B]),
    "IedModel_getDeviceByInst": (P, [P, S]),
    "LogicalDevice_getSettingGroupControlBlock": (P, [P]),
    "LogicalDevice_getLogicalNode": (P, [P, S]),
    "ModelNode_getChildWithFc": (P, [P, S, I]),
    "IedServer_setActiveSettingGroupChangedHandler": (None, [P, P, P, P]),
    "IedServer_setEditSettingGroupChangedHandler": (None, [P, P, P, P]),
    "IedServer_setEditSettingGroupConfirmationHandler": (None, [P, P, P, P]),
    "IedServer_setLogStorage": (None, [P, S, P]),
    "IedServer_getActiveSettingGroup": (U8, [P, P]),
}
declare(MORE)

SG, SE = 6, 7
DEVICE, NODE = b"PROT", b"PTOC1"
SETTINGS = {"StrVal.setMag.f": "float32", "OpDlTmms.setVal": "integer", "DirMod.setVal": "integer"}
GROUPS = {
    1: {"StrVal.setMag.f": 1.0, "OpDlTmms.setVal": 100, "DirMod.setVal": 1},
    2: {"StrVal.setMag.f": 2.0, "OpDlTmms.setVal": 200, "DirMod.setVal": 2},
    3: {"StrVal.setMag.f": 3.0, "OpDlTmms.setVal": 300, "DirMod.setVal": 3},
}

model = lib.ConfigFileParser_createModelFromConfigFileEx(options.model.encode())
if not model:
    raise SystemExit("the model file cannot be read: " + options.model)
config = lib.IedServerConfig_create()
lib.IedServerConfig_setMaxMmsConnections(config, 5)
lib.IedServerConfig_enableLogService(config, True)
lib.IedServerConfig_enableEditSG(config, True)
lib.IedServerConfig_enableResvTmsForSGCB(config, True)
server = lib.IedServer_createWithConfig(model, None, config)
lib.IedServer_setLocalIpAddress(server, b"127.0.0.1")

for constraint in (2, 7):  # SP, SE
    lib.IedServer_setWriteAccessPolicy(server, constraint, 0)

device = lib.IedModel_getDeviceByInst(model, DEVICE)
node = lib.LogicalDevice_getLogicalNode(device, NODE)
block = lib.LogicalDevice_getSettingGroupControlBlock(device)
refused = {"activate": False, "edit": False}
seen = []
kept = []


def place(path, fc):
    found = lib.ModelNode_getChildWithFc(node, path.encode(), fc)
    if not found:
        raise ValueError("no such setting: " + path)
    return found


def show(group, fc):
    for path, kind in SETTINGS.items():
        made = from_json(kind, GROUPS[group][path])
        lib.IedServer_updateAttributeValue(server, place(path, fc), made)
        lib.MmsValue_delete(made)


CHANGED = c.CFUNCTYPE(B, P, P, U8, P)
CONFIRMED = c.CFUNCTYPE(None, P, P, U8)


@CHANGED
def activated(_parameter, _block, group, _connection):
    seen.append(["activate", group])
    if refused["activate"]:
        return False
    show(group, SG)
    return True


@CHANGED
def edited(_parameter, _block, group, _connection):
    seen.append(["edit", group])
    if refused["edit"]:
        return False
    if group:
        show(group, SE)
    return True


@CONFIRMED
def confirmed(_parameter, _block, group):
    seen.append(["confirm", group])
    for path in SETTINGS:
        GROUPS[group][path] = to_json(lib.IedServer_getAttributeValue(server, place(path, SE)))
    if group == lib.IedServer_getActiveSettingGroup(server, block):
        show(group, SG)


lib.IedServer_setActiveSettingGroupChangedHandler(server, block, c.cast(activated, P), None)
lib.IedServer_setEditSettingGroupChangedHandler(server, block, c.cast(edited, P), None)
lib.IedServer_setEditSettingGroupConfirmationHandler(server, block, c.cast(confirmed, P), None)
show(1, SG)

# An entry is [number, ms, [[reference, octets, reason], …]]; numbers rise from 1.
ENTRY = c.CFUNCTYPE(B, P, L, L, B)
VALUE = c.CFUNCTYPE(B, P, S, c.POINTER(U8), I, U8, B)
ADD_ENTRY = c.CFUNCTYPE(L, P, L)
ADD_VALUE = c.CFUNCTYPE(B, P, L, S, c.POINTER(U8), I, U8)
GET = c.CFUNCTYPE(B, P, L, L, P, P, P)
ENDS = c.CFUNCTYPE(B, P, c.POINTER(L), c.POINTER(L), c.POINTER(L), c.POINTER(L))
DESTROY = c.CFUNCTYPE(None, P)


class LogStorage(c.Structure):
    """The library's interface to a store of log entries."""

    _fields_ = [
        ("instance", P),
        ("limit", I),
        ("addEntry", ADD_ENTRY),
        ("addEntryData", ADD_VALUE),
        ("getEntries", GET),
        ("getEntriesAfter", GET),
        ("getOldestAndNewestEntries", ENDS),
        ("destroy", DESTROY),
    ]


def storage(entries):
    def give(wanted, entry_callback, value_callback, parameter):
        on_entry, on_value = ENTRY(entry_callback), VALUE(value_callback)
        going = True
        for number, ms, values in wanted:
            if not going:
                break
            going = on_entry(parameter, ms, number, True)
            for reference, octets, reason in values:
                if not going:
                    break
                data = (U8 * len(octets)).from_buffer_copy(octets)
                going = on_value(parameter, reference, data, len(octets), reason, True)
            if going:
                going = on_value(parameter, None, None, 0, 0, False)
        on_entry(parameter, 0, 0, False)
        return True

    def add_entry(_self, ms):
        number = entries[-1][0] + 1 if entries else 1
        entries.append([number, ms, []])
        return number

    def add_value(_self, number, reference, data, size, reason):
        for entry in reversed(entries):
            if entry[0] == number:
                entry[2].append((bytes(reference), bytes(data[:size]), reason))
                return True
        return False

    def by_time(_self, start, end, entry_callback, value_callback, parameter):
        return give([e for e in entries if start <= e[1] <= end], entry_callback, value_callback, parameter)

    def after(_self, start, number, entry_callback, value_callback, parameter):
        return give([e for e in entries if e[1] >= start and e[0] > number], entry_callback, value_callback, parameter)

    def ends(_self, newest, newest_ms, oldest, oldest_ms):
        if not entries:
            newest[0] = newest_ms[0] = oldest[0] = oldest_ms[0] = 0
            return False
        newest[0], newest_ms[0] = entries[-1][:2]
        oldest[0], oldest_ms[0] = entries[0][:2]
        return True

    made = LogStorage(
        None, -1, ADD_ENTRY(add_entry), ADD_VALUE(add_value), GET(by_time), GET(after), ENDS(ends), DESTROY(lambda _self: None)
    )
    kept.append(made)
    return made


LOGS = {"EventLog": [], "OtherLog": []}
for log, held in LOGS.items():
    lib.IedServer_setLogStorage(server, b"PROT/LLN0$" + log.encode(), c.addressof(storage(held)))


def update(request):
    """Several attributes in one locked step: [[reference, kind, value], …]."""
    lib.IedServer_lockDataModel(server)
    try:
        for reference, kind, value in request["values"]:
            found = lib.IedModel_getModelNodeByObjectReference(model, reference.encode())
            made = from_json(kind, value)
            lib.IedServer_updateAttributeValue(server, found, made)
            lib.MmsValue_delete(made)
    finally:
        lib.IedServer_unlockDataModel(server)


def log(request):
    """Adds entries: [[ms, [[reference, hex octets of the Data, reason], …]], …]."""
    entries = LOGS[request["log"]]
    for ms, values in request["entries"]:
        number = entries[-1][0] + 1 if entries else 1
        entries.append([number, ms, [(r.encode(), bytes.fromhex(octets), reason) for r, octets, reason in values]])
    return len(entries)


def forget(request):
    """Removes the oldest entries until `keep` are left."""
    entries = LOGS[request["log"]]
    del entries[: max(0, len(entries) - request["keep"])]


def refuse(request):
    for what in refused:
        refused[what] = what in request["what"]


def state(_request):
    told = list(seen)
    seen.clear()
    return {"groups": GROUPS, "seen": told, "entries": {name: len(held) for name, held in LOGS.items()}}


lib.IedServer_start(server, options.port)
if not lib.IedServer_isRunning(server):
    raise SystemExit("cannot listen on port %d" % options.port)
say(event="ready", port=options.port)
serve_commands({"update": update, "log": log, "forget": forget, "refuse": refuse, "state": state})
lib.IedServer_stop(server)
