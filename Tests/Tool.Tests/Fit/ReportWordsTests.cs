using StreamLearn.Simulation;

namespace Tool.Tests;

public sealed class ReportWordsTests
{
    [Fact]
    public void A_run_without_stragglers_and_faults_says_nothing_of_them()
    {
        var page = PageOf("""{ "defaults": { "megaMultiplyAddsPerSecond": 500, "upMegabitsPerSecond": 5 }, "replaySpeed": 8 }""");

        Assert.DoesNotContain("straggler", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("slowest device", page, StringComparison.Ordinal);
        Assert.DoesNotContain("Devices with faults", page, StringComparison.Ordinal);
        Assert.DoesNotContain("early exits", page, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("<h2 id=\"devices-heading\">Devices</h2>", page, StringComparison.Ordinal);
        Assert.Contains("<dt>Bytes on the links</dt>", page, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_with_a_straggler_names_it()
    {
        var page = PageOf("""
            { "defaults": { "megaMultiplyAddsPerSecond": 500, "upMegabitsPerSecond": 5 }, "replaySpeed": 8,
              "devices": { "#1": { "speed": 0.05 } } }
            """);

        Assert.Contains("Devices and stragglers", page, StringComparison.Ordinal);
        Assert.Contains("1\u00a0straggler", page, StringComparison.Ordinal);
    }

    [Fact]
    public void The_headline_tells_what_a_gain_cost_in_bytes()
    {
        var alike = SampleRun.Events.Select(static e => e is DeviceSampled { Mode: "barrier" or "async" } s
            ? s with { BytesUp = 1, BytesDown = 0 } : e);

        Assert.EndsWith(" times sooner.", HeadlineSection.Sentence(RunStory.Of([.. alike])), StringComparison.Ordinal);
        Assert.EndsWith("5.2 times sooner, and sent 8.8 times the bytes over the run.",
            HeadlineSection.Sentence(RunStory.Of(SampleRun.Events)), StringComparison.Ordinal);
    }

    [Fact]
    public void Where_no_device_is_slow_nobody_waits_for_the_slowest()
    {
        List<RunEvent> even = [.. SampleRun.Events.Where(static e => e is not StragglerSeen)];

        Assert.StartsWith("Without a barrier, the fleet reached", HeadlineSection.Sentence(RunStory.Of(even)), StringComparison.Ordinal);
        Assert.StartsWith("Without waiting for the slowest device,", HeadlineSection.Sentence(RunStory.Of(SampleRun.Events)),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_with_its_end_alone_has_no_exits()
    {
        List<RunEvent> events = [.. SampleRun.Events.Select(static e => e is ExitsJudged x ? x with { Exits = [x.Exits[^1]] } : e)];

        Assert.DoesNotContain("early exits", HtmlReport.Of(events), StringComparison.OrdinalIgnoreCase);
        Assert.Contains("Multiply-adds saved by early exits", SampleRun.Page, StringComparison.Ordinal);
    }

    private static string PageOf(string scenario)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("scenario.json"), scenario);
        var source = FleetSource.From(new() { Devices = 3, Seed = 3 });
        var run = Pipelines.Run(source, HarNetwork.Create(3), Scenario.Load(folder.File("scenario.json")), new("async", false, 8), 3,
            continuous: true, fullSpeed: false);
        var fleet = SimulatedFleet.Run(run, TimeSpan.FromSeconds(20), static _ => { }, TestContext.Current.CancellationToken);
        return HtmlReport.Of([.. ClosedEvents.Of(fleet)]);
    }
}
