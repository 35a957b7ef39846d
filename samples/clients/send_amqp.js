// Sends events (one JSON object a line) to a department's queue, and prints the answer to each. Needs amqplib.
//
// YIHU_AMQP_URI=amqp://education:PASSWORD@host:5672 node send_amqp.js education < events.jsonl
'use strict';
const amqp = require('amqplib');
const { randomUUID } = require('node:crypto');
const { readFileSync } = require('node:fs');

async function main(department) {
  const waiting = new Map(readFileSync(0, 'utf8').split('\n').filter(Boolean).map((line, n) => [String(n), line]));
  const connection = await amqp.connect(process.env.YIHU_AMQP_URI);
  const channel = await connection.createConfirmChannel();
  const { queue } = await channel.assertQueue(`yihu.out.${department}.${randomUUID()}`, { exclusive: true, durable: false });
  const finished = new Promise((resolve) => {
    channel.consume(queue, (message) => {
      if (waiting.delete(message.properties.correlationId)) console.log(message.content.toString()); // it may come twice
      channel.ack(message);
      if (waiting.size === 0) resolve();
    });
  });
  for (const [number, line] of [...waiting]) {
    channel.publish(`yihu.in.${department}`, '', Buffer.from(line), {
      contentType: 'application/cloudevents+json',
      correlationId: number,
      replyTo: queue,
      persistent: true,
      mandatory: true,
    });
  }
  await channel.waitForConfirms();
  await finished;
  await connection.close();
}

main(process.argv[2]).catch((error) => {
  console.error(error.message); // nothing is lost: send the same events again
  process.exit(1);
});
