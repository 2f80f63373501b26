using Microsoft.Playwright;
using StreamLearn.Testing;
using Tool.Fit.Tests;

namespace TauDemo.Tests;

/// <summary>The page in a real browser.</summary>
public sealed class DemoPageTests(Browser browser) : IClassFixture<Browser>
{
    private const float Patience = 60_000;

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

    public static TheoryData<int, ColorScheme> Windows => new(
        from width in new[] { 390, 1280 }
        from scheme in new[] { ColorScheme.Light, ColorScheme.Dark }
        where LongForm.IsAsked || width < 1000 == (scheme == ColorScheme.Dark)
        select (width, scheme));

    [Theory]
    [MemberData(nameof(Windows))]
    public async Task Controls_act_and_what_they_change_is_read_back(int width, ColorScheme scheme)
    {
        await using var shown = await ShownSession.OpenAsync();
        await using var opened = await browser.OpenAsync(shown.Address.AbsoluteUri, width, scheme);
        var page = opened.Page;
        await WaitAsync(page, "() => Number(document.getElementById('tau').textContent) > 1");
        Assert.Equal("1", await page.Locator("#case").InnerTextAsync());
        Assert.Equal("true", await page.Locator("#cases button[data-value='1']").GetAttributeAsync("aria-pressed"));
        Assert.Equal(0, await page.Locator("#classes td.none").CountAsync());
        await AssertFitsAsync(page);

        await page.Locator("#cases button[data-value='2']").ClickAsync();
        await WaitAsync(page, "() => document.getElementById('log-aggregator').textContent.includes('got set-case 2')");
        await WaitAsync(page, "() => document.getElementById('case').textContent === '2'");
        Assert.Equal(40, await page.Locator("#classes td.none").CountAsync());      // each node has two classes
        Assert.Equal("true", await page.Locator("#cases button[data-value='2']").GetAttributeAsync("aria-pressed"));

        await page.Locator("#delay").FillAsync("1500");
        await page.Locator("#delay-set").ClickAsync();
        await WaitAsync(page, "() => document.getElementById('added').textContent === '1500 ms'");
        await WaitAsync(page, "() => Number(document.getElementById('aggregation').textContent.match(/[0-9.]+/)) > 1400");
        await WaitAsync(page, "() => document.getElementById('log-node').textContent.includes('got set-delay 1500')");

        Assert.Equal(20, await page.Locator("#digits canvas").CountAsync());
        Assert.Equal(20, await page.Locator("#digits li.right, #digits li.wrong").CountAsync());
        Assert.Equal(8, await page.Locator(".chart canvas").CountAsync());
        Assert.Contains("tau: ", await page.Locator("#chart-tau canvas").GetAttributeAsync("aria-label"), StringComparison.Ordinal);
        var paper = await page.EvaluateAsync<string>("() => getComputedStyle(document.body).backgroundColor");
        Assert.Equal(scheme == ColorScheme.Light, int.Parse(paper[4..].Split(',')[0]) > 128);
        Assert.Empty(await page.EvaluateAsync<string[]>(Faint));
        await AssertFitsAsync(page);
        Assert.Empty(opened.Complaints);
        Assert.All(opened.Requests, r => Assert.StartsWith(shown.Address.AbsoluteUri, r, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Time_can_be_held_and_let_go()
    {
        await using var shown = await ShownSession.OpenAsync();
        await using var opened = await browser.OpenAsync(shown.Address.AbsoluteUri, 1280, ColorScheme.Light);
        await WaitAsync(opened.Page, "() => document.getElementById('connection').textContent === 'live'");

        await opened.Page.Locator("#paces button[data-value=pause]").ClickAsync();
        await WaitAsync(opened.Page, "() => document.getElementById('connection').textContent === 'paused'");
        var held = shown.Session.Newest.View.Next;
        await opened.Page.Locator("#paces button[data-value=slow]").ClickAsync();
        await WaitAsync(opened.Page, $"() => document.getElementById('version').textContent === 'of version {held + 1}'");

        Assert.Equal("true", await opened.Page.Locator("#paces button[data-value=slow]").GetAttributeAsync("aria-pressed"));
        Assert.Empty(opened.Complaints);
    }

    [Fact]
    public async Task When_the_budget_is_spent_it_can_run_again()
    {
        await using var shown = await ShownSession.OpenAsync(ShownSession.Small with { Budget = TimeSpan.FromSeconds(1) });
        await using var opened = await browser.OpenAsync(shown.Address.AbsoluteUri, 390, ColorScheme.Light);
        await WaitAsync(opened.Page, "() => document.getElementById('ended').checkVisibility()");
        Assert.Contains("The budget is spent", await opened.Page.Locator("#ended").InnerTextAsync(), StringComparison.Ordinal);
        Assert.Equal("ended", await opened.Page.Locator("#connection").InnerTextAsync());

        await opened.Page.Locator("#cases button[data-value='4']").ClickAsync();
        await opened.Page.Locator("#again").ClickAsync();
        await WaitAsync(opened.Page, "() => document.getElementById('case').textContent === '4'");

        await WaitAsync(opened.Page, "() => document.getElementById('ended').checkVisibility()");
        Assert.Equal(2, shown.Session.Newest.View.Run);
        Assert.Empty(opened.Complaints);
    }

    [Fact]
    public async Task A_delay_that_cannot_be_is_not_sent()
    {
        await using var shown = await ShownSession.OpenAsync();
        await using var opened = await browser.OpenAsync(shown.Address.AbsoluteUri, 1280, ColorScheme.Light);

        await opened.Page.Locator("#delay").FillAsync("60001");
        await opened.Page.Locator("#delay-set").ClickAsync();

        Assert.True(await opened.Page.Locator("#delay").EvaluateAsync<bool>("e => e.matches(':invalid')"));
        Assert.DoesNotContain(opened.Requests, static r => r.EndsWith("/commands", StringComparison.Ordinal));
    }

    private static Task<IJSHandle> WaitAsync(IPage page, string condition) =>
        page.WaitForFunctionAsync(condition, options: new() { Timeout = Patience });

    private static async Task AssertFitsAsync(IPage page) =>
        Assert.Equal(0, await page.EvaluateAsync<int>("() => document.documentElement.scrollWidth - innerWidth"));
}
