"""Logs as a libiec61850 client reads them: libiec61850_journal_client.py --port N, then commands as JSON lines."""
import argparse
import ctypes as c

from libiec61850 import L, P, S, associate, declare, lib, linked_list, say, serve_commands, to_json

JOURNALS = {
    "IedConnection_queryLogByTime": (P, [P, P, S, L, L, P]),
    "IedConnection_queryLogAfter": (P, [P, P, S, P, L, P]),
    "MmsConnection_getDomainJournals": (P, [P, P, S]),
    "MmsJournalEntry_getEntryID": (P, [P]),
    "MmsJournalEntry_getOccurenceTime": (P, [P]),
    "MmsJournalEntry_getJournalVariables": (P, [P]),
    "MmsJournalVariable_getTag": (S, [P]),
    "MmsJournalVariable_getValue": (P, [P]),
    "MmsJournalEntry_destroy": (None, [P]),
}
declare(JOURNALS)

parser = argparse.ArgumentParser()
parser.add_argument("--port", type=int, required=True)
parser.add_argument("--pdu-size", type=int)
options = parser.parse_args()

error = c.c_int(0)
err = c.byref(error)


def checked(result=None):
    if error.value != 0:
        code, error.value = error.value, 0
        raise RuntimeError("client-error-%d" % code)
    return result


connection = associate(options.port, error, options.pdu_size)


def journals(request):
    mms = lib.IedConnection_getMmsConnection(connection)
    found = checked(lib.MmsConnection_getDomainJournals(mms, err, request["domain"].encode()))
    return [c.cast(data, S).value.decode() for data in linked_list(found)]


def entries_of(found, more):
    entries = []
    for entry in linked_list(found):
        entries.append(
            {
                "entryId": to_json(lib.MmsJournalEntry_getEntryID(entry))["octets"],
                "time": to_json(lib.MmsJournalEntry_getOccurenceTime(entry))["binaryTime"],
                "variables": [
                    [
                        lib.MmsJournalVariable_getTag(variable).decode(),
                        to_json(lib.MmsJournalVariable_getValue(variable)),
                    ]
                    for variable in linked_list(lib.MmsJournalEntry_getJournalVariables(entry))
                ],
            }
        )
    return {"entries": entries, "more": more.value}


def by_time(request):
    more = c.c_bool(False)
    found = lib.IedConnection_queryLogByTime(
        connection, err, request["log"].encode(), request["from"], request["to"], c.byref(more)
    )
    return entries_of(checked(found), more)


def after(request):
    more = c.c_bool(False)
    octets = bytes.fromhex(request["entryId"])
    entry_id = lib.MmsValue_newOctetString(len(octets), len(octets))
    lib.MmsValue_setOctetString(entry_id, octets, len(octets))
    found = lib.IedConnection_queryLogAfter(
        connection, err, request["log"].encode(), entry_id, request["time"], c.byref(more)
    )
    lib.MmsValue_delete(entry_id)
    return entries_of(checked(found), more)


say(event="ready")
serve_commands({"journals": journals, "byTime": by_time, "after": after})
