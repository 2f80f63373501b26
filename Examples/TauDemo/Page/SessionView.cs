using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;

namespace TauDemo;

/// <summary>How a session stands. Immutable.</summary>
/// <param name="Run">Number of the fleet, from 1.</param>
/// <param name="Pace">How fast it goes; null: as time itself does.</param>
/// <param name="HasEnded">True if its budget is spent.</param>
/// <param name="Case">The case that was asked for last.</param>
/// <param name="DelayMs">The added delay that was asked for last, in milliseconds.</param>
/// <param name="First">The number of the oldest round that is kept, from 0.</param>
/// <param name="Rounds">Rounds as JSON, the oldest first.</param>
internal sealed record SessionView(
    int Run, DemoPace? Pace, bool HasEnded, int Case, double DelayMs, int First, ImmutableList<ReadOnlyMemory<byte>> Rounds)
{
    /// <summary>Rounds that are kept, at most.</summary>
    internal const int MostRounds = 6000;

    private const int MostAtOnce = 100;

    /// <summary>The number of the round that comes next.</summary>
    internal int Next => First + Rounds.Count;

    /// <summary>The server over which it goes, for people; null, the default: there is none, and time is virtual.</summary>
    internal string? Over { get; init; }

    /// <summary>What is amiss, for people; null, the default: nothing.</summary>
    internal string? Notice { get; init; }

    /// <summary>What a fleet learns that begins now: case and delay are those that were asked for.</summary>
    /// <param name="settings">The rest.</param>
    internal TauFleetSettings Of(TauFleetSettings settings) =>
        settings with { Case = (DataCase)Case, AddedDelay = TimeSpan.FromMilliseconds(DelayMs) };

    /// <summary>The same when a fleet begins.</summary>
    /// <param name="run">Its number.</param>
    internal SessionView Begun(int run) => this with { Run = run, HasEnded = false, First = 0, Rounds = [] };

    /// <summary>The same when something has been asked for.</summary>
    internal SessionView Asked(DemoCommand command) => this with
    {
        Case = (int?)command.Case ?? Case,
        DelayMs = command.Delay?.TotalMilliseconds ?? DelayMs,
    };

    /// <summary>The same with one more round.</summary>
    internal SessionView With(RoundReport report)
    {
        var rounds = Rounds.Add(JsonSerializer.SerializeToUtf8Bytes(report, ReportJson.Default.RoundReport));
        return rounds.Count <= MostRounds ? this with { Rounds = rounds } : this with { Rounds = rounds.RemoveAt(0), First = First + 1 };
    }

    /// <summary>What a reader has not got, or the first part of it.</summary>
    /// <param name="from">The round that it waits for; moved on behind those that are given.</param>
    internal ReadOnlyMemory<byte> ToJson(ref int from)
    {
        from = Math.Max(from, First);
        var bytes = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(bytes);
        json.WriteStartObject();
        json.WriteNumber("run", Run);
        json.WriteString("pace", Pace switch
        {
            DemoPace.Fast => "fast",
            DemoPace.Slow => "slow",
            DemoPace.Pause => "pause",
            _ => null,
        });
        json.WriteString("over", Over);
        json.WriteString("notice", Notice);
        json.WriteBoolean("ended", HasEnded);
        json.WriteNumber("case", Case);
        json.WriteNumber("delayMs", DelayMs);
        json.WriteNumber("from", from);
        json.WriteStartArray("rounds");
        for (var end = Math.Min(Next, from + MostAtOnce); from < end; from++)
        {
            json.WriteRawValue(Rounds[from - First].Span, skipInputValidation: true);
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        return bytes.WrittenMemory;
    }
}
