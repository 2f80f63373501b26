using System.Buffers;
using System.Buffers.Binary;

namespace StreamLearn.Learning;

/// <summary>Lists the fields of a message or an item in their order; returns its argument, or what was read, null if refused.</summary>
/// <typeparam name="T">The message or item.</typeparam>
/// <param name="fields">The pass over the fields.</param>
/// <param name="value">The message or item; default while reading.</param>
public delegate T? FrameOf<T>(ref FrameFields fields, T? value);

/// <summary>Fields of a frame, listed once for three passes: measure, write, read. Each call returns its argument, or the value
/// read.</summary>
/// <remarks>Little-endian numbers, then a CRC-32C checksum. Header: magic (4 bytes), format version (1), kind (1), flags (2). In version 2
/// those flags are 0, and 4 bytes of flags follow. After the first error <see cref="Failed"/> stays true and reads return zero.</remarks>
public ref partial struct FrameFields
{
    private const uint Magic = 0x4C4D4C53;      // "SLML", little-endian
    private const byte FormatVersion = 1, WideVersion = 2;
    private const int HeaderBytes = 8, WideHeaderBytes = 12;
    private const int ChecksumBytes = 4;

    private readonly IBufferWriter<byte>? _buffer;
    private readonly Span<byte> _to;            // empty while measuring
    private ReadOnlySpan<byte> _from;
    private uint _known;

    /// <summary>Begins to write a frame.</summary>
    /// <param name="buffer">The buffer to write to.</param>
    /// <param name="contentBytes">Bytes of the fields: <see cref="Bytes"/> of a pass that measured.</param>
    /// <param name="flags">Flags that the codec defines; above 65,535 the header is 4 bytes longer.</param>
    /// <param name="kind">The kind of content; 0: defined by the codec.</param>
    public FrameFields(IBufferWriter<byte> buffer, int contentBytes, uint flags = 0, byte kind = 0)
        : this(SpaceOf(buffer, FrameBytes(contentBytes, flags)), flags, kind) => _buffer = buffer;

    /// <summary>Opens a frame; one of another kind or with a wrong checksum has <see cref="Failed"/>.</summary>
    /// <param name="bytes">The frame.</param>
    /// <param name="kind">The kind that the writer was given.</param>
    public FrameFields(in ReadOnlySequence<byte> bytes, byte kind = 0)
        : this(bytes.IsSingleSegment ? bytes.FirstSpan : bytes.ToArray(), kind)
    {
    }

    /// <summary>Begins to write or read fields without a frame.</summary>
    internal FrameFields(Span<byte> to, ReadOnlySpan<byte> from, bool isReading)
    {
        _to = to;
        _from = from;
        IsReading = isReading;
    }

    private FrameFields(Span<byte> frame, uint flags, byte kind)
    {
        _to = frame;
        (Flags, Bytes) = (flags, HeaderBytesOf(flags));
        var isWide = Bytes == WideHeaderBytes;
        BinaryPrimitives.WriteUInt32LittleEndian(frame, Magic);
        (frame[4], frame[5]) = (isWide ? WideVersion : FormatVersion, kind);
        BinaryPrimitives.WriteUInt16LittleEndian(frame[6..], isWide ? (ushort)0 : (ushort)flags);
        if (isWide) { BinaryPrimitives.WriteUInt32LittleEndian(frame[HeaderBytes..], flags); }
    }

    private FrameFields(ReadOnlySpan<byte> frame, byte kind)
    {
        IsReading = true;
        var isWide = frame.Length > 4 && frame[4] == WideVersion;
        var header = isWide ? WideHeaderBytes : HeaderBytes;
        Failed = frame.Length < header + ChecksumBytes
            || BinaryPrimitives.ReadUInt32LittleEndian(frame) != Magic
            || !(isWide || frame[4] == FormatVersion)
            || frame[5] != kind
            || BinaryPrimitives.ReadUInt32LittleEndian(frame[^ChecksumBytes..]) != Crc32C.Of(frame[..^ChecksumBytes]);
        if (Failed) { return; }
        var narrow = BinaryPrimitives.ReadUInt16LittleEndian(frame[6..]);
        Flags = isWide ? BinaryPrimitives.ReadUInt32LittleEndian(frame[HeaderBytes..]) : narrow;
        Failed = HeaderBytesOf(Flags) != header || (isWide && narrow != 0);
        _from = frame[header..^ChecksumBytes];
    }

    /// <summary>Returns a codec of the frames that a list of fields describes.</summary>
    /// <param name="name">Name and version, such as <c>delta/1</c>.</param>
    /// <param name="fields">The fields of a message.</param>
    /// <param name="kind">The kind of content; 0: defined by the codec.</param>
    /// <param name="waitsForCheckpoint">As <see cref="ICodec{T}.WaitsForCheckpoint"/>.</param>
    public static ICodec<T> Codec<T>(string name, FrameOf<T> fields, byte kind = 0, bool waitsForCheckpoint = false)
        where T : class => new FrameCodec<T>(name, fields, kind, waitsForCheckpoint);

    /// <summary>True while reading: arguments are ignored.</summary>
    public bool IsReading { get; }

    /// <summary>True after an error; later reads return 0 or empty.</summary>
    public bool Failed { get; private set; }

    /// <summary>True if all bytes were read without error, and no flag is unknown.</summary>
    public readonly bool Ended => IsIntact && _from.IsEmpty;

    /// <summary>Bytes measured so far.</summary>
    public int Bytes { get; private set; }

    /// <summary>Flags measured or read.</summary>
    public uint Flags { get; private set; }

    /// <summary>Bytes of the frame not yet written or read.</summary>
    public readonly int Left => IsReading ? _from.Length : _to.Length - Bytes - ChecksumBytes;

    internal readonly ReadOnlySpan<byte> Rest => _from;

    internal readonly bool IsIntact => !Failed && (Flags & ~_known) == 0;

    internal static int FrameBytes(int contentBytes, uint flags) => HeaderBytesOf(flags) + contentBytes + ChecksumBytes;

    /// <summary>True if a valid message was read; false otherwise, and while measuring or writing.</summary>
    /// <param name="isValid">False: refuses what was read.</param>
    public bool HasRead(bool isValid = true)
    {
        Failed |= IsReading && !isValid;
        return IsReading && !Failed;
    }

    /// <summary>Passes a flag: true if the frame has it.</summary>
    /// <param name="flag">One bit.</param>
    /// <param name="isGiven">True if the message has it.</param>
    public bool Has(uint flag, bool isGiven)
    {
        _known |= flag;
        if (IsReading) { return (Flags & flag) != 0; }
        Flags |= isGiven ? flag : 0;
        return isGiven;
    }

    /// <summary>Accepts flags that a codec reads by <see cref="Flags"/>, or passes over.</summary>
    internal void Know(uint flags) => _known |= flags;

    /// <summary>Passes a byte.</summary>
    /// <param name="value">The byte.</param>
    /// <param name="max">The greatest that is not refused.</param>
    public byte Byte(byte? value, byte max = byte.MaxValue)
    {
        if (!IsReading)
        {
            if (Space(1) is { IsEmpty: false } to) { to[0] = value.GetValueOrDefault(); }
            return value.GetValueOrDefault();
        }

        var read = Read(1) is { IsEmpty: false } bytes ? bytes[0] : (byte)0;
        Failed |= read > max;
        return read;
    }

    /// <summary>Passes true or false as a byte.</summary>
    public bool Truth(bool? value) => Byte(value is true ? (byte)1 : (byte)0, max: 1) == 1;

    /// <summary>Passes 8 bytes.</summary>
    public long Long(long? value)
    {
        if (IsReading) { return Read(8) is { IsEmpty: false } bytes ? BinaryPrimitives.ReadInt64LittleEndian(bytes) : 0; }
        if (Space(8) is { IsEmpty: false } to) { BinaryPrimitives.WriteInt64LittleEndian(to, value.GetValueOrDefault()); }
        return value.GetValueOrDefault();
    }

    /// <summary>Passes 8 bytes without a sign, such as a hash.</summary>
    public ulong Hash(ulong? value) => (ulong)Long((long)value.GetValueOrDefault());

    /// <summary>Passes 4 bytes.</summary>
    /// <param name="value">The number.</param>
    /// <param name="min">The least that is not refused.</param>
    public int Int(int? value, int min = int.MinValue)
    {
        if (!IsReading)
        {
            if (Space(4) is { IsEmpty: false } to) { BinaryPrimitives.WriteInt32LittleEndian(to, value.GetValueOrDefault()); }
            return value.GetValueOrDefault();
        }

        var read = Read(4) is { IsEmpty: false } bytes ? BinaryPrimitives.ReadInt32LittleEndian(bytes) : 0;
        Failed |= read < min;
        return read;
    }

    /// <summary>Passes a float32.</summary>
    public float Single(float? value) => BitConverter.Int32BitsToSingle(Int(BitConverter.SingleToInt32Bits(value.GetValueOrDefault())));

    /// <summary>Passes a float64.</summary>
    public double Double(double? value) => BitConverter.Int64BitsToDouble(Long(BitConverter.DoubleToInt64Bits(value.GetValueOrDefault())));

    /// <summary>Passes a duration, at least 0, in ticks.</summary>
    public TimeSpan Time(TimeSpan? value)
    {
        var ticks = Long(value.GetValueOrDefault().Ticks);
        Failed |= IsReading && ticks < 0;
        return new(ticks);
    }

    /// <summary>Passes the identity of a version.</summary>
    public ModelVersion Version(ModelVersion? value) => new(Long(value?.Epoch), Long(value?.Version));

    /// <summary>Reserves bytes for the caller to write; empty while measuring.</summary>
    public Span<byte> Space(int count)
    {
        Bytes += count;
        return _to.IsEmpty ? default : _to.Slice(Bytes - count, count);
    }

    /// <summary>Reads bytes without copying them.</summary>
    public ReadOnlySpan<byte> Read(long count)
    {
        Failed |= count < 0 || count > _from.Length;
        if (Failed) { return default; }
        var read = _from[..(int)count];
        _from = _from[(int)count..];
        return read;
    }

    /// <summary>Writes the checksum and commits the frame to the buffer.</summary>
    public readonly void End()
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_to[Bytes..], Crc32C.Of(_to[..Bytes]));
        _buffer?.Advance(_to.Length);
    }

    private static int HeaderBytesOf(uint flags) => flags > ushort.MaxValue ? WideHeaderBytes : HeaderBytes;

    private static Span<byte> SpaceOf(IBufferWriter<byte> buffer, int bytes)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        return buffer.GetSpan(bytes)[..bytes];
    }
}
