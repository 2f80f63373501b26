namespace StreamLearn.Nodes;

/// <summary>Rows before a layer, for which the edge computes answers; without rows, a probe of the link. Immutable.</summary>
/// <param name="Boundary">The device, number, next layer and values of the rows.</param>
/// <param name="Version">The model version, which also applies to the remaining layers.</param>
public sealed record RestRequest(Activations Boundary, ModelVersion Version) : ISized, ITagged, IPrivate, ISentOnTopic<RestRequest>
{
    /// <summary>Maximum padding: 16 MiB.</summary>
    public const int MaxPadding = 1 << 24;

    /// <summary>Padding bytes for measuring a link, 0 to <see cref="MaxPadding"/>; default 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is out of range.</exception>
    public int Padding
    {
        get;
        init => field = value is >= 0 and <= MaxPadding ? value
            : throw new ArgumentOutOfRangeException(nameof(Padding), value, $"expected 0 to {MaxPadding} bytes, got {value}");
    }

    /// <summary>Most private label of the columns and rows from which the values were computed; publications that do not carry it refuse
    /// the request. Default <see cref="PrivacyLabel.Public"/>.</summary>
    public PrivacyLabel Privacy { get; init; }

    /// <summary>True if the request has no rows.</summary>
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
