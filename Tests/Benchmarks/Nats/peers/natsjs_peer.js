// @nats-io/transport-node. Answers line by line.
'use strict';
const { connect } = require('@nats-io/transport-node');
const { jetstream, jetstreamManager, AckPolicy, DeliverPolicy } = require('@nats-io/jetstream');
const { Kvm } = require('@nats-io/kv');
const readline = require('node:readline');

const say = (reply) => process.stdout.write(JSON.stringify(reply) + '\n');
const cpu = () => { const { user, system } = process.cpuUsage(); return (user + system) / 1e6; };
const wall = () => performance.now() / 1e3;
const open = (port) => connect({ servers: `127.0.0.1:${port}`, reconnect: false, ignoreClusterUpdates: true });

async function receive(port, count) {
  const start = cpu();
  const client = await open(port);
  let n = 0, first = 0;
  const reply = await new Promise((resolve) => {
    client.subscribe('bench', {
      callback: () => {
        n++;
        if (n === 1) first = wall();
        if (n === Number(count)) resolve({ cpu: cpu() - start, wall: wall() - first });
      },
    });
  });
  client.close().catch(() => {});
  return reply;
}

async function publish(port, size, count) {
  const client = await open(port);
  const [start, began, payload] = [cpu(), wall(), Buffer.alloc(Number(size))];
  for (let n = 1; n <= Number(count); n++) {
    client.publish('bench', payload);
    if (n % 10000 === 0) await client.flush();
  }
  await client.flush();
  const reply = { cpu: cpu() - start, wall: wall() - began };
  await client.close();
  return reply;
}

async function request(port, count) {
  const client = await open(port);
  client.subscribe('ask', { callback: (_, m) => m.respond(m.data) });
  const times = [];
  for (let n = 0; n < Number(count); n++) {
    const began = wall();
    await client.request('ask', 'x', { timeout: 10000 });
    times.push(wall() - began);
  }
  await client.close();
  return { p50: times.sort((a, b) => a - b)[times.length >> 1] };
}

async function pull(port, stream, count) {
  const client = await open(port);
  const manager = await jetstreamManager(client);
  const info = await manager.consumers.add(stream, {
    ack_policy: AckPolicy.Explicit, deliver_policy: DeliverPolicy.All, max_ack_pending: -1, inactive_threshold: 30e9,
  });
  const consumer = await jetstream(client).consumers.get(stream, info.name);
  const start = cpu();
  const messages = await consumer.consume({ max_messages: 1024 });
  let n = 0, first = 0;
  for await (const m of messages) {
    m.ack();
    if (++n === 1) first = wall();
    if (n === Number(count)) break;
  }
  await client.flush();
  const reply = { cpu: cpu() - start, wall: wall() - first };
  await manager.consumers.delete(stream, info.name);
  await client.close();
  return reply;
}

async function kv(port, count) {
  const client = await open(port);
  const bucket = await new Kvm(client).create('bench-js', { storage: 'memory' });
  const times = [];
  for (let n = 0; n < Number(count); n++) {
    const began = wall();
    await bucket.put(`key-${n % 100}`, 'value');
    await bucket.get(`key-${n % 100}`);
    times.push(wall() - began);
  }
  await client.close();
  return { p50: times.sort((a, b) => a - b)[times.length >> 1] };
}

const verbs = { hello: () => ({ name: 'nats.js' }), receive, publish, request, pull, kv };
(async () => {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const [verb, ...words] = line.split(' ');
    try { say(await verbs[verb](...words)); } catch (e) { say({ error: String(e) }); }
  }
  process.exit(0);
})();
