"""A libiec61850 server from a `.cfg` model: libiec61850_server.py --model FILE --port N [--password TEXT]."""
import argparse
import ctypes as c

from libiec61850 import P, B, from_json, lib, say, serve_commands, tls_configuration, to_json

parser = argparse.ArgumentParser()
parser.add_argument("--model", required=True)
parser.add_argument("--port", type=int, required=True)
parser.add_argument("--password")
parser.add_argument("--tls", nargs=3, metavar=("CERTIFICATE", "KEY", "CA"))
parser.add_argument("--max-connections", type=int, default=5)
options = parser.parse_args()


class AcseAuthenticationParameter(c.Structure):
    """The library's struct for a password: mechanism, then value and length."""

    _fields_ = [("mechanism", c.c_int), ("octets", c.POINTER(c.c_ubyte)), ("length", c.c_int)]


AUTHENTICATOR = c.CFUNCTYPE(B, P, c.POINTER(AcseAuthenticationParameter), P, P)


@AUTHENTICATOR
def authenticate(_parameter, authentication, _token, _reference):
    given = authentication.contents
    if given.mechanism != 1:
        return False
    return bytes(given.octets[: given.length]) == options.password.encode()


# Functional constraints that clients may write, as the library numbers them: SP, SV, CF, DC.
WRITABLE = (2, 3, 4, 5)
ACCESS_POLICY_ALLOW = 0

model = lib.ConfigFileParser_createModelFromConfigFileEx(options.model.encode())
if not model:
    raise SystemExit("the model file cannot be read: " + options.model)
config = lib.IedServerConfig_create()
lib.IedServerConfig_setMaxMmsConnections(config, options.max_connections)
server = lib.IedServer_createWithConfig(model, tls_configuration(options.tls, False), config)
lib.IedServer_setLocalIpAddress(server, b"127.0.0.1")
lib.IedServer_setServerIdentity(server, b"libiec61850", b"peer", b"1.6.1")
for constraint in WRITABLE:
    lib.IedServer_setWriteAccessPolicy(server, constraint, ACCESS_POLICY_ALLOW)
if options.password is not None:
    lib.IedServer_setAuthenticator(server, c.cast(authenticate, P), None)


def node(reference):
    found = lib.IedModel_getModelNodeByObjectReference(model, reference.encode())
    if not found:
        raise ValueError("no such attribute: " + reference)
    return found


def update(request):
    """Several attributes in one locked step: [[reference, kind, value], …]."""
    lib.IedServer_lockDataModel(server)
    try:
        for reference, kind, value in request["values"]:
            made = from_json(kind, value)
            lib.IedServer_updateAttributeValue(server, node(reference), made)
            lib.MmsValue_delete(made)
    finally:
        lib.IedServer_unlockDataModel(server)


def get(request):
    return to_json(lib.IedServer_getAttributeValue(server, node(request["reference"])))


lib.IedServer_start(server, options.port)
if not lib.IedServer_isRunning(server):
    raise SystemExit("cannot listen on port %d" % options.port)
say(event="ready", port=options.port)
serve_commands({"update": update, "get": get})
lib.IedServer_stop(server)
