// MQTT.js. Answers line by line; a line 'receive' has two answers: when it is subscribed, and when all has come.
'use strict';
const mqtt = require('mqtt');
const readline = require('node:readline');

const say = (reply) => process.stdout.write(JSON.stringify(reply) + '\n');
const cpu = () => { const { user, system } = process.cpuUsage(); return (user + system) / 1e6; };
const wall = () => performance.now() / 1e3;
const open = (port, id) => mqtt.connect({ host: '127.0.0.1', port: Number(port), clientId: id, reconnectPeriod: 0, protocolVersion: 4 });

function receive(port, qos, count) {
  return new Promise((resolve, reject) => {
    const start = cpu();
    let n = 0, first = 0;
    const client = open(port, 'mqttjs-receive');
    client.on('error', reject);
    client.on('connect', () => client.subscribe('bench/a', { qos: Number(qos) }, () => say({ ready: true })));
    client.on('message', () => {
      n++;
      if (n === 1) first = wall();
      if (n !== Number(count)) return;
      const reply = { cpu: cpu() - start, wall: wall() - first };
      client.end(true, () => resolve(reply));
    });
  });
}

function publish(port, qos, size, count) {
  return new Promise((resolve, reject) => {
    const [start, began, payload] = [cpu(), wall(), Buffer.alloc(Number(size))];
    let [sent, done] = [0, 0];
    const client = open(port, 'mqttjs-publish');
    client.on('error', reject);
    const next = () => { sent++; client.publish('bench/a', payload, { qos: Number(qos) }, finished); };
    const finished = () => {
      done++;
      if (sent < Number(count)) next();
      else if (done === Number(count)) {
        const reply = { cpu: cpu() - start, wall: wall() - began };
        client.end(true, () => resolve(reply));
      }
    };
    client.on('connect', () => { for (let i = 0; i < 256 && sent < Number(count); i++) next(); });
  });
}

function connections(port, count) {
  return new Promise((resolve, reject) => {
    global.gc?.();
    const [began, before] = [wall(), process.memoryUsage().rss];
    const clients = [];
    let ready = 0;
    for (let i = 0; i < Number(count); i++) {
      const client = open(port, `mqttjs-${i}`);
      clients.push(client);
      client.on('error', reject);
      client.on('connect', () => client.subscribe('bench/a', { qos: 1 }, () => {
        if (++ready !== Number(count)) return;
        const reply = { wall: wall() - began, bytes: (process.memoryUsage().rss - before) / Number(count) };
        for (const c of clients) c.end(true);
        resolve(reply);
      }));
    }
  });
}

const verbs = { hello: () => ({ name: 'mqtt.js' }), receive, publish, connections };
(async () => {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const [verb, ...words] = line.split(' ');
    try { say(await verbs[verb](...words)); } catch (e) { say({ error: String(e) }); }
  }
  process.exit(0);
})();
