// Writes what polars writes of each of its types, in each way to compress: npm install nodejs-polars@0.25.2, node polars.mjs FOLDER.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import pl from 'nodejs-polars';

const folder = process.argv[2];
mkdirSync(folder, { recursive: true });
const whole = [1, 2, null, 4, 5];
const series = (name, type, values = whole) => pl.Series(name, values, type);
const dates = [new Date(0), new Date(86400000), null, new Date(1000), new Date(0)];
const frame = pl.DataFrame([
    series('int8', pl.Int8), series('int16', pl.Int16), series('int32', pl.Int32), series('int64', pl.Int64),
    series('uint8', pl.UInt8), series('uint16', pl.UInt16), series('uint32', pl.UInt32), series('uint64', pl.UInt64),
    series('float32', pl.Float32), series('float64', pl.Float64), series('bool', pl.Bool, [true, false, null, true, true]),
    series('text', pl.Utf8, ['a', 'größer than twelve bytes', null, '', 'x']),
    series('class', pl.Utf8, ['a', 'b', 'a', null, 'b']).cast(pl.Categorical),
    pl.Series('date', dates).cast(pl.Date), pl.Series('time ns', dates).cast(pl.Datetime('ns')),
    pl.Series('time ms', dates).cast(pl.Datetime('ms')), pl.Series('list', [[1, 2], [3], [], [4], [5]]),
]);
for (const compression of ['uncompressed', 'lz4', 'zstd']) {
    frame.writeIPC(join(folder, `${compression}.arrow`), { compression });
    frame.writeIPCStream(join(folder, `${compression}.arrows`), { compression });
}
