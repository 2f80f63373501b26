using StreamLearn.Learning;
using StreamLearn.Models;

namespace StreamLearn.Nodes;

/// <summary>Rows before a layer, for which an edge is asked for the answers; one without rows asks how long the way takes.
/// Immutable.</summary>
/// <param name="Boundary">The rows: whose they are, their number, the layer that comes next, and their values.</param>
/// <param name="Version">The version of the model that computed them, by which the rest is to be computed too.</param>
public sealed record RestRequest(Activations Boundary, ModelVersion Version) : ISized, ITagged, IPrivate, ISentOnTopic<RestRequest>
{
    /// <summary>Bytes without meaning at most: 16 MiB.</summary>
    public const int MaxPadding = 1 << 24;

    /// <summary>Bytes without meaning that go along to measure a link, 0 to <see cref="MaxPadding"/>; default 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are less or more.</exception>
    public int Padding
    {
        get;
        init => field = value is >= 0 and <= MaxPadding ? value
            : throw new ArgumentOutOfRangeException(nameof(Padding), value, $"expected 0 to {MaxPadding} bytes, got {value}");
    }

    /// <summary>The label of the most private of the columns and rows that the values were computed of: a publication that does not carry
    /// it refuses the request. Default <see cref="PrivacyLabel.Public"/>.</summary>
    public PrivacyLabel Privacy { get; init; }

    /// <summary>True if it asks for nothing but an answer.</summary>
    public bool IsProbe => Boundary.Rows == 0;

    /// <inheritdoc />
    public MessageTags Tags => Boundary.Tags;

    /// <inheritdoc />
    public long SizeBytes => 64 + Padding + Boundary.SizeBytes;

    /// <inheritdoc />
    public RestRequest SentBy(string sender) => Boundary.SentBy(sender) is var sent && ReferenceEquals(sent, Boundary)
        ? this : this with { Boundary = sent };

    /// <inheritdoc />
    public override string ToString() => IsProbe
        ? $"probe {Boundary.Device}/{Boundary.Epoch}/{Boundary.Sequence}, {Padding} bytes" : $"the rest of {Boundary} by {Version}";
}
