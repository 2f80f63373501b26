using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace StreamLearn.Learning;

/// <summary>Writes updates as frames.</summary>
/// <remarks>Values with long zero runs are written as ranges if that saves a quarter: total, range count, then first value, length and
/// values of each. Scattered values, at most half not zero, use <see cref="SparseValues"/> if that saves a third of the rest. A
/// <see cref="WeightDelta.Coded"/> form takes precedence: count, code bytes, codes.</remarks>
internal sealed class DeltaCodec(int maxValues = DeltaCodec.MaxRanged, ulong? schema = null) : ICodec<WeightDelta>
{
    private const FrameFlags Optional =
        FrameFlags.Moments | FrameFlags.Leaving | FrameFlags.RoundTime | FrameFlags.RolledBack | FrameFlags.Ranges
        | FrameFlags.Credit | FrameFlags.Held | FrameFlags.Resent | FrameFlags.Estimate | FrameFlags.Sparse
        | FrameFlags.HeldBack | FrameFlags.Resting | FrameFlags.Coded;

    private const int FixedBytes = (4 * 8) + (3 * 4);
    private const int MinGap = 16;            // zeros that end a range
    internal const int MaxRanged = 1 << 24;     // limits the memory that a short frame can reserve

    public string Name => "delta/3";

    public byte Kind => (byte)FrameKind.Delta;

    public bool WaitsForCheckpoint => true;

    public void Encode(WeightDelta value, IBufferWriter<byte> buffer)
    {
        value = value.OfItsTopic();
        var values = value.Values.AsSpan();
        var form = FormOf(value);
        var frame = new FrameWriter(buffer, ContentBytes(value, form), FrameKind.Delta, FlagsOf(value) | form.Flag);
        frame.Text(value.Device);
        frame.Long(value.Epoch);
        frame.Long(value.Sequence);
        frame.Long(value.BaseVersion);
        frame.Long((long)value.SchemaHash);
        frame.Int(value.Samples);
        frame.Int(value.Steps);
        frame.Single(value.Loss);
        if (form.Flag == FrameFlags.Coded) { WriteCoded(ref frame, value.Coded!); }
        else if (form.Flag == FrameFlags.Sparse) { SparseValues.Write(frame.Bytes(form.Bytes), values, form.Parts); }
        else if (form.Flag == FrameFlags.Ranges) { WriteRanges(ref frame, values, form.Parts); }
        else { frame.Values(values); }
        frame.Moments(value.Moments);
        if (value.RoundTime != default) { frame.Long(value.RoundTime.Ticks); }
        if (value.RolledBack != 0) { frame.Int(value.RolledBack); }
        if (HasCredit(value))
        {
            frame.Long(value.BaseEpoch);
            frame.Long(value.CreditWait.Ticks);
        }

        frame.Held(value.Held);
        frame.Estimate(value.Estimate);
        frame.HeldBack(value.HeldBack);
        frame.End();
    }

