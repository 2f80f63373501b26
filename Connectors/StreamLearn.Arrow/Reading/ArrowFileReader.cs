using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace StreamLearn.Arrow;

/// <summary>Reads the batches of an Arrow file in any order through its footer.</summary>
/// <remarks>Accepts and costs the same as <see cref="MessageReader"/>, plus a copy of each message. Without a footer, use
/// <see cref="ArrowStreamReader"/>.</remarks>
internal sealed class ArrowFileReader : IDisposable
{
    private const int BlockBytes = 24;
    private const int TailBytes = 10;

    private readonly SafeFileHandle _file;
    private readonly long _length;
    private readonly MessageReader _reader;
    private readonly Block[] _batches;
    private byte[] _memory = [];

    internal ArrowFileReader(string path, ArrowLimits? limits = null, FileShare share = FileShare.Read)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        _reader = new(limits);
        _file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, share);
        try
        {
            _length = RandomAccess.GetLength(_file);
            _batches = ReadFooter();
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    internal ArrowSchema Schema => _reader.Schema!;

    internal int Count => _batches.Length;

    internal ImmutableArray<KeyValuePair<string, string>> Metadata { get; private set; } = [];

    internal static ReadOnlySpan<byte> Magic => "ARROW1"u8;

    internal ArrowBatch Read(int index)
    {
        if ((uint)index >= (uint)Count) { throw new ArgumentOutOfRangeException(nameof(index), index, $"expected 0 to {Count - 1}"); }
        return Read(_batches[index], index + 1, Ipc.HeaderType.RecordBatch)!;
    }

    public void Dispose() => _file.Dispose();

    private Block[] ReadFooter()
    {
        Span<byte> ends = stackalloc byte[TailBytes];
        if (_length < (2 * Magic.Length) + sizeof(int)) { throw NoFile(); }
        Fill(ends[..Magic.Length], 0);
        if (!ends[..Magic.Length].SequenceEqual(Magic))
        {
            throw BinaryPrimitives.ReadUInt32LittleEndian(ends) == uint.MaxValue
                ? new("expected an Arrow file, got an Arrow stream: use ArrowStreamReader") : NoFile();
        }

        Fill(ends, _length - TailBytes);
        if (!ends[sizeof(int)..].SequenceEqual(Magic))
        {
            throw new ArrowFormatException("expected the Arrow magic bytes at the end of the file, got other bytes: the file is cut short");
        }

        var length = BinaryPrimitives.ReadInt32LittleEndian(ends);
        var most = (long)_reader.Limits.MaxMetadataBytes + ((long)BlockBytes * _reader.Limits.MaxFileMessages);
        if (length < 1 || length > most || length > _length - TailBytes - Magic.Length)
        {
            throw Bad($"expected a footer of 1 to {Math.Min(most, _length - TailBytes - Magic.Length)} bytes, got {length}");
        }

        var bytes = new byte[length];
        Fill(bytes, _length - TailBytes - length);
        var footer = FlatTable.Root(bytes);
        if (footer.Int16((int)Ipc.FooterField.Version, 0) is not (Ipc.V4 or Ipc.V5) and var version)
        {
            throw Bad($"expected a footer of version 4 or 5, got {version + 1}");
        }

        if (!footer.TryTable((int)Ipc.FooterField.Schema, out var schema)) { throw Bad($"expected a footer with a schema, got none"); }
        var reading = new SchemaReading(_reader.Limits);
        _reader.Expect(reading.Read(schema));
        Metadata = reading.Pairs(footer, (int)Ipc.FooterField.CustomMetadata);
        var number = 0;
        foreach (var block in Blocks(footer, (int)Ipc.FooterField.Dictionaries, _length - TailBytes - length))
        {
            Read(block, ++number, Ipc.HeaderType.DictionaryBatch);
        }

        return Blocks(footer, (int)Ipc.FooterField.RecordBatches, _length - TailBytes - length);
    }

    private Block[] Blocks(FlatTable footer, int field, long end)
    {
        var bytes = footer.Vector(field, BlockBytes, out var count);
        var most = _reader.Limits.MaxFileMessages;
        if (count > most) { throw Bad($"expected at most {most} messages, got {count}"); }
        var blocks = MemoryMarshal.Cast<byte, Block>(bytes).ToArray();
        var total = 0L;
        foreach (var block in blocks)
        {
            if ((block.Offset & 7) == 0 && block.Offset >= Magic.Length && block.MetadataBytes >= sizeof(uint)
                && block.MetadataBytes <= _reader.Limits.MaxMetadataBytes + MessageHead.PrefixBytes
                && block.BodyBytes >= 0 && block.BodyBytes <= _reader.Limits.MaxMessageBytes
                && block.Offset <= end && block.MetadataBytes + block.BodyBytes <= end - block.Offset)
            {
                total += block.MetadataBytes + block.BodyBytes;
                if (total <= end) { continue; }
                throw Bad($"expected messages of at most {end} bytes, the size of the file, got more");  // listed twice, or overlapping
            }

            var (metadata, body) = (block.MetadataBytes, block.BodyBytes);
            if (body > _reader.Limits.MaxMessageBytes)
            {
                throw Bad($"expected messages of at most {_reader.Limits.MaxMessageBytes} bytes (MaxMessageBytes), got {body}");
            }

            throw Bad($"expected messages inside the file, got {metadata} + {body} bytes at {block.Offset}");
        }

        return blocks;
    }

    private ArrowBatch? Read(in Block block, int number, Ipc.HeaderType type)
    {
        _reader.Forget();
        try
        {
            var length = (int)(block.MetadataBytes + block.BodyBytes);
            if (_memory.Length < length) { _memory = GC.AllocateUninitializedArray<byte>(length, pinned: true); }
            Fill(_memory.AsSpan(0, length), block.Offset);
            var bytes = _memory.AsMemory(0, length);
            var metadata = MessageHead.MetadataBytes(bytes.Span, _reader.Limits, out var prefix);
            if (metadata == 0 || metadata > block.MetadataBytes - prefix)
            {
                throw Bad($"expected {block.MetadataBytes} bytes of metadata, got {metadata}");
            }

            var head = MessageHead.Read(bytes.Span.Slice(prefix, metadata), _reader.Limits);
            if (head.Type != type || head.BodyBytes != block.BodyBytes)
            {
                throw Bad($"expected {type} of {block.BodyBytes} bytes, got {head.Type} of {head.BodyBytes}");
            }

            return _reader.Take(head, bytes.Slice(block.MetadataBytes, head.BodyBytes), isFile: true);
        }
        catch (ArrowFormatException e) { throw e.At(number, block.Offset); }
    }

    private void Fill(Span<byte> bytes, long at)
    {
        while (bytes.Length > 0)
        {
            var got = RandomAccess.Read(_file, bytes, at);
            if (got == 0) { throw new ArrowFormatException("expected a whole file, got its end: cut short"); }
            bytes = bytes[got..];
            at += got;
        }
    }

    private static ArrowFormatException NoFile() => new("expected an Arrow file, got other bytes");

    private static ArrowFormatException Bad(FormattableString message) => new(message.ToString(CultureInfo.InvariantCulture));

    /// <summary>The position of a message. Source: File.fbs.</summary>
    [StructLayout(LayoutKind.Explicit, Size = BlockBytes)]
    private readonly struct Block
    {
        [FieldOffset(0)]
        internal readonly long Offset;

        [FieldOffset(8)]
        internal readonly int MetadataBytes;

        [FieldOffset(16)]
        internal readonly long BodyBytes;
    }
}
