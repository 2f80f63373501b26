// Makes arrays of the other implementation of values in the form of the JSON files.
import * as arrow from 'apache-arrow';

const { Type, DataType, makeData, vectorFromArray } = arrow;

export function bits(flags) {
    const bytes = new Uint8Array((flags.length + 7) >> 3);
    flags.forEach((flag, i) => { if (flag) { bytes[i >> 3] |= 1 << (i & 7); } });
    return bytes;
}

const plain = value => typeof value === 'string' ? Number(value) : value;
const bytesOf = value => value === null ? null : Uint8Array.from(Buffer.from(value, 'hex'));

function fixed(type, values) {
    const array = new type.ArrayType(values.length);
    const isWide = array instanceof BigInt64Array || array instanceof BigUint64Array;
    values.forEach((value, i) => { if (value !== null) { array[i] = isWide ? BigInt(value) : plain(value); } });
    return array;
}

/** An array of values. A column with a dictionary has places as values; its entries are a vector, by the dictionary's number. */
export function dataOf(type, values, dictionaries) {
    const length = values.length;
    const nullCount = values.filter(v => v === null).length;
    const nullBitmap = nullCount > 0 ? bits(values.map(v => v !== null)) : undefined;
    const props = { type, length, nullCount, nullBitmap };
    if (DataType.isDictionary(type)) {
        return makeData({ ...props, data: fixed(type.indices, values), dictionary: dictionaries.get(type.id) });
    }

    switch (type.typeId) {
        case Type.Null: return makeData({ type, length });
        case Type.Bool: return makeData({ ...props, data: bits(values.map(v => v === true)) });
        case Type.Utf8: case Type.LargeUtf8: return built(type, values);
        case Type.Binary: case Type.LargeBinary: case Type.FixedSizeBinary: return built(type, values.map(bytesOf));
        case Type.Float: if (type.precision === 0) { return built(type, values.map(v => v === null ? null : plain(v))); } break;
        case Type.List: case Type.LargeList: {
            const ends = [0];
            for (const value of values) { ends.push(ends.at(-1) + (value?.length ?? 0)); }
            const valueOffsets = type.typeId === Type.LargeList ? BigInt64Array.from(ends, BigInt) : Int32Array.from(ends);
            const child = dataOf(type.children[0].type, values.flatMap(v => v ?? []), dictionaries);
            return makeData({ ...props, valueOffsets, child });
        }
        case Type.FixedSizeList: {
            const items = values.flatMap(v => v ?? Array.from({ length: type.listSize }, () => null));
            return makeData({ ...props, child: dataOf(type.children[0].type, items, dictionaries) });
        }
        case Type.Struct: {
            const children = type.children.map((child, k) =>
                dataOf(child.type, values.map(v => v === null ? null : v[k]), dictionaries));
            return makeData({ ...props, children });
        }
    }

    return makeData({ ...props, data: fixed(type, values) });
}

/** By the builder of the implementation. */
function built(type, values) {
    return values.length === 0 ? makeData({ type, length: 0, nullCount: 0, data: new type.ArrayType(0), valueOffsets: offsets(type) })
        : vectorFromArray(values, type).data[0];
}

const offsets = type => type.typeId === Type.LargeUtf8 || type.typeId === Type.LargeBinary ? new BigInt64Array(1) : new Int32Array(1);

/** A batch of columns of arrays. */
export function batch(schema, children, metadata = []) {
    const length = children[0]?.length ?? 0;
    const data = makeData({ type: new arrow.Struct(schema.fields), length, nullCount: 0, children });
    return new arrow.RecordBatch(schema, data, new Map(metadata));
}
