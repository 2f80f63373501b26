using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace StreamLearn.Learning;

[Flags]
internal enum FrameFlags : uint
{
    None = 0,
    Moments = 1,
    Leaving = 2,
    Invited = 4,
    Directives = 8,
    RoundTime = 16,
    Labels = 32,
    Move = 64,
    Part = 128,
    Device = 256,
    RolledBack = 512,
    Ranges = 1024,
    Credit = 2048,
    Held = 4096,
    Epoch = 8192,
    Resent = 16384,
    Capabilities = 32768,
    Estimate = 1 << 16,
    Sparse = 1 << 17,
    Round = 1 << 18,
    Edge = 1 << 19,
    Void = 1 << 20,
    Resources = 1 << 21,
    // 1 << 22: StreamLearn.Nodes
    HeldBack = 1 << 23,
    Resting = 1 << 24,
    Coded = 1 << 25,
    Model = 1 << 26,
    Seal = 1 << 27,
    Fingerprints = 1 << 28,
}

/// <summary>Writes a frame of known size: little-endian numbers, then a CRC-32C checksum.</summary>
/// <remarks>Header: magic (4 bytes), format version (1), kind (1), flags (2). In version 2 those flags are 0, and 4 bytes of flags
/// follow.</remarks>
public ref struct FrameWriter
{
    internal const uint Magic = 0x4C4D4C53;     // "SLML", little-endian
    internal const byte FormatVersion = 1, WideVersion = 2;
    internal const int HeaderBytes = 8, WideHeaderBytes = 12;
    internal const int ChecksumBytes = 4;

    private readonly IBufferWriter<byte> _buffer;
    private readonly Span<byte> _frame;
    private int _at;

    /// <summary>Begins a frame of a codec that this library does not define.</summary>
    /// <param name="buffer">The buffer to write to.</param>
    /// <param name="contentBytes">Bytes of the content, written before <see cref="End"/>.</param>
    /// <param name="flags">Flags that the codec defines; above 65,535 the header is 4 bytes longer.</param>
    /// <param name="kind">The kind of content; 0: defined by the codec.</param>
    public FrameWriter(IBufferWriter<byte> buffer, int contentBytes, uint flags = 0, byte kind = 0)
        : this(buffer, contentBytes, (FrameKind)kind, (FrameFlags)flags)
    {
    }

    internal FrameWriter(IBufferWriter<byte> buffer, int contentBytes, FrameKind kind, FrameFlags flags)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        _buffer = buffer;
        _at = HeaderBytesOf(flags);
        var isWide = _at == WideHeaderBytes;
        _frame = buffer.GetSpan(_at + contentBytes + ChecksumBytes)[..(_at + contentBytes + ChecksumBytes)];
        BinaryPrimitives.WriteUInt32LittleEndian(_frame, Magic);
        (_frame[4], _frame[5]) = (isWide ? WideVersion : FormatVersion, (byte)kind);
        BinaryPrimitives.WriteUInt16LittleEndian(_frame[6..], isWide ? (ushort)0 : (ushort)flags);
        if (isWide) { BinaryPrimitives.WriteUInt32LittleEndian(_frame[HeaderBytes..], (uint)flags); }
    }

    internal static int HeaderBytesOf(FrameFlags flags) => (uint)flags > ushort.MaxValue ? WideHeaderBytes : HeaderBytes;

    internal static int MomentsBytes(ChannelMoments? moments) => moments is null ? 0 : 12 + (16 * moments.Channels);

    /// <summary>Returns the bytes of a text with its length.</summary>
    /// <param name="text">The text.</param>
    public static int TextBytes(string text) => 2 + Encoding.UTF8.GetByteCount(text);

    internal static int InvitedBytes(ImmutableArray<string>? invited)
    {
        if (invited is not { } devices) { return 0; }
        var bytes = 4;
        foreach (var device in devices) { bytes += TextBytes(device); }
        return bytes;
    }

    internal static int DirectivesBytes(ImmutableArray<Directive> directives)
    {
        if (directives.IsEmpty) { return 0; }
        var bytes = 4;
        foreach (var directive in directives) { bytes += DirectiveCodec.BytesOf(directive); }
        return bytes;
    }

    internal static int EstimateBytes(DeviceEstimate? estimate) =>
        estimate is null ? 0 : (6 * 4) + (2 * 8) + (4 * estimate.Values);

    internal static int PartBytes(ModelPart? part) => part is null ? 0 : (4 * 4) + (4 * (part.Values.Length + part.State.Length));

    internal static int RoundBytes(SplitRound? round) => round is null ? 0 : (4 * 8) + (3 * 4) + 1;

    internal static int ResourcesBytes(SplitResources? resources) =>
        resources is null ? 0 : (4 * 8) + 4 + (2 * 8 * (resources.Times?.Count ?? 0));

    internal static int EdgeBytes(string? edge) => edge is null ? 0 : TextBytes(edge);

    /// <summary>Writes a byte.</summary>
    /// <param name="value">The byte.</param>
    public void Byte(byte value) => _frame[_at++] = value;

    /// <summary>Writes 8 bytes.</summary>
    /// <param name="value">The number.</param>
    public void Long(long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(_frame[_at..], value);
        _at += 8;
    }

    /// <summary>Writes 4 bytes.</summary>
    /// <param name="value">The number.</param>
    public void Int(int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(_frame[_at..], value);
        _at += 4;
    }

    internal void Held(ModelVersion? held)
    {
        if (held is not { } version) { return; }
        Long(version.Epoch);
        Long(version.Version);
    }

    /// <summary>Writes a float32.</summary>
    /// <param name="value">The number.</param>
    public void Single(float value) => Int(BitConverter.SingleToInt32Bits(value));

    /// <summary>Writes a float64.</summary>
    /// <param name="value">The number.</param>
    public void Double(double value) => Long(BitConverter.DoubleToInt64Bits(value));

    /// <summary>Writes a text: its UTF-8 length in 2 bytes, then its bytes.</summary>
    /// <param name="text">The text, not empty.</param>
    public void Text(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text, _frame[(_at + 2)..]);
        BinaryPrimitives.WriteUInt16LittleEndian(_frame[_at..], (ushort)bytes);
        _at += 2 + bytes;
    }

    /// <summary>Writes float32 values after a 4-byte count.</summary>
    /// <param name="values">The values.</param>
    public void Values(scoped ReadOnlySpan<float> values)
    {
        Int(values.Length);
        LittleEndian.Write(values, _frame[_at..]);
        _at += 4 * values.Length;
    }

    /// <summary>Reserves bytes for the caller to write.</summary>
    /// <param name="count">The count.</param>
    public Span<byte> Bytes(int count)
    {
        _at += count;
        return _frame.Slice(_at - count, count);
    }

    internal void Labels(ReadOnlySpan<int> labels)
    {
        if (labels.IsEmpty) { return; }
        Int(labels.Length);
        foreach (var label in labels) { Int(label); }
    }

    internal void Part(ModelPart? part)
    {
        if (part is null) { return; }
        Int(part.First);
        Int(part.End);
        Values(part.Values.AsSpan());
        Values(part.State.AsSpan());
    }

    internal void Round(SplitRound? round)
    {
        if (round is null) { return; }
        Held(round.Base);
        Int(round.Batches);
        Int(round.Rows);
        Single(round.Loss);
        Long(round.Time.Ticks);
        Long(round.TimePerBatch.Ticks);
        Byte(round.IsLast ? (byte)1 : (byte)0);
    }

    internal void Resources(SplitResources? resources)
    {
        if (resources is null) { return; }
        Long(resources.MemoryBytes);
        Double(resources.ComputingWatts);
        Double(resources.SendingWatts);
        Double(resources.ReceivingWatts);
        Int(resources.Times?.Count ?? 0);
        foreach (var seconds in resources.Times?.Forward ?? []) { Double(seconds); }
        foreach (var seconds in resources.Times?.Backward ?? []) { Double(seconds); }
    }

    internal void Moments(ChannelMoments? moments)
    {
        if (moments is null) { return; }
        Int(moments.Channels);
        Long(moments.Count);
        foreach (var value in moments.Mean) { Long(BitConverter.DoubleToInt64Bits(value)); }
        foreach (var value in moments.M2) { Long(BitConverter.DoubleToInt64Bits(value)); }
    }

    internal void Estimate(DeviceEstimate? estimate)
    {
        if (estimate is null) { return; }
        Int(estimate.Rows);
        Single(estimate.Loss);
        Single(estimate.BestLoss ?? float.NaN);
        Double(estimate.Curvature?.Rho ?? double.NaN);
        Double(estimate.Curvature?.Beta ?? double.NaN);
        Values(estimate.Gradient.AsSpan());
        Values(estimate.Early.AsSpan());
        Values(estimate.Late.AsSpan());
    }

    internal void HeldBack(HeldBackLoss? held)
    {
        if (held is not { } loss) { return; }
        Int(loss.Rows);
        Single(loss.Loss);
        Single(loss.BestLoss ?? float.NaN);
    }

    internal void Invited(ImmutableArray<string>? invited)
    {
        if (invited is not { } devices) { return; }
        Int(devices.Length);
        foreach (var device in devices) { Text(device); }
    }

    internal void Directives(ImmutableArray<Directive> directives)
    {
        if (directives.IsEmpty) { return; }
        Int(directives.Length);
        foreach (var directive in directives) { _at += DirectiveCodec.Write(directive, _frame[_at..]); }
    }

    /// <summary>Writes the checksum and commits the frame to the buffer.</summary>
    public readonly void End()
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_frame[_at..], Crc32C.Of(_frame[.._at]));
        _buffer.Advance(_frame.Length);
    }
}
