// Writes recording.arrow, a recording as another tool makes it: apache-arrow of npm, version 21.2.0.
//   npm install apache-arrow@21.2.0 && node make.mjs FOLDER
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(`${process.cwd()}/`);
const arrow = require('apache-arrow');
const people = ['ann', 'bob', 'cem', 'dia'];
const rows = 400;
const begin = Date.UTC(2026, 2, 1);

// numbers between -1 and 1 that are the same each time
let state = 7;
const noise = () => {
  state = (state * 1103515245 + 12345) % 2147483648;
  return state / 1073741824 - 1;
};

const columns = { person: [], recorded: [], 'acc x': [], 'acc y': [], 'acc z': [], worn: [], note: [], spots: [], raw: [], activity: [] };
people.forEach((person, p) => {
  for (let row = 0; row < rows; row++) {
    const shakes = Math.floor(row / 100) % 2 === 1;
    const swing = shakes ? Math.sin(row * (1.1 + 0.05 * p)) : 0;
    columns.person.push(person);
    columns.recorded.push(new Date(begin + p * 3600000 + row * 40));
    columns['acc x'].push(row === 50 ? null : swing + 0.05 * noise());
    columns['acc y'].push(0.7 * swing + 0.05 * noise());
    columns['acc z'].push(1 + 0.05 * noise());
    columns.worn.push(row % 400 > 3);
    columns.note.push(row === 0 ? `begun by ${person}` : null);
    columns.spots.push(row % 100 === 0 ? [1, 2, 3] : null);
    columns.raw.push(row % 100 === 0 ? Uint8Array.of(1, 2) : null);
    columns.activity.push(row % 100 < 3 ? null : shakes ? 'shake' : 'rest');
  }
});

const texts = () => new arrow.Dictionary(new arrow.Utf8(), new arrow.Int8());
const types = {
  person: new arrow.Utf8(), recorded: new arrow.TimestampMillisecond(), 'acc x': new arrow.Float64(), 'acc y': new arrow.Float32(),
  'acc z': new arrow.Float64(), worn: new arrow.Bool(), note: new arrow.Utf8(),
  spots: new arrow.List(new arrow.Field('item', new arrow.Float32())), raw: new arrow.Binary(), activity: texts(),
};
const plain = new arrow.Table(Object.fromEntries(Object.entries(columns).map(([name, values]) =>
  [name, arrow.vectorFromArray(values, types[name])])));
const schema = new arrow.Schema(plain.schema.fields.map(field =>
  field.name.startsWith('acc') ? field.clone({ metadata: new Map([['unit', 'gn']]) }) : field));
const table = new arrow.Table(schema, plain.batches.map(batch => new arrow.RecordBatch(schema, batch.data)));
writeFileSync(`${process.argv[2]}/recording.arrow`, arrow.tableToIPC(table, 'file'));
writeFileSync(`${process.argv[2]}/recording.arrows`, arrow.tableToIPC(table.slice(0, 400), 'stream'));
