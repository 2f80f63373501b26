using Microsoft.Playwright;

namespace Tool.Tests;

/// <summary>
/// A real browser, started once for all tests of a class: Debian's chromium, driven by Playwright. Playwright's own browsers are never
/// downloaded. Where chromium is missing, every test that asks for a page is skipped and says so.
/// </summary>
public sealed class Browser : IAsyncLifetime
{
    private static readonly InstalledProgram Program = new("chromium");
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public async ValueTask InitializeAsync()
    {
        if (Program.Path is null) { return; }
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = Program.Path,
            Args = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],   // root in a container has no sandbox
        });
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null) { await _browser.DisposeAsync(); }
        _playwright?.Dispose();
    }

    /// <summary>Opens a file in a window of its own. What the page asks the network for and what it complains of is kept.</summary>
    internal async Task<OpenPage> OpenAsync(string file, int width, ColorScheme scheme)
    {
        _ = Program.Required;
        var context = await _browser!.NewContextAsync(new()
        {
            ViewportSize = new() { Width = width, Height = 900 },
            ColorScheme = scheme,
            ReducedMotion = ReducedMotion.Reduce,
        });
        var page = await context.NewPageAsync();
        var opened = new OpenPage(context, page, [], []);
        page.Console += (_, message) => opened.Complaints.Add($"{message.Type}: {message.Text}");
        page.PageError += (_, error) => opened.Complaints.Add(error);
        page.Request += (_, request) => opened.Requests.Add(request.Url);
        await page.GotoAsync(new Uri(file).AbsoluteUri);
        return opened;
    }
}

internal sealed record OpenPage(IBrowserContext Context, IPage Page, List<string> Complaints, List<string> Requests) : IAsyncDisposable
{
    public async ValueTask DisposeAsync() => await Context.DisposeAsync();
}
