using Microsoft.Playwright;

namespace Tool.Tests;

public sealed class BrowserTests(Browser browser) : IClassFixture<Browser>
{
    private const string Overflowing =
        """
        () => [...document.querySelectorAll('body *')].filter(e => {
            const box = e.getBoundingClientRect();
            return box.width > 0 && (box.right > innerWidth + 1 || box.left < -1) && !e.closest('.scroll, .command');
        }).map(e => `${e.tagName} ${e.textContent.trim().slice(0, 40)}`)
        """;

    /// <summary>Contrast of each letter with what is behind it, by the formula of WCAG 2; the page has flat backgrounds only.</summary>
    private const string Faint =
        """
        () => {
            const parse = text => {
                const n = text.match(/[\d.]+/g).map((v, i) => i < 3 && text.startsWith('color') ? 255 * v : Number(v));
                return n.length > 3 ? n : [...n, 1];
            };
            const linear = c => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
            const light = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
            const over = (top, below) => [0, 1, 2].map(i => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
            const behind = e => {
                const chain = [];
                for (; e; e = e.parentElement) { chain.unshift(parse(getComputedStyle(e).backgroundColor)); }
                return chain.reduce((below, top) => over(top, below), [255, 255, 255, 1]);
            };
            const faint = [];
            for (const e of document.querySelectorAll('body *')) {
                const own = [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim());
                if (!own || e.matches('script, noscript') || !e.checkVisibility()) { continue; }
                const below = behind(e);
                const [a, b] = [light(over(parse(getComputedStyle(e).color), below)), light(below)].sort((x, y) => y - x);
                const ratio = (a + 0.05) / (b + 0.05);
                if (ratio < 4.5) { faint.push(`${ratio.toFixed(2)} ${e.tagName} ${e.getAttribute('class')} ${e.textContent.trim()}`); }
            }
            return faint;
        }
        """;

    /// <summary>Labels of all charts that are too small or blank.</summary>
    private const string Invisible =
        """
        () => [...document.querySelectorAll('canvas')].filter(c => {
            const box = c.getBoundingClientRect();
            const letters = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
            return box.width < 80 || box.height < 20 || !letters.some((v, i) => i % 4 === 3 && v > 0);
        }).map(c => c.ariaLabel)
        """;

    private const string Focused =
        """
        () => {
            const e = document.activeElement;
            return e.matches('a, summary') ? [...document.querySelectorAll('*')].indexOf(e) : -1;
        }
        """;

    public static TheoryData<int> Widths => LongForm.IsAsked ? [360, 1280] : [360];

    public static TheoryData<int, ColorScheme> Windows => new(
        from width in new[] { 360, 800, 1280 }
        from scheme in new[] { ColorScheme.Light, ColorScheme.Dark }
        where LongForm.IsAsked || (width == 360) == (scheme == ColorScheme.Dark)
        select (width, scheme));

