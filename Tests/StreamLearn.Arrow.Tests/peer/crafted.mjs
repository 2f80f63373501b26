// Files that apache-arrow does not write, made by the classes of Arrow's FlatBuffers schemas: metadata of version 4, fields left out where
// they have their defaults, layouts that the format allows and few write, and what is to be refused.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as flatbuffers from 'flatbuffers';
import * as arrow from 'apache-arrow';
import { BodyCompression } from 'apache-arrow/fb/body-compression';
import { DictionaryBatch } from 'apache-arrow/fb/dictionary-batch';
import { Field } from 'apache-arrow/fb/field';
import { FixedSizeBinary } from 'apache-arrow/fb/fixed-size-binary';
import { Int } from 'apache-arrow/fb/int';
import { KeyValue } from 'apache-arrow/fb/key-value';
import { Message } from 'apache-arrow/fb/message';
import { MessageHeader } from 'apache-arrow/fb/message-header';
import { RecordBatch } from 'apache-arrow/fb/record-batch';
import { Schema } from 'apache-arrow/fb/schema';
import { Type } from 'apache-arrow/fb/type';
import { bits } from './columns.mjs';
import { encode } from './lz4.mjs';

const [v4, v5] = [3, 4];

const empty = b => { b.startObject(0); return b.endObject(); };
const int = (bits, isSigned) => [Type.Int, b => Int.createInt(b, bits, isSigned)];
const bare = type => [type, empty];

function vector(b, offsets) {
    b.startVector(4, offsets.length, 4);
    for (const offset of offsets.toReversed()) { b.addOffset(offset); }
    return b.endVector();
}

const pairs = (b, metadata) => vector(b, metadata.map(([key, value]) =>
    KeyValue.createKeyValue(b, b.createString(key), b.createString(value))));

/** A field; what is not asked is left out. */
function field(b, { name, nullable, type: [number, make], children, dictionary, metadata }) {
    const text = name === undefined ? 0 : b.createString(name);
    const type = make(b);
    const within = children ? vector(b, children.map(child => field(b, child))) : 0;
    const encoding = dictionary ? dictionary(b) : 0;
    const known = metadata ? pairs(b, metadata) : 0;
    Field.startField(b);
    if (text) { Field.addName(b, text); }
    if (nullable) { Field.addNullable(b, true); }
    Field.addTypeType(b, number);
    Field.addType(b, type);
    if (encoding) { Field.addDictionary(b, encoding); }
    if (within) { Field.addChildren(b, within); }
    if (known) { Field.addCustomMetadata(b, known); }
    return Field.endField(b);
}

function finish(b, version, type, header, body = new Uint8Array(), { hasMark = true, metadata } = {}) {
    const known = metadata ? pairs(b, metadata) : 0;
    Message.startMessage(b);
    Message.addVersion(b, version);
    Message.addHeaderType(b, type);
    Message.addHeader(b, header);
    Message.addBodyLength(b, BigInt(body.length));
    if (known) { Message.addCustomMetadata(b, known); }
    b.finish(Message.endMessage(b));
    const bytes = b.asUint8Array();
    const prefix = hasMark ? 8 : 4;
    const padded = (bytes.length + prefix + 7) & ~7;
    const message = Buffer.alloc(padded + body.length);
    if (hasMark) { message.writeUInt32LE(0xFFFFFFFF, 0); }
    message.writeUInt32LE(padded - prefix, prefix - 4);
    message.set(bytes, prefix);
    message.set(body, padded);
    return message;
}

function schema(fields, { version = v5, endianness = 0, ...rest } = {}) {
    const b = new flatbuffers.Builder();
    const all = vector(b, fields.map(f => field(b, f)));
    Schema.startSchema(b);
    Schema.addEndianness(b, endianness);
    Schema.addFields(b, all);
    return finish(b, version, MessageHeader.Schema, Schema.endSchema(b), undefined, rest);
}

