// Columns with dictionaries of every kind of entries and places: first ones, more of them, others instead.
import * as arrow from 'apache-arrow';
import { batch, dataOf } from './columns.mjs';

const { Field, Vector, DataType } = arrow;
const places = [arrow.Int8, arrow.Int16, arrow.Int32, arrow.Int64, arrow.Uint8, arrow.Uint16, arrow.Uint32, arrow.Uint64];
const item = type => new Field('item', type, true);

/** Entries of so many kinds: the first ones, more, and others. A null among them is an entry. */
const kinds = [
    [new arrow.Utf8(), ['red', 'größer', ''], ['😀', null], ['other']],
    [new arrow.LargeUtf8(), ['red', '', 'blue'], ['green'], ['other', 'another']],
    [new arrow.Binary(), ['00', '', 'FFFE'], ['0102030405'], ['AA']],
    [new arrow.LargeBinary(), ['00', '', 'FFFE'], ['0102030405'], ['AA']],
    [new arrow.FixedSizeBinary(2), ['0001', 'FFFE'], ['0203', null], ['0000']],
    [new arrow.Bool(), [true, null, false], [true], [false]],
    [new arrow.Int64(), ['-9223372036854775808', '5'], ['6', '7', '8'], ['0']],
    [new arrow.Float64(), [0.5, 'NaN', '-0'], [1e300], [2]],
    [new arrow.TimestampNanosecond('UTC'), ['1700000000000000001', '0'], ['-1'], ['7']],
    [new arrow.List(item(new arrow.Utf8())), [['a', null], [], ['b']], [null, ['c', 'dd']], [['e']]],
    [new arrow.FixedSizeList(2, item(new arrow.Int32())), [['1', '2'], ['3', null]], [['5', '6']], [['7', '8']]],
    [new arrow.Struct([new Field('x', new arrow.Float32(), true), new Field('y', new arrow.Utf8(), true)]),
        [[1, 'one'], [2, null]], [null, [3, 'three']], [[4, 'four']]],
    [new arrow.Struct([new Field('inner', new arrow.Dictionary(new arrow.Utf8(), new arrow.Int8(), 90), true)]),
        [['0'], [null], ['2']], [['1']], [['2']]],
];
const inner = ['deep', 'größer', null];

const isDictionary = type => DataType.isDictionary(type);

/** What a value is, its places looked up. */
function looked(type, value, entries) {
    if (value === null) { return null; }
    if (isDictionary(type)) { return entries.get(type.id)[Number(value)]; }
    if (type instanceof arrow.Struct) { return value.map((v, k) => looked(type.children[k].type, v, entries)); }
    return (type.children ?? []).length > 0 ? value.map(v => looked(type.children[0].type, v, entries)) : value;
}

/** Batches whose dictionaries grow, stay, and, where it is asked, are replaced. */
export function dictionaries(replaces) {
    const types = kinds.map(([type], k) => new arrow.Dictionary(type, new places[k % places.length](), 10 + k, k % 2 === 1));
    const fields = types.map((type, k) => new Field(`dictionary ${k}`, type, true, new Map(k === 0 ? [['unit', 'm']] : [])));
    fields.push(
        new Field('the same again', types[0], true),
        new Field('list of places', new arrow.List(item(types[0])), true),
        new Field('struct of places', new arrow.Struct([new Field('a', types[1], true), new Field('b', types[6], true)]), true));
    const schema = new arrow.Schema(fields);
    const deep = new Map([[90, new Vector([dataOf(new arrow.Utf8(), inner)])]]);
    const chunks = kinds.map(([type, ...parts]) => parts.map(part => dataOf(type, part, deep)));
    const steps = [[[0], 5], [[0, 1], 9], [[0, 1], 4], ...(replaces ? [[[2], 3], [[2, 1], 6]] : [])];
    const batches = [], expected = [];
    for (const [parts, rows] of steps) {
        const vectors = new Map(types.map((type, k) => [type.id, new Vector(parts.map(part => chunks[k][part]))]));
        const entries = new Map(types.map((type, k) =>
            [type.id, parts.flatMap(part => kinds[k][part + 1].map(v => looked(kinds[k][0], v, new Map([[90, inner]]))))]));
        const place = (type, i) => String(i % entries.get(type.id).length);
        const value = (type, i) => isDictionary(type) ? place(type, i)
            : type instanceof arrow.Struct ? type.children.map((child, k) => value(child.type, i + k))
            : Array.from({ length: i % 3 }, (_, k) => value(type.children[0].type, i + k));
        const columns = fields.map(({ type }) => Array.from({ length: rows }, (_, i) => i % 4 === 2 ? null : value(type, i)));
        const made = batch(schema, columns.map((values, c) => dataOf(fields[c].type, values, vectors)));
        const known = columns.map((values, c) => values.map(v => looked(fields[c].type, v, entries)));
        for (const [start, end] of [[0, rows], ...(rows > 5 ? [[3, rows - 1]] : [])]) {
            batches.push(start === 0 ? made : made.slice(start, end));
            expected.push({ rows: end - start, metadata: [], columns: known.map(values => values.slice(start, end)) });
        }
    }

    return { schema, batches, expected };
}
