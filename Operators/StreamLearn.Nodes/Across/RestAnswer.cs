using System.Collections.Immutable;
using StreamLearn.Learning;
using StreamLearn.Models;

namespace StreamLearn.Nodes;

/// <summary>What an edge answers to a <see cref="RestRequest"/>. Immutable.</summary>
public sealed record RestAnswer : ISized
{
    /// <summary>The device that asked, 1 to 256 bytes in UTF-8.</summary>
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

    /// <summary>Why there are no answers; default: there are.</summary>
    public RestRefusal Refusal { get; init; }

    /// <summary>The probability of each class, float32, <c>[rows, classes]</c>; none if the request was refused, or had no
    /// rows.</summary>
    public ImmutableArray<float> Values { get; init; } = [];

    /// <summary>Seconds that the edge takes for a multiply-add, as it has measured its last requests, 0 or more; 0: not known
    /// yet.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not a number from 0.</exception>
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
