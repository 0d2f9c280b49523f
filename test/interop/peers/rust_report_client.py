"""Reports as a client of the Rust stack takes them: rust_report_client.py --port N, then commands as JSON lines."""
import argparse
import asyncio
import json
import sys

from iec61850 import IedConnection, RcbWriteMask, ReportOptFlds, TriggerOptions

parser = argparse.ArgumentParser()
parser.add_argument("--port", type=int, required=True)
parser.add_argument("--pdu-size", type=int)
options = parser.parse_args()
received = []


def say(**message):
    print(json.dumps(message), flush=True)


def plain(value):
    if isinstance(value, (bytes, bytearray)):
        return {"octets": bytes(value).hex()}
    if isinstance(value, (list, tuple)):
        return [plain(member) for member in value]
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return str(value)


def handler(report):
    received.append(
        {
            "rptId": report.rpt_id,
            "sqNum": report.sequence_number,
            "time": report.timestamp_ms,
            "dataSet": report.dataset_name,
            "confRev": report.conf_rev,
            "bufOvfl": report.buffer_overflow,
            "entryId": bytes(report.entry_id).hex() if report.entry_id else None,
            "members": [
                {
                    "reference": entry.ref,
                    "value": plain(entry.value),
                    "reason": None
                    if entry.reason is None
                    else [name for name in entry.reason.__slots__ if getattr(entry.reason, name)],
                }
                for entry in report.entries
            ],
        }
    )


FIELDS = {"rptId": "rpt_id", "datSet": "dataset", "rptEna": "rpt_ena", "resv": "resv", "bufTm": "buf_time_ms",
          "intgPd": "integrity_period_ms", "gi": "gi", "purgeBuf": "purge_buf", "entryId": "entry_id",
          "resvTms": "resv_tms", "optFlds": "opt_flds", "trgOps": "trigger_options"}
MASKS = {"buf_time_ms": "buf_time", "integrity_period_ms": "integrity_period"}


async def rcb(connection, request):
    found = await connection.get_rcb_values(request["reference"])
    return {
        "rptId": found.rpt_id, "rptEna": found.rpt_ena, "datSet": found.dataset, "confRev": found.conf_rev,
        "resv": found.resv, "resvTms": found.resv_tms,
        "entryId": bytes(found.entry_id).hex() if found.entry_id else None,
        "owner": bytes(found.owner).hex() if found.owner else None,
    }


async def install(connection, request):
    found = await connection.get_rcb_values(request["reference"])
    await connection.install_report_handler(request["reference"], handler, rpt_id=found.rpt_id or None)


async def write(connection, request):
    found = await connection.get_rcb_values(request["reference"])
    names = []
    for name, value in request["values"].items():
        if name == "entryId":
            value = bytes.fromhex(value)
        elif name == "optFlds":
            value = ReportOptFlds.from_bits(value)
        elif name == "trgOps":
            value = TriggerOptions.from_bits(value)
        setattr(found, FIELDS[name], value)
        names.append(MASKS.get(FIELDS[name], FIELDS[name]))
    await connection.set_rcb_values(found, RcbWriteMask.fields(*names), single_request=request.get("single", False))


async def interrogate(connection, request):
    await connection.trigger_gi(request["reference"])


async def reports(connection, request):
    loop = asyncio.get_running_loop()
    end = loop.time() + request.get("seconds", 10)
    while len(received) < request["count"] and loop.time() < end:
        await connection.poll_reports(50)
    found = list(received)
    received.clear()
    return found


COMMANDS = {"rcb": rcb, "install": install, "writeRcb": write, "gi": interrogate, "reports": reports}


async def main():
    try:
        connection = await IedConnection.connect(
            "127.0.0.1:%d" % options.port, local_max_pdu_size=options.pdu_size, request_timeout_ms=10000
        )
    except Exception as error:
        say(event="failed", error=str(error))
        raise SystemExit(2)
    say(event="ready")
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        request = json.loads(line)
        try:
            say(id=request["id"], result=await COMMANDS[request["op"]](connection, request))
        except Exception as error:  # whatever it is, the test shows it
            say(id=request["id"], error=str(error) or type(error).__name__)
    await connection.disconnect()


asyncio.run(main())
