"""Send events (one JSON object a line) to a department's queue, and print the answer to each. Needs kombu.

YIHU_AMQP_URI=amqp://education:PASSWORD@host:5672// python send_amqp.py education < events.jsonl
"""

import json
import os
import sys
import uuid

from kombu import Connection, Consumer, Producer, Queue

department = sys.argv[1]
waiting = {str(number): line for number, line in enumerate(sys.stdin.read().splitlines())}
replies = Queue(f"yihu.out.{department}.{uuid.uuid4().hex}", exclusive=True, durable=False)


def answered(answer, message):
    if waiting.pop(message.properties["correlation_id"], None):  # an answer may come twice
        print(json.dumps(answer, ensure_ascii=False), flush=True)
    message.ack()


with Connection(os.environ["YIHU_AMQP_URI"], transport_options={"confirm_publish": True}) as connection:
    channel = connection.channel()
    with Consumer(channel, [replies], callbacks=[answered], accept=["json"]):
        for number, line in list(waiting.items()):
            Producer(channel).publish(
                line.encode(),
                exchange=f"yihu.in.{department}",
                routing_key="",
                content_type="application/cloudevents+json",
                content_encoding="utf-8",
                correlation_id=number,
                reply_to=replies.name,
                delivery_mode="persistent",
                mandatory=True,
            )
        while waiting:
            connection.drain_events(timeout=60)  # no answer: send the same events again
