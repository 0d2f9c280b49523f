"""A client of the Rust stack `iec61850`: rust_client.py --port N, then commands as JSON lines on stdin."""
import argparse
import asyncio
import json
import pathlib
import sys
import time

from iec61850 import DataSetMember, FC, IedConnection, IsoConnectionParameters, TlsConfig

parser = argparse.ArgumentParser()
parser.add_argument("--port", type=int, required=True)
parser.add_argument("--pdu-size", type=int)
parser.add_argument("--no-ap-title", action="store_true")
parser.add_argument("--tls", nargs=3, metavar=("CERTIFICATE", "KEY", "CA"))
options = parser.parse_args()


def say(**message):
    print(json.dumps(message), flush=True)


def to_json(value):
    """Octets of a bit string, time or octet string come as bytes; an error as an object with its code."""
    if isinstance(value, bytes):
        return {"octets": value.hex()}
    if isinstance(value, list):
        return [to_json(member) for member in value]
    if hasattr(value, "code") and hasattr(value, "error"):
        return {"error": value.code}
    return value


def from_json(value):
    return bytes.fromhex(value["octets"]) if isinstance(value, dict) else value


async def domains(connection, _request):
    return await connection.get_server_directory()


async def model(connection, _request):
    found = await connection.get_device_model(True)
    return {device["name"]: device["variables"] for device in found["logical_devices"]}


async def type_of(connection, request):
    return await connection.get_variable_specification(request["reference"], FC(request["fc"]))


async def read(connection, request):
    return to_json(
        await connection.read(
            request["reference"],
            FC(request["fc"]),
            array_index=request.get("index"),
            component=request.get("component"),
        )
    )


async def read_many(connection, request):
    found = await connection._native_conn.read_objects([tuple(target) for target in request["targets"]])
    return [{"error": v["code"]} if isinstance(v, dict) and "code" in v else to_json(v) for v in found]


async def write(connection, request):
    typed = request.get("method")
    if typed:
        await getattr(connection, "write_" + typed)(request["reference"], FC(request["fc"]), from_json(request["value"]))
    else:
        await connection.write(request["reference"], FC(request["fc"]), from_json(request["value"]))


async def data_set(connection, request):
    directory = await connection.get_data_set_directory(request["reference"])
    values = await connection._native_conn.get_data_set_values(request["reference"], False)
    return {
        "deletable": directory.deletable,
        "members": [f"{member.object_ref}[{member.fc}]" for member in directory.members],
        "values": [to_json(value) for value in values],
    }


async def define_data_set(connection, request):
    members = [
        DataSetMember(object_ref=reference, fc=FC(fc), **place) for reference, fc, place in request["members"]
    ]
    await connection.create_data_set(request["reference"], members)


async def delete_data_set(connection, request):
    return await connection.delete_data_set(request["reference"])


async def bench(connection, request):
    targets = [tuple(target) for target in request["targets"]]
    batch = request.get("batch", len(targets))
    start = time.perf_counter()
    count = 0
    while time.perf_counter() < start + request.get("seconds", 2):
        for i in range(0, len(targets), batch):
            await connection._native_conn.read_objects(targets[i : i + batch])
        count += len(targets)
    return {"perSecond": count / (time.perf_counter() - start)}


COMMANDS = {
    "domains": domains, "model": model, "type": type_of, "read": read, "readMany": read_many, "write": write,
    "dataSet": data_set, "defineDataSet": define_data_set, "deleteDataSet": delete_data_set, "bench": bench,
}


async def main():
    iso = IsoConnectionParameters()
    if options.no_ap_title:
        iso = IsoConnectionParameters(
            local_ap_title=None, remote_ap_title=None, local_ae_qualifier=None, remote_ae_qualifier=None
        )
    try:
        where, limits = "127.0.0.1:%d" % options.port, {"local_max_pdu_size": options.pdu_size, "request_timeout_ms": 10000}
        if options.tls:
            certificate, key, ca = [pathlib.Path(name).read_bytes() for name in options.tls]
            tls = TlsConfig(ca_pem=ca, client_cert_pem=certificate, client_key_pem=key)
            connection = await IedConnection.connect_tls(where, tls, "127.0.0.1", iso=iso, **limits)
        else:
            connection = await IedConnection.connect(where, iso=iso, **limits)
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
