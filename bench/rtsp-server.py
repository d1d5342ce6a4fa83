#!/usr/bin/env python3
"""RTSP server for tests: one mount a launch line, optional password, and a live scene that can be changed while it plays.

Usage: /usr/bin/python3 rtsp-server.py '{"port": 0, "mounts": {"/live": "( ... )"}, "user": "door", "password": "s3cret"}'

Says "ready PORT" on standard output, then takes one JSON object a line on standard input: {"element": "scene",
"property": "pattern", "value": "black"} sets a property of a named element in all media that play, and says "done".
"""
import json
import sys
import threading

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402  (versions must be chosen first)

settings = json.loads(sys.argv[1])
Gst.init(None)
server = GstRtspServer.RTSPServer()
server.set_address("127.0.0.1")
server.set_service(str(settings["port"]))

if "user" in settings:
    auth = GstRtspServer.RTSPAuth()
    auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", "user")
    auth.add_digest(settings["user"], settings["password"], token)
    server.set_auth(auth)

playing = []
# Set before a medium plays, too: a client that connects anew sees the scene as it was left.
chosen = {}


def apply(medium, name, key, value):
    element = medium.get_element().get_by_name(name)
    if element is not None:
        Gst.util_set_object_arg(element, key, value)


def configured(_factory, medium):
    playing.append(medium)
    medium.connect("unprepared", lambda gone: gone in playing and playing.remove(gone))
    for (name, key), value in chosen.items():
        apply(medium, name, key, value)


for path, launch in settings["mounts"].items():
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(launch)
    factory.set_shared(True)  # one pipeline for all clients, like a camera
    factory.connect("media-configure", configured)
    if "user" in settings:
        permissions = GstRtspServer.RTSPPermissions()
        permissions.add_permission_for_role("user", "media.factory.access", True)
        permissions.add_permission_for_role("user", "media.factory.construct", True)
        factory.set_permissions(permissions)
    server.get_mount_points().add_factory(path, factory)

if server.attach(None) == 0:
    sys.exit(f"port {settings['port']} is taken")


def command(line):
    asked = json.loads(line)
    chosen[(asked["element"], asked["property"])] = asked["value"]
    for medium in playing:
        apply(medium, asked["element"], asked["property"], asked["value"])
    print("done", flush=True)
    return False


def read_commands(loop):
    for line in sys.stdin:
        GLib.idle_add(command, line)
    loop.quit()  # whoever started the server is gone


loop = GLib.MainLoop()
threading.Thread(target=read_commands, args=(loop,), daemon=True).start()
print(f"ready {server.get_bound_port()}", flush=True)
loop.run()
