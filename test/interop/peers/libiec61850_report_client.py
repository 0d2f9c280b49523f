"""Reports as a libiec61850 client takes them: libiec61850_report_client.py --port N, then commands as JSON lines."""
import argparse
import ctypes as c
import threading
import time

from libiec61850 import B, I, P, S, U, L, declare, from_json, lib, say, serve_commands, to_json

RCB = {
    "IedConnection_create": (P, []),
    "IedConnection_destroy": (None, [P]),
    "IedConnection_connect": (None, [P, P, S, I]),
    "IedConnection_close": (None, [P]),
    "IedConnection_getMmsConnection": (P, [P]),
    "IedConnection_getServerDirectory": (P, [P, P, B]),
    "IedConnection_getRCBValues": (P, [P, P, S, P]),
    "IedConnection_setRCBValues": (None, [P, P, P, U, B]),
    "IedConnection_installReportHandler": (None, [P, S, S, P, P]),
    "IedConnection_triggerGIReport": (None, [P, P, S]),
    "ClientReportControlBlock_getRptId": (S, [P]),
    "ClientReportControlBlock_getRptEna": (B, [P]),
    "ClientReportControlBlock_getResv": (B, [P]),
    "ClientReportControlBlock_getDataSetReference": (S, [P]),
    "ClientReportControlBlock_getConfRev": (U, [P]),
    "ClientReportControlBlock_getResvTms": (c.c_int16, [P]),
    "ClientReportControlBlock_getEntryId": (P, [P]),
    "ClientReportControlBlock_getOwner": (P, [P]),
    "ClientReportControlBlock_setRptId": (None, [P, S]),
    "ClientReportControlBlock_setRptEna": (None, [P, B]),
    "ClientReportControlBlock_setResv": (None, [P, B]),
    "ClientReportControlBlock_setDataSetReference": (None, [P, S]),
    "ClientReportControlBlock_setOptFlds": (None, [P, I]),
    "ClientReportControlBlock_setBufTm": (None, [P, U]),
    "ClientReportControlBlock_setTrgOps": (None, [P, I]),
    "ClientReportControlBlock_setIntgPd": (None, [P, U]),
    "ClientReportControlBlock_setGI": (None, [P, B]),
    "ClientReportControlBlock_setPurgeBuf": (None, [P, B]),
    "ClientReportControlBlock_setEntryId": (None, [P, P]),
    "ClientReportControlBlock_setResvTms": (None, [P, c.c_int16]),
    "ClientReport_getRptId": (S, [P]),
    "ClientReport_getDataSetValues": (P, [P]),
    "ClientReport_getReasonForInclusion": (I, [P, I]),
    "ClientReport_getEntryId": (P, [P]),
    "ClientReport_hasTimestamp": (B, [P]),
    "ClientReport_getTimestamp": (L, [P]),
    "ClientReport_hasSeqNum": (B, [P]),
    "ClientReport_getSeqNum": (c.c_uint16, [P]),
    "ClientReport_hasDataSetName": (B, [P]),
    "ClientReport_getDataSetName": (S, [P]),
    "ClientReport_hasDataReference": (B, [P]),
    "ClientReport_getDataReference": (S, [P, I]),
    "ClientReport_hasConfRev": (B, [P]),
    "ClientReport_getConfRev": (U, [P]),
    "ClientReport_hasBufOvfl": (B, [P]),
    "ClientReport_getBufOvfl": (B, [P]),
    "ClientReport_getMoreSeqmentsFollow": (B, [P]),
}
declare(RCB)

parser = argparse.ArgumentParser()
parser.add_argument("--port", type=int, required=True)
parser.add_argument("--pdu-size", type=int)
options = parser.parse_args()

# Attribute: bit in the mask of what is written, setter. In the order in which they have to be written.
ELEMENTS = {
    "resv": (4, "Resv"), "resvTms": (16384, "ResvTms"), "rptId": (1, "RptId"), "datSet": (8, "DataSetReference"),
    "optFlds": (32, "OptFlds"), "bufTm": (64, "BufTm"), "trgOps": (256, "TrgOps"), "intgPd": (512, "IntgPd"),
    "purgeBuf": (2048, "PurgeBuf"), "entryId": (4096, "EntryId"), "rptEna": (2, "RptEna"), "gi": (1024, "GI"),
}
CLIENT_ERRORS = {20: "access-denied", 21: "object-does-not-exist", 23: "object-exists", 24: "object-access-unsupported",
                 25: "type-inconsistent", 26: "temporarily-unavailable", 32: "object-value-invalid"}

error = c.c_int(0)
err = c.byref(error)


def checked(result=None):
    if error.value != 0:
        code, error.value = error.value, 0
        raise RuntimeError(CLIENT_ERRORS.get(code, "client-error-%d" % code))
    return result