/** A batch of nodes [length, missing] and of buffers, between which there may be a gap. */
function data(b, rows, nodes, buffers, { gap = 0, codec, method = 0 } = {}) {
    const places = [], parts = [];
    let at = gap;
    parts.push(Buffer.alloc(gap, 0xAA));
    for (const buffer of buffers) {
        places.push([at, buffer.byteLength]);
        const padded = ((buffer.byteLength + 7) & ~7) + gap;
        const part = Buffer.alloc(padded, 0xAA);
        part.set(new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength));
        parts.push(part);
        at += padded;
    }

    RecordBatch.startBuffersVector(b, places.length);
    for (const [offset, length] of places.toReversed()) { pair(b, offset, length); }
    const regions = b.endVector();
    RecordBatch.startNodesVector(b, nodes.length);
    for (const [length, missing] of nodes.toReversed()) { pair(b, length, missing); }
    const all = b.endVector();
    const compression = codec === undefined ? 0 : BodyCompression.createBodyCompression(b, codec, method);
    RecordBatch.startRecordBatch(b);
    RecordBatch.addLength(b, BigInt(rows));
    RecordBatch.addNodes(b, all);
    RecordBatch.addBuffers(b, regions);
    if (compression) { RecordBatch.addCompression(b, compression); }
    return [RecordBatch.endRecordBatch(b), Buffer.concat(parts)];
}

function pair(b, first, second) {
    b.prep(8, 16);
    b.writeInt64(BigInt(second));
    b.writeInt64(BigInt(first));
}

function batch(rows, nodes, buffers, { version = v5, ...rest } = {}) {
    const b = new flatbuffers.Builder();
    const [header, body] = data(b, rows, nodes, buffers, rest);
    return finish(b, version, MessageHeader.RecordBatch, header, body, rest);
}

function dictionary(id, rows, nodes, buffers, { version = v5, isDelta = false, ...rest } = {}) {
    const b = new flatbuffers.Builder();
    const [records, body] = data(b, rows, nodes, buffers, rest);
    DictionaryBatch.startDictionaryBatch(b);
    if (id !== 0) { DictionaryBatch.addId(b, BigInt(id)); }
    DictionaryBatch.addData(b, records);
    DictionaryBatch.addIsDelta(b, isDelta);
    return finish(b, version, MessageHeader.DictionaryBatch, DictionaryBatch.endDictionaryBatch(b), body, rest);
}

const none = new Uint8Array();
const text = value => new TextEncoder().encode(value);
const column = (name, type, more) =>
    ({ name, type, nullable: true, dictionary: null, children: [], metadata: [], ...more });

/** Two batches of a number and a text, and a struct of the number. */
function old(hasMark) {
    const options = { version: v4, hasMark };
    const fields = [
        { name: 'number', nullable: true, type: int(32, true) }, { name: 'text', nullable: true, type: bare(Type.Utf8) },
        { name: 'both', nullable: true, type: bare(Type.Struct_), children: [{ name: 'n', nullable: true, type: int(16, false) }] },
    ];
    const first = batch(3, [[3, 1], [3, 0], [3, 1], [3, 1]], [
        bits([true, false, true]), Int32Array.of(1, 0, -3), none, Int32Array.of(0, 1, 1, 4), text('a€'),
        bits([true, true, false]), bits([true, true, false]), Uint16Array.of(1, 65535, 0)], options);
    const second = batch(1, [[1, 0], [1, 0], [1, 0], [1, 0]],
        [none, Int32Array.of(7), none, Int32Array.of(0, 1), text('z'), none, none, Uint16Array.of(9)], options);
    return {
        parts: [schema(fields, options), first, second],
        schema: [column('number', 'int32'), column('text', 'utf8'), column('both', 'struct', { children: [column('n', 'uint16')] })],
        batches: [[['1', null, '-3'], ['a', '', '€'], [['1'], ['65535'], null]], [['7'], ['z'], [['9']]]],
    };
}