    [Theory]
    [MemberData(nameof(Windows))]
    public async Task The_report_can_be_read(int width, ColorScheme scheme)
    {
        using var folder = new TemporaryFolder();
        await using var opened = await OpenAsync(folder, SampleRun.Page, width, scheme);

        await OpenAllAsync(opened.Page, open: false);
        await AssertReadableAsync(opened.Page);
        await OpenAllAsync(opened.Page, open: true);
        await AssertReadableAsync(opened.Page);
        var paper = await opened.Page.EvaluateAsync<string>("() => getComputedStyle(document.body).backgroundColor");
        Assert.Equal(scheme == ColorScheme.Light, int.Parse(paper[4..].Split(',')[0]) > 128);
        Assert.True(await opened.Page.Locator("canvas[role=img]").CountAsync() > 15);
        Assert.Empty(await opened.Page.EvaluateAsync<string[]>(Invisible));
        AssertQuiet(opened);
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public async Task Keys_reach_every_link_and_every_table(int width)
    {
        using var folder = new TemporaryFolder();
        await using var opened = await OpenAsync(folder, SampleRun.Page, width, ColorScheme.Light);
        var wanted = await opened.Page.Locator("a, summary").CountAsync();

        HashSet<int> reached = [];
        for (var press = 0; press < wanted + 30; press++)
        {
            await opened.Page.Keyboard.PressAsync("Tab");
            reached.Add(await opened.Page.EvaluateAsync<int>(Focused));
        }

        Assert.Equal(wanted, reached.Count(r => r >= 0));
        var (summary, details) = (opened.Page.Locator("summary").First, opened.Page.Locator("details").First);
        await summary.FocusAsync();
        await opened.Page.Keyboard.PressAsync("Enter");
        Assert.True(await details.EvaluateAsync<bool>("d => d.open && d.querySelector('td').checkVisibility()"));
        Assert.NotEqual("none", await summary.EvaluateAsync<string>("s => getComputedStyle(s).outlineStyle"));
        AssertQuiet(opened);
    }

    [Fact]
    public async Task A_hostile_name_stays_a_name()
    {
        const string name = "\"'><script>document.title='run'</script><img src=x onerror=\"document.title='run'\">";
        var events = SampleRun.Events.Select(e => e is FaultSeen f ? f with { Device = name, Text = name } : e).ToList();
        using var folder = new TemporaryFolder();
        await using var opened = await OpenAsync(folder, HtmlReport.Of(events), 360, ColorScheme.Light);

        Assert.Equal(0, await opened.Page.Locator("img, iframe, object, link").CountAsync());
        Assert.Equal(1, await opened.Page.Locator("script").CountAsync());        // charts have replaced theirs
        Assert.NotEqual("run", await opened.Page.TitleAsync());
        Assert.True(await opened.Page.GetByText(name).CountAsync() > 0);
        await AssertReadableAsync(opened.Page);
        AssertQuiet(opened);
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public async Task A_run_that_broke_off_can_be_read(int width)
    {
        using var folder = new TemporaryFolder();
        foreach (var count in new[] { 0, 1, 2, 40 })
        {
            await using var opened = await OpenAsync(folder, HtmlReport.Of([.. SampleRun.Events.Take(count)]), width, ColorScheme.Dark);
            await AssertReadableAsync(opened.Page);
            AssertQuiet(opened);
        }
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public async Task A_fleet_of_500_is_a_strip_of_cells_and_a_few_lines(int width)
    {
        using var folder = new TemporaryFolder();
        var report = HtmlReport.Of(SampleRun.Of(500));
        await using var opened = await OpenAsync(folder, report, width, ColorScheme.Light);

        var strips = SampleRun.Charts(report).First(static c => c.TryGetProperty("tips", out _));
        Assert.Equal(498, strips.GetProperty("cells").EnumerateArray().Count(static c => c[0].GetInt32() == 0));        // two never learn
        await AssertReadableAsync(opened.Page);
        Assert.Equal(2, await opened.Page.Locator("#devices canvas").CountAsync());
        Assert.Equal(RunStory.FewDevices, await opened.Page.Locator("#devices table").First.Locator("tbody tr").CountAsync());
        Assert.InRange(await opened.Page.EvaluateAsync<int>("() => document.body.scrollHeight"), 1, width < 800 ? 30_000 : 20_000);
        AssertQuiet(opened);
    }

    [Fact]
    public async Task Values_are_shown_under_the_cursor()
    {
        using var folder = new TemporaryFolder();
        await using var opened = await OpenAsync(folder, SampleRun.Page, 1280, ColorScheme.Light);

        await opened.Page.Locator("#accuracy .u-over").First.HoverAsync();
        var judged = SampleRun.Events.OfType<Judged>().Where(static j => j.Seconds == 124).Take(2)
            .Select(static j => FormattableString.Invariant($"{100 * j.Accuracy:0.#} %"));
        Assert.Equal(["124 s", .. judged], await opened.Page.Locator("#accuracy .u-legend").First.Locator("td").AllInnerTextsAsync());
        await opened.Page.Locator("#people .u-over").First.HoverAsync(new() { Position = new() { X = 20, Y = 10 } });
        Assert.Equal("person-24: accuracy 86.6\u00a0%", await opened.Page.Locator("#people .tip").First.InnerTextAsync());
        await opened.Page.Locator("#staleness .u-over").First.HoverAsync(new() { Position = new() { X = 20, Y = 10 } });
        Assert.Matches("^person-01: .* behind: ", await opened.Page.Locator("#staleness .tip").First.InnerTextAsync());
        AssertQuiet(opened);
    }

    private async Task<OpenPage> OpenAsync(TemporaryFolder folder, string page, int width, ColorScheme scheme)
    {
        var file = folder.File("report.html");
        await File.WriteAllTextAsync(file, page);
        return await browser.OpenAsync(file, width, scheme);
    }

    private static async Task OpenAllAsync(IPage page, bool open) =>
        await page.EvaluateAsync("open => document.querySelectorAll('details').forEach(d => d.open = open)", open);

    private static async Task AssertReadableAsync(IPage page)
    {
        Assert.False(
            await page.EvaluateAsync<bool>("() => document.scrollingElement.scrollWidth > innerWidth"), "the page scrolls sideways");
        Assert.Empty(await page.EvaluateAsync<string[]>(Overflowing));
        Assert.Empty(await page.EvaluateAsync<string[]>(Faint));
    }

    private static void AssertQuiet(OpenPage opened)
    {
        Assert.Empty(opened.Complaints);
        Assert.StartsWith("file://", Assert.Single(opened.Requests), StringComparison.Ordinal);
    }
}
