using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tool;

/// <summary>What <c>--json</c> writes of a job that came to no result: why, and what was known by then. A key means what it means in
/// <see cref="FleetResult"/>; it is null as long as nothing was known of it. No secret is in it: a link is a host and a port.</summary>
internal sealed record FailedResult
{
    /// <summary>Why there is no result: the line that the program wrote to standard error.</summary>
    public required string Error { get; init; }

    /// <summary>What the program ended with.</summary>
    public required int ExitCode { get; init; }

    /// <summary><c>simulation</c>, <c>dataflow</c>, <c>replay</c> or <c>alone</c>.</summary>
    public required string Host { get; init; }

    /// <summary>The server that the fleet met at.</summary>
    public required string? Link { get; init; }

    /// <summary>A line on where the rows came from.</summary>
    public required string? Data { get; init; }

    /// <summary>A line on the world.</summary>
    public required string? Scenario { get; init; }

    /// <summary>The run that the keys below are of: the main one, or the one that had begun.</summary>
    public required string? Mode { get; init; }

    /// <summary>Seed of every random stream.</summary>
    public required long Seed { get; init; }

    /// <summary>Time from the begin of the run to the moment of these numbers, virtual in the simulation.</summary>
    public double? CutOffSeconds { get; init; }

    /// <summary>The last version.</summary>
    public long? Versions { get; init; }

    /// <summary>Where every message of the devices went.</summary>
    public UpdateLedger? Messages { get; init; }

    /// <summary>Rows that the sources made.</summary>
    public long? RowsIn { get; init; }

    /// <summary>Rows that were in at least one window, each counted once.</summary>
    public long? RowsWindowed { get; init; }

    /// <summary>Rows in open windows and on edges before them.</summary>
    public long? RowsHeld { get; init; }

    /// <summary>Rows dropped before they were in a window, by reason.</summary>
    public SortedDictionary<string, long>? RowsDropped { get; init; }

    /// <summary>Rows of the data that no source came to read.</summary>
    public long? RowsNotRead { get; init; }

    /// <summary>Rows drawn for training steps.</summary>
    public long? RowsTrained { get; init; }

    /// <summary>Connections to the server that were lost, of all sessions.</summary>
    public int? ConnectionLosses { get; init; }

    /// <summary>Bytes of all that the devices published.</summary>
    public long? BytesUp { get; init; }

    /// <summary>Real time that the job took.</summary>
    public required double WallSeconds { get; init; }

    /// <summary>The devices, in fleet order.</summary>
    public IReadOnlyList<DeviceResult>? Devices { get; init; }

    internal string ToJson() => JsonSerializer.Serialize(this, FailedJson.Default.FailedResult);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(FailedResult))]
internal sealed partial class FailedJson : JsonSerializerContext;
