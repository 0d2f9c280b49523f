"""File services of libiec61850: libiec61850_files.py server|client --port N --folder DIR [--model FILE].

The server serves DIR, the client gives files from it; both then take commands as JSON lines on stdin.
"""
import argparse
import ctypes as c

from libiec61850 import B, I, P, S, U, L, declare, lib, say, serve_commands

parser = argparse.ArgumentParser()
parser.add_argument("role", choices=["server", "client"])
parser.add_argument("--port", type=int, required=True)
parser.add_argument("--folder", required=True)
parser.add_argument("--model")
options = parser.parse_args()

# The library puts the file's name behind the folder as it is.
FOLDER = options.folder.rstrip("/").encode() + b"/"
FRSM = c.c_int32
FUNCTIONS = {
    "IedServerConfig_enableFileService": (None, [P, B]),
    "IedServerConfig_setFileServiceBasePath": (None, [P, S]),
    "MmsConnection_setFilestoreBasepath": (None, [P, S]),
    "MmsConnection_fileOpen": (FRSM, [P, P, S, U, P, P]),
    "MmsConnection_fileRead": (B, [P, P, FRSM, P, P]),
    "MmsConnection_fileClose": (None, [P, P, FRSM]),
    "MmsConnection_fileDelete": (None, [P, P, S]),
    "MmsConnection_fileRename": (None, [P, P, S, S]),
    "MmsConnection_obtainFile": (None, [P, P, S, S]),
    "MmsConnection_getFileDirectory": (B, [P, P, S, S, P, P]),
}
declare(FUNCTIONS)

READ_HANDLER = c.CFUNCTYPE(None, P, FRSM, P, U)
DIRECTORY_HANDLER = c.CFUNCTYPE(None, P, S, U, L)


def serve():
    model = lib.ConfigFileParser_createModelFromConfigFileEx(options.model.encode())
    if not model:
        raise SystemExit("the model file cannot be read: " + options.model)
    config = lib.IedServerConfig_create()
    lib.IedServerConfig_enableFileService(config, True)
    lib.IedServerConfig_setFileServiceBasePath(config, FOLDER)
    server = lib.IedServer_createWithConfig(model, None, config)
    lib.IedServer_setLocalIpAddress(server, b"127.0.0.1")
    lib.IedServer_start(server, options.port)
    if not lib.IedServer_isRunning(server):
        raise SystemExit("cannot listen on port %d" % options.port)
    say(event="ready", port=options.port)
    serve_commands({})
    lib.IedServer_stop(server)


error = c.c_int(0)
err = c.byref(error)


def checked(result=None):
    if error.value != 0:
        code, error.value = error.value, 0
        raise RuntimeError("mms-error-%d" % code)
    return result


def associate():
    """See libiec61850_client.py: an association that was lost at birth is given up for another one."""
    for _ in range(20):
        made = lib.MmsConnection_create()
        lib.MmsConnection_setRequestTimeout(made, 10000)
        lib.MmsConnection_setFilestoreBasepath(made, FOLDER)
        if not lib.MmsConnection_connect(made, err, b"127.0.0.1", options.port):
            raise SystemExit("it does not connect: %d" % error.value)
        lib.MmsConnection_getDomainNames(made, err)
        if error.value != 2:
            error.value = 0
            return made
        error.value = 0
        lib.MmsConnection_destroy(made)
    raise SystemExit("the connection is lost each time")


def ask():
    connection = associate()

    def directory(request):
        found = []
        handler = DIRECTORY_HANDLER(lambda _p, name, size, ms: found.append([name.decode(), size, ms]))
        after = request.get("after")
        more = lib.MmsConnection_getFileDirectory(
            connection, err, request["folder"].encode(), after and after.encode(), c.cast(handler, P), None
        )
        checked()
        return {"files": found, "more": more}

    def get(request):
        size, modified = c.c_uint32(0), c.c_uint64(0)
        frsm = checked(
            lib.MmsConnection_fileOpen(
                connection, err, request["name"].encode(), request.get("position", 0), c.byref(size), c.byref(modified)
            )
        )
        parts = []
        handler = READ_HANDLER(lambda _p, _frsm, octets, count: parts.append(c.string_at(octets, count)))
        while checked(lib.MmsConnection_fileRead(connection, err, frsm, c.cast(handler, P), None)):
            pass
        checked(lib.MmsConnection_fileClose(connection, err, frsm))
        return {"size": size.value, "modified": modified.value, "octets": b"".join(parts).hex()}

    def delete(request):
        checked(lib.MmsConnection_fileDelete(connection, err, request["name"].encode()))

    def rename(request):
        checked(lib.MmsConnection_fileRename(connection, err, request["name"].encode(), request["to"].encode()))

    def put(request):
        checked(lib.MmsConnection_obtainFile(connection, err, request["name"].encode(), request["to"].encode()))

    say(event="ready")
    serve_commands({"directory": directory, "get": get, "delete": delete, "rename": rename, "put": put})
    lib.MmsConnection_conclude(connection, err)


serve() if options.role == "server" else ask()
