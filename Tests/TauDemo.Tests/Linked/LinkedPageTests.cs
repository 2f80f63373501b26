using System.Text.RegularExpressions;
using Microsoft.Playwright;
using StreamLearn.Testing;
using Tool.Fit.Tests;

namespace TauDemo.Tests;

/// <summary>The page of a fleet over a real server, in a real browser.</summary>
public sealed partial class LinkedPageTests(Browser browser) : IClassFixture<Browser>
{
    private const string SetPace =
        """
        async () => (await fetch('commands', {
            method: 'POST',
            headers: { 'Content-Type': 'application/json' },
            body: '{"command": "set-pace", "value": "slow"}',
        })).status
        """;

    [Fact]
    public async Task The_page_steers_five_processes_over_a_server_and_shows_what_they_do()
    {
        await using var server = await RealNats.StartAsync(new() { JetStream = true });
        await using var serve = new DemoProcess("serve", "--link", $"{server.Uri}", "--http", "0", "--seconds", "600", "--delay", "100");
        await serve.WaitForAsync("(Ctrl+C ends)");
        await using var opened = await browser.OpenAsync(Address().Match(serve.Log).Value, 1280, ColorScheme.Light);
        var page = opened.Page;
        await WaitAsync(page, "() => document.getElementById('version').textContent.match(/[0-9]/)");
        Assert.Contains(
            $"in real time over nats://127.0.0.1:{server.Port}", await page.Locator("h1").InnerTextAsync(), StringComparison.Ordinal);
        Assert.False(await page.Locator("#pace").IsVisibleAsync());
        Assert.DoesNotContain("virtual", await page.Locator("body").InnerTextAsync(), StringComparison.OrdinalIgnoreCase);
        await WaitAsync(page, "() => document.querySelectorAll('#classes td:not(.none)').length === 50");

        await page.Locator("#cases button[data-value='2']").ClickAsync();
        await WaitAsync(page, "() => document.querySelectorAll('#classes td.none').length === 40");      // each node has two classes
        await WaitAsync(page, "() => document.getElementById('case').textContent === '2'");

        await page.Locator("#delay").FillAsync("300");
        await page.Locator("#delay-set").ClickAsync();
        await WaitAsync(page, "() => document.getElementById('added').textContent === '300 ms'");
        await WaitAsync(page, "() => Number(document.getElementById('aggregation').textContent.match(/[0-9.]+/)) > 300");
        Assert.Equal(20, await page.Locator("#digits li.right, #digits li.wrong").CountAsync());
        Assert.Equal(8, await page.Locator(".chart canvas").CountAsync());
        Assert.Matches("got update of node-[0-4] on version", await page.Locator("#log-aggregator").InnerTextAsync());
        Assert.Matches("sent update of node-0 on version", await page.Locator("#log-node").InnerTextAsync());
        Assert.Empty(opened.Complaints);

        Assert.Equal(0, await serve.InterruptAsync());
        Assert.DoesNotContain(serve.Nodes, DemoProcess.Runs);
    }

    [Fact]
    public async Task The_page_says_that_the_server_is_away_and_another_run_begins_with_the_same_nodes()
    {
        await using var server = await Mosquitto.StartAsync();
        await using var fleet = await LinkedPage.OpenAsync(new(server.Uri, null, "plant"), TimeSpan.FromSeconds(1.5));
        await using var opened = await browser.OpenAsync(fleet.Address.AbsoluteUri, 390, ColorScheme.Dark);
        var page = opened.Page;
        await WaitAsync(page, "() => document.getElementById('ended').checkVisibility()");
        await page.Locator("#cases button[data-value='4']").ClickAsync();
        await page.Locator("#again").ClickAsync();
        await WaitAsync(page, "() => document.getElementById('case').textContent === '4'");
        Assert.Equal(2, fleet.Session.Newest.View.Run);
        Assert.All(fleet.Members, static m => Assert.False(m.IsCompleted));

        Assert.Equal(400, await page.EvaluateAsync<int>(SetPace));
        await server.KillAsync();
        await WaitAsync(page, $"() => document.getElementById('notice').textContent.includes('127.0.0.1:{server.Port} is lost')");
        await server.StartAgainAsync();
        await WaitAsync(page, "() => !document.getElementById('notice').checkVisibility()");
        Assert.Equal(0, await page.EvaluateAsync<int>("() => document.documentElement.scrollWidth - innerWidth"));
        Assert.DoesNotContain(fleet.Said, static s => s.StartsWith("nothing is heard", StringComparison.Ordinal));
        Assert.Contains("status of 400", Assert.Single(opened.Complaints), StringComparison.Ordinal);
    }

    private static Task<IJSHandle> WaitAsync(IPage page, string condition) =>
        page.WaitForFunctionAsync(condition, options: new() { Timeout = (float)ServerProcess.Patience.TotalMilliseconds });

    [GeneratedRegex(@"http://127\.0\.0\.1:[0-9]+/")]
    private static partial Regex Address();
}
