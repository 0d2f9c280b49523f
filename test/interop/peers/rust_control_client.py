"""A client of the Rust stack `iec61850` that commands: rust_control_client.py --port N, then JSON lines on stdin.

`command` takes the object, its model, the service, and origin, checks and test; gives `{ok, addCause}`.
"""
import argparse
import asyncio
import json
import sys

from iec61850 import ControlModel, IedConnection, OriginValue

parser = argparse.ArgumentParser()
parser.add_argument("--port", type=int, required=True)
options = parser.parse_args()


def say(**message):
    print(json.dumps(message), flush=True)


def outcome(result):
    if isinstance(result, bool):
        return {"ok": result, "addCause": None}
    return {"ok": result.success, "addCause": result.add_cause and result.add_cause.value}


async def command(connection, objects, request):
    reference = request["reference"]
    if reference not in objects:
        objects[reference] = connection.create_control_object(reference, ControlModel(request["model"]))
    made = objects[reference]
    made.set_origin(OriginValue(request.get("orCat", 3), request.get("orIdent", "rust").encode()))
    if "ctlNum" in request:
        made.set_ctl_num(request["ctlNum"])
    made.set_test(request.get("test", False))
    made.set_interlock_check(request.get("interlockCheck", False))
    made.set_synchro_check(request.get("synchroCheck", False))
    service = request["service"]
    if service == "select":
        return outcome(await made.select())
    return outcome(await getattr(made, service)(request["value"]))


async def main():
    try:
        connection = await IedConnection.connect("127.0.0.1:%d" % options.port, request_timeout_ms=10000)
    except Exception as error:
        say(event="failed", error=str(error))
        raise SystemExit(2)
    say(event="ready")
    objects = {}
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        request = json.loads(line)
        try:
            say(id=request["id"], result=await command(connection, objects, request))
        except Exception as error:
            say(id=request["id"], error=str(error) or type(error).__name__)


asyncio.run(main())
