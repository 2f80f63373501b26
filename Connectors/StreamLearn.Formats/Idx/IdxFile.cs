using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace StreamLearn.Formats;

/// <summary>A byte array read from an IDX file, the MNIST format, plain or gzip. Immutable.</summary>
/// <remarks>Shape: [items, …], the last dimension fastest. Layout: two zeros, the type (8: unsigned bytes, the only one supported), the
/// number of dimensions, the dimensions (big-endian int32), the values. State: the values. Source: LeCun, Cortes, Burges, the MNIST
/// database, "the IDX file format".</remarks>
public sealed class IdxFile
{
    /// <summary>The maximum number of values, which are bytes.</summary>
    public const int MaxValues = 1 << 30;

    /// <summary>The maximum compression ratio for sizes from 64 MiB on; images have about 5, zeros 103 to 1,029.</summary>
    public const int MaxRatio = 100;

    private const byte UnsignedBytes = 8;
    private const int MaxDimensions = 8;
    private const int BytesAtOnce = 1 << 20;

    private IdxFile(ImmutableArray<int> dimensions, byte[] values, int itemBytes) =>
        (Dimensions, Values, ItemBytes) = (dimensions, ImmutableCollectionsMarshal.AsImmutableArray(values), itemBytes);

    /// <summary>The dimensions, items first.</summary>
    public ImmutableArray<int> Dimensions { get; }

    /// <summary>All values by item.</summary>
    public ImmutableArray<byte> Values { get; }

    /// <summary>The number of items, such as images or labels.</summary>
    public int Count => Dimensions[0];

    /// <summary>Bytes per item.</summary>
    public int ItemBytes { get; }

    /// <summary>Returns the values of an item.</summary>
    /// <param name="index">The item, from 0.</param>
    public ReadOnlySpan<byte> Item(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
        return Values.AsSpan(index * ItemBytes, ItemBytes);
    }

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file, plain or gzip.</param>
    /// <exception cref="InvalidDataException">The file cannot be read, is truncated, is not IDX, or is too large uncompressed.</exception>
    public static IdxFile Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            using var stream = File.OpenRead(path);
            return Read(stream, path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidDataException($"{path} cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Reads a stream from its position to its end.</summary>
    /// <param name="stream">The stream, plain or gzip; it stays open.</param>
    /// <param name="name">The name in messages.</param>
    /// <exception cref="InvalidDataException">The stream is truncated, is not IDX, or is too large uncompressed.</exception>
    public static IdxFile Read(Stream stream, string name)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentException.ThrowIfNullOrEmpty(name);
        var start = new byte[2];
        Fill(stream, start, name);
        if (start is not [0x1f, 0x8b]) { return Parse(new(start, stream), name); }
        try
        {
            using var compressed = new Rest(start, stream);
            using var values = new GzipText(compressed, MaxRatio);
            Fill(values, start, name);
            return Parse(new(start, values), name);
        }
        catch (InvalidDataException e) when (!e.Message.StartsWith($"{name}: ", StringComparison.Ordinal))      // from decompression
        {
            throw new InvalidDataException($"{name} cannot be unpacked: {e.Message}", e);
        }
    }

    private static IdxFile Parse(Rest stream, string name)
    {
        var head = new byte[4];
        Fill(stream, head, name);
        if (head is not [0, 0, UnsignedBytes, > 0 and <= MaxDimensions])
        {
            throw new InvalidDataException($"{name}: expected an IDX file of unsigned bytes, 0x000008 and 1 to {MaxDimensions} dimensions,"
                + $" got 0x{Convert.ToHexString(head)}");
        }

        var dimensions = new int[head[3]];
        var (total, item) = (1L, 1L);
        for (var d = 0; d < dimensions.Length; d++)
        {
            var size = new byte[4];
            Fill(stream, size, name);
            var length = BinaryPrimitives.ReadUInt32BigEndian(size);
            (total, item) = (total * length, d == 0 ? item : item * length);
            if (length == 0 || total > MaxValues)
            {
                throw new InvalidDataException($"{name}: expected dimensions of 1 to {MaxValues} values, got {length} as dimension {d}");
            }

            dimensions[d] = (int)length;
        }

        var values = Take(stream, (int)total, name);
        return stream.ReadByte() < 0
            ? new([.. dimensions], values, (int)item)
            : throw new InvalidDataException($"{name}: expected {total} bytes of values, got more");
    }

    /// <summary>Memory grows with the bytes received, not by a declared dimension.</summary>
    private static byte[] Take(Stream stream, int count, string name)
    {
        var values = new byte[Math.Min(count, BytesAtOnce)];
        for (var read = 0; read < count;)
        {
            if (read == values.Length) { Array.Resize(ref values, (int)Math.Min(count, 2L * values.Length)); }
            var got = stream.ReadAtLeast(values.AsSpan(read), values.Length - read, throwOnEndOfStream: false);
            if (got < values.Length - read)
            {
                throw new InvalidDataException($"{name}: expected {count} bytes of values, got {read + got}: cut short");
            }

            read += got;
        }

        return values;
    }

    private static void Fill(Stream stream, byte[] bytes, string name)
    {
        if (stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length)
        {
            throw new InvalidDataException($"{name}: expected a header of magic number and dimensions: cut short");
        }
    }

    /// <summary>Two peeked bytes, then the rest of a stream, which stays open.</summary>
    private sealed class Rest(byte[] start, Stream rest) : ForwardStream
    {
        private readonly byte[] _start = [.. start];
        private int _read;

        public override int Read(Span<byte> buffer)
        {
            if (_read == _start.Length) { return rest.Read(buffer); }
            var count = Math.Min(buffer.Length, _start.Length - _read);
            _start.AsSpan(_read, count).CopyTo(buffer);
            _read += count;
            return count;
        }
    }
}
