// Reads what StreamLearn.Arrow wrote, and compares every column, value and text with the JSON file beside: node verify.mjs FOLDER.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as arrow from 'apache-arrow';
import { ByteBuffer } from 'flatbuffers';
import { Footer } from 'apache-arrow/fb/footer';
import * as lz4 from './lz4.mjs';
import { batchOf, schemaOf } from './values.mjs';

const folder = process.argv[2];
const totals = new Map();
let failed = 0, values = 0, files = 0;

function check(what, got, expected) {
    const [a, b] = [JSON.stringify(got), JSON.stringify(expected)];
    if (a === b) { return; }
    failed++;
    const at = [...a].findIndex((c, i) => c !== b[i]);
    const near = text => text.slice(Math.max(0, at - 40), at + 60);
    console.error(`${what}: differ at ${at}: got …${near(a)}…, expected …${near(b)}…`);
}

function tally(field, column) {
    const name = field.dictionary ? `dictionary of ${field.type}` : field.type;
    const [present, missing] = totals.get(name) ?? [0, 0];
    const gone = column.filter(v => v === null).length;
    totals.set(name, [present + column.length - gone, missing + gone]);
    values += column.length;
}

function compare(what, schema, batches, expected) {
    check(`${what}: schema`, schemaOf(schema), expected.schema);
    check(`${what}: batches`, batches.map(b => b.rows), expected.batches.map(b => b.rows));
    batches.forEach((batch, i) => {
        check(`${what}: metadata of batch ${i}`, batch.metadata, expected.batches[i]?.metadata);
        batch.columns.forEach((column, c) => {
            const field = expected.schema.fields[c];
            check(`${what}: batch ${i}, column '${field?.name}'`, column, expected.batches[i]?.columns[c]);
            if (field) { tally(field, column); }
        });
    });
    files++;
    console.log(`${what}: ${batches.length} batches, ${schema.fields.length} columns, ${batches.reduce((n, b) => n + b.rows, 0)} rows`);
}

/** Each batch is looked at before the next is read: a dictionary may be replaced between them. */
function fromStart(bytes, expected) {
    const reader = arrow.RecordBatchReader.from(bytes).open();
    const [{ schema }, batches] = [reader, []];
    if (expected.batches.length === 0) {        // it makes up an empty one, and after that reads on behind the end
        const { value } = reader.next();
        return [schema, value === null || value === undefined || value.numRows === 0 ? [] : [batchOf(value)]];
    }

    for (const batch of reader) { batches.push(batchOf(batch)); }
    return [schema, batches];
}

function byFooter(bytes) {
    const reader = arrow.RecordBatchReader.from(bytes).open();
    if (!reader.isFile()) { throw new Error('no file'); }
    const batches = [];
    for (let i = reader.numRecordBatches - 1; i >= 0; i--) { batches.unshift(batchOf(reader.readRecordBatch(i))); }
    return [reader.schema, batches];
}

function footerMetadata(bytes) {
    const length = bytes.readInt32LE(bytes.length - 10);
    const footer = Footer.getRootAsFooter(new ByteBuffer(bytes.subarray(bytes.length - 10 - length, bytes.length - 10)));
    const pair = i => footer.customMetadata(i);
    return Array.from({ length: footer.customMetadataLength() }, (_, i) => [pair(i).key(), pair(i).value()]);
}

lz4.register();
for (const file of readdirSync(folder).filter(f => f.endsWith('.arrows') || f.endsWith('.arrow')).sort()) {
    const name = file.replace(/(@.*)?\.arrows?$/, '');
    const expected = JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8'));
    const bytes = readFileSync(join(folder, file));
    try {
        if (file.endsWith('.arrow')) {
            compare(`${file}, by its footer`, ...byFooter(bytes), expected);
            compare(`${file}, from its start`, ...fromStart(bytes.subarray(8), expected), expected);
            check(`${file}: metadata of the footer`, footerMetadata(bytes), expected.footer ?? []);
        } else {
            compare(file, ...fromStart(bytes, expected), expected);
        }

        const table = arrow.tableFromIPC(bytes);
        const rows = expected.batches.reduce((n, batch) => n + batch.rows, 0);
        check(`${file}: table`, [table.numRows, table.numCols], [rows, expected.schema.fields.length]);
    } catch (error) {
        failed++;
        console.error(`${file}: ${error.stack}`);
    }
}

for (const [type, [present, missing]] of [...totals].sort()) { console.log(`${type}: ${present} values, ${missing} missing`); }
console.log(`${files} readings, ${values} values compared, ${failed} differences`);
process.exitCode = failed > 0 || files === 0 ? 1 : 0;
