// Writes the files that StreamLearn.Arrow is judged by: node make.mjs FOLDER [MORE ROWS]. Beside each the values, from where they came.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as arrow from 'apache-arrow';
import { batch, dataOf } from './columns.mjs';
import { dictionaries } from './dictionaries.mjs';
import * as lz4 from './lz4.mjs';
import { craft } from './crafted.mjs';
import { columns, fields, valuesOf } from './samples.mjs';
import { schemaOf } from './values.mjs';

const folder = process.argv[2];
const more = Number(process.argv[3] ?? 0);
mkdirSync(folder, { recursive: true });

/** Writes batches in both forms, or one, and what is in them: of NAME@FORM, in NAME.json. */
function write(name, schema, batches, expected, { forms = ['arrows', 'arrow'], options, writers } = {}) {
    for (const form of forms) {
        const Writer = (writers ?? { arrow: arrow.RecordBatchFileWriter, arrows: arrow.RecordBatchStreamWriter })[form];
        const writer = new Writer(options);
        if (batches.length === 0) { writer.reset(undefined, schema); }
        for (const batch of batches) { writer.write(batch); }
        writer.close();
        writeFileSync(join(folder, `${name}.${form}`), writer.toUint8Array(true));
    }

    writeFileSync(join(folder, `${name.split('@')[0]}.json`), JSON.stringify({ schema: schemaOf(schema), batches: expected }));
}

const schemaMetadata = new Map([['made by', 'apache-arrow 21.2.0'], ['ü', ''], ['', 'of no key']]);

const all = columns();

/** A batch of rows from one on, and what is in it. */
function made(schema, start, rows, missing = true, metadata = []) {
    const values = all.map(column => valuesOf(column, start, rows, missing));
    const arrays = values.map((v, c) => dataOf(all[c].type, v));
    return { batch: batch(schema, arrays, metadata), expected: { rows, metadata, columns: values } };
}

const sliced = ({ rows, metadata, columns }, start, end) =>
    ({ rows: Math.min(end, rows) - start, metadata, columns: columns.map(values => values.slice(start, end)) });

const spec = { arrow: lz4.FileWriter, arrows: lz4.StreamWriter };

function types() {
    const schema = new arrow.Schema(fields(), schemaMetadata);
    const parts = [
        made(schema, 0, 11 + more, true, [['origin', 'pump 7'], ['', 'größer']]), made(schema, 0, 0), made(schema, 12, 6 + more, false),
    ];
    const [batches, expected] = [parts.map(p => p.batch), parts.map(p => p.expected)];
    write('types', schema, batches, expected);
    write('types@legacy', schema, batches, expected, { forms: ['arrows'], options: { writeLegacyIpcFormat: true } });
    write('types@whole', schema, batches, expected, { forms: ['arrow'], writers: spec });
    write('no-batches', schema, [], []);

    const slices = [[0, 3, 10 + more], [0, 8, 9 + more], [0, 5, 5], [2, 1, 5 + more]];
    write('slices', schema, slices.map(([part, start, end]) => batches[part].slice(start, end)),
        slices.map(([part, start, end]) => sliced(expected[part], start, end)), { forms: ['arrows'] });
    const table = new arrow.Table(schema, [batches[0], batches[2]]).slice(5, 15 + 2 * more);
    write('sliced-table', schema, table.batches,        // a table forgets the metadata of batches
        [sliced(expected[0], 5, 11 + more), sliced(expected[2], 0, 4 + more)].map(e => ({ ...e, metadata: [] })), { forms: ['arrow'] });

    const many = [made(schema, 0, 26 + more), made(schema, 26, 0)];
    write('lz4', schema, many.map(p => p.batch), many.map(p => p.expected),
        { forms: ['arrows'], options: lz4.compression, writers: spec });
    lz4.use('zstd');
    write('lz4@zstd', schema, many.map(p => p.batch), many.map(p => p.expected),
        { forms: ['arrows'], options: lz4.zstandard, writers: spec });
    lz4.use('lz4');
}

function withDictionaries() {
    const [stream, file] = [dictionaries(true), dictionaries(false)];
    write('dictionaries', stream.schema, stream.batches, stream.expected, { forms: ['arrows'] });
    write('more-entries', file.schema, file.batches, file.expected, { forms: ['arrow'] });
    write('more-entries@whole', file.schema, file.batches, file.expected, { forms: ['arrow'], writers: spec });
    write('dictionaries@lz4', stream.schema, stream.batches, stream.expected,
        { forms: ['arrows'], options: lz4.compression, writers: spec });
}

/** By what people call: arrays of JavaScript, and the types that are guessed of them. */
function guessed() {
    const made = arrow.tableFromArrays({
        float64: Float64Array.of(0.1, 0.2, 0.3), int32: Int32Array.of(1, 2, 3), big: BigInt64Array.of(1n, -2n, 3n),
        uint8: Uint8Array.of(1, 2, 255), colour: ['red', 'blue', 'red'], flag: [true, null, false], number: [1.5, null, 2],
    });
    const table = new arrow.Table(made.schema, made.batches);
    write('guessed', table.schema, table.batches, [{
        rows: 3, metadata: [],
        columns: [[0.1, 0.2, 0.3], ['1', '2', '3'], ['1', '-2', '3'], ['1', '2', '255'], ['red', 'blue', 'red'], [true, null, false],
            [1.5, null, 2]],
    }]);
}

lz4.register();
types();
withDictionaries();
guessed();
craft(folder);
