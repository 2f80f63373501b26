// Writes and reads record batches of Arrow IPC with npm's apache-arrow, and answers the benchmarks line by line. Each time is that of a batch
// in a long stream: the schema is written and read once. See Learning/peers/README.md.
'use strict';
const { createInterface } = require('readline');
const arrow = require('apache-arrow');

const batches = new Map();

function batchOf(rows, texts) {
  const key = `${rows} ${texts}`;
  if (!batches.has(key)) {
    const columns = {};
    if (!texts) { columns.time = arrow.makeVector({ type: new arrow.TimestampNanosecond('UTC'),
      data: BigInt64Array.from({ length: rows }, (_, i) => 1700000000000000000n + BigInt(i)), length: rows, nullCount: 0, offset: 0 }); }
    for (let c = 0; c < 9; c++) { columns[`c${c}`] = arrow.makeVector(Float32Array.from({ length: rows }, (_, i) => Math.sin(c * i + c))); }
    if (texts) { columns.state = arrow.vectorFromArray(Array.from({ length: rows }, (_, i) => `pump ${i % 7} running`), new arrow.Utf8()); }
    batches.set(key, new arrow.Table(columns).batches[0]);
  }

  return batches.get(key);
}

function timed(work) {
  const cpu = process.cpuUsage();
  const start = process.hrtime.bigint();
  const value = work();
  const used = process.cpuUsage(cpu);
  return { wall: Number(process.hrtime.bigint() - start) / 1e9, cpu: (used.user + used.system) / 1e6, value };
}

function stream(batch, times) {
  const writer = new arrow.RecordBatchStreamWriter();
  writer.reset(undefined, batch.schema);
  for (let i = 0; i < times; i++) { writer.write(batch); }
  writer.finish();
  return writer.toUint8Array(true);
}

// Reads in pieces of so many batches, so that the bytes stay few.
function read(rows, times, texts) {
  const most = Math.max(1, Math.min(times, Math.floor(5e7 / (44 * rows))));
  const bytes = stream(batchOf(rows, texts), most);
  return timed(() => {
    let value = 0;
    for (let done = 0; done < times; done += most) {
      for (const batch of arrow.RecordBatchReader.from(bytes)) { value += batch.numRows; }
    }

    return value;
  });
}

const verbs = {
  hello: () => ({ name: 'apache-arrow' }),
  write: (rows, times) => {
    const batch = batchOf(Number(rows), false);
    return timed(() => {
      let value = 0;
      for (let left = Number(times); left > 0; left -= 64) { value += stream(batch, Math.min(left, 64)).length; }
      return value;
    });
  },
  read: (rows, times) => read(Number(rows), Number(times), false),
  texts: (rows, times) => read(Number(rows), Number(times), true),
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