/** Units, places and names that are not written, since they are the defaults of the format. */
function defaults() {
    const fields = [
        { nullable: true, type: bare(Type.Date) }, { name: 'time', nullable: true, type: bare(Type.Time) },
        { name: 'duration', nullable: true, type: bare(Type.Duration) }, { name: 'timestamp', nullable: true, type: bare(Type.Timestamp) },
        { name: 'dictionary', nullable: true, type: bare(Type.Utf8), dictionary: empty },
        { name: 'never', type: int(8, true) },
    ];
    return {
        parts: [schema(fields), dictionary(0, 2, [[2, 0]], [none, Int32Array.of(0, 1, 2), text('ab')]),
            batch(2, Array(6).fill([2, 0]), [none, BigInt64Array.of(0n, 86400000n), none, Int32Array.of(1, 2), none,
                BigInt64Array.of(-1n, 5n), none, BigInt64Array.of(3n, 4n), none, Int32Array.of(1, 0), none, Int8Array.of(-1, 1)])],
        schema: [column('', 'date64'), column('time', 'time32[ms]'), column('duration', 'duration[ms]'),
            column('timestamp', 'timestamp[s]'), column('dictionary', 'utf8', { dictionary: { id: 0, places: 'int32', ordered: false } }),
            column('never', 'int8', { nullable: false })],
        batches: [[['0', '86400000'], ['1', '2'], ['-1', '5'], ['3', '4'], ['b', 'a'], ['-1', '1']]],
    };
}

/** Offsets that begin late, arrays within that are longer, a bitmap where nothing is missing, gaps, rubbish behind the last bit. */
function layouts() {
    const metadata = [['twice', '1'], ['twice', '2']];
    const fields = [
        { name: 'late', nullable: true, type: bare(Type.Utf8), metadata },
        { name: 'list', nullable: true, type: bare(Type.List), children: [{ name: 'item', nullable: true, type: int(8, true) }] },
        { name: 'struct', nullable: true, type: bare(Type.Struct_), children: [{ name: 'x', nullable: true, type: int(8, true) }] },
        { name: 'bool', nullable: true, type: bare(Type.Bool) },
        { name: 'bool', nullable: true, type: [Type.FixedSizeBinary, b => FixedSizeBinary.createFixedSizeBinary(b, 0)] },
    ];
    return {
        parts: [schema(fields, { metadata }), batch(2, [[2, 0], [2, 1], [6, 0], [2, 0], [4, 0], [2, 1], [2, 0]], [
            Uint8Array.of(0xFF), Int32Array.of(3, 4, 6), text('xyzabc!!'),
            Uint8Array.of(0xFE), Int32Array.of(1, 3, 5), none, Int8Array.of(1, 2, 3, 4, 5, 6),
            none, none, Int8Array.of(7, 8, 9, 10), Uint8Array.of(0xFD), Uint8Array.of(0xAD), none, none], { gap: 64, metadata }),
            batch(0, [[0, 0], [0, 0], [0, 0], [0, 0], [0, 0], [0, 0], [0, 0]], Array(14).fill(none))],
        schema: [column('late', 'utf8', { metadata }), column('list', 'list', { children: [column('item', 'int8')] }),
            column('struct', 'struct', { children: [column('x', 'int8')] }), column('bool', 'bool'),
            column('bool', 'fixed_size_binary[0]')],
        batches: [[['a', 'bc'], [null, ['4', '5']], [['7'], ['8']], [true, null], ['', '']], [[], [], [], [], []]],
        metadata: [metadata, []],
    };
}

/** Compressed, stored, empty, and a length of nothing. */
function packed() {
    const long = Int32Array.from({ length: 64 }, (_, i) => i >> 4);
    const bytes = new Uint8Array(long.buffer);
    const prefixed = (length, data) => Buffer.concat([new Uint8Array(BigInt64Array.of(BigInt(length)).buffer), data]);
    return {
        parts: [schema([{ name: 'number', nullable: true, type: int(32, true) }, { name: 'text', nullable: true, type: bare(Type.Utf8) }]),
            batch(64, [[64, 1], [64, 0]], [prefixed(-1, bits(Array.from(long, (_, i) => i !== 2))), prefixed(256, encode(bytes)), none,
                prefixed(260, encode(new Uint8Array(260))), prefixed(0, none)], { codec: 0 })],
        schema: [column('number', 'int32'), column('text', 'utf8')],
        batches: [[Array.from(long, (v, i) => i === 2 ? null : String(v)), Array(64).fill('')]],
    };
}

