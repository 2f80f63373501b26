// Columns and values of the other implementation in the form of the JSON files: what both sides are compared by.
// Integers and times: their number as text. Floating-point: a number, or "NaN", "Infinity", "-Infinity", "-0". Bytes: hexadecimal.
import * as arrow from 'apache-arrow';

const { Type, DataType, Vector } = arrow;
const units = ['s', 'ms', 'us', 'ns'];

export function typeName(type) {
    switch (type.typeId) {
        case Type.Null: return 'null';
        case Type.Bool: return 'bool';
        case Type.Int: return `${type.isSigned ? '' : 'u'}int${type.bitWidth}`;
        case Type.Float: return `float${[16, 32, 64][type.precision]}`;
        case Type.Utf8: return 'utf8';
        case Type.LargeUtf8: return 'large_utf8';
        case Type.Binary: return 'binary';
        case Type.LargeBinary: return 'large_binary';
        case Type.FixedSizeBinary: return `fixed_size_binary[${type.byteWidth}]`;
        case Type.Date: return type.unit === arrow.DateUnit.DAY ? 'date32' : 'date64';
        case Type.Time: return `time${type.bitWidth}[${units[type.unit]}]`;
        case Type.Timestamp: return `timestamp[${units[type.unit]}${type.timezone == null ? '' : `, ${type.timezone}`}]`;
        case Type.Duration: return `duration[${units[type.unit]}]`;
        case Type.List: return 'list';
        case Type.LargeList: return 'large_list';
        case Type.FixedSizeList: return `fixed_size_list[${type.listSize}]`;
        case Type.Struct: return 'struct';
        default: throw new Error(`no name for ${type}`);
    }
}

export function fieldOf(field) {
    const isDictionary = DataType.isDictionary(field.type);
    const type = isDictionary ? field.type.dictionary : field.type;
    return {
        name: field.name ?? '',         // what it makes of an empty one
        type: typeName(type),
        nullable: field.nullable,
        dictionary: isDictionary
            ? { id: field.type.id, places: typeName(field.type.indices), ordered: field.type.isOrdered } : null,
        children: (type.children ?? []).map(fieldOf),
        metadata: [...field.metadata],
    };
}

export const schemaOf = schema => ({ fields: schema.fields.map(fieldOf), metadata: [...schema.metadata] });

export const number = value =>
    Number.isNaN(value) ? 'NaN' : !Number.isFinite(value) ? String(value) : Object.is(value, -0) ? '-0' : value;

export const hex = bytes => Buffer.from(bytes).toString('hex').toUpperCase();

function valueIn(vector, index) {
    for (const data of vector.data) {
        if (index < data.length) { return valueOf(data, index); }
        index -= data.length;
    }

    throw new Error('a place behind the last entry of a dictionary');
}

/** A value: by the getters of the implementation, except for times, which they round to milliseconds. */
export function valueOf(data, index) {
    const { type } = data;
    if (type.typeId === Type.Null || !data.getValid(index)) { return null; }
    if (DataType.isDictionary(type)) { return valueIn(data.dictionary, Number(data.values[index])); }
    switch (type.typeId) {
        case Type.Date: case Type.Time: case Type.Timestamp: case Type.Duration: return String(data.values[index]);
        case Type.FixedSizeList: {
            const child = data.children[0];
            return Array.from({ length: type.listSize }, (_, i) => valueOf(child, index * type.listSize + i));
        }
        case Type.Struct: return data.children.map(child => valueOf(child, index));
    }

    const value = new Vector([data]).get(index);
    switch (type.typeId) {
        case Type.Bool: case Type.Utf8: case Type.LargeUtf8: return value;
        case Type.Int: return String(value);
        case Type.Float: return number(value);
        case Type.Binary: case Type.LargeBinary: case Type.FixedSizeBinary: return hex(value);
        case Type.List: case Type.LargeList:
            return value.data.flatMap(part => Array.from({ length: part.length }, (_, i) => valueOf(part, i)));
        default: throw new Error(`no values of ${type}`);
    }
}

export const columnOf = data => Array.from({ length: data.length }, (_, i) => valueOf(data, i));

export const batchOf = batch => ({
    rows: batch.numRows,
    metadata: [...batch.metadata],
    columns: batch.data.children.map(columnOf),
});
