using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Tool.Tests;

public sealed partial class HtmlReportTests
{
    private const string Hostile = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>&amp;";

    private static readonly List<RunEvent> Events = SampleRun.Events;
    private static readonly string Page = SampleRun.Page;

    [Fact]
    public void The_headline_compares_the_times_to_the_target()
    {
        Assert.Contains("the fleet reached 80\u00a0% accuracy 5.2 times sooner, and sent 8.8 times the bytes over the run.", Page,
            StringComparison.Ordinal);
        Assert.Contains("<span class=\"big\">28\u00a0s</span> <span class=\"more\">146\u00a0s with", Page, StringComparison.Ordinal);
        Assert.Contains("reached the target 1.6 times sooner than with the barrier, and in the main case 5.2", Page,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(28.0, 146.0, "5.2 times sooner, and sent 8.8 times the bytes over the run.")]
    [InlineData(30.0, 30.0, "as soon as the one with a barrier, and sent 8.8")]
    [InlineData(60.0, 30.0, "2.0 times later than with a barrier, and sent 8.8")]
    [InlineData(28.0, null, "With a barrier it did not reach it")]
    [InlineData(null, 146.0, "barrier reached 80\u00a0% accuracy after 146\u00a0s")]
    [InlineData(null, null, "The asynchronous fleet reached 90.3\u00a0% accuracy")]
    public void The_headline_says_what_came_out(double? free, double? barrier, string expected)
    {
        var events = Events.Select(e => e is ModeEnded { Mode: "async" or "barrier" } ended
            ? ended with { SecondsToTarget = e.Mode == "async" ? free : barrier }
            : e).ToList();

        var title = HeadlineSection.Sentence(RunStory.Of(events));

        Assert.Contains(expected, title, StringComparison.Ordinal);
    }

    [Fact]
    public void The_headline_says_what_speed_cost()
    {
        var events = Events.Select(e => e is ModeEnded { Mode: "async" } ended ? ended with { Accuracy = 0.8 } : e).ToList();

        var title = HeadlineSection.Sentence(RunStory.Of(events));

        Assert.EndsWith("5.2 times sooner, but ended 7.7\u00a0points lower, and sent 8.8 times the bytes over the run.", title,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_class_that_no_row_judges_is_not_the_worst()
    {
        var page = HtmlReport.Of([.. Events.Select(static e => e is not ConfusionJudged c ? e
            : c with { Counts = [.. c.Counts.Select((n, i) => i / (int)Math.Sqrt(c.Counts.Count) == 1 ? 0 : n)] })]);

        Assert.Matches(@"Least for [^:]+: [1-9][0-9.]+\\u00A0%\. Not judged, without rows: ", page);
    }

    [Fact]
    public void The_lineage_says_the_share_of_rounds_that_took_less_than_a_second()
    {
        // 0.5, 1, 0.9, 2 and 0.1 s: three of five
        double[] ends = [0.5, 1.5, 2.4, 4.4, 4.5];
        List<RunEvent> events =
        [
            .. ends.Select((end, i) => new VersionMade(i + 1, []) { Mode = "async", Seconds = end }),
        ];

        Assert.Contains("60.0\u00a0% of its rounds took less than a second.", HtmlReport.Of(events), StringComparison.Ordinal);
        Assert.Contains("none was refused. 0.0\u00a0% of its rounds took less", HtmlReport.Of(
            [.. Events.Where(static e => e.Mode == "barrier" && e is not UpdateRefused)]), StringComparison.Ordinal);
    }

    [Fact]
    public void Doubts_stand_in_a_box_above_the_numbers_and_without_one_there_is_no_box()
    {
        var sound = HtmlReport.Of([.. Events.Where(e => e is not DoubtRaised)]);

        var box = DoubtBox().Match(Page).Value;

        Assert.Contains(">staleness</span><span>Updates were 31 versions behind <small>(async)</small>", box, StringComparison.Ordinal);
        Assert.True(Page.IndexOf(box, StringComparison.Ordinal) < Page.IndexOf("<dl class=\"stats\">", StringComparison.Ordinal));
        Assert.DoesNotContain("class=\"doubts\"", sound, StringComparison.Ordinal);
        Assert.DoesNotContain("doubtful", sound, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Letters_in_the_box_of_doubts_can_be_read_by_day_and_by_night()
    {
        const string box = ".doubts{border:2px solid var(--alarm);border-radius:6px;background:var(--panel);";
        Assert.Contains(box, Page, StringComparison.Ordinal);
        foreach (var colors in Page.Split("prefers-color-scheme:dark"))
        {
            Assert.All(["ink", "muted"], text => Assert.InRange(Contrast(ColorOf(colors, text), ColorOf(colors, "panel")), 4.5, 21));
            Assert.InRange(Contrast(ColorOf(colors, "alarm"), ColorOf(colors, "paper")), 3, 21);
        }
    }

    [Fact]
    public void How_long_a_device_had_to_wait_for_credit_stands_beside_how_long_it_was_busy()
    {
        var table = Page[Page.IndexOf("<caption>Work, async", StringComparison.Ordinal)..];

        Assert.Contains("<th scope=\"col\">busy</th><th scope=\"col\">waited</th>", table, StringComparison.Ordinal);
        Assert.Contains("<td data-head=\"busy\">86.0\u00a0%</td><td data-head=\"waited\">5.0\u00a0%</td>", table, StringComparison.Ordinal);
    }

    [Fact]
    public void A_column_in_which_nothing_stands_is_left_out_and_so_is_a_table_without_rows()
    {
        var page = HtmlReport.Of([.. Events.Select(e => e is RunStarted s
            ? s with { Devices = [.. s.Devices.Select(d => d with { UpBitsPerSecond = 0, DownBitsPerSecond = 0, Role = "" })] }
            : e)]);

        Assert.Contains("<th scope=\"col\">link up</th>", Page, StringComparison.Ordinal);
        Assert.DoesNotContain("<th scope=\"col\">link up</th>", page, StringComparison.Ordinal);
        Assert.DoesNotContain(">given role</th>", page, StringComparison.Ordinal);
        Assert.Equal("", Tables.Table("nothing", ["<a", "b"], []).Markup);
        Assert.Equal("", Tables.Details("nothing", ["<a", "b"], []).Markup);
    }

    [Fact]
    public void The_page_shows_best_version_loss_people_recall_seeds_waiting_and_refusals()
    {
        string[] expected =
        [
            @"async best 91.4\u00A0%, version 720", "Loss on unseen people over virtual time", "Accuracy by judged person, async",
            "Recall by class, async", "<caption>Seeds</caption>",
            "2\u00a0updates refused: old-epoch", "in 117 of 120\u00a0rounds",
        ];

        Assert.All(expected, text => Assert.Contains(text, Page, StringComparison.Ordinal));
    }

    [Fact]
    public void Bytes_that_nobody_measured_are_no_zero()
    {
        var page = HtmlReport.Of([.. Events.Select(e => e is DeviceSampled s ? s with { BytesDown = 0 } : e)]);

        Assert.Contains("\"Bytes down by device and mode", Page, StringComparison.Ordinal);
        Assert.DoesNotContain("\"Bytes down by device and mode", page, StringComparison.Ordinal);
        Assert.DoesNotContain("0\u00a0B down", page, StringComparison.Ordinal);
    }

    [Fact]
    public void No_name_becomes_markup()
    {
        var page = HtmlReport.Of([.. Events.Select(Poisoned)]);

        Assert.Contains("&lt;script&gt;", page, StringComparison.Ordinal);
        Assert.Contains(SampleRun.Charts(page), static c => c.GetRawText().Contains(@"\u003C/script\u003E", StringComparison.Ordinal));
        Assert.Equal(Regex.Count(Page, "</?script"), Regex.Count(page, "</?script"));
        Assert.DoesNotContain("<img", page, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(Page.Count(c => c == '<'), page.Count(c => c == '<'));
        Assert.Equal(Page.Count(c => c == '"'), page.Count(c => c == '"'));
    }

    [Fact]
    public void Letters_that_no_page_may_hold_are_replaced()
    {
        var page = HtmlReport.Of([new FaultSeen("a\0b\u0007c\u202ed\u2066e", "stuck", "") { Mode = "async" }]);

        Assert.Contains("a\ufffdb\ufffdc\ufffdd\ufffde", page, StringComparison.Ordinal);
        Assert.DoesNotContain('\0', page);
    }

    [Fact]
    public void A_run_that_broke_off_is_a_page_wherever_it_broke()
    {
        // The events of one mode alone, and of a mode with every kind of event at its end.
        for (var count = 0; count < Events.Count; count += count < 20 ? 1 : 97) { AssertPage(HtmlReport.Of([.. Events.Take(count)])); }
        for (var count = 1; count < 200; count += 7) { AssertPage(HtmlReport.Of([.. Events.TakeLast(count)])); }
    }

    [Theory]
    [MemberData(nameof(ReportChangesTests.Kinds), MemberType = typeof(ReportChangesTests))]
    public void A_run_without_one_kind_of_event_or_with_it_alone_is_a_page(string kind)
    {
        bool IsKind(RunEvent e) => RunEvents.Line(e).Split('"')[3] == kind;

        AssertPage(HtmlReport.Of([.. Events.Where(e => !IsKind(e))]));
        AssertPage(HtmlReport.Of([.. Events.Where(IsKind)]));
        AssertPage(HtmlReport.Of([Events.First(IsKind)]));
        AssertPage(HtmlReport.Of([.. Events.Where(IsKind).Select(Blank)]));
    }

    [Fact]
    public void Sections_without_events_are_left_out()
    {
        var page = HtmlReport.Of([.. Events.Where(e => e is not (ExitsJudged or ConfusionJudged) && e.Mode is ("" or "async"))]);

        Assert.Contains("id=\"exits\"", Page, StringComparison.Ordinal);
        Assert.DoesNotContain("id=\"exits\"", page, StringComparison.Ordinal);
        Assert.DoesNotContain("id=\"confusion\"", page, StringComparison.Ordinal);
        Assert.DoesNotContain("id=\"case-1\"", page, StringComparison.Ordinal);
        Assert.DoesNotContain("href=\"#exits\"", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_on_the_page_is_outside_of_it_and_its_charts_say_whose_they_are()
    {
        Assert.Contains("<noscript><p class=\"notice\">The charts need JavaScript", Page, StringComparison.Ordinal);
        Assert.Contains("uPlot 1.6.32, github.com/leeoniya/uPlot, MIT license", Page, StringComparison.Ordinal);
        Assert.Contains("Copyright (c) 2022 Leon Sorokin", Page, StringComparison.Ordinal);
        Assert.DoesNotContain("://", Page, StringComparison.Ordinal);
        Assert.DoesNotContain("url(", Page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("@import", Page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("src=", Page, StringComparison.OrdinalIgnoreCase);
        Assert.All(Links().Matches(Page).Select(m => m.Groups[1].Value), link => Assert.StartsWith("#", link, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_link_leads_to_a_section_and_no_name_is_given_twice()
    {
        var ids = Ids().Matches(Page).Select(m => m.Groups[1].Value).ToList();

        Assert.Equal(ids.Count, ids.Distinct().Count());
        Assert.Empty(Links().Matches(Page).Select(m => m.Groups[1].Value[1..]).Except(ids));
    }

    [Fact]
    public void Every_chart_says_what_it_shows_and_its_numbers_are_in_a_table()
    {
        var charts = SampleRun.Charts(Page).ToList();

        Assert.True(charts.Count > 15);
        Assert.All(charts, c => Assert.InRange(c.GetProperty("label").GetString()!.Length, 15, 1000));
        Assert.All(Page.Split("<section ").Skip(1).Where(s => s.Contains("class=\"chart\"", StringComparison.Ordinal)),
            s => Assert.Contains("<table", s, StringComparison.Ordinal));
    }

    [Fact]
    public void A_value_that_is_no_number_is_a_gap()
    {
        var curve = new Chart("c") { Curves = [new("a", "c0", [[0, 1], [1, double.NaN]])] };

        Assert.Contains("\"points\":[[0,1],[1,null]]", curve.Draw().Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void A_large_fleet_and_many_versions_make_no_larger_a_page_than_one_can_read()
    {
        var versions = Enumerable.Range(1, 5000).Select(static v => new VersionMade(v, [.. Enumerable.Range(0, 10).Select(u =>
            new UpdateUsed(SampleRun.Name((v + (u * 31)) % 400), v, v - 1, u, 1, 1, 64))])
        {
            Mode = "async",
            Seconds = v,
        });

        var page = HtmlReport.Of([.. SampleRun.Of(400), .. versions]);

        AssertPage(page);
        Assert.Contains("24 of 400 devices", page, StringComparison.Ordinal);
        Assert.Contains(SampleRun.Name(16), page, StringComparison.Ordinal);
        Assert.InRange(page.Length, 1, 2_500_000);
    }

    private static double[] ColorOf(string style, string name)
    {
        var hex = style[(style.IndexOf($"--{name}:#", StringComparison.Ordinal) + name.Length + 4)..][..6];
        return [.. Enumerable.Range(0, 3).Select(i => Convert.ToByte(hex.Substring(2 * i, 2), 16) / 255.0)];
    }

    /// <summary>Contrast by the formula of WCAG 2.</summary>
    private static double Contrast(double[] a, double[] b)
    {
        double Light(double[] color) => color.Zip([0.2126, 0.7152, 0.0722])
            .Sum(c => c.Second * (c.First <= 0.04045 ? c.First / 12.92 : Math.Pow((c.First + 0.055) / 1.055, 2.4)));
        var (x, y) = (Light(a), Light(b));
        return (Math.Max(x, y) + 0.05) / (Math.Min(x, y) + 0.05);
    }

    private static void AssertPage(string page)
    {
        Assert.StartsWith("<!DOCTYPE html>", page, StringComparison.Ordinal);
        Assert.EndsWith("</html>\n", page, StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", page, StringComparison.Ordinal);
        Assert.DoesNotContain("Infinity", page, StringComparison.Ordinal);
        Assert.DoesNotContain("∞", page, StringComparison.Ordinal);
    }

    private static RunEvent Poisoned(RunEvent item) => Rewritten(item, (name, value) => name switch
    {
        "type" or "host" => value,
        "mode" => value.GetValue<string>().Length == 0 ? value : value.GetValue<string>() + Hostile,
        _ => value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() + Hostile : value,
    });

    private static RunEvent Blank(RunEvent item) => item switch
    {
        Judged j => j with { Accuracy = double.NaN, Kappa = double.NaN, Loss = double.PositiveInfinity, Rows = 0, Seconds = double.NaN },
        ModeEnded m => m with { Accuracy = double.NaN, SecondsToTarget = 0, VirtualSeconds = null },
        RunStarted s => s with { Devices = [], Classes = [], ExitMultiplyAdds = [], TargetAccuracy = double.NaN },
        VersionMade v => v with { Updates = [] },
        DeviceSampled s => s with { Seconds = 0, BusySeconds = 0, RowsIn = 0, Updates = 0, Backlog = 0, BytesUp = 0, BytesDown = 0 },
        StragglerSeen s => s with { Score = double.PositiveInfinity },
        RowsDropped d => d with { Rows = 0 },
        ExitsJudged e => e with { Exits = [], MultiplyAddsFraction = double.NaN },
        ConfusionJudged c => c with { Counts = [1, 2, 3] },
        FiguresClosed f => f with { BestAccuracy = double.NaN, PrequentialAccuracy = double.NaN, StalenessP50 = null },
        PeopleJudged p => p with { People = [] },
        SeedsJudged s => s with { Seeds = [] },
        LedgerClosed l => l with { RowsIn = 0 },
        _ => item,
    };

    private static RunEvent Rewritten(RunEvent item, Func<string, JsonValue, JsonNode> rewrite)
    {
        JsonNode? Visit(string name, JsonNode? node) => node switch
        {
            JsonObject o => new JsonObject(o.ToList().Select(p => KeyValuePair.Create(p.Key, Visit(p.Key, p.Value)))),
            JsonArray a => new JsonArray([.. a.Select(n => Visit(name, n))]),
            JsonValue v => rewrite(name, v).DeepClone(),
            _ => null,
        };
        using var reader = new StringReader(Visit("", JsonNode.Parse(RunEvents.Line(item)))!.ToJsonString());
        return RunEvents.Read(reader, "rewritten").Single();
    }

    [GeneratedRegex("<div class=\"doubts\".*?</div>", RegexOptions.Singleline)]
    private static partial Regex DoubtBox();

    [GeneratedRegex(" href=\"([^\"]*)\"")]
    private static partial Regex Links();

    [GeneratedRegex(" id=\"([^\"]*)\"")]
    private static partial Regex Ids();
}
