using System.Globalization;
using Microsoft.Playwright;
using StreamLearn.Nats;
using StreamLearn.Nodes;
using Tool.Tests;

namespace Aggregator.Tests;

public sealed class DashboardPageTests(Browser browser) : IClassFixture<Browser>
{
    private const float Patience = 90_000;

    /// <summary>Words that are hard to read: contrast with what is behind them below 4.5, by the formula of WCAG 2.</summary>
    private const string Faint =
        """
        () => {
            const parse = text => { const n = text.match(/[\d.]+/g).map(Number); return n.length > 3 ? n : [...n, 1]; };
            const linear = c => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
            const light = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
            const behind = e => {
                for (; e; e = e.parentElement) {
                    const color = parse(getComputedStyle(e).backgroundColor);
                    if (color[3] > 0) { return color; }
                }
            };
            return [...document.querySelectorAll('body *')].filter(e =>
                e.checkVisibility() && [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())).filter(e => {
                const [a, b] = [light(parse(getComputedStyle(e).color)), light(behind(e))].sort((x, y) => y - x);
                return (a + 0.05) / (b + 0.05) < 4.5;
            }).map(e => e.outerHTML.slice(0, 80));
        }
        """;

    public static TheoryData<int> Widths => LongForm.IsAsked ? [360, 1280] : [360];

    public static TheoryData<int, ColorScheme> Windows => new(
        from width in new[] { 360, 1280 }
        from scheme in new[] { ColorScheme.Light, ColorScheme.Dark }
        where LongForm.IsAsked || (width == 360) == (scheme == ColorScheme.Dark)
        select (width, scheme));

    [Fact]
    public async Task A_budget_is_shown_and_that_learning_has_ended_is_said()
    {
        List<string> said = [];
        await using var fleet = await ShownFleet.OpenAsync(judges: false, say: said.Add, budgeted: new(2)
        {
            Budget = [Resource.Bytes(500_000)],
            Settings = new() { Phi = 0.025 },       // of few steps, for which there are rows enough
        });
        await using var opened = await OpenAsync(fleet.Page, 360, ColorScheme.Dark);
        await WaitAsync(opened.Page, "() => document.getElementById('connection').textContent === 'live'");
        Assert.False(await opened.Page.Locator("#budget").IsVisibleAsync());
        Assert.False(await opened.Page.Locator("#steering").IsVisibleAsync());

        await fleet.LearnAsync();

        Assert.Contains(" budget=", fleet.StatusDisplay.Line(), StringComparison.Ordinal);
        await WaitAsync(opened.Page, "() => document.getElementById('budget').textContent.endsWith(' MB used; learning has ended')");
        Assert.StartsWith("Budget: ", await opened.Page.Locator("#budget").InnerTextAsync(), StringComparison.Ordinal);
        await AssertFitsAsync(opened.Page);
        Assert.Matches("^steps: [0-9]+$", await opened.Page.Locator("#chart-tau canvas").GetAttributeAsync("aria-label"));
        Assert.Matches("^used: [0-9]+ %$", await opened.Page.Locator("#chart-used canvas").GetAttributeAsync("aria-label"));
        Assert.StartsWith("delta: ", await opened.Page.Locator("#chart-delta canvas").GetAttributeAsync("aria-label"),
            StringComparison.Ordinal);
        Assert.StartsWith("learning has ended with version ", Assert.Single(said.Distinct()), StringComparison.Ordinal);
        using var client = new HttpClient { BaseAddress = new(fleet.Page) };
        using var status = JsonDocument.Parse(await client.GetStringAsync("status.json", TestContext.Current.CancellationToken));
        var budget = status.RootElement.GetProperty("budget");
        Assert.True(budget.GetProperty("ended").GetBoolean());
        Assert.InRange(budget.GetProperty("bytes").GetProperty("used").GetDouble(), 300_000, 500_000);
        Assert.Contains($"budget     {budget.GetProperty("text").GetString()}", StatusCommand.Text(status.RootElement));
    }

