using Microsoft.Playwright;

namespace Tool.Tests;

/// <summary>The pages about an answer in a real browser. With STREAMLEARN_WRITE_PAGES, a screenshot of each goes to docs/images.</summary>
public sealed class AnswerPagesTests(Browser browser) : IClassFixture<Browser>, IDisposable
{
    /// <summary>Elements that are cut off, or would have to be scrolled to be read.</summary>
    private const string CutOff =
        """
        () => [...document.querySelectorAll('body *')].filter(e => !e.closest('.uplot, script, .wide thead, details caption')).filter(e => {
            const box = e.getBoundingClientRect();
            return e.checkVisibility() && box.width > 0 && (box.right > innerWidth + 1 || box.left < -1 || e.scrollWidth > e.clientWidth + 1
                && getComputedStyle(e).overflowX !== 'visible');
        }).map(e => `${e.tagName} ${e.className} ${e.textContent.trim().slice(0, 60)}`)
        """;

    private static readonly string Images = SourceFolder.File("docs/images");

    private static readonly int[] Widths = [400, 800, 1400];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_report_of_a_fleet_begins_with_its_answer_and_cuts_nothing_off()
    {
        var page = await File.ReadAllTextAsync(await WrittenAsync(SampleRun.Page), TestContext.Current.CancellationToken);

        AssertOrder(page, "<h1>The model is right for 90.3\u00a0% of 2,8", ">Always answering ", "id=\"confusion\"", "id=\"people\"",
            "id=\"left-out\"", "id=\"next\"", "id=\"fleet\"", "id=\"devices\"");
        await AssertReadableAsync(_folder.File("report.html"), null);
    }

