"""Logs as a client of the Rust stack reads them: rust_journal_client.py --port N, then commands as JSON lines."""
import argparse
import asyncio
import json
import sys

from iec61850 import IedConnection

parser = argparse.ArgumentParser()
parser.add_argument("--port", type=int, required=True)
parser.add_argument("--pdu-size", type=int)
options = parser.parse_args()


def say(**message):
    print(json.dumps(message), flush=True)


def plain(value):
    if isinstance(value, (bytes, bytearray)):
        return {"octets": bytes(value).hex()}
    if isinstance(value, (list, tuple)):
        return [plain(member) for member in value]
    return value if value is None or isinstance(value, (bool, int, float, str)) else str(value)


def entries_of(found):
    entries, more = found
    return {
        "entries": [
            {
                "entryId": bytes(entry.entry_id).hex(),
                "time": entry.time_ms,
                "variables": [[one.data_ref, plain(one.value), one.reason_code] for one in entry.variables],
            }
            for entry in entries
        ],
        "more": more,
    }


async def by_time(connection, request):
    return entries_of(await connection.query_journal_by_time(request["log"], request["from"], request["to"]))


async def after(connection, request):
    entry_id = bytes.fromhex(request["entryId"])
    return entries_of(await connection.query_journal_after_entry(request["log"], request["time"], entry_id))


async def main():
    connection = await IedConnection.connect("127.0.0.1:%d" % options.port, local_max_pdu_size=options.pdu_size)
    say(event="ready")
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        request = json.loads(line)
        try:
            say(id=request["id"], result=await {"byTime": by_time, "after": after}[request["op"]](connection, request))
        except Exception as error:  # whatever it is, the test shows it
            say(id=request["id"], error=str(error) or type(error).__name__)
    await connection.disconnect()


asyncio.run(main())
