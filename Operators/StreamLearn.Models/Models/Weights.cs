using System.Collections.Immutable;
using System.Security.Cryptography;

namespace StreamLearn.Models;

/// <summary>One version of a model: all its values, flat, in the order of the model plan's slices. Immutable.</summary>
public sealed record Weights : ISized, IReplaceable, ITagged
{
    /// <summary>The version; 0 is the initial model, and each change of the aggregator's adds 1.</summary>
    public required long Version { get; init; }

    /// <summary>Start of the aggregator that made it; 0 for the initial model. A device takes a higher one whatever the number of the
    /// version. Default 0.</summary>
    public long Epoch { get; init; }

    /// <summary>Which version it is, over all starts of the aggregator.</summary>
    public ModelVersion Id => new(Epoch, Version);

    /// <summary>The device that this message is for; null, the default: everybody. It decides about the topic and does not
    /// travel.</summary>
    public string? Recipient { get; init; }

    /// <summary>Hash of features, classes and slices: <see cref="ModelPlan.SchemaHash"/>.</summary>
    public required ulong SchemaHash { get; init; }

    /// <summary>The values, float32.</summary>
    public required ImmutableArray<float> Values { get; init; }

    /// <summary>Moments of the channels over the whole fleet, as the first layer scales them; null while none are known.</summary>
    public ChannelMoments? Scale { get; init; }

    /// <summary>Devices that are asked to train from this version, each 1 to 256 bytes in UTF-8; null: all; empty: none, as learning has
    /// ended.</summary>
    /// <exception cref="ArgumentException">A name is empty or too long.</exception>
    public ImmutableArray<string>? Invited
    {
        get;
        init
        {
            foreach (var device in value ?? []) { DeviceName.Checked(device, nameof(Invited)); }
            field = value;
        }
    }

    /// <summary>What devices are to do differently from this version on; empty by default.</summary>
    public ImmutableArray<Directive> Directives { get; init; } = [];

    /// <summary>By what its aggregator knows that it made this version; 0, the default: it does not seal versions.</summary>
    public UInt128 Seal { get; init; }

    /// <inheritdoc />
    public long SizeBytes => 64 + (4L * Values.Length) + (16L * (Scale?.Channels ?? 0)) + (64L * Directives.Length)
        + (64L * (Invited?.Length ?? 0));

    /// <inheritdoc />
    public string ReplacementKey => "weights";

    /// <inheritdoc />
    public MessageTags Tags => new(BaseVersion: Version, SchemaHash: SchemaHash);

    /// <summary>SHA-256 of the values as little-endian bytes, in lower-case hexadecimal: two runs agree when this does.</summary>
    public string Sha256()
    {
        var bytes = new byte[4 * Values.Length];
        LittleEndian.Write(Values.AsSpan(), bytes);
        return Convert.ToHexStringLower(SHA256.HashData(bytes));
    }

    /// <inheritdoc />
    public override string ToString() => $"weights version {Version}, {Values.Length} values";
}
