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
            "--out", _folder.Path, .. isFleet ? ["--mode", "async", "--seconds", "30"] : Array.Empty<string>()]);

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
                + FormattableString.Invariant($"{1 + (random.NextGaussian() / 10) + (i % 2 == 0 && i / 2 is > 3000 and < 3060 ? 2 : 0):0.00},")
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
