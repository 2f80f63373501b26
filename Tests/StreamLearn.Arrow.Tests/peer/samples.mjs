// A column of every type that the other implementation has, with the values at the ends of their ranges, every fifth one missing.
import * as arrow from 'apache-arrow';

const { Field } = arrow;
const text = ['', 'plain', 'größer als 20 ℃', '😀 far', '\u0000 inside', 'x'.repeat(40)];
const bytes = ['', '00', 'FF00FE', '0123456789ABCDEF'.repeat(3)];
const cycle = (...values) => i => values[i % values.length];
const texts = cycle(...text);
const item = (type, nullable = true) => new Field('item', type, nullable);
const point = () => [new Field('x', new arrow.Float64(), true), new Field('label', new arrow.Utf8(), true)];
const list = (i, value) => Array.from({ length: i % 4 }, (_, k) => (i + k) % 6 === 5 ? null : value(i + k));
const integers = (low, high) => cycle('0', low, high, '1', '77');

const column = (name, type, value, options = {}) => ({ name, type, value, ...options });

/** Name, type, and value of a row. */
export const columns = () => [
    column('null', new arrow.Null(), () => null),
    column('bool', new arrow.Bool(), i => i % 3 === 1),
    column('int8', new arrow.Int8(), integers('-128', '127')),
    column('int16', new arrow.Int16(), integers('-32768', '32767')),
    column('int32', new arrow.Int32(), integers('-2147483648', '2147483647')),
    column('int64', new arrow.Int64(), integers('-9223372036854775808', '9223372036854775807')),
    column('uint8', new arrow.Uint8(), integers('2', '255')),
    column('uint16', new arrow.Uint16(), integers('2', '65535')),
    column('uint32', new arrow.Uint32(), integers('2', '4294967295')),
    column('uint64', new arrow.Uint64(), integers('2', '18446744073709551615')),
    column('float16', new arrow.Float16(), cycle(0, 1.5, -65504, 'Infinity', '-Infinity', 0.25)),
    column('float32', new arrow.Float32(), cycle('-0', 1.5, 'NaN', 3.4028234663852886e38, 1.401298464324817e-45, 'Infinity')),
    column('float64', new arrow.Float64(), cycle('-0', 0.1, 'NaN', 1.7976931348623157e308, 5e-324, '-Infinity')),
    column('utf8', new arrow.Utf8(), texts),
    column('large_utf8', new arrow.LargeUtf8(), texts),
    column('binary', new arrow.Binary(), cycle(...bytes)),
    column('large_binary', new arrow.LargeBinary(), cycle(...bytes)),
    column('fixed_size_binary', new arrow.FixedSizeBinary(3), cycle('000102', 'FFFEFD')),
    column('date32', new arrow.DateDay(), cycle('0', '-719162', '20000')),
    column('date64', new arrow.DateMillisecond(), cycle('0', '-86400000', '1728000000000')),
    column('time32 s', new arrow.TimeSecond(), cycle('0', '86399')),
    column('time32 ms', new arrow.TimeMillisecond(), cycle('0', '86399999')),
    column('time64 us', new arrow.TimeMicrosecond(), cycle('0', '86399999999')),
    column('time64 ns', new arrow.TimeNanosecond(), cycle('0', '86399999999999')),
    column('timestamp s', new arrow.TimestampSecond(), cycle('0', '-1', '1700000000')),
    column('timestamp ms', new arrow.TimestampMillisecond(), cycle('0', '-1', '1700000000000')),
    column('timestamp us zone', new arrow.TimestampMicrosecond('Europe/Berlin'), cycle('0', '-1', '1700000000000001')),
    column('timestamp ns UTC', new arrow.TimestampNanosecond('UTC'), cycle('0', '1700000000000000001', '-9223372036854775808')),
    column('timestamp s offset', new arrow.TimestampSecond('+02:30'), cycle('0', '5')),
    column('duration s', new arrow.DurationSecond(), cycle('0', '-1')),
    column('duration ms', new arrow.DurationMillisecond(), cycle('0', '1500')),
    column('duration us', new arrow.DurationMicrosecond(), cycle('7', '9223372036854775807')),
    column('duration ns', new arrow.DurationNanosecond(), cycle('1', '-9223372036854775808')),
    column('list', new arrow.List(item(new arrow.Int32())), i => list(i, k => String(k * 7))),
    column('list of texts', new arrow.List(item(new arrow.Utf8())), i => list(i, texts)),
    column('list of lists', new arrow.List(item(new arrow.List(item(new arrow.Int16())))), i => list(i, k => list(k, String))),
    column('large_list', new arrow.LargeList(item(new arrow.Float64())), i => list(i, k => k / 8)),
    column('fixed_size_list', new arrow.FixedSizeList(3, item(new arrow.Float32())), i => [i, null, i / 2]),
    column('fixed_size_list of bools', new arrow.FixedSizeList(2, item(new arrow.Bool())), i => [i % 2 === 0, i % 4 === 1]),
    column('struct', new arrow.Struct(point()), i => [i / 4, i % 3 === 0 ? null : texts(i)]),
    column('list of structs', new arrow.List(item(new arrow.Struct(point()))), i => list(i, k => [k / 4, texts(k)])),
    column('struct of lists', new arrow.Struct([new Field('of', new arrow.List(item(new arrow.Uint8())), true)]),
        i => [i % 3 === 2 ? null : list(i, k => String(k % 256))]),
    column('never missing', new arrow.Int32(), String, { nullable: false }),
    column('', new arrow.Utf8(), texts),
];

export const fields = () => columns().map(({ name, type, nullable = true }, i) =>
    new Field(name, type, nullable, new Map(i % 4 === 0 ? [['unit', 'm/s2'], ['größe', '']] : [])));

/** Values of rows from one on; with none missing, where it is asked. */
export const valuesOf = (column, start, rows, missing = true) => Array.from({ length: rows }, (_, k) => {
    const i = start + k;
    return missing && column.nullable !== false && i % 5 === 3 ? null : column.value(i);
});