    public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, [MaybeNullWhen(false)] out WeightDelta value)
    {
        value = null;
        var frame = new FrameReader(bytes, FrameKind.Delta, Optional);
        var device = frame.Text(WeightDelta.MaxDeviceBytes);
        if (frame.Failed) { return false; }
        var (epoch, sequence, version, hash) = (frame.Long(), frame.Long(), frame.Long(), (ulong)frame.Long());
        var isOther = schema is { } expected && hash != expected;       // any number of values is allowed
        CodedValues? coded = null;
        value = isOther ? new()
        {
            Device = device,
            Epoch = epoch,
            Sequence = sequence,
            BaseVersion = version,
            SchemaHash = hash,
            Samples = 0,
            Values = [],
            Leaving = (frame.Flags & FrameFlags.Leaving) != 0,
        }
        : new()
        {
            Device = device,
            Epoch = epoch,
            Sequence = sequence,
            BaseVersion = version,
            SchemaHash = hash,
            Samples = frame.Int(),
            Steps = frame.Int(),
            Loss = frame.Single(),
            Values = ReadValues(ref frame, out coded),
            Moments = frame.Moments(),
            Leaving = (frame.Flags & FrameFlags.Leaving) != 0,
            RoundTime = (frame.Flags & FrameFlags.RoundTime) == 0 ? default : TimeSpan.FromTicks(frame.Long()),
            RolledBack = (frame.Flags & FrameFlags.RolledBack) == 0 ? 0 : frame.Int(),
            BaseEpoch = (frame.Flags & FrameFlags.Credit) == 0 ? 0 : frame.Long(),
            CreditWait = (frame.Flags & FrameFlags.Credit) == 0 ? default : TimeSpan.FromTicks(frame.Long()),
            Held = frame.Held(),
            IsResent = (frame.Flags & FrameFlags.Resent) != 0,
            Estimate = (frame.Flags & FrameFlags.Estimate) == 0 ? null : frame.Estimate(),
            HeldBack = frame.HeldBack(),
            Resting = (frame.Flags & FrameFlags.Resting) != 0,
            Coded = coded,
        };
        if (isOther) { return !frame.Failed; }
        return frame.Ended && !value.Values.IsDefault
            && value.Samples >= 0 && value.Steps >= 0 && value.RoundTime >= TimeSpan.Zero
            && value.CreditWait >= TimeSpan.Zero && !(value.Held?.Version < 0)
            && value.RolledBack >= 0 && value.RolledBack <= value.Steps && value.Estimate is not { IsValid: false }
            && value.HeldBack is not { IsValid: false };
    }

    internal static int BytesOf(WeightDelta value)
    {
        var form = FormOf(value);
        return FrameWriter.HeaderBytesOf(FlagsOf(value) | form.Flag) + ContentBytes(value, form) + FrameWriter.ChecksumBytes;
    }

    private static int ContentBytes(WeightDelta value, ValueForm form) =>
        FixedBytes + FrameWriter.TextBytes(value.Device) + form.Bytes
            + FrameWriter.MomentsBytes(value.Moments) + (value.RoundTime == default ? 0 : 8) + (value.RolledBack == 0 ? 0 : 4)
            + (HasCredit(value) ? 16 : 0) + (value.Held is null ? 0 : 16) + FrameWriter.EstimateBytes(value.Estimate)
            + (value.HeldBack is null ? 0 : 3 * 4);

    private static ValueForm FormOf(WeightDelta value)
    {
        if (value.Coded is { } coded) { return new(FrameFlags.Coded, 1, 8 + coded.Bytes.Length); }
        var values = value.Values.AsSpan();
        var (ranges, ranged) = Measure(values);
        var (given, sparse) = SparseValues.Measure(values);
        var whole = ranges >= 0 ? ranged : 4 + (4 * values.Length);
        return given >= 0 && 3L * sparse <= 2L * whole ? new(FrameFlags.Sparse, given, sparse)
            : ranges >= 0 ? new(FrameFlags.Ranges, ranges, ranged)
            : new(FrameFlags.None, 1, whole);
    }

    private ImmutableArray<float> ReadValues(ref FrameReader frame, out CodedValues? coded)
    {
        const FrameFlags Forms = FrameFlags.Ranges | FrameFlags.Sparse | FrameFlags.Coded;
        coded = (frame.Flags & Forms) == FrameFlags.Coded ? ReadCoded(ref frame) : null;
        return (frame.Flags & Forms) switch
        {
            FrameFlags.None => frame.Values(),
            FrameFlags.Ranges => ReadRanges(ref frame),
            FrameFlags.Sparse => SparseValues.Read(ref frame, maxValues),
            _ => coded?.Values ?? default,
        };
    }

    private CodedValues? ReadCoded(ref FrameReader frame)
    {
        var count = frame.Int();
        var codes = frame.Bytes(frame.Int());
        return frame.Failed || count > maxValues ? null : CodedValues.TryRead(codes, count);
    }

    private static void WriteCoded(ref FrameWriter frame, CodedValues coded)
    {
        frame.Int(coded.Values.Length);
        frame.Int(coded.Bytes.Length);
        coded.Bytes.CopyTo(frame.Bytes(coded.Bytes.Length));
    }

    private static FrameFlags FlagsOf(WeightDelta value) =>
        (value.Moments is null ? FrameFlags.None : FrameFlags.Moments)
        | (value.Leaving ? FrameFlags.Leaving : FrameFlags.None)
        | (value.RoundTime == default ? FrameFlags.None : FrameFlags.RoundTime)
        | (value.RolledBack == 0 ? FrameFlags.None : FrameFlags.RolledBack)
        | (HasCredit(value) ? FrameFlags.Credit : FrameFlags.None)
        | (value.Held is null ? FrameFlags.None : FrameFlags.Held)
        | (value.IsResent ? FrameFlags.Resent : FrameFlags.None)
        | (value.Estimate is null ? FrameFlags.None : FrameFlags.Estimate)
        | (value.HeldBack is null ? FrameFlags.None : FrameFlags.HeldBack)
        | (value.Resting ? FrameFlags.Resting : FrameFlags.None);

    private static bool HasCredit(WeightDelta value) => value.BaseEpoch != 0 || value.CreditWait != default;

    /// <summary>Ranges and their bytes; below 0 if the dense form is smaller.</summary>
    private static (int Ranges, int Bytes) Measure(ReadOnlySpan<float> values)
    {
        if (values.Length > MaxRanged) { return (-1, 0); }
        var (ranges, bytes, at) = (0, 8, 0);
        while (NextRange(values, ref at) is { Length: > 0 } range) { (ranges, bytes) = (ranges + 1, bytes + 8 + (4 * range.Length)); }
        return bytes <= 3L * values.Length ? (ranges, bytes) : (-1, 0);
    }

    /// <summary>Advances past the returned range; empty after the last.</summary>
    private static ReadOnlySpan<float> NextRange(ReadOnlySpan<float> values, ref int at)
    {
        while (at < values.Length && SparseValues.IsZero(values[at])) { at++; }
        var (from, end) = (at, at);
        for (; at < values.Length && at < end + MinGap; at++)
        {
            if (!SparseValues.IsZero(values[at])) { end = at + 1; }
        }

        at = end;
        return values[from..end];
    }

    private static void WriteRanges(ref FrameWriter frame, ReadOnlySpan<float> values, int ranges)
    {
        frame.Int(values.Length);
        frame.Int(ranges);
        var at = 0;
        while (NextRange(values, ref at) is { Length: > 0 } range)
        {
            frame.Int(at - range.Length);
            frame.Values(range);
        }
    }

    /// <summary>Values outside the ranges are zero; default if a range is invalid.</summary>
    private ImmutableArray<float> ReadRanges(ref FrameReader frame)
    {
        var (count, ranges, at) = (frame.Int(), frame.Int(), 0);
        if (frame.Failed || count < 0 || count > maxValues || ranges < 0) { return default; }
        var values = new float[count];
        for (; ranges > 0; ranges--)
        {
            var from = frame.Int();
            var range = frame.Values();
            if (frame.Failed || from < at || range.IsEmpty || range.Length > count - from) { return default; }
            range.CopyTo(values, from);
            at = from + range.Length;
        }

        return ImmutableCollectionsMarshal.AsImmutableArray(values);
    }

    private readonly record struct ValueForm(FrameFlags Flag, int Parts, int Bytes);
}