    [Theory]
    [MemberData(nameof(Windows))]
    public async Task A_fleet_can_be_watched_while_it_learns(int width, ColorScheme scheme)
    {
        await using var fleet = await ShownFleet.OpenAsync(server: "mqtt://edge-1:1883");
        await using var opened = await OpenAsync(fleet.Page, width, scheme);
        var page = opened.Page;
        await WaitAsync(page, "() => document.getElementById('connection').textContent === 'live'");
        Assert.Contains("streamlearn-sensor run -c sensor.yaml", await page.Locator("#waiting").InnerTextAsync(), StringComparison.Ordinal);
        Assert.Equal("plant: waiting for updates", await page.TitleAsync());
        await AssertFitsAsync(page);

        await fleet.LearnAsync();
        var line = fleet.StatusDisplay.Line();
        var version = line["version=".Length..line.IndexOf(' ', StringComparison.Ordinal)];
        await WaitAsync(page, $"() => document.getElementById('loss').textContent.endsWith(' at {version}')");

        using var client = new HttpClient { BaseAddress = new(fleet.Page) };
        using var status = JsonDocument.Parse(await client.GetStringAsync("status.json", TestContext.Current.CancellationToken));
        var facts = status.RootElement;
        var accepted = facts.GetProperty("accepted").GetInt64();
        Assert.InRange(accepted, 10, 1000);
        await WaitAsync(page, $"() => document.querySelector('#results td.n').textContent === '{accepted}'");
        Assert.Equal(version, await page.Locator("#version").InnerTextAsync());
        var accuracy = facts.GetProperty("score").GetProperty("accuracy").GetDouble();
        Assert.Equal(string.Create(CultureInfo.InvariantCulture, $"{100 * accuracy:0.0} %"),
            await page.Locator("#accuracy").InnerTextAsync());
        Assert.Equal(["pump-1", "pump-3"], await page.Locator("#devices td.name").AllInnerTextsAsync());
        var ofDevices = await page.Locator("#devices td[data-label=accepted]").AllTextContentsAsync();
        Assert.Equal(accepted, ofDevices.Sum(static t => long.Parse(t)));
        await WaitAsync(page, "() => document.querySelectorAll('canvas').length === 7");      // own windows are seen once a second
        Assert.Equal(["Device", "All", "Class 0", "Class 1", "Class 2", "Class 3", "Class 4", "Class 5", "Held up"],
            await page.Locator("#classes th").AllTextContentsAsync());
        Assert.Equal(["pump-1", "pump-3", "all"], await page.Locator("#classes td.name").AllTextContentsAsync());
        var own = facts.GetProperty("own");
        Assert.Equal(own.GetProperty("worth").GetString(), await page.Locator("#worth").TextContentAsync());
        Assert.EndsWith($" of {own.GetProperty("windows").GetInt64()}",
            (await page.Locator("#classes td[data-label=all]").AllTextContentsAsync())[^1], StringComparison.Ordinal);
        Assert.Contains("accuracy: ", await page.Locator("#chart-accuracy canvas").GetAttributeAsync("aria-label"),
            StringComparison.Ordinal);
        Assert.False(await page.Locator("#waiting").IsVisibleAsync());
        Assert.Equal(["pump-1", "pump-3"], await page.Locator("#now td.name").AllInnerTextsAsync());
        Assert.All(await page.Locator("#now td.answer").AllTextContentsAsync(),
            static a => Assert.Matches($"^({string.Join('|', HarStream.Activities)}) [0-9]+ %$", a));
        await AssertFitsAsync(page);
        var paper = await page.EvaluateAsync<string>("() => getComputedStyle(document.body).backgroundColor");
        Assert.Equal(scheme == ColorScheme.Light, int.Parse(paper[4..].Split(',')[0], CultureInfo.InvariantCulture) > 128);
        Assert.Empty(await page.EvaluateAsync<string[]>(Faint));
        Assert.Empty(opened.Complaints);
        Assert.All(opened.Requests, r => Assert.StartsWith(fleet.Page, r, StringComparison.Ordinal));
        if (width != 1280 || Environment.GetEnvironmentVariable("STREAMLEARN_WRITE_PAGES") is null) { return; }
        var now = TimeProvider.System.GetUtcNow();
        var sits = new DeviceNews("pump-5") { Class = "sitting", Confidence = 0.97f, Since = now.AddMinutes(-9), Waiting = 12 };
        fleet.StatusDisplay.Add(sits);
        fleet.StatusDisplay.Add(new DeviceNews("pump-7")
        {
            Class = "walking",
            Confidence = 0.92f,
            Since = now.AddMinutes(-3),
            Alert = "walking upstairs",
            AlertAt = now.AddMinutes(-4),
        });
        await WaitAsync(page, "() => document.querySelector('#now td.words').checkVisibility()");
        await page.ScreenshotAsync(new() { Path = SourceFolder.File("docs/images/dashboard.png") });
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public async Task Names_that_mean_harm_do_none(int width)
    {
        await using var fleet = await ShownFleet.OpenAsync(judges: false);
        await using var opened = await OpenAsync(fleet.Page, width, ColorScheme.Light);
        fleet.StatusDisplay.Add(Rounds.Of(1, 0, Rounds.Hostile, [.. Rounds.Hostile.Select(static h => (h, h))]));

        await WaitAsync(opened.Page, $"() => document.querySelectorAll('#devices td.name').length === {Rounds.Hostile.Length}");

        Assert.Equal(Rounds.Hostile.Select(ShownText.Of).Order(StringComparer.Ordinal),
            (await opened.Page.Locator("#devices td.name").AllTextContentsAsync()).Order(StringComparer.Ordinal));
        Assert.Equal(0, await opened.Page.Locator("#devices img, #devices script").CountAsync());
        Assert.Equal("plant: version 1", await opened.Page.TitleAsync());
        await AssertFitsAsync(opened.Page);
        Assert.Empty(opened.Complaints);
        Assert.All(opened.Requests, r => Assert.StartsWith(fleet.Page, r, StringComparison.Ordinal));
    }

    /// <summary>One answers, one is silent, one waits for labels and means harm, one is of an older copy.</summary>
    [Theory]
    [InlineData(400)]
    [InlineData(1400)]
    public async Task Owners_see_what_each_device_answers_now(int width)
    {
        await using var fleet = await ShownFleet.OpenAsync(judges: false, quietAfter: TimeSpan.FromSeconds(2));
        await using var opened = await OpenAsync(fleet.Page, width, ColorScheme.Light);
        var (page, harm, now) = (opened.Page, Rounds.Hostile[0], TimeProvider.System.GetUtcNow());
        const string Where = "layers 1 to 2 here, 3 to 7 at the aggregator: 8 ms; all here 41 ms";
        DeviceNews worn = new("pump-1") { Class = "worn", Confidence = 0.934f, Since = now, Alert = "worn", AlertAt = now };
        fleet.StatusDisplay.Add(new DeviceNews("silent") { Class = "good", Confidence = 0.6f, Since = now });
        await WaitAsync(page, "() => document.querySelector('#now td.old')?.textContent === 'good 60 %'");
        fleet.StatusDisplay.Add(new Presence { Device = "older", Epoch = 1, Kind = PresenceKind.Hello });
        fleet.StatusDisplay.Add(new DeviceNews("room") { Value = -21.468f, Unit = "Cel", Since = now });
        fleet.StatusDisplay.Add(new DeviceNews(harm) { Class = harm, Alert = harm, Unit = harm, Waiting = 12, Where = harm });
        fleet.StatusDisplay.Add(worn with { Waiting = 1, Where = Where });

        await WaitAsync(page, "() => [...document.querySelectorAll('#now td.answer')].map(c => c.textContent + ' ' + c.className).join()"
            + $" === {JsonSerializer.Serialize(ShownText.Of(harm) + " answer")}"
            + " + ',– answer,worn 93 % answer,-21.5 Cel answer,good 60 % answer old'");

        var rows = await page.EvaluateAsync<string[][]>(
            "() => [...document.querySelectorAll('#now tbody tr')].map(r => [...r.cells].map(c => c.textContent))");
        Assert.Equal([ShownText.Of(harm), "older", "pump-1", "room", "silent"], rows.Select(static r => r[0]));
        Assert.Equal(["12 windows", "–", "1 window", "–", "–"], rows.Select(static r => r[5]));
        Assert.Equal("streamlearn label plant DEVICE CLASS --from '10m ago' --url in process", rows[0][6]);
        Assert.Equal("streamlearn label plant pump-1 CLASS --from '10m ago' --url in process", rows[2][6]);
        Assert.Equal([ShownText.Of(harm), "–", Where], rows[..3].Select(static r => r[7]));
        Assert.Matches("^worn, [0-9:]{8}$", rows[2][3]);
        Assert.EndsWith(", silent", rows[4][4], StringComparison.Ordinal);
        Assert.Equal(["–", "–", "–"], rows[1][1..4]);
        Assert.True(await page.EvaluateAsync<bool>("() => document.getElementById('now').compareDocumentPosition("
            + "document.getElementById('figures')) === Node.DOCUMENT_POSITION_FOLLOWING"));
        Assert.Equal("false true", await page.EvaluateAsync<string>("() => [0, 3].map(n => { showFigures({ ...newest, waiting: true, "
            + "devicesAlive: n }); return document.getElementById('waiting').hidden; }).join(' ')"));
        Assert.Equal(0, await page.Locator("#now img, #now script").CountAsync());
        Assert.Equal(0, await page.EvaluateAsync<int>("() => [...document.querySelectorAll('#machines, #machines *')]"
            + ".filter(e => e.scrollWidth > e.clientWidth && e.clientWidth > 0 || e.getBoundingClientRect().right > innerWidth).length"));
        await AssertFitsAsync(page);
        Assert.Empty(await page.EvaluateAsync<string[]>(Faint));
        Assert.Empty(opened.Complaints);
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public async Task Layers_of_devices_are_shown_where_splits_are_planned(int width)
    {
        await using var fleet = await ShownFleet.OpenAsync(judges: false);
        await using var opened = await OpenAsync(fleet.Page, width, ColorScheme.Light);
        await WaitAsync(opened.Page, "() => document.getElementById('connection').textContent === 'live'");
        Assert.False(await opened.Page.Locator("#splits").IsVisibleAsync());

        PlannedSplit[] splits = [new("a", 3, 0.25, 1, 0, 0, 8e6, 1), new("b", 7, 2, 2, 0, 0, 0, 1)];
        fleet.StatusDisplay.Add(new PlannedSplits([.. splits], "b joined", Changes: true, TimeProvider.System.GetUtcNow()));
        await WaitAsync(opened.Page, "() => document.querySelectorAll('#plan td.name').length === 2");

        Assert.Equal(["a", "3 of 7", "8", "250 ms of 1 s alone, \u221275 %", "b", "7 of 7", "\u2013", "2 s"],
            await opened.Page.EvaluateAsync<string[]>("() => [...document.querySelectorAll('#plan td')].map(c => c.textContent)"
                + ".filter((c, i) => i % 7 < 4)"));
        Assert.Matches("^of 7; last change .+: b joined$", await opened.Page.Locator("#split-change").InnerTextAsync());
        Assert.Equal(0, await opened.Page.Locator(".joules:visible").CountAsync());
        Assert.Equal(width, await opened.Page.EvaluateAsync<int>("() => innerWidth"));
        await AssertFitsAsync(opened.Page);
        Assert.Empty(await opened.Page.EvaluateAsync<string[]>(Faint));
        fleet.StatusDisplay.Add(new PlannedSplits([splits[0] with { Joules = 3, LocalJoules = 4 }], "b left",
            Changes: false, TimeProvider.System.GetUtcNow()));
        await WaitAsync(opened.Page, "() => document.querySelector('#plan td.joules').textContent === '3 J of 4 J alone, \u221225 %'");
        Assert.Equal(2, await opened.Page.Locator(".joules:visible").CountAsync());
        fleet.StatusDisplay.Add(new PlannedSplits([], "a left", Changes: false, TimeProvider.System.GetUtcNow()));
        await WaitAsync(opened.Page, "() => !document.getElementById('splits').checkVisibility()");
        Assert.Empty(opened.Complaints);
    }

    [Fact]
    public async Task A_program_that_goes_and_comes_back_is_noticed()
    {
        var first = await ShownFleet.OpenAsync(judges: false);
        await using var opened = await OpenAsync(first.Page, 1280, ColorScheme.Light);
        first.StatusDisplay.Add(Rounds.Of(7, 0, ["old"]));
        await WaitAsync(opened.Page, "() => document.getElementById('version').textContent === '7'");

        await first.DisposeAsync();
        await WaitAsync(opened.Page, "() => document.getElementById('lost').checkVisibility()");
        Assert.Contains("This page tries again by itself.", await opened.Page.Locator("#lost").InnerTextAsync(), StringComparison.Ordinal);
        Assert.Equal("7", await opened.Page.Locator("#version").InnerTextAsync());
        await using var second = await ShownFleet.OpenAsync(judges: false, port: new Uri(first.Page).Port);
        second.StatusDisplay.Add(Rounds.Of(9, 1, ["new"]));
        await WaitAsync(opened.Page, "() => document.getElementById('version').textContent === '9'");

        Assert.Equal("live", await opened.Page.Locator("#connection").InnerTextAsync());
        Assert.False(await opened.Page.Locator("#lost").IsVisibleAsync());
        Assert.Equal(["new"], await opened.Page.Locator("#devices td.name").AllInnerTextsAsync());
    }

    [Fact]
    public async Task A_server_that_goes_and_comes_back_is_noticed()
    {
        await using var server = await RealNats.StartAsync(new() { JetStream = true });
        await using var fleet = await ShownFleet.OpenAsync(judges: false,
            transport: new NatsTransport(new() { Servers = [server.Uri], Keep = new() }));
        await using var opened = await OpenAsync(fleet.Page, 1280, ColorScheme.Light);
        await WaitAsync(opened.Page, "() => document.getElementById('connection').textContent === 'live'");

        await server.KillAsync();
        await WaitAsync(opened.Page, "() => document.getElementById('connection').textContent === 'server away'");
        Assert.Equal("The aggregator is not connected to in process. It tries again by itself.",
            await opened.Page.Locator("#lost").InnerTextAsync());
        await server.StartAgainAsync();
        await WaitAsync(opened.Page, "() => document.getElementById('connection').textContent === 'live'");

        Assert.False(await opened.Page.Locator("#lost").IsVisibleAsync());
    }

    [Fact]
    public async Task Keys_sort_the_devices()
    {
        await using var fleet = await ShownFleet.OpenAsync(judges: false);
        await using var opened = await OpenAsync(fleet.Page, 1280, ColorScheme.Light);
        fleet.StatusDisplay.Add(Rounds.Of(1, 0, ["a", "b", "c", "b"]));
        await WaitAsync(opened.Page, "() => document.querySelectorAll('#devices td.name').length === 3");

        HashSet<string> reached = [];
        for (var press = 0; press < 12 && reached.Count < 7; press++)
        {
            await opened.Page.Keyboard.PressAsync("Tab");
            var key = await opened.Page.EvaluateAsync<string>("() => document.activeElement.parentElement?.dataset?.key ?? ''");
            if (key.Length > 0) { reached.Add(key); }
            if (key != "applied") { continue; }
            Assert.NotEqual("none", await opened.Page.EvaluateAsync<string>("() => getComputedStyle(document.activeElement).outlineStyle"));
            await opened.Page.Keyboard.PressAsync("Enter");
        }

        Assert.Equal(7, reached.Count);
        await WaitAsync(opened.Page, "() => document.querySelector('#devices td.name').textContent === 'b'");
        Assert.Equal("descending", await opened.Page.Locator("th[data-key=applied]").GetAttributeAsync("aria-sort"));
    }

    private static Task<IJSHandle> WaitAsync(IPage page, string condition) =>
        page.WaitForFunctionAsync(condition, options: new() { Timeout = Patience });

    private static async Task AssertFitsAsync(IPage page) =>
        Assert.Equal(0, await page.EvaluateAsync<int>("() => document.documentElement.scrollWidth - innerWidth"));

    private Task<OpenPage> OpenAsync(string address, int width, ColorScheme scheme) => browser.OpenAsync(address, width, scheme);
}
