using System.Security.Cryptography;

namespace StreamLearn.Models;

/// <summary>A model version: flat values in slice order. Immutable.</summary>
public sealed record Weights : ISized, IReplaceable, ITagged
{
    /// <summary>Number of the version; 0: the initial model. Each change adds 1.</summary>
    public required long Version { get; init; }

    /// <summary>The start of its aggregator; default 0: the initial model. A higher epoch precedes any version.</summary>
    public long Epoch { get; init; }

    /// <summary>Epoch and version.</summary>
    public ModelVersion Id => new(Epoch, Version);

    /// <summary>The device that receives it; null (default): all. It determines the topic and is not transmitted.</summary>
    public string? Recipient { get; init; }

    /// <summary>Hash of features, classes and slices: <see cref="ModelPlan.SchemaHash"/>.</summary>
    public required ulong SchemaHash { get; init; }

    /// <summary>The values, float32.</summary>
    public required ImmutableArray<float> Values { get; init; }

    /// <summary>Fleet-wide channel moments for the scale layer; null: unknown.</summary>
    public ChannelMoments? Scale { get; init; }

    /// <summary>Devices invited to train, each 1 to 256 bytes in UTF-8; null: all; empty: learning has ended.</summary>
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

    /// <summary>Changed device settings from this version on; default empty.</summary>
    public ImmutableArray<Directive> Directives { get; init; } = [];

    /// <summary>Mark by which an aggregator recognizes its own versions; default 0: not sealed.</summary>
    public UInt128 Seal { get; init; }

    /// <inheritdoc />
    public long SizeBytes => 64 + (4L * Values.Length) + (16L * (Scale?.Channels ?? 0)) + (64L * Directives.Length)
        + (64L * (Invited?.Length ?? 0));

    /// <inheritdoc />
    public string ReplacementKey => "weights";

    /// <inheritdoc />
    public MessageTags Tags => new(BaseVersion: Version, SchemaHash: SchemaHash);

    /// <summary>Computes the SHA-256 of the little-endian values, in lower-case hexadecimal.</summary>
    public string Sha256()
    {
        var bytes = new byte[4 * Values.Length];
        LittleEndian.Write(Values.AsSpan(), bytes);
        return Convert.ToHexStringLower(SHA256.HashData(bytes));
    }

    /// <inheritdoc />
    public override string ToString() => $"weights version {Version}, {Values.Length} values";
}
