using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Microsoft.Win32.SafeHandles;

namespace StreamLearn.Formats;

internal sealed class NpySource : Source<Batch>, ISeekable, IDisposable
{
    private const int BlockRows = 64;
    private const int Tile = 4;

    private readonly NpyHead _head;
    private readonly Schema _schema;
    private readonly NpyOptions _options;
    private readonly OperatorContext _context;
    private readonly DateTimeOffset _runStart;
    private readonly SafeFileHandle _file;
    private readonly long _firstTime;
    private readonly byte[] _rows;
    private long _row;

    internal NpySource(string path, NpyHead head, Schema schema, NpyOptions options, OperatorContext context)
    {
        if (Head(path) != head) { throw new InvalidDataException($"{path}: expected {head}, the header when the pipeline was defined"); }
        (_head, _schema, _options, _context, _runStart) = (head, schema, options, context, context.Now);
        _firstTime = (options.Start.UtcDateTime - DateTime.UnixEpoch).Ticks * 100;
        _rows = new byte[(long)options.BatchRows * head.Columns * head.Width];
        _file = File.OpenHandle(path, options: FileOptions.SequentialScan);
    }

    public override DateTimeOffset? NextAt => _row == _head.Rows ? null : _runStart;

    private int First => _options.SamplesPerSecond is null ? 0 : 1;

    internal static NpyHead Head(string path)
    {
        try
        {
            if (RegularFile.ProblemOf(path) is { } problem) { throw new InvalidDataException($"{path}: {problem}"); }
            using var stream = File.OpenRead(path);
            var head = NpyHead.Read(stream, path);
            var bytes = head.Length + ((Int128)head.Rows * head.Columns * head.Width);
            return stream.Length >= bytes
                ? head : throw new InvalidDataException($"{path}: expected {bytes} bytes, got {stream.Length}: cut short");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidDataException($"{path} cannot be read: {e.Message}", e);
        }
    }

    public override Batch Next()
    {
        var rows = (int)Math.Min(_options.BatchRows, _head.Rows - _row);
        var batch = _context.Pool.Rent(_schema, rows);
        try
        {
            if (_head.Columns > 1 || !TryFlat(batch.Columns[First])) { Spread(batch, rows); }
        }
        catch
        {
            batch.Dispose();
            throw;
        }

        if (First == 1)
        {
            var times = batch.Columns[0].Writable<long>();
            for (var r = 0; r < rows; r++) { times[r] = _firstTime + (long)Math.Round((_row + r) * _options.Interval); }
        }

        _row += rows;
        return batch;
    }

    public void Seek(long messages)
    {
        var rows = (Int128)messages * _options.BatchRows;
        if (rows - _options.BatchRows >= _head.Rows) { throw new StateException($"expected {rows} rows, got {_head.Rows}"); }
        _row = (long)Int128.Min(rows, _head.Rows);
    }

    public void Dispose() => _file.Dispose();

    private bool TryFlat(Column column)
    {
        var bytes = (_head.Kind, _head.Width) switch
        {
            ('f', 4) => MemoryMarshal.AsBytes(column.Writable<float>()),
            ('f', 8) => MemoryMarshal.AsBytes(column.Writable<double>()),
            ('i', 4) => MemoryMarshal.AsBytes(column.Writable<int>()),
            ('i', 8) => MemoryMarshal.AsBytes(column.Writable<long>()),
            _ => default,
        };
        if (bytes.IsEmpty) { return false; }
        Fill(bytes);
        return true;
    }

    private void Spread(Batch batch, int rows)
    {
        Fill(_rows.AsSpan(0, rows * _head.Columns * _head.Width));
        switch (_head.Kind, _head.Width)
        {
            case ('f', 4) when _head.Columns >= Tile: SpreadWords<float>(batch, rows); break;
            case ('i', 4) when _head.Columns >= Tile: SpreadWords<int>(batch, rows); break;
            case ('f', 4): Spread<float, float>(batch, rows); break;
            case ('f', 8): Spread<double, double>(batch, rows); break;
            case ('i', 8): Spread<long, long>(batch, rows); break;
            case ('i', 4): Spread<int, int>(batch, rows); break;
            case ('i', 2): Spread<short, int>(batch, rows); break;
            case ('i', 1): Spread<sbyte, int>(batch, rows); break;
            case ('u', 4): Spread<uint, long>(batch, rows); break;
            case ('u', 2): Spread<ushort, int>(batch, rows); break;
            default: Spread<byte, int>(batch, rows); break;
        }
    }