def associate():
    """Again when the first request is lost, a race of version 1.6.1."""
    for _ in range(20):
        made = lib.IedConnection_create()
        if options.pdu_size:
            lib.MmsConnection_setLocalDetail(lib.IedConnection_getMmsConnection(made), options.pdu_size)
        lib.IedConnection_connect(made, err, b"127.0.0.1", options.port)
        if error.value == 0:
            lib.IedConnection_getServerDirectory(made, err, False)
        if error.value == 0:
            return made
        error.value = 0
        lib.IedConnection_destroy(made)
    say(event="failed", error="the connection is lost each time")
    raise SystemExit(2)


connection = associate()
received = []
arrived = threading.Condition()


def text_of(getter, report, has):
    return getter(report).decode() if has(report) else None


@c.CFUNCTYPE(None, P, P)
def handler(_parameter, report):
    values = lib.ClientReport_getDataSetValues(report)
    members = []
    for i in range(lib.MmsValue_getArraySize(values)):
        reason = lib.ClientReport_getReasonForInclusion(report, i)
        if reason == 0:
            continue
        member = {"index": i, "reason": reason, "value": to_json(lib.MmsValue_getElement(values, i))}
        if lib.ClientReport_hasDataReference(report):
            member["reference"] = (lib.ClientReport_getDataReference(report, i) or b"").decode()
        members.append(member)
    entry_id = lib.ClientReport_getEntryId(report)
    one = {
        "rptId": lib.ClientReport_getRptId(report).decode(),
        "sqNum": lib.ClientReport_getSeqNum(report) if lib.ClientReport_hasSeqNum(report) else None,
        "time": lib.ClientReport_getTimestamp(report) if lib.ClientReport_hasTimestamp(report) else None,
        "dataSet": text_of(lib.ClientReport_getDataSetName, report, lib.ClientReport_hasDataSetName),
        "confRev": lib.ClientReport_getConfRev(report) if lib.ClientReport_hasConfRev(report) else None,
        "bufOvfl": lib.ClientReport_getBufOvfl(report) if lib.ClientReport_hasBufOvfl(report) else None,
        "entryId": to_json(entry_id)["octets"] if entry_id else None,
        # Whether there is a SubSqNum is not asked: the library says no also where it has read one.
        "more": lib.ClientReport_getMoreSeqmentsFollow(report),
        "members": members,
    }
    with arrived:
        received.append(one)
        arrived.notify()


def block(request):
    return checked(lib.IedConnection_getRCBValues(connection, err, request["reference"].encode(), None))


def rcb(request):
    found = block(request)
    entry_id = lib.ClientReportControlBlock_getEntryId(found)
    owner = lib.ClientReportControlBlock_getOwner(found)
    return {
        "rptId": (lib.ClientReportControlBlock_getRptId(found) or b"").decode(),
        "rptEna": lib.ClientReportControlBlock_getRptEna(found),
        "resv": lib.ClientReportControlBlock_getResv(found),
        "resvTms": lib.ClientReportControlBlock_getResvTms(found),
        "datSet": (lib.ClientReportControlBlock_getDataSetReference(found) or b"").decode(),
        "confRev": lib.ClientReportControlBlock_getConfRev(found),
        "entryId": to_json(entry_id)["octets"] if entry_id else None,
        "owner": to_json(owner)["octets"] if owner else None,
    }


def install(request):
    """The handler first: a report can come before the answer that enables it."""
    found = block(request)
    rpt_id = lib.ClientReportControlBlock_getRptId(found)
    lib.IedConnection_installReportHandler(connection, request["reference"].encode(), rpt_id, handler, None)


def write(request):
    """Writes attributes of a control block, all in one request or each in one of its own."""
    found = block(request)
    mask = 0
    for name, (bit, setter) in ELEMENTS.items():
        if name not in request["values"]:
            continue
        value = request["values"][name]
        if name == "entryId":
            value = from_json("octet-string", value)
        elif isinstance(value, str):
            value = value.encode()
        getattr(lib, "ClientReportControlBlock_set" + setter)(found, value)
        mask |= bit
    lib.IedConnection_setRCBValues(connection, err, found, mask, request.get("single", True))
    checked()


def interrogate(request):
    lib.IedConnection_triggerGIReport(connection, err, request["reference"].encode())
    checked()


def reports(request):
    """What has come, when it is at least `count` reports."""
    end = time.monotonic() + request.get("seconds", 10)
    with arrived:
        while len(received) < request["count"] and arrived.wait(max(0.0, end - time.monotonic())):
            pass
        found = list(received)
        received.clear()
    return found


say(event="ready")
serve_commands({"rcb": rcb, "install": install, "writeRcb": write, "gi": interrogate, "reports": reports})
lib.IedConnection_close(connection)