function refused() {
    const of = type => new arrow.Schema([new arrow.Field('odd', type, true)]);
    const item = type => new arrow.Field('item', type, true);
    const written = type => {
        const writer = new arrow.RecordBatchStreamWriter();
        writer.reset(undefined, of(type));
        writer.close();
        return writer.toUint8Array(true);
    };
    const entry = new arrow.Struct([new arrow.Field('key', new arrow.Utf8(), false), new arrow.Field('value', new arrow.Int32(), true)]);
    const odd = (type, children) => schema([{ name: 'odd', nullable: true, type: bare(type), children }]);
    const number = [{ name: 'number', nullable: true, type: int(32, true) }];
    const one = [[1, 0]], value = [none, Int32Array.of(1)];
    const wrong = new arrow.RecordBatchStreamWriter({ compressionType: arrow.CompressionType.LZ4_FRAME });
    wrong.write(arrow.tableFromArrays({ number: new Int32Array(500) }).batches[0]);
    wrong.close();
    return {
        decimal: written(new arrow.Decimal(2, 10)),
        'sparse union': written(new arrow.SparseUnion([0], [item(new arrow.Int32())])),
        'dense union': written(new arrow.DenseUnion([0], [item(new arrow.Int32())])),
        map: written(new arrow.Map_(new arrow.Field('entries', entry, false))),
        'interval year-month': written(new arrow.IntervalYearMonth()),
        'interval day-time': written(new arrow.IntervalDayTime()),
        'interval month-day-nano': written(new arrow.IntervalMonthDayNano()),
        'binary view': written(new arrow.BinaryView()),
        'text view': written(new arrow.Utf8View()),
        'run ends': odd(Type.RunEndEncoded, [{ name: 'run_ends', type: int(32, true) }, { name: 'values', type: int(8, true) }]),
        'list view': odd(Type.ListView, [{ name: 'item', type: int(8, true) }]),
        'large list view': odd(Type.LargeListView, [{ name: 'item', type: int(8, true) }]),
        'within a list': schema([{ name: 'outer', type: bare(Type.List), children: [{ name: 'odd', type: bare(Type.Utf8View) }] }]),
        'big endian': schema(number, { endianness: 1 }),
        'version 3': schema(number, { version: 2 }),
        zstandard: Buffer.concat([schema(number), batch(1, one, value, { codec: 1 })]),
        'another way to compress': Buffer.concat([schema(number), batch(1, one, value, { codec: 0, method: 1 })]),
        'wrong length before compression': wrong.toUint8Array(true),
        'two schemas': Buffer.concat([schema(number), schema(number)]),
        'no dictionary': Buffer.concat([schema([{ name: 'odd', type: bare(Type.Utf8), dictionary: empty }]), batch(1, one, value)]),
    };
}

export function craft(folder) {
    const write = (name, { parts, schema, batches, metadata = [] }, end) => {
        writeFileSync(join(folder, `${name}.arrows`), Buffer.concat([...parts, end]));
        writeFileSync(join(folder, `${name.split('@')[0]}.json`), JSON.stringify({
            schema: { fields: schema, metadata: [] },
            batches: batches.map((columns, i) => ({ rows: columns[0].length, metadata: metadata[i] ?? [], columns })),
        }));
    };
    const end = Buffer.from('FFFFFFFF00000000', 'hex');
    write('version4', old(true), end);
    write('version4@legacy', old(false), Buffer.alloc(4));
    write('version4@no-end', old(true), Buffer.alloc(0));
    write('defaults', defaults(), end);
    write('layouts', layouts(), end);
    write('packed', packed(), end);
    writeFileSync(join(folder, 'refused.json'), JSON.stringify(
        Object.fromEntries(Object.entries(refused()).map(([name, bytes]) => [name, Buffer.from(bytes).toString('base64')])), null, 2));
}
