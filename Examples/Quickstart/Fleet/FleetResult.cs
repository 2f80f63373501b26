using System.Runtime.Intrinsics;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Quickstart;

/// <summary>The result of a run, as <c>--json</c> writes it.</summary>
internal sealed record FleetResult
{
    public required string Host { get; init; }

    public required string Data { get; init; }

    public required string Aggregation { get; init; }

    public required long Seed { get; init; }

    /// <summary>Width of the SIMD registers in use, so that two runs of different width can be told apart.</summary>
    public int VectorBits { get; init; } = Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : Vector128.IsHardwareAccelerated ? 128 : 0;

    /// <summary>Accuracy of the last model in use on rows that no device learned from.</summary>
    public required double Accuracy { get; init; }

    public required double Kappa { get; init; }

    public required long TestRows { get; init; }

    /// <summary>Accuracy of the devices on their own rows, each answered before it was learned from.</summary>
    public required double PrequentialAccuracy { get; init; }

    public required string WeightsSha256 { get; init; }

    public required long Versions { get; init; }

    public required long UpdatesApplied { get; init; }

    public required SortedDictionary<string, long> UpdatesRefused { get; init; }

    public required long RowsIn { get; init; }

    public required long RowsWindowed { get; init; }

    public required long RowsHeld { get; init; }

    public required SortedDictionary<string, long> RowsDropped { get; init; }

    public required long RowsTrained { get; init; }

    public required bool LedgerAddsUp { get; init; }

    public required long BytesUp { get; init; }

    public required double? VirtualSeconds { get; init; }

    public required double WallSeconds { get; init; }

    public required long Events { get; init; }

    public required List<DeviceResult> Devices { get; init; }

    internal string ToJson() => JsonSerializer.Serialize(this, ResultJson.Default.FleetResult);
}

/// <summary>One device of the result.</summary>
internal sealed record DeviceResult
{
    public required string Name { get; init; }

    public required double Speed { get; init; }

    public required long Rows { get; init; }

    public required long Windows { get; init; }

    public required long RowsTrained { get; init; }

    public required long Updates { get; init; }

    public required double PrequentialAccuracy { get; init; }

    public required long BytesUp { get; init; }

    public required double BusySeconds { get; init; }

    public required double? EndedAtVirtualSeconds { get; init; }

    public required string? Failure { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(FleetResult))]
internal sealed partial class ResultJson : JsonSerializerContext;
