namespace StreamLearn.Nodes;

/// <summary>The answer of an edge to a <see cref="RestRequest"/>. Immutable.</summary>
public sealed record RestAnswer : DeviceMessage, ISized
{
    internal RestRefusal Refusal { get; init; }

    /// <summary>Class probabilities, float32, <c>[rows, classes]</c>; empty without rows or if refused.</summary>
    public ImmutableArray<float> Values { get; init; } = [];

    /// <summary>Seconds per multiply-add on the edge in its last requests; 0: unknown.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The time is negative or not a number.</exception>
    public double SecondsPerMultiplyAdd
    {
        get;
        init => field = value is >= 0 and < double.PositiveInfinity ? value
            : throw new ArgumentOutOfRangeException(
                nameof(SecondsPerMultiplyAdd), value, $"expected seconds from 0, got {value}");
    }

    /// <inheritdoc />
    public long SizeBytes => 96 + (4L * Values.Length);

    /// <inheritdoc />
    public override string ToString() => $"answer {Device}/{Epoch}/{Sequence}, "
        + (Refusal == RestRefusal.None ? $"{Values.Length} values" : $"refused: {Refusal}");

    internal static RestAnswer? Fields(ref FrameFields f, RestAnswer? a)
    {
        var (device, epoch, sequence) = (f.Text(a?.Device), f.Long(a?.Epoch), f.Long(a?.Sequence));
        var refusal = (RestRefusal)f.Byte((byte?)a?.Refusal, (byte)RestRefusal.NonFinite);
        var (pace, values) = (f.Double(a?.SecondsPerMultiplyAdd), f.Values(a?.Values));
        return !f.HasRead(pace >= 0 && double.IsFinite(pace)) ? a : new()
        {
            Device = device,
            Epoch = epoch,
            Sequence = sequence,
            Refusal = refusal,
            SecondsPerMultiplyAdd = pace,
            Values = values,
        };
    }
}

internal enum RestRefusal
{
    None,

    Version,

    Schema,

    /// <summary>There is no such layer, or the number of values is wrong.</summary>
    Shape,

    NonFinite,
}
