namespace StreamLearn.Nodes;

/// <summary>The answer of an edge to a <see cref="RestRequest"/>. Immutable.</summary>
public sealed record RestAnswer : ISized
{
    /// <summary>The requesting device, 1 to 256 bytes in UTF-8.</summary>
    /// <exception cref="ArgumentException">The name is empty or too long.</exception>
    public required string Device
    {
        get;
        init => field = DeviceName.Checked(value, nameof(Device));
    }

    /// <summary>Start of the device, as in the request.</summary>
    public required long Epoch { get; init; }

    /// <summary>Number of the request.</summary>
    public required long Sequence { get; init; }

    internal RestRefusal Refusal { get; init; }

    /// <summary>Class probabilities, float32, <c>[rows, classes]</c>; empty without rows or if refused.</summary>
    public ImmutableArray<float> Values { get; init; } = [];

    /// <summary>Seconds of a multiply-add on the edge in its last requests; 0: unknown.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative or not a number.</exception>
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
}

/// <summary>Why an edge refused rows.</summary>
internal enum RestRefusal
{
    None,

    /// <summary>It lacks the rows' version.</summary>
    Version,

    /// <summary>They are of another model.</summary>
    Schema,

    /// <summary>No such layer, or a wrong number of values.</summary>
    Shape,

    /// <summary>There are non-finite values.</summary>
    NonFinite,
}