    /// <summary>Transposes rows to columns in blocks that fit into the cache.</summary>
    private void Spread<TFrom, TTo>(Batch batch, int rows)
        where TFrom : unmanaged, INumberBase<TFrom>
        where TTo : unmanaged, INumberBase<TTo>
    {
        var columns = _head.Columns;
        ref var values = ref Unsafe.As<byte, TFrom>(ref MemoryMarshal.GetArrayDataReference(_rows));
        for (var from = 0; from < rows; from += BlockRows)
        {
            var to = Math.Min(rows, from + BlockRows);
            for (var c = 0; c < columns; c++)
            {
                var column = batch.Columns[First + c].Writable<TTo>()[from..to];
                ref var value = ref Unsafe.Add(ref values, (from * columns) + c);
                for (var r = 0; r < column.Length; r++) { column[r] = TTo.CreateTruncating(Unsafe.Add(ref value, (nint)r * columns)); }
            }
        }
    }

    /// <summary>Transposes 4-byte values in 4 × 4 blocks; the last four columns can overlap earlier ones.</summary>
    private void SpreadWords<T>(Batch batch, int rows)
        where T : unmanaged
    {
        var columns = _head.Columns;
        ref var values = ref Unsafe.As<byte, uint>(ref MemoryMarshal.GetArrayDataReference(_rows));
        for (var tile = 0; tile < columns; tile += Tile)
        {
            var first = Math.Min(tile, columns - Tile);
            ref var a = ref WordsOf<T>(batch, first);
            ref var b = ref WordsOf<T>(batch, first + 1);
            ref var c = ref WordsOf<T>(batch, first + 2);
            ref var d = ref WordsOf<T>(batch, first + 3);
            nuint row = 0;
            for (; row + Tile <= (nuint)rows; row += Tile)
            {
                ref var from = ref Unsafe.Add(ref values, (row * (nuint)columns) + (nuint)first);
                var (r0, r1) = (Vector128.LoadUnsafe(ref from), Vector128.LoadUnsafe(ref from, (nuint)columns));
                var (r2, r3) = (Vector128.LoadUnsafe(ref from, 2 * (nuint)columns), Vector128.LoadUnsafe(ref from, 3 * (nuint)columns));
                Turn(r0, r1, r2, r3, out var c0, out var c1, out var c2, out var c3);
                c0.StoreUnsafe(ref a, row);
                c1.StoreUnsafe(ref b, row);
                c2.StoreUnsafe(ref c, row);
                c3.StoreUnsafe(ref d, row);
            }

            for (; row < (nuint)rows; row++)
            {
                ref var from = ref Unsafe.Add(ref values, (row * (nuint)columns) + (nuint)first);
                Unsafe.Add(ref a, row) = from;
                Unsafe.Add(ref b, row) = Unsafe.Add(ref from, 1);
                Unsafe.Add(ref c, row) = Unsafe.Add(ref from, 2);
                Unsafe.Add(ref d, row) = Unsafe.Add(ref from, 3);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Turn(Vector128<uint> r0, Vector128<uint> r1, Vector128<uint> r2, Vector128<uint> r3,
        out Vector128<uint> c0, out Vector128<uint> c1, out Vector128<uint> c2, out Vector128<uint> c3)
    {
        if (Sse2.IsSupported)
        {
            var (low01, low23) = (Sse2.UnpackLow(r0, r1).AsUInt64(), Sse2.UnpackLow(r2, r3).AsUInt64());
            var (high01, high23) = (Sse2.UnpackHigh(r0, r1).AsUInt64(), Sse2.UnpackHigh(r2, r3).AsUInt64());
            (c0, c1) = (Sse2.UnpackLow(low01, low23).AsUInt32(), Sse2.UnpackHigh(low01, low23).AsUInt32());
            (c2, c3) = (Sse2.UnpackLow(high01, high23).AsUInt32(), Sse2.UnpackHigh(high01, high23).AsUInt32());
            return;
        }

        (c0, c1) = (Vector128.Create(r0[0], r1[0], r2[0], r3[0]), Vector128.Create(r0[1], r1[1], r2[1], r3[1]));
        (c2, c3) = (Vector128.Create(r0[2], r1[2], r2[2], r3[2]), Vector128.Create(r0[3], r1[3], r2[3], r3[3]));
    }

    private ref uint WordsOf<T>(Batch batch, int column)
        where T : unmanaged =>
        ref Unsafe.As<T, uint>(ref MemoryMarshal.GetReference(batch.Columns[First + column].Writable<T>()));

    private void Fill(Span<byte> bytes)
    {
        var at = _head.Length + (_row * _head.Columns * _head.Width);
        while (bytes.Length > 0)
        {
            var got = RandomAccess.Read(_file, bytes, at);
            if (got == 0)
            {
                throw new InvalidDataException($"expected values up to row {_head.Rows}, got none after row {_row}: cut short");
            }

            bytes = bytes[got..];
            at += got;
        }
    }
}
