using System.Globalization;
using System.Text.Json.Serialization;
using StreamLearn.Fleets;

namespace StreamLearn.Simulated;

/// <summary>The outcome of every message to the aggregator: each is in one column, and the columns add up. Duplicates and unreadable
/// messages are counted separately.</summary>
internal sealed record UpdateLedger
{
    public required long Messages { get; init; }        // messages published by devices, each counted once even if resent
    public required long Updates { get; init; }         // of these, updates with at least one training step
    public required long Applied { get; init; }
    public long InOpenRound { get; init; }              // updates accepted for the next version

    public SortedDictionary<string, long> Refused { get; init; } = new(StringComparer.Ordinal);

    /// <summary>Accepted announcements and leave messages, which contain no steps to apply.</summary>
    public long WithoutSteps { get; init; }

    public long Lost { get; init; }         // updates accepted by an aggregator that restarted before it used them
    public long Unknown { get; init; }      // messages that never reached the aggregator, as far as known
    public long UnderWay { get; init; }     // messages in flight when the result was made

    /// <summary>Messages unknown to their device, which resumed from an older checkpoint.</summary>
    public long Forgotten { get; init; }

    public long Repeated { get; init; }     // duplicates; not part of the sum

    /// <summary>Messages that are unreadable or name another device than their topic; not part of the sum.</summary>
    public long Unreadable { get; init; }

    [JsonIgnore]
    public bool AddsUp => Messages + Forgotten == Columns;

    private long Columns => Applied + InOpenRound + Refused.Values.Sum() + WithoutSteps + Lost + Unknown + UnderWay;

    internal string Text => string.Create(CultureInfo.InvariantCulture,
        $"{Messages:N0} sent{Part(Forgotten, "forgotten")} = {Applied:N0} applied{Part(InOpenRound, "in the open round")}"
            + $"{Part(Refused.Values.Sum(), "refused")}{Reasons}")
        + $"{Part(WithoutSteps, "without steps")}{Part(UnderWay, "under way")}{Part(Lost, "lost")}{Part(Unknown, "unknown")}"
        + $"{Beside(Repeated, "came again")}{Beside(Unreadable, "could not be read")}{(AddsUp ? "" : "  DOES NOT ADD UP")}";

    private string Reasons => Refused.Count == 0
        ? ""
        : $" ({string.Join(", ", Refused.Select(r => string.Create(CultureInfo.InvariantCulture, $"{r.Key} {r.Value:N0}")))})";

    private const string NotItsTopic = "not-its-topic";

    internal static UpdateLedger Of(RunningFleet fleet)
    {
        var (block, sent) = (fleet.Aggregator["aggregate"], fleet.Members.Select(m => fleet.Watch.SentBy(m.Name)).ToList());
        var drops = block.Drops;
        var repeated = drops.GetValueOrDefault("duplicate") + drops.GetValueOrDefault("identity")
            + drops.Keys.Sum(r => UnansweredIn(block, r));
        var foreign = drops.GetValueOrDefault(NotItsTopic) - block.Counter($"presences-{NotItsTopic}");
        var empty = drops.GetValueOrDefault("empty") + block.Counter("announcements") + block.Counter("farewells") + block.Counter("rests");
        var (messages, lost) = (sent.Sum(s => s.Updates + s.Empty), fleet.Members.Sum(m => m.Total("updates-lost")));
        return new()
        {
            Messages = messages,
            Updates = sent.Sum(s => s.Updates),
            Applied = block.Counter("updates-applied"),
            InOpenRound = (long)block.Gauges.GetValueOrDefault("updates-in-round"),
            Refused = RefusedBy(block),
            WithoutSteps = empty,
            Lost = lost,
            UnderWay = Math.Max(0, messages - (block.ItemsIn - repeated - foreign) - lost),
            Repeated = repeated,
            Unreadable = new[] { fleet.Aggregator }.Concat(fleet.Members.SelectMany(m => m.Lives())).Sum(UnreadableIn) + foreign,
        };
    }

    /// <summary>Counts messages that have not arrived by the end as lost.</summary>
    internal UpdateLedger Ended(UpdateLedger end)
    {
        var unknown = Math.Min(UnderWay, end.UnderWay);
        return this with { Unknown = unknown, UnderWay = UnderWay - unknown };
    }

    /// <summary>Excludes duplicates and other messages.</summary>
    internal static SortedDictionary<string, long> RefusedBy(BlockMetrics block)
    {
        SortedDictionary<string, long> refused = new(StringComparer.Ordinal);
        foreach (var (reason, count) in block.Drops)
        {
            // not a refusal: dropped before it reached the block, or not an update
            if (RefusedUpdate.RefusalOf(reason) is null or UpdateRefusal.Duplicate or UpdateRefusal.Identity or UpdateRefusal.Empty
                or UpdateRefusal.NotItsTopic)
            {
                continue;
            }

            var updates = count - block.Counter($"presences-{reason}") - UnansweredIn(block, reason);
            if (updates > 0) { refused[reason] = updates; }
        }

        if (block.Counter("updates-void") is > 0 and var voided) { refused["void-round"] = voided; }
        return refused;
    }

    /// <summary>Counts messages that got no answer, so that their device sends them again.</summary>
    private static long UnansweredIn(BlockMetrics block, string reason) => block.Counter($"unanswered-{reason}");

    private static long UnreadableIn(RunMetrics run) => run.Blocks
        .Where(b => b.Block.StartsWith("subscribe ", StringComparison.Ordinal))
        .SelectMany(b => b.Drops)
        .Where(d => d.Key is not ("over-credit" or "replaced" or "after-end" or "retained" or "duplicate" or "lost")).Sum(d => d.Value);

    private static string Part(long count, string what) => count == 0 ? "" : FormattableString.Invariant($" + {count:N0} {what}");

    private static string Beside(long count, string what) => count == 0 ? "" : FormattableString.Invariant($"; {count:N0} {what}");
}
