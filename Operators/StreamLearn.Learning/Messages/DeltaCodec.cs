using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace StreamLearn.Learning;

/// <summary>Writes updates as frames.</summary>
/// <remarks>Values with long zero runs are written as ranges if that saves a quarter: total, range count, then first value, length and
/// values of each. Scattered values, of which at most half are not zero, use <see cref="SparseValues"/> if that saves a third of the rest.
/// If there is a <see cref="WeightDelta.Coded"/> form, it is written instead: count, code bytes, codes.</remarks>
internal sealed class DeltaCodec(int maxValues = DeltaCodec.MaxRanged, ulong? schema = null) : ICodec<WeightDelta>
{
    private const uint Optional = FrameFlags.Moments | FrameFlags.Leaving | FrameFlags.RoundTime | FrameFlags.RolledBack
        | FrameFlags.Ranges | FrameFlags.Credit | FrameFlags.Held | FrameFlags.Resent | FrameFlags.Estimate | FrameFlags.Sparse
        | FrameFlags.HeldBack | FrameFlags.Resting | FrameFlags.Coded;

    private const int MinGap = 16;            // number of zeros that end a range
    internal const int MaxRanged = 1 << 24;     // limits the memory that a short frame can reserve

    internal static DeltaCodec Any { get; } = new();

    public string Name => "delta/3";

    public byte Kind => FrameKind.Delta;

    public bool WaitsForCheckpoint => true;

    public void Encode(WeightDelta value, IBufferWriter<byte> buffer)
    {
        value = value.OfItsTopic();
        var form = FormOf(value);
        var measured = default(FrameFields);
        Fields(ref measured, value, form);
        var frame = new FrameFields(buffer, measured.Bytes, measured.Flags, Kind);
        Fields(ref frame, value, form);
        frame.End();
    }