    [Fact]
    public async Task The_report_of_one_machine_says_how_right_it_is_on_whom_and_what_to_do_next()
    {
        await RunAsync("fit", "--csv", People(), "--label", "activity", "--alone", "--model", "linear",
            "--out", _folder.Path);

        var page = await _folder.ReadAsync("report.html");
        AssertOrder(page, "<h1>The model is right for ", " unseen device", " confidence.</h1>", "id=\"confusion\"", "streamlearn answer ");
        Assert.DoesNotContain("id=\"fleet\"", page, StringComparison.Ordinal);
        await AssertReadableAsync(_folder.File("report.html"), "report");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_report_of_values_shows_errors_over_time_by_size_and_by_device(bool isFleet)
    {
        await RunAsync(["fit", "--csv", Rooms(), "--target", "temperature", "--device", "room", "--window", "row", "--model", "linear",
            "--out", _folder.Path, .. isFleet ? ["--fleet", "--mode", "async", "--seconds", "30"] : Array.Empty<string>()]);

        var page = await _folder.ReadAsync("report.html");
        AssertOrder(page, "<h1>Temperature is off by 0.", "\u00a0Cel on average, on ", " of 2 unseen devices",
            "Always answering the mean is off by ", "id=\"errors\"", ">Error over time<", ">Error by size of temperature<",
            "id=\"people\"", "id=\"next\"");
        Assert.Equal(isFleet, page.Contains("id=\"fleet\"", StringComparison.Ordinal));
        await AssertReadableAsync(_folder.File("report.html"), null);
    }

    [Fact]
    public async Task A_watch_draws_a_page_beside_its_scores_with_the_column_that_stands_out_in_each_episode()
    {
        var error = await RunAsync("watch", "--csv", Pumps(), "--out", _folder.File("scores.csv"));
        await RunAsync("watch", "--csv", _folder.File("pumps.csv"), "--out", _folder.File("alone.html"));

        Assert.Contains("scores.html", error, StringComparison.Ordinal);
        var page = await _folder.ReadAsync("scores.html");
        Assert.Equal(page, await _folder.ReadAsync("alone.html"));
        Assert.False(File.Exists(_folder.File("alone.csv")));
        AssertOrder(page, "<h1>2\u00a0episodes of unusual rows in 6,000\u00a0scored rows. The strongest, of pump-A, begins at "
            + "2026-03-01 00:50:01 UTC; vibration stands out.</h1>", ">pump-A</h3>", ">pump-B</h3>", "id=\"episodes\"");
        var marks = SampleRun.Charts(page).SelectMany(static c => c.GetProperty("marks").EnumerateArray())
            .Select(static m => (Math.Round(m.GetProperty("x").GetDouble(), 3), m.GetProperty("text").GetString()));
        Assert.Equal([(33.35, "vibration"), (43.35, "temperature")], marks);
        await AssertReadableAsync(_folder.File("scores.html"), "watch");
    }

    [Fact]
    public async Task Compress_says_which_form_to_take_and_why()
    {
        await RunAsync("fit", "--csv", People(), "--label", "activity", "--alone", "--model", "features", "--out", _folder.Path);
        var run = await ToolRun.RunAsync("compress", _folder.File("model.safetensors"), "--csv", _folder.File("people.csv"),
            "--out", _folder.Path);

        Assert.True(run.ExitCode == 0, run.Error);
        var advice = run.Output.Split('\n').Single(static l => l.StartsWith("Take ", StringComparison.Ordinal));
        Assert.Contains("it is the smallest form whose accuracy", advice, StringComparison.Ordinal);
        Assert.Contains($"<h1>{advice}</h1>", await _folder.ReadAsync("compress.html"), StringComparison.Ordinal);
        await AssertReadableAsync(_folder.File("compress.html"), "compress");
    }

    [Fact]
    public void Refusals_of_forty_devices_for_one_reason_are_one_line()
    {
        var page = HtmlReport.Of(
            [.. Enumerable.Range(0, 40).Select(static d => new UpdateRefused($"d{d}", "old-epoch") { Mode = "async" })]);

        var line = Assert.Single(page.Split("<li>"), static l => l.Contains(">refused<", StringComparison.Ordinal));
        AssertOrder(line, "40\u00a0updates refused: old-epoch", "of 40\u00a0devices");
    }

    [Fact]
    public void The_interval_of_few_people_is_that_of_student()
    {
        long[] right = [80, 90, 70, 100];
        PeopleJudged Of(int count) => new([.. right.Take(count).Select(static r => new PersonJudged($"p{r}", 100, r))]);

        Assert.Equal([0.65, 1], AnswerSection.OfOthers(Of(4)).Select(static v => Math.Round(v, 2)));       // 0.85 − 3.18 · 0.129 / √4
        Assert.Empty(AnswerSection.OfOthers(Of(3)));
    }

    [Fact]
    public void Errors_over_time_and_by_size_are_means_of_their_windows()
    {
        ValuesJudged values = new("level", "m", 0.5, 40)
        {
            Devices = [("a", 40, 0.5)],
            Answers = [.. Enumerable.Range(0, 40).Select(static i => ("a", (float)i, i < 20 ? i : i + 1f))],
        };

        var charts = SampleRun.Charts(ValuesSection.Of(RunStory.Of([], values))!.Body.Markup).ToList();
        var points = charts[1].GetProperty("curves")[0].GetProperty("points").EnumerateArray().Select(static p => p[1].GetDouble());
        var sizes = charts[2].GetProperty("bars")[0].GetProperty("texts").EnumerateArray().Select(static t => t.GetString());

        Assert.Equal([.. Enumerable.Repeat(0.0, 10), .. Enumerable.Repeat(1.0, 10)], points);
        Assert.Equal(["0\u00a0m", "0\u00a0m", "0.1429\u00a0m", "1\u00a0m", "1\u00a0m", "1\u00a0m"], sizes);
    }

    [Theory]
    [InlineData(0.89, 0.8, "Take b: 3,000 bytes in place of 10,000; it is the smallest form whose accuracy (89.0\u00a0%) is within the "
        + "interval of float32 (90.0\u00a0%; 88.0\u00a0% to 92.0\u00a0%).")]
    [InlineData(0.89, 0.95, "Take c: 1,000 bytes ")]
    [InlineData(0.87, 0.8, "Keep float32: no smaller form has an accuracy within its interval, 88.0\u00a0% to 92.0\u00a0%.")]
    public void The_form_to_take_is_the_smallest_within_the_interval(double b, double c, string expected)
    {
        CompressResult Of(string name, long bytes, double score, bool isError) => new()
        {
            Name = name,
            Bytes = bytes,
            Score = isError ? 1 - score : score,
            IsError = isError,
            MultiplyAdds = 1,
            Seconds = 1,
            Interval = isError ? [0.08, 0.12] : [0.88, 0.92],
        };
        CompressResult[] Forms(bool isError) =>
            [Of("float32", 10_000, 0.9, isError), Of("b", 3000, b, isError), Of("c", 1000, c, isError),
                Of("d", 10, 0.9, isError) with { Refused = "no such form" }];

        Assert.StartsWith(expected, CompressText.Advice(Forms(isError: false)), StringComparison.Ordinal);
        Assert.Equal(CompressText.Taken(Forms(isError: false)).Name, CompressText.Taken(Forms(isError: true)).Name);
    }

    private static void AssertOrder(string page, params string[] texts)
    {
        var at = 0;
        foreach (var text in texts)
        {
            var found = page.IndexOf(text, at, StringComparison.Ordinal);
            Assert.True(found >= 0, $"expected '{text}' after place {at}");
            at = found;
        }
    }

    private static async Task<string> RunAsync(params string[] words)
    {
        var run = await ToolRun.RunAsync(words);
        Assert.True(run.ExitCode == 0, run.Error);
        return run.Error;
    }

    private async Task<string> WrittenAsync(string page)
    {
        await File.WriteAllTextAsync(_folder.File("report.html"), page);
        return _folder.File("report.html");
    }

    private async Task AssertReadableAsync(string file, string? picture)
    {
        foreach (var width in Widths)
        {
            await using var opened = await browser.OpenAsync(file, width, width == 800 ? ColorScheme.Dark : ColorScheme.Light);
            Assert.False(
                await opened.Page.EvaluateAsync<bool>("() => document.scrollingElement.scrollWidth > innerWidth"), $"wider than {width}");
            Assert.Empty(await opened.Page.EvaluateAsync<string[]>(CutOff));
            await opened.Page.EvaluateAsync("() => document.querySelectorAll('details').forEach(d => d.open = true)");
            Assert.Empty(await opened.Page.EvaluateAsync<string[]>(CutOff));
            Assert.Empty(opened.Complaints);
            if (width != 1400 || picture is null || Environment.GetEnvironmentVariable("STREAMLEARN_WRITE_PAGES") is null) { continue; }
            await opened.Page.SetViewportSizeAsync(1100, 1000);
            await opened.Page.EvaluateAsync("() => document.querySelectorAll('details').forEach(d => d.open = false)");
            await opened.Page.EvaluateAsync("""
                () => document.querySelectorAll('.facts').forEach(e => e.textContent = e.textContent.replace(/\/\S*\/(?=people)/, ''))
                """);
            var first = (await opened.Page.Locator(".body > :first-child").First.BoundingBoxAsync())!;
            await opened.Page.ScreenshotAsync(new()
            {
                Clip = new() { Width = 1100, Height = first.Y + first.Height + 20 },
                FullPage = true,
                Path = Path.Join(Images, $"{picture}.png"),
            });
        }
    }

    private string People()
    {
        GeneratedRows.Of(people: 12, seed: 9, seconds: 120).Write(_folder.File("people.csv"));
        return _folder.File("people.csv");
    }

    private string Rooms()
    {
        var random = new RandomStream(1, "rooms");
        return Write("rooms.csv", "time,room,humidity,temperature [Cel]", Enumerable.Range(0, 3000).Select(i =>
        {
            var humidity = 50 + (10 * Math.Sin((i / 40.0) + (i % 10))) + random.NextGaussian();
            return FormattableString.Invariant($"{Time(i / 10 * 60)},room-{i % 10},{humidity:0.000},")
                + FormattableString.Invariant($"{(humidity / 3) + (random.NextGaussian() / 3):0.00}");
        }));
    }

    private string Pumps()
    {
        var random = new RandomStream(2, "pumps");
        return Write("pumps.csv", "time,device,temperature,vibration,pressure", Enumerable.Range(0, 8000).Select(i =>
            FormattableString.Invariant($"{Time(i / 2)},pump-{(i % 2 == 0 ? 'A' : 'B')},")
                + FormattableString.Invariant($"{60 + random.NextGaussian() + (i % 2 == 1 && i / 2 is > 3600 and < 3640 ? 9 : 0):0.00},")
                + FormattableString.Invariant($"{(i % 2 == 0 && i / 2 is > 3000 and < 3060 ? 3 : 1) + (random.NextGaussian() / 10):0.00},")
                + FormattableString.Invariant($"{3 + (random.NextGaussian() / 20):0.000}")));
    }

    private static string Time(int seconds) =>
        new DateTime(2026, 3, 1, 0, 0, 0, DateTimeKind.Utc).AddSeconds(seconds).ToString("O", CultureInfo.InvariantCulture);

    private string Write(string name, string head, IEnumerable<string> lines)
    {
        File.WriteAllLines(_folder.File(name), [head, .. lines]);
        return _folder.File(name);
    }
}
