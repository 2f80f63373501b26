namespace StreamLearn.Fleets;

/// <summary>A message from a site other than its updates. Immutable.</summary>
public sealed record SiteSignal : ISized
{
    /// <summary>The sender, 1 to 256 bytes in UTF-8.</summary>
    /// <exception cref="ArgumentException">The name is empty or too long.</exception>
    public required string Site { get; init => field = DeviceName.Checked(value, nameof(Site)); }

    /// <summary>The codec: <c>site-signal/1</c>.</summary>
    public static ICodec<SiteSignal> Codec { get; } = FrameFields.Codec<SiteSignal>("site-signal/1", SiteSignalCodec.Fields);

    internal SiteSignalKind Kind { get; init; }

    /// <summary>Hash of features, classes and slices: <see cref="ModelPlan.SchemaHash"/>.</summary>
    public required ulong SchemaHash { get; init; }

    /// <summary>The receiving site, 1 to 256 bytes in UTF-8; null (default): all.</summary>
    /// <exception cref="ArgumentException">The name is empty or too long.</exception>
    public string? Recipient { get; init => field = value is null ? null : DeviceName.Checked(value, nameof(Recipient)); }

    /// <summary>The site's clock, at least 0; default 0.</summary>
    public long Clock { get; init; }

    /// <summary>Indexes of values with pending changes, ascending; default none.</summary>
    public ImmutableArray<int> Keys { get; init; } = [];

    /// <summary>The clocks of other sites: of all in a snapshot, of the answered one in an answer; default none.</summary>
    internal ImmutableArray<SiteClock> Clocks { get; init; } = [];

    /// <summary>Values per snapshot, known to all sites: float32, in the order of the model plan's slices. Default none.</summary>
    public ImmutableArray<float> Values { get; init; } = [];

    /// <inheritdoc />
    public long SizeBytes => 128 + (4L * Keys.Length) + (64L * Clocks.Length) + (4L * Values.Length);

    /// <inheritdoc />
    public override string ToString() => $"{Kind} of {Site} at {Clock}{(Recipient is null ? "" : $" to {Recipient}")}";
}
