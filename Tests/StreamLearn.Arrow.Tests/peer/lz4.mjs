// LZ4 and Zstandard by their reference command line tools, and writers that say how long a buffer was before: apache-arrow 21.2.0 says how
// long it is after.
import { spawnSync } from 'node:child_process';
import * as arrow from 'apache-arrow';

const forms = [['-1'], ['-9', '--content-size'], ['-1', '-BX'], ['-1', '-BD', '-B4'], ['-1', '--no-frame-crc']];
let next = 0;

let tool = 'lz4';

/** Packs by LZ4 or Zstandard from here on. */
export const use = name => { tool = name; };

export const zstandard = { compressionType: arrow.CompressionType.ZSTD };

function run(args, bytes) {
    const { status, stdout, stderr } = spawnSync(tool, ['-q', '-c', ...args], { input: bytes, maxBuffer: 1 << 28 });
    if (status !== 0) { throw new Error(`${tool}: ${stderr}`); }
    return new Uint8Array(stdout);
}

export const encode = bytes => run(tool === 'zstd' ? ['-3'] : ['-z', ...forms[next++ % forms.length]], bytes);
export const decode = bytes => run(['-d'], bytes);

export const compression = { compressionType: arrow.CompressionType.LZ4_FRAME };

/** Each is tried out when it is set. */
export function register() {
    for (const [name, type] of [['zstd', arrow.CompressionType.ZSTD], ['lz4', arrow.CompressionType.LZ4_FRAME]]) {
        use(name);
        arrow.compressionRegistry.set(type, { encode, decode });
    }
}

/** As the writer does it, but with the length of the bytes that were not compressed, as the format asks. */
function compressed(buffers) {
    let offset = 0;
    const [regions, parts] = [[], []];
    for (const buffer of buffers) {
        const bytes = new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
        if (bytes.length === 0) {
            parts.push(bytes, bytes);
            regions.push({ offset, length: 0 });
            continue;
        }

        const packed = encode(bytes);
        const isSmaller = packed.length < bytes.length;
        const data = isSmaller ? packed : bytes;
        parts.push(new Uint8Array(BigInt64Array.of(isSmaller ? BigInt(bytes.length) : -1n).buffer), data);
        regions.push({ offset, length: 8 + data.length });
        offset += (8 + data.length + 7) & ~7;
    }

    return { byteLength: offset, bufferRegions: regions, buffers: parts };
}

export class StreamWriter extends arrow.RecordBatchStreamWriter {
    _compressBodyBuffers(buffers) { return compressed(buffers); }
}

/** Files begin with their schema, as the format asks; those of apache-arrow 21.2.0 do not. */
export class FileWriter extends arrow.RecordBatchFileWriter {
    _compressBodyBuffers(buffers) { return compressed(buffers); }

    _writeSchema(schema) {
        super._writeSchema(schema);
        return arrow.RecordBatchWriter.prototype._writeSchema.call(this, schema);
    }
}
