using System.Text.Json.Nodes;

namespace Tool.Tests;

public sealed class ReportChangesTests
{
    private static readonly List<RunEvent> Events = SampleRun.Events;
    private static readonly string Page = SampleRun.Page;

    /// <summary>Values that say nothing of their own: when a total was written down, the mode of the job, which has none, and two that are
    /// always 0.</summary>
    private static readonly HashSet<string> Unseen =
    [
        "run_started.seconds", "run_started.mode", "mode_started.seconds", "mode_ended.seconds", "rows_dropped.seconds",
        "straggler_seen.seconds", "exits_judged.seconds", "confusion_judged.seconds", "ledger_closed.seconds",
        "doubt_raised.seconds", "people_judged.seconds", "seeds_judged.seconds", "mode_ended.updates_lost", "ledger_closed.rows_not_read",
        "device_sampled.backlog", "update_refused.seconds",
    ];

    public static TheoryData<string> Kinds => [.. RunEventsTests.Kinds];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_change_of_any_value_of_an_event_changes_the_page(string kind)
    {
        // The last one of its kind, whose values the tables show in full, in the first mode that has one.
        var mode = Events.First(e => Kind(e) == kind).Mode;
        var index = Events.FindLastIndex(e => Kind(e) == kind && e.Mode == mode);
        var paths = Leaves(Node(Events[index])).Where(p => p != "type" && !Unseen.Contains($"{kind}.{p}")).ToList();

        Assert.NotEmpty(paths);
        Assert.All(paths, path => Assert.True(Page != HtmlReport.Of(With(index, path)), $"{kind}.{path} cannot be seen"));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void An_event_that_is_missing_changes_the_page(string kind)
    {
        var count = Events.Count;
        var events = Events.ToList();
        events.RemoveAt(events.FindLastIndex(e => Kind(e) == kind));
        var fewer = HtmlReport.Of(events).Replace($"{count - 1:N0}\u00a0recorded", $"{count:N0}\u00a0recorded", StringComparison.Ordinal);

        Assert.NotEqual(Page, fewer);
    }

    [Fact]
    public void An_early_version_changes_the_lineage()
    {
        var index = Events.FindIndex(e => e is VersionMade { Version: 5 });

        Assert.NotEqual(Page, HtmlReport.Of(With(index, "updates.0.device")));
    }

    [Fact]
    public void The_same_events_give_the_same_page() => Assert.Equal(Page, HtmlReport.Of(SampleRun.Of(21)));

    private static string Kind(RunEvent item) => RunEvents.Line(item).Split('"')[3];

    private static JsonNode Node(RunEvent item) => JsonNode.Parse(RunEvents.Line(item))!;

    /// <summary>Paths of values; of a list the first and the last element.</summary>
    private static IEnumerable<string> Leaves(JsonNode? node) => node switch
    {
        JsonObject o => o.SelectMany(p => Leaves(p.Value).Select(l => l.Length == 0 ? p.Key : $"{p.Key}.{l}")),
        JsonArray a => new[] { 0, a.Count - 1 }.Distinct().Where(i => i >= 0)
            .SelectMany(i => Leaves(a[i]).Select(l => l.Length == 0 ? $"{i}" : $"{i}.{l}")),
        _ => [""],
    };

    private static List<RunEvent> With(int index, string path)
    {
        var line = Node(Events[index]);
        var node = line;
        var steps = path.Split('.');
        foreach (var step in steps[..^1]) { node = node is JsonArray a ? a[int.Parse(step)]! : node[step]!; }
        if (node is JsonArray array) { array[int.Parse(steps[^1])] = Changed(array[int.Parse(steps[^1])], steps[^1]); }
        else { node[steps[^1]] = Changed(node[steps[^1]], steps[^1]); }
        using var reader = new StringReader(line.ToJsonString());
        var events = Events.ToList();
        events[index] = RunEvents.Read(reader, "changed").Single();
        return events;
    }

    private static JsonNode Changed(JsonNode? value, string name) => (value?.GetValueKind(), name) switch
    {
        (JsonValueKind.String, "mode") => value!.GetValue<string>() == "async" ? "barrier" : "async",
        (JsonValueKind.String, _) => value!.GetValue<string>() + "x",
        (JsonValueKind.Number, _) => (value!.GetValue<double>() * 2) + 1,
        _ => 0.5,
    };
}
