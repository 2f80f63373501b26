using System.Text.Json;

namespace StreamLearn.Simulated;

/// <summary>The <c>--json</c> output of a failed job: the reason and what is known; keys as in <see cref="FleetResult"/>, or
/// null.</summary>
internal sealed record FailedResult
{
    internal CutOff? Cut { get; init; }                 // progress of the run; null if none had started
    public required string Error { get; init; }         // the line printed on standard error
    public required int ExitCode { get; init; }
    public required string Host { get; init; }          // simulation or alone
    public string? Link { get; init; }
    public required string? Data { get; init; }
    public required string? Scenario { get; init; }
    public required string? Mode { get; init; }         // the run described below: the main one, or the one that had started
    public required long Seed { get; init; }
    public double? CutOffSeconds => Cut is null ? null : Math.Round(Cut.At.TotalSeconds, 3);
    public long? Versions => Cut is null ? null : Cut.Rounds is [.., var last] ? last.Version : 0;
    public UpdateLedger? Messages => Cut?.Updates;
    public long? RowsIn => Cut?.Rows.In;
    public long? RowsWindowed => Cut?.Rows.Windowed;
    public long? RowsHeld => Cut?.Rows.Held;
    public SortedDictionary<string, long>? RowsDropped => Cut?.Rows.Dropped;
    public long? RowsNotRead => Cut is null ? null : 0;
    public long? RowsTrained => Cut?.Rows.Trained;
    public int? ConnectionLosses { get; init; }
    public long? BytesUp => Cut?.Devices.Sum(static d => d.BytesUp);
    public required double WallSeconds { get; init; }
    public IReadOnlyList<DeviceResult>? Devices => Cut?.Devices;

    internal string ToJson() => JsonSerializer.Serialize(this, ResultJson.Default.FailedResult);
}
