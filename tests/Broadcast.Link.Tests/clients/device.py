"""A device made of Paho: says "up" once it listens, answers each order with "heard <order>", and ends when that is acknowledged."""
import ssl
import sys

import paho.mqtt.client as mqtt

port, ca_file, device, qos = int(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4])


def say(line):
    print(line, flush=True)


def on_connect(client, _, flags, code):
    say(f"connected {code} session {flags['session present']}")
    client.subscribe(f"d/{device}/down", qos)


def on_subscribe(_, __, ___, granted):
    say(f"up {granted[0]}")


def on_message(client, _, message):
    client.publish(f"d/{device}/up", b"heard " + message.payload, qos)


def on_publish(client, *_):
    say("acknowledged")
    client.disconnect()


client = mqtt.Client(client_id=device, clean_session=False, protocol=mqtt.MQTTv311)
client.username_pw_set(device, "secret")
client.tls_set(ca_certs=ca_file, tls_version=ssl.PROTOCOL_TLS_CLIENT)
client.on_connect, client.on_subscribe, client.on_message, client.on_publish = on_connect, on_subscribe, on_message, on_publish
client.connect("localhost", port, keepalive=30)
client.loop_forever(retry_first_connection=False)
