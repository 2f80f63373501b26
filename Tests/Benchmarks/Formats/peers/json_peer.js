// Parses a JSON window again and again with JSON.parse, and answers the benchmarks line by line. See Learning/peers/README.md.
'use strict';
const { readFileSync } = require('fs');
const { createInterface } = require('readline');

const verbs = {
  hello: () => ({ name: 'node' }),
  // As a receiver has it: bytes, which become a text and then values. Columns go into typed arrays, as ours do.
  parse: (path, times) => {
    const bytes = readFileSync(path);
    const columns = Array.from({ length: 9 }, () => new Float32Array(128));
    const cpu = process.cpuUsage();
    const start = process.hrtime.bigint();
    for (let i = 0; i < Number(times); i++) {
      const { window } = JSON.parse(bytes.toString('utf8'));
      for (let c = 0; c < columns.length; c++) { columns[c].set(window[c]); }
    }

    const used = process.cpuUsage(cpu);
    return { wall: Number(process.hrtime.bigint() - start) / 1e9, cpu: (used.user + used.system) / 1e6, value: columns[8][127] };
  },
  // JSON.parse alone, of a text that is already there.
  text: (path, times) => {
    const text = readFileSync(path, 'utf8');
    let value = 0;
    const cpu = process.cpuUsage();
    const start = process.hrtime.bigint();
    for (let i = 0; i < Number(times); i++) { value += JSON.parse(text).window[8][127]; }
    const used = process.cpuUsage(cpu);
    return { wall: Number(process.hrtime.bigint() - start) / 1e9, cpu: (used.user + used.system) / 1e6, value };
  },
};

createInterface({ input: process.stdin }).on('line', line => {
  const [verb, ...words] = line.split(' ');
  let answer;
  try {
    answer = verbs[verb](...words);
  } catch (e) {
    answer = { error: `${e}` };
  }

  process.stdout.write(`${JSON.stringify(answer)}\n`);
});
