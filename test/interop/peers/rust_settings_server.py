"""A server of the Rust stack with setting groups and a log: rust_settings_server.py --model FILE --ied NAME --port N.

`refuse` sets what its application refuses: `activate`, `edit`. `log` writes an entry to its log. `state` gives what the
handlers saw.
"""
import argparse
import asyncio
import json
import sys

import iec61850

parser = argparse.ArgumentParser()
parser.add_argument("--model", required=True)
parser.add_argument("--ied", required=True)
parser.add_argument("--port", type=int, required=True)
options = parser.parse_args()

DEVICE = "PROT"
BLOCK = "CTRL/LLN0.lcbEvents"
refused = set()
seen = []


def say(**message):
    print(json.dumps(message), flush=True)


def activated(group, _connection):
    seen.append(["activate", group])
    return "activate" not in refused


def edited(group, _connection):
    seen.append(["edit", group])
    return "edit" not in refused


def confirmed(group, _connection):
    seen.append(["confirm", group])


def refuse(_server, request):
    refused.clear()
    refused.update(request["what"])


def log(server, request):
    """[[ms, reference, value], …]; gives the numbers of the entries."""
    return [
        server.log_value(BLOCK, data_ref=reference, value=value, time_ms=ms, reason_code=request.get("reason", 2))
        for ms, reference, value in request["entries"]
    ]


def state(server, _request):
    told = list(seen)
    seen.clear()
    return {"seen": told, "block": server.get_setting_group_info(DEVICE)}


COMMANDS = {"refuse": refuse, "log": log, "state": state}


async def main():
    server = iec61850.IedServer.from_scl(options.model, ied_name=options.ied)
    server.bind("127.0.0.1:%d" % options.port)
    server.register_setting_group_handler(DEVICE, on_act_sg=activated, on_edit_sg=edited, on_confirm=confirmed)
    server.register_log_control(BLOCK, dataset="LLN0$dsPositions")
    await server.start()
    say(event="ready", port=options.port)
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        request = json.loads(line)
        try:
            say(id=request["id"], result=COMMANDS[request["op"]](server, request))
        except Exception as error:  # whatever it is, the test shows it
            say(id=request["id"], error=str(error) or type(error).__name__)
    await server.stop()


asyncio.run(main())
