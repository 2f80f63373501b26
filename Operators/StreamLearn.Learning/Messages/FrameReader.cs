using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace StreamLearn.Learning;

/// <summary>Reads a frame in the order in which <see cref="FrameWriter"/> wrote it. After the first error <see cref="Failed"/> stays true
/// and reads return zero.</summary>
public ref struct FrameReader
{
    internal static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private ReadOnlySpan<byte> _rest;

    /// <summary>Opens a frame of a codec that this library does not define; one of another kind or with a wrong checksum has
    /// <see cref="Failed"/>.</summary>
    /// <param name="bytes">The frame.</param>
    /// <param name="knownFlags">The flags that it may have.</param>
    /// <param name="kind">The kind that the writer was given.</param>
    public FrameReader(in ReadOnlySequence<byte> bytes, uint knownFlags = 0, byte kind = 0)
        : this(bytes, (FrameKind)kind, (FrameFlags)knownFlags)
    {
    }

    internal FrameReader(in ReadOnlySequence<byte> bytes, FrameKind kind, FrameFlags known)
    {
        var frame = bytes.IsSingleSegment ? bytes.FirstSpan : bytes.ToArray();
        const int Checksum = FrameWriter.ChecksumBytes;
        var isWide = frame.Length > 4 && frame[4] == FrameWriter.WideVersion;
        var header = isWide ? FrameWriter.WideHeaderBytes : FrameWriter.HeaderBytes;
        Failed = frame.Length < header + Checksum
            || BinaryPrimitives.ReadUInt32LittleEndian(frame) != FrameWriter.Magic
            || !(isWide || frame[4] == FrameWriter.FormatVersion)
            || frame[5] != (byte)kind
            || BinaryPrimitives.ReadUInt32LittleEndian(frame[^Checksum..]) != Crc32C.Of(frame[..^Checksum]);
        if (Failed) { return; }
        var narrow = BinaryPrimitives.ReadUInt16LittleEndian(frame[6..]);
        Flags = (FrameFlags)(isWide ? BinaryPrimitives.ReadUInt32LittleEndian(frame[FrameWriter.HeaderBytes..]) : narrow);
        Failed = (Flags & ~known) != 0 || FrameWriter.HeaderBytesOf(Flags) != header || (isWide && narrow != 0);
        _rest = frame[header..^Checksum];
    }

    internal FrameFlags Flags { get; }

    /// <summary>True after an error; later reads return 0 or empty.</summary>
    public bool Failed { get; private set; }

    /// <summary>True if all bytes were read without error.</summary>
    public readonly bool Ended => !Failed && _rest.IsEmpty;

    /// <summary>True if the frame has a flag.</summary>
    /// <param name="flag">One bit.</param>
    public readonly bool Has(uint flag) => ((uint)Flags & flag) != 0;

    /// <summary>Reads a byte.</summary>
    public byte Byte() => Take(1) is { IsEmpty: false } bytes ? bytes[0] : (byte)0;

    /// <summary>Reads 8 bytes.</summary>
    public long Long() => Take(8) is { IsEmpty: false } bytes ? BinaryPrimitives.ReadInt64LittleEndian(bytes) : 0;

    /// <summary>Reads 4 bytes.</summary>
    public int Int() => Take(4) is { IsEmpty: false } bytes ? BinaryPrimitives.ReadInt32LittleEndian(bytes) : 0;

    /// <summary>Reads a float32.</summary>
    public float Single() => BitConverter.Int32BitsToSingle(Int());

    /// <summary>Reads a float64.</summary>
    public double Double() => BitConverter.Int64BitsToDouble(Long());

    internal ModelVersion? Held() => (Flags & FrameFlags.Held) == 0 ? null : new(Long(), Long());

    /// <summary>Reads a text that is not empty.</summary>
    /// <param name="maxBytes">Maximum UTF-8 bytes.</param>
    public string Text(int maxBytes)
    {
        var length = Take(2) is { IsEmpty: false } bytes ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : 0;
        Failed |= length == 0 || length > maxBytes;
        var text = Take(length);
        if (Failed) { return ""; }
        try
        {
            return Strict.GetString(text);
        }
        catch (DecoderFallbackException)
        {
            Failed = true;
            return "";
        }
    }

    /// <summary>Reads bytes without copying them.</summary>
    /// <param name="count">The count.</param>
    public ReadOnlySpan<byte> Bytes(long count) => Take(count);

    /// <summary>Reads float32 values after their count.</summary>
    public ImmutableArray<float> Values()
    {
        var bytes = Take(4L * Int());       // a length beyond the frame fails before memory is reserved
        var values = GC.AllocateUninitializedArray<float>(bytes.Length / 4);
        LittleEndian.Read(bytes, values);
        return ImmutableCollectionsMarshal.AsImmutableArray(values);
    }

    internal ImmutableArray<int> Labels()
    {
        if ((Flags & FrameFlags.Labels) == 0) { return []; }
        var labels = Reserve<int>(minBytes: 4);
        for (var i = 0; i < labels.Length; i++) { labels[i] = Int(); }
        return ImmutableCollectionsMarshal.AsImmutableArray(labels);
    }

    internal ModelPart? Part() => (Flags & FrameFlags.Part) == 0
        ? null
        : new() { First = Int(), End = Int(), Values = Values(), State = Values() };

    internal SplitRound? Round()
    {
        if ((Flags & FrameFlags.Round) == 0) { return null; }
        var round = new SplitRound
        {
            Base = new(Long(), Long()),
            Batches = Int(),
            Rows = Int(),
            Loss = Single(),
            Time = new(Long()),
            TimePerBatch = new(Long()),
        };
        var last = Byte();
        Failed |= last > 1 || round.Batches < 0 || round.Rows < 0 || round.Time < TimeSpan.Zero || round.TimePerBatch < TimeSpan.Zero;
        return round with { IsLast = last == 1 };
    }

    internal SplitResources? Resources()
    {
        if ((Flags & FrameFlags.Resources) == 0) { return null; }
        var read = new SplitResources
        {
            MemoryBytes = Long(),
            ComputingWatts = Double(),
            SendingWatts = Double(),
            ReceivingWatts = Double(),
        };
        var count = Int();
        Failed |= count < 0;
        var (forward, backward) = (Doubles(count), Doubles(count));
        Failed |= !read.AreValid || !SplitResources.AreTimes(forward) || !SplitResources.AreTimes(backward);
        return Failed ? null : count == 0 ? read : read with { Times = new(forward, backward) };
    }

    internal string? Edge() => (Flags & FrameFlags.Edge) == 0 ? null : Text(DeviceName.MaxBytes);

    internal ChannelMoments? Moments()
    {
        if ((Flags & FrameFlags.Moments) == 0) { return null; }
        var channels = Int();
        var count = Long();
        var mean = Doubles(channels);
        var m2 = Doubles(channels);
        Failed |= count < 0;
        return Failed ? null : new(count, mean, m2);
    }

    internal DeviceEstimate Estimate()
    {
        var (rows, loss, best) = (Int(), Single(), Single());
        var curvature = new Curvature(Double(), Double());
        return new()
        {
            Rows = rows,
            Loss = loss,
            BestLoss = float.IsNaN(best) ? null : best,
            Curvature = double.IsNaN(curvature.Beta) ? null : curvature,
            Gradient = Values(),
            Early = Values(),
            Late = Values(),
        };
    }

    internal HeldBackLoss? HeldBack()
    {
        if ((Flags & FrameFlags.HeldBack) == 0) { return null; }
        var (rows, loss, best) = (Int(), Single(), Single());
        return new(rows, loss, float.IsNaN(best) ? null : best);
    }

    internal ImmutableArray<string>? Invited()
    {
        if ((Flags & FrameFlags.Invited) == 0) { return null; }
        var devices = Reserve<string>(minBytes: 3);
        for (var i = 0; i < devices.Length && !Failed; i++) { devices[i] = Text(DeviceName.MaxBytes); }
        return Failed ? null : ImmutableCollectionsMarshal.AsImmutableArray(devices);
    }

    internal ImmutableArray<Directive> Directives()
    {
        if ((Flags & FrameFlags.Directives) == 0) { return []; }
        var directives = Reserve<Directive>(DirectiveCodec.MinBytes);
        for (var i = 0; i < directives.Length && !Failed; i++)
        {
            Failed = !DirectiveCodec.TryRead(_rest, out var directive, out var bytes);
            if (Failed) { break; }
            directives[i] = directive!;
            Take(bytes);
        }

        return Failed ? [] : ImmutableCollectionsMarshal.AsImmutableArray(directives);
    }

    /// <summary>Allocates only if the frame has the bytes that the count requires.</summary>
    private T[] Reserve<T>(int minBytes)
    {
        var count = Int();
        Failed |= count < 0 || count > _rest.Length / minBytes;
        return Failed ? [] : new T[count];
    }

    private ImmutableArray<double> Doubles(int count)
    {
        var bytes = Take(8L * count);
        var values = new double[bytes.Length / 8];
        for (var i = 0; i < values.Length; i++) { values[i] = BinaryPrimitives.ReadDoubleLittleEndian(bytes[(8 * i)..]); }
        return ImmutableCollectionsMarshal.AsImmutableArray(values);
    }

    private ReadOnlySpan<byte> Take(long length)
    {
        Failed |= length < 0 || length > _rest.Length;
        if (Failed) { return default; }
        var taken = _rest[..(int)length];
        _rest = _rest[(int)length..];
        return taken;
    }
}