    public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, [MaybeNullWhen(false)] out WeightDelta value)
    {
        var frame = new FrameFields(bytes, Kind);
        value = Fields(ref frame, null, default);
        return value is not null && (frame.Ended || (IsOther(value.SchemaHash) && frame.IsIntact));
    }

    internal static int BytesOf(WeightDelta value)
    {
        var measured = default(FrameFields);
        Any.Fields(ref measured, value, FormOf(value));
        return FrameFields.FrameBytes(measured.Bytes, measured.Flags);
    }

    private bool IsOther(ulong hash) => schema is { } expected && hash != expected;

    private WeightDelta? Fields(ref FrameFields f, WeightDelta? d, ValueForm form)
    {
        f.Know(Optional);
        var (device, epoch, sequence) = (f.Text(d?.Device), f.Long(d?.Epoch), f.Long(d?.Sequence));
        var (version, hash, leaving) = (f.Long(d?.BaseVersion), f.Hash(d?.SchemaHash), f.Has(FrameFlags.Leaving, d?.Leaving == true));
        if (f.HasRead() && IsOther(hash))       // any number of values is allowed
        {
            return new()
            {
                Device = device,
                Epoch = epoch,
                Sequence = sequence,
                BaseVersion = version,
                SchemaHash = hash,
                Samples = 0,
                Values = [],
                Leaving = leaving,
            };
        }

        var (samples, steps, loss) = (f.Int(d?.Samples, min: 0), f.Int(d?.Steps, min: 0), f.Single(d?.Loss));
        CodedValues? coded = null;
        var values = d is not null ? Write(ref f, d, form) : Read(ref f, out coded);
        var moments = f.Moments(d?.Moments);
        var roundTime = f.Has(FrameFlags.RoundTime, d is not null && d.RoundTime != default) ? f.Time(d?.RoundTime) : default;
        var rolledBack = f.Has(FrameFlags.RolledBack, d is { RolledBack: not 0 }) ? f.Int(d?.RolledBack, min: 0) : 0;
        var hasCredit = f.Has(FrameFlags.Credit, d is not null && (d.BaseEpoch != 0 || d.CreditWait != default));
        var (baseEpoch, creditWait) = hasCredit ? (f.Long(d?.BaseEpoch), f.Time(d?.CreditWait)) : default;
        var (held, isResent) = (f.Held(d?.Held), f.Has(FrameFlags.Resent, d?.IsResent == true));
        var estimate = f.Optional(FrameFlags.Estimate, d?.Estimate, DeviceEstimate.Fields);
        var heldBack = f.Has(FrameFlags.HeldBack, d?.HeldBack is not null) ? HeldBackLoss.Fields(ref f, d?.HeldBack) : (HeldBackLoss?)null;
        var resting = f.Has(FrameFlags.Resting, d?.Resting == true);
        var isValid = !values.IsDefault && rolledBack <= steps && !(held?.Version < 0) && estimate is not { IsValid: false }
            && heldBack is not { IsValid: false };
        return !f.HasRead(isValid) ? d : new()
        {
            Device = device,
            Epoch = epoch,
            Sequence = sequence,
            BaseVersion = version,
            SchemaHash = hash,
            Samples = samples,
            Steps = steps,
            Loss = loss,
            Values = values,
            Moments = moments,
            Leaving = leaving,
            RoundTime = roundTime,
            RolledBack = rolledBack,
            BaseEpoch = baseEpoch,
            CreditWait = creditWait,
            Held = held,
            IsResent = isResent,
            Estimate = estimate,
            HeldBack = heldBack,
            Resting = resting,
            Coded = coded,
        };
    }

    private static ValueForm FormOf(WeightDelta value)
    {
        if (value.Coded is { } coded) { return new(FrameFlags.Coded, 1, 8 + coded.Bytes.Length); }
        var values = value.Values.AsSpan();
        var (ranges, ranged) = Measure(values);
        var (given, sparse) = SparseValues.Measure(values);
        var whole = ranges >= 0 ? ranged : 4 + (4 * values.Length);
        return given >= 0 && 3L * sparse <= 2L * whole ? new(FrameFlags.Sparse, given, sparse)
            : ranges >= 0 ? new(FrameFlags.Ranges, ranges, ranged)
            : new(0, 1, whole);
    }

    private static ImmutableArray<float> Write(ref FrameFields f, WeightDelta value, ValueForm form)
    {
        f.Has(form.Flag, true);
        if (f.Space(form.Bytes) is not { IsEmpty: false } to) { return value.Values; }
        var values = value.Values.AsSpan();
        var fields = new FrameFields(to, default, isReading: false);
        if (form.Flag == FrameFlags.Coded)
        {
            fields.Int(values.Length);
            fields.Int(value.Coded!.Bytes.Length);
            value.Coded.Bytes.CopyTo(fields.Space(value.Coded.Bytes.Length));
        }
        else if (form.Flag == FrameFlags.Sparse) { SparseValues.Write(to, values, form.Parts); }
        else if (form.Flag == FrameFlags.Ranges) { WriteRanges(ref fields, values, form.Parts); }
        else { fields.Write(values); }
        return value.Values;
    }

    private ImmutableArray<float> Read(ref FrameFields f, out CodedValues? coded)
    {
        const uint Forms = FrameFlags.Ranges | FrameFlags.Sparse | FrameFlags.Coded;
        coded = (f.Flags & Forms) == FrameFlags.Coded ? ReadCoded(ref f) : null;
        return (f.Flags & Forms) switch
        {
            0 => f.Values(null),
            FrameFlags.Ranges => ReadRanges(ref f),
            FrameFlags.Sparse => SparseValues.Read(ref f, maxValues),
            _ => coded?.Values ?? default,
        };
    }

    private CodedValues? ReadCoded(ref FrameFields f)
    {
        var count = f.Int(null);
        var codes = f.Read(f.Int(null));
        return f.Failed || count > maxValues ? null : CodedValues.TryRead(codes, count);
    }

    /// <summary>Returns the number of ranges and their bytes; below 0 if the dense form is smaller.</summary>
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

    private static void WriteRanges(ref FrameFields fields, ReadOnlySpan<float> values, int ranges)
    {
        fields.Int(values.Length);
        fields.Int(ranges);
        var at = 0;
        while (NextRange(values, ref at) is { Length: > 0 } range)
        {
            fields.Int(at - range.Length);
            fields.Write(range);
        }
    }

    /// <summary>Values outside the ranges are zero. Returns default if a range is invalid.</summary>
    private ImmutableArray<float> ReadRanges(ref FrameFields f)
    {
        var (count, ranges, at) = (f.Int(null), f.Int(null), 0);
        if (f.Failed || count < 0 || count > maxValues || ranges < 0) { return default; }
        var values = new float[count];
        for (; ranges > 0; ranges--)
        {
            var from = f.Int(null);
            var range = f.Values(null);
            if (f.Failed || from < at || range.IsEmpty || range.Length > count - from) { return default; }
            range.CopyTo(values, from);
            at = from + range.Length;
        }

        return ImmutableCollectionsMarshal.AsImmutableArray(values);
    }

    private readonly record struct ValueForm(uint Flag, int Parts, int Bytes);
}
