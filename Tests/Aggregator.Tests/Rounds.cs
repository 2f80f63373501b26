using System.Collections.Immutable;
using StreamLearn.Models;

namespace Aggregator.Tests;

/// <summary>Rounds as an aggregator ends them, written by hand.</summary>
internal static class Rounds
{
    internal static readonly DateTimeOffset Start = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    internal static readonly FleetFacts Facts = new("plant", "nats://localhost:4222", Environment.ProcessId, Start, Judges: false);

    /// <summary>Names as somebody sends them who means harm.</summary>
    internal static readonly ImmutableArray<string> Hostile =
    [
        "<img src=x onerror=\"document.title='owned'\">", "</script><script>document.title='owned'</script>",
        "\u001b[2J\u001b]0;owned\u0007",
        "line\r\nretry: 1\r\ndata: {}\r\n\r\n", "\u202egnp.exe", "\ud800", "", "a\u0301\u0301\u0301\u0301",
        new string('W', 256), "日本語のとても長い名前の装置",
    ];

    private static readonly Weights Model = new() { Version = 0, SchemaHash = 1, Values = [0] };

    internal static Round Of(
        long version, double seconds, IEnumerable<string> accepted, params (string Device, string Reason)[] refused) => new()
        {
            Made = Model with { Version = version },
            Averaged = Model with { Version = version },
            Contributions = [.. accepted.Select((d, i) => new Contribution(d, 1, version, version - 1, i % 3, 0.5f, 64, 0.25))],
            Refusals = [.. refused.Select(r => new RefusedUpdate(r.Device, 1, version, r.Reason))],
            Stragglers = [],
            StartedAt = Start,
            Ended = Start + TimeSpan.FromSeconds(seconds),
        };

    internal static Receipt Told(string device, long epoch, params UpdateFate[] newestFirst) =>
        new() { Device = device, Epoch = epoch, Aggregator = "aggregator", Newest = default, Fates = [.. newestFirst] };

    /// <summary>A round with an update that counts for less than its device claimed.</summary>
    internal static Round Capped(long version, string device) => Of(version, version, []) with
    {
        Contributions = [new(device, 1, version, version - 1, 0, 0.5f, 64, 0.25, IsCapped: true)],
    };

    internal static UpdateFate Refused(long sequence, string reason = "schema") => new(sequence, UpdateOutcome.Refused, reason);

    internal static void Add(this UpdateLog log, Round round) => log.Add(round.Ended, round.Contributions, round.Refusals);

    internal static FleetCounters Counted(long accepted, long refused = 0) => new()
    {
        Accepted = accepted,
        Refused = refused == 0
            ? ImmutableSortedDictionary<string, long>.Empty
            : ImmutableSortedDictionary<string, long>.Empty.Add("norm", refused),
    };
}
