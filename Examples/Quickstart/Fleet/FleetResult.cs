using System.Runtime.Intrinsics;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Quickstart;

/// <summary>The result of a run, as <c>--json</c> writes it.</summary>
internal sealed record FleetResult
{
    /// <summary><c>simulation</c>, <c>dataflow</c> or <c>replay</c>.</summary>
    public required string Host { get; init; }

    /// <summary>A line on where the rows came from.</summary>
    public required string Data { get; init; }

    /// <summary><c>fedbuff</c> or <c>fedavg</c>.</summary>
    public required string Aggregation { get; init; }

    /// <summary>Seed of every random stream.</summary>
    public required long Seed { get; init; }

    /// <summary>Width of the SIMD registers in use, so that two runs of different width can be told apart.</summary>
    public int VectorBits { get; init; } = Vector512.IsHardwareAccelerated ? 512
        : Vector256.IsHardwareAccelerated ? 256
        : Vector128.IsHardwareAccelerated ? 128
        : 0;

    /// <summary>Accuracy of the last model in use on rows that no device learned from.</summary>
    public required double Accuracy { get; init; }

    /// <summary>Cohen's kappa of the same answers: accuracy beyond chance.</summary>
    public required double Kappa { get; init; }

    /// <summary>Labelled windows of the unseen that the model was judged by.</summary>
    public required long TestRows { get; init; }

    /// <summary>Accuracy of the devices on their own rows, each answered before it was learned from.</summary>
    public required double PrequentialAccuracy { get; init; }

    /// <summary>Hash of the last model in use: two runs agree when it does.</summary>
    public required string WeightsSha256 { get; init; }

    /// <summary>Versions that the aggregator made.</summary>
    public required long Versions { get; init; }

    /// <summary>Updates that went into versions.</summary>
    public required long UpdatesApplied { get; init; }

    /// <summary>Updates refused, by reason.</summary>
    public required SortedDictionary<string, long> UpdatesRefused { get; init; }

    /// <summary>Rows that the sources made.</summary>
    public required long RowsIn { get; init; }

    /// <summary>Rows that were in at least one window, each counted once.</summary>
    public required long RowsWindowed { get; init; }

    /// <summary>Rows in open windows and on edges before them when the run ended.</summary>
    public required long RowsHeld { get; init; }

    /// <summary>Rows dropped before they were in a window, by reason.</summary>
    public required SortedDictionary<string, long> RowsDropped { get; init; }

    /// <summary>Rows drawn for training steps; one row is drawn many times.</summary>
    public required long RowsTrained { get; init; }

    /// <summary>True if rows in = windowed + dropped + held.</summary>
    public required bool LedgerAddsUp { get; init; }

    /// <summary>Bytes of updates published by the devices.</summary>
    public required long BytesUp { get; init; }

    /// <summary>Virtual time that the run took; null in the dataflow host and in a replay.</summary>
    public required double? VirtualSeconds { get; init; }

    /// <summary>Real time that the run took, loading included.</summary>
    public required double WallSeconds { get; init; }

    /// <summary>Events of the simulation, or calls of the dataflow host.</summary>
    public required long Events { get; init; }

    /// <summary>The devices, in fleet order.</summary>
    public required List<DeviceResult> Devices { get; init; }

    /// <summary>The row counts as a ledger.</summary>
    internal RowLedger Ledger => new(RowsIn, RowsWindowed, RowsDropped, RowsHeld, RowsTrained);

    internal string ToJson() => JsonSerializer.Serialize(this, ResultJson.Default.FleetResult);
}

/// <summary>One device of the result.</summary>
internal sealed record DeviceResult
{
    /// <summary>The device.</summary>
    public required string Name { get; init; }

    /// <summary>Share of the scenario's rate.</summary>
    public required double Speed { get; init; }

    /// <summary>Rows that its source made.</summary>
    public required long Rows { get; init; }

    /// <summary>Windows that it cut.</summary>
    public required long Windows { get; init; }

    /// <summary>Rows drawn for training steps; one row is drawn many times.</summary>
    public required long RowsTrained { get; init; }

    /// <summary>Updates that it published.</summary>
    public required long Updates { get; init; }

    /// <summary>Accuracy on its own rows, each answered before it was learned from.</summary>
    public required double PrequentialAccuracy { get; init; }

    /// <summary>Bytes of updates published by the devices.</summary>
    public required long BytesUp { get; init; }

    /// <summary>Time in calls: virtual in the simulation, measured in the dataflow host.</summary>
    public required double BusySeconds { get; init; }

    /// <summary>Virtual time at which its last block ended; null outside the simulation.</summary>
    public required double? EndedAtVirtualSeconds { get; init; }

    /// <summary>Why it stopped before its end; null if it did not.</summary>
    public required string? Failure { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(FleetResult))]
internal sealed partial class ResultJson : JsonSerializerContext;
